//! Random directions.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Independent standard normal numbers by Box and Muller's formula:
/// `√(−2 ln u₁) (cos, sin) 2πu₂` for uniform u₁ in (0, 1] and u₂.
pub(crate) struct Gaussian {
    rng: ChaCha8Rng,
    /// Each draw gives two.
    second: Option<f64>,
}

impl Gaussian {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
            second: None,
        }
    }

    pub(crate) fn draw(&mut self) -> f64 {
        if let Some(second) = self.second.take() {
            return second;
        }
        let length = (-2.0 * (1.0 - self.rng.random::<f64>()).ln()).sqrt();
        let (sin, cos) = (std::f64::consts::TAU * self.rng.random::<f64>()).sin_cos();
        self.second = Some(length * sin);
        length * cos
    }
}

/// A unit vector in `size` dimensions, uniform on the sphere; empty for none.
pub fn random_direction(size: usize, seed: u64) -> Vec<f32> {
    let mut gaussian = Gaussian::new(seed);
    let values: Vec<f64> = (0..size).map(|_| gaussian.draw()).collect();
    let length = values.iter().map(|v| v * v).sum::<f64>().sqrt();
    values.iter().map(|v| (v / length) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_moments_are_those_of_the_normal_distribution() {
        let mut gaussian = Gaussian::new(5);
        let count = 100_000;
        let mut sums = [0f64; 4];
        for _ in 0..count {
            let value = gaussian.draw();
            for (power, sum) in (1..).zip(&mut sums) {
                *sum += value.powi(power) / f64::from(count);
            }
        }
        // Standard errors of the first four moments: √(1, 2, 15, 96) / √count.
        for ((found, expected), variance) in sums
            .iter()
            .zip([0.0, 1.0, 0.0, 3.0])
            .zip([1., 2., 15., 96.])
        {
            let error = (variance / f64::from(count)).sqrt();
            assert!((found - expected).abs() < 4.0 * error, "{sums:?}");
        }
    }

    #[test]
    fn a_seed_gives_one_unit_vector() {
        let v = random_direction(1001, 3);
        let length: f64 = v.iter().map(|&v| f64::from(v).powi(2)).sum();
        assert!((length - 1.0).abs() < 1e-6);
        assert_eq!(v, random_direction(1001, 3));
        assert_ne!(v, random_direction(1001, 4));
        assert!(random_direction(0, 0).is_empty());
    }
}
