//! `lab deepfool`

use crate::Ending;
use crate::network::{NetworkOptions, Opened};
use crate::output::{self, Made, json, levels, percent, relative};
use crate::pictures::{self, Pictures};
use crate::progress::{Part, Progress, Together, stop_on_ctrl_c};
use crate::spread::{self, Spread};
use anyhow::{Context, Result, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use foolscope::attack::deepfool::{self, deepfool};
use foolscope::attack::smallest::{self, Range, smallest};
use foolscope::attack::super_deepfool::{self, super_deepfool};
use foolscope::attack::{AttackError, Norm, Outcome, predictions};
use foolscope::classifier::Classifier;
use foolscope::measure::Robustness;
use foolscope::npy;
use foolscope::photo::{self, Perturbation, Photo};
use foolscope::statistics;
use foolscope::task::{StopFlag, Task, block_on};
use serde::Serialize;
use std::fs;
use std::ops::Not;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The smallest perturbation of each picture that changes its answer.
///
/// DeepFool (Moosavi-Dezfooli, Fawzi and Frossard, CVPR 2016), with the paper's
/// settings. Where its steps lead no further, at an exact tie or around a kink,
/// it goes on otherwise and says so. Nothing is clipped, as in the paper;
/// whether the answer still differs when the sum is clipped to what a screen
/// shows, and when it is rounded to 8 bits as well, is reported beside.
///
/// --tighter finds smaller ones, --smallest the smallest within a budget of
/// gradients, and --eight-bit such that a saved file still fools.
///
/// Example: lab deepfool photo.jpg --save fooled/
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("budgeted").multiple(true)))]
pub struct Options {
    /// Files, folders, or quoted patterns
    #[arg(required = true)]
    pictures: Vec<String>,
    #[command(flatten)]
    network: NetworkOptions,
    #[command(flatten)]
    deepfool: DeepfoolOptions,
    /// The class that each picture should become, by number or name; without,
    /// any other than its own
    #[arg(long, value_name = "CLASS")]
    target: Option<String>,
    /// Shorten each perturbation along itself to the boundary (not in the paper)
    #[arg(long)]
    bisect: bool,
    /// SuperDeepFool: DeepFool with projections on the boundary's normal, and
    /// shortened in the end. Finds smaller perturbations in l2
    #[arg(long, conflicts_with = "norm")]
    tighter: bool,
    /// --smallest in whole grey levels: the picture that --save writes fools from
    /// the file, which is read back to see
    #[arg(long, group = "budgeted", conflicts_with_all = ["tighter", "bisect", "candidates", "overshoot", "max_iterations"])]
    eight_bit: bool,
    /// The smallest that is found within a budget of gradients, l2 or linf; the
    /// sum stays within what a picture can show
    #[arg(long, group = "budgeted", conflicts_with_all = ["tighter", "bisect", "candidates", "overshoot", "max_iterations"])]
    smallest: bool,
    /// The budget of --smallest and --eight-bit for each picture
    #[arg(long, value_name = "COUNT", requires = "budgeted",
          default_value_t = smallest::Options::default().gradients as u32,
          value_parser = clap::value_parser!(u32).range(1..))]
    gradients: u32,
    /// Let the sum of --smallest leave what a picture can show, as DeepFool's does
    #[arg(long, requires = "smallest", conflicts_with = "eight_bit")]
    unbounded: bool,
    /// Write each perturbation as .npy and amplified as .png, and the picture
    /// with it as .png, into this folder
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
    /// Pictures attacked at a time on a GPU; on the CPU each core takes one
    #[arg(long, value_name = "COUNT", default_value_t = 4,
          value_parser = clap::value_parser!(u16).range(1..))]
    batch: u16,
    /// JSON for a table
    #[arg(long)]
    json: bool,
}

/// The settings of DeepFool, here and where it is a part of something else.
#[derive(clap::Args)]
pub struct DeepfoolOptions {
    /// Classes whose boundaries are looked at
    #[arg(long, value_name = "COUNT", default_value_t = deepfool::Options::default().candidates)]
    candidates: usize,
    /// How far beyond the boundary to go, as a share of the way to it
    #[arg(long, value_name = "SHARE", default_value_t = deepfool::Options::default().overshoot)]
    overshoot: f64,
    #[arg(long, value_name = "COUNT", default_value_t = deepfool::Options::default().max_iterations)]
    max_iterations: usize,
    /// In which norm the perturbation should be small
    #[arg(long, default_value = "l2", value_parser = norms(["l2", "linf", "l1"]))]
    norm: Norm,
}

