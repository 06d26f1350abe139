//! `lab feedback`

use crate::Ending;
use crate::network::{NetworkOptions, Opened};
use crate::output::{self, Made, estimate, json, make_folder, percent};
use crate::pictures::{self, Pictures};
use crate::progress::{Progress, stop_on_ctrl_c};
use crate::report::{self, took};
use anyhow::{Context, Result, bail};
use foolscope::attack::predictions;
use foolscope::classifier::Classifier;
use foolscope::classifier::network::Network;
use foolscope::classifier::weights::Weights;
use foolscope::task::{StopFlag, Task, block_on};
use foolscope::training::TrainingError;
use foolscope::training::feedback::{self, Data, Labelled, State};
use foolscope::training::fine_tuning;
use foolscope::universal::{Ball, Split, stochastic};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Whether training with universal perturbations helps against new ones.
///
/// Each round makes several perturbations for the network as it is, goes on
/// with its training on pictures of which half are perturbed by one of them,
/// and makes a new perturbation for the new weights, whose fooling rate on
/// pictures that are kept apart is the result (Moosavi-Dezfooli and others,
/// CVPR 2017, section 4: for VGG-F it fell from 93.7 % to 76.2 % in the first
/// round, and to about 80 % in five more).
///
/// A picture's label is its class where its file says it (a name such as
/// 0281_n02123045.jpg, a folder in a tar file, an IDX file of labels), and
/// otherwise what the network says of it in the beginning.
///
/// --out keeps the weights after each round and the report; the same command
/// goes on from there when it was stopped, or with more rounds.
///
/// Of the networks only those of the catalogue can be trained on, not one from a
/// file.
///
/// Example: lab feedback photos/ --hold-out 200 --rounds 2 --out hardened/
#[derive(clap::Args)]
pub struct Options {
    /// Files, folders, or quoted patterns
    #[arg(required = true)]
    pictures: Vec<String>,
    #[command(flatten)]
    network: NetworkOptions,
    /// How many of the pictures, drawn by the seed, to keep for measuring
    #[arg(long, value_name = "COUNT", default_value_t = 100)]
    hold_out: usize,
    #[arg(long, value_name = "COUNT", default_value_t = 5)]
    rounds: usize,
    /// Perturbations that a round trains with
    #[arg(long, value_name = "COUNT", default_value_t = feedback::Options::default().perturbations)]
    perturbations: usize,
    /// How large they are, in grey levels; no value changes by more
    #[arg(long, value_name = "LEVELS", default_value_t = 10.0)]
    radius: f64,
    /// Passes over the pictures to make each of them
    #[arg(long, value_name = "COUNT", default_value_t = 5)]
    passes: usize,
    /// See no mirrored pictures while making them
    #[arg(long)]
    no_mirror: bool,
    /// The least side of the part of a picture that is seen while making them,
    /// as a share of its own; 1 for whole pictures
    #[arg(long, value_name = "SHARE", default_value_t = stochastic::Options::default().crop)]
    crop: f64,
    /// Times that every picture comes up in a round's training
    #[arg(long, value_name = "COUNT", default_value_t = fine_tuning::Options::default().epochs)]
    epochs: usize,
    /// Pictures a step of training
    #[arg(long, value_name = "COUNT", default_value_t = fine_tuning::Options::default().batch)]
    batch: usize,
    /// The learning rate of a round's first step
    #[arg(long, default_value_t = fine_tuning::Options::default().rate)]
    rate: f64,
    /// Of all that is drawn by chance
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Keep the weights after each round and the report in this folder, and go
    /// on from it
    #[arg(long, short, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// JSON for a table
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    #[serde(flatten)]
    made: Made,
    pictures: [usize; 2],
    #[serde(flatten)]
    measured: &'a Measured,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    unreadable: &'a [String],
}

