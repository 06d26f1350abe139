//! How far the boundary is within random subspaces (Fawzi, Moosavi-Dezfooli
//! and Frossard, NIPS 2016, equation 8 and table 1).
//!
//! `β(f; m) = √(m/d) · mean ‖r_S*‖₂ / ‖r*‖₂` over pictures, with r* the
//! adversarial perturbation and r_S* the one within a random S of dimension m.
//! Near 1, it says that m dimensions of d, drawn by chance, put the boundary
//! √(d/m) times as far away: that it is locally flat.

use serde::{Deserialize, Serialize};

use super::Estimate;
use crate::attack::deepfool::{self, deepfool};
use crate::attack::semi_random::semi_random;
use crate::attack::subspace::Subspace;
use crate::attack::{AttackError, Norm, Outcome, picture_seed};
use crate::classifier::Classifier;
use crate::photo::LEVELS;
use crate::statistics::{self, deviation, mean};
use crate::task::Task;

/// The published table's columns.
pub const RATIOS: [f64; 6] = [
    1.0,
    1.0 / 4.0,
    1.0 / 16.0,
    1.0 / 36.0,
    1.0 / 64.0,
    1.0 / 100.0,
];

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// m/d of each column, above 0 and at most 1.
    pub ratios: Vec<f64>,
    /// Subspaces drawn for each picture and ratio. At least 1.
    pub draws: usize,
    /// A picture's subspaces follow from this and from the picture.
    pub seed: u64,
    /// Of both r* and r_S*; the norm is l2.
    pub deepfool: deepfool::Options,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ratios: RATIOS.to_vec(),
            draws: 1,
            seed: 0,
            deepfool: deepfool::Options::default(),
        }
    }
}

impl Options {
    fn check(&self) -> Result<(), AttackError> {
        let refused = |name, expected, found| {
            Err(AttackError::Option {
                name,
                expected,
                found,
            })
        };
        if let Some(&ratio) = self.ratios.iter().find(|r| !(**r > 0.0 && **r <= 1.0)) {
            return refused("the ratio m/d", "above 0 and at most 1", ratio);
        }
        if self.draws == 0 {
            return refused("the number of draws", "at least 1", 0.0);
        }
        Ok(())
    }
}

/// m, the whole number nearest to the ratio's share of d; at least 1.
pub fn dimension(ratio: f64, d: usize) -> usize {
    ((ratio * d as f64).round() as usize).clamp(1, d)
}

/// What one picture needed. Sizes are l2 norms in grey levels; there is none
/// where the label did not change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sizes {
    /// ‖r*‖
    pub adversarial: Option<f64>,
    /// ‖r_S*‖: for each ratio, one a draw.
    pub within: Vec<Vec<Option<f64>>>,
    /// ‖x‖
    pub picture: f64,
    pub gradient_evaluations: usize,
}

impl Sizes {
    /// ‖r_S*‖ / ‖r*‖ at one ratio, the mean of the draws that have one.
    pub fn quotient(&self, ratio: usize) -> Option<f64> {
        statistics::ratio(self.mean_within(ratio)?, self.adversarial?)
    }

    /// ‖r_S*‖ at one ratio, the mean of the draws that have one.
    fn mean_within(&self, ratio: usize) -> Option<f64> {
        mean(self.within[ratio].iter().copied())
    }

    /// ‖r_S*‖ / ‖x‖; none for a black picture, which has no length.
    fn rho(&self, ratio: usize) -> Option<f64> {
        statistics::ratio(self.mean_within(ratio)?, self.picture)
    }
}

/// Where the measurement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Attacks on these pictures that are done, of all of them.
    pub attacks: usize,
    pub of: usize,
}

/// The sizes of r* and r_S* for each of some pictures, planar `[C, H, W]` in
/// pixel units, attacked as one batch.
///
/// # Errors
/// As DeepFool's; or for a bad ratio or number of draws.
pub async fn sizes(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Sizes>, AttackError> {
    options.check()?;
    let d: usize = classifier.input_shape().iter().product();
    let mut progress = Progress {
        attacks: 0,
        of: 1 + options.ratios.len() * options.draws,
    };
    let mut part = Task::new(task.stop_flag(), |_| ());
    let whole = deepfool(classifier, pictures, &options.deepfool, &mut part).await?;
    let mut found: Vec<Sizes> = whole
        .iter()
        .map(|outcome| Sizes {
            adversarial: size(outcome),
            picture: 0.0,
            within: vec![Vec::with_capacity(options.draws); options.ratios.len()],
            gradient_evaluations: outcome.gradient_evaluations,
        })
        .collect();
    for (sizes, picture) in found.iter_mut().zip(pictures) {
        sizes.picture = Norm::L2.of(picture.as_ref()) * f64::from(LEVELS);
    }
    for (column, &ratio) in options.ratios.iter().enumerate() {
        let m = dimension(ratio, d);
        for draw in 0..options.draws {
            progress.attacks += 1;
            task.checkpoint(progress).await?;
            if m == d {
                // There is but one such subspace, and its r_S* is r*.
                for sizes in &mut found {
                    sizes.within[column].push(sizes.adversarial);
                }
                continue;
            }
            // What is drawn for a dimension does not depend on which others
            // are measured, nor on how many draws follow.
            let stream = (m as u64) << 32 | draw as u64;
            let subspaces = pictures
                .iter()
                .map(|picture| {
                    let seed = picture_seed(options.seed, stream, picture.as_ref());
                    Subspace::random(d, m, seed)
                })
                .collect::<Result<Vec<_>, _>>()?;
            let settings = &options.deepfool;
            let outcomes = semi_random(classifier, pictures, &subspaces, settings, &mut part);
            for (sizes, outcome) in found.iter_mut().zip(outcomes.await?) {
                sizes.within[column].push(size(&outcome));
                sizes.gradient_evaluations += outcome.gradient_evaluations;
            }
        }
    }
    Ok(found)
}

fn size(outcome: &Outcome) -> Option<f64> {
    outcome.fooled().then(|| outcome.norms.in_levels().l2)
}

/// One column of the table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Beta {
    /// m/d
    pub ratio: f64,
    /// m
    pub dimension: usize,
    pub pictures: usize,
    /// β(f; m), over the pictures that have both r* and r_S*; the rest says
    /// nothing.
    pub beta: Estimate,
    /// The standard deviation of √(m/d) · ‖r_S*‖ / ‖r*‖ over those pictures; none
    /// of fewer than two.
    pub deviation: Option<f64>,
    /// The middle ‖r_S*‖, in grey levels: a picture's is the mean of its draws.
    pub median_l2: Estimate,
    /// The mean of ρ_S = ‖r_S*‖ / ‖x‖, over the pictures that have a length.
    pub rho: Estimate,
}

