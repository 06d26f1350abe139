//! How often a classifier is right.

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
    /// Of the classes with the five largest logits, largest first, and those that
    /// would have been right.
    pub fn of(answers: &[(Vec<usize>, usize)]) -> Self {
        let share = |count: usize| {
            let is_right = |(top, truth): &(Vec<usize>, usize)| {
                let right = top.iter().take(count).any(|label| label == truth);
                f64::from(u8::from(right))
            };
            mean(answers.iter().map(is_right))
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
        let truths = [0, 4, 4, 5];
        let answers = truths.map(|truth| (vec![0, 1, 2, 3, 4], truth));
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
