//! Arrays of numbers (`BlobProto`), left in the file until they are wanted.

use super::CaffeError;
use super::messages::BlobShape;
use super::wire::{Cursor, Field, Wire};
use crate::classifier::import::ImportError;
use prost::Message;

/// Where an array's numbers are.
#[derive(Debug, Clone, Default)]
pub struct Blob {
    /// As the file has it; old files give four axes to everything.
    pub shape: Vec<usize>,
    runs: Vec<Run>,
}

/// Numbers one after the other, each so many bytes after the one before.
#[derive(Debug, Clone, Copy)]
struct Run {
    start: u64,
    count: u64,
    /// 4 or 8 bytes.
    size: u64,
    step: u64,
}

impl Blob {
    /// Of the message between two places.
    pub fn scan(cursor: &mut Cursor, start: u64, end: u64) -> Result<Self, ImportError> {
        let mut blob = Self::default();
        let mut legacy = [None; 4];
        let mut at = start;
        while at < end {
            let field = cursor.field(at, end)?;
            match (field.number, field.wire) {
                (number @ 1..=4, Wire::Varint) => {
                    legacy[number as usize - 1] = Some(field.value as i32);
                }
                (5, _) => blob.add(&field, 4)?,
                (8, _) => blob.add(&field, 8)?,
                (7, Wire::Length) => {
                    let mut bytes = Vec::new();
                    cursor.copy(field.start, field.end, &mut bytes)?;
                    let shape = BlobShape::decode(bytes.as_slice())
                        .map_err(|_| CaffeError::Damaged { at })?;
                    blob.shape = sizes(&shape.dim).ok_or(CaffeError::Damaged { at })?;
                }
                _ => {}
            }
            at = field.end;
        }
        if blob.shape.is_empty() && legacy.iter().any(Option::is_some) {
            let axes = legacy.map(|axis| i64::from(axis.unwrap_or(0)));
            blob.shape = sizes(&axes).ok_or(CaffeError::Damaged { at: start })?;
        }
        Ok(blob)
    }

    fn add(&mut self, field: &Field, size: u64) -> Result<(), ImportError> {
        let (count, step) = match field.wire {
            Wire::Length => ((field.end - field.start) / size, size),
            Wire::Bits32 if size == 4 => (1, 5),
            Wire::Bits64 if size == 8 => (1, 9),
            _ => return Err(CaffeError::Damaged { at: field.head }.into()),
        };
        if field.wire == Wire::Length && !(field.end - field.start).is_multiple_of(size) {
            return Err(CaffeError::Damaged { at: field.head }.into());
        }
        // Numbers that are not packed come one a field: as one run.
        if let Some(last) = self.runs.last_mut()
            && step != size
            && last.step == step
            && last.start + last.count * step == field.start
        {
            last.count += 1;
            return Ok(());
        }
        self.runs.push(Run {
            start: field.start,
            count,
            size,
            step,
        });
        Ok(())
    }

    /// How many numbers there are.
    pub fn len(&self) -> usize {
        self.runs.iter().map(|run| run.count as usize).sum()
    }

    /// The numbers, read in pieces.
    pub fn values(&self, cursor: &mut Cursor) -> Result<Vec<f32>, ImportError> {
        const PIECE: u64 = 1 << 16;
        let mut values = Vec::with_capacity(self.len());
        let mut bytes = Vec::new();
        for run in &self.runs {
            let mut done = 0;
            while done < run.count {
                let now = (run.count - done).min(PIECE);
                let length = (now - 1) * run.step + run.size;
                bytes.resize(length as usize, 0);
                cursor.read(run.start + done * run.step, &mut bytes)?;
                let numbers = bytes.chunks(run.step as usize);
                if run.size == 4 {
                    values
                        .extend(numbers.map(|it| f32::from_le_bytes([it[0], it[1], it[2], it[3]])));
                } else {
                    let number = |it: &[u8]| {
                        f64::from_le_bytes(std::array::from_fn(|index| it[index])) as f32
                    };
                    values.extend(numbers.map(number));
                }
                done += now;
            }
        }
        Ok(values)
    }
}

fn sizes(axes: &[i64]) -> Option<Vec<usize>> {
    axes.iter()
        .map(|&axis| usize::try_from(axis).ok())
        .collect()
}
