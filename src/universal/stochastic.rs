//! Universal perturbations by stochastic gradients of a bounded loss (Shafahi
//! et al., AAAI 2020), with Adam as the optimiser.
//!
//! v descends the mean over a batch of a [`Loss`] such as
//! `max(f_y(x + v) − max_{j≠y} f_j(x + v), −κ)` with y = k(x): the margin by
//! which the clean label still wins. The bound κ keeps pictures that are already
//! fooled from drowning the others. After each step v is projected onto the
//! ball. A picture may come up mirrored or in part ([`Options::crop`]); y is
//! still the answer to the whole picture, which is mostly that to the part as
//! well, and is known.

use std::rc::Rc;

use burn::tensor::{Tensor, TensorData};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::looks::{Look, Looks};
use super::loss::{Rivals, above};
use super::optimiser::Optimiser;
use super::views::{Chance, View};
use super::{
    Ball, Loss, Pictures, Progress, Rule, Trial, Universal, UniversalError, check_pictures,
    check_target, first, unless_stopped,
};
use crate::attack::{AttackError, Prediction, predictions};
use crate::classifier::{Classifier, ForwardPass};
use crate::task::{Task, read};

/// The settings that the shipped perturbation was made with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    pub ball: Ball,
    pub max_passes: usize,
    pub batch: usize,
    pub loss: Loss,
    pub rule: Rule,
    /// A step, as a share of the largest value that v can have in a pixel (for
    /// the maximum norm, the radius). It falls to zero along a half cosine.
    pub step: f64,
    /// κ, in logits. A small one spares gradients; a large one fools more of
    /// the pictures that v has not seen.
    pub bound: f64,
    /// The class that all pictures should become; none where any other than
    /// their own will do.
    pub target: Option<usize>,
    /// Whether each picture is mirrored half of the times it comes up.
    pub mirror: bool,
    /// Three times of four a square part of the picture is drawn by chance,
    /// with a side of at least this share of the picture's, and stretched to
    /// its size. 1 for whole pictures always.
    pub crop: f64,
    /// Updates between two looks at v in [`Progress::perturbation`]; 0 for
    /// none.
    pub show_every: usize,
    /// Of the order of the pictures and of what is seen of them.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ball: Ball::default(),
            max_passes: 12,
            batch: 8,
            loss: Loss::default(),
            rule: Rule::default(),
            step: 0.2,
            bound: 15.0,
            target: None,
            mirror: true,
            crop: 0.3,
            show_every: 0,
            seed: 0,
        }
    }
}

/// What a processor without a graphics card does in about a minute.
const FEW_GRADIENTS: usize = 640;

impl Options {
    /// For 8 to 64 pictures, such as a few frames of a webcam: so many passes
    /// that there are about 640 gradients.
    pub fn few_pictures(count: usize) -> Self {
        Self {
            max_passes: (FEW_GRADIENTS / count.max(1)).max(1),
            ..Self::default()
        }
    }

    fn check(&self) -> Result<(), UniversalError> {
        self.ball.check()?;
        let check = |name, expected, found: f64, is_right| {
            if is_right {
                Ok(())
            } else {
                Err(UniversalError::Option {
                    name,
                    expected,
                    found,
                })
            }
        };
        let positive =
            |name, found: f64| check(name, "positive", found, found > 0.0 && found.is_finite());
        positive("the batch size", self.batch as f64)?;
        positive("the step", self.step)?;
        positive("the bound of the loss", self.bound)?;
        check(
            "the least part of a picture",
            "more than 0 and at most 1",
            self.crop,
            self.crop > 0.0 && self.crop <= 1.0,
        )?;
        match (self.loss, self.target) {
            (Loss::Cosine, Some(target)) => Err(UniversalError::Option {
                name: "the target",
                expected: "none where the loss is the cosine, which has no direction",
                found: target as f64,
            }),
            _ => Ok(()),
        }
    }
}

/// A universal perturbation for planar pictures `[C, H, W]`, from `start` or
/// from zero; with the cosine as its loss, from `start` or from noise. A wish to
/// stop ends it with what there is.
///
/// # Errors
/// Bad options, no picture, one of another size or with a value that is no number, or a
/// classifier of one class.
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
/// use foolscope::task::{Task, block_on};
/// use foolscope::universal::Ball;
/// use foolscope::universal::stochastic::{Options, stochastic};
///
/// let bitmap = foolscope::photo::open("docs/live.jpg")?;
/// let square = |side| Ok(bitmap.crop(side, 28)?.to_photo(1)?.into_values());
/// let pictures: Result<Vec<_>, foolscope::photo::PhotoError> = (28..36).map(square).collect();
/// let options = Options {
///     ball: Ball::linf_levels(51.0),
///     ..Options::default()
/// };
/// let task = &mut Task::silent();
/// let grown = block_on(stochastic(&network, &pictures?, None, &options, task))?;
/// let largest = grown.perturbation.iter().fold(0f32, |most, v| most.max(v.abs()));
/// assert!(largest > 0.0 && largest <= 51.0 / 255.0 + 1e-6);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub async fn stochastic<'a, P: AsRef<[f32]> + 'a>(
    classifier: &dyn Classifier,
    pictures: impl Into<Pictures<'a, P>>,
    start: Option<&[f32]>,
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Universal, UniversalError> {
    options.check()?;
    check_target(classifier, options.target)?;
    let Pictures { own, others } = pictures.into();
    if own.is_empty() {
        return Err(UniversalError::NoPictures);
    }
    if classifier.class_count() < 2 {
        return Err(AttackError::TooFewClasses(classifier.class_count()).into());
    }
    check_pictures(classifier, own)?;
    let [c, h, w] = classifier.input_shape();
    let mut first = first(start, c * h * w, &options.ball)?;
    if options.loss == Loss::Cosine && start.is_none() {
        // At zero the cosine is at its largest, where it has no gradient.
        let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
        let reach = options.ball.reach(first.len()) as f32;
        first.fill_with(|| rng.random_range(-reach..=reach));
    }
    let first = TensorData::new(first, [1, c, h, w]);
    let mut v = Tensor::<4>::from_data(first, classifier.device());
    let mut made = Universal::default();
    let learnt = learn(classifier, own, others, options, task, &mut v, &mut made).await;
    made.stopped = unless_stopped(learnt)?.is_none();
    made.perturbation = read(v).await?;
    Ok(made)
}

