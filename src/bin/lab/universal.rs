//! `lab universal`

use crate::Ending;
use crate::deepfool::norms;
use crate::network::{NetworkOptions, Opened};
use crate::output::{self, Made, json, percent};
use crate::pictures::{self, Pictures};
use crate::progress::{Progress, stop_on_ctrl_c};
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use foolscope::attack::{AttackError, Norm};
use foolscope::classifier::Classifier;
use foolscope::npy;
use foolscope::photo::{self, Perturbation};
use foolscope::task::{StopFlag, Task, block_on};
use foolscope::universal::fooling::{Sum, fooling};
use foolscope::universal::original::{self, original};
use foolscope::universal::stochastic::{self, stochastic};
use foolscope::universal::{self, Ball, Universal};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// One perturbation that changes the answer to most pictures.
///
/// Made from some pictures and measured on others. `original` is the algorithm
/// of Moosavi-Dezfooli, Fawzi, Fawzi and Frossard (CVPR 2017), which sums up
/// DeepFool's steps; `stochastic` descends a bounded loss with Adam (Shafahi et
/// al., AAAI 2020) and is faster. Beside FILE.npy come FILE.json, which says
/// how it was made, and FILE.png, amplified to look at. Ctrl-C ends it with the
/// perturbation so far.
///
/// Example: lab universal photos/ --hold-out 200 --out universal.npy
#[derive(clap::Args)]
pub struct Options {
    /// Files, folders, or quoted patterns
    #[arg(required = true)]
    pictures: Vec<String>,
    #[command(flatten)]
    network: NetworkOptions,
    /// How many of the pictures, drawn by the seed, to keep for measuring
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    hold_out: usize,
    #[arg(long, value_enum, default_value_t = Method::Stochastic)]
    method: Method,
    /// The norm that is kept within the radius
    #[arg(long, default_value = "linf", value_parser = norms(["linf", "l2"]))]
    norm: Norm,
    /// In grey levels [default: 10 for linf, 2000 for l2]
    #[arg(long, value_name = "LEVELS")]
    radius: Option<f64>,
    /// Most passes over the pictures
    #[arg(long, value_name = "COUNT", default_value_t = stochastic::Options::default().max_passes)]
    passes: usize,
    /// Of what is drawn by chance: which pictures are kept, and their order
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Go on from the perturbation in this .npy file
    #[arg(long, value_name = "FILE")]
    start: Option<PathBuf>,
    /// Of the stochastic method: pictures a step
    #[arg(long, value_name = "COUNT", default_value_t = stochastic::Options::default().batch)]
    batch: usize,
    /// Of the stochastic method: Adam's step, as a share of the radius
    #[arg(long, value_name = "SHARE", default_value_t = stochastic::Options::default().step)]
    step: f64,
    /// Of the stochastic method: the margin in logits beyond which a fooled
    /// picture counts no more
    #[arg(long, value_name = "LOGITS", default_value_t = stochastic::Options::default().bound)]
    bound: f64,
    /// Of the stochastic method: never mirror a picture
    #[arg(long)]
    no_mirror: bool,
    /// Of the original method: done when all but this share are fooled
    #[arg(long, value_name = "SHARE", default_value_t = original::Options::default().delta)]
    delta: f64,
    /// Where to write it
    #[arg(long, short, value_name = "FILE.npy")]
    out: PathBuf,
    /// Write numbers of 16 bits, for a page to download
    #[arg(long)]
    half: bool,
    /// Its name on the page
    #[arg(long, default_value = "")]
    title: String,
}

#[derive(Debug, Clone, Copy, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
enum Method {
    Stochastic,
    Original,
}

/// An entry of `www/perturbations/catalogue.json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    id: String,
    title: String,
    file: String,
    norm: Norm,
    /// In grey levels.
    radius: f64,
    fooling_rate: Rates,
    /// When the sum is clipped and rounded to 8 bits, as on the page.
    fooling_rate_saved: Rates,
    method: Method,
    pictures: Counts,
    passes: usize,
    /// On its own pictures, pass after pass.
    rate_by_pass: Vec<f64>,
    gradient_evaluations: usize,
    stopped: bool,
    seed: u64,
    #[serde(flatten)]
    made: Made,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<String>,
}

/// Of the pictures that it was made from, and of others.
#[derive(Serialize)]
struct Rates {
    own: f64,
    /// None where no picture was kept for measuring.
    others: Option<f64>,
}

#[derive(Serialize)]
struct Counts {
    own: usize,
    others: usize,
}

