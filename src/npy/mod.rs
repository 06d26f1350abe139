//! A perturbation as a `.npy` file, NumPy's format, so that a student can read
//! what the page computed and give the page what NumPy computed.
//!
//! One reader for all that people bring, whatever its axes, numbers and unit:
//! the page and `lab` take the same files.

mod header;
mod layout;

use crate::photo::{LEVELS, Perturbation, PhotoError};
use half::f16;
use npyz::{AutoSerialize, DType, Deserialize, NpyFile, Serialize, TypeChar, WriterBuilder};
use std::io::Read;
use thiserror::Error;

/// Why the bytes are not a perturbation of the wanted shape.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum NpyError {
    #[error("this is not a .npy file ({0}): save a perturbation with numpy.save")]
    NotNpy(String),

    #[error(
        "expected an array of shape {expected:?} (channels, height, width), or with the channels \
         last, but found shape {found:?}: {}",
        layout::advice(.found, *.expected)
    )]
    Shape {
        expected: [usize; 3],
        found: Vec<u64>,
    },

    #[error(
        "expected an array of floats (of up to 8 bytes) or of whole numbers, but this one is of \
         {0}: convert it with .astype('f4')"
    )]
    Type(String),

    #[error(
        "expected {expected} bytes of numbers after the header, but found {found}: the file is incomplete or damaged"
    )]
    Length { expected: usize, found: usize },

    #[error("in this .npy file {0}")]
    Values(PhotoError),
}

/// Its sentence says all: it is no source that would be said once more.
impl From<PhotoError> for NpyError {
    fn from(error: PhotoError) -> Self {
        Self::Values(error)
    }
}

/// What a `.npy` file was taken for.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// `[C, H, W]`, in pixel units.
    pub perturbation: Perturbation,
    /// What had to be guessed, in a sentence for whoever brought it.
    pub note: Option<String>,
}

/// Floats beyond this are no pixel units: a perturbation turns black into white
/// at 1. What is above it is more than rounding.
const LARGEST: f32 = 1.001;

/// The perturbation in the bytes of a `.npy` file, as anybody may have saved
/// it.
///
/// - The **shape** is `[C, H, W]` or `[H, W, C]`; axes of length one count for
///   nothing, such as that of a batch of one. Where both fit, as in 3 × 3 × 3,
///   the channels come first. One for grey pictures may also be flat.
/// - The **numbers** are floats of 2, 4 or 8 bytes, whole numbers of 1 to 8, or
///   booleans, in either byte order and either order of the axes.
/// - The **unit**: whole numbers are grey levels, 255 to a unit of pixels, and
///   so are floats if one of them is beyond ±1, which the note then says.
///   Other floats are in pixel units. It also says where levels can hardly be
///   meant: beyond 255, or without a sign.
///
/// # Errors
/// When it is no such file, has another shape or type than those, is cut
/// short, or holds a number that is not finite.
#[inline(never)]
pub fn read(bytes: &[u8], expected: [usize; 3]) -> Result<Found, NpyError> {
    let (header, data) = header::split(bytes)?;
    let file =
        NpyFile::new(header.chain(data)).map_err(|error| NpyError::NotNpy(in_a_line(&error)))?;
    let kind = file.dtype();
    let DType::Plain(number) = &kind else {
        return Err(NpyError::Type("records".to_owned()));
    };
    let (kind, size) = (number.type_char(), number.size_field());
    let is_float = kind == TypeChar::Float;
    let numbers: fn(Numbers<'_>) -> Result<Vec<f32>, NpyError> = match (kind, size) {
        (TypeChar::Float, 2) => |file| numbers(file, f16::to_f32),
        (TypeChar::Float, 4) => |file| numbers(file, |value: f32| value),
        (TypeChar::Float, 8) => |file| numbers(file, |value: f64| value as f32),
        (TypeChar::Int, 1) => |file| numbers(file, |value: i8| value.into()),
        (TypeChar::Int, 2) => |file| numbers(file, |value: i16| value.into()),
        (TypeChar::Int, 4) => |file| numbers(file, |value: i32| value as f32),
        (TypeChar::Int, 8) => |file| numbers(file, |value: i64| value as f32),
        (TypeChar::Uint, 1) => |file| numbers(file, |value: u8| value.into()),
        (TypeChar::Uint, 2) => |file| numbers(file, |value: u16| value.into()),
        (TypeChar::Uint, 4) => |file| numbers(file, |value: u32| value as f32),
        (TypeChar::Uint, 8) => |file| numbers(file, |value: u64| value as f32),
        (TypeChar::Bool, 1) => |file| numbers(file, |value: bool| value.into()),
        _ => return Err(NpyError::Type(format!("{} ({number})", called(kind)))),
    };
    let shape = file.shape().to_vec();
    let Some(strides) = layout::strides(&shape, file.order(), expected) else {
        return Err(NpyError::Shape {
            expected,
            found: shape,
        });
    };
    let length = expected.iter().product::<usize>() * size as usize;
    if data.len() != length {
        return Err(NpyError::Length {
            expected: length,
            found: data.len(),
        });
    }
    let mut values = layout::arranged(numbers(file)?, strides, expected);
    let largest = largest(&values);
    let are_levels = !is_float || largest > LARGEST;
    if are_levels {
        for value in &mut values {
            *value /= LEVELS;
        }
    }
    Ok(Found {
        perturbation: Perturbation::new(expected, values)?,
        note: are_levels.then(|| note(kind, largest)).flatten(),
    })
}

