//! Universal perturbations by stochastic gradients of a bounded loss (Shafahi
//! et al., AAAI 2020), with Adam or, in l2, momentum ([`Options::within`]).
//!
//! v descends the mean over a batch of a [`Loss`] such as
//! `max(f_y(x + v) − max_{j≠y} f_j(x + v), −κ)` with y = k(x): the margin by
//! which the clean label still wins. The bound κ keeps pictures that are already
//! fooled from drowning the others. After each step v is projected onto the
//! ball. A picture may come up mirrored or in part ([`Options::crop`]); y is
//! still the answer to the whole picture, which is mostly that to the part as
//! well, and is known.

use burn::tensor::{Tensor, TensorData};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::looks::{Look, Looks};
use super::loss::{Rivals, above};
use super::optimiser::Optimiser;
use super::passes::{Method, Schedule, check, learn};
use super::seen::Seen;
use super::views::{Chance, View};
use super::{Ball, Loss, Pictures, Progress, Rule, Universal, UniversalError, check_target, first};
use crate::attack::Norm;
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
    /// τ of [`Loss::Sigmoid`], in logits.
    pub width: f64,
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
            width: 3.0,
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

/// Up to so many pictures are few.
const FEW_PICTURES: usize = 64;

/// Up to so many classes are few: measured were 10, and 1000.
const FEW_CLASSES: usize = 100;

impl Options {
    /// The same in another ball, for a classifier of so many classes, with the
    /// loss and the rule that fooled most there. In the maximum norm v can lower
    /// the margins of nearly all pictures by enough. In l2 it cannot, and among ten
    /// classes it does best to give up the pictures that are far away; among a
    /// thousand it fooled fewer so, and from a target all pictures are far.
    pub fn within(self, ball: Ball, classes: usize) -> Self {
        let rule = match ball.norm {
            Norm::Linf => Rule::Adam,
            _ => Rule::Momentum,
        };
        let gives_up = rule == Rule::Momentum && classes <= FEW_CLASSES && self.target.is_none();
        let loss = if gives_up {
            Loss::Sigmoid
        } else {
            Loss::Margin
        };
        Self {
            ball,
            loss,
            rule,
            ..self
        }
    }

    /// For so many pictures: [`Options::few_pictures`] for up to 64, and else the
    /// default.
    pub fn for_pictures(count: usize) -> Self {
        match count > FEW_PICTURES {
            true => Self::default(),
            false => Self::few_pictures(count),
        }
    }

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
        positive("the width of the loss", self.width)?;
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
    let pictures = pictures.into();
    check(classifier, pictures.own)?;
    let [c, h, w] = classifier.input_shape();
    let mut first = first(start, c * h * w, &options.ball)?;
    if options.loss == Loss::Cosine && start.is_none() {
        // At zero the cosine is at its largest, where it has no gradient.
        let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
        let reach = options.ball.reach(first.len()) as f32;
        first.fill_with(|| rng.random_range(-reach..=reach));
    }
    let first = TensorData::new(first, [1, c, h, w]);
    let v = Tensor::<4>::from_data(first, classifier.device());
    let schedule = Schedule {
        max_passes: options.max_passes,
        batch: options.batch,
        show_every: options.show_every,
        target: options.target,
        seed: options.seed,
    };
    let method = Stochastic::new(classifier, pictures.own, options, v);
    learn(classifier, method, pictures, &schedule, task).await
}

struct Stochastic<'a, P> {
    classifier: &'a dyn Classifier,
    options: &'a Options,
    chance: Chance,
    seen: Seen<'a, P>,
    looks: Looks,
    optimiser: Optimiser,
    v: Tensor<4>,
    largest_step: f64,
    /// Updates so far, of all.
    update: usize,
    updates: usize,
}

impl<'a, P: AsRef<[f32]>> Stochastic<'a, P> {
    fn new(
        classifier: &'a dyn Classifier,
        own: &'a [P],
        options: &'a Options,
        v: Tensor<4>,
    ) -> Self {
        let chance = Chance {
            mirror: options.mirror,
            crop: options.crop,
        };
        Self {
            classifier,
            options,
            chance,
            seen: Seen::new(classifier, own),
            looks: Looks::new(own.len(), chance, options.target.is_some()),
            optimiser: Optimiser::new(options.rule, options.ball.norm, &v),
            largest_step: options.step * options.ball.reach(v.dims().iter().product()),
            v,
            update: 0,
            updates: options.max_passes * own.len().div_ceil(options.batch),
        }
    }
}

impl<P: AsRef<[f32]>> Method for Stochastic<'_, P> {
    const RECOUNTS: bool = false;

    async fn update(
        &mut self,
        pictures: &[usize],
        rng: &mut ChaCha8Rng,
        _: &Task<'_, Progress>,
    ) -> Result<(), UniversalError> {
        let options = self.options;
        let views: Vec<(usize, View)> = pictures
            .iter()
            .map(|&index| (index, View::draw(self.chance, rng)))
            .collect();
        let (x, clean) = self.seen.batch(&views).await?;
        let point = x + self.optimiser.point(self.v.clone());
        let pass = self.classifier.forward(point).await;
        let logits = pass.logits();
        let of = clean
            .iter()
            .map(|clean| options.target.unwrap_or(clean.label));
        let rivals = Rivals::new(logits.clone(), &of.collect::<Vec<_>>());
        let targeted = options.target.is_some();
        let slope = options
            .loss
            .slope(&clean, &rivals, targeted, options.bound, options.width);
        let look = Look::new(logits, &rivals, &slope, &views, &clean, options.target);
        let rate = self.largest_step * half_cosine(self.update, self.updates);
        self.update += 1;
        let counts = above(slope.counts.clone().sum(), 0.0).reshape([1, 1, 1, 1]);
        let (v, optimiser) = (&mut self.v, &mut self.optimiser);
        let step = async |pass: &dyn ForwardPass| {
            let gradient = gradient(pass, slope.derivative).await;
            let moved = v.clone() - optimiser.step(gradient, counts, rate);
            *v = options.ball.project(moved);
        };
        if self.looks.pays_to_wait() {
            if self.looks.read_now(look).await? {
                step(&*pass).await;
            }
        } else {
            step(&*pass).await;
            self.looks.add(look).await?;
        }
        Ok(())
    }

    async fn settle(&mut self) -> Result<(), UniversalError> {
        Ok(self.looks.settle().await?)
    }

    /// As the pictures came up whole.
    async fn end_pass(&mut self) -> Result<(Option<f64>, bool), UniversalError> {
        Ok((self.looks.rate(), false))
    }

    fn running_rate(&self) -> Option<f64> {
        self.looks.rate()
    }

    fn gradients(&self) -> usize {
        self.looks.gradients
    }

    async fn perturbation(&self) -> Result<Vec<f32>, UniversalError> {
        Ok(read(self.v.clone()).await?)
    }
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
