//! A perturbation as a `.npy` file, NumPy's format, so that a student can read
//! what the page computed and give the page what NumPy computed.

use crate::photo::{Perturbation, PhotoError};
use half::f16;
use npyz::{AutoSerialize, Deserialize, NpyFile, Order, Serialize, WriterBuilder};
use std::str;
use thiserror::Error;

/// Why the bytes are not a perturbation of the wanted shape.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum NpyError {
    #[error("this is not a .npy file ({0}): save a perturbation with numpy.save")]
    NotNpy(String),

    #[error(
        "expected an array of shape {expected:?} (channels, height, width), but found shape {found:?}"
    )]
    Shape {
        expected: [usize; 3],
        found: Vec<u64>,
    },

    #[error(
        "expected numbers of type f2, f4 or f8 (floats), or i1 (whole grey levels), but found {0}: convert with .astype('f4')"
    )]
    Type(String),

    #[error(
        "expected {expected} bytes of numbers after the header, but found {found}: the file is incomplete or damaged"
    )]
    Length { expected: usize, found: usize },

    #[error("in this .npy file {0}")]
    Values(#[from] PhotoError),
}

/// The perturbation in the bytes of a `.npy` file, in either byte order and
/// either axis order: floats of 2, 4 or 8 bytes in pixel units, or integers of
/// one byte, which are grey levels, 255 to a unit.
///
/// # Errors
/// When it is no such file, has not the `expected` shape `[C, H, W]`, is cut
/// short, or holds a number that is not finite.
pub fn from_bytes(bytes: &[u8], expected: [usize; 3]) -> Result<Perturbation, NpyError> {
    let data = check_header(bytes)?;
    let file = NpyFile::new(bytes).map_err(|error| NpyError::NotNpy(in_a_line(&error)))?;
    if !file.shape().iter().copied().eq(expected.map(|n| n as u64)) {
        return Err(NpyError::Shape {
            expected,
            found: file.shape().to_vec(),
        });
    }
    let kind = file.dtype().descr();
    let order = file.order();
    let values = match kind.trim_matches(['\'', '<', '>', '=', '|']) {
        "f2" => numbers(file, data, f16::to_f32),
        "f4" => numbers(file, data, |value: f32| value),
        "f8" => numbers(file, data, |value: f64| value as f32),
        "i1" => numbers(file, data, |value: i8| f32::from(value) / 255.0),
        _ => return Err(NpyError::Type(kind)),
    }?;
    let values = match order {
        Order::C => values,
        Order::Fortran => row_major(&values, expected),
    };
    Ok(Perturbation::new(expected, values)?)
}

/// What a library says of a file, which may be a drawing of several lines: the
/// first tells enough.
fn in_a_line(error: &std::io::Error) -> String {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    first.trim_end_matches([' ', ':', '-', '>']).to_owned()
}

/// A perturbation as the bytes of a `.npy` file of shape `[C, H, W]`, 4-byte
/// floats in pixel units.
pub fn to_bytes(v: &Perturbation) -> Vec<u8> {
    write(v.shape(), v.values().iter().copied())
}

/// [`to_bytes`] in half the bytes, as 2-byte floats: for what a page
/// downloads. Each number moves by up to 1/2048 of itself, away from zero too.
pub fn to_half_bytes(v: &Perturbation) -> Vec<u8> {
    write(v.shape(), v.values().iter().copied().map(f16::from_f32))
}

/// [`to_bytes`] in a quarter of the bytes: whole grey levels as 1-byte
/// integers. Each number moves by up to half a level, and ends at 127 levels.
pub fn to_level_bytes(v: &Perturbation) -> Vec<u8> {
    let level = |value: &f32| (value * 255.0).round().clamp(-127.0, 127.0) as i8;
    write(v.shape(), v.values().iter().map(level))
}