/// The shape `[C, H, W]` of what is in the bytes, if that is something for
/// pictures of so many channels, of whatever size.
pub fn picture_shape(bytes: &[u8], channels: usize) -> Option<[usize; 3]> {
    let (header, data) = header::split(bytes).ok()?;
    let file = NpyFile::new(header.chain(data)).ok()?;
    layout::picture(file.shape(), channels)
}

/// What there is to say of numbers of a kind, up to a size, that are taken as
/// grey levels.
fn note(kind: TypeChar, largest: f32) -> Option<String> {
    if largest > LEVELS {
        return Some(format!(
            "its numbers reach {largest} and are taken as grey levels, of which there are only \
             255 between black and white: check their unit"
        ));
    }
    match kind {
        TypeChar::Float => Some(format!(
            "its numbers reach {largest:.2}, more than a pixel's range of 1, so they are taken \
             as grey levels, of 255"
        )),
        // As of a noise that was drawn around mid-grey, or whose sign was lost.
        TypeChar::Uint if largest > 127.0 => Some(format!(
            "its numbers have no sign and reach {largest}; they are taken as grey levels to add, \
             so save it as i2 if some should be below 0"
        )),
        _ => None,
    }
}

/// [`read`], for whoever knows what is in it.
///
/// # Errors
/// As [`read`]'s.
pub fn from_bytes(bytes: &[u8], expected: [usize; 3]) -> Result<Perturbation, NpyError> {
    Ok(read(bytes, expected)?.perturbation)
}

/// A file of which the header was read.
type Numbers<'a> = NpyFile<std::io::Chain<&'a [u8], &'a [u8]>>;

/// What numbers are called that a picture cannot have.
fn called(kind: TypeChar) -> &'static str {
    match kind {
        TypeChar::Float => "floats of a rare size",
        TypeChar::Complex => "complex numbers",
        TypeChar::Object => "Python objects",
        TypeChar::ByteStr | TypeChar::UnicodeStr => "text",
        TypeChar::DateTime | TypeChar::TimeDelta => "times",
        TypeChar::RawData => "raw bytes",
        _ => "numbers of a rare kind",
    }
}

fn largest(values: &[f32]) -> f32 {
    let sizes = values.iter().map(|value| value.abs());
    sizes.fold(0.0, f32::max)
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
///
/// One that goes beyond ±1 is written in grey levels: [`read`] takes it for
/// such, and so does whoever keeps to its rule.
///
/// # Examples
/// ```
/// use foolscope::npy;
/// use foolscope::photo::Perturbation;
///
/// let noise = Perturbation::new([1, 2, 2], vec![0.0, 0.1, -0.1, 0.2])?;
/// let bytes = npy::to_bytes(&noise); // numpy.load reads them
/// assert_eq!(npy::from_bytes(&bytes, [1, 2, 2])?, noise);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn to_bytes(v: &Perturbation) -> Vec<u8> {
    let unit = unit(v);
    write(v.shape(), v.values().iter().map(|value| value * unit))
}

/// [`to_bytes`] in half the bytes, as 2-byte floats: for what a page
/// downloads. Each number moves by up to 1/2048 of itself, away from zero too.
pub fn to_half_bytes(v: &Perturbation) -> Vec<u8> {
    let unit = unit(v);
    let half = |value: &f32| f16::from_f32(value * unit);
    write(v.shape(), v.values().iter().map(half))
}

/// How much a pixel's range is in the floats that a perturbation is written as.
fn unit(v: &Perturbation) -> f32 {
    if largest(v.values()) > LARGEST {
        LEVELS
    } else {
        1.0
    }
}

/// [`to_bytes`] in a quarter of the bytes: whole grey levels as 1-byte
/// integers. Each number moves by up to half a level, and ends at 127 levels.
pub fn to_level_bytes(v: &Perturbation) -> Vec<u8> {
    let level = |value: &f32| (value * LEVELS).round().clamp(-127.0, 127.0) as i8;
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
    file: Numbers<'_>,
    to_f32: impl Fn(T) -> f32,
) -> Result<Vec<f32>, NpyError> {
    let values: Vec<T> = file
        .into_vec()
        .map_err(|error| NpyError::NotNpy(in_a_line(&error)))?;
    Ok(values.into_iter().map(to_f32).collect())
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
            "expected an array of shape [1, 1, 2] \
             (channels, height, width), or with the channels last, \
             but found shape [224, 224, 3]: it is of 224 × 224 pixels, \
             so choose a classifier that sees pictures of that size"
        );
        assert_eq!(
            refused(&file(&header("<c8", "False", "(1, 1, 2)"), &[0; 16])),
            "expected an array of floats (of up to 8 bytes) or of whole numbers, \
             but this one is of complex numbers (<c8): convert it with .astype('f4')"
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
        assert!(refused(b"1, 2, 3").contains("does not begin as one"));
        assert!(refused(b"GIF89a").contains("it is a GIF picture"));
        assert!(refused(b"").contains("it is an empty file"));
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
            let many: Vec<f32> = v.values().iter().map(|value| value * 20.0).collect();
            let large = Perturbation::new(shape, many).unwrap();
            for bytes in [to_bytes(&large), to_half_bytes(&large)] {
                let read = from_bytes(&bytes, shape).unwrap();
                for (a, b) in read.values().iter().zip(large.values()) {
                    prop_assert!((a - b).abs() <= b.abs() / 2000.0 + 1e-7, "{a} {b}");
                }
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
