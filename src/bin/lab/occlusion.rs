//! `lab occlusion`

use crate::Ending;
use crate::deepfool::save;
use crate::network::NetworkOptions;
use crate::output::{self, Made, decimals, estimate, json, percent};
use crate::pictures::{self, Pictures};
use crate::progress::{Part, Progress, Together, stop_on_ctrl_c};
use crate::spread::{self, Spread};
use anyhow::{Context, Result, bail};
use foolscope::attack::occlusion::{self, Patch, Search, occlusion};
use foolscope::classifier::Classifier;
use foolscope::measure::OcclusionRobustness;
use foolscope::photo::LEVELS;
use foolscope::task::{Task, block_on};
use serde::Serialize;
use std::fs;
use std::ops::Not;
use std::path::PathBuf;
use std::time::Instant;

/// The smallest square patch that changes the answer to each picture.
///
/// A patch of one colour is laid over the picture at every point of a grid. Its
/// side is found by bisection: a patch of this side changes the answer, and one
/// of a pixel less does so nowhere on the grid. A still smaller one might, since
/// more cover need not confuse more; --ascending tries every side from one pixel
/// on, and takes ten times as long.
///
/// Example: lab occlusion photos/ --stride 8 --colour 0,0,0
#[derive(clap::Args)]
pub struct Options {
    /// Files, folders, or quoted patterns
    #[arg(required = true)]
    pictures: Vec<String>,
    #[command(flatten)]
    network: NetworkOptions,
    /// Pixels from one position to the next
    #[arg(long, value_name = "PIXELS", default_value_t = occlusion::Options::default().stride)]
    stride: usize,
    /// The patch's colour in grey levels, one number or one a channel
    #[arg(
        long,
        value_name = "LEVELS",
        value_delimiter = ',',
        default_value = "127.5"
    )]
    colour: Vec<f32>,
    /// Try every side from one pixel on
    #[arg(long)]
    ascending: bool,
    /// Write each perturbation as .npy and .png, and the picture with the patch
    /// as .png, into this folder
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
    /// JSON for a table
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(flatten)]
    made: Made,
    options: occlusion::Options,
    robustness: OcclusionRobustness,
    pictures: Vec<Found>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    file: String,
    #[serde(skip_serializing_if = "Not::not")]
    cut_short: bool,
    clean: &'static str,
    adversarial: &'static str,
    clean_label: usize,
    adversarial_label: usize,
    /// None where no patch changes the answer.
    patch: Option<Patch>,
}

pub fn run(options: &Options) -> Result<Ending> {
    let begun = Instant::now();
    let settings = occlusion::Options {
        stride: options.stride,
        colour: options.colour.iter().map(|level| level / LEVELS).collect(),
        search: if options.ascending {
            Search::Ascending
        } else {
            Search::Bisection
        },
        ..occlusion::Options::default()
    };
    let files = pictures::expand(&options.pictures)?;
    let opened = options.network.open()?;
    if let Some(folder) = &options.save {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let stop = stop_on_ctrl_c()?;
    let names = opened.entry.class_names();

    let spread = Spread {
        opened: &opened,
        files: &files,
        batch: 1,
        progress: Together::new(Progress::new("covering", files.len()), 0),
        steps: 1,
        stop: &stop,
    };
    let attack = |pictures: &Pictures, part: &Part<'_>| {
        let mut task = Task::new(stop.clone(), |step: occlusion::Progress| {
            part.at(0, &format!("side {}", step.side));
        });
        let (network, x) = (&opened.network, &pictures.values);
        let found = block_on(occlusion(network, x, &settings, &mut task))?;
        if let Some(folder) = &options.save {
            for ((file, x), occluded) in pictures.files.iter().zip(x).zip(&found) {
                save(folder, file, x, &occluded.outcome, &opened)?;
            }
        }
        Ok(found)
    };
    let mut all = Vec::new();
    let mut found = Vec::new();
    let unreadable = spread::pictures(&spread, attack, |done| {
        let outcome = &done.result.outcome;
        found.push(Found {
            file: pictures::name(done.file),
            cut_short: pictures::is_cut_short(done.file),
            clean: names[outcome.clean.label],
            adversarial: names[outcome.adversarial.label],
            clean_label: outcome.clean.label,
            adversarial_label: outcome.adversarial.label,
            patch: done.result.patch,
        });
        all.push(done.result);
        Ok(())
    })?;
    drop(spread);
    if all.is_empty() && !stop.is_stopped() {
        bail!("none of the pictures could be read");
    }
    let report = Report {
        robustness: OcclusionRobustness::of(&all, opened.network.input_shape(), 0),
        made: Made::new(&opened, begun),
        options: settings,
        pictures: found,
        unreadable,
    };
    output::print(&if options.json {
        json(&report)?
    } else {
        text(&report)
    })?;
    Ok(Ending::of(&stop, &report.unreadable))
}

fn text(report: &Report) -> String {
    let rows: Vec<[String; 6]> = report
        .pictures
        .iter()
        .map(|found| {
            let of = |number: fn(Patch) -> usize| {
                found
                    .patch
                    .map_or("-".to_owned(), |patch| number(patch).to_string())
            };
            [
                found.file.clone(),
                found.clean.to_owned(),
                found.adversarial.to_owned(),
                of(|patch| patch.side),
                of(|patch| patch.x),
                of(|patch| patch.y),
            ]
        })
        .collect();
    let mut text = output::table(["picture", "answer", "covered", "side", "x", "y"], &rows);
    let r = &report.robustness;
    text += &format!(
        "\n{} of {} fooled in {:.1} s ({} on {})\n",
        r.mean_side.count,
        r.fooled.count,
        report.made.seconds,
        report.made.network,
        report.made.device
    );
    text += &format!(
        "Side: median {} pixels, mean {}; median share of the picture {}\n",
        estimate(&r.median_side, decimals(1)),
        estimate(&r.mean_side, decimals(1)),
        percent(r.median_area.value)
    );
    text
}
