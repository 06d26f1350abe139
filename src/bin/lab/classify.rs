//! `lab classify`

use crate::Ending;
use crate::each::{self, At, Each, Piece, Report};
use crate::network::NetworkOptions;
use crate::output::{self, percent};
use crate::pictures;
use anyhow::Result;
use foolscope::attack::{Prediction, predictions};
use foolscope::classifier::catalogue::Entry;
use foolscope::measure::Accuracy;
use foolscope::photo::Perturbation;
use foolscope::statistics;
use foolscope::task::block_on;
use foolscope::universal::fooling::{Sum, perturbed};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

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
    #[command(flatten)]
    each: each::Options,
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
}

pub fn run(options: &Options) -> Result<Ending> {
    each::run(
        &options.each,
        || options.network.open(),
        |opened| {
            let v = options.perturbation.as_deref();
            let v = v.map(|path| opened.perturbation(path)).transpose()?;
            Ok(Classify {
                settings: Settings {
                    perturbation: options.perturbation.clone(),
                    perturbation_hash: v.as_ref().map(each::perturbation_hash),
                    saved: options.saved,
                    summary: options.summary,
                },
                v,
            })
        },
    )
}

/// What each picture is called, and with something added to it.
pub struct Classify {
    settings: Settings,
    v: Option<Perturbation>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    perturbation: Option<PathBuf>,
    /// Of its numbers: its name alone says little.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    perturbation_hash: Option<String>,
    saved: bool,
    /// Whether no picture is listed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    summary: bool,
}

#[derive(Serialize, Deserialize)]
pub struct Found {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    truth: Option<usize>,
    top: Vec<Class>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    perturbed: Option<Vec<Class>>,
}

#[derive(Serialize, Deserialize)]
struct Class {
    label: usize,
    name: String,
    probability: f64,
    logit: f32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    pictures: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    accuracy: Option<Accuracy>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fooling_rate: Option<f64>,
}

impl Each for Classify {
    const COMMAND: &'static str = "classify";
    const DOING: &'static str = "classifying";
    type Settings = Settings;
    type Found = Found;
    type Summary = Summary;

    fn settings(&self) -> Settings {
        self.settings.clone()
    }

    fn listed(settings: &Settings) -> Option<&'static str> {
        (!settings.summary).then_some("answers")
    }

    fn is_same(one: &Settings, other: &Settings) -> bool {
        let summary = one.summary;
        *one == Settings {
            summary,
            ..other.clone()
        }
    }

    fn find(&self, at: &At<'_>) -> Result<Vec<Found>> {
        let (network, entry) = (&at.opened.network, at.opened.entry);
        let sum = Sum::new(self.settings.saved);
        let clean = block_on(predictions(network, &at.x))?;
        let changed = match &self.v {
            Some(v) => block_on(perturbed(network, &at.x, v.values(), sum))?,
            None => Vec::new(),
        };
        let named = at.files.iter().zip(&clean).enumerate();
        let found = named.map(|(index, (file, answer))| Found {
            truth: pictures::class(file, entry),
            top: top(answer, entry),
            perturbed: changed.get(index).map(|answer| top(answer, entry)),
        });
        Ok(found.collect())
    }

    fn summary(_: &Settings, _: &Entry, found: &[Piece<Found>]) -> Result<Summary> {
        let each = || found.iter().map(|piece| &piece.found);
        let labels = |top: &[Class]| top.iter().map(|class| class.label).collect();
        let known = each().filter_map(|it| Some((labels(&it.top), it.truth?)));
        let known: Vec<(Vec<usize>, usize)> = known.collect();
        let both = || each().filter_map(|it| Some((&it.top, it.perturbed.as_ref()?)));
        let changed = both().filter(|(clean, other)| clean[0].label != other[0].label);
        Ok(Summary {
            pictures: found.len(),
            accuracy: (!known.is_empty()).then(|| Accuracy::of(&known)),
            fooling_rate: statistics::share(changed.count(), both().count()),
        })
    }

    fn text(report: &Report<Self>) -> String {
        let mut text = String::new();
        if !report.settings.summary {
            let rows = report.pieces.iter().map(|piece| {
                let Found {
                    truth,
                    top,
                    perturbed,
                } = &piece.found;
                let mark = match truth {
                    Some(truth) if *truth == top[0].label => "right",
                    Some(_) => "wrong",
                    None => "",
                };
                let then = |top: &Vec<Class>| format!("→ {}", top[0].name);
                [
                    Report::<Self>::name(piece),
                    top[0].name.clone(),
                    percent(top[0].probability),
                    mark.to_owned(),
                    perturbed.as_ref().map_or(String::new(), then),
                ]
            });
            let headings = ["picture", "answer", "probability", "", ""];
            text += &output::table(headings, &rows.collect::<Vec<_>>());
            text += "\n";
        }
        let summary = &report.summary;
        text += &format!("{} {}\n", output::pictures(summary.pictures), report.took());
        if let Some(accuracy) = &summary.accuracy {
            text += &format!(
                "Right: {} with one guess, {} with five, of {} whose class their name tells\n",
                percent(accuracy.top1),
                percent(accuracy.top5),
                accuracy.pictures
            );
        }
        if let Some(rate) = summary.fooling_rate {
            let rate = percent(rate);
            text += &format!("The perturbation changes {rate} of the answers\n");
        }
        text
    }
}

fn top(answer: &Prediction, entry: &Entry) -> Vec<Class> {
    let names = entry.class_names();
    let probabilities = answer.probabilities();
    let top = answer.top(5).into_iter();
    top.map(|label| Class {
        label,
        name: names[label].to_owned(),
        probability: probabilities[label],
        logit: answer.logits[label],
    })
    .collect()
}
