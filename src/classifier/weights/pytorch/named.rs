//! The tensors of a pickle by their names: those of the dictionaries, lists and
//! modules in which they lie, joined by dots.

use super::pickle::{Heap, Tensor, Value};
use super::{WeightsError, refuse};

/// Nothing that people save lies deeper.
const DEEPEST: usize = 64;

/// More values are the same ones time and again, as in a pickle that is made to
/// take long.
const MOST: usize = 1 << 20;

/// A module keeps what it is made of under these names, which a `state_dict`
/// leaves out.
const OF_MODULES: [&str; 3] = ["_modules", "_parameters", "_buffers"];

pub fn named(heap: &Heap, root: Value) -> Result<Vec<(String, &Tensor)>, WeightsError> {
    let mut walk = Walk {
        heap,
        above: Vec::new(),
        left: MOST,
        tensors: Vec::new(),
    };
    walk.visit(root, "")?;
    Ok(walk.tensors)
}

struct Walk<'a> {
    heap: &'a Heap,
    /// What the value lies in, so that what lies in itself has an end.
    above: Vec<Value>,
    left: usize,
    tensors: Vec<(String, &'a Tensor)>,
}

impl Walk<'_> {
    fn visit(&mut self, value: Value, name: &str) -> Result<(), WeightsError> {
        let heap = self.heap;
        let length = match value {
            Value::Tensor(_) => 0,
            Value::Items(_) => heap.items(value).len(),
            Value::Dict(_) => heap.entries(value).len(),
            Value::Object(id) => heap.object(id).entries.len(),
            _ => return Ok(()),
        };
        let spent = self.left.checked_sub(1 + (length + name.len()) / 64);
        self.left = spent.ok_or_else(|| refuse("it has too many parts"))?;
        if let Value::Tensor(id) = value {
            self.tensors.push((name.to_owned(), heap.tensor(id)));
            return Ok(());
        }
        if self.above.contains(&value) {
            return Ok(());
        }
        if self.above.len() == DEEPEST {
            return Err(refuse("its parts lie too deep in each other"));
        }
        self.above.push(value);
        match value {
            Value::Dict(_) => self.entries(heap.entries(value), name, false)?,
            Value::Items(_) => {
                let items = heap.items(value).iter().enumerate();
                for (index, &item) in items.filter(|(_, item)| item.holds()) {
                    self.visit(item, &joined(name, &index.to_string()))?;
                }
            }
            Value::Object(id) => {
                let object = heap.object(id);
                self.entries(&object.entries, name, false)?;
                self.entries(heap.entries(object.state), name, true)?;
            }
            _ => {}
        }
        self.above.pop();
        Ok(())
    }

    fn entries(
        &mut self,
        entries: &[(Value, Value)],
        name: &str,
        are_of_module: bool,
    ) -> Result<(), WeightsError> {
        for &(key, value) in entries.iter().filter(|(_, value)| value.holds()) {
            let key = match key {
                Value::Int(number) => number.to_string(),
                key => match self.heap.text(key) {
                    Some(key) => key.to_owned(),
                    None => continue,
                },
            };
            match are_of_module && OF_MODULES.contains(&&*key) {
                true => self.visit(value, name)?,
                false => self.visit(value, &joined(name, &key))?,
            }
        }
        Ok(())
    }
}

fn joined(name: &str, key: &str) -> String {
    match name {
        "" => key.to_owned(),
        name => format!("{name}.{key}"),
    }
}
