//! What a classifier answers.

use burn::tensor::{Tensor, TensorData};

use super::AttackError;
use crate::classifier::Classifier;
use crate::task::read;

/// How many pictures go through a classifier at a time where nothing else is
/// said: enough to keep a device busy, little enough for a phone's memory, or for
/// that of a machine with many cores.
pub(crate) const BATCH: usize = if cfg!(target_family = "wasm") { 8 } else { 32 };

/// The index of the largest value; of equal ones the first.
pub fn argmax(values: &[f32]) -> usize {
    values
        .iter()
        .enumerate()
        .fold((0, f32::NEG_INFINITY), |best, (index, &value)| {
            if value > best.1 { (index, value) } else { best }
        })
        .0
}

/// A classifier's answer to one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    pub label: usize,
    pub logits: Vec<f32>,
}

impl Prediction {
    pub fn new(logits: Vec<f32>) -> Result<Self, AttackError> {
        if logits.iter().any(|logit| !logit.is_finite()) {
            return Err(AttackError::LogitsNotFinite);
        }
        Ok(Self {
            label: argmax(&logits),
            logits,
        })
    }

    /// Softmax of the logits.
    pub fn probabilities(&self) -> Vec<f64> {
        let largest = f64::from(self.logits[self.label]);
        let exponentials: Vec<f64> = self
            .logits
            .iter()
            .map(|&logit| (f64::from(logit) - largest).exp())
            .collect();
        let total: f64 = exponentials.iter().sum();
        exponentials.into_iter().map(|e| e / total).collect()
    }

    /// The `count` classes with the largest logits, largest first; of equal
    /// ones the smaller index first.
    pub fn top(&self, count: usize) -> Vec<usize> {
        let mut classes: Vec<usize> = (0..self.logits.len()).collect();
        // −0 is not less than 0, as for the label.
        let logit = |class: usize| self.logits[class] + 0.0;
        let by_logit = |a: &usize, b: &usize| logit(*b).total_cmp(&logit(*a)).then(a.cmp(b));
        let count = count.min(classes.len());
        if count < classes.len() {
            classes.select_nth_unstable_by(count, by_logit);
        }
        classes.truncate(count);
        classes.sort_unstable_by(by_logit);
        classes
    }
}

/// Planar pictures `[C, H, W]` as one batch `[N, C, H, W]` on the classifier's
/// device.
pub(crate) fn batch(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
) -> Result<Tensor<4>, AttackError> {
    let shape = classifier.input_shape();
    let [c, h, w] = shape;
    let expected = c * h * w;
    let mut values = Vec::with_capacity(pictures.len() * expected);
    for picture in pictures {
        let picture = picture.as_ref();
        if picture.len() != expected {
            return Err(AttackError::PictureSize {
                expected,
                found: picture.len(),
                shape,
            });
        }
        if picture.iter().any(|value| !value.is_finite()) {
            return Err(AttackError::PictureNotFinite);
        }
        values.extend_from_slice(picture);
    }
    Ok(Tensor::from_data(
        TensorData::new(values, [pictures.len(), c, h, w]),
        classifier.device(),
    ))
}

/// Logits `[N, classes]`, read and checked.
pub(crate) async fn read_predictions(logits: Tensor<2>) -> Result<Vec<Prediction>, AttackError> {
    let [_, classes] = logits.dims();
    read(logits)
        .await?
        .chunks_exact(classes)
        .map(|row| Prediction::new(row.to_vec()))
        .collect()
}

/// The classifier's answers to planar pictures `[C, H, W]`, any number.
pub async fn predictions(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
) -> Result<Vec<Prediction>, AttackError> {
    let mut answers = Vec::with_capacity(pictures.len());
    for chunk in pictures.chunks(BATCH) {
        let logits = classifier.logits(batch(classifier, chunk)?).await;
        answers.extend(read_predictions(logits).await?);
    }
    Ok(answers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn top_orders_by_logit_then_index() {
        let answer = Prediction::new(vec![1.0, 3.0, 3.0, -1.0]).unwrap();
        assert_eq!(answer.label, 1);
        assert_eq!(answer.top(3), [1, 2, 0]);
        assert_eq!(answer.top(9), [1, 2, 0, 3]);
        let total: f64 = answer.probabilities().iter().sum();
        assert!((total - 1.0).abs() < 1e-12);
        let zeros = Prediction::new(vec![-0.0, 0.0]).unwrap();
        assert_eq!((zeros.label, zeros.top(2)), (0, vec![0, 1]));
    }

    #[test]
    fn a_logit_that_is_no_number_is_an_error() {
        assert_eq!(
            Prediction::new(vec![0.0, f32::NAN]),
            Err(AttackError::LogitsNotFinite)
        );
    }
}
