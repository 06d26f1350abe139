//! Universal perturbations by stochastic gradients of a bounded loss (Shafahi
//! et al., AAAI 2020). How its gradients become steps, too, goes by the classes,
//! the ball and the pictures ([`Options::within`]).
//!
//! v descends the mean over a batch of a [`Loss`] such as
//! `max(f_y(x + v) − max_{j≠y} f_j(x + v), −κ)` with y = k(x): the margin by
//! which the clean label still wins. The bound κ keeps pictures that are already
//! fooled from drowning the others. After each step v is projected onto the
//! ball. A picture may come up mirrored or in part ([`Options::crop`]); y is
//! still the answer to the whole picture, which is mostly that to the part as
//! well, and is known.
//!
//! Most pictures that v fools take one or a few labels (Moosavi-Dezfooli et al.,
//! CVPR 2017, section 5), and which these are is decided by the first updates.
//! Where there are few classes some of them fool far fewer pictures than others:
//! so v begins once towards each, and the best goes on ([`Options::starts`]).

use burn::tensor::{Tensor, TensorData};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::looks::{Look, Looks};
use super::loss::{Rivals, above};
use super::optimiser::Optimiser;
use super::passes::{Method, Schedule, check, learn};
use super::race::{Race, left};
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
    /// v begins so many times, led to another class each time, and the one that
    /// fools most goes on; 1 for a single v that is led nowhere. Without a
    /// target, and where there are updates enough: all beginnings together take
    /// three fifths of them.
    pub starts: usize,
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
            starts: 1,
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

/// So many pictures are enough to be seen whole: measured were 300, where Network in
/// Network gained by it, and 100, where it lost.
const MANY_PICTURES: usize = 200;

/// Up to so many classes are few: measured were 10, and 1000.
const FEW_CLASSES: usize = 100;

/// Pictures of fewer pixels a side are small: measured were 28 and 32, and 224.
const SMALL_SIDE: usize = 64;

/// v begins towards so many classes at most.
const MOST_STARTS: usize = 16;

impl Options {
    /// The same in another ball, for a classifier and so many pictures, with what
    /// fooled most there. Among a thousand classes v can lower the margins of nearly
    /// all pictures by enough; in l2 it learns more of few pictures from all rivals
    /// at once than from the best of them. Among ten it cannot: it does best to give
    /// up the pictures that are far away, and to begin towards each class; in the
    /// maximum norm that takes hundreds of pictures, and of few or many, steps that
    /// look ahead fool more. Where there are hundreds, small ones are seen whole:
    /// stretched parts of them look like none. From a target all pictures are far.
    pub fn within(self, ball: Ball, classifier: &dyn Classifier, pictures: usize) -> Self {
        let classes = classifier.class_count();
        let [_, height, width] = classifier.input_shape();
        let is_linf = ball.norm == Norm::Linf;
        let has_few_classes = classes <= FEW_CLASSES && self.target.is_none();
        let has_many_pictures = pictures >= MANY_PICTURES;
        let gives_up = has_few_classes && (has_many_pictures || !is_linf);
        let has_many_rivals = classes > FEW_CLASSES && self.target.is_none();
        let (loss, starts) = match gives_up {
            true => (Loss::Sigmoid, classes.min(MOST_STARTS)),
            false if has_many_rivals && !is_linf => (Loss::Odds, 1),
            false => (Loss::Margin, 1),
        };
        let rule = match (is_linf, has_few_classes) {
            (true, true) => Rule::Aggregate,
            (true, false) => Rule::Adam,
            (false, _) => Rule::Momentum,
        };
        let are_small = height.max(width) < SMALL_SIDE;
        let crop = match has_few_classes && has_many_pictures && are_small {
            true => 1.0,
            false => self.crop,
        };
        Self {
            ball,
            loss,
            rule,
            starts,
            crop,
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
        positive("the number of starts", self.starts as f64)?;
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
    let starts = match (start, options.target) {
        (None, None) => options.starts.min(classifier.class_count()),
        _ => 1,
    };
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
    let method = Stochastic::new(classifier, pictures.own, options, v, starts);
    learn(classifier, method, pictures, &schedule, task).await
}

struct Stochastic<'a, P> {
    classifier: &'a dyn Classifier,
    options: &'a Options,
    chance: Chance,
    seen: Seen<'a, P>,
    race: Race,
    /// Those that are still in the race; in the end one.
    runners: Vec<Runner>,
    /// Gradients of those that are out.
    spent: usize,
    largest_step: f64,
    /// Updates so far, of all.
    update: usize,
    updates: usize,
}

/// A v on its way.
struct Runner {
    v: Tensor<4>,
    optimiser: Optimiser,
    looks: Looks,
}

impl<'a, P: AsRef<[f32]>> Stochastic<'a, P> {
    fn new(
        classifier: &'a dyn Classifier,
        own: &'a [P],
        options: &'a Options,
        v: Tensor<4>,
        starts: usize,
    ) -> Self {
        let chance = Chance {
            mirror: options.mirror,
            crop: options.crop,
        };
        let updates = options.max_passes * own.len().div_ceil(options.batch);
        let race = Race::new(starts, updates);
        let runner = |_| Runner {
            v: v.clone(),
            optimiser: Optimiser::new(options.rule, options.ball.norm, &v),
            looks: Looks::new(own.len(), chance, options.target.is_some()),
        };
        Self {
            classifier,
            options,
            chance,
            seen: Seen::new(classifier, own),
            runners: (0..race.runners()).map(runner).collect(),
            race,
            spent: 0,
            largest_step: options.step * options.ball.reach(v.dims().iter().product()),
            update: 0,
            updates,
        }
    }

