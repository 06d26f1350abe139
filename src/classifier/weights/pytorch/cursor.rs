//! A part of a file, read from its beginning to its end.

use super::{WeightsError, read_at, refuse};
use crate::classifier::import::Source;

/// So many bytes are fetched at a time.
const PIECE: u64 = 1 << 14;

pub struct Cursor<'a> {
    source: &'a mut dyn Source,
    /// Of the byte that comes next.
    at: u64,
    end: u64,
    piece: Vec<u8>,
    piece_at: u64,
}

impl<'a> Cursor<'a> {
    /// From a place to another, or to the end of the file if that is before it.
    pub fn new(source: &'a mut dyn Source, at: u64, end: u64) -> Self {
        Self {
            end: end.min(source.size()),
            source,
            at,
            piece: Vec::new(),
            piece_at: 0,
        }
    }

    pub fn at(&self) -> u64 {
        self.at
    }

    pub fn is_at_end(&self) -> bool {
        self.at >= self.end
    }

    pub fn byte(&mut self) -> Result<u8, WeightsError> {
        let held = |it: &Self| {
            let index = usize::try_from(it.at.checked_sub(it.piece_at)?).ok()?;
            it.piece.get(index).copied()
        };
        let byte = match held(self) {
            Some(byte) => byte,
            None => {
                let length = self.end.saturating_sub(self.at).min(PIECE);
                self.piece.clear();
                self.piece.resize(length as usize, 0);
                self.piece_at = self.at;
                read_at(self.source, self.at, &mut self.piece)?;
                held(self).ok_or_else(|| refuse("it ends too early"))?
            }
        };
        self.at += 1;
        Ok(byte)
    }

    pub fn array<const SIZE: usize>(&mut self) -> Result<[u8; SIZE], WeightsError> {
        let mut bytes = [0; SIZE];
        for byte in &mut bytes {
            *byte = self.byte()?;
        }
        Ok(bytes)
    }

    /// A number of so many bytes, the least first.
    pub fn number<const SIZE: usize>(&mut self) -> Result<u64, WeightsError> {
        let bytes: [u8; SIZE] = self.array()?;
        let number = bytes.iter().rev();
        Ok(number.fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    pub fn skip(&mut self, length: u64) -> Result<(), WeightsError> {
        let at = self.at.checked_add(length);
        self.at = at
            .filter(|&at| at <= self.end)
            .ok_or_else(|| refuse("it ends too early"))?;
        Ok(())
    }

    /// A text of so many bytes; none where it is longer than any name, or no text.
    pub fn text(&mut self, length: u64) -> Result<Option<String>, WeightsError> {
        if length > LONGEST {
            self.skip(length)?;
            return Ok(None);
        }
        let bytes: Result<Vec<u8>, _> = (0..length).map(|_| self.byte()).collect();
        Ok(String::from_utf8(bytes?).ok())
    }

    /// A text up to the end of its line.
    pub fn line(&mut self) -> Result<String, WeightsError> {
        let mut bytes = Vec::new();
        loop {
            match self.byte()? {
                b'\n' => break,
                byte if (bytes.len() as u64) < LONGEST => bytes.push(byte),
                _ => return Err(refuse("a name in it has no end")),
            }
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// No name has more bytes.
pub const LONGEST: u64 = 4096;
