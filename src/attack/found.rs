//! The smallest perturbation that was met on the way.

use super::{Norm, Prediction};

/// A perturbation that gives the goal, and the answer to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub perturbation: Vec<f32>,
    pub answer: Prediction,
    /// In the attack's own measure, in pixel units.
    pub size: f64,
}

impl Found {
    /// Measured in l2.
    pub(super) fn in_l2(perturbation: Vec<f32>, answer: Prediction) -> Self {
        Self {
            size: Norm::L2.of(&perturbation),
            perturbation,
            answer,
        }
    }

    /// The perturbation and its answer; nothing and the clean one where none was
    /// found.
    pub(super) fn or_nothing(
        found: Option<Self>,
        x: &[f32],
        clean: &Prediction,
    ) -> (Vec<f32>, Prediction) {
        match found {
            Some(found) => (found.perturbation, found.answer),
            None => (vec![0.0; x.len()], clean.clone()),
        }
    }
}

/// Whether a perturbation of this size is smaller than what was found so far.
pub(super) fn is_smaller(size: f64, than: Option<&Found>) -> bool {
    than.is_none_or(|found| size < found.size)
}
