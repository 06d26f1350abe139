//! By how much an answer misses its goal, and which way leads there.

use burn::tensor::{Tensor, TensorData};

use super::label::{batch, read_predictions};
use super::line::Goal;
use super::vectors::sum;
use super::{AttackError, Prediction};
use crate::classifier::{Classifier, ForwardPass};
use crate::task::read;

/// The class on the far side of the boundary that is nearest in logits, and the
/// one on this side.
pub(super) fn sides(goal: Goal, answer: &Prediction) -> (usize, usize) {
    let best_but = |class: usize| {
        let best = answer.top(2);
        if best[0] == class { best[1] } else { best[0] }
    };
    match goal {
        Goal::Not(own) => (best_but(own), own),
        Goal::Class(target) => (target, best_but(target)),
    }
}

/// By how much the goal is missed, in logits; negative beyond the boundary.
pub(super) fn missed_by(goal: Goal, answer: &Prediction) -> f64 {
    let (outside, inside) = sides(goal, answer);
    f64::from(answer.logits[inside]) - f64::from(answer.logits[outside])
}

/// The answer at a point, and `∇(f_outside − f_inside)` there.
pub(super) struct Slope {
    pub answer: Prediction,
    /// Zeros where a gradient is no number: it leads nowhere.
    pub gradient: Vec<f32>,
}

/// The normals of the boundaries at some points, one gradient each.
pub(super) async fn slopes(
    classifier: &dyn Classifier,
    points: &[impl AsRef<[f32]>],
    goals: &[Goal],
) -> Result<Vec<Slope>, AttackError> {
    pulled_back(classifier, points, goals, beyond).await
}

/// The same at one point for some goals, by one forward pass.
pub(super) async fn fan(
    classifier: &dyn Classifier,
    point: &[f32],
    goals: &[Goal],
) -> Result<Vec<Slope>, AttackError> {
    let pass = classifier.forward(batch(classifier, &[point])?).await;
    let answer = read_predictions(pass.logits()).await?.remove(0);
    let cotangents = goals.iter().flat_map(|goal| beyond(*goal, &answer));
    let shape = [1, goals.len(), classifier.class_count()];
    let gradients = walked_back(classifier, &*pass, cotangents.collect(), shape).await?;
    let each = gradients.into_iter();
    Ok(each
        .map(|gradient| Slope {
            answer: answer.clone(),
            gradient,
        })
        .collect())
}

/// The weights of `f_outside − f_inside`, by which the goal is missed.
pub(super) fn beyond(goal: Goal, answer: &Prediction) -> Vec<f32> {
    let (outside, inside) = sides(goal, answer);
    between(inside, outside, answer)
}

/// `∇(f_other − f_own)` at x + r: the normal of the boundary between the two.
/// Zeros where it is no number.
pub(super) async fn normal(
    classifier: &dyn Classifier,
    x: &[f32],
    r: &[f32],
    own: usize,
    other: usize,
) -> Result<Vec<f32>, AttackError> {
    let point = sum(x, r);
    let weights = |_, answer: &Prediction| between(own, other, answer);
    let found = pulled_back(classifier, &[point], &[Goal::Not(own)], weights).await?;
    Ok(found.into_iter().flat_map(|it| it.gradient).collect())
}

/// The weights of `f_other − f_own`.
fn between(own: usize, other: usize, answer: &Prediction) -> Vec<f32> {
    let mut weights = vec![0f32; answer.logits.len()];
    weights[other] = 1.0;
    weights[own] = -1.0;
    weights
}

/// The gradients at some points of the logits' sums with weights of one's own.
pub(super) async fn pulled_back(
    classifier: &dyn Classifier,
    points: &[impl AsRef<[f32]>],
    goals: &[Goal],
    weights: impl Fn(Goal, &Prediction) -> Vec<f32>,
) -> Result<Vec<Slope>, AttackError> {
    let pass = classifier.forward(batch(classifier, points)?).await;
    let answers = read_predictions(pass.logits()).await?;
    let cotangents = goals.iter().zip(&answers);
    let cotangents = cotangents.flat_map(|(goal, answer)| weights(*goal, answer));
    let shape = [answers.len(), 1, classifier.class_count()];
    let gradients = walked_back(classifier, &*pass, cotangents.collect(), shape).await?;
    let each = answers.into_iter().zip(gradients);
    Ok(each
        .map(|(answer, gradient)| Slope { answer, gradient })
        .collect())
}

/// What cotangents `[N, K, classes]` become at the pixels, one picture after the
/// other; zeros where that is no number.
async fn walked_back(
    classifier: &dyn Classifier,
    pass: &dyn ForwardPass,
    cotangents: Vec<f32>,
    shape: [usize; 3],
) -> Result<Vec<Vec<f32>>, AttackError> {
    let [pictures, each, _] = shape;
    let cotangents = Tensor::from_data(TensorData::new(cotangents, shape), classifier.device());
    let gradients = read(pass.pull_back(cotangents).await).await?;
    let size = gradients.len() / (pictures * each).max(1);
    let apart = gradients.chunks_exact(size.max(1));
    Ok(apart
        .map(
            |gradient| match gradient.iter().all(|value| value.is_finite()) {
                true => gradient.to_vec(),
                false => vec![0.0; gradient.len()],
            },
        )
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sides_are_the_nearest_in_logits() {
        let answer = Prediction::new(vec![3.0, 1.0, 2.0]).unwrap();
        assert_eq!(sides(Goal::Not(0), &answer), (2, 0));
        assert_eq!(sides(Goal::Not(1), &answer), (0, 1));
        assert_eq!(sides(Goal::Class(1), &answer), (1, 0));
        assert_eq!(sides(Goal::Class(0), &answer), (0, 2));
        assert_eq!(missed_by(Goal::Not(0), &answer), 1.0);
        assert_eq!(missed_by(Goal::Class(1), &answer), 2.0);
        assert_eq!(missed_by(Goal::Class(0), &answer), -1.0);
    }
}
