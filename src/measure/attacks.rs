//! What attacks need, side by side: the columns of DeepFool's table 1 and more,
//! each with its 95 % interval and the number of pictures behind it.

use serde::{Deserialize, Serialize};

use super::Estimate;
use crate::attack::methods::Attacked;
use crate::statistics::ratio;

/// What one attack needed on one picture.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Needed {
    pub clean_label: usize,
    pub adversarial_label: usize,
    pub fooled: bool,
    /// ‖r‖₂ / ‖x‖₂; none for a black picture, which has no length.
    pub rho: Option<f64>,
    /// ‖r‖₂ / ‖x − μ‖₂, where μ is the mean colour that the network subtracts
    /// first: the relative size for who measures what the network sees. None for
    /// a picture of this colour.
    pub rho_centred: Option<f64>,
    /// In grey levels.
    pub l2: f64,
    pub linf: f64,
    pub iterations: usize,
    /// How often the attack's own steps led no further.
    #[serde(default)]
    pub stalls: usize,
    pub gradient_evaluations: usize,
    pub survives_rounding: bool,
    pub seconds: f64,
}

impl Needed {
    /// `centred` is ‖x − μ‖₂ in pixel units, by [`centred_size`]. Of several draws
    /// sizes are the mean.
    pub fn new(attacked: &Attacked, centred: f64, seconds: f64) -> Self {
        let Attacked {
            outcome,
            mean_by_smallest: mean,
        } = attacked;
        let norms = outcome.norms.in_levels();
        Self {
            clean_label: outcome.clean.label,
            adversarial_label: outcome.adversarial.label,
            fooled: outcome.fooled(),
            rho: outcome.rho.map(|rho| rho * mean),
            rho_centred: ratio(outcome.norms.l2 * mean, centred),
            l2: norms.l2 * mean,
            linf: norms.linf * mean,
            iterations: outcome.iterations,
            stalls: outcome.stalls,
            gradient_evaluations: outcome.gradient_evaluations,
            survives_rounding: outcome.survives_rounding,
            seconds,
        }
    }
}

/// ‖x − μ‖₂ of a picture `[channels, height, width]` in pixel units, for a mean
/// colour μ with a value for each channel.
pub fn centred_size(x: &[f32], mean: &[f32]) -> f64 {
    let channels = x.chunks_exact(x.len() / mean.len()).zip(mean);
    let squares = channels.flat_map(|(channel, &mean)| {
        channel
            .iter()
            .map(move |&value| f64::from(value - mean).powi(2))
    });
    squares.sum::<f64>().sqrt()
}

/// What one attack needed on some pictures. Sizes are over those that it fooled
/// and for which they are defined, costs over all.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    pub attack: String,
    pub fooled: Estimate,
    /// ρ_adv: the mean of ‖r‖₂ / ‖x‖₂ (DeepFool, equation 15).
    pub rho_adv: Estimate,
    pub median_rho: Estimate,
    /// The mean of ‖r‖₂ / ‖x − μ‖₂.
    pub rho_centred: Estimate,
    /// In grey levels.
    pub median_l2: Estimate,
    pub median_linf: Estimate,
    pub iterations: Estimate,
    pub gradient_evaluations: Estimate,
    /// Of those that it fooled.
    pub survive_rounding: Estimate,
    pub seconds: Estimate,
}

impl Row {
    pub fn new(attack: &str, pictures: &[Needed], seed: u64) -> Self {
        let fooled: Vec<&Needed> = pictures.iter().filter(|it| it.fooled).collect();
        let sizes = |of: fn(&Needed) -> Option<f64>| -> Vec<f64> {
            fooled.iter().filter_map(|it| of(it)).collect()
        };
        let costs = |of: fn(&Needed) -> f64| {
            let values: Vec<f64> = pictures.iter().map(of).collect();
            Estimate::mean(&values, seed)
        };
        let surviving = fooled.iter().filter(|it| it.survives_rounding).count();
        Self {
            attack: attack.to_owned(),
            fooled: Estimate::share(fooled.len(), pictures.len(), seed),
            rho_adv: Estimate::mean(&sizes(|it| it.rho), seed),
            median_rho: Estimate::median(&sizes(|it| it.rho), seed),
            rho_centred: Estimate::mean(&sizes(|it| it.rho_centred), seed),
            median_l2: Estimate::median(&sizes(|it| Some(it.l2)), seed),
            median_linf: Estimate::median(&sizes(|it| Some(it.linf)), seed),
            iterations: costs(|it| it.iterations as f64),
            gradient_evaluations: costs(|it| it.gradient_evaluations as f64),
            survive_rounding: Estimate::share(surviving, fooled.len(), seed),
            seconds: costs(|it| it.seconds),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed(rho: f64, fooled: bool) -> Needed {
        Needed {
            clean_label: 1,
            adversarial_label: 2,
            fooled,
            rho: Some(rho),
            rho_centred: Some(2.0 * rho),
            l2: 100.0 * rho,
            linf: 10.0 * rho,
            iterations: 3,
            stalls: 0,
            gradient_evaluations: 27,
            survives_rounding: rho > 0.25,
            seconds: 2.0,
        }
    }

    #[test]
    fn sizes_are_of_what_was_fooled_and_costs_of_all() {
        let row = Row::new(
            "deepfool",
            &[needed(0.1, true), needed(0.3, true), needed(9.0, false)],
            1,
        );
        assert!((row.fooled.value.unwrap() - 2.0 / 3.0).abs() < 1e-12);
        assert_eq!((row.rho_adv.count, row.seconds.count), (2, 3));
        assert!((row.rho_adv.value.unwrap() - 0.2).abs() < 1e-12);
        assert!((row.rho_centred.value.unwrap() - 0.4).abs() < 1e-12);
        assert!((row.median_l2.value.unwrap() - 20.0).abs() < 1e-9);
        assert!((row.survive_rounding.value.unwrap() - 0.5).abs() < 1e-12);
        assert_eq!(row.gradient_evaluations.value, Some(27.0));
        assert!(row.rho_adv.low <= Some(0.2) && Some(0.2) <= row.rho_adv.high);
    }

    #[test]
    fn a_black_picture_pulls_no_mean_to_zero() {
        let black = Needed {
            rho: None,
            rho_centred: None,
            ..needed(0.2, true)
        };
        let row = Row::new("deepfool", &[needed(0.2, true), black], 1);
        assert_eq!((row.rho_adv.value, row.rho_adv.low), (Some(0.2), Some(0.2)));
        assert_eq!((row.rho_adv.count, row.median_l2.count), (1, 2));
    }

    #[test]
    fn of_none_that_was_fooled_there_are_no_sizes() {
        let row = Row::new("deepfool", &[needed(0.2, false)], 1);
        assert_eq!((row.fooled.value, row.fooled.count), (Some(0.0), 1));
        for size in [
            row.rho_adv,
            row.median_rho,
            row.rho_centred,
            row.median_l2,
            row.survive_rounding,
        ] {
            assert_eq!(
                (size.value, size.low, size.high, size.count),
                (None, None, None, 0)
            );
        }
    }

    #[test]
    fn the_mean_colour_is_subtracted_channel_by_channel() {
        let x = [0.5, 0.5, 0.25, 0.25];
        assert_eq!(centred_size(&x, &[0.5, 0.25]), 0.0);
        assert_eq!(centred_size(&x, &[0.0, 0.25]), 0.5f64.sqrt());
    }
}
