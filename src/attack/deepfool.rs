//! DeepFool (Moosavi-Dezfooli, Fawzi and Frossard, CVPR 2016, algorithm 2).
//!
//! Around the current point the classifier is taken for affine. The nearest
//! boundary is then that of the class
//! `l = argmin_k |f_k − f_0| / ‖w_k‖_q` with `w_k = ∇f_k − ∇f_0`, and the step
//! onto it, shortest in the p-norm (1/p + 1/q = 1), is
//! `r = |f_l − f_0| / ‖w_l‖_q^q · |w_l|^{q−1} ⊙ sign(w_l)`. Steps add up until
//! the label changes; the sum is stretched by the overshoot, and the next
//! linearisation is at the stretched point, as in the authors' program. Where
//! these steps lead no further, `attack::stall` says how to go on.

use burn::tensor::{Int, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::bisection::shortened;
use super::label::{batch, read_predictions};
use super::line::Goal;
use super::stall::{Next, Step, Way, random};
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

/// Gradients whose largest entry is not between these are scaled.
const SMALL: f32 = 1e-12;
const LARGE: f32 = 1e12;

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
    way: Way,
    /// Of each candidate but its own class: whether its logit differed as much
    /// everywhere near, at the last linearisation.
    is_flat: Vec<bool>,
    /// The multiple of the sum of its steps that fools, where it was looked for.
    found: Option<f32>,
    /// There is nowhere to go.
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
        self.pairs().map(|(other, own)| (other - own).abs())
    }

    /// The gaps that the next step is to close: at least what tells two logits
    /// apart.
    fn gaps_to_close(&self) -> impl Iterator<Item = f32> {
        let least = |(other, own): (f32, f32)| self.way.resolution(other.abs().max(own.abs()));
        self.gaps()
            .zip(self.pairs().map(least))
            .map(|(gap, least)| gap.max(least))
    }

    /// f_k of each candidate, and f_0.
    fn pairs(&self) -> impl Iterator<Item = (f32, f32)> {
        let own = self.present.logits[self.from()];
        let others = self.candidates[1..].iter();
        others.map(move |&other| (self.present.logits[other], own))
    }

    /// Of the candidates whose logits change with the picture.
    fn smallest_gap(&self) -> f32 {
        let gaps = self.gaps().zip(&self.is_flat);
        let gaps = gaps.filter(|(_, is_flat)| !**is_flat);
        gaps.fold(f32::INFINITY, |smallest, (gap, _)| smallest.min(gap))
    }

    /// Takes note of an iteration: how far the candidates' boundaries were, and
    /// the answer at the point that it led to.
    fn note(&mut self, distances: &[f32], was_longer: bool, present: Prediction) -> Next {
        let nearest = argmin(distances);
        let was_flat = distances[nearest] >= NOWHERE;
        let was_tied = self.gaps().nth(nearest) < self.gaps_to_close().nth(nearest);
        self.is_flat = distances.iter().map(|at| *at >= NOWHERE).collect();
        self.present = present;
        let step = Step {
            was_flat,
            was_longer: !was_flat && (was_longer || was_tied),
            answer: &self.present,
            gap: self.smallest_gap(),
            is_met: self.is_fooled(),
        };
        self.way.after(&step)
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

/// What one picture's steps led to.
struct Ended {
    perturbation: Vec<f32>,
    answer: Prediction,
    stalls: usize,
}

impl State {
    /// From the sum of the steps, not stretched. Where they stalled, the
    /// boundary is looked for along the sum.
    async fn end<P>(
        &self,
        classifier: &dyn Classifier,
        x: &[f32],
        sum: &[f32],
        task: &Task<'_, P>,
    ) -> Result<Ended, AttackError> {
        let mut stalls = self.way.stalls;
        let mut stretch = self.found.unwrap_or(self.way.stretch());
        let mut answer = self.present.clone();
        let is_open = if self.is_fooled() {
            self.found.is_none() && self.way.has_turned()
        } else {
            self.way.ends_in_a_stall()
        };
        if is_open {
            let end = self.is_fooled().then(|| answer.clone());
            let found = self.way.along(classifier, x, sum, self.goal, end, task);
            if let Some((multiple, there)) = found.await? {
                stalls = stalls.max(1);
                (stretch, answer) = (multiple, there);
            }
        }
        let stretch = if self.iterations == 0 { 0.0 } else { stretch };
        Ok(Ended {
            perturbation: sum.iter().map(|r| r * stretch).collect(),
            answer,
            stalls,
        })
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
    within(classifier, pictures, &[Subspace::Whole], options, task).await
}

/// The same within a subspace for all pictures, or one for each.
///
/// Steps that change a pixel at a time, or all by as much, can stall at kinks
/// that those of l2 get past: where they found nothing, these are tried.
pub(super) async fn within(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
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
        let found = in_norm(classifier, &[picture], &space, &options, task).await?;
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

/// By steps that are shortest in the norm that the options say.
async fn in_norm(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    subspaces: &[Subspace],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Outcome>, AttackError> {
    if pictures.is_empty() {
        return Ok(Vec::new());
    }
    let x = batch(classifier, pictures)?;
    // The sum of the steps so far, not stretched.
    let mut r = Tensor::<4>::zeros(x.dims(), classifier.device());
    let mut pass = Some(classifier.forward(x.clone()).await);
    let mut states: Vec<State> = Vec::with_capacity(pictures.len());
    for clean in read_predictions(pass.as_ref().expect("just made").logits()).await? {
        let x = pictures[states.len()].as_ref();
        let mut state = State {
            goal: Goal::new(clean.label, options.target),
            candidates: match options.target {
                Some(target) => vec![clean.label, target],
                None => clean.top(options.candidates),
            },
            present: clean.clone(),
            clean,
            iterations: 0,
            way: Way::new(x, options.overshoot),
            is_flat: Vec::new(),
            found: None,
            stuck: false,
        };
        state.is_flat = vec![false; state.candidates.len() - 1];
        let gap = state.smallest_gap();
        state.way.begin(&state.clean, gap);
        states.push(state);
    }

    // All but those that already have the label that they should become.
    let mut active: Vec<usize> = (0..pictures.len())
        .filter(|&index| !states[index].is_fooled())
        .collect();
    if active.len() < pictures.len() {
        pass = None;
    }
    let mut means = vec![None; pictures.len()];
    let mut iteration = 0;
    while !active.is_empty() && iteration < options.max_iterations {
        // One forward pass gives both the answer at a point and, if the label
        // has not changed there, the gradients. Where some pictures are done it
        // is cheaper to pass forward again than to walk back for them too.
        let current = match pass.take() {
            Some(pass) => pass,
            None => {
                let point = points(&x, &r, &states, &active);
                classifier.forward(point).await
            }
        };
        let (norm, means) = (options.norm, &mut means);
        let steps = steps(&*current, &states, &active, means, subspaces, norm).await?;
        drop(current);
        r = add_rows(r, &active, steps.sum);
        iteration += 1;

        let next = classifier.forward(points(&x, &r, &states, &active)).await;
        // A device is asked once an iteration: what it waits for is all read
        // together.
        let size = size_of_first(&r, options.norm) * states[0].way.stretch();
        let distances = steps.distances.flatten(0, 1);
        let [logits, distances, longer, size] = read_together([
            next.logits().flatten(0, 1),
            distances,
            steps.was_longer,
            size,
        ])
        .await?;
        let present = logits
            .chunks_exact(classifier.class_count())
            .map(|row| Prediction::new(row.to_vec()));
        let distances = distances.chunks_exact(distances.len() / active.len());
        let (mut stalled, mut lost) = (Vec::new(), Vec::new());
        for (((&index, present), distances), longer) in
            active.iter().zip(present).zip(distances).zip(longer)
        {
            let state = &mut states[index];
            state.iterations = iteration;
            match state.note(distances, longer > 0.0, present?) {
                Next::GoOn => {}
                Next::Along => stalled.push(index),
                Next::Random => lost.push(index),
                Next::GiveUp => state.stuck = true,
            }
        }
        for index in stalled {
            let sum = read(rows(&r, &[index])).await?;
            let state = &mut states[index];
            let x = pictures[index].as_ref();
            let found = state.way.along(classifier, x, &sum, state.goal, None, task);
            if let Some((multiple, answer)) = found.await? {
                state.found = Some(multiple);
                state.present = answer;
            }
        }
        for &index in &lost {
            let mut direction = random(&states[index].way, pictures[index].as_ref());
            subspace::of(subspaces, index).project(&mut direction);
            r = put_row(r, index, direction);
            let point = points(&x, &r, &states, &[index]);
            let answer = read_predictions(classifier.logits(point).await).await?;
            states[index].present = answer.into_iter().next().expect("one for the picture");
        }
        let remaining: Vec<usize> = active
            .iter()
            .copied()
            .filter(|&index| !states[index].is_done(options.max_iterations))
            .collect();
        if remaining.len() == active.len() && lost.is_empty() {
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
    let sums = read(r).await?;
    let mut outcomes = Vec::with_capacity(pictures.len());
    for ((mut state, picture), sum) in states
        .into_iter()
        .zip(pictures)
        .zip(sums.chunks_exact(size))
    {
        let picture = picture.as_ref();
        if !state.is_fooled() && !state.way.has_moved() {
            // Random directions that led nowhere are not its perturbation.
            state.iterations = 0;
            state.present = state.clean.clone();
        }
        let Ended {
            perturbation,
            answer,
            stalls,
        } = state.end(classifier, picture, sum, task).await?;
        let gradients = state.iterations * (state.candidates.len() - 1);
        let is_fooled = state.goal.is_met(answer.label) && state.iterations > 0;
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
        let outcome = Outcome::measure(
            classifier,
            picture,
            perturbation,
            state.clean,
            answer,
            state.iterations,
            gradients,
        );
        outcomes.push(Outcome {
            stalls,
            ..outcome.await?
        });
    }
    Ok(outcomes)
}

/// What an iteration does to the active pictures; all of it stays on the device.
struct Steps {
    /// Onto the nearest boundary of each one's affine approximation,
    /// `[A, C, H, W]`. A picture that has no boundary to go to takes no step.
    sum: Tensor<4>,
    /// How far each candidate's boundary is, `[A, K]`; [`NOWHERE`] where its
    /// logit does not change with the picture.
    distances: Tensor<2>,
    /// 1 where the step is longer than the published one, else 0, `[A]`.
    was_longer: Tensor<1>,
}

async fn steps(
    pass: &dyn ForwardPass,
    states: &[State],
    active: &[usize],
    means: &mut [Option<Tensor<3>>],
    subspaces: &[Subspace],
    norm: Norm,
) -> Result<Steps, AttackError> {
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
    let w = averaged(w, states, active, means);

    // Squares of what is very small or large do not fit into single precision.
    let largest = w.clone().abs().max_dim(2);
    let is_usual = largest.clone().greater_scalar(SMALL);
    let is_usual = is_usual.bool_and(largest.clone().lower_scalar(LARGE));
    let scale = largest.clamp_min(f32::MIN_POSITIVE).recip();
    let scale = scale.mask_fill(is_usual, 1.0);
    let w = w * scale.clone();

    // ‖w_k‖_q, with q dual to p.
    let lengths = match norm {
        Norm::L2 => (w.clone() * w.clone()).sum_dim(2).sqrt(),
        Norm::Linf => w.clone().abs().sum_dim(2),
        Norm::L1 => w.clone().abs().max_dim(2),
    };
    let lengths: Tensor<2> = lengths.reshape([a, k]);

    let mut numbers = Vec::with_capacity(active.len() * (k + 2));
    for &index in active {
        numbers.extend(states[index].gaps_to_close());
        numbers.push(states[index].way.least_change());
        numbers.push(states[index].way.share());
    }
    let numbers = Tensor::<2>::from_data(TensorData::new(numbers, [a, k + 2]), &device);
    let gaps = numbers.clone().narrow(1, 0, k) * scale.reshape([a, k]);
    let least_change = numbers.clone().narrow(1, k, 1);
    let share = numbers.narrow(1, k + 1, 1);
    let is_flat = lengths.clone().greater_scalar(0.0).bool_not();
    let distances = (gaps / lengths.clone()).mask_fill(is_flat, NOWHERE);
    let is_nowhere = distances.clone().lower_scalar(NOWHERE).bool_not();
    let distances = distances.mask_fill(is_nowhere.clone(), NOWHERE);
    let columns = Tensor::<1, Int>::arange(0..k as i64, &device).reshape([1, k]);
    let is_nearest = distances.clone().argmin(1).equal(columns);
    // How far to go along w_l; 0 for every other class.
    let amounts = match norm {
        // distance · w / ‖w‖₂
        Norm::L2 => distances.clone() / lengths,
        // distance · sign(w), and distance at the largest entry.
        Norm::Linf | Norm::L1 => distances.clone(),
    };
    let is_other = is_nearest.bool_not().bool_or(is_nowhere);
    let amount = amounts.mask_fill(is_other.clone(), 0.0).sum_dim(1) * share;
    let chosen = is_other.bool_not().float().reshape([a, 1, k]);
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
    let direction = chosen.matmul(directions);
    // What changes no value of the picture is no step.
    let largest = direction.clone().abs().max_dim(2).reshape([a, 1]);
    let is_none = largest.clone().greater_scalar(0.0).bool_not();
    let least = (least_change / largest).mask_fill(is_none, 0.0);
    let was_longer = least.clone().greater(amount.clone()).float();
    let step = direction * amount.max_pair(least).reshape([a, 1, 1]);
    Ok(Steps {
        sum: step.reshape([a, c, h, width]),
        distances,
        was_longer: was_longer.flatten(0, 1),
    })
}

/// The w_k `[A, K, d]`, or their mean so far where a picture goes by that.
fn averaged(
    w: Tensor<3>,
    states: &[State],
    active: &[usize],
    means: &mut [Option<Tensor<3>>],
) -> Tensor<3> {
    let share = |index: usize| states[index].way.share();
    if active.iter().all(|&index| share(index) == 1.0) {
        return w;
    }
    let own = active.iter().enumerate().map(|(row, &index)| {
        let own = w.clone().narrow(0, row, 1);
        if share(index) == 1.0 {
            return own;
        }
        let mean = match means[index].take() {
            Some(mean) => mean * (1.0 - share(index)) + own * share(index),
            None => own,
        };
        means[index] = Some(mean.clone());
        mean
    });
    Tensor::cat(own.collect(), 0)
}

/// Where the active pictures are: x + (1 + η) r.
fn points(x: &Tensor<4>, r: &Tensor<4>, states: &[State], active: &[usize]) -> Tensor<4> {
    let stretches: Vec<f32> = active
        .iter()
        .map(|&index| states[index].way.stretch())
        .collect();
    let r = rows(r, active);
    let r = if stretches.iter().all(|stretch| *stretch == stretches[0]) {
        r * stretches[0]
    } else {
        let shape = [active.len(), 1, 1, 1];
        let device = r.device();
        r * Tensor::from_data(TensorData::new(stretches, shape), &device)
    };
    rows(x, active) + r
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

/// Puts a perturbation in the place of one picture's.
fn put_row(batch: Tensor<4>, index: usize, values: Vec<f32>) -> Tensor<4> {
    let [_, c, h, w] = batch.dims();
    let row = Tensor::from_data(TensorData::new(values, [1, c, h, w]), &batch.device());
    batch.slice_assign([index..index + 1, 0..c, 0..h, 0..w], row)
}

/// The index of the smallest value; of equal ones the first.
fn argmin(values: &[f32]) -> usize {
    let smaller = |&a: &usize, &b: &usize| values[a].total_cmp(&values[b]);
    (0..values.len()).min_by(smaller).unwrap_or(0)
}
