//! Ways to see a picture: whole or a part of it, mirrored or not. Few pictures
//! seen in many ways stand for many.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::F32;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
use rand::{Rng, RngExt};

use crate::classifier::architecture::Shape;

/// What is drawn by chance of each picture that comes up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Chance {
    /// Mirrored half of the times.
    pub mirror: bool,
    /// The least side of the part that is seen three times of four, as a share
    /// of the picture's; 1 for the whole picture always.
    pub crop: f64,
}

/// How often a part is seen. The whole picture comes up as well: on that v is
/// used, and how often it is fooled is then known at no cost.
pub(super) const PARTS: f64 = 0.75;

/// One way to see a picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct View {
    mirrored: bool,
    /// None is the whole picture.
    part: Option<Part>,
}

/// As shares of the picture's sides.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Part {
    left: f64,
    top: f64,
    side: f64,
}

impl View {
    pub fn draw(chance: Chance, rng: &mut impl Rng) -> Self {
        let mirrored = chance.mirror && rng.random_bool(0.5);
        let part = (chance.crop < 1.0 && rng.random_bool(PARTS)).then(|| {
            let side = rng.random_range(chance.crop..1.0);
            Part {
                left: rng.random_range(0.0..=1.0 - side),
                top: rng.random_range(0.0..=1.0 - side),
                side,
            }
        });
        Self { mirrored, part }
    }

    pub fn is_whole(&self) -> bool {
        self.part.is_none()
    }

    /// A planar picture `[C, H, W]` so seen, of the same size: a part is
    /// stretched to it by bilinear interpolation, which never leaves the range
    /// of the values.
    pub fn of(&self, picture: &[f32], [_, height, width]: Shape) -> Vec<f32> {
        let mut values = match self.part {
            None => picture.to_vec(),
            Some(part) => picture
                .chunks_exact(height * width)
                .flat_map(|plane| part.stretched(plane, height, width))
                .collect(),
        };
        if self.mirrored {
            for row in values.chunks_exact_mut(width) {
                row.reverse();
            }
        }
        values
    }
}

impl Part {
    fn stretched(&self, plane: &[f32], height: usize, width: usize) -> Vec<f32> {
        let plane: Vec<F32> = plane.iter().map(|&value| F32::new(value)).collect();
        let (h, w) = (height as f64, width as f64);
        let source = TypedImageRef::new(width as u32, height as u32, &plane)
            .expect("a plane is H rows of W numbers");
        let mut stretched = TypedImage::new(width as u32, height as u32);
        let options = ResizeOptions::new()
            .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear))
            .crop(self.left * w, self.top * h, self.side * w, self.side * h);
        Resizer::new()
            .resize_typed(&source, &mut stretched, &options)
            .expect("the part lies inside the picture");
        stretched.pixels().iter().map(|pixel| pixel.0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    const SHAPE: Shape = [2, 7, 9];

    proptest! {
        #[test]
        fn a_view_keeps_the_shape_and_the_range_of_values(
            picture in prop::collection::vec(0f32..1.0, 2 * 7 * 9),
            seed: u64,
            mirror: bool,
            crop in 0.2f64..=1.0,
        ) {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let seen = View::draw(Chance { mirror, crop }, &mut rng).of(&picture, SHAPE);
            prop_assert_eq!(seen.len(), picture.len());
            let largest = |values: &[f32]| values.iter().copied().fold(f32::MIN, f32::max);
            let least = |values: &[f32]| values.iter().copied().fold(f32::MAX, f32::min);
            for (seen, picture) in seen.chunks_exact(63).zip(picture.chunks_exact(63)) {
                prop_assert!(largest(seen) <= largest(picture) + 1e-6);
                prop_assert!(least(seen) >= least(picture) - 1e-6);
            }
        }
    }

    #[test]
    fn a_part_of_a_ramp_is_a_ramp_of_the_part_and_a_mirror_turns_it() {
        let ramp: Vec<f32> = (0..16 * 16).map(|i| (i % 16) as f32).collect();
        let part = Some(Part {
            left: 0.25,
            top: 0.5,
            side: 0.5,
        });
        let view = |mirrored| View { mirrored, part };
        let seen = view(false).of(&ramp, [1, 16, 16]);
        // Pixel centres: column j shows 16 (1/4 + (j + 1/2) / 32) − 1/2.
        for (index, value) in seen.iter().enumerate() {
            let wanted = 4.0 + ((index % 16) as f32 + 0.5) / 2.0 - 0.5;
            assert!((value - wanted).abs() < 1e-4, "{index}: {value} {wanted}");
        }
        let turned = view(true).of(&ramp, [1, 16, 16]);
        for (row, turned) in seen.chunks_exact(16).zip(turned.chunks_exact(16)) {
            assert!(row.iter().rev().eq(turned));
        }
    }
}
