//! What `lab universal` and `lab diversity` have in common: which pictures a
//! perturbation is made from and which it is measured on, and how.

use crate::deepfool::norms;
use crate::network::Opened;
use crate::output::percent;
use crate::pictures::{self, Pictures};
use crate::progress::{Progress, Together};
use crate::spread;
use anyhow::{Result, bail};
use foolscope::attack::{Norm, deepfool};
use foolscope::classifier::Classifier;
use foolscope::classifier::network::Network;
use foolscope::measure::Estimate;
use foolscope::npy;
use foolscope::photo::Perturbation;
use foolscope::task::{StopFlag, Task, block_on};
use foolscope::universal::fooling::{Fooling, Sum, fooling};
use foolscope::universal::{self, Ball, Loss, Method, Numbers, Recipe, Rule, Split, Universal};
use foolscope::universal::{artificial, original, stochastic};
use serde::Serialize;
use std::path::PathBuf;

/// Pictures that a GPU answers at a time.
const BATCH: usize = 8;

#[derive(clap::Args)]
pub struct Learning {
    /// Files, folders, or quoted patterns
    #[arg(required = true)]
    pictures: Vec<String>,
    /// How many of the pictures, drawn by the seed, to keep for measuring
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    hold_out: usize,
    /// Learn from only so many of the rest, drawn by the seed
    #[arg(long, value_name = "COUNT")]
    learn_from: Option<usize>,
    /// Learn from so many artificial pictures; those named are only measured on
    #[arg(long, value_name = "COUNT", conflicts_with_all = ["hold_out", "learn_from"])]
    artificial: Option<usize>,
    #[arg(long, value_enum, default_value_t = Method::Stochastic)]
    pub method: Method,
    /// The norm that is kept within the radius
    #[arg(long, default_value = "linf", value_parser = norms(["linf", "l2"]))]
    pub norm: Norm,
    /// In grey levels [default: 10 for linf, 2000 for l2]
    #[arg(long, value_name = "LEVELS")]
    radius: Option<f64>,
    /// Most passes over the pictures [default: as many as the method needs; the
    /// stochastic one more for few pictures]
    #[arg(long, value_name = "COUNT")]
    passes: Option<usize>,
    /// How its numbers are written
    #[arg(long, value_enum, default_value_t = Numbers::F4)]
    numbers: Numbers,
    /// Of what is drawn by chance: which pictures are kept, their order, and
    /// what is seen of them
    #[arg(long, default_value_t = 0)]
    pub seed: u64,
    /// The class that every picture should become, counted from 0
    #[arg(long, value_name = "CLASS")]
    pub target: Option<usize>,
    /// Of the stochastic method: what is descended [default: margin, in l2
    /// odds; for few classes sigmoid, in linf from 200 pictures on]
    #[arg(long, value_enum, value_name = "LOSS")]
    loss: Option<Loss>,
    /// Of the stochastic method: how gradients become steps [default: momentum in
    /// l2; in linf adam, for few classes aggregate]
    #[arg(long, value_enum, value_name = "RULE")]
    rule: Option<Rule>,
    /// Of the stochastic method: v begins so many times, led to another class each
    /// time, and the best goes on [default: 1; for few classes one a class, in linf
    /// from 200 pictures on]
    #[arg(long, value_name = "COUNT")]
    starts: Option<usize>,
    /// Of the stochastic method: pictures a step
    #[arg(long, value_name = "COUNT", default_value_t = stochastic::Options::default().batch)]
    batch: usize,
    /// Of the stochastic method: the first step, as a share of the radius
    #[arg(long, value_name = "SHARE", default_value_t = stochastic::Options::default().step)]
    step: f64,
    /// Of the stochastic method: the margin in logits beyond which a fooled
    /// picture counts no more
    #[arg(long, value_name = "LOGITS", default_value_t = stochastic::Options::default().bound)]
    bound: f64,
    /// Of the sigmoid loss: how many logits around the boundary count most
    #[arg(long, value_name = "LOGITS", default_value_t = stochastic::Options::default().width)]
    width: f64,
    /// Of the stochastic method: never mirror a picture
    #[arg(long)]
    no_mirror: bool,
    /// Of the stochastic method: the least side of the part of a picture that
    /// is seen three times of four, as a share of its own; 1 for whole pictures
    /// [default: 0.3; for 200 small pictures or more, of few classes, 1]
    #[arg(long, value_name = "SHARE")]
    crop: Option<f64>,
    /// Of the original method: done when all but this share are fooled
    #[arg(long, value_name = "SHARE", default_value_t = original::Options::default().delta)]
    delta: f64,
    /// Of the original method: how far DeepFool goes beyond a boundary, as a
    /// share of the way to it
    #[arg(long, value_name = "SHARE", default_value_t = original::Options::default().deepfool.overshoot)]
    overshoot: f64,
    /// Of the original method: the classes that DeepFool looks at
    #[arg(long, value_name = "COUNT", default_value_t = original::Options::default().deepfool.candidates)]
    candidates: usize,
}