pub fn run(options: &Options) -> Result<Ending> {
    let begun = Instant::now();
    if options.out.extension().is_none_or(|ending| ending != "npy") {
        bail!(
            "the perturbation's file must end in .npy, not be {}",
            options.out.display()
        );
    }
    let (others, own) = split(pictures::expand(&options.pictures)?, options)?;
    let opened = options.network.open()?;
    let start = options
        .start
        .as_deref()
        .map(|path| opened.perturbation(path));
    let start = start.transpose()?.map(Perturbation::into_values);
    let stop = stop_on_ctrl_c()?;
    // An hour's work must not end in a folder that is not there.
    if let Some(folder) = options.out.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }

    let own = Pictures::read(&own, opened.entry);
    let made = learn(options, &opened, &own.values, start.as_deref(), &stop)?;
    let v = Perturbation::new(opened.network.input_shape(), made.perturbation)?;
    let bytes = if options.half {
        npy::to_half_bytes(&v)
    } else {
        npy::to_bytes(&v)
    };
    // What is measured is what is read again.
    let v = npy::from_bytes(&bytes, v.shape())?;
    write(&options.out, &bytes)?;
    let [_, height, width] = v.shape().map(|size| size as u32);
    let drawing = v.draw(v.amplification());
    photo::save_png(options.out.with_extension("png"), &drawing, width, height)?;

    let others = Pictures::read(&others, opened.entry);
    let rate = |pictures: &Pictures, sum| rate(&opened, pictures, &v, sum);
    let rates = |sum| -> Result<Rates> {
        let others = (!others.values.is_empty()).then(|| rate(&others, sum));
        Ok(Rates {
            own: rate(&own, sum)?,
            others: others.transpose()?,
        })
    };
    let report = Report {
        id: name_of(&options.out.with_extension("")),
        title: options.title.clone(),
        file: name_of(&options.out),
        norm: options.norm,
        radius: options.radius(),
        fooling_rate: rates(Sum::Raw)?,
        fooling_rate_saved: rates(Sum::Saved)?,
        method: options.method,
        pictures: Counts {
            own: own.values.len(),
            others: others.values.len(),
        },
        passes: made.passes,
        rate_by_pass: made.rates,
        gradient_evaluations: made.gradient_evaluations,
        stopped: made.stopped,
        seed: options.seed,
        made: Made::new(&opened, begun),
        unreadable: [own.unreadable, others.unreadable].concat(),
    };
    write(
        &options.out.with_extension("json"),
        json(&report)?.as_bytes(),
    )?;
    output::print(&text(&report))?;
    Ok(Ending::of(&stop, &report.unreadable))
}

/// The pictures to measure on, drawn by the seed, and those to learn from,
/// each in the order in which they were named.
fn split(files: Vec<PathBuf>, options: &Options) -> Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    if options.hold_out >= files.len() {
        bail!(
            "of {} pictures, {} cannot be kept for measuring: none would be left",
            files.len(),
            options.hold_out
        );
    }
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(options.seed));
    let kept = &order[..options.hold_out];
    let (others, own): (Vec<_>, Vec<_>) = files
        .into_iter()
        .enumerate()
        .partition(|(index, _)| kept.contains(index));
    let paths = |files: Vec<(usize, PathBuf)>| files.into_iter().map(|(_, file)| file).collect();
    Ok((paths(others), paths(own)))
}

impl Options {
    /// In grey levels.
    fn radius(&self) -> f64 {
        self.radius.unwrap_or(match self.norm {
            Norm::Linf => 10.0,
            _ => 2000.0,
        })
    }

    fn ball(&self) -> Ball {
        match self.norm {
            Norm::Linf => Ball::linf_levels(self.radius()),
            _ => Ball::l2_levels(self.radius()),
        }
    }
}

fn learn(
    options: &Options,
    opened: &Opened,
    pictures: &[Vec<f32>],
    start: Option<&[f32]>,
    stop: &StopFlag,
) -> Result<Universal> {
    let mut progress = Progress::new("learning", options.passes * pictures.len());
    let mut task = Task::new(stop.clone(), |step: universal::Progress| {
        let note = format!(
            "pass {} fools {}",
            step.passes + 1,
            percent(step.running_rate)
        );
        progress.at(step.passes * step.pictures_a_pass + step.pictures, &note);
    });
    let network = &opened.network;
    let made = match options.method {
        Method::Stochastic => {
            let settings = stochastic::Options {
                ball: options.ball(),
                max_passes: options.passes,
                batch: options.batch,
                step: options.step,
                bound: options.bound,
                mirror: !options.no_mirror,
                seed: options.seed,
            };
            block_on(stochastic(network, pictures, start, &settings, &mut task))
        }
        Method::Original => {
            let settings = original::Options {
                ball: options.ball(),
                delta: options.delta,
                max_passes: options.passes,
                seed: options.seed,
                ..original::Options::default()
            };
            block_on(original(network, pictures, start, &settings, &mut task))
        }
    };
    Ok(made?)
}

fn rate(opened: &Opened, pictures: &Pictures, v: &Perturbation, sum: Sum) -> Result<f64> {
    let mut progress = Progress::new("measuring", pictures.values.len());
    // A stopped command still measures what it has; a second Ctrl-C ends it.
    let mut task = Task::new(StopFlag::default(), |done| progress.at(done, ""));
    let found = fooling(
        &opened.network,
        &pictures.values,
        v.values(),
        sum,
        &mut task,
    );
    let found: Result<_, AttackError> = block_on(found);
    Ok(found?.rate())
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

fn name_of(path: &Path) -> String {
    pictures::name(path)
}

fn text(report: &Report) -> String {
    let others = |rates: &Rates| rates.others.map_or("none".to_owned(), percent);
    format!(
        "{} pictures, {} passes, {} gradients in {:.1} s ({} on {})\n\
         Fooled: {} of its own pictures, {} of {} others\n\
         When clipped and rounded to 8 bits: {} and {}\n",
        report.pictures.own,
        report.passes,
        report.gradient_evaluations,
        report.made.seconds,
        report.made.network,
        report.made.device,
        percent(report.fooling_rate.own),
        others(&report.fooling_rate),
        report.pictures.others,
        percent(report.fooling_rate_saved.own),
        others(&report.fooling_rate_saved),
    )
}
