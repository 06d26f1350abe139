//! How the numbers of a perturbation are written.

use super::Ball;
use crate::npy;
use crate::photo::Perturbation;

/// How many bytes a number has in a `.npy` file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(
    all(feature = "lab", not(target_family = "wasm")),
    derive(clap::ValueEnum)
)]
pub enum Numbers {
    /// Floats of 4 bytes
    #[default]
    F4,
    /// Floats of 2 bytes, for a page to download
    F2,
    /// Whole grey levels in a byte each, for a page to download
    I1,
}

/// What rounding to floats may add to a norm.
const SLACK: f64 = 1e-3;

impl Numbers {
    /// The bytes of a `.npy` file. What rounding to whole levels adds to the
    /// norm is taken off again, so that the file keeps within the ball too: what
    /// is to be measured is what is read from them again.
    pub fn bytes(self, v: &Perturbation, ball: Ball) -> Vec<u8> {
        let write = match self {
            Self::F4 => npy::to_bytes,
            Self::F2 => npy::to_half_bytes,
            Self::I1 => npy::to_level_bytes,
        };
        let mut smaller = v.clone();
        loop {
            let bytes = write(&smaller);
            let read = npy::from_bytes(&bytes, v.shape()).expect("it was written just now");
            let over = ball.norm.of(read.values()) / ball.radius;
            if over <= 1.0 + SLACK {
                return bytes;
            }
            let values = smaller.values().iter().map(|value| value / over as f32);
            smaller = Perturbation::new(v.shape(), values.collect())
                .expect("finite numbers stay finite when they shrink");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_keeps_within_the_ball() {
        let values: Vec<f32> = (0..3 * 16 * 16)
            .map(|i| (i as f32 * 12.9898).sin() * 5.6 / 255.0)
            .collect();
        let v = Perturbation::new([3, 16, 16], values).unwrap();
        let length = 255.0 * crate::attack::Norm::L2.of(v.values());
        for ball in [Ball::linf_levels(5.6), Ball::l2_levels(length)] {
            for numbers in [Numbers::F4, Numbers::F2, Numbers::I1] {
                let bytes = numbers.bytes(&v, ball);
                let read = npy::from_bytes(&bytes, v.shape()).unwrap();
                let norm = ball.norm.of(read.values());
                assert!(norm <= ball.radius * 1.001, "{numbers:?}: {norm}");
                assert!(norm >= ball.radius * 0.85, "{numbers:?}: {norm}");
            }
        }
    }
}
