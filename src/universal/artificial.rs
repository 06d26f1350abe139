//! Pictures of nothing, for a perturbation that has never seen a photograph.
//!
//! They are jigsaws (Zhang, Benz, Karjauv and Kweon, ICCV 2021): each is cut
//! into equal squares of a size drawn by chance, each square of one colour
//! drawn by chance, so that the set holds edges of all frequencies. What fools
//! a network on them fools it on photographs, less often.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::classifier::architecture::Shape;

/// The fewest and the most squares along the longer side.
const SQUARES: std::ops::RangeInclusive<usize> = 2..=64;

/// So many planar pictures `[C, H, W]` in [0, 1]; the same ones from the same
/// seed.
pub fn jigsaws(shape: Shape, count: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..count).map(|_| jigsaw(shape, &mut rng)).collect()
}

fn jigsaw([channels, height, width]: Shape, rng: &mut ChaCha8Rng) -> Vec<f32> {
    let longer = height.max(width);
    // As many sizes of squares small as large: their logarithm is uniform.
    let (least, most) = (*SQUARES.start() as f64, *SQUARES.end() as f64);
    let across = least * (most / least).powf(rng.random_range(0.0..=1.0));
    let side = ((longer as f64 / across).round() as usize).max(1);
    let columns = width.div_ceil(side);
    let squares = columns * height.div_ceil(side);
    let mut values = Vec::with_capacity(channels * height * width);
    for _ in 0..channels {
        let colours: Vec<f32> = (0..squares).map(|_| rng.random_range(0.0..=1.0)).collect();
        for y in 0..height {
            values.extend((0..width).map(|x| colours[y / side * columns + x / side]));
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jigsaw_has_the_shape_and_the_range_of_a_picture_and_large_even_squares() {
        let made = jigsaws([3, 20, 31], 40, 7);
        assert_eq!(made, jigsaws([3, 20, 31], 40, 7));
        assert_ne!(made, jigsaws([3, 20, 31], 40, 8));
        assert_eq!(made.len(), 40);
        let mut edges = Vec::new();
        for picture in &made {
            assert_eq!(picture.len(), 3 * 20 * 31);
            assert!(picture.iter().all(|v| (0.0..=1.0).contains(v)));
            let row = &picture[..31];
            edges.push(row.windows(2).filter(|pair| pair[0] != pair[1]).count());
        }
        // From halves to single pixels.
        assert!(edges.iter().any(|&edges| edges <= 2), "{edges:?}");
        assert!(edges.iter().any(|&edges| edges >= 28), "{edges:?}");
    }
}
