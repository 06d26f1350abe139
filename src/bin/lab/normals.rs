//! `lab normals`

use crate::Ending;
use crate::network::{NetworkOptions, Opened};
use crate::output::{self, Made, decimals, estimate, json, shown};
use crate::pictures::{self, Pictures};
use crate::progress::{Part, Progress, Together, stop_on_ctrl_c};
use crate::spread::{self, Spread};
use anyhow::{Context, Result, bail};
use foolscope::classifier::Classifier;
use foolscope::geometry::normals::{self, BoundaryNormal, normals};
use foolscope::geometry::spectrum;
use foolscope::measure::Normals;
use foolscope::npy;
use foolscope::photo::Perturbation;
use foolscope::task::{StopFlag, Task, block_on};
use serde::{Deserialize, Serialize};
use std::fs;
use std::ops::Not;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What the boundaries near many pictures have in common.
///
/// For each picture the unit normal of the boundary that DeepFool reaches. The
/// singular values of all normals stand beside those of as many random unit
/// vectors: where they fall off, the normals lie near a space of few dimensions
/// (Moosavi-Dezfooli, Fawzi, Fawzi and Frossard, CVPR 2017, figure 9). With
/// --perturbation, the table has the part of that perturbation's length that
/// lies in the span of the first singular vectors, beside that of random
/// vectors.
///
/// With --out, each normal lies in that folder as NAME.npy, with its labels as
/// NAME.json, and the report as report.json. A normal that lies there is not
/// computed again: a run that was stopped goes on where it was.
///
/// Example: lab normals photos/ --perturbation universal.npy --out normals/
#[derive(clap::Args)]
pub struct Options {
    /// Files, folders, or quoted patterns
    #[arg(required = true)]
    pictures: Vec<String>,
    #[command(flatten)]
    network: NetworkOptions,
    /// Whose share in the span is measured
    #[arg(long, value_name = "FILE.npy")]
    perturbation: Option<PathBuf>,
    /// Random vectors that stand beside the perturbation
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    draws: u64,
    /// Of what is random
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Pictures attacked at a time on a GPU; on the CPU each core takes one
    #[arg(long, value_name = "COUNT", default_value_t = 4,
          value_parser = clap::value_parser!(u16).range(1..))]
    batch: u16,
    /// Keep the normals and the report in this folder
    #[arg(long, short, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// JSON for a table
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(flatten)]
    made: Made,
    options: normals::Options,
    seed: u64,
    /// Random vectors behind each of the random shares.
    draws: u64,
    #[serde(flatten)]
    measured: Normals,
    pictures: Vec<Found>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<String>,
}

/// A picture, and how its normal came about.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    file: String,
    #[serde(default, skip_serializing_if = "Not::not")]
    cut_short: bool,
    /// None where DeepFool does not fool.
    #[serde(flatten)]
    boundary: Option<Boundary>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Boundary {
    clean_label: usize,
    adversarial_label: usize,
    /// Of the perturbation, in grey levels.
    l2: f64,
}

/// NAME.json: a later run uses what was made in the same way.
#[derive(Serialize, Deserialize)]
struct Kept {
    network: String,
    weights: String,
    options: normals::Options,
    #[serde(flatten)]
    found: Found,
}

/// Ranks in the table; the last is that of all normals.
const RANKS: [usize; 9] = [1, 2, 5, 10, 20, 50, 100, 200, 500];

pub fn run(options: &Options) -> Result<Ending> {
    let begun = Instant::now();
    let settings = normals::Options {
        batch: options.batch.into(),
        ..normals::Options::default()
    };
    let files = pictures::expand(&options.pictures)?;
    let opened = options.network.open()?;
    let v = options
        .perturbation
        .as_deref()
        .map(|path| opened.perturbation(path));
    let v = v.transpose()?;
    if let Some(folder) = &options.out {
        output::make_folder(folder)?;
    }
    let stop = stop_on_ctrl_c()?;

    let mut shelf = Shelf {
        folder: options.out.as_deref(),
        opened: &opened,
        settings: &settings,
        pictures: Vec::new(),
        vectors: Vec::new(),
        unreadable: Vec::new(),
    };
    let mut left = Vec::new();
    for file in files {
        if !shelf.take_kept(&file)? {
            left.push(file);
        }
    }
    shelf.compute(&left, &stop)?;
    if shelf.vectors.is_empty() {
        if stop.is_stopped() {
            return Ok(Ending::Stopped);
        }
        bail!("there is no normal: no picture could be both read and fooled");
    }

    let report = Report {
        measured: measure(&shelf.vectors, v.as_ref(), options)?,
        pictures: shelf.pictures,
        unreadable: shelf.unreadable,
        made: Made::new(&opened, begun),
        seed: options.seed,
        draws: options.draws,
        options: settings,
    };
    if let Some(folder) = &options.out {
        output::write(&folder.join(REPORT), json(&report)?.as_bytes())?;
    }
    output::print(&if options.json {
        json(&report)?
    } else {
        text(&report)
    })?;
    Ok(Ending::of(&stop, &report.unreadable))
}

const REPORT: &str = "report.json";

/// The normals that there are.
struct Shelf<'a> {
    folder: Option<&'a Path>,
    opened: &'a Opened,
    settings: &'a normals::Options,
    pictures: Vec<Found>,
    /// Of those pictures that have one.
    vectors: Vec<Vec<f32>>,
    unreadable: Vec<String>,
}

