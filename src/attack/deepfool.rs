//! DeepFool (Moosavi-Dezfooli, Fawzi and Frossard, CVPR 2016, algorithm 2).
//!
//! Around the current point the classifier is taken for affine. The nearest
//! boundary is then that of the class
//! `l = argmin_k |f_k − f_0| / ‖w_k‖_q` with `w_k = ∇f_k − ∇f_0`, and the step
//! onto it, shortest in the p-norm (1/p + 1/q = 1), is
//! `r = |f_l − f_0| / ‖w_l‖_q^q · |w_l|^{q−1} ⊙ sign(w_l)`. Steps add up until
//! the label changes; the sum is stretched by the overshoot, and the next
//! linearisation is at the stretched point, as in the authors' program.

use burn::tensor::{Int, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::bisection::shortened;
use super::label::{batch, read_predictions};
use super::line::Goal;
use super::subspace::{self, Subspace};
use super::{AttackError, Norm, Outcome, Prediction, check_target};
use crate::classifier::{Classifier, ForwardPass};
use crate::task::{Task, read, read_together};

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

/// Farther than any boundary, in pixel units. Not infinite: shaders know no such
/// number, and may take it for any other.
const NOWHERE: f32 = 1e30;

/// How exactly it is shortened.
const TOLERANCE: f64 = 1e-3;

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

/// One picture's state.
struct State {
    clean: Prediction,
    goal: Goal,
    /// Its own class first.
    candidates: Vec<usize>,
    /// The answer at the present point.
    present: Prediction,
    iterations: usize,
    /// No candidate has a gradient that differs: there is nowhere to go.
    stuck: bool,
}

impl State {
    fn is_done(&self, max_iterations: usize) -> bool {
        self.stuck || self.is_fooled() || self.iterations >= max_iterations
    }

    fn is_fooled(&self) -> bool {
        self.goal.is_met(self.present.label)
    }

    /// |f_k − f_0| of each candidate at the present point.
    fn gaps(&self) -> impl Iterator<Item = f32> {
        let own = self.present.logits[self.from()];
        let others = self.candidates[1..].iter();
        others.map(move |&other| (self.present.logits[other] - own).abs())
    }

    /// How far each candidate's boundary is, of whose w_k the lengths are
    /// given; nowhere where its logit does not change with the picture.
    fn distances(&self, lengths: &[f32]) -> impl Iterator<Item = f32> {
        self.gaps().zip(lengths).map(|(gap, &length)| {
            if length > 0.0 {
                gap / length
            } else {
                f32::INFINITY
            }
        })
    }

    /// The class to get away from: the picture's own or, on the way to a chosen
    /// one, whichever it is by now.
    fn from(&self) -> usize {
        match self.goal {
            Goal::Not(own) => own,
            Goal::Class(_) => self.present.label,
        }
    }
}

/// The smallest perturbation that DeepFool finds for each of some pictures,
/// planar `[C, H, W]` in pixel units. They are attacked as one batch: choose
/// how many for the device's memory.
///
/// # Errors
/// Bad options, a picture of another size or with a value that is no number,
/// a classifier of one class, or a wish to stop. A picture whose gradients
/// vanish is no error: its outcome is not fooled.
pub async fn deepfool(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Outcome>, AttackError> {
    within(classifier, pictures, &[Subspace::Whole], options, task).await
}

/// The same within a subspace for all pictures, or one for each.
pub(super) async fn within(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    subspaces: &[Subspace],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Outcome>, AttackError> {
    options.check()?;
    check_target(classifier, options.target)?;
    if pictures.is_empty() {
        return Ok(Vec::new());
    }
    let x = batch(classifier, pictures)?;
    // The sum of the steps so far, not stretched.
    let mut r = Tensor::<4>::zeros(x.dims(), classifier.device());
    let mut pass = Some(classifier.forward(x.clone()).await);
    let mut states: Vec<State> = Vec::with_capacity(pictures.len());
    for clean in read_predictions(pass.as_ref().expect("just made").logits()).await? {
        states.push(State {
            goal: Goal::new(clean.label, options.target),
            candidates: match options.target {
                Some(target) => vec![clean.label, target],
                None => clean.top(options.candidates),
            },
            present: clean.clone(),
            clean,
            iterations: 0,
            stuck: false,
        });
    }

    let stretch = (1.0 + options.overshoot) as f32;
    // All but those that already have the label that they should become.
    let mut active: Vec<usize> = (0..pictures.len())
        .filter(|&index| !states[index].is_fooled())
        .collect();
    if active.len() < pictures.len() {
        pass = None;
    }
    let mut iteration = 0;
    while !active.is_empty() && iteration < options.max_iterations {
        // One forward pass gives both the answer at a point and, if the label
        // has not changed there, the gradients. Where some pictures are done it
        // is cheaper to pass forward again than to walk back for them too.
        let current = match pass.take() {
            Some(pass) => pass,
            None => {
                let point = rows(&x, &active) + rows(&r, &active) * stretch;
                classifier.forward(point).await
            }
        };
        let (step, lengths) = steps(&*current, &states, &active, subspaces, options.norm).await?;
        drop(current);
        r = add_rows(r, &active, step);
        iteration += 1;

        let point = rows(&x, &active) + rows(&r, &active) * stretch;
        let next = classifier.forward(point).await;
        // A device is asked once an iteration: what it waits for is all read
        // together.
        let size = size_of_first(&r, options.norm) * stretch;
        let [logits, lengths, size] =
            read_together([next.logits().flatten(0, 1), lengths.flatten(0, 1), size]).await?;
        let present = logits
            .chunks_exact(classifier.class_count())
            .map(|row| Prediction::new(row.to_vec()));
        let lengths = lengths.chunks_exact(lengths.len() / active.len());
        for ((&index, present), lengths) in active.iter().zip(present).zip(lengths) {
            let state = &mut states[index];
            let is_stuck = !state.distances(lengths).any(|distance| distance < NOWHERE);
            state.stuck = is_stuck;
            let present = present?;
            if !state.stuck {
                state.iterations = iteration;
                state.present = present;
            }
        }
        let remaining: Vec<usize> = active
            .iter()
            .copied()
            .filter(|&index| !states[index].is_done(options.max_iterations))
            .collect();
        if remaining.len() == active.len() {
            pass = Some(next);
        }
        active = remaining;

        let progress = Progress {
            iteration,
            max_iterations: options.max_iterations,
            fooled: states.iter().filter(|state| state.is_fooled()).count(),
            pictures: pictures.len(),
            label: states[0].present.label,
            size: size[0].into(),
        };
        task.checkpoint(progress).await?;
    }
    drop(pass);

    let size = r.dims()[1..].iter().product::<usize>();
    let perturbations = read(r * stretch).await?;
    let mut outcomes = Vec::with_capacity(pictures.len());
    for ((state, picture), perturbation) in states
        .into_iter()
        .zip(pictures)
        .zip(perturbations.chunks_exact(size))
    {
        let gradients = state.iterations * (state.candidates.len() - 1);
        let picture = picture.as_ref();
        let is_fooled = state.is_fooled() && state.iterations > 0;
        let (perturbation, answer) = (perturbation.to_vec(), state.present);
        let (perturbation, answer) = if options.bisect && is_fooled {
            let goal = state.goal;
            shortened(
                classifier,
                picture,
                perturbation,
                answer,
                goal,
                TOLERANCE,
                task,
            )
            .await?
        } else {
            (perturbation, answer)
        };
        outcomes.push(
            Outcome::measure(
                classifier,
                picture,
                perturbation,
                state.clean,
                answer,
                state.iterations,
                gradients,
            )
            .await?,
        );
    }
    Ok(outcomes)
}

/// The step of each active picture onto the nearest boundary of its affine
/// approximation, `[A, C, H, W]`, and the ‖w_k‖_q of its candidates, `[A, K]`:
/// all of it stays on the device. A picture that has no boundary to go to
/// takes no step.
async fn steps(
    pass: &dyn ForwardPass,
    states: &[State],
    active: &[usize],
    subspaces: &[Subspace],
    norm: Norm,
) -> Result<(Tensor<4>, Tensor<2>), AttackError> {
    let logits = pass.logits();
    let device = logits.device();
    let [a, classes] = logits.dims();
    let k = states[active[0]].candidates.len() - 1;

    // e_k − e_0: one walk back gives w_k itself.
    let mut cotangents = vec![0f32; a * k * classes];
    for (row, &index) in active.iter().enumerate() {
        let own = states[index].from();
        for (column, other) in states[index].candidates[1..].iter().enumerate() {
            let start = (row * k + column) * classes;
            cotangents[start + other] = 1.0;
            cotangents[start + own] = -1.0;
        }
    }
    let cotangents = TensorData::new(cotangents, [a, k, classes]);
    let w = pass.pull_back(Tensor::from_data(cotangents, &device)).await;
    let [_, _, c, h, width] = w.dims();
    let w = w.reshape([a, k, c * h * width]);
    let w = subspace::project_rows(w, subspaces, active).await?;

    // ‖w_k‖_q, with q dual to p.
    let lengths = match norm {
        Norm::L2 => (w.clone() * w.clone()).sum_dim(2).sqrt(),
        Norm::Linf => w.clone().abs().sum_dim(2),
        Norm::L1 => w.clone().abs().max_dim(2),
    };
    let lengths: Tensor<2> = lengths.reshape([a, k]);

    // How far to go along w_l; 0 for every other class.
    let gaps: Vec<f32> = active
        .iter()
        .flat_map(|&index| states[index].gaps())
        .collect();
    let gaps = Tensor::<2>::from_data(TensorData::new(gaps, [a, k]), &device);
    let is_flat = lengths.clone().greater_scalar(0.0).bool_not();
    let distances = (gaps / lengths.clone()).mask_fill(is_flat, NOWHERE);
    let is_nowhere = distances.clone().lower_scalar(NOWHERE).bool_not();
    let distances = distances.mask_fill(is_nowhere.clone(), NOWHERE);
    let columns = Tensor::<1, Int>::arange(0..k as i64, &device).reshape([1, k]);
    let is_nearest = distances.clone().argmin(1).equal(columns);
    let amounts = match norm {
        // distance · w / ‖w‖₂
        Norm::L2 => distances / lengths.clone(),
        // distance · sign(w), and distance at the largest entry.
        Norm::Linf | Norm::L1 => distances,
    };
    let amounts = amounts
        .mask_fill(is_nearest.bool_not().bool_or(is_nowhere), 0.0)
        .reshape([a, 1, k]);
    let directions = match norm {
        Norm::L2 => w,
        Norm::Linf => w.sign(),
        Norm::L1 => {
            let size = w.clone().abs();
            let largest = size.clone().max_dim(2);
            let at_largest = size.greater_equal(largest).float();
            // Of equal entries each takes its share.
            let share = at_largest.clone() / at_largest.sum_dim(2);
            share * w.sign()
        }
    };
    let step = amounts.matmul(directions).reshape([a, c, h, width]);
    Ok((step, lengths))
}

/// ‖r‖ of the first picture's perturbation, `[1]`.
fn size_of_first(r: &Tensor<4>, norm: Norm) -> Tensor<1> {
    let r = rows(r, &[0]);
    match norm {
        Norm::L2 => (r.clone() * r).sum().sqrt(),
        Norm::Linf => r.abs().max(),
        Norm::L1 => r.abs().sum(),
    }
}

/// Some pictures of a batch.
fn rows(batch: &Tensor<4>, indices: &[usize]) -> Tensor<4> {
    if indices.len() == batch.dims()[0] {
        return batch.clone();
    }
    Tensor::cat(
        indices
            .iter()
            .map(|&index| batch.clone().narrow(0, index, 1))
            .collect(),
        0,
    )
}

/// Adds to some pictures of a batch.
fn add_rows(batch: Tensor<4>, indices: &[usize], summand: Tensor<4>) -> Tensor<4> {
    let [n, c, h, w] = batch.dims();
    if indices.len() == n {
        return batch + summand;
    }
    indices
        .iter()
        .enumerate()
        .fold(batch, |batch, (row, &index)| {
            let picture = batch.clone().narrow(0, index, 1) + summand.clone().narrow(0, row, 1);
            batch.slice_assign([index..index + 1, 0..c, 0..h, 0..w], picture)
        })
}