/// The pictures to learn from and those to measure on, as the network sees
/// them.
pub struct Sets {
    pub own: Vec<Vec<f32>>,
    pub others: Vec<Vec<f32>>,
    pub unreadable: Vec<String>,
}

/// A perturbation, and how it came about.
pub struct Learnt {
    pub made: Universal,
    pub recipe: Recipe,
    /// Of its file.
    pub bytes: Vec<u8>,
    /// As it is read from them: what is measured is what others get.
    pub v: Perturbation,
}

/// Fooling rates on the pictures that it was made from and on others, with what
/// chance may have done to them.
#[derive(Serialize)]
pub struct Rates {
    pub own: Estimate,
    /// None where no picture was kept for measuring.
    pub others: Option<Estimate>,
}

impl Learning {
    pub fn ball(&self) -> Ball {
        Ball::levels(self.norm, self.radius)
    }

    /// In grey levels.
    pub fn radius(&self) -> f64 {
        let Ball { radius, .. } = self.ball();
        self.radius.unwrap_or((255.0 * radius).round())
    }

    /// The files to learn from, and those to measure on, drawn by the seed.
    pub fn split(&self) -> Result<[Vec<PathBuf>; 2]> {
        let files = pictures::expand(&self.pictures)?;
        if self.artificial.is_some() {
            return Ok([Vec::new(), files]);
        }
        let split = Split::drawn(files.len(), self.hold_out, self.learn_from, self.seed)?;
        Ok(split.in_order().of(&files))
    }

    pub fn read(&self, opened: &Opened, [own, others]: [Vec<PathBuf>; 2]) -> Sets {
        let mut own = Pictures::read_and_say(&own, opened.entry);
        if let Some(count) = self.artificial {
            own.values = artificial::jigsaws(opened.network.input_shape(), count, self.seed);
        }
        let others = Pictures::read_and_say(&others, opened.entry);
        Sets {
            own: own.values,
            others: others.values,
            unreadable: [own.unreadable, others.unreadable].concat(),
        }
    }

    /// What v is made by for a network and so many pictures.
    fn recipe(&self, network: &Network, count: usize, seed: u64) -> Result<Recipe> {
        let ball = self.ball();
        let published = original::Options::default();
        Ok(match self.method {
            Method::Stochastic => {
                let tuned = stochastic::Options {
                    batch: self.batch,
                    step: self.step,
                    bound: self.bound,
                    width: self.width,
                    target: self.target,
                    mirror: !self.no_mirror,
                    seed,
                    ..stochastic::Options::for_pictures(count)
                }
                .within(ball, network, count);
                Recipe::Stochastic(stochastic::Options {
                    max_passes: self.passes.unwrap_or(tuned.max_passes),
                    loss: self.loss.unwrap_or(tuned.loss),
                    rule: self.rule.unwrap_or(tuned.rule),
                    starts: self.starts.unwrap_or(tuned.starts),
                    crop: self.crop.unwrap_or(tuned.crop),
                    ..tuned
                })
            }
            Method::Random => Recipe::Random { ball, seed },
            Method::Original if self.target.is_some() => {
                bail!("only the stochastic method has a target")
            }
            Method::Original => Recipe::Original(original::Options {
                ball,
                delta: self.delta,
                max_passes: self.passes.unwrap_or(published.max_passes),
                deepfool: deepfool::Options {
                    overshoot: self.overshoot,
                    candidates: self.candidates,
                    ..published.deepfool
                },
                seed,
                ..published
            }),
        })
    }

