//! `lab transformation`

use crate::Ending;
use crate::deepfool::save;
use crate::network::NetworkOptions;
use crate::output::{self, Made, decimals, estimate, json};
use crate::pictures::{self, Pictures};
use crate::progress::{Part, Progress, Together, stop_on_ctrl_c};
use crate::spread::{self, Spread};
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use foolscope::attack::transformation::{self, Beyond, Transformation, transformation};
use foolscope::measure::TransformationRobustness;
use foolscope::task::{Task, block_on};
use serde::Serialize;
use std::fs;
use std::ops::Not;
use std::path::PathBuf;
use std::time::Instant;

/// The smallest shift, turn and change of size that change the answer.
///
/// Small is how little the picture's points move: the root of the mean, over
/// all pixels, of the square of the distance between where a point was and where
/// it comes to lie, in pixels. (Manitest, Fawzi and Frossard, BMVC 2015, has a
/// dearer measure.) The search tries directions at growing distances, and goes
/// on from the first that changes the answer: what it finds does, and is an
/// upper bound on the smallest. Pixels between pixels are bilinear.
///
/// Example: lab transformation photos/ --only rotation
#[derive(clap::Args)]
pub struct Options {
    /// Files, folders, or quoted patterns
    #[arg(required = true)]
    pictures: Vec<String>,
    #[command(flatten)]
    network: NetworkOptions,
    /// Which kinds there may be, separated by commas [default: all]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "KINDS")]
    only: Vec<Kind>,
    /// What comes into view from beyond the edge
    #[arg(long, value_enum, default_value_t = View::Edge)]
    beyond: View,
    /// How far to look, as a share of the picture's side
    #[arg(long, value_name = "SHARE", default_value_t = transformation::Options::default().farthest)]
    farthest: f64,
    /// To what share of itself the distance is found
    #[arg(long, value_name = "SHARE", default_value_t = transformation::Options::default().precision)]
    precision: f64,
    /// Write each perturbation as .npy and .png, and the transformed picture as
    /// .png, into this folder
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
    /// JSON for a table
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Translation,
    Rotation,
    Scaling,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum View {
    /// The nearest pixel of the edge
    Edge,
    Black,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(flatten)]
    made: Made,
    options: transformation::Options,
    robustness: TransformationRobustness,
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
    /// In pixels; 0 where there is none.
    distance: f64,
    transformation: Option<Transformation>,
}

pub fn run(options: &Options) -> Result<Ending> {
    let begun = Instant::now();
    let allows = |kind| options.only.is_empty() || options.only.contains(&kind);
    let settings = transformation::Options {
        translation: allows(Kind::Translation),
        rotation: allows(Kind::Rotation),
        scaling: allows(Kind::Scaling),
        beyond: match options.beyond {
            View::Edge => Beyond::Edge,
            View::Black => Beyond::Black,
        },
        farthest: options.farthest,
        precision: options.precision,
        ..transformation::Options::default()
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
        progress: Together::new(Progress::new("moving", files.len()), 0),
        steps: 1,
        stop: &stop,
    };
    let attack = |pictures: &Pictures, part: &Part<'_>| {
        let mut task = Task::new(stop.clone(), |step: transformation::Progress| {
            part.at(0, &format!("{:.2} pixels", step.distance));
        });
        let (network, x) = (&opened.network, &pictures.values);
        let found = block_on(transformation(network, x, &settings, &mut task))?;
        if let Some(folder) = &options.save {
            for ((file, x), moved) in pictures.files.iter().zip(x).zip(&found) {
                save(folder, file, x, &moved.outcome, &opened)?;
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
            distance: done.result.distance,
            transformation: done.result.transformation,
        });
        all.push(done.result);
        Ok(())
    })?;
    drop(spread);
    if all.is_empty() && !stop.is_stopped() {
        bail!("none of the pictures could be read");
    }
    let report = Report {
        robustness: TransformationRobustness::of(&all, 0),
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
    let rows: Vec<[String; 8]> = report
        .pictures
        .iter()
        .map(|found| {
            let of = |number: fn(Transformation) -> f64| {
                found
                    .transformation
                    .map_or("-".to_owned(), |t| format!("{:.2}", number(t)))
            };
            [
                found.file.clone(),
                found.clean.to_owned(),
                found.adversarial.to_owned(),
                if found.transformation.is_some() {
                    format!("{:.2}", found.distance)
                } else {
                    "-".to_owned()
                },
                of(|t| t.right),
                of(|t| t.down),
                of(|t| t.degrees),
                of(|t| t.scale),
            ]
        })
        .collect();
    let headings = [
        "picture", "answer", "moved", "distance", "right", "down", "degrees", "scale",
    ];
    let mut text = output::table(headings, &rows);
    let r = &report.robustness;
    text += &format!(
        "\n{} of {} fooled in {:.1} s ({} on {})\n",
        r.mean_distance.count,
        r.fooled.count,
        report.made.seconds,
        report.made.network,
        report.made.device
    );
    text += &format!(
        "Distance: median {} pixels, mean {}\n",
        estimate(&r.median_distance, decimals(2)),
        estimate(&r.mean_distance, decimals(2))
    );
    text += &format!(
        "Medians: shift {} pixels, turn {} degrees, size × {}\n",
        estimate(&r.median_shift, decimals(2)),
        estimate(&r.median_degrees, decimals(2)),
        estimate(&r.median_factor, decimals(3))
    );
    text
}
