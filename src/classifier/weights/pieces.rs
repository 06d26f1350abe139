//! Numbers from where they lie in a file, a piece at a time.

use super::number::Number;
use crate::classifier::import::{ImportError, Source};

/// So many bytes are read at a time.
const PIECE: u64 = 1 << 20;

/// What was not there for them.
pub(super) enum Missing {
    Memory,
    File(ImportError),
}

/// The numbers in so many bytes from a place on.
pub(super) fn numbers(
    source: &mut dyn Source,
    at: u64,
    length: u64,
    number: Number,
) -> Result<Vec<f32>, Missing> {
    let mut values = room(length / number.size())?;
    let mut piece = vec![0; length.min(PIECE) as usize];
    let mut done = 0;
    while done < length {
        let part = &mut piece[..(length - done).min(PIECE) as usize];
        source.read_at(at + done, part).map_err(Missing::File)?;
        values.extend(number.read(part));
        done += part.len() as u64;
    }
    Ok(values)
}

/// For so many.
pub(super) fn room(count: u64) -> Result<Vec<f32>, Missing> {
    let mut values = Vec::new();
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    let room = values.try_reserve_exact(count);
    room.map_err(|_| Missing::Memory)?;
    Ok(values)
}
