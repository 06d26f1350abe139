//! A file of `torch.save` since version 1.6: a zip archive with the pickle in
//! `data.pkl` and the numbers of each storage in a part of its own.

use super::cursor::Cursor;
use super::pickle::{Heap, run};
use super::{Place, Saved, WeightsError, read_at, refuse, zip};
use crate::classifier::import::Source;
use std::collections::HashMap;

const PICKLE: &str = "data.pkl";

pub fn read(source: &mut dyn Source) -> Result<Saved, WeightsError> {
    let entries = zip::entries(source)?;
    // All lies in one folder.
    let folders = entries.keys().filter_map(|name| {
        let folder = name.strip_suffix(PICKLE)?;
        (folder.is_empty() || folder.ends_with('/')).then_some(folder)
    });
    let folder = folders.min_by_key(|folder| (folder.len(), *folder));
    let folder = folder.ok_or_else(|| refuse(format!("it is a zip file without {PICKLE}")))?;
    let part = |source: &mut dyn Source, name: &str| -> Result<Option<Place>, WeightsError> {
        let name = format!("{folder}{name}");
        let entry = entries.get(&name);
        entry
            .map(|entry| zip::place(source, &name, entry))
            .transpose()
    };
    if let Some(order) = part(source, "byteorder")? {
        let mut first = [0; 3];
        if order.size == 3 {
            read_at(source, order.at, &mut first)?;
        }
        if first == *b"big" {
            return Err(refuse("its numbers begin with their largest byte"));
        }
    }
    let Some(Place { at, size }) = part(source, PICKLE)? else {
        return Err(refuse(format!("it is a zip file without {PICKLE}")));
    };
    let mut heap = Heap::default();
    let root = run(&mut Cursor::new(source, at, at + size), &mut heap)?;
    let mut places = HashMap::new();
    for storage in heap.storages() {
        if let Some(place) = part(source, &format!("data/{}", storage.key))? {
            places.insert(storage.key.clone(), place);
        }
    }
    Ok(Saved { heap, root, places })
}
