//! What stands before the numbers of a `.npy` file.

use super::NpyError;
use crate::photo::Kind;
use std::str;

/// NumPy pads the header of a plain array to 128 bytes.
const MAX_HEADER: usize = 1024;

/// The bytes of a file in two: the header as the parser takes it, and the
/// numbers.
///
/// Refuses what the parser would overflow on: it trusts the header's length,
/// its nesting and the product of its axes.
pub fn split(bytes: &[u8]) -> Result<(Vec<u8>, &[u8]), NpyError> {
    let refuse = |why: &str| NpyError::NotNpy(why.to_owned());
    let rest = bytes
        .strip_prefix(b"\x93NUMPY")
        .ok_or_else(|| NpyError::NotNpy(other(bytes)))?;
    let (length, rest) = match rest {
        [1, _, a, b, rest @ ..] => (u16::from_le_bytes([*a, *b]).into(), rest),
        [2 | 3, _, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, rest),
        _ => return Err(refuse("its version is unknown")),
    };
    if length > MAX_HEADER {
        return Err(refuse("its header is too long"));
    }
    let header = rest
        .get(..length)
        .and_then(|header| str::from_utf8(header).ok())
        .ok_or_else(|| refuse("its header is cut short or damaged"))?;
    header
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| match digits.trim_start_matches('0') {
            "" => None,
            digits => Some(digits.parse::<u64>().ok()),
        })
        .try_fold(1u64, |product, axis| product.checked_mul(axis?))
        .filter(|&product| product <= u64::from(u32::MAX))
        .ok_or_else(|| refuse("it claims more numbers than a picture can have"))?;

    let begin = bytes.len() - rest.len();
    let (head, data) = bytes.split_at(begin + length);
    let mut head = head.to_vec();
    // Python 2 wrote the axes of some arrays as `224L`.
    for at in begin + 1..head.len() {
        if head[at] == b'L' && head[at - 1].is_ascii_digit() {
            head[at] = b' ';
        }
    }
    Ok((head, data))
}

/// What a file is that does not begin as a `.npy` one.
fn other(bytes: &[u8]) -> String {
    let what = match bytes {
        [b'P', b'K', ..] if bytes.windows(4).any(|four| four == b".npy") => {
            "it is an .npz archive of arrays: open it with numpy.load and take one out"
        }
        [b'P', b'K', ..] => "it is an archive, as torch.save makes them: call .numpy() first",
        [0x80, 2..=5, ..] => "it is a Python pickle: load it and take the array out",
        _ => {
            return Kind::of(bytes).map_or_else(
                || "it does not begin as one".to_owned(),
                |kind| format!("it is {}", kind.name),
            );
        }
    };
    what.to_owned()
}
