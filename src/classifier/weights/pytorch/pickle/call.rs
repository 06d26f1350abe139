//! What the known names make of their arguments.

use super::super::{WeightsError, refuse};
use super::global::{Global, Kind};
use super::heap::{Heap, Storage, Tensor, Value};

/// More axes than a tensor of PyTorch's can have.
const MOST_AXES: usize = 64;

impl Heap {
    /// What comes of a call.
    pub fn call(&mut self, function: Value, arguments: Value) -> Result<Value, WeightsError> {
        let Value::Global(function) = function else {
            return Ok(self.add_object());
        };
        let argument = |heap: &Self, at: usize| heap.items(arguments).get(at).copied();
        match function {
            Global::Dict => {
                // Python 2 gives a list of its pairs.
                let pairs = argument(self, 0).unwrap_or(Value::Other);
                let pairs = self.items(pairs).iter().map(|&pair| self.items(pair));
                let entries = pairs.filter_map(|pair| match *pair {
                    [key, value] => Some((key, value)),
                    _ => None,
                });
                let entries: Vec<_> = entries.collect();
                self.spend(entries.len())?;
                Ok(self.add_dict(entries))
            }
            Global::Size => Ok(argument(self, 0).unwrap_or(Value::Other)),
            Global::Tensor => self.tensor_of(arguments, None),
            Global::TypedTensor => match argument(self, 6) {
                Some(Value::Global(Global::Kind(kind))) => self.tensor_of(arguments, Some(kind)),
                _ => Err(refuse("it does not say what a tensor's numbers are")),
            },
            Global::Parameter => Ok(argument(self, 0).unwrap_or(Value::Other)),
            Global::OfType => {
                let function = argument(self, 0).unwrap_or(Value::Other);
                let arguments = argument(self, 2).unwrap_or(Value::Other);
                match function {
                    Value::Global(Global::OfType) => Ok(Value::Other),
                    function => self.call(function, arguments),
                }
            }
            Global::Unread(kind) => self.add_tensor(Tensor {
                kind: Some(kind),
                ..Tensor::default()
            }),
            Global::Kind(_) | Global::Unknown => Ok(self.add_object()),
        }
    }

    /// Numbers beside the pickle, by what it says of them: a tuple of `storage`,
    /// their kind, their key, a device, their count, and where it is a part of them
    /// its own key, its beginning and its count.
    pub fn numbers(&mut self, reference: Value) -> Result<Value, WeightsError> {
        let parts = self.items(reference);
        let (Some(&what), Some(&kind), Some(&key)) = (parts.first(), parts.get(1), parts.get(2))
        else {
            return Ok(Value::Other);
        };
        if self.text(what) == Some("module") {
            // A class with its source, which is not looked at.
            return Ok(kind);
        }
        let (Value::Global(Global::Kind(kind)), Some(key)) = (kind, self.text(key)) else {
            return Ok(Value::Other);
        };
        let view = match self.items(parts.get(5).copied().unwrap_or(Value::Other)) {
            [_, begin, count] => Some((whole(*begin)?, whole(*count)?)),
            _ => None,
        };
        let key = key.to_owned();
        self.spend(2 + key.len() / 32)?;
        Ok(self.add_storage(Storage { key, kind, view }))
    }

    /// A tensor of a storage, an offset, a shape and strides.
    fn tensor_of(&mut self, arguments: Value, kind: Option<Kind>) -> Result<Value, WeightsError> {
        let &[storage, offset, shape, strides, ..] = self.items(arguments) else {
            return Err(refuse("it does not say how a tensor lies in its numbers"));
        };
        let Value::Storage(id) = storage else {
            return Err(refuse("it does not say where a tensor's numbers are"));
        };
        let (shape, strides) = (self.items(shape), self.items(strides));
        if shape.len() != strides.len() || shape.len() > MOST_AXES {
            return Err(refuse("a tensor's shape in it cannot be"));
        }
        let sizes = shape.iter().map(|&size| {
            usize::try_from(whole(size)?).map_err(|_| refuse("a tensor's shape in it cannot be"))
        });
        let shape: Vec<usize> = sizes.collect::<Result<_, _>>()?;
        let strides: Vec<u64> = strides
            .iter()
            .map(|&it| whole(it))
            .collect::<Result<_, _>>()?;
        let storage = self.storage(id);
        let (begin, count) = storage.view.unzip();
        self.add_tensor(Tensor {
            storage: Some(id),
            kind: Some(kind.unwrap_or(storage.kind)),
            begin: begin.unwrap_or(0),
            count,
            offset: whole(offset)?,
            shape,
            strides,
        })
    }
}

fn whole(value: Value) -> Result<u64, WeightsError> {
    match value {
        Value::Int(number) => {
            u64::try_from(number).map_err(|_| refuse("a tensor's place in it cannot be"))
        }
        _ => Err(refuse("a tensor's place in it cannot be")),
    }
}
