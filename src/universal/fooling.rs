//! On how many pictures a perturbation works.

use crate::attack::{AttackError, Prediction, predictions};
use crate::classifier::Classifier;
use crate::photo::{clip, round_to_8_bits};
use crate::statistics::share;
use crate::task::Task;

/// Pictures between two checkpoints.
pub(super) const BATCH: usize = crate::attack::BATCH;

/// Labels before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct Fooling {
    /// k(x) and k(x + v) of each picture.
    pub labels: Vec<(usize, usize)>,
}

impl Fooling {
    /// How many labels changed.
    pub fn fooled(&self) -> usize {
        self.labels
            .iter()
            .filter(|(clean, new)| clean != new)
            .count()
    }

    /// The fooling rate: the share of pictures whose label changed. None of none.
    pub fn rate(&self) -> Option<f64> {
        self.rate_to(None)
    }

    /// How many pictures became the target, and how many were not it before;
    /// without a target, how many labels changed, and how many there are.
    pub fn reached(&self, target: Option<usize>) -> (usize, usize) {
        let Some(target) = target else {
            return (self.fooled(), self.labels.len());
        };
        let others = || self.labels.iter().filter(|(clean, _)| *clean != target);
        let reached = others().filter(|(_, new)| *new == target).count();
        (reached, others().count())
    }

    /// The share of pictures that became the target, of those that were not it
    /// before; without a target, the fooling rate. None of none.
    pub fn rate_to(&self, target: Option<usize>) -> Option<f64> {
        let (reached, all) = self.reached(target);
        share(reached, all)
    }
}

/// What the sum of picture and perturbation goes through before it is
/// classified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sum {
    /// Nothing, as in the papers.
    #[default]
    Raw,
    /// Clipped to [0, 1] and rounded to 256 levels, as when saved or shown.
    Saved,
}

impl Sum {
    /// As a file has it, or as it is.
    pub fn new(saved: bool) -> Self {
        if saved { Self::Saved } else { Self::Raw }
    }
}

/// Classifies planar pictures `[C, H, W]` with and without a perturbation of
/// the same shape. The task hears how many pictures are done.
pub async fn fooling(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    perturbation: &[f32],
    sum: Sum,
    task: &mut Task<'_, usize>,
) -> Result<Fooling, AttackError> {
    let mut labels = Vec::with_capacity(pictures.len());
    for chunk in pictures.chunks(BATCH) {
        let clean = predictions(classifier, chunk).await?;
        let new = perturbed(classifier, chunk, perturbation, sum).await?;
        labels.extend(clean.iter().zip(&new).map(|(a, b)| (a.label, b.label)));
        task.checkpoint(labels.len()).await?;
    }
    Ok(Fooling { labels })
}

/// The answers to x + v.
pub async fn perturbed(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    perturbation: &[f32],
    sum: Sum,
) -> Result<Vec<Prediction>, AttackError> {
    let sums: Vec<Vec<f32>> = pictures
        .iter()
        .map(|picture| add(picture.as_ref(), perturbation, sum))
        .collect();
    predictions(classifier, &sums).await
}

/// x + v, or what is left of it when saved.
pub fn add(picture: &[f32], perturbation: &[f32], sum: Sum) -> Vec<f32> {
    let mut values: Vec<f32> = picture
        .iter()
        .zip(perturbation)
        .map(|(x, v)| x + v)
        .collect();
    if sum == Sum::Saved {
        clip(&mut values);
        round_to_8_bits(&mut values);
    }
    values
}
