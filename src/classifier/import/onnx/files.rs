//! The file, and those beside it that hold its numbers.

use super::OnnxError;
use super::error::plain;
use super::proto;
use crate::classifier::architecture::LARGEST_VALUE;
use crate::classifier::import::{ImportError, Source};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

pub type Beside<'a> = &'a mut dyn FnMut(&str) -> Option<Box<dyn Source>>;

/// The file, those beside it, and how many numbers may still be made that no
/// file has.
pub struct Files<'a> {
    pub file: &'a mut dyn Source,
    beside: Beside<'a>,
    open: BTreeMap<String, Box<dyn Source>>,
    left: usize,
}

impl<'a> Files<'a> {
    pub fn new(file: &'a mut dyn Source, beside: Beside<'a>) -> Self {
        Self {
            file,
            beside,
            open: BTreeMap::new(),
            left: LARGEST_VALUE,
        }
    }

    /// Takes account of numbers that are about to be made from a few bytes: a
    /// small file must not fill the memory.
    pub fn spend(&mut self, count: usize) -> Result<(), ImportError> {
        match self.left.checked_sub(count) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(OnnxError::unfit(
                "makes more numbers than a network of this page may have",
            )),
        }
    }

    /// The file, place and length of numbers that lie in another file.
    pub(super) fn beside(
        &mut self,
        tensor: &proto::Tensor,
    ) -> Result<(&mut dyn Source, u64, Option<u64>), ImportError> {
        let entry = |key: &str| tensor.external.iter().find(|entry| entry.key == key);
        let number = |key: &str| match entry(key).map(|entry| entry.value.parse()) {
            None => Ok(None),
            Some(Ok(value)) => Ok(Some(value)),
            Some(Err(_)) => {
                let why = format!("tensor {} has no place in its file", plain(&tensor.name));
                Err(ImportError::from(OnnxError::damaged(why)))
            }
        };
        let (at, length) = (number("offset")?.unwrap_or(0), number("length")?);
        let name = entry("location").map_or("", |entry| entry.value.as_str());
        let name = name.strip_prefix("./").unwrap_or(name);
        if !stays_beside(name) {
            let why = format!(
                "tensor {} lies in '{}', which is no file beside this one",
                plain(&tensor.name),
                plain(name)
            );
            return Err(OnnxError::damaged(why).into());
        }
        let file = match self.open.entry(name.to_owned()) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => match (self.beside)(name) {
                Some(file) => entry.insert(file),
                None => return Err(OnnxError::Beside(plain(name)).into()),
            },
        };
        Ok((file.as_mut(), at, length))
    }
}

/// Whether a name leads to no other place than the folder of the file.
fn stays_beside(name: &str) -> bool {
    let part = |part: &str| !part.is_empty() && part != "." && part != "..";
    name.len() < 256 && !name.contains(['\\', ':', '\0']) && name.split('/').all(part)
}

#[cfg(test)]
mod tests {
    use super::stays_beside;

    #[test]
    fn names_stay_in_the_folder() {
        for name in ["weights.bin", "data/a.bin", "..a"] {
            assert!(stays_beside(name), "{name}");
        }
        for name in [
            "",
            "..",
            "../a",
            "/etc/passwd",
            "a/../../b",
            "c:\\a",
            "a//b",
            "./a",
        ] {
            assert!(!stays_beside(name), "{name}");
        }
    }
}
