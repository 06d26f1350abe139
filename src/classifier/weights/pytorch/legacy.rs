//! A file of `torch.save` before version 1.6: a mark, the format's version, facts
//! of the machine, the pickle, the keys of its storages, each a pickle of its own;
//! then the numbers of each storage after their count.

use super::cursor::Cursor;
use super::pickle::{Heap, Value, run};
use super::{Place, Saved, WeightsError, refuse};
use crate::classifier::import::Source;
use std::collections::HashMap;

/// Of the format.
const VERSION: i64 = 1001;

pub fn read(source: &mut dyn Source) -> Result<Saved, WeightsError> {
    let size = source.size();
    let mut cursor = Cursor::new(source, 0, size);
    let mut heap = Heap::default();
    let mark = run(&mut cursor, &mut heap);
    if !matches!(mark, Ok(Value::Mark)) {
        return Err(refuse("it is not a pickle of torch.save"));
    }
    let version = run(&mut cursor, &mut heap)?;
    if version != Value::Int(VERSION) {
        return Err(refuse("it is of an unknown version"));
    }
    let machine = run(&mut cursor, &mut heap)?;
    let is_little = heap.entry(machine, "little_endian");
    if is_little == Some(Value::Int(0)) {
        return Err(refuse("its numbers begin with their largest byte"));
    }
    let root = run(&mut cursor, &mut heap)?;
    let keys = run(&mut cursor, &mut heap)?;
    let sizes: HashMap<&str, u64> = heap
        .storages()
        .map(|storage| (&*storage.key, storage.kind.size()))
        .collect();
    let mut places = HashMap::new();
    for &key in heap.items(keys) {
        let key = heap.text(key).unwrap_or_default();
        let unknown = || refuse(format!("nothing says what the numbers '{key}' are"));
        let each = sizes.get(key).ok_or_else(unknown)?;
        let count = cursor.number::<8>()?;
        let size = count.checked_mul(*each);
        let size = size.ok_or_else(|| refuse("it ends too early"))?;
        let at = cursor.at();
        cursor.skip(size)?;
        places.insert(key.to_owned(), Place { at, size });
    }
    Ok(Saved { heap, root, places })
}