/// Norms by name.
pub fn norms<const N: usize>(names: [&'static str; N]) -> impl TypedValueParser<Value = Norm> {
    PossibleValuesParser::new(names).map(|name| match name.as_str() {
        "l1" => Norm::L1,
        "linf" => Norm::Linf,
        _ => Norm::L2,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(flatten)]
    made: Made,
    method: &'static str,
    options: deepfool::Options,
    /// Of the smallest.
    #[serde(skip_serializing_if = "Option::is_none")]
    budget: Option<Budget>,
    /// The name of the class that the pictures should become.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'static str>,
    robustness: Robustness,
    pictures: Vec<Fooled>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fooled {
    file: String,
    #[serde(skip_serializing_if = "Not::not")]
    cut_short: bool,
    clean: &'static str,
    adversarial: &'static str,
    clean_label: usize,
    adversarial_label: usize,
    fooled: bool,
    iterations: usize,
    /// How often the published steps led no further, at a tie or a kink, and it
    /// went on otherwise.
    stalls: usize,
    /// How many gradients of a logit, or of a difference of two, were taken.
    gradients: usize,
    /// In grey levels.
    l2: f64,
    linf: f64,
    /// None for a black picture, which has no length.
    rho: Option<f64>,
    survives_clipping: bool,
    survives_rounding: bool,
}

pub fn run(options: &Options) -> Result<Ending> {
    let begun = Instant::now();
    let files = pictures::expand(&options.pictures)?;
    let opened = options.network.open()?;
    let target = options.target.as_deref();
    let settings = deepfool::Options {
        candidates: options.deepfool.candidates,
        overshoot: options.deepfool.overshoot,
        max_iterations: options.deepfool.max_iterations,
        norm: options.deepfool.norm,
        target: target.map(|target| opened.class(target)).transpose()?,
        bisect: options.bisect,
    };
    let is_smallest = options.smallest || options.eight_bit;
    let budget = is_smallest.then_some(Budget {
        gradients: options.gradients as usize,
        range: match (options.eight_bit, options.unbounded) {
            (true, _) => Range::Saved,
            (_, true) => Range::Unbounded,
            _ => Range::Shown,
        },
    });
    let method = match options.tighter {
        _ if is_smallest => Method::Smallest,
        true => Method::Super,
        false => Method::DeepFool,
    };
    if let Some(folder) = &options.save {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let stop = stop_on_ctrl_c()?;

    let spread = Spread {
        opened: &opened,
        files: &files,
        batch: options.batch.into(),
        progress: Together::new(Progress::new("fooling", files.len()), 0),
        steps: 1,
        stop: &stop,
    };
    let attack = |pictures: &Pictures, part: &Part<'_>| {
        let outcomes = method.on(&opened, &pictures.values, &settings, budget, part, &stop)?;
        if let Some(folder) = &options.save {
            for ((file, x), outcome) in pictures.files.iter().zip(&pictures.values).zip(&outcomes) {
                save(folder, file, x, outcome, &opened)?;
                if options.eight_bit && outcome.fooled() {
                    check_file(folder, file, outcome, &opened)?;
                }
            }
        }
        Ok(outcomes)
    };
    let mut named = Vec::new();
    let mut outcomes = Vec::new();
    let unreadable = spread::pictures(&spread, attack, |done| {
        named.push(done.file.to_owned());
        outcomes.push(done.result);
        Ok(())
    })?;
    drop(spread);
    if named.is_empty() && !stop.is_stopped() {
        bail!("none of the pictures could be read");
    }

    let names = opened.entry.class_names();
    let fooled = named.iter().zip(&outcomes).map(|(file, outcome)| {
        let norms = outcome.norms.in_levels();
        Fooled {
            file: pictures::name(file),
            cut_short: pictures::is_cut_short(file),
            clean: names[outcome.clean.label],
            adversarial: names[outcome.adversarial.label],
            clean_label: outcome.clean.label,
            adversarial_label: outcome.adversarial.label,
            fooled: outcome.fooled()
                && settings
                    .target
                    .is_none_or(|target| target == outcome.adversarial.label),
            iterations: outcome.iterations,
            stalls: outcome.stalls,
            gradients: outcome.gradient_evaluations,
            l2: norms.l2,
            linf: norms.linf,
            rho: outcome.rho,
            survives_clipping: outcome.survives_clipping,
            survives_rounding: outcome.survives_rounding,
        }
    });
    let report = Report {
        pictures: fooled.collect(),
        method: method.name(),
        robustness: Robustness::of(&outcomes, settings.target),
        target: settings.target.map(|target| names[target]),
        options: settings,
        budget,
        made: Made::new(&opened, begun),
        unreadable,
    };
    output::print(&if options.json {
        json(&report)?
    } else {
        text(&report)
    })?;
    Ok(Ending::of(&stop, &report.unreadable))
}

/// What the smallest may take, and where its sum may be.
#[derive(Clone, Copy, Serialize)]
struct Budget {
    gradients: usize,
    range: Range,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    DeepFool,
    Super,
    Smallest,
}

impl Method {
    fn on(
        self,
        opened: &Opened,
        pictures: &[Vec<f32>],
        settings: &deepfool::Options,
        budget: Option<Budget>,
        part: &Part<'_>,
        stop: &StopFlag,
    ) -> Result<Vec<Outcome>, AttackError> {
        let network = &opened.network;
        match self {
            Method::DeepFool => {
                let mut task = Task::new(stop.clone(), |step: deepfool::Progress| {
                    part.at(step.fooled, &format!("iteration {}", step.iteration));
                });
                block_on(deepfool(network, pictures, settings, &mut task))
            }
            Method::Super => {
                let options = super_deepfool::Options {
                    deepfool: settings.clone(),
                    ..super_deepfool::Options::default()
                };
                let mut task = Task::new(stop.clone(), |step: super_deepfool::Progress| {
                    part.at(step.picture, &format!("projection {}", step.round));
                });
                block_on(super_deepfool(network, pictures, &options, &mut task))
            }
            Method::Smallest => {
                let mut options = smallest::Options {
                    norm: settings.norm,
                    target: settings.target,
                    ..smallest::Options::default()
                };
                if let Some(budget) = budget {
                    (options.gradients, options.range) = (budget.gradients, budget.range);
                }
                let mut task = Task::new(stop.clone(), |at: smallest::Progress| {
                    let size = at.best.map_or(String::new(), |best| {
                        format!(": {:.1} levels", 255.0 * best.size)
                    });
                    part.at(at.picture, &format!("gradient {}{size}", at.gradients));
                });
                block_on(smallest(network, pictures, &options, &mut task))
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Method::DeepFool => "DeepFool",
            Method::Super => "SuperDeepFool",
            Method::Smallest => "smallest",
        }
    }
}

/// Whether the file that was saved, read as anybody reads it, has the label that
/// was found.
fn check_file(folder: &Path, file: &Path, outcome: &Outcome, opened: &Opened) -> Result<()> {
    let path = folder.join(format!("{}-fooled.png", stem(file)));
    let [channels, side, _] = opened.network.input_shape();
    let saved = photo::open(&path)?.crop(side, side)?.to_photo(channels)?;
    let answer = block_on(predictions(&opened.network, &[saved.values()]))?;
    if answer[0].label != outcome.adversarial.label {
        bail!(
            "{} has another answer when it is read back: this is a mistake in this program",
            path.display()
        );
    }
    Ok(())
}

fn stem(file: &Path) -> std::borrow::Cow<'_, str> {
    file.file_stem()
        .unwrap_or(file.as_os_str())
        .to_string_lossy()
}

/// NAME.npy, NAME-noise.png and NAME-fooled.png.
pub fn save(
    folder: &Path,
    file: &Path,
    x: &[f32],
    outcome: &Outcome,
    opened: &Opened,
) -> Result<()> {
    let shape = opened.network.input_shape();
    let stem = stem(file);
    let path = |ending: &str| folder.join(format!("{stem}{ending}"));
    let v = Perturbation::new(shape, outcome.perturbation.clone())?;
    let npy = path(".npy");
    fs::write(&npy, npy::to_bytes(&v))
        .with_context(|| format!("cannot write {}", npy.display()))?;
    let [_, height, width] = shape.map(|size| size as u32);
    photo::save_png(
        path("-noise.png"),
        &v.draw(v.amplification(1.0)),
        width,
        height,
    )?;
    let sum = x.iter().zip(v.values()).map(|(x, v)| x + v).collect();
    let sum = Photo::new(shape, sum)?;
    photo::save_png(path("-fooled.png"), &sum.to_rgba(), width, height)?;
    Ok(())
}

fn text(report: &Report) -> String {
    // What did not fool has no size that matters.
    let size = |fooled: &Fooled, size| levels(fooled.fooled.then_some(size));
    let rows: Vec<[String; 7]> = report
        .pictures
        .iter()
        .map(|fooled| {
            [
                fooled.file.clone(),
                fooled.clean.to_owned(),
                fooled.adversarial.to_owned(),
                fooled.iterations.to_string(),
                size(fooled, fooled.l2),
                size(fooled, fooled.linf),
                relative(fooled.rho.filter(|_| fooled.fooled)),
            ]
        })
        .collect();
    let headings = [
        "picture",
        "answer",
        "fooled",
        "iterations",
        "l2",
        "linf",
        "rho",
    ];
    let mut text = output::table(headings, &rows);
    let r = &report.robustness;
    let fooled = match r.fooled {
        0 => format!("None of {} was fooled", r.pictures),
        fooled => format!("{fooled} of {} fooled", r.pictures),
    };
    text += &format!(
        "\n{fooled} by {} in {:.1} s ({} on {})\n",
        report.method, report.made.seconds, report.made.network, report.made.device
    );
    if let (Some(target), true) = (report.target, r.already > 0) {
        text += &format!(
            "{} of {} called {target} already: there is nothing to change\n",
            r.already, r.pictures
        );
    }
    if r.fooled == 0 {
        return text;
    }
    text += &format!(
        "rho_adv, the mean of the relative sizes: {}\n",
        relative(r.rho_adv)
    );
    if r.without_rho > 0 {
        text += &output::without_length(r.without_rho);
    }
    text += &format!(
        "Medians: l2 {} levels, linf {} levels\n",
        levels(r.median_l2),
        levels(r.median_linf)
    );
    let share = |count: usize| percent(statistics::share(count, r.fooled));
    text += &format!(
        "Still fooled when clipped: {}; when rounded to 8 bits as well: {}\n",
        share(r.survive_clipping),
        share(r.survive_rounding)
    );
    if r.stalled > 0 {
        text += &format!(
            "Past a tie or a kink, where the published steps lead no further: {}\n",
            r.stalled
        );
    }
    text
}
