//! `lab classify`

use crate::network::NetworkOptions;
use crate::output::{self, Made, json, percent};
use crate::pictures::{self, Pictures};
use crate::progress::{Part, Progress, Together, stop_on_ctrl_c};
use crate::spread::{self, Spread};
use crate::{Ending, network};
use anyhow::{Result, bail};
use foolscope::attack::{Prediction, predictions};
use foolscope::measure::Accuracy;
use foolscope::task::block_on;
use foolscope::universal::fooling::{Fooling, Sum, perturbed};
use serde::Serialize;
use std::ops::Not;
use std::path::PathBuf;
use std::time::Instant;

/// Name what is on pictures, and how often that is right.
///
/// Where file names begin with their class, as in 0281_n02123045.jpg, the
/// accuracy is reported. With --perturbation, the sum of each picture and that
/// perturbation is named too, and the share of answers that it changes is
/// reported.
///
/// Example: lab classify --summary ../shared/data/imagenet-sample
#[derive(clap::Args)]
pub struct Options {
    /// Files, folders, or quoted patterns
    #[arg(required = true)]
    pictures: Vec<String>,
    #[command(flatten)]
    network: NetworkOptions,
    /// Add the perturbation in this .npy file to every picture: channels, height
    /// and width, or the channels last; in pixel units, or in grey levels where
    /// its numbers are whole or go beyond 1
    #[arg(long, value_name = "FILE")]
    perturbation: Option<PathBuf>,
    /// Clip and round the sum to 8 bits, as the page does and saving would
    #[arg(long, requires = "perturbation")]
    saved: bool,
    /// Only the shares over all pictures
    #[arg(long)]
    summary: bool,
    /// JSON for a table
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(flatten)]
    made: Made,
    pictures: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy: Option<Accuracy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fooling_rate: Option<f64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    answers: Vec<Answer>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    file: String,
    #[serde(skip_serializing_if = "Not::not")]
    cut_short: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    truth: Option<usize>,
    top: Vec<Class>,
    #[serde(skip_serializing_if = "Option::is_none")]
    perturbed: Option<Vec<Class>>,
}

#[derive(Serialize)]
struct Class {
    label: usize,
    name: &'static str,
    probability: f64,
    logit: f32,
}

/// Pictures read and classified at a time on a GPU.
const BATCH: usize = 8;

pub fn run(options: &Options) -> Result<Ending> {
    let begun = Instant::now();
    let files = pictures::expand(&options.pictures)?;
    let opened = options.network.open()?;
    let stop = stop_on_ctrl_c()?;
    let v = options
        .perturbation
        .as_deref()
        .map(|path| opened.perturbation(path));
    let v = v.transpose()?;
    let sum = if options.saved { Sum::Saved } else { Sum::Raw };

    let spread = Spread {
        opened: &opened,
        files: &files,
        batch: BATCH,
        progress: Together::new(Progress::new("classifying", files.len()), 0),
        steps: 1,
        stop: &stop,
    };
    let answers = |pictures: &Pictures, _: &Part<'_>| {
        let (network, x) = (&opened.network, &pictures.values);
        let clean = block_on(predictions(network, x))?;
        let changed = match &v {
            Some(v) => block_on(perturbed(network, x, v.values(), sum))?,
            None => Vec::new(),
        };
        let mut changed = changed.into_iter();
        let both = clean.into_iter().map(|clean| (clean, changed.next()));
        Ok(both.collect())
    };
    let mut named: Vec<PathBuf> = Vec::new();
    let mut clean: Vec<Prediction> = Vec::new();
    let mut changed: Vec<Prediction> = Vec::new();
    let unreadable = spread::pictures(&spread, answers, |done| {
        named.push(done.file.to_owned());
        clean.push(done.result.0);
        changed.extend(done.result.1);
        Ok(())
    })?;
    drop(spread);
    if named.is_empty() && !stop.is_stopped() {
        bail!("none of the pictures could be read");
    }

    let truths = named.iter().map(|file| pictures::class(file, opened.entry));
    let truths: Vec<Option<usize>> = truths.collect();
    let known: Vec<(&Prediction, usize)> = clean
        .iter()
        .zip(&truths)
        .filter_map(|(answer, truth)| Some((answer, (*truth)?)))
        .collect();
    let fooling = v.is_some().then(|| Fooling {
        labels: clean
            .iter()
            .zip(&changed)
            .map(|(a, b)| (a.label, b.label))
            .collect(),
    });
    let answers = named
        .iter()
        .zip(&truths)
        .enumerate()
        .map(|(i, (file, &truth))| Answer {
            file: pictures::name(file),
            cut_short: pictures::is_cut_short(file),
            truth,
            top: top(&clean[i], &opened),
            perturbed: changed.get(i).map(|answer| top(answer, &opened)),
        });
    let report = Report {
        made: Made::new(&opened, begun),
        pictures: named.len(),
        accuracy: (!known.is_empty()).then(|| Accuracy::of(&known)),
        fooling_rate: fooling.and_then(|fooling| fooling.rate()),
        answers: if options.summary {
            Vec::new()
        } else {
            answers.collect()
        },
        unreadable,
    };
    output::print(&if options.json {
        json(&report)?
    } else {
        text(&report)
    })?;
    Ok(Ending::of(&stop, &report.unreadable))
}

fn top(answer: &Prediction, opened: &network::Opened) -> Vec<Class> {
    let names = opened.entry.class_names();
    let probabilities = answer.probabilities();
    let top = answer.top(5).into_iter();
    top.map(|label| Class {
        label,
        name: names[label],
        probability: probabilities[label],
        logit: answer.logits[label],
    })
    .collect()
}

fn text(report: &Report) -> String {
    let mut text = String::new();
    if !report.answers.is_empty() {
        let rows: Vec<[String; 5]> = report
            .answers
            .iter()
            .map(|answer| {
                let first = &answer.top[0];
                let mark = match answer.truth {
                    Some(truth) if truth == first.label => "right",
                    Some(_) => "wrong",
                    None => "",
                };
                let perturbed = answer.perturbed.as_ref();
                [
                    answer.file.clone(),
                    first.name.to_owned(),
                    percent(first.probability),
                    mark.to_owned(),
                    perturbed.map_or(String::new(), |top| format!("→ {}", top[0].name)),
                ]
            })
            .collect();
        text += &output::table(["picture", "answer", "probability", "", ""], &rows);
        text += "\n";
    }
    text += &format!(
        "{} pictures in {:.1} s",
        report.pictures, report.made.seconds
    );
    text += &format!(" ({} on {})\n", report.made.network, report.made.device);
    if let Some(accuracy) = &report.accuracy {
        text += &format!(
            "Right: {} with one guess, {} with five, of {} whose class their name tells\n",
            percent(accuracy.top1),
            percent(accuracy.top5),
            accuracy.pictures
        );
    }
    if let Some(rate) = report.fooling_rate {
        text += &format!(
            "The perturbation changes {} of the answers\n",
            percent(rate)
        );
    }
    text
}
