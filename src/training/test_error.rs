//! How often a network errs on pictures that it was not trained on.

use super::TrainingError;
use super::set::LabelledPictures;
use crate::attack::predictions;
use crate::classifier::Classifier;
use crate::measure::Estimate;
use crate::task::Task;

/// Pictures between two checkpoints.
const BATCH: usize = 500;

/// The share of pictures that a network classifies otherwise than labelled, with
/// an interval drawn by a seed. The task hears how many are done.
///
/// # Errors
/// When the pictures are of another size, or somebody wishes to stop.
pub async fn test_error(
    network: &dyn Classifier,
    pictures: &LabelledPictures,
    seed: u64,
    task: &mut Task<'_, usize>,
) -> Result<Estimate, TrainingError> {
    let mut wrong = 0;
    for first in (0..pictures.len()).step_by(BATCH) {
        let some = first..(first + BATCH).min(pictures.len());
        let values: Vec<Vec<f32>> = some.clone().map(|index| pictures.picture(index)).collect();
        let answers = predictions(network, &values).await?;
        let pairs = answers.iter().zip(&pictures.labels()[some.clone()]);
        wrong += pairs
            .filter(|(answer, label)| answer.label != **label)
            .count();
        task.checkpoint(some.end).await?;
    }
    Ok(Estimate::share(wrong, pictures.len(), seed))
}
