//! The set that a universal perturbation stays in: ‖v‖_p ≤ ξ.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::UniversalError;
use super::loss::above;
use crate::attack::Norm;

/// ‖v‖_p ≤ ξ for p = 2 or ∞.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Ball {
    pub norm: Norm,
    /// ξ, in pixel units.
    pub radius: f64,
}

impl Default for Ball {
    /// The paper's ξ = 10 of 255 levels in the maximum norm.
    fn default() -> Self {
        Self::linf_levels(10.0)
    }
}

impl Ball {
    /// ‖v‖_∞ ≤ ξ, with ξ in grey levels, 0 to 255.
    pub fn linf_levels(radius: f64) -> Self {
        Self {
            norm: Norm::Linf,
            radius: radius / 255.0,
        }
    }

    /// ‖v‖₂ ≤ ξ, with ξ in grey levels (the paper has 2000).
    pub fn l2_levels(radius: f64) -> Self {
        Self {
            norm: Norm::L2,
            radius: radius / 255.0,
        }
    }

    /// Of one of these two norms, with ξ in grey levels; without one, the paper's:
    /// 10 in the maximum norm, 2000 in l2.
    pub fn levels(norm: Norm, radius: Option<f64>) -> Self {
        match norm {
            Norm::Linf => Self::linf_levels(radius.unwrap_or(10.0)),
            _ => Self::l2_levels(radius.unwrap_or(2000.0)),
        }
    }

    pub(crate) fn check(&self) -> Result<(), UniversalError> {
        if !(self.radius > 0.0 && self.radius.is_finite()) {
            return Err(UniversalError::Option {
                name: "the radius",
                expected: "positive",
                found: self.radius,
            });
        }
        if self.norm == Norm::L1 {
            return Err(UniversalError::Option {
                name: "the norm of a universal perturbation",
                expected: "2 or infinity",
                found: 1.0,
            });
        }
        Ok(())
    }

    /// The nearest point of the ball to v, as a tensor: v cut off at ±ξ, or
    /// scaled down to length ξ. Nothing is read.
    pub fn project(&self, v: Tensor<4>) -> Tensor<4> {
        match self.norm {
            Norm::Linf => v.clamp(-self.radius, self.radius),
            _ => {
                let length = (v.clone() * v.clone()).sum().sqrt();
                let outside = above(length.clone(), self.radius as f32);
                let inside = outside.clone() * -1.0 + 1.0;
                // ξ / ‖v‖ outside, and ξ / ξ inside.
                let (radius, within) = (self.radius as f32, self.within() as f32);
                let scale = (outside.clone() * within + inside.clone() * radius)
                    / (length * outside + inside * radius);
                v * scale.reshape([1, 1, 1, 1])
            }
        }
    }

    /// The same on values.
    pub fn project_values(&self, v: &mut [f32]) {
        match self.norm {
            Norm::Linf => {
                let radius = self.radius as f32;
                for value in v {
                    *value = value.clamp(-radius, radius);
                }
            }
            _ => {
                let length = Norm::L2.of(v);
                if length > self.radius {
                    let scale = (self.within() / length) as f32;
                    for value in v {
                        *value *= scale;
                    }
                }
            }
        }
    }

    /// The value that all entries of a flat v of so many can have at most.
    pub(super) fn reach(&self, size: usize) -> f64 {
        match self.norm {
            Norm::Linf => self.radius,
            _ => self.radius / (size as f64).sqrt(),
        }
    }

    /// The radius less what single precision may add again.
    fn within(&self) -> f64 {
        self.radius * (1.0 - 1e-6)
    }

    /// Whether v is inside, but for the rounding of single precision.
    pub fn contains(&self, v: &[f32]) -> bool {
        self.norm.of(v) <= self.radius * (1.0 + 1e-6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::{block_on, read};
    use burn::tensor::{Device, TensorData};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn projection_lands_inside_is_idempotent_and_leaves_the_inside_alone(
            v in prop::collection::vec(-3f32..3.0, 12),
            radius in 0.01f64..6.0,
            l2: bool,
        ) {
            let ball = Ball { norm: if l2 { Norm::L2 } else { Norm::Linf }, radius };
            let mut projected = v.clone();
            ball.project_values(&mut projected);
            prop_assert!(ball.contains(&projected));
            if ball.norm.of(&v) < radius {
                prop_assert_eq!(&projected, &v);
            }
            let mut again = projected.clone();
            ball.project_values(&mut again);
            for (a, b) in again.iter().zip(&projected) {
                prop_assert!((a - b).abs() < 1e-5);
            }
            // No point of the ball is nearer: the straight way to any other
            // one leads away (the projection's obtuse angle).
            let mut other: Vec<f32> = v.iter().rev().copied().collect();
            ball.project_values(&mut other);
            let angle: f64 = (0..12)
                .map(|i| f64::from(v[i] - projected[i]) * f64::from(other[i] - projected[i]))
                .sum();
            prop_assert!(angle < 1e-3);
        }
    }

    #[test]
    fn tensors_and_values_agree() {
        let values: Vec<f32> = (0..12).map(|i| i as f32 - 5.0).collect();
        for ball in [
            Ball {
                norm: Norm::L2,
                radius: 3.0,
            },
            Ball {
                norm: Norm::Linf,
                radius: 2.5,
            },
            Ball {
                norm: Norm::L2,
                radius: 100.0,
            },
        ] {
            let tensor = Tensor::<4>::from_data(
                TensorData::new(values.clone(), [1, 3, 2, 2]),
                &Device::flex(),
            );
            let projected = block_on(read(ball.project(tensor))).unwrap();
            let mut expected = values.clone();
            ball.project_values(&mut expected);
            for (a, b) in projected.iter().zip(&expected) {
                assert!((a - b).abs() < 1e-5, "{a} {b}");
            }
        }
    }
}