impl Beta {
    /// Each column of the table; the seed is the intervals'.
    pub fn columns(ratios: &[f64], d: usize, pictures: &[Sizes], seed: u64) -> Vec<Self> {
        let columns = ratios.iter().enumerate();
        columns
            .map(|(column, &ratio)| {
                let values = Self::values(ratio, column, d, pictures);
                let each = |of: fn(&Sizes, usize) -> Option<f64>| -> Vec<f64> {
                    let each = pictures.iter();
                    each.filter_map(|sizes| of(sizes, column)).collect()
                };
                Self {
                    ratio,
                    dimension: dimension(ratio, d),
                    pictures: pictures.len(),
                    beta: Estimate::mean(&values, seed),
                    deviation: deviation(&values),
                    median_l2: Estimate::median(&each(Sizes::mean_within), seed),
                    rho: Estimate::mean(&each(Sizes::rho), seed),
                }
            })
            .collect()
    }

    /// √(m/d) · ‖r_S*‖ / ‖r*‖ of each picture that has one: what β is the mean
    /// of.
    pub fn values(ratio: f64, column: usize, d: usize, pictures: &[Sizes]) -> Vec<f64> {
        let scale = (dimension(ratio, d) as f64 / d as f64).sqrt();
        pictures
            .iter()
            .filter_map(|sizes| Some(scale * sizes.quotient(column)?))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(adversarial: Option<f64>, within: &[Option<f64>]) -> Sizes {
        Sizes {
            adversarial,
            within: vec![within.to_vec()],
            picture: 10.0,
            gradient_evaluations: 0,
        }
    }

    #[test]
    fn beta_is_the_scaled_mean_of_the_quotients() {
        let pictures = [
            sizes(Some(2.0), &[Some(4.0), Some(6.0)]),
            sizes(Some(1.0), &[Some(1.5), None]),
            sizes(Some(1.0), &[None, None]),
            sizes(None, &[Some(5.0), Some(5.0)]),
        ];
        let column = &Beta::columns(&[0.25], 400, &pictures, 0)[0];
        assert_eq!((column.dimension, column.pictures), (100, 4));
        // Half of 2.5 and of 1.5.
        assert_eq!(column.beta.count, 2);
        assert!((column.beta.value.unwrap() - 1.0).abs() < 1e-12);
        assert!((column.deviation.unwrap() - 0.125f64.sqrt()).abs() < 1e-12);
        // Of 5, 1.5 and 5, also where there is no r*.
        assert_eq!(
            (column.median_l2.value, column.median_l2.count),
            (Some(5.0), 3)
        );
        assert!((column.rho.value.unwrap() - 11.5 / 30.0).abs() < 1e-12);
        let none = &Beta::columns(&[0.25], 400, &[], 0)[0];
        assert_eq!(
            (none.beta.value, none.deviation, none.rho.value),
            (None, None, None)
        );
    }

    #[test]
    fn a_black_picture_has_a_part_in_beta_and_none_in_rho() {
        let black = Sizes {
            picture: 0.0,
            ..sizes(Some(2.0), &[Some(4.0)])
        };
        let column = &Beta::columns(&[0.25], 400, &[black, sizes(Some(2.0), &[Some(4.0)])], 0)[0];
        assert_eq!((column.beta.count, column.median_l2.count), (2, 2));
        assert_eq!((column.rho.count, column.rho.value), (1, Some(0.4)));
    }

    #[test]
    fn a_picture_at_a_boundary_has_no_quotient() {
        let tied = sizes(Some(0.0), &[Some(0.0)]);
        assert_eq!(tied.quotient(0), None);
        assert_eq!(Beta::columns(&[0.25], 400, &[tied], 0)[0].beta.count, 0);
    }

    #[test]
    fn there_is_always_a_dimension() {
        assert_eq!(dimension(0.01, 12), 1);
        assert_eq!(dimension(1.0, 12), 12);
        assert_eq!(dimension(0.25, 150_528), 37_632);
    }
}
