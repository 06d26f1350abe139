//! How often a classifier is right.

use crate::attack::Prediction;
use crate::statistics::mean;
use serde::Serialize;

/// Shares of some pictures whose true class is known; none of none.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Accuracy {
    pub pictures: usize,
    /// Where the answer is the true class.
    pub top1: Option<f64>,
    /// Where the true class is among the five with the largest logits.
    pub top5: Option<f64>,
}

impl Accuracy {
    /// Of answers and the classes that would have been right.
    pub fn of(answers: &[(&Prediction, usize)]) -> Self {
        let share = |count: usize| {
            mean(
                answers
                    .iter()
                    .map(|(answer, truth)| f64::from(u8::from(answer.top(count).contains(truth)))),
            )
        };
        Self {
            pictures: answers.len(),
            top1: share(1),
            top5: share(5),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_guesses_are_right_more_often_than_one() {
        let answer = Prediction::new(vec![6.0, 5.0, 4.0, 3.0, 2.0, 1.0]).unwrap();
        let truths = [0, 4, 4, 5];
        let answers: Vec<_> = truths.map(|truth| (&answer, truth)).into();
        assert_eq!(
            Accuracy::of(&answers),
            Accuracy {
                pictures: 4,
                top1: Some(0.25),
                top5: Some(0.75)
            }
        );
        assert_eq!(Accuracy::of(&[]).top1, None);
    }
}
