//! How far a classifier's boundaries are from the pictures.

use super::{mean, median};
use crate::attack::Outcome;
use serde::Serialize;

/// What an attack needed on some pictures. Norms and ρ are over those that it
/// fooled.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Robustness {
    pub pictures: usize,
    pub fooled: usize,
    /// Of those, how many stay fooled when the sum is clipped to [0, 1], and
    /// when it is rounded to 8 bits as well.
    pub survive_clipping: usize,
    pub survive_rounding: usize,
    /// The mean of ‖r‖₂ / ‖x‖₂ (DeepFool, equation 15).
    pub rho_adv: f64,
    /// In grey levels, 0 to 255.
    pub median_l2: f64,
    pub median_linf: f64,
    pub mean_iterations: f64,
}

impl Robustness {
    pub fn of(outcomes: &[Outcome]) -> Self {
        let fooled: Vec<&Outcome> = outcomes.iter().filter(|outcome| outcome.fooled()).collect();
        let each = || fooled.iter().copied();
        Self {
            pictures: outcomes.len(),
            fooled: fooled.len(),
            survive_clipping: each().filter(|outcome| outcome.survives_clipping).count(),
            survive_rounding: each().filter(|outcome| outcome.survives_rounding).count(),
            rho_adv: mean(each().map(|outcome| outcome.rho)),
            median_l2: median(each().map(|outcome| outcome.norms.in_levels().l2)),
            median_linf: median(each().map(|outcome| outcome.norms.in_levels().linf)),
            mean_iterations: mean(each().map(|outcome| outcome.iterations as f64)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attack::{Norms, Prediction};

    fn outcome(rho: f64, fooled: bool) -> Outcome {
        let clean = Prediction::new(vec![1.0, 0.0]).unwrap();
        let other = Prediction::new(vec![0.0, 1.0]).unwrap();
        Outcome {
            perturbation: vec![0.2],
            adversarial: if fooled { other } else { clean.clone() },
            clean,
            iterations: 2,
            gradient_evaluations: 2,
            stalls: 0,
            norms: Norms::of(&[0.2]),
            rho,
            survives_clipping: fooled,
            survives_rounding: false,
        }
    }

    #[test]
    fn only_what_was_fooled_counts_in_the_means() {
        let found = Robustness::of(&[outcome(0.1, true), outcome(0.3, true), outcome(9.0, false)]);
        assert_eq!((found.pictures, found.fooled), (3, 2));
        assert_eq!((found.survive_clipping, found.survive_rounding), (2, 0));
        assert!((found.rho_adv - 0.2).abs() < 1e-12);
        assert!((found.median_linf - 51.0).abs() < 1e-4);
        assert_eq!(Robustness::of(&[]).rho_adv, 0.0);
    }
}