    /// # Errors
    /// When something was wished that the method does not have.
    pub fn check(&self) -> Result<()> {
        let usual = stochastic::Options::default();
        let wishes = [
            (self.target.is_some(), "a target"),
            (self.batch != usual.batch, "several pictures a step"),
            (self.step != usual.step, "a first step"),
            (self.bound != usual.bound, "a bound of its loss"),
            (self.width != usual.width, "a width of its loss"),
            (self.no_mirror, "mirrored pictures"),
            (self.loss.is_some(), "a loss"),
            (self.rule.is_some(), "a rule for its steps"),
            (self.starts.is_some(), "several starts"),
            (self.crop.is_some(), "parts of pictures"),
        ];
        match wishes.into_iter().find(|(is_wished, _)| *is_wished) {
            Some((_, what)) if self.method != Method::Stochastic => {
                bail!("only the stochastic method has {what}")
            }
            _ if self.target.is_some() && self.starts.is_some_and(|starts| starts > 1) => {
                bail!("with --target there is one start: leave out --starts")
            }
            _ => Ok(()),
        }
    }

    /// Makes one.
    pub fn learn(
        &self,
        opened: &Opened,
        sets: &Sets,
        start: Option<&[f32]>,
        seed: u64,
        stop: &StopFlag,
    ) -> Result<Learnt> {
        let (network, count) = (&opened.network, sets.own.len());
        let recipe = self.recipe(network, count, seed)?;
        let mut progress = Progress::new("learning", recipe.max_passes() * count);
        let mut task = Task::new(stop.clone(), |step: universal::Progress| {
            let rate = percent(step.running_rate);
            let others = step.other_rate.map_or(String::new(), |rate| {
                format!(", {} of others after the last", percent(rate))
            });
            let note = format!("pass {} fools {rate}{others}", step.passes + 1);
            progress.at(step.passes * step.pictures_a_pass + step.pictures, &note);
        });
        let pictures = universal::Pictures {
            own: &sets.own,
            others: &sets.others,
        };
        let made = block_on(recipe.make(network, pictures, start, &mut task))?;
        let v = Perturbation::new(network.input_shape(), made.perturbation.clone())?;
        let bytes = self.numbers.bytes(&v, self.ball());
        let v = npy::from_bytes(&bytes, v.shape())?;
        Ok(Learnt {
            made,
            recipe,
            bytes,
            v,
        })
    }

    /// How often v fools.
    pub fn rates(&self, opened: &Opened, sets: &Sets, v: &[f32], sum: Sum) -> Result<Rates> {
        let others = &sets.others;
        let others = (!others.is_empty()).then(|| self.rate(opened, others, v, sum));
        Ok(Rates {
            own: self.rate(opened, &sets.own, v, sum)?,
            others: others.transpose()?,
        })
    }

    /// The share of some pictures that v fools, or brings to the target. A
    /// stopped command still measures what it has; a second Ctrl-C ends it.
    fn rate(
        &self,
        opened: &Opened,
        pictures: &[Vec<f32>],
        v: &[f32],
        sum: Sum,
    ) -> Result<Estimate> {
        let progress = Progress::new("measuring", pictures.len());
        let progress = Together::new(progress, 0);
        let chunks: Vec<&[Vec<f32>]> = pictures.chunks(opened.at_a_time(BATCH)).collect();
        let mut labels = Vec::with_capacity(pictures.len());
        spread::in_order(
            chunks.len(),
            opened.is_on_cpu(),
            &StopFlag::default(),
            |index| {
                let part = progress.part();
                let mut task = Task::new(StopFlag::default(), |done| part.at(done, ""));
                let found = fooling(&opened.network, chunks[index], v, sum, &mut task);
                Ok(block_on(found)?.labels)
            },
            |found| {
                labels.extend(found);
                Ok(())
            },
        )?;
        let (reached, all) = Fooling { labels }.reached(self.target);
        Ok(Estimate::share(reached, all, self.seed))
    }
}

/// A share with its interval: `83.5 % (78.0 to 88.5)`.
pub fn share(estimate: &Estimate) -> String {
    let Some((low, high)) = estimate.low.zip(estimate.high) else {
        return percent(estimate.value);
    };
    format!(
        "{} ({:.1} to {:.1})",
        percent(estimate.value),
        100.0 * low,
        100.0 * high
    )
}
