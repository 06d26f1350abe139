//! Protobuf's wire format, walked field by field without reading what a field
//! holds: weights stay in the file until they are wanted.

use super::CaffeError;
use crate::classifier::import::{ImportError, Source};

/// So many bytes are fetched at a time.
const PIECE: usize = 1 << 16;

/// How a field's value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    Varint,
    Bits64,
    Length,
    Bits32,
}

/// A field of a message: where it and its value lie in the file.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub number: u32,
    pub wire: Wire,
    /// Of its tag.
    pub head: u64,
    /// Of its value, after its length.
    pub start: u64,
    pub end: u64,
    /// Of a varint.
    pub value: u64,
}

/// A place in a file, with the bytes around it.
pub struct Cursor<'a> {
    source: &'a mut dyn Source,
    buffer: Vec<u8>,
    /// Where in the file the buffer begins.
    from: u64,
    size: u64,
}

impl<'a> Cursor<'a> {
    pub fn new(source: &'a mut dyn Source) -> Self {
        let size = source.size();
        Self {
            source,
            buffer: Vec::new(),
            from: 0,
            size,
        }
    }

    pub fn size(&self) -> u64 {
        self.size
    }

    fn byte(&mut self, at: u64) -> Result<u8, ImportError> {
        let inside = at
            .checked_sub(self.from)
            .filter(|&offset| offset < self.buffer.len() as u64);
        if let Some(offset) = inside {
            return Ok(self.buffer[offset as usize]);
        }
        let left = self.size.checked_sub(at).ok_or(ImportError::Short)?;
        let length = left.min(PIECE as u64) as usize;
        if length == 0 {
            return Err(ImportError::Short);
        }
        self.buffer.resize(length, 0);
        self.from = at;
        self.source.read_at(at, &mut self.buffer)?;
        Ok(self.buffer[0])
    }

    /// A number of seven bits a byte, and where it ends.
    fn varint(&mut self, mut at: u64) -> Result<(u64, u64), ImportError> {
        let begin = at;
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let byte = self.byte(at)?;
            at += 1;
            value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
            if byte & 0x80 == 0 {
                return Ok((value, at));
            }
        }
        Err(CaffeError::Damaged { at: begin }.into())
    }

    /// The field that begins at a place of a message that ends at another.
    pub fn field(&mut self, head: u64, message_end: u64) -> Result<Field, ImportError> {
        let (tag, at) = self.varint(head)?;
        let damaged = || ImportError::from(CaffeError::Damaged { at: head });
        let number = u32::try_from(tag >> 3).map_err(|_| damaged())?;
        let (wire, start, length, value) = match tag & 7 {
            0 => {
                let (value, end) = self.varint(at)?;
                (Wire::Varint, at, end - at, value)
            }
            1 => (Wire::Bits64, at, 8, 0),
            2 => {
                let (length, start) = self.varint(at)?;
                (Wire::Length, start, length, 0)
            }
            5 => (Wire::Bits32, at, 4, 0),
            _ => return Err(damaged()),
        };
        let end = start.checked_add(length).ok_or_else(damaged)?;
        if number == 0 {
            return Err(damaged());
        }
        if end > message_end {
            // The outermost message ends with the file.
            return Err(if message_end == self.size {
                ImportError::Short
            } else {
                damaged()
            });
        }
        Ok(Field {
            number,
            wire,
            head,
            start,
            end,
            value,
        })
    }

    /// Adds the bytes between two places to some, which may be as many in all as
    /// nothing but weights needs more of.
    pub fn copy(&mut self, start: u64, end: u64, into: &mut Vec<u8>) -> Result<(), ImportError> {
        const MOST: u64 = 1 << 22;
        let length = end - start;
        if length + into.len() as u64 > MOST {
            return Err(CaffeError::Damaged { at: start }.into());
        }
        let from = into.len();
        into.resize(from + length as usize, 0);
        self.source.read_at(start, &mut into[from..])
    }

    /// Fills some bytes from a place on.
    pub fn read(&mut self, at: u64, into: &mut [u8]) -> Result<(), ImportError> {
        self.source.read_at(at, into)
    }
}

/// Appends a number as a varint.
pub fn put_varint(mut value: u64, into: &mut Vec<u8>) {
    while value >= 0x80 {
        into.push(value as u8 | 0x80);
        value >>= 7;
    }
    into.push(value as u8);
}
