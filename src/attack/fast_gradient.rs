//! The fast gradient sign method (Goodfellow, Shlens and Szegedy, ICLR 2015):
//! `r = ε · sign(∇ₓ J(x, y))`, J the cross-entropy of the picture's own label y.
//!
//! As in DeepFool's comparison, ε is the smallest that changes the answer,
//! found by doubling and bisection. One gradient a picture.

use burn::tensor::{Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::label::{batch, read_predictions};
use super::line::{Goal, Line, bisect, bracket};
use super::{AttackError, Outcome, check_target};
use crate::classifier::{Classifier, ForwardPass};
use crate::task::{Task, read};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// The largest ε, in pixel units.
    pub largest: f64,
    /// How exactly ε is found, as a share of it.
    pub tolerance: f64,
    /// The class that the picture should become; none where any other will do.
    pub target: Option<usize>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            largest: 1.0,
            tolerance: 0.01,
            target: None,
        }
    }
}

/// The first ε that is tried, in pixel units: an eighth of a grey level.
const FIRST: f64 = 1.0 / 2040.0;

/// The smallest step along the sign of the loss's gradient that fools, for each
/// of some pictures, planar `[C, H, W]` in pixel units. A picture that no ε up
/// to the largest fools has a perturbation of zero, and is not fooled.
///
/// The task hears how many pictures are done.
///
/// # Errors
/// As DeepFool's.
pub async fn fast_gradient(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    options: &Options,
    task: &mut Task<'_, usize>,
) -> Result<Vec<Outcome>, AttackError> {
    super::check_positive("the largest epsilon", options.largest)?;
    super::check_positive("the tolerance", options.tolerance)?;
    check_target(classifier, options.target)?;
    let mut outcomes = Vec::with_capacity(pictures.len());
    for x in pictures {
        let x = x.as_ref();
        task.checkpoint(outcomes.len()).await?;
        let pass = classifier.forward(batch(classifier, &[x])?).await;
        let clean = read_predictions(pass.logits()).await?.remove(0);
        let goal = Goal::new(clean.label, options.target);
        let towards = options.target.unwrap_or(clean.label);
        let gradient = loss_gradient(&*pass, &clean.probabilities(), towards).await;
        let mut sign = read(gradient.sign()).await?;
        drop(pass);
        if options.target.is_some() {
            // Down the loss of the target, and not up that of the own class.
            sign.iter_mut().for_each(|value| *value = -*value);
        }
        let (perturbation, adversarial) = {
            let mut lines = [Line::new(x, &sign, goal)];
            if goal.is_met(clean.label) {
                lines[0].high = Some((0.0, clean.clone()));
            } else if sign.iter().any(|value| *value != 0.0) {
                bracket(classifier, &mut lines, FIRST, options.largest, task).await?;
                bisect(classifier, &mut lines, options.tolerance, task).await?;
            }
            let [line] = lines;
            let (epsilon, answer) = line.high.unwrap_or((0.0, clean.clone()));
            let epsilon = epsilon as f32;
            (sign.iter().map(|s| s * epsilon).collect(), answer)
        };
        let measured = Outcome::measure(classifier, x, perturbation, clean, adversarial, 1, 1);
        outcomes.push(measured.await?);
    }
    Ok(outcomes)
}

/// ∇ of the cross-entropy of a class at a pass on one picture, up to a positive
/// factor: `[1, 1, C, H, W]`.
///
/// The factor keeps a classifier that is very sure from giving zero: its
/// softmax is 1 to single precision, and its gradient's sign is still there.
async fn loss_gradient(pass: &dyn ForwardPass, probabilities: &[f64], class: usize) -> Tensor<5> {
    let mut cotangent = probabilities.to_vec();
    let others: f64 = (0..cotangent.len())
        .filter(|&other| other != class)
        .map(|other| probabilities[other])
        .sum();
    // softmax − one-hot, whose entries add up to zero.
    cotangent[class] = -others;
    let scale = if others > 0.0 { 1.0 / others } else { 0.0 };
    let cotangent: Vec<f32> = cotangent.iter().map(|c| (c * scale) as f32).collect();
    let device = pass.logits().device();
    let shape = [1, 1, cotangent.len()];
    pass.pull_back(Tensor::from_data(
        TensorData::new(cotangent, shape),
        &device,
    ))
    .await
}
