//! `lab train`

use crate::network::{self, Kind};
use crate::output::{self, Made, estimate, json, percent};
use crate::progress::{Progress, stop_on_ctrl_c};
use crate::{Ending, labelled, report, weights_file};
use anyhow::{Context, Result, bail};
use foolscope::measure::Estimate;
use foolscope::task::block_on;
use foolscope::training::from_scratch::{self, Optimiser, Training};
use foolscope::training::set::Augmentation;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Trains a network, from random weights or from a file's.
///
/// Labels are those of an IDX file beside the pictures', or the names of folders
/// in a tar file. The cross-entropy is descended by stochastic gradients with
/// Nesterov's momentum, at a rate that rises in a straight line and falls along a
/// half cosine.
///
/// With --from, a training goes through another cycle of the rate, beginning with
/// the weights of an earlier one, whose JSON is quoted in the new one's if it
/// lies beside them.
///
/// The weights are written to --out with 16 bits a number, batch norms folded,
/// and beside them a JSON of how they came about. Every minute, and at Ctrl-C,
/// the state is written as well; the same command goes on from there.
///
/// Example: lab train --network nin-cifar10 --data train.tar.gz --test test.tar.gz
/// --epochs 12 --mirror --shift 4 --out nin-cifar10.safetensors
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    made: weights_file::Options,
    /// Pictures to learn from: files, folders, or quoted patterns
    #[arg(long, value_name = "FILE", required = true)]
    data: Vec<String>,
    /// Others to measure the error on
    #[arg(long, value_name = "FILE")]
    test: Vec<String>,
    /// Weights to begin with [default: random ones]
    #[arg(long, value_name = "FILE.safetensors")]
    from: Option<PathBuf>,
    /// What to compute on; `lab devices` lists what there is
    #[arg(long, value_enum, default_value_t = Kind::Cpu)]
    device: Kind,
    /// Times that every picture comes up
    #[arg(long, value_name = "COUNT", default_value_t = defaults().epochs)]
    epochs: usize,
    /// Pictures a step
    #[arg(long, value_name = "COUNT", default_value_t = defaults().batch)]
    batch: usize,
    /// The highest learning rate
    #[arg(long, default_value_t = defaults().rate)]
    rate: f64,
    /// The share of the steps in which the rate rises
    #[arg(long, value_name = "SHARE", default_value_t = defaults().warm_up)]
    warm_up: f64,
    #[arg(long, value_name = "SHARE", default_value_t = defaults().momentum)]
    momentum: f64,
    /// The share of a weight that is added to its gradient
    #[arg(long, value_name = "SHARE", default_value_t = defaults().weight_decay)]
    weight_decay: f64,
    /// What makes steps of gradients
    #[arg(long, value_enum, default_value_t = Optimiser::Sgd)]
    optimiser: Optimiser,
    /// The share of the target that is spread over all classes
    #[arg(long, value_name = "SHARE", default_value_t = defaults().smoothing)]
    smoothing: f64,
    /// See every other picture mirrored, drawn by the seed
    #[arg(long)]
    mirror: bool,
    /// Shift pictures by up to so many pixels
    #[arg(long, value_name = "PIXELS", default_value_t = 0)]
    shift: usize,
    /// See only parts of this height and width in the beginning, which is faster
    /// [default: whole pictures]
    #[arg(
        long,
        value_name = "PIXELS",
        default_value_t = 0,
        hide_default_value = true
    )]
    part: usize,
    /// With --part: the last epochs, in which pictures are seen whole
    #[arg(long, value_name = "COUNT", default_value_t = defaults().whole_epochs)]
    whole_epochs: usize,
    /// Of the first weights, the order, and what is seen of pictures
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// JSON for a table
    #[arg(long)]
    json: bool,
}

fn defaults() -> from_scratch::Options {
    from_scratch::Options::default()
}

/// How long to go on before the state is written again.
const BETWEEN_CHECKPOINTS: Duration = Duration::from_secs(60);

/// After an epoch.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Epoch {
    /// The mean of its steps' losses, in nats.
    loss: f64,
    /// The share of pictures classified wrongly while it went on.
    training_error: f64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(flatten)]
    made: Made,
    /// The training that the weights of the beginning are from, as it was told.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<serde_json::Value>,
    data: &'static str,
    /// Learnt from, and measured on.
    pictures: [usize; 2],
    settings: from_scratch::Options,
    epochs: Vec<Epoch>,
    /// Of the weights as they are in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    test_error: Option<Estimate>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<String>,
}

/// Beside the state: what was measured on the way.
#[derive(Default, Serialize, Deserialize)]
struct Diary {
    seconds: f64,
    /// The weights that it began with; none for random ones.
    from: Option<PathBuf>,
    epochs: Vec<Epoch>,
    /// Of this epoch: losses, errors, steps.
    sums: (f64, f64, usize),
}

