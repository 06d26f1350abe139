//! What is seen of the pictures as they come up.

use std::rc::Rc;

use burn::tensor::{Tensor, TensorData};

use super::views::View;
use crate::attack::{AttackError, Prediction, predictions};
use crate::classifier::Classifier;

/// Pictures as they come up, with the classifier's answers to them without v.
pub(super) struct Seen<'a, P> {
    classifier: &'a dyn Classifier,
    pictures: &'a [P],
    /// The answers to the pictures that came up before.
    known: Vec<Option<Rc<Prediction>>>,
}

impl<'a, P: AsRef<[f32]>> Seen<'a, P> {
    pub fn new(classifier: &'a dyn Classifier, pictures: &'a [P]) -> Self {
        Self {
            classifier,
            pictures,
            known: vec![None; pictures.len()],
        }
    }

    /// Some views of pictures as one batch `[N, C, H, W]`, and the answers to
    /// the pictures.
    pub async fn batch(
        &mut self,
        views: &[(usize, View)],
    ) -> Result<(Tensor<4>, Vec<Rc<Prediction>>), AttackError> {
        let shape @ [c, h, w] = self.classifier.input_shape();
        let new: Vec<usize> = views
            .iter()
            .map(|(index, _)| *index)
            .filter(|&index| self.known[index].is_none())
            .collect();
        let unknown: Vec<&[f32]> = new
            .iter()
            .map(|&index| self.pictures[index].as_ref())
            .collect();
        let answers = predictions(self.classifier, &unknown).await?;
        for (index, answer) in new.into_iter().zip(answers) {
            self.known[index] = Some(Rc::new(answer));
        }
        let seen: Vec<Vec<f32>> = views
            .iter()
            .map(|(index, view)| view.of(self.pictures[*index].as_ref(), shape))
            .collect();
        let x = Tensor::from_data(
            TensorData::new(seen.concat(), [views.len(), c, h, w]),
            self.classifier.device(),
        );
        let answers = views
            .iter()
            .filter_map(|(index, _)| self.known[*index].clone());
        Ok((x, answers.collect()))
    }
}