fn write<T: Serialize + AutoSerialize>(
    shape: [usize; 3],
    values: impl Iterator<Item = T>,
) -> Vec<u8> {
    let mut bytes = Vec::new();
    let written = npyz::WriteOptions::new()
        .default_dtype()
        .shape(&shape.map(|n| n as u64))
        .writer(&mut bytes)
        .begin_nd()
        .and_then(|mut writer| {
            writer.extend(values)?;
            writer.finish()
        });
    written.expect("a perturbation has as many values as its shape, and memory takes them");
    bytes
}

fn numbers<T: Deserialize>(
    file: NpyFile<&[u8]>,
    data: usize,
    to_f32: impl Fn(T) -> f32,
) -> Result<Vec<f32>, NpyError> {
    let size = file.dtype().num_bytes().unwrap_or(0);
    let expected = file.len() as usize * size;
    if data != expected {
        return Err(NpyError::Length {
            expected,
            found: data,
        });
    }
    let values: Vec<T> = file
        .into_vec()
        .map_err(|error| NpyError::NotNpy(in_a_line(&error)))?;
    Ok(values.into_iter().map(to_f32).collect())
}

/// From the first axis running fastest to the last.
fn row_major(values: &[f32], [channels, height, width]: [usize; 3]) -> Vec<f32> {
    let mut turned = Vec::with_capacity(values.len());
    for c in 0..channels {
        for y in 0..height {
            turned.extend((0..width).map(|x| values[c + channels * (y + height * x)]));
        }
    }
    turned
}

/// NumPy pads the header of a plain array to 128 bytes.
const MAX_HEADER: usize = 1024;