pub fn run(options: &Options) -> Result<Ending> {
    let begun = Instant::now();
    let entry = options.made.entry()?;
    let out = &options.made.out;
    let architecture = entry.architecture();
    let (device, device_name) = options.device.open()?;
    let settings = settings(options);
    let mut unreadable = Vec::new();
    let own = labelled::read(&options.data, entry, &mut unreadable)?;
    let others = labelled::read(&options.test, entry, &mut unreadable)?;

    let [state, diary_file] = ["state", "diary.json"].map(|it| out.with_extension(it));
    let mut diary = Diary {
        from: options.from.clone(),
        ..Diary::default()
    };
    let mut training = if state.exists() {
        let name = || state.display().to_string();
        diary = serde_json::from_slice(&fs::read(&diary_file).with_context(name)?)
            .with_context(|| diary_file.display().to_string())?;
        if diary.from != options.from {
            bail!(
                "{} is of a training that began with {}: say so again to go on, or delete it to \
                 begin anew",
                name(),
                match &diary.from {
                    Some(file) => format!("--from {}", file.display()),
                    None => "random weights".to_owned(),
                }
            );
        }
        let checkpoint = fs::read(&state).with_context(name)?;
        Training::resumed(&architecture, &own, &settings, &device, &checkpoint)
            .with_context(|| format!("{}: delete it to begin anew", name()))?
    } else if let Some(file) = &options.from {
        let name = || file.display().to_string();
        let weights = network::read(entry, file, false)?;
        block_on(Training::from_weights(
            &architecture,
            &weights,
            &own,
            &settings,
            &device,
        ))
        .with_context(name)?
    } else {
        Training::new(&architecture, &own, &settings, &device)?
    };
    let before = diary.seconds;
    let stop = stop_on_ctrl_c()?;
    let keep = |training: &Training<'_>, diary: &Diary| -> Result<()> {
        output::write(&state, &training.checkpoint()?)?;
        output::write(&diary_file, json(diary)?.as_bytes())
    };
    let mut last_kept = Instant::now();
    let steps_an_epoch = (own.len() / settings.batch).max(1);
    let mut progress = Progress::new("training", steps_an_epoch * settings.epochs);
    while !training.is_done() && !stop.is_stopped() {
        let step = block_on(training.step())?;
        let (losses, errors, steps) = &mut diary.sums;
        *losses += step.loss;
        *errors += step.error;
        *steps += 1;
        let epoch = Epoch {
            loss: *losses / *steps as f64,
            training_error: *errors / *steps as f64,
        };
        let note = format!(
            "epoch {}, loss {:.3}, error {}",
            step.epoch + 1,
            epoch.loss,
            percent(epoch.training_error)
        );
        progress.at(step.step, &note);
        if training.is_between_epochs() {
            eprintln!("lab: {note}");
            diary.epochs.push(epoch);
            diary.sums = Default::default();
        }
        diary.seconds = before + begun.elapsed().as_secs_f64();
        if last_kept.elapsed() > BETWEEN_CHECKPOINTS {
            keep(&training, &diary)?;
            last_kept = Instant::now();
        }
    }
    drop(progress);
    if !training.is_done() {
        keep(&training, &diary)?;
        eprintln!(
            "lab: stopped after step {}; the same command goes on",
            training.done()
        );
        return Ok(Ending::Stopped);
    }

    let weights = training.weights()?;
    let measured = (&others, options.seed);
    let test_error = options
        .made
        .write(entry, &weights, "train", measured, &device)?;
    let mut made = Made::of(entry, out.display().to_string(), &device_name, begun);
    made.seconds = (diary.seconds * 10.0).round() / 10.0;
    let report = Report {
        made,
        from: options.from.as_deref().and_then(weights_file::earlier),
        data: entry.data,
        pictures: [own.len(), others.len()],
        settings,
        epochs: diary.epochs,
        test_error,
        unreadable,
    };
    output::write(&out.with_extension("json"), json(&report)?.as_bytes())?;
    for file in [&state, &diary_file] {
        if file.exists() {
            fs::remove_file(file).with_context(|| file.display().to_string())?;
        }
    }
    report::print(&report, options.json, text)?;
    Ok(Ending::of(&stop, &report.unreadable))
}

fn settings(options: &Options) -> from_scratch::Options {
    from_scratch::Options {
        epochs: options.epochs,
        batch: options.batch,
        rate: options.rate,
        warm_up: options.warm_up,
        momentum: options.momentum,
        weight_decay: options.weight_decay,
        optimiser: options.optimiser,
        smoothing: options.smoothing,
        augmentation: Augmentation {
            mirror: options.mirror,
            shift: options.shift,
        },
        part: options.part,
        whole_epochs: options.whole_epochs,
        seed: options.seed,
    }
}

fn text(report: &Report) -> String {
    let rows: Vec<[String; 3]> = report
        .epochs
        .iter()
        .enumerate()
        .map(|(index, epoch)| {
            [
                (index + 1).to_string(),
                format!("{:.3}", epoch.loss),
                percent(epoch.training_error),
            ]
        })
        .collect();
    let mut text = output::table(["epoch", "loss", "error while training"], &rows);
    let [own, others] = report.pictures;
    if let Some(error) = &report.test_error {
        text += &format!(
            "\nTest error {} on {others} pictures",
            estimate(error, percent)
        );
    }
    text += &format!(
        "\nTrained on {own} pictures {}\n",
        report::took(&report.made)
    );
    text
}