impl Shelf<'_> {
    /// Whether an earlier run left this picture's normal.
    fn take_kept(&mut self, file: &Path) -> Result<bool> {
        let Some(path) = self.path(file, "json").filter(|path| path.exists()) else {
            return Ok(false);
        };
        let name = || path.display().to_string();
        let kept = fs::read(&path).with_context(name)?;
        let kept: Kept = serde_json::from_slice(&kept)
            .with_context(|| format!("{} is not of lab normals", name()))?;
        if kept.found.file != file.display().to_string() {
            // Of a picture of the same name in another folder.
            return Ok(false);
        }
        let is_same = kept.network == self.opened.entry.id
            && kept.weights == self.opened.weights.display().to_string()
            && kept.options.deepfool == self.settings.deepfool;
        if !is_same {
            bail!(
                "{} was made with another network or other settings: name another folder",
                name()
            );
        }
        if kept.found.boundary.is_some() {
            let normal = self.opened.perturbation(&path.with_extension("npy"))?;
            self.vectors.push(normal.into_values());
        }
        self.pictures.push(kept.found);
        Ok(true)
    }

    /// The others', as far as nobody stops it.
    fn compute(&mut self, files: &[PathBuf], stop: &StopFlag) -> Result<()> {
        let (opened, settings) = (self.opened, self.settings);
        let before = self.pictures.len();
        let spread = Spread {
            opened,
            files,
            batch: settings.batch,
            progress: Together::new(Progress::new("normals", before + files.len()), before),
            steps: 1,
            stop,
        };
        let attack = |pictures: &Pictures, part: &Part<'_>| {
            let mut task = Task::new(stop.clone(), |done| part.at(done, ""));
            let (network, x) = (&opened.network, &pictures.values);
            Ok(block_on(normals(network, x, settings, &mut task))?)
        };
        self.unreadable =
            spread::pictures(&spread, attack, |done| self.keep(done.file, done.result))?;
        Ok(())
    }

    fn keep(&mut self, file: &Path, found: Option<BoundaryNormal>) -> Result<()> {
        let boundary = found.as_ref().map(|found| Boundary {
            clean_label: found.clean_label,
            adversarial_label: found.adversarial_label,
            l2: found.length * 255.0,
        });
        let picture = Found {
            file: file.display().to_string(),
            cut_short: pictures::is_cut_short(file),
            boundary,
        };
        if let Some(found) = found {
            if let Some(path) = self.path(file, "npy") {
                let shape = self.opened.network.input_shape();
                let normal = Perturbation::new(shape, found.normal.clone())?;
                output::write(&path, &npy::to_bytes(&normal))?;
            }
            self.vectors.push(found.normal);
        }
        // After the normal, so that what this says is there.
        if let Some(path) = self.path(file, "json") {
            let kept = Kept {
                network: self.opened.entry.id.to_owned(),
                weights: self.opened.weights.display().to_string(),
                options: self.settings.clone(),
                found: picture.clone(),
            };
            output::write(&path, json(&kept)?.as_bytes())?;
        }
        self.pictures.push(picture);
        Ok(())
    }

    fn path(&self, file: &Path, ending: &str) -> Option<PathBuf> {
        let stem = file.file_stem().unwrap_or(file.as_os_str());
        let name = format!("{}.{ending}", stem.to_string_lossy());
        // A picture called "report" must not be taken for the report.
        let name = if name == REPORT {
            format!("-{name}")
        } else {
            name
        };
        self.folder.map(|folder| folder.join(name))
    }
}

/// A stopped command still measures what it has; a second Ctrl-C ends it.
fn measure(vectors: &[Vec<f32>], v: Option<&Perturbation>, options: &Options) -> Result<Normals> {
    let mut progress = Progress::new("singular values", vectors[0].len());
    let mut task = Task::new(StopFlag::default(), |step: spectrum::Progress| {
        progress.at(step.entries, "");
    });
    let v = v.map(Perturbation::values);
    let measured = Normals::of(vectors, v, options.draws, options.seed, &mut task);
    Ok(block_on(measured)?)
}

fn text(report: &Report) -> String {
    let measured = &report.measured;
    let count = measured.count;
    let ranks = RANKS.iter().copied().filter(|&rank| rank < count);
    let rows: Vec<[String; 5]> = ranks
        .chain([count])
        .map(|rank| {
            let share = |value: f64| format!("{value:.4}");
            let shares = measured.shares.as_ref();
            [
                rank.to_string(),
                format!("{:.3}", measured.singular_values[rank - 1]),
                format!("{:.3}", measured.random_singular_values[rank - 1]),
                shares.map_or("none".to_owned(), |shares| share(shares[rank - 1])),
                estimate(&measured.random_shares[rank - 1], share),
            ]
        })
        .collect();
    let headings = [
        "k",
        "singular value",
        "of random vectors",
        "share in the first k",
        "of random vectors",
    ];
    let mut text = output::table(headings, &rows);
    text += &format!(
        "\nCosine between two normals, root mean square: {}; of random vectors: {}\n",
        shown(measured.rms_cosine, decimals(4)),
        shown(measured.random_rms_cosine, decimals(4))
    );
    text += &format!(
        "{count} normals of {} pictures, {} dimensions, {} random vectors, \
         in {:.1} s ({} on {})\n",
        report.pictures.len(),
        measured.dimension,
        report.draws,
        report.made.seconds,
        report.made.network,
        report.made.device
    );
    text
}
