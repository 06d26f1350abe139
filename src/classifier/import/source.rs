//! Where the bytes of a file are.

use super::ImportError;

/// A file that is read in pieces.
pub trait Source {
    /// In bytes.
    fn size(&self) -> u64;

    /// Fills `into` with the bytes from a place on.
    ///
    /// # Errors
    /// When the file ends before, or cannot be read any more.
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> Result<(), ImportError>;
}

/// A file that is in memory.
#[derive(Debug, Clone, Copy)]
pub struct Bytes<'a>(pub &'a [u8]);

impl Source for Bytes<'_> {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&mut self, at: u64, into: &mut [u8]) -> Result<(), ImportError> {
        let start = usize::try_from(at).ok();
        let range = start.and_then(|start| Some(start..start.checked_add(into.len())?));
        let bytes = range.and_then(|range| self.0.get(range));
        into.copy_from_slice(bytes.ok_or(ImportError::Short)?);
        Ok(())
    }
}

#[cfg(not(target_family = "wasm"))]
impl Source for std::fs::File {
    fn size(&self) -> u64 {
        self.metadata().map_or(0, |metadata| metadata.len())
    }

    fn read_at(&mut self, at: u64, into: &mut [u8]) -> Result<(), ImportError> {
        use std::io::{ErrorKind, Read, Seek, SeekFrom};
        let read = self
            .seek(SeekFrom::Start(at))
            .and_then(|_| self.read_exact(into));
        read.map_err(|error| match error.kind() {
            ErrorKind::UnexpectedEof => ImportError::Short,
            _ => ImportError::Unreadable(error.to_string()),
        })
    }
}
