//! The table of contents of a zip archive, and where its parts lie.
//!
//! PyTorch packs nothing in its archives, so that numbers can be read where they
//! are; an archive of 4 GB and more has its larger sizes apart (zip64). Sums of
//! parts are not compared: PyTorch can be told not to compute them.

use super::cursor::Cursor;
use super::{Place, WeightsError, read_at, refuse};
use crate::classifier::import::Source;
use std::collections::HashMap;

/// What the table says of a part.
pub struct Entry {
    /// Where the part's own heading is.
    heading: u64,
    size: u64,
    is_packed: bool,
}

/// Of the end of the table, without its comment.
const END: usize = 22;
const LONGEST_COMMENT: usize = 65535;
/// Before it, where there is one, stands where the end of a large table is.
const LOCATOR: u64 = 20;

/// A number that does not fit, and stands elsewhere.
const LARGE: u64 = 0xffff_ffff;

/// No table of names is larger.
const MOST: u64 = 1 << 26;

/// The parts of an archive by their names.
pub fn entries(source: &mut dyn Source) -> Result<HashMap<String, Entry>, WeightsError> {
    let (at, size) = table(source)?;
    let end = at.checked_add(size).filter(|&end| end <= source.size());
    let end = end.ok_or_else(|| refuse("its table of contents is damaged"))?;
    if size > MOST {
        return Err(refuse("its table of contents is too large"));
    }
    let mut cursor = Cursor::new(source, at, end);
    let mut entries = HashMap::new();
    while !cursor.is_at_end() {
        if let Some((name, entry)) = entry(&mut cursor)? {
            entries.insert(name, entry);
        }
    }
    Ok(entries)
}

/// Where the table begins, and its size.
fn table(source: &mut dyn Source) -> Result<(u64, u64), WeightsError> {
    let missing = || refuse("it is a zip file without its end: it was not copied whole");
    let length = source.size().min((END + LONGEST_COMMENT) as u64);
    let begin = source.size() - length;
    let mut tail = vec![0; length as usize];
    read_at(source, begin, &mut tail)?;
    let is_end = |at: &usize| {
        let comment = u16::from_le_bytes([tail[at + 20], tail[at + 21]]);
        tail[*at..].starts_with(b"PK\x05\x06") && at + END + usize::from(comment) == tail.len()
    };
    let last = tail.len().checked_sub(END).ok_or_else(missing)?;
    let found = (0..=last).rev().find(is_end).ok_or_else(missing)?;
    let end = begin + found as u64;
    let mut cursor = Cursor::new(source, end + 12, end + END as u64);
    let (size, at) = (cursor.number::<4>()?, cursor.number::<4>()?);
    if size != LARGE && at != LARGE {
        return Ok((at, size));
    }
    let locator = end.checked_sub(LOCATOR).ok_or_else(missing)?;
    let mut cursor = Cursor::new(source, locator, end);
    if &cursor.array()? != b"PK\x06\x07" {
        return Err(missing());
    }
    cursor.skip(4)?;
    let large = cursor.number::<8>()?;
    let mut cursor = Cursor::new(source, large, locator);
    if &cursor.array()? != b"PK\x06\x06" {
        return Err(missing());
    }
    cursor.skip(36)?;
    let (size, at) = (cursor.number::<8>()?, cursor.number::<8>()?);
    Ok((at, size))
}

/// A line of the table, where its name is one that PyTorch gives.
fn entry(cursor: &mut Cursor<'_>) -> Result<Option<(String, Entry)>, WeightsError> {
    if &cursor.array()? != b"PK\x01\x02" {
        return Err(refuse("its table of contents is damaged"));
    }
    cursor.skip(4)?;
    let is_locked = cursor.number::<2>()? & 1 == 1;
    let method = cursor.number::<2>()?;
    cursor.skip(8)?;
    let (mut packed, mut size) = (cursor.number::<4>()?, cursor.number::<4>()?);
    let name = cursor.number::<2>()?;
    let (mut more, comment) = (cursor.number::<2>()?, cursor.number::<2>()?);
    cursor.skip(8)?;
    let mut heading = cursor.number::<4>()?;
    let name = cursor.text(name)?;
    // Pieces of a kind and a length each.
    while more >= 4 {
        let (kind, length) = (cursor.number::<2>()?, cursor.number::<2>()?);
        more = (more - 4)
            .checked_sub(length)
            .ok_or_else(|| refuse("its table of contents is damaged"))?;
        let mut left = length;
        if kind == 1 {
            for large in [&mut size, &mut packed, &mut heading] {
                if *large == LARGE && left >= 8 {
                    *large = cursor.number::<8>()?;
                    left -= 8;
                }
            }
        }
        cursor.skip(left)?;
    }
    cursor.skip(more + comment)?;
    let entry = Entry {
        heading,
        size,
        is_packed: is_locked || method != 0 || packed != size,
    };
    Ok(name.map(|name| (name, entry)))
}

/// Where the bytes of a part are.
pub fn place(source: &mut dyn Source, name: &str, entry: &Entry) -> Result<Place, WeightsError> {
    if entry.is_packed {
        let reason = format!("its part {name} is packed, as PyTorch does not");
        return Err(refuse(reason));
    }
    let damaged = || refuse(format!("its part {name} is not where it should be"));
    let size = source.size();
    let mut cursor = Cursor::new(source, entry.heading, size);
    if &cursor.array()? != b"PK\x03\x04" {
        return Err(damaged());
    }
    cursor.skip(22)?;
    let (name, more) = (cursor.number::<2>()?, cursor.number::<2>()?);
    cursor.skip(name + more)?;
    let at = cursor.at();
    let end = at.checked_add(entry.size).filter(|&end| end <= size);
    end.ok_or_else(damaged)?;
    Ok(Place {
        at,
        size: entry.size,
    })
}