/// What a later run goes on from.
#[derive(Serialize, Deserialize)]
struct Measured {
    settings: Settings,
    /// Before the first round, and after each.
    rounds: Vec<State>,
}

/// What all rounds have in common.
#[derive(Serialize, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
struct Settings {
    hold_out: usize,
    #[serde(flatten)]
    feedback: feedback::Options,
    seed: u64,
}

pub fn run(options: &Options) -> Result<Ending> {
    let begun = Instant::now();
    let files = pictures::expand(&options.pictures)?;
    let (count, hold_out) = (files.len(), options.hold_out);
    if hold_out == 0 || hold_out >= count {
        bail!(
            "of {count} pictures, {hold_out} cannot be kept for measuring: at least one must be, \
             and one be left"
        );
    }
    let split = Split::drawn(count, hold_out, None, options.seed)?;
    let opened = options.network.open()?;
    let stop = stop_on_ctrl_c()?;
    let mut unreadable = Vec::new();
    let [own, others] = labelled(&opened, split.of(&files), &mut unreadable)?;
    let data = Data {
        own: &own,
        others: &others,
    };

    let mut weights = opened.read_weights()?;
    let mut measured = Measured {
        settings: options.settings(),
        rounds: Vec::new(),
    };
    if let Some(out) = &options.out {
        make_folder(out)?;
        go_on(out, &opened, &mut measured, &mut weights)?;
    }
    while measured.rounds.len() <= options.rounds {
        let round = measured.rounds.len();
        let done = one_round(&opened, &weights, data, &measured.settings, round, &stop);
        let (new, state) = match done {
            Ok(done) => done,
            Err(TrainingError::Stopped(_)) => break,
            Err(error) => return Err(error.into()),
        };
        weights = new;
        measured.rounds.push(state);
        if let Some(out) = &options.out {
            // The weights first: a report without them could not be gone on from.
            let bytes = weights.to_safetensors_f16(&[])?;
            output::write(&weights_file(out, round), &bytes)?;
            let report = measured.report(data, &unreadable, Made::new(&opened, begun));
            output::write(&out.join("report.json"), json(&report)?.as_bytes())?;
            // As a later run reads them.
            weights = Weights::from_safetensors(&bytes)?;
        }
    }
    let made = Made::new(&opened, begun);
    let report = measured.report(data, &unreadable, made);
    report::print(&report, options.json, text)?;
    Ok(Ending::of(&stop, &unreadable))
}

impl Options {
    fn settings(&self) -> Settings {
        let feedback = feedback::Options {
            perturbations: self.perturbations,
            universal: stochastic::Options {
                ball: Ball::linf_levels(self.radius),
                max_passes: self.passes,
                mirror: !self.no_mirror,
                crop: self.crop,
                ..stochastic::Options::default()
            },
            fine_tuning: fine_tuning::Options {
                epochs: self.epochs,
                batch: self.batch,
                rate: self.rate,
                ..fine_tuning::Options::default()
            },
        };
        Settings {
            hold_out: self.hold_out,
            feedback,
            seed: self.seed,
        }
    }
}

impl Measured {
    fn report<'a>(&'a self, data: Data<'_>, unreadable: &'a [String], made: Made) -> Report<'a> {
        Report {
            made,
            pictures: [data.own.len(), data.others.len()],
            measured: self,
            unreadable,
        }
    }
}

/// Pictures, each with its label.
fn labelled(
    opened: &Opened,
    files: [Vec<PathBuf>; 2],
    unreadable: &mut Vec<String>,
) -> Result<[Vec<Labelled>; 2]> {
    let mut labelled = |files: &[PathBuf]| -> Result<Vec<Labelled>> {
        let mut read = Pictures::read_and_say(files, opened.entry);
        unreadable.append(&mut read.unreadable);
        let answers = block_on(predictions(&opened.network, &read.values))?;
        let named = read.files.iter().zip(answers);
        let labels =
            named.map(|(file, answer)| pictures::class(file, opened.entry).unwrap_or(answer.label));
        Ok(read
            .values
            .into_iter()
            .zip(labels.collect::<Vec<_>>())
            .collect())
    };
    let [own, others] = files;
    // In this order, so that a picture that cannot be read is named where it was.
    let (others, own) = (labelled(&others)?, labelled(&own)?);
    if own.is_empty() || others.is_empty() {
        bail!("too few of the pictures could be read");
    }
    Ok([own, others])
}

