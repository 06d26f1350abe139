//! A model without its numbers.
//!
//! A protobuf reader takes a message whole, in memory, and copies what it finds:
//! twice the file. So the file is first walked through in pieces and only its
//! small parts are copied. Where the numbers of a tensor lie is noted in their
//! place, and they are read one tensor at a time when they are needed.

use super::OnnxError;
use super::proto::{Elsewhere, Model};
use crate::classifier::import::{ImportError, Source};
use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint};

/// Numbers of more bytes than this stay in the file.
const SMALL: u64 = 1024;
/// A network's description is never as long as this.
const LARGEST: usize = 64 << 20;
const PIECE: usize = 1 << 16;

/// Which message a run of bytes is.
#[derive(Clone, Copy)]
enum Kind {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
}

/// What becomes of a field.
enum Field {
    Copied,
    /// Itself a message that is walked through.
    Walked(Kind),
    /// Numbers.
    Numbers,
    /// Only that it is there.
    Emptied,
    LeftOut,
}

fn field(kind: Kind, number: u32) -> Field {
    match (kind, number) {
        (Kind::Model, 7) => Field::Walked(Kind::Graph),
        (Kind::Graph, 1) => Field::Walked(Kind::Node),
        (Kind::Graph, 5) | (Kind::Attribute, 5) => Field::Walked(Kind::Tensor),
        (Kind::Node, 5) => Field::Walked(Kind::Attribute),
        (Kind::Tensor, 4 | 5 | 7 | 9 | 10 | 11) => Field::Numbers,
        (Kind::Graph, 15) => Field::Emptied,
        (Kind::Model, 8 | 14)
        | (Kind::Graph, 2 | 11 | 12)
        | (Kind::Node, 1..=4 | 7)
        | (Kind::Attribute, 1..=4 | 7 | 8 | 20)
        | (Kind::Tensor, 1 | 2 | 8 | 13 | 14) => Field::Copied,
        _ => Field::LeftOut,
    }
}

/// Reads a model's skeleton.
pub fn read(file: &mut dyn Source) -> Result<Model, ImportError> {
    let size = file.size();
    let mut walk = Walk {
        file,
        size,
        piece: Vec::new(),
        start: 0,
        copied: 0,
    };
    let bytes = walk.message(Kind::Model, 0, size)?;
    Model::decode(bytes.as_slice()).map_err(|error| OnnxError::damaged(error.to_string()).into())
}

struct Walk<'a> {
    file: &'a mut dyn Source,
    size: u64,
    /// The bytes of the file from `start` on.
    piece: Vec<u8>,
    start: u64,
    copied: usize,
}

impl Walk<'_> {
    fn message(&mut self, kind: Kind, mut at: u64, end: u64) -> Result<Vec<u8>, ImportError> {
        let mut out = Vec::new();
        while at < end {
            let key = self.varint(&mut at, end)?;
            let number = u32::try_from(key >> 3).unwrap_or(0);
            let wire = WireType::try_from(key & 7).ok();
            let (Some(wire), 1..) = (wire, number) else {
                return Err(OnnxError::damaged("a part of it has no known kind".into()).into());
            };
            let (body, length) = match wire {
                WireType::Varint => {
                    let start = at;
                    self.varint(&mut at, end)?;
                    (start, at - start)
                }
                WireType::SixtyFourBit => (at, 8),
                WireType::ThirtyTwoBit => (at, 4),
                WireType::LengthDelimited => {
                    let length = self.varint(&mut at, end)?;
                    (at, length)
                }
                WireType::StartGroup | WireType::EndGroup => {
                    return Err(OnnxError::damaged("a part of it has no known kind".into()).into());
                }
            };
            let Some(next) = body.checked_add(length).filter(|next| *next <= end) else {
                return Err(self.too_long(body, length));
            };
            let long = wire == WireType::LengthDelimited;
            match field(kind, number) {
                Field::Walked(kind) if long => {
                    let inner = self.message(kind, body, next)?;
                    put(&mut out, number, &inner);
                }
                Field::Numbers if long && length > SMALL => {
                    let place = Elsewhere {
                        field: number,
                        at: body,
                        length,
                    };
                    put(&mut out, 1000, &place.encode_to_vec());
                }
                Field::Copied | Field::Numbers => {
                    encode_key(number, wire, &mut out);
                    if long {
                        encode_varint(length, &mut out);
                    }
                    self.copy(body, length, &mut out)?;
                }
                Field::Emptied => put(&mut out, number, &[]),
                Field::LeftOut | Field::Walked(_) => {}
            }
            at = next;
        }
        Ok(out)
    }

    /// Why a part cannot be as long as it says.
    fn too_long(&self, at: u64, length: u64) -> ImportError {
        match at.checked_add(length) {
            Some(end) if end <= self.size => {
                OnnxError::damaged("a part of it is longer than the whole".into()).into()
            }
            _ => ImportError::Short,
        }
    }

    fn varint(&mut self, at: &mut u64, end: u64) -> Result<u64, ImportError> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            if *at >= end {
                return Err(self.too_long(*at, 1));
            }
            let byte = self.byte(*at)?;
            *at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(OnnxError::damaged("a number in it never ends".into()).into())
    }

    fn byte(&mut self, at: u64) -> Result<u8, ImportError> {
        let inside = |at: u64, start: u64| usize::try_from(at.checked_sub(start)?).ok();
        if inside(at, self.start).is_none_or(|index| index >= self.piece.len()) {
            let left = self.size.saturating_sub(at).min(PIECE as u64);
            self.piece.resize(left as usize, 0);
            self.start = at;
            self.file.read_at(at, &mut self.piece)?;
        }
        let index = (at - self.start) as usize;
        self.piece.get(index).copied().ok_or(ImportError::Short)
    }

    fn copy(&mut self, at: u64, length: u64, out: &mut Vec<u8>) -> Result<(), ImportError> {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        self.copied = self.copied.saturating_add(length);
        if self.copied > LARGEST {
            let why = "its description is longer than that of any network".into();
            return Err(OnnxError::damaged(why).into());
        }
        // Mostly short, and beside what was read last.
        if length <= 64 {
            for place in at..at + length as u64 {
                let byte = self.byte(place)?;
                out.push(byte);
            }
            return Ok(());
        }
        let start = out.len();
        out.resize(start + length, 0);
        self.file.read_at(at, &mut out[start..])
    }
}

fn put(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}
