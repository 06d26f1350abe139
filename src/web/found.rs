//! What any attack found for one picture, as a page sees it.

use js_sys::{Float32Array, Uint8Array};
use web_time::Instant;

use super::error::Failure;
use super::messages::{Answer, Found};
use super::pictures::rgba;
use super::session::Session;
use crate::attack::Outcome;
use crate::classifier::Classifier;
use crate::universal::fooling::{Sum, add};

impl Session {
    /// An outcome on x, and its sum as it can be shown and saved.
    pub(super) fn found(
        &self,
        x: &[f32],
        outcome: &Outcome,
        begun: Instant,
    ) -> Result<Found, Failure> {
        let sum = add(x, &outcome.perturbation, Sum::Saved);
        let rgba = rgba(&sum, self.network.input_shape())?;
        Ok(Found {
            perturbation: Float32Array::from(outcome.perturbation.as_slice()),
            clean: Answer::new(&outcome.clean, self.names),
            adversarial: Answer::new(&outcome.adversarial, self.names),
            fooled: outcome.fooled(),
            iterations: outcome.iterations,
            gradient_evaluations: outcome.gradient_evaluations,
            norms: outcome.norms.into(),
            stalls: outcome.stalls,
            rho: outcome.rho,
            survives_clipping: outcome.survives_clipping,
            survives_rounding: outcome.survives_rounding,
            milliseconds: begun.elapsed().as_secs_f64() * 1e3,
            perturbed_rgba: Uint8Array::from(rgba.as_slice()),
        })
    }
}
