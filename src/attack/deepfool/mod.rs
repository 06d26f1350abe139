//! DeepFool (Moosavi-Dezfooli, Fawzi and Frossard, CVPR 2016, algorithm 2).
//!
//! Around the current point the classifier is taken for affine. The nearest
//! boundary is then that of the class
//! `l = argmin_k |f_k − f_0| / ‖w_k‖_q` with `w_k = ∇f_k − ∇f_0`, and the step
//! onto it, shortest in the p-norm (1/p + 1/q = 1), is
//! `r = |f_l − f_0| / ‖w_l‖_q^q · |w_l|^{q−1} ⊙ sign(w_l)`. Steps add up until
//! the label changes; the sum is stretched by the overshoot, and the next
//! linearisation is at the stretched point, as in the authors' program. Where
//! these steps lead no further, `stall` says how to go on.

mod iterations;
mod rows;
mod stall;
mod state;
mod step;

use serde::{Deserialize, Serialize};

use super::line::Goal;
use super::subspace::{self, Subspace};
use super::{AttackError, Norm, Outcome, check_target};
use crate::classifier::Classifier;
use crate::task::Task;
use iterations::in_norm;

/// The paper's settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// Classes whose boundaries are looked at: those with the largest logits at
    /// the start, the picture's own among them. At least 2.
    pub candidates: usize,
    /// η: the perturbation is stretched by 1 + η, to come to lie beyond the
    /// boundary. At least 0.
    pub overshoot: f64,
    pub max_iterations: usize,
    /// The norm in which the perturbation should be small.
    pub norm: Norm,
    /// The class that the picture should become; none where any other will do.
    /// The steps then go to the boundary between it and the present label.
    pub target: Option<usize>,
    /// Whether the perturbation is shortened along itself in the end, to a
    /// thousandth of its length. Not in the paper.
    pub bisect: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            candidates: 10,
            overshoot: 0.02,
            max_iterations: 50,
            norm: Norm::L2,
            target: None,
            bisect: false,
        }
    }
}

impl Options {
    fn check(&self) -> Result<(), AttackError> {
        if self.candidates < 2 {
            return Err(AttackError::Option {
                name: "the number of candidate classes",
                expected: "at least 2",
                found: self.candidates as f64,
            });
        }
        if !(0.0..=10.0).contains(&self.overshoot) {
            return Err(AttackError::Option {
                name: "the overshoot",
                expected: "between 0 and 10",
                found: self.overshoot,
            });
        }
        Ok(())
    }
}

/// Where DeepFool is, after each iteration.
#[derive(Debug, Clone, PartialEq)]
pub struct Progress {
    pub iteration: usize,
    pub max_iterations: usize,
    /// Of the pictures, how many have another label by now.
    pub fooled: usize,
    pub pictures: usize,
    /// The first picture's label at its present point, and the size of its
    /// perturbation in the chosen norm, in pixel units.
    pub label: usize,
    pub size: f64,
}

/// The smallest perturbation that DeepFool finds for each of some pictures,
/// planar `[C, H, W]` in pixel units. They are attacked as one batch: choose
/// how many for the device's memory.
///
/// # Errors
/// Bad options, a picture of another size or with a value that is no number,
/// a classifier of one class, or a wish to stop. A picture whose gradients
/// vanish is no error: its outcome is not fooled.
///
/// # Examples
/// ```
/// # use foolscope::burn::tensor::Device;
/// # use foolscope::classifier::network::Network;
/// # use foolscope::classifier::{catalogue, weights};
/// # let architecture = catalogue::find("lenet-mnist").unwrap().architecture();
/// # let file = std::path::Path::new("www/models/lenet-mnist.safetensors");
/// # let weights = weights::read(&architecture, file)?.weights;
/// # let network = Network::new(&architecture, &weights, &Device::flex())?;
/// use foolscope::attack::deepfool::{Options, deepfool};
/// use foolscope::task::{Task, block_on};
///
/// let picture = foolscope::photo::open("docs/live.jpg")?.crop(28, 28)?.to_photo(1)?;
/// let pictures = [picture.into_values()];
/// let options = Options::default();
/// let found = block_on(deepfool(&network, &pictures, &options, &mut Task::silent()))?;
/// assert!(found[0].fooled());
/// println!("{} grey levels", 255.0 * found[0].norms.l2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn deepfool(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Outcome>, AttackError> {
    let pictures: Vec<&[f32]> = pictures.iter().map(AsRef::as_ref).collect();
    within(classifier, &pictures, &[Subspace::Whole], options, task).await
}

/// The same within a subspace for all pictures, or one for each.
///
/// Steps that change a pixel at a time, or all by as much, can stall at kinks
/// that those of l2 get past: where they found nothing, these are tried.
pub(super) async fn within(
    classifier: &dyn Classifier,
    pictures: &[&[f32]],
    subspaces: &[Subspace],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Outcome>, AttackError> {
    options.check()?;
    check_target(classifier, options.target)?;
    let mut outcomes = in_norm(classifier, pictures, subspaces, options, task).await?;
    if options.norm == Norm::L2 {
        return Ok(outcomes);
    }
    let options = Options {
        norm: Norm::L2,
        ..options.clone()
    };
    for (index, (outcome, picture)) in outcomes.iter_mut().zip(pictures).enumerate() {
        let goal = Goal::new(outcome.clean.label, options.target);
        if outcome.stalls == 0 || goal.is_met(outcome.adversarial.label) {
            continue;
        }
        let space = [subspace::of(subspaces, index).clone()];
        let found = in_norm(classifier, &[*picture], &space, &options, task).await?;
        for found in found {
            if goal.is_met(found.adversarial.label) {
                *outcome = Outcome {
                    iterations: outcome.iterations + found.iterations,
                    gradient_evaluations: outcome.gradient_evaluations + found.gradient_evaluations,
                    stalls: outcome.stalls + found.stalls,
                    ..found
                };
            }
        }
    }
    Ok(outcomes)
}
