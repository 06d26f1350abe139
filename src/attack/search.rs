//! Trying out changed pictures, many at a time, where there is no gradient to
//! follow.

use super::label::{batch, read_predictions};
use super::{AttackError, Prediction};
use crate::classifier::Classifier;
use crate::task::Task;

/// How many changed pictures go through a classifier at a time where nothing
/// else is said.
pub(super) const TRIALS: usize = 16;

/// The first of `count` changed pictures, made one by one, that a classifier
/// names otherwise than `label`, and its answer. Those after the batch that
/// holds it are not made.
///
/// Which of a batch comes first does not depend on the batch's size.
pub(super) async fn first_fooled<P>(
    classifier: &dyn Classifier,
    label: usize,
    count: usize,
    trials: usize,
    make: impl Fn(usize) -> Vec<f32>,
    task: &Task<'_, P>,
) -> Result<Option<(usize, Prediction)>, AttackError> {
    let indices: Vec<usize> = (0..count).collect();
    for chunk in indices.chunks(trials.max(1)) {
        task.pause().await?;
        let pictures: Vec<Vec<f32>> = chunk.iter().map(|&index| make(index)).collect();
        let logits = classifier.logits(batch(classifier, &pictures)?).await;
        let answers = read_predictions(logits).await?.into_iter();
        let fooled = chunk.iter().zip(answers).find(|(_, it)| it.label != label);
        if let Some((&index, answer)) = fooled {
            return Ok(Some((index, answer)));
        }
    }
    Ok(None)
}

/// The answers to the pictures as they are, by a classifier that has a choice.
pub(super) async fn clean(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
) -> Result<Vec<Prediction>, AttackError> {
    if classifier.class_count() < 2 {
        return Err(AttackError::TooFewClasses(classifier.class_count()));
    }
    super::predictions(classifier, pictures).await
}
