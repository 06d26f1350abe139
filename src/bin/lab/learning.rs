//! What `lab universal` and `lab diversity` have in common: which pictures a
//! perturbation is made from and which it is measured on, and how.

use crate::deepfool::norms;
use crate::network::Opened;
use crate::output::percent;
use crate::pictures::{self, Pictures};
use crate::progress::{Progress, Together};
use crate::spread;
use anyhow::{Result, bail};
use clap::ValueEnum;
use foolscope::attack::{Norm, deepfool};
use foolscope::classifier::Classifier;
use foolscope::measure::Estimate;
use foolscope::photo::Perturbation;
use foolscope::task::{StopFlag, Task, block_on};
use foolscope::universal::fooling::{Fooling, Sum, fooling};
use foolscope::universal::original::{self, original};
use foolscope::universal::stochastic::{self, stochastic};
use foolscope::universal::{self, Ball, Loss, Numbers, Rule, Universal, artificial, random_noise};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use std::path::PathBuf;

/// Pictures that a GPU answers at a time.
const BATCH: usize = 8;

/// Up to so many pictures are few.
const FEW: usize = 64;

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
    /// Of the stochastic method: what is descended [default: margin; for l2 and
    /// few classes sigmoid]
    #[arg(long, value_enum, value_name = "LOSS")]
    loss: Option<Loss>,
    /// Of the stochastic method: how gradients become steps [default: adam for
    /// linf, momentum for l2]
    #[arg(long, value_enum, value_name = "RULE")]
    rule: Option<Rule>,
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
    #[arg(long, value_name = "SHARE", default_value_t = stochastic::Options::default().crop)]
    crop: f64,
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

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    Stochastic,
    Original,
    /// Nothing is learnt: noise as large, in a random direction
    Random,
}

/// The pictures to learn from and those to measure on, as the network sees
/// them.
pub struct Sets {
    pub own: Vec<Vec<f32>>,
    pub others: Vec<Vec<f32>>,
    pub unreadable: Vec<String>,
}

/// So many pictures to measure on, and of the rest some to learn from, each in
/// the order in which they were named. The first do not depend on how many the
/// others are.
pub fn split(
    files: &[PathBuf],
    hold_out: usize,
    learn_from: Option<usize>,
    seed: u64,
) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    let (others, own) = order.split_at(hold_out);
    let count = learn_from.unwrap_or(own.len()).min(own.len());
    let named = |chosen: &[usize]| {
        let mut chosen = chosen.to_vec();
        chosen.sort_unstable();
        chosen
            .into_iter()
            .map(|index| files[index].clone())
            .collect()
    };
    (named(others), named(&own[..count]))
}

impl Learning {
    /// In grey levels.
    pub fn radius(&self) -> f64 {
        self.radius.unwrap_or(match self.norm {
            Norm::Linf => 10.0,
            _ => 2000.0,
        })
    }

    /// The bytes of its file.
    pub fn bytes(&self, v: &Perturbation) -> Vec<u8> {
        self.numbers.bytes(v, self.ball())
    }

    fn ball(&self) -> Ball {
        match self.norm {
            Norm::Linf => Ball::linf_levels(self.radius()),
            _ => Ball::l2_levels(self.radius()),
        }
    }

    /// The files to measure on, drawn by the seed, and those to learn from,
    /// each in the order in which they were named.
    pub fn split(&self) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
        let files = pictures::expand(&self.pictures)?;
        if self.artificial.is_some() {
            return Ok((files, Vec::new()));
        }
        if self.hold_out >= files.len() {
            bail!(
                "of {} pictures, {} cannot be kept for measuring: none would be left",
                files.len(),
                self.hold_out
            );
        }
        Ok(split(&files, self.hold_out, self.learn_from, self.seed))
    }

    pub fn read(&self, opened: &Opened, (others, own): (Vec<PathBuf>, Vec<PathBuf>)) -> Sets {
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

    /// What v is made by from so many pictures of so many classes.
    fn settings(&self, classes: usize, count: usize, seed: u64) -> Result<Settings> {
        let ball = self.ball();
        let tuned = if count <= FEW {
            stochastic::Options::few_pictures(count)
        } else {
            stochastic::Options::default()
        };
        let tuned = stochastic::Options {
            target: self.target,
            ..tuned
        }
        .within(ball, classes);
        Ok(match self.method {
            Method::Stochastic => Settings::Stochastic(stochastic::Options {
                ball,
                max_passes: self.passes.unwrap_or(tuned.max_passes),
                batch: self.batch,
                loss: self.loss.unwrap_or(tuned.loss),
                rule: self.rule.unwrap_or(tuned.rule),
                step: self.step,
                bound: self.bound,
                width: self.width,
                target: self.target,
                mirror: !self.no_mirror,
                crop: self.crop,
                show_every: 0,
                seed,
            }),
            Method::Random => Settings::Random(ball),
            Method::Original => {
                if self.target.is_some() {
                    bail!("only the stochastic method has a target");
                }
                let published = original::Options::default();
                Settings::Original(original::Options {
                    ball,
                    delta: self.delta,
                    max_passes: self.passes.unwrap_or(published.max_passes),
                    deepfool: deepfool::Options {
                        overshoot: self.overshoot,
                        candidates: self.candidates,
                        ..published.deepfool
                    },
                    show_every: 0,
                    seed,
                })
            }
        })
    }

    /// Makes one.
    pub fn learn(
        &self,
        opened: &Opened,
        sets: &Sets,
        start: Option<&[f32]>,
        seed: u64,
        stop: &StopFlag,
    ) -> Result<(Universal, Settings)> {
        let count = sets.own.len();
        let settings = self.settings(opened.network.class_count(), count, seed)?;
        let mut progress = Progress::new("learning", settings.max_passes() * count);
        let mut task = Task::new(stop.clone(), |step: universal::Progress| {
            let rate = percent(step.running_rate);
            let others = step.other_rate.map_or(String::new(), |rate| {
                format!(", {} of others after the last", percent(rate))
            });
            let note = format!("pass {} fools {rate}{others}", step.passes + 1);
            progress.at(step.passes * step.pictures_a_pass + step.pictures, &note);
        });
        let network = &opened.network;
        let pictures = universal::Pictures {
            own: &sets.own,
            others: &sets.others,
        };
        let made = match &settings {
            Settings::Stochastic(settings) => {
                block_on(stochastic(network, pictures, start, settings, &mut task))
            }
            Settings::Original(settings) => {
                block_on(original(network, pictures, start, settings, &mut task))
            }
            Settings::Random(ball) => {
                let size = network.input_shape().iter().product();
                Ok(Universal {
                    perturbation: random_noise(ball, size, seed),
                    ..Universal::default()
                })
            }
        };
        Ok((made?, settings))
    }

    /// The share of some pictures that v fools, or brings to the target. A
    /// stopped command still measures what it has; a second Ctrl-C ends it.
    pub fn rate(
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

/// What a perturbation was made by, as JSON has it.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Settings {
    Stochastic(stochastic::Options),
    Original(original::Options),
    Random(Ball),
}

impl Settings {
    fn max_passes(&self) -> usize {
        match self {
            Self::Stochastic(settings) => settings.max_passes,
            Self::Original(settings) => settings.max_passes,
            Self::Random(_) => 0,
        }
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
