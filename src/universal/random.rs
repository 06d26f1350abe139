//! The noise that fools next to nothing: as large as a universal perturbation,
//! in a random direction. Whoever shows the one shows the other beside it.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Ball;
use crate::attack::{Norm, random_direction};

/// Noise of `size` values on the boundary of a ball: for the maximum norm +ξ or
/// −ξ everywhere, by chance (no random noise within the ball is stronger), for
/// l2 a direction drawn uniformly from the sphere, of length ξ.
pub fn random_noise(ball: &Ball, size: usize, seed: u64) -> Vec<f32> {
    match ball.norm {
        Norm::Linf => {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let radius = ball.radius as f32;
            let sign = || if rng.random() { radius } else { -radius };
            std::iter::repeat_with(sign).take(size).collect()
        }
        _ => {
            let radius = ball.radius as f32;
            let direction = random_direction(size, seed);
            direction.iter().map(|value| value * radius).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_lies_on_the_boundary_and_in_no_direction() {
        const SIZE: usize = 20_000;
        for ball in [Ball::linf_levels(10.0), Ball::l2_levels(2000.0)] {
            let noise = random_noise(&ball, SIZE, 3);
            assert!((ball.norm.of(&noise) / ball.radius - 1.0).abs() < 1e-5);
            // The cosine with any fixed direction has the standard deviation
            // 1/√d; so have those with the diagonal and with another draw.
            let length = Norm::L2.of(&noise);
            let cosine = |other: &[f32]| {
                let pairs = noise.iter().zip(other);
                let product: f64 = pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
                product / (length * Norm::L2.of(other))
            };
            let limit = 4.0 / (SIZE as f64).sqrt();
            assert!(cosine(&vec![1.0; SIZE]).abs() < limit);
            assert!(cosine(&random_noise(&ball, SIZE, 4)).abs() < limit);
            assert_eq!(noise, random_noise(&ball, SIZE, 3));
        }
    }

    #[test]
    fn an_l2_direction_has_values_as_a_normal_distribution_has() {
        let noise = random_noise(&Ball::l2_levels(255.0 * 100.0), 10_000, 0);
        // Length 100 over 10,000 values: standard deviation 1.
        let within = noise.iter().filter(|value| value.abs() < 1.0).count();
        assert!((within as f64 / 1e4 - 0.6827).abs() < 0.02, "{within}");
    }
}