/// Refuses what the parser would overflow on: it trusts the header's length,
/// its nesting and the product of its axes. Gives the count of bytes after the
/// header.
fn check_header(bytes: &[u8]) -> Result<usize, NpyError> {
    let refuse = |why: &str| NpyError::NotNpy(why.to_owned());
    let begin = bytes
        .strip_prefix(b"\x93NUMPY")
        .ok_or_else(|| refuse("it does not begin as one"))?;
    let (length, rest) = match begin {
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
    Ok(rest.len() - length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A version 1 file, as NumPy writes it but for the padding.
    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    fn header(kind: &str, fortran: &str, shape: &str) -> String {
        format!("{{'descr': '{kind}', 'fortran_order': {fortran}, 'shape': {shape}, }}\n")
    }

    fn refused(bytes: &[u8]) -> String {
        from_bytes(bytes, [1, 1, 2]).unwrap_err().to_string()
    }

    #[test]
    fn halves_doubles_and_big_endian_are_read() {
        let halves = file(
            &header("<f2", "False", "(1, 1, 2)"),
            &[0x00, 0x3c, 0x00, 0xb8],
        );
        assert_eq!(
            from_bytes(&halves, [1, 1, 2]).unwrap().values(),
            [1.0, -0.5]
        );
        let doubles: Vec<u8> = [1.0f64, -0.5]
            .iter()
            .flat_map(|v| v.to_be_bytes())
            .collect();
        let doubles = file(&header(">f8", "False", "(1, 1, 2)"), &doubles);
        assert_eq!(
            from_bytes(&doubles, [1, 1, 2]).unwrap().values(),
            [1.0, -0.5]
        );
    }

    #[test]
    fn the_other_axis_order_is_turned() {
        // numpy.asfortranarray(numpy.arange(12).reshape(3, 2, 2))
        let stored = [
            0f32, 4.0, 8.0, 2.0, 6.0, 10.0, 1.0, 5.0, 9.0, 3.0, 7.0, 11.0,
        ];
        let data: Vec<u8> = stored.iter().flat_map(|v| v.to_le_bytes()).collect();
        let bytes = file(&header("<f4", "True", "(3, 2, 2)"), &data);
        let expected: Vec<f32> = (0..12u8).map(f32::from).collect();
        assert_eq!(from_bytes(&bytes, [3, 2, 2]).unwrap().values(), expected);
    }

    #[test]
    fn whole_numbers_are_grey_levels() {
        // numpy.array([[[-127, 0, 51]]], 'i1')
        let bytes = file(&header("|i1", "False", "(1, 1, 3)"), &[129, 0, 51]);
        let v = from_bytes(&bytes, [1, 1, 3]).unwrap();
        assert_eq!(v.values(), [-127.0 / 255.0, 0.0, 0.2]);
    }

    #[test]
    fn errors_say_what_was_expected_and_what_came() {
        let good = header("<f4", "False", "(1, 1, 2)");
        assert_eq!(
            refused(&file(&header("<f4", "False", "(224, 224, 3)"), &[])),
            "expected an array of shape [1, 1, 2] (channels, height, width), \
             but found shape [224, 224, 3]"
        );
        assert_eq!(
            refused(&file(&header("|u1", "False", "(1, 1, 2)"), &[0, 0])),
            "expected numbers of type f2, f4 or f8 (floats), or i1 (whole grey levels), \
             but found '|u1': convert with .astype('f4')"
        );
        assert_eq!(
            refused(&file(&good, &[0; 7])),
            "expected 8 bytes of numbers after the header, but found 7: \
             the file is incomplete or damaged"
        );
        let mut nan = f32::NAN.to_le_bytes().to_vec();
        nan.extend([0; 4]);
        assert_eq!(
            refused(&file(&good, &nan)),
            "in this .npy file value 0 is NaN, but every value must be a finite number"
        );
        assert!(refused(b"GIF89a").contains("does not begin as one"));
        assert!(refused(b"").contains("does not begin as one"));
    }

    #[test]
    fn hostile_headers_are_refused() {
        let huge = "(18446744073709551615, 18446744073709551615, 3)";
        assert!(refused(&file(&header("<f4", "False", huge), &[])).contains("more numbers"));
        let many = format!("({}0)", "9999, ".repeat(20));
        assert!(refused(&file(&header("<f4", "False", &many), &[])).contains("more numbers"));
        assert!(refused(&file(&"(".repeat(60_000), &[])).contains("too long"));
        assert!(refused(&file(&"(".repeat(1000), &[])).contains("not a .npy"));
        assert!(refused(b"\x93NUMPY\x02\x00\xff\xff\xff\xff").contains("too long"));
        assert!(refused(b"\x93NUMPY\x01\x00\x10\x00").contains("cut short"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            channels in prop::sample::select(vec![1usize, 3]),
            height in 1usize..9,
            width in 1usize..9,
            values in prop::collection::vec(-1f32..1.0, 3 * 64),
        ) {
            let shape = [channels, height, width];
            let v = Perturbation::new(shape, values[..channels * height * width].to_vec()).unwrap();
            prop_assert_eq!(&from_bytes(&to_bytes(&v), shape).unwrap(), &v);
            let half = from_bytes(&to_half_bytes(&v), shape).unwrap();
            for (a, b) in half.values().iter().zip(v.values()) {
                prop_assert!((a - b).abs() <= b.abs() / 2048.0 + 1e-7);
            }
            let levels = from_bytes(&to_level_bytes(&v), shape).unwrap();
            for (a, b) in levels.values().iter().zip(v.values()) {
                let largest = 127.0 / 255.0;
                prop_assert!((a - b.clamp(-largest, largest)).abs() <= 0.5 / 255.0 + 1e-6);
            }
        }

        #[test]
        fn damage_never_panics(at in 0usize..200, byte in any::<u8>(), keep in 0usize..200) {
            let v = Perturbation::new([1, 4, 4], vec![0.25; 16]).unwrap();
            let mut bytes = to_bytes(&v);
            bytes.truncate(bytes.len().min(keep.max(1)));
            let last = bytes.len() - 1;
            bytes[at.min(last)] = byte;
            let _ = from_bytes(&bytes, [1, 4, 4]);
        }
    }
}
