//! The values that a pickle makes. They stand in tables and refer to each other by
//! their places in them, so that they may lie in themselves, and none of them takes
//! the stack of this program when it goes.

use super::super::{WeightsError, refuse};
use super::Global;
use super::global::Kind;
use crate::classifier::weights::number::Number;
use std::collections::HashMap;

/// A value as a pickle's machine has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// Nothing that a tensor is made of.
    Other,
    /// The number with which PyTorch's older files begin.
    Mark,
    Int(i64),
    Global(Global),
    Text(usize),
    /// A list or a tuple.
    Items(usize),
    Dict(usize),
    Object(usize),
    Storage(usize),
    Tensor(usize),
}

impl Value {
    /// Whether it is a tensor, or may hold one.
    pub fn holds(self) -> bool {
        use Value::{Dict, Items, Object, Tensor};
        matches!(self, Tensor(_) | Items(_) | Dict(_) | Object(_))
    }
}

/// Numbers of which tensors are parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Storage {
    pub key: String,
    pub kind: Kind,
    /// Which part of the numbers of that key it is, where it is not all.
    pub view: Option<(u64, u64)>,
}

/// How a tensor lies in its numbers.
#[derive(Debug, Default)]
pub struct Tensor {
    /// None where it cannot be read.
    pub storage: Option<usize>,
    pub kind: Option<Kind>,
    /// Where its storage begins in the numbers of its key, and how many are the
    /// storage's where they are fewer.
    pub begin: u64,
    pub count: Option<u64>,
    /// Within its storage.
    pub offset: u64,
    pub shape: Vec<usize>,
    pub strides: Vec<u64>,
}

impl Tensor {
    /// Which floats it is of; else what its numbers are called.
    pub fn number(&self) -> Result<Number, &'static str> {
        match (self.kind, self.storage) {
            (Some(Kind::Float(number)), Some(_)) => Ok(number),
            (Some(kind), _) => Err(kind.title()),
            (None, _) => Err("no plain numbers"),
        }
    }
}

/// A value of a class: what it was given, as a dictionary is, and what it is made
/// of.
#[derive(Debug)]
pub struct Object {
    pub entries: Vec<(Value, Value)>,
    pub state: Value,
}

/// All values of a file.
#[derive(Debug)]
pub struct Heap {
    texts: Vec<String>,
    items: Vec<Vec<Value>>,
    dicts: Vec<Vec<(Value, Value)>>,
    objects: Vec<Object>,
    storages: Vec<Storage>,
    /// The storages by what they are.
    known: HashMap<Storage, usize>,
    tensors: Vec<Tensor>,
    left: usize,
}

/// More values than any network's file has.
const MOST: usize = 1 << 22;

impl Default for Heap {
    fn default() -> Self {
        Self {
            texts: Vec::new(),
            items: Vec::new(),
            dicts: Vec::new(),
            objects: Vec::new(),
            storages: Vec::new(),
            known: HashMap::new(),
            tensors: Vec::new(),
            left: MOST,
        }
    }
}

impl Heap {
    /// Notes that so much more is kept.
    pub fn spend(&mut self, amount: usize) -> Result<(), WeightsError> {
        let left = self.left.checked_sub(amount);
        self.left = left.ok_or_else(|| refuse("what it says of its tensors is too long"))?;
        Ok(())
    }

    pub fn add_text(&mut self, text: String) -> Result<Value, WeightsError> {
        self.spend(text.len() / 32)?;
        Ok(Value::Text(put(&mut self.texts, text)))
    }

    pub fn add_items(&mut self, items: Vec<Value>) -> Value {
        Value::Items(put(&mut self.items, items))
    }

    pub fn add_dict(&mut self, entries: Vec<(Value, Value)>) -> Value {
        Value::Dict(put(&mut self.dicts, entries))
    }

    pub fn add_object(&mut self) -> Value {
        let object = Object {
            entries: Vec::new(),
            state: Value::Other,
        };
        Value::Object(put(&mut self.objects, object))
    }

    pub fn add_storage(&mut self, storage: Storage) -> Value {
        let storages = &mut self.storages;
        let place = self.known.entry(storage.clone());
        Value::Storage(*place.or_insert_with(|| put(storages, storage)))
    }

    pub fn add_tensor(&mut self, tensor: Tensor) -> Result<Value, WeightsError> {
        self.spend(2 + tensor.shape.len())?;
        Ok(Value::Tensor(put(&mut self.tensors, tensor)))
    }

    pub fn text(&self, value: Value) -> Option<&str> {
        match value {
            Value::Text(id) => Some(&self.texts[id]),
            _ => None,
        }
    }

    /// Of a list or a tuple.
    pub fn items(&self, value: Value) -> &[Value] {
        match value {
            Value::Items(id) => &self.items[id],
            _ => &[],
        }
    }

    pub fn items_mut(&mut self, value: Value) -> Option<&mut Vec<Value>> {
        match value {
            Value::Items(id) => Some(&mut self.items[id]),
            _ => None,
        }
    }

    /// Of a dictionary.
    pub fn entries(&self, value: Value) -> &[(Value, Value)] {
        match value {
            Value::Dict(id) => &self.dicts[id],
            _ => &[],
        }
    }

    /// Of a dictionary, or of an object that is one.
    pub fn entries_mut(&mut self, value: Value) -> Option<&mut Vec<(Value, Value)>> {
        match value {
            Value::Dict(id) => Some(&mut self.dicts[id]),
            Value::Object(id) => Some(&mut self.objects[id].entries),
            _ => None,
        }
    }

    /// What a dictionary has under a text.
    pub fn entry(&self, dict: Value, key: &str) -> Option<Value> {
        let mut entries = self.entries(dict).iter();
        let found = entries.find(|(it, _)| self.text(*it) == Some(key))?;
        Some(found.1)
    }

    pub fn object(&self, id: usize) -> &Object {
        &self.objects[id]
    }

    pub fn object_mut(&mut self, id: usize) -> &mut Object {
        &mut self.objects[id]
    }

    pub fn storage(&self, id: usize) -> &Storage {
        &self.storages[id]
    }

    pub fn storages(&self) -> impl Iterator<Item = &Storage> {
        self.storages.iter()
    }

    pub fn tensor(&self, id: usize) -> &Tensor {
        &self.tensors[id]
    }
}

fn put<T>(table: &mut Vec<T>, value: T) -> usize {
    table.push(value);
    table.len() - 1
}
