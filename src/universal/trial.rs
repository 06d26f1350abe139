//! Trying one perturbation after another on the same pictures.

use super::fooling::{self, Fooling, Sum, perturbed};
use crate::attack::{AttackError, predictions};
use crate::classifier::Classifier;
use crate::task::{StopFlag, Task};

/// Pictures whose clean labels are known, to try one v after another on.
pub(super) struct Trial<'a, P> {
    pictures: &'a [P],
    clean: Vec<usize>,
    target: Option<usize>,
    stop: StopFlag,
}

impl<'a, P: AsRef<[f32]>> Trial<'a, P> {
    /// Classifies the pictures, listening for a wish to stop.
    pub async fn new(
        classifier: &dyn Classifier,
        pictures: &'a [P],
        target: Option<usize>,
        stop: StopFlag,
    ) -> Result<Self, AttackError> {
        let mut clean = Vec::with_capacity(pictures.len());
        let task = Task::new(stop.clone(), |(): ()| ());
        for chunk in pictures.chunks(fooling::BATCH) {
            let answers = predictions(classifier, chunk).await?;
            clean.extend(answers.into_iter().map(|answer| answer.label));
            task.pause().await?;
        }
        Ok(Self {
            pictures,
            clean,
            target,
            stop,
        })
    }

    /// Whether it is about no picture.
    pub fn is_empty(&self) -> bool {
        self.pictures.is_empty()
    }

    /// k(x) of one of them.
    pub fn clean(&self, index: usize) -> usize {
        self.clean[index]
    }

    /// The fooling rate of v, or the share that reaches the target.
    pub async fn rate(
        &self,
        classifier: &dyn Classifier,
        v: &[f32],
    ) -> Result<Option<f64>, AttackError> {
        let mut labels = Vec::with_capacity(self.pictures.len());
        let task = Task::new(self.stop.clone(), |(): ()| ());
        for chunk in self.pictures.chunks(fooling::BATCH) {
            let answers = perturbed(classifier, chunk, v, Sum::Raw).await?;
            let clean = self.clean[labels.len()..].iter().copied();
            let pairs = clean.zip(answers.into_iter().map(|answer| answer.label));
            labels.extend(pairs.collect::<Vec<_>>());
            task.pause().await?;
        }
        Ok(Fooling { labels }.rate_to(self.target))
    }
}
