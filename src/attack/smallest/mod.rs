//! The smallest perturbation that can be found within a budget of gradients.
//!
//! Where the shortest perturbation ends, its direction u is that of the
//! boundary's normal n (for l∞: of the normal's signs). First, linearised steps
//! lead to the boundary, one gradient each: that of the margin to whichever
//! other class is ahead. Then, again and again, the normal where the
//! perturbation ends turns its direction by a share, `u ← (1 − a) u + a n`, and
//! false position finds the length at which the new direction meets the
//! boundary. Along sharp bends of the boundary a large share leads to and fro,
//! along the others a small one leads nowhere: so the share falls along half a
//! cosine over the budget, and u becomes a mean of the normals all around the
//! nearest point. It is not asked that each step be shorter; the shortest that
//! fooled counts.
//!
//! Where u is the normal's direction already, the nearest point of this boundary
//! is found, and the gradients that are left go to those of other classes that
//! may be nearer: with a large budget to all that are not much farther.
//!
//! Fast minimum-norm steps do much the same, but with lengths that are fixed
//! beforehand and not in proportion to the perturbation, and beside the boundary
//! instead of on it. Here forward passes find it; only gradients are counted.

mod boundary;
mod direction;
mod others;
mod search;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::label::predictions;
use super::line::Goal;
use super::vectors::sum;
use super::within::check_box;
use super::{AttackError, Norm, Outcome, check_positive, check_target};
use crate::classifier::Classifier;
use crate::photo::{clip, round_to_8_bits};
use crate::task::{StopFlag, Task};
use search::Search;

pub use super::found::Found;

/// What x + r may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Range {
    /// Anything, as in DeepFool's paper.
    Unbounded,
    /// What a picture can show: within [0, 1].
    #[default]
    Shown,
    /// What a file holds: also in whole grey levels.
    Saved,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// l2 or l∞.
    pub norm: Norm,
    /// The class that the picture should become; none where any other will do.
    pub target: Option<usize>,
    /// At most so many. At least 1.
    pub gradients: usize,
    pub range: Range,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            norm: Norm::L2,
            target: None,
            gradients: 100,
            range: Range::Shown,
        }
    }
}

/// Where it is, after each gradient.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    pub picture: usize,
    pub pictures: usize,
    /// That the present picture took.
    pub gradients: usize,
    /// The smallest so far.
    pub best: Option<Arc<Found>>,
}

/// Small perturbations for each of some pictures, planar `[C, H, W]` in pixel
/// units. With [`Range::Saved`] each picture is rounded first, as it would be in
/// a file, and the perturbation leads from there.
///
/// # Errors
/// Bad options, a picture of another size, with a value that is no number or,
/// unless the range is unbounded, outside of [0, 1]; a classifier of one class;
/// or a wish to stop.
pub async fn smallest(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Outcome>, AttackError> {
    smallest_until(classifier, pictures, options, &StopFlag::default(), task).await
}

/// The same until somebody has `enough`: then it ends with what it has.
pub async fn smallest_until(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    options: &Options,
    enough: &StopFlag,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Outcome>, AttackError> {
    check_positive("the number of gradients", options.gradients as f64)?;
    check_target(classifier, options.target)?;
    if options.norm == Norm::L1 {
        return Err(AttackError::NotL1("the smallest noise"));
    }
    if options.range != Range::Unbounded {
        check_box(pictures)?;
    }
    let mut outcomes = Vec::with_capacity(pictures.len());
    for x in pictures {
        let mut x = x.as_ref().to_vec();
        if options.range == Range::Saved {
            round_to_8_bits(&mut x);
        }
        let clean = predictions(classifier, &[&x]).await?.remove(0);
        let at = Progress {
            picture: outcomes.len(),
            pictures: pictures.len(),
            gradients: 0,
            best: None,
        };
        let mut search = Search {
            classifier,
            x: &x,
            goal: Goal::new(clean.label, options.target),
            options,
            enough,
            task: &mut *task,
            at,
            steps: 0,
            stalls: 0,
        };
        search.run(&clean).await?;
        let Search {
            steps, stalls, at, ..
        } = search;
        let Progress {
            gradients, best, ..
        } = at;
        let (r, answer) = best.map_or_else(
            || (vec![0.0; x.len()], clean.clone()),
            |best| (best.perturbation.clone(), best.answer.clone()),
        );
        let outcome = Outcome::measure(classifier, &x, r, clean, answer, steps, gradients);
        outcomes.push(Outcome {
            stalls,
            ..outcome.await?
        });
    }
    Ok(outcomes)
}

impl Range {
    /// The perturbation of x that is nearest to r and keeps to the range.
    fn kept(self, x: &[f32], r: Vec<f32>) -> Vec<f32> {
        if self == Self::Unbounded {
            return r;
        }
        let mut point = sum(x, &r);
        clip(&mut point);
        if self == Self::Saved {
            round_to_8_bits(&mut point);
        }
        point.iter().zip(x).map(|(point, x)| point - x).collect()
    }
}
