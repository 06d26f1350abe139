//! Whether what a network sees are pictures of which attacks can be shown.

use super::ImportError;
use crate::classifier::architecture::Architecture;
use crate::photo::MIN_SIDE;

/// Sides of the squares that networks see, in pixels: smaller pictures cannot be
/// named, and with larger ones a pass fills the memory.
const LEAST_SIDE: usize = MIN_SIDE as usize;
const MOST_SIDE: usize = 2048;

/// To how many pixels a picture's short side may be scaled at most.
pub const MOST_SHORT_SIDE: usize = 1 << 14;

/// Whether it sees square pictures, in colours or in grey, and tells classes apart.
///
/// # Errors
/// What it sees or answers instead.
pub fn check_pictures(architecture: &Architecture) -> Result<(), ImportError> {
    let [channels, height, width] = architecture.input;
    if ![1, 3].contains(&channels) || height != width {
        return Err(ImportError::NoPicture {
            channels,
            height,
            width,
        });
    }
    if !(LEAST_SIDE..=MOST_SIDE).contains(&width) {
        return Err(ImportError::Side {
            side: width,
            least: LEAST_SIDE,
            most: MOST_SIDE,
        });
    }
    match architecture.classes()? {
        0 | 1 => Err(ImportError::OneAnswer),
        _ => Ok(()),
    }
}

/// Whether a picture's short side may be scaled to so many pixels.
///
/// # Errors
/// When that is less than the network sees, or beyond reason.
pub fn check_short_side(architecture: &Architecture, short_side: usize) -> Result<(), ImportError> {
    let side = architecture.input[1].max(architecture.input[2]);
    match (side..=MOST_SHORT_SIDE).contains(&short_side) {
        true => Ok(()),
        false => Err(ImportError::ShortSide {
            short_side,
            side,
            most: MOST_SHORT_SIDE,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::lenet::lenet_cifar10;

    #[test]
    fn pictures_are_squares_of_a_size_that_can_be_seen() {
        let of = |input| Architecture {
            input,
            ..lenet_cifar10()
        };
        assert_eq!(check_pictures(&lenet_cifar10()), Ok(()));
        let said = |input| check_pictures(&of(input)).unwrap_err().to_string();
        assert!(said([3, 32, 48]).contains("3 × 32 × 48 numbers"));
        assert!(said([4, 32, 32]).contains("in colours or in grey"));
        assert!(said([1, 4, 4]).contains("4 × 4 pixels"));
        assert!(said([3, 5000, 5000]).contains("2048"));
        let of_32 = |short_side| check_short_side(&lenet_cifar10(), short_side);
        assert_eq!(of_32(32), Ok(()));
        for wrong in [0, 31, 100_000] {
            assert!(of_32(wrong).unwrap_err().to_string().contains("at least"));
        }
    }
}