/// Goes on until it is done or somebody wishes to stop; `v` and the rest of
/// `made` are whole at any time.
async fn learn<P: AsRef<[f32]>>(
    classifier: &dyn Classifier,
    own: &[P],
    others: &[P],
    options: &Options,
    task: &mut Task<'_, Progress>,
    v: &mut Tensor<4>,
    made: &mut Universal,
) -> Result<(), UniversalError> {
    let others = Trial::new(classifier, others, options.target, task.stop_flag()).await?;
    let mut optimiser = Optimiser::new(options.rule, options.ball.norm, v);
    let mut seen = Seen::new(classifier, own);
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
    let chance = Chance {
        mirror: options.mirror,
        crop: options.crop,
    };
    let mut looks = Looks::new(own.len(), chance, options.target.is_some());
    let mut order: Vec<usize> = (0..own.len()).collect();
    let updates = options.max_passes * own.len().div_ceil(options.batch);
    let largest_step = options.step * options.ball.reach(v.dims().iter().product());
    let mut update = 0;
    let mut progress = Progress {
        max_passes: options.max_passes,
        pictures_a_pass: own.len(),
        ..Progress::default()
    };
    while made.passes < options.max_passes {
        order.shuffle(&mut rng);
        progress.pictures = 0;
        for indices in order.chunks(options.batch) {
            let drawn = indices
                .iter()
                .map(|&index| (index, View::draw(chance, &mut rng)));
            let views: Vec<(usize, View)> = drawn.collect();
            let (x, clean) = seen.batch(&views).await?;
            let pass = classifier.forward(x + optimiser.point(v.clone())).await;
            let logits = pass.logits();
            let of = clean
                .iter()
                .map(|clean| options.target.unwrap_or(clean.label));
            let rivals = Rivals::new(logits.clone(), &of.collect::<Vec<_>>());
            let targeted = options.target.is_some();
            let slope = options.loss.slope(&clean, &rivals, targeted, options.bound);
            let look = Look::new(logits, &rivals, &slope, &views, &clean, options.target);
            let rate = largest_step * half_cosine(update, updates);
            let counts = above(slope.counts.clone().sum(), 0.0).reshape([1, 1, 1, 1]);
            let step = async |pass: &dyn ForwardPass| {
                let gradient = gradient(pass, slope.derivative).await;
                let moved = v.clone() - optimiser.step(gradient, counts, rate);
                *v = options.ball.project(moved);
            };
            if looks.pays_to_wait() {
                if looks.read_now(look).await? {
                    step(&*pass).await;
                }
            } else {
                step(&*pass).await;
                looks.add(look).await?;
            }
            drop(pass);
            update += 1;
            made.gradient_evaluations = looks.gradients;
            progress.pictures += indices.len();
            progress.gradient_evaluations = made.gradient_evaluations;
            progress.running_rate = looks.rate();
            progress.perturbation = None;
            if options.show_every > 0 && update % options.show_every == 0 {
                progress.perturbation = Some(read(v.clone()).await?);
            }
            if let Err(stopped) = task.checkpoint(progress.clone()).await {
                looks.settle().await?;
                made.gradient_evaluations = looks.gradients;
                return Err(stopped.into());
            }
        }
        looks.settle().await?;
        made.gradient_evaluations = looks.gradients;
        made.passes += 1;
        made.rates.push(looks.rate());
        made.gradients_by_pass.push(made.gradient_evaluations);
        progress.passes = made.passes;
        if !others.pictures.is_empty() {
            let rate = others.rate(classifier, &read(v.clone()).await?).await?;
            made.other_rates.push(rate);
            progress.other_rate = rate;
            progress.pictures = 0;
            progress.perturbation = None;
            task.checkpoint(progress.clone()).await?;
        }
    }
    Ok(())
}

/// From 1 to 0.
fn half_cosine(step: usize, steps: usize) -> f64 {
    0.5 * (1.0 + (std::f64::consts::PI * step as f64 / steps.max(1) as f64).cos())
}

/// The gradient of the mean loss by v, `[1, C, H, W]`.
async fn gradient(pass: &dyn ForwardPass, derivative: Tensor<2>) -> Tensor<4> {
    let [n, classes] = derivative.dims();
    let cotangents = (derivative / n as f32).reshape([n, 1, classes]);
    let g = pass.pull_back(cotangents).await;
    let [_, _, c, h, w] = g.dims();
    g.reshape([n, c, h, w]).sum_dim(0)
}

/// Pictures as they come up, with the classifier's answers to them without v.
struct Seen<'a, P> {
    classifier: &'a dyn Classifier,
    pictures: &'a [P],
    /// The answers to the pictures that came up before.
    known: Vec<Option<Rc<Prediction>>>,
}

impl<'a, P: AsRef<[f32]>> Seen<'a, P> {
    fn new(classifier: &'a dyn Classifier, pictures: &'a [P]) -> Self {
        Self {
            classifier,
            pictures,
            known: vec![None; pictures.len()],
        }
    }

    /// Some views of pictures as one batch `[N, C, H, W]`, and the answers to
    /// the pictures.
    async fn batch(
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