/// The weights of a round (of round 0, those that there are) and what they are
/// worth.
fn one_round(
    opened: &Opened,
    weights: &Weights,
    data: Data<'_>,
    settings: &Settings,
    round: usize,
    stop: &StopFlag,
) -> Result<(Weights, State), TrainingError> {
    let architecture = opened.entry.architecture();
    let (device, options) = (opened.network.device(), &settings.feedback);
    let steps = 1000;
    let mut progress = Progress::new("hardening", steps);
    let mut task = Task::new(stop.clone(), |step: feedback::Progress| {
        let (share, note) = match step {
            feedback::Progress::Perturbing(which, of, share) => {
                (share, format!("perturbation {which} of {of}"))
            }
            feedback::Progress::Training(share, loss) => {
                (share, format!("training, loss {loss:.3}"))
            }
        };
        progress.at(
            (share * steps as f64) as usize,
            &format!("round {round}, {note}"),
        );
    });
    // Rounds draw from seeds of their own.
    let seed = settings.seed + 1000 * round as u64;
    let task = &mut task;
    let weights = match round {
        0 => weights.clone(),
        _ => block_on(feedback::round(
            &architecture,
            weights,
            device,
            data,
            options,
            seed,
            task,
        ))?,
    };
    let network = Network::new(&architecture, &weights, device)?;
    let state = block_on(feedback::state(&network, data, options, seed, task))?;
    Ok((weights, state))
}

fn weights_file(out: &Path, round: usize) -> PathBuf {
    out.join(format!("round-{round}.safetensors"))
}

/// Takes over what an earlier run with the same settings has.
fn go_on(
    out: &Path,
    opened: &Opened,
    measured: &mut Measured,
    weights: &mut Weights,
) -> Result<()> {
    #[derive(Deserialize)]
    struct Earlier {
        network: String,
        weights: String,
        #[serde(flatten)]
        measured: Measured,
    }
    let file = out.join("report.json");
    if !file.exists() {
        return Ok(());
    }
    let name = || file.display().to_string();
    let earlier: Earlier = serde_json::from_slice(&fs::read(&file).with_context(name)?)
        .with_context(|| format!("{} is no report of lab feedback", name()))?;
    let is_same = earlier.measured.settings == measured.settings
        && earlier.network == opened.entry.id
        && earlier.weights == opened.weights.display().to_string();
    if !is_same {
        bail!(
            "{} was made from another network or with other settings: name another folder",
            name()
        );
    }
    if let Some(last) = earlier.measured.rounds.len().checked_sub(1) {
        let file = weights_file(out, last);
        let bytes = fs::read(&file).with_context(|| file.display().to_string())?;
        *weights = Weights::from_safetensors(&bytes)?;
        weights.check(&opened.entry.architecture())?;
    }
    measured.rounds = earlier.measured.rounds;
    Ok(())
}

fn text(report: &Report<'_>) -> String {
    let rounds = report.measured.rounds.iter().enumerate();
    let rows: Vec<[String; 3]> = rounds
        .map(|(round, state)| {
            [
                round.to_string(),
                estimate(&state.fooling_rate, percent),
                estimate(&state.accuracy, percent),
            ]
        })
        .collect();
    let mut text = output::table(["round", "fooled by a new one", "right when clean"], &rows);
    let [own, others] = report.pictures;
    let took = took(&report.made);
    text += &format!("\nTrained on {own} pictures, measured on {others} others, {took}\n");
    text
}
