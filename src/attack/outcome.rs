//! What an attack gives back, and what becomes of it when a picture is saved.

use super::label::predictions;
use super::{AttackError, Norm, Norms, Prediction};
use crate::classifier::Classifier;
use crate::photo::{clip, round_to_8_bits};
use crate::statistics::ratio;

/// The result of an attack on one picture, the same for every attack.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// r, planar `[C, H, W]` in pixel units.
    pub perturbation: Vec<f32>,
    /// k(x)
    pub clean: Prediction,
    /// k(x + r), nothing clipped.
    pub adversarial: Prediction,
    pub iterations: usize,
    /// How many gradients of one logit (or of a difference of two) were taken.
    pub gradient_evaluations: usize,
    /// How often the attack's own steps led no further, at an exact tie, around
    /// a kink or where no logit changed, and it went on otherwise; 0 where r is
    /// by these steps alone.
    pub stalls: usize,
    /// Of r, in pixel units.
    pub norms: Norms,
    /// ρ = ‖r‖₂ / ‖x‖₂ (DeepFool, equation 15); none for a black picture, which
    /// has no length.
    pub rho: Option<f64>,
    /// Whether the label of x + r clipped to [0, 1] still differs from k(x).
    pub survives_clipping: bool,
    /// Whether it still differs when x + r is also rounded to 256 levels, as it
    /// is when saved.
    pub survives_rounding: bool,
}

impl Outcome {
    /// Whether the label changed.
    pub fn fooled(&self) -> bool {
        self.clean.label != self.adversarial.label
    }

    /// Measures r on x. Costs two forward passes.
    pub(super) async fn measure(
        classifier: &dyn Classifier,
        x: &[f32],
        perturbation: Vec<f32>,
        clean: Prediction,
        adversarial: Prediction,
        iterations: usize,
        gradient_evaluations: usize,
    ) -> Result<Self, AttackError> {
        let mut clipped: Vec<f32> = x.iter().zip(&perturbation).map(|(x, r)| x + r).collect();
        clip(&mut clipped);
        let mut rounded = clipped.clone();
        round_to_8_bits(&mut rounded);
        let saved = predictions(classifier, &[clipped, rounded]).await?;
        let norms = Norms::of(&perturbation);
        Ok(Self {
            iterations,
            gradient_evaluations,
            stalls: 0,
            norms,
            rho: ratio(norms.l2, Norm::L2.of(x)),
            survives_clipping: saved[0].label != clean.label,
            survives_rounding: saved[1].label != clean.label,
            perturbation,
            clean,
            adversarial,
        })
    }
}
