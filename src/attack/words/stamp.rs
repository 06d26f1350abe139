//! A word as the pixels that it covers.

use thiserror::Error;

use crate::classifier::architecture::Shape;

/// The coverage of each pixel by a word, in a box somewhere on (or partly off)
/// a picture. A browser draws it on a canvas; natively a
/// `Typeface` does.
#[derive(Debug, Clone, PartialEq)]
pub struct Stamp {
    /// Of the box's left upper corner, in pixels of the picture.
    x: i32,
    y: i32,
    width: usize,
    /// Row by row, in [0, 1].
    coverage: Vec<f32>,
}

/// Why there is no stamp.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StampError {
    #[error("a word's box of width {width} does not fit its {found} values")]
    Size { width: usize, found: usize },
    #[error("a word covers a pixel by a share that is not between 0 and 1")]
    Coverage,
}

impl Stamp {
    /// # Errors
    /// When the values are not whole rows of the width, or not in [0, 1].
    pub fn new(x: i32, y: i32, width: usize, coverage: Vec<f32>) -> Result<Self, StampError> {
        if width == 0 || coverage.is_empty() || !coverage.len().is_multiple_of(width) {
            return Err(StampError::Size {
                width,
                found: coverage.len(),
            });
        }
        if coverage.iter().any(|share| !(0.0..=1.0).contains(share)) {
            return Err(StampError::Coverage);
        }
        Ok(Self {
            x,
            y,
            width,
            coverage,
        })
    }

    /// The coverage of a whole picture, `[H, W]`; what lies outside is cut off.
    pub fn mask(&self, [_, height, width]: Shape) -> Vec<f32> {
        let mut mask = vec![0.0; height * width];
        let inside = |start: i32, offset: usize, length: usize| {
            let position = i64::from(start) + offset as i64;
            usize::try_from(position)
                .ok()
                .filter(|position| *position < length)
        };
        for (row, line) in self.coverage.chunks_exact(self.width).enumerate() {
            let Some(y) = inside(self.y, row, height) else {
                continue;
            };
            for (column, &share) in line.iter().enumerate() {
                if let Some(x) = inside(self.x, column, width) {
                    mask[y * width + x] = share;
                }
            }
        }
        mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_outside_is_cut_off() {
        let stamp = Stamp::new(-1, 1, 2, vec![0.1, 0.2, 0.3, 0.4]).unwrap();
        assert_eq!(stamp.mask([3, 2, 2]), [0.0, 0.0, 0.2, 0.0]);
        let stamp = Stamp::new(7, 7, 2, vec![1.0; 4]).unwrap();
        assert_eq!(stamp.mask([3, 2, 2]), [0.0; 4]);
    }

    #[test]
    fn boxes_that_do_not_fit_are_refused() {
        assert!(Stamp::new(0, 0, 3, vec![0.0; 4]).is_err());
        assert!(Stamp::new(0, 0, 0, vec![]).is_err());
        assert_eq!(
            Stamp::new(0, 0, 2, vec![0.0, 1.1]),
            Err(StampError::Coverage)
        );
        assert!(Stamp::new(0, 0, 1, vec![f32::NAN]).is_err());
    }
}
