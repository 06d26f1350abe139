//! How far a classifier's boundaries are from the pictures.

use crate::attack::Outcome;
use crate::statistics::{mean, median};
use serde::{Deserialize, Serialize};

/// What an attack needed on one picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Fooled {
    pub clean_label: usize,
    pub adversarial_label: usize,
    /// Whether the label changed, to the target's where there is one.
    pub fooled: bool,
    pub iterations: usize,
    /// How often the attack's own steps led no further, and it went on
    /// otherwise.
    pub stalls: usize,
    /// How many gradients of a logit, or of a difference of two, were taken.
    pub gradients: usize,
    /// In grey levels.
    pub l2: f64,
    pub linf: f64,
    /// None for a black picture, which has no length.
    pub rho: Option<f64>,
    pub survives_clipping: bool,
    pub survives_rounding: bool,
}

impl Fooled {
    /// `target` is the class that the picture should become, if there is one.
    pub fn of(outcome: &Outcome, target: Option<usize>) -> Self {
        let norms = outcome.norms.in_levels();
        let adversarial_label = outcome.adversarial.label;
        Self {
            clean_label: outcome.clean.label,
            adversarial_label,
            fooled: outcome.fooled() && target.is_none_or(|target| target == adversarial_label),
            iterations: outcome.iterations,
            stalls: outcome.stalls,
            gradients: outcome.gradient_evaluations,
            l2: norms.l2,
            linf: norms.linf,
            rho: outcome.rho,
            survives_clipping: outcome.survives_clipping,
            survives_rounding: outcome.survives_rounding,
        }
    }
}

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
    pub fn of<'a>(pictures: impl IntoIterator<Item = &'a Fooled>, target: Option<usize>) -> Self {
        let pictures: Vec<&Fooled> = pictures.into_iter().collect();
        let each = || pictures.iter().filter(|it| it.fooled);
        let count = |is: fn(&Fooled) -> bool| each().filter(|it| is(it)).count();
        let already = |it: &&&Fooled| Some(it.clean_label) == target;
        Self {
            pictures: pictures.len(),
            already: pictures.iter().filter(already).count(),
            fooled: each().count(),
            stalled: count(|it| it.stalls > 0),
            without_rho: count(|it| it.rho.is_none()),
            survive_clipping: count(|it| it.survives_clipping),
            survive_rounding: count(|it| it.survives_rounding),
            rho_adv: mean(each().map(|it| it.rho)),
            median_l2: median(each().map(|it| it.l2)),
            median_linf: median(each().map(|it| it.linf)),
            mean_iterations: mean(each().map(|it| it.iterations as f64)),
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

    fn robustness(outcomes: &[Outcome], target: Option<usize>) -> Robustness {
        let fooled = outcomes.iter().map(|it| Fooled::of(it, target));
        Robustness::of(&fooled.collect::<Vec<_>>(), target)
    }

    #[test]
    fn only_what_was_fooled_counts_in_the_means() {
        let found = robustness(
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
            let found = robustness(&outcomes, None);
            assert_eq!((found.pictures, found.fooled), (outcomes.len(), 0));
            let figures = [found.rho_adv, found.median_l2, found.median_linf];
            assert_eq!((figures, found.mean_iterations), ([None; 3], None));
            let json = serde_json::to_value(found).unwrap();
            assert!(json["rhoAdv"].is_null() && json["medianL2"].is_null());
        }
    }

    #[test]
    fn a_picture_without_length_has_no_part_in_rho_and_is_counted() {
        let found = robustness(&[outcome(0.1, true), outcome(None, true)], None);
        assert_eq!((found.fooled, found.without_rho), (2, 1));
        assert_eq!(found.rho_adv, Some(0.1));
        let black = robustness(&[outcome(None, true)], None);
        assert_eq!((black.rho_adv, black.without_rho), (None, 1));
        assert!(black.median_l2.is_some());
    }

    #[test]
    fn with_a_target_only_what_became_it_is_fooled() {
        let all = [outcome(0.1, true), outcome(0.1, false)];
        let to_1 = robustness(&all, Some(1));
        assert_eq!((to_1.fooled, to_1.already), (1, 0));
        let to_0 = robustness(&all, Some(0));
        assert_eq!((to_0.fooled, to_0.already), (0, 2));
    }
}
