//! A plane through a picture, and what a classifier says of its points.

use burn::tensor::{Tensor, TensorData};

use super::{GeometryError, dot, unit};
use crate::attack::{AttackError, Prediction, batch, read_predictions};
use crate::classifier::Classifier;

/// The plane spanned by a perturbation r and a second direction: an orthonormal
/// pair u = r / ‖r‖ and w, which is what the second direction has beside u.
#[derive(Debug, Clone, PartialEq)]
pub struct Plane {
    first: Vec<f32>,
    second: Vec<f32>,
    length: f64,
}

/// A second direction that lies along the first but for this share of it spans
/// no plane: what is left is rounding.
const PARALLEL: f64 = 1e-4;

impl Plane {
    /// From r and a second direction of any length, both planar `[C, H, W]`.
    ///
    /// # Errors
    /// When their sizes differ, a value is not finite, one of them is zero, or
    /// they are parallel.
    pub fn new(r: &[f32], second: &[f32]) -> Result<Self, GeometryError> {
        if r.len() != second.len() {
            return Err(GeometryError::Size {
                what: "the second direction",
                expected: r.len(),
                found: second.len(),
            });
        }
        let (u, length) = unit(r, "the first direction")?;
        let (mut w, _) = unit(second, "the second direction")?;
        // Twice, because single precision leaves a little of u behind.
        for pass in 0..2 {
            let along = dot(&u, &w) / dot(&u, &u);
            for (w, u) in w.iter_mut().zip(&u) {
                *w = (f64::from(*w) - along * f64::from(*u)) as f32;
            }
            if pass == 0 && dot(&w, &w).sqrt() < PARALLEL {
                return Err(GeometryError::Parallel);
            }
            (w, _) = unit(&w, "the second direction")?;
        }
        Ok(Self {
            first: u,
            second: w,
            length,
        })
    }

    /// u, of length 1.
    pub fn first(&self) -> &[f32] {
        &self.first
    }

    /// w, of length 1 and at a right angle to u.
    pub fn second(&self) -> &[f32] {
        &self.second
    }

    /// `a u + b w`.
    pub fn vector(&self, [a, b]: [f64; 2]) -> Vec<f32> {
        self.first
            .iter()
            .zip(&self.second)
            .map(|(u, w)| (a * f64::from(*u) + b * f64::from(*w)) as f32)
            .collect()
    }

    /// The coordinates (a, b) of a vector's projection on the plane.
    ///
    /// # Errors
    /// When its size differs.
    pub fn coordinates(&self, v: &[f32]) -> Result<[f64; 2], GeometryError> {
        if v.len() != self.first.len() {
            return Err(GeometryError::Size {
                what: "the vector",
                expected: self.first.len(),
                found: v.len(),
            });
        }
        Ok([dot(&self.first, v), dot(&self.second, v)])
    }

    /// ‖r‖₂, in the units of r.
    pub fn length(&self) -> f64 {
        self.length
    }
}

/// A plane through a picture, on the classifier's device.
pub(super) struct Cut<'a> {
    classifier: &'a dyn Classifier,
    /// `[1, d]`
    x: Tensor<2>,
    /// `[2, d]`
    directions: Tensor<2>,
}

impl<'a> Cut<'a> {
    pub(super) fn new(
        classifier: &'a dyn Classifier,
        x: &[f32],
        plane: &Plane,
    ) -> Result<Self, GeometryError> {
        if classifier.class_count() < 2 {
            return Err(AttackError::TooFewClasses(classifier.class_count()).into());
        }
        let size = x.len();
        let picture = batch(classifier, &[x])?.reshape([1, size]);
        if plane.first.len() != size {
            return Err(GeometryError::Size {
                what: "a direction of the section",
                expected: size,
                found: plane.first.len(),
            });
        }
        let directions = [plane.first.as_slice(), plane.second.as_slice()].concat();
        let directions = TensorData::new(directions, [2, size]);
        Ok(Self {
            classifier,
            x: picture,
            directions: Tensor::from_data(directions, classifier.device()),
        })
    }

    /// The answers at x + a·u + b·w for some points (a, b), as one batch.
    pub(super) async fn answers(
        &self,
        points: &[[f64; 2]],
    ) -> Result<Vec<Prediction>, GeometryError> {
        let [c, h, w] = self.classifier.input_shape();
        let amounts: Vec<f32> = points.iter().flatten().map(|&a| a as f32).collect();
        let amounts = TensorData::new(amounts, [points.len(), 2]);
        let amounts = Tensor::<2>::from_data(amounts, self.classifier.device());
        let sums = amounts.matmul(self.directions.clone()) + self.x.clone();
        let logits = self
            .classifier
            .logits(sums.reshape([points.len(), c, h, w]))
            .await;
        Ok(read_predictions(logits).await?)
    }
}