    /// The one that fools most, as far as is known.
    fn leader(&self) -> &Runner {
        let rate = |runner: &Runner| runner.looks.rate().unwrap_or(0.0);
        let best = self.runners.iter().reduce(|best, other| {
            if rate(other) > rate(best) {
                other
            } else {
                best
            }
        });
        best.expect("one is left")
    }

    /// The half that fools fewer is out.
    async fn halve(&mut self) -> Result<(), UniversalError> {
        self.settle().await?;
        let runners = self.runners.drain(..);
        let scored = runners.map(|mut runner| (runner.looks.take_score(), runner));
        let mut scored: Vec<(f64, Runner)> = scored.collect();
        scored.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let out = scored.split_off(left(scored.len()));
        let spent = out.iter().map(|(_, runner)| runner.looks.gradients);
        self.spent += spent.sum::<usize>();
        self.runners = scored.into_iter().map(|(_, runner)| runner).collect();
        Ok(())
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
        let turn = self.race.turn(self.update);
        let Runner {
            v,
            optimiser,
            looks,
        } = &mut self.runners[turn.map_or(0, |turn| turn.runner)];
        // In the first round each is led to a class.
        let led = turn.filter(|turn| turn.round == 0).map(|turn| turn.runner);
        let (x, clean) = self.seen.batch(&views).await?;
        let point = x + optimiser.point(v.clone());
        let pass = self.classifier.forward(point).await;
        let logits = pass.logits();
        let rivals = |target: Option<usize>| {
            let of = clean.iter().map(|clean| target.unwrap_or(clean.label));
            Rivals::new(logits.clone(), &of.collect::<Vec<_>>())
        };
        let seen = rivals(options.target);
        let (bound, width) = (options.bound, options.width);
        let slope = match led {
            Some(_) => Loss::Margin.slope(&clean, &rivals(led), true, bound, width),
            None => {
                let targeted = options.target.is_some();
                let loss = options.loss;
                loss.slope(&clean, &seen, targeted, bound, width)
            }
        };
        let look = Look::new(
            logits.clone(),
            &seen,
            &slope,
            &views,
            &clean,
            options.target,
        );
        let rate = self.largest_step * half_cosine(self.update, self.updates);
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
        self.update += 1;
        if turn.is_some_and(|turn| turn.ends_round) {
            self.halve().await?;
        }
        Ok(())
    }

    async fn settle(&mut self) -> Result<(), UniversalError> {
        for runner in &mut self.runners {
            runner.looks.settle().await?;
        }
        Ok(())
    }

    /// As the pictures came up whole.
    async fn end_pass(&mut self) -> Result<(Option<f64>, bool), UniversalError> {
        Ok((self.leader().looks.rate(), false))
    }

    fn running_rate(&self) -> Option<f64> {
        self.leader().looks.rate()
    }

    fn gradients(&self) -> usize {
        let running = self.runners.iter().map(|it| it.looks.gradients);
        self.spent + running.sum::<usize>()
    }

    async fn perturbation(&self) -> Result<Vec<f32>, UniversalError> {
        let Runner { v, optimiser, .. } = self.leader();
        let arrived = optimiser.arrived(v.clone());
        Ok(read(self.options.ball.project(arrived)).await?)
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
