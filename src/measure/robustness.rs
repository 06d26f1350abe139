//! How far a classifier's boundaries are from the pictures.

use crate::attack::Outcome;
use crate::statistics::{mean, median};
use serde::Serialize;

/// What an attack needed on some pictures. Norms and ρ are over those that it
/// fooled: none where there are no such.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Robustness {
    pub pictures: usize,
    /// Of those, how many are the class already that they should become. They
    /// are not attacked.
    pub already: usize,
    /// How many changed their label, to the target's where there is one.
    pub fooled: usize,
    /// In how many of the fooled ones the attack's own steps stalled and it went
    /// on otherwise.
    pub stalled: usize,
    /// Of those, how many stay fooled when the sum is clipped to [0, 1], and
    /// when it is rounded to 8 bits as well.
    pub survive_clipping: usize,
    pub survive_rounding: usize,
    /// The mean of ‖r‖₂ / ‖x‖₂ (DeepFool, equation 15).
    pub rho_adv: Option<f64>,
    /// Of the fooled ones, how many have no length, so that ρ is not defined:
    /// the mean leaves them out.
    pub without_rho: usize,
    /// In grey levels, 0 to 255.
    pub median_l2: Option<f64>,
    pub median_linf: Option<f64>,
    pub mean_iterations: Option<f64>,
}

impl Robustness {
    /// `target` is the class that the pictures should become, if there is one.
    pub fn of(outcomes: &[Outcome], target: Option<usize>) -> Self {
        let is_fooled = |outcome: &&Outcome| {
            let label = outcome.adversarial.label;
            outcome.fooled() && target.is_none_or(|target| label == target)
        };
        let fooled: Vec<&Outcome> = outcomes.iter().filter(is_fooled).collect();
        let already = outcomes.iter().map(|outcome| Some(outcome.clean.label));
        let each = || fooled.iter().copied();
        Self {
            pictures: outcomes.len(),
            already: already
                .filter(|label| target.is_some() && *label == target)
                .count(),
            fooled: fooled.len(),
            stalled: each().filter(|outcome| outcome.stalls > 0).count(),
            without_rho: each().filter(|outcome| outcome.rho.is_none()).count(),
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

    fn outcome(rho: impl Into<Option<f64>>, fooled: bool) -> Outcome {
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
            rho: rho.into(),
            survives_clipping: fooled,
            survives_rounding: false,
        }
    }

    #[test]
    fn only_what_was_fooled_counts_in_the_means() {
        let found = Robustness::of(
            &[outcome(0.1, true), outcome(0.3, true), outcome(9.0, false)],
            None,
        );
        assert_eq!((found.pictures, found.fooled), (3, 2));
        assert_eq!((found.survive_clipping, found.survive_rounding), (2, 0));
        assert!((found.rho_adv.unwrap() - 0.2).abs() < 1e-12);
        assert!((found.median_linf.unwrap() - 51.0).abs() < 1e-4);
    }

    #[test]
    fn of_none_that_was_fooled_there_are_no_figures() {
        for outcomes in [vec![], vec![outcome(0.0, false); 2]] {
            let found = Robustness::of(&outcomes, None);
            assert_eq!((found.pictures, found.fooled), (outcomes.len(), 0));
            let figures = [found.rho_adv, found.median_l2, found.median_linf];
            assert_eq!((figures, found.mean_iterations), ([None; 3], None));
            let json = serde_json::to_value(found).unwrap();
            assert!(json["rhoAdv"].is_null() && json["medianL2"].is_null());
        }
    }

    #[test]
    fn a_picture_without_length_has_no_part_in_rho_and_is_counted() {
        let found = Robustness::of(&[outcome(0.1, true), outcome(None, true)], None);
        assert_eq!((found.fooled, found.without_rho), (2, 1));
        assert_eq!(found.rho_adv, Some(0.1));
        let black = Robustness::of(&[outcome(None, true)], None);
        assert_eq!((black.rho_adv, black.without_rho), (None, 1));
        assert!(black.median_l2.is_some());
    }

    #[test]
    fn with_a_target_only_what_became_it_is_fooled() {
        let all = [outcome(0.1, true), outcome(0.1, false)];
        let to_1 = Robustness::of(&all, Some(1));
        assert_eq!((to_1.fooled, to_1.already), (1, 0));
        let to_0 = Robustness::of(&all, Some(0));
        assert_eq!((to_0.fooled, to_0.already), (0, 2));
    }
}
