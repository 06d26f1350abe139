//! A picture as pixels.
//!
//! A [`Bitmap`] is what a camera, a file or a canvas gives: 8-bit, of any size.
//! Cutting the square that a classifier sees out of it gives another, and from
//! that comes a [`Photo`]: planar numbers in [0, 1], the space in which every
//! attack works and every norm is measured. A [`Perturbation`] has a photo's
//! shape and is added to one.

mod bitmap;
mod error;
#[cfg(not(target_family = "wasm"))]
mod file;
#[cfg(not(target_family = "wasm"))]
mod jpeg;
mod kind;
mod perturbation;

pub use bitmap::{Bitmap, Crop, MAX_PIXELS, MIN_SIDE};
pub use error::PhotoError;
#[cfg(not(target_family = "wasm"))]
pub use file::{Recovered, decode, open, png, recover, recover_bytes, save_png};
pub use kind::{FIRST_BYTES, Kind, Sort, has_picture_name};
pub use perturbation::Perturbation;

/// Grey levels in the pixel range [0, 1]: the papers measure in these.
pub const LEVELS: f32 = 255.0;

/// A picture of `[C, H, W]` numbers, plane after plane; C is 3 (red, green,
/// blue) or 1 (grey).
///
/// A picture that was seen lies in [0, 1]; the sum of one and a perturbation
/// may leave it, until it is [clipped](clip()).
#[derive(Debug, Clone, PartialEq)]
pub struct Photo {
    shape: [usize; 3],
    values: Vec<f32>,
}

impl Photo {
    /// A picture from its numbers, `C·H·W` of them, row by row in each plane.
    ///
    /// # Errors
    /// When the count or C is wrong, or a number is not finite.
    pub fn new(shape: [usize; 3], values: Vec<f32>) -> Result<Self, PhotoError> {
        check(shape, &values)?;
        Ok(Self { shape, values })
    }

    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    pub fn values(&self) -> &[f32] {
        &self.values
    }

    pub fn into_values(self) -> Vec<f32> {
        self.values
    }

    /// The picture as opaque RGBA bytes, clipped and rounded. A grey one has
    /// its plane three times.
    pub fn to_rgba(&self) -> Vec<u8> {
        rgba(self.shape, &self.values, level)
    }
}

/// Brings pixel values into [0, 1], as a screen would.
pub fn clip(values: &mut [f32]) {
    for x in values {
        *x = x.clamp(0.0, 1.0);
    }
}

/// Clips pixel values and rounds them to whole grey levels, as saving a
/// picture does.
pub fn round_to_8_bits(values: &mut [f32]) {
    for x in values {
        *x = f32::from(level(*x)) / LEVELS;
    }
}

/// The nearest of the 256 grey levels.
fn level(x: f32) -> u8 {
    // As `round`, which WebAssembly has no instruction for, where it matters:
    // a float cast saturates, so what lies below black or above white is clipped.
    let x = x * LEVELS;
    let below = x.floor();
    (if x - below < 0.5 { below } else { below + 1.0 }) as u8
}

/// What a picture and a perturbation have in common.
fn check(shape: [usize; 3], values: &[f32]) -> Result<(), PhotoError> {
    let [channels, height, width] = shape;
    if !matches!(channels, 1 | 3) {
        return Err(PhotoError::Channels(channels));
    }
    let expected = height
        .checked_mul(width)
        .and_then(|n| n.checked_mul(channels));
    if expected != Some(values.len()) || values.is_empty() {
        return Err(PhotoError::ValueCount {
            shape,
            found: values.len(),
        });
    }
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(PhotoError::NotFinite {
            index,
            value: values[index],
        }),
        None => Ok(()),
    }
}

/// Planes to opaque RGBA bytes.
fn rgba(shape: [usize; 3], values: &[f32], level: impl Fn(f32) -> u8) -> Vec<u8> {
    let [channels, height, width] = shape;
    let area = height * width;
    let mut bytes = vec![u8::MAX; area * 4];
    for (i, pixel) in bytes.chunks_exact_mut(4).enumerate() {
        for (c, byte) in pixel[..3].iter_mut().enumerate() {
            *byte = level(values[c.min(channels - 1) * area + i]);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn levels_are_rounded_half_up_and_clipped() {
        let around = (-2..=260).flat_map(|n| {
            let half = (n as f32 + 0.5) / LEVELS;
            [half.next_down(), half, half.next_up(), n as f32 / LEVELS]
        });
        for x in around.chain([f32::NEG_INFINITY, f32::INFINITY, f32::MAX, f32::MIN]) {
            assert_eq!(level(x), (x * LEVELS).round() as u8, "{x}");
        }
    }

    #[test]
    fn wrong_counts_channels_and_numbers_are_refused() {
        let refused = |shape, values| Photo::new(shape, values).unwrap_err().to_string();
        assert_eq!(
            refused([3, 2, 2], vec![0.0; 4]),
            "3 × 2 × 2 (channels, height, width) needs 12 values, but there are 4"
        );
        assert!(refused([2, 2, 2], vec![0.0; 8]).contains("2 channels"));
        assert!(refused([1, 1, 2], vec![0.0, f32::NAN]).contains("value 1 is NaN"));
        assert!(Photo::new([3, 0, 0], vec![]).is_err());
        assert!(refused([3, usize::MAX, usize::MAX], vec![0.0; 3]).contains("there are 3"));
    }

    #[test]
    fn grey_is_drawn_in_all_three_channels() {
        let photo = Photo::new([1, 1, 2], vec![0.0, 1.0]).unwrap();
        assert_eq!(photo.to_rgba(), [0, 0, 0, 255, 255, 255, 255, 255]);
    }

    proptest! {
        #[test]
        fn rounding_moves_a_visible_number_by_half_a_level_at_most(x in -1f32..2.0) {
            let (mut clipped, mut rounded) = ([x], [x]);
            clip(&mut clipped);
            round_to_8_bits(&mut rounded);
            prop_assert!((0.0..=1.0).contains(&rounded[0]));
            prop_assert!((clipped[0] - rounded[0]).abs() <= 0.5 / LEVELS + 1e-6);
            // What is saved is what was rounded.
            let photo = Photo::new([1, 1, 1], vec![x]).unwrap();
            prop_assert_eq!(rounded[0], f32::from(photo.to_rgba()[0]) / LEVELS);
        }
    }
}
