//! `lab normals`

use crate::Ending;
use crate::each::{self, At, Each, Piece, Report};
use crate::network::{self, NetworkOptions};
use crate::output::{self, decimals, estimate, shown};
use crate::progress::Progress;
use anyhow::{Result, bail};
use foolscope::classifier::Classifier;
use foolscope::classifier::catalogue::Entry;
use foolscope::geometry::normals::{self, BoundaryNormal, normals};
use foolscope::geometry::spectrum;
use foolscope::measure::Normals;
use foolscope::npy;
use foolscope::photo::Perturbation;
use foolscope::task::{StopFlag, Task, block_on};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

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
/// With --out normals/all.jsonl, each normal lies in normals/all/ as NAME.npy, and
/// is read again from there.
///
/// Example: lab normals photos/ --perturbation universal.npy --out normals/all.jsonl
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    each: each::Options,
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
}

/// Ranks in the table; the last is that of all normals.
const RANKS: [usize; 9] = [1, 2, 5, 10, 20, 50, 100, 200, 500];

pub fn run(options: &Options) -> Result<Ending> {
    let settings = Settings {
        options: normals::Options::default(),
        seed: options.seed,
        draws: options.draws,
        perturbation: options.perturbation.clone(),
    };
    each::run(
        &options.each,
        || options.network.open(),
        |opened| {
            // What cannot be read is said before anything is computed.
            let v = options.perturbation.as_deref();
            v.map(|path| opened.perturbation(path)).transpose()?;
            Ok(AllNormals { settings })
        },
    )
}

/// The boundary's normal near each picture.
pub struct AllNormals {
    settings: Settings,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    options: normals::Options,
    seed: u64,
    /// Random vectors behind each of the random shares.
    draws: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    perturbation: Option<PathBuf>,
}

#[derive(Serialize, Deserialize)]
pub struct Found {
    /// None where DeepFool does not fool.
    #[serde(flatten)]
    boundary: Option<Boundary>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Boundary {
    clean_label: usize,
    adversarial_label: usize,
    /// Of the perturbation, in grey levels.
    l2: f64,
    /// Its file in the folder beside the lines, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    normal_file: Option<String>,
    #[serde(skip)]
    normal: Vec<f32>,
}

#[derive(Serialize)]
pub struct Summary {
    #[serde(flatten)]
    measured: Normals,
}

impl Each for AllNormals {
    const COMMAND: &'static str = "normals";
    const DOING: &'static str = "normals";
    type Settings = Settings;
    type Found = Found;
    type Summary = Summary;

    fn settings(&self) -> Settings {
        self.settings.clone()
    }

    /// The rest is about what is done with the normals.
    fn is_same(one: &Settings, other: &Settings) -> bool {
        one.options.deepfool == other.options.deepfool
    }

    fn find(&self, at: &At<'_>) -> Result<Vec<Found>> {
        let mut task = at.task(|done| (done, String::new()));
        let options = normals::Options {
            batch: at.x.len(),
            ..self.settings.options.clone()
        };
        let found = normals(&at.opened.network, &at.x, &options, &mut task);
        let named = at.files.iter().zip(block_on(found)?);
        let found = named.map(|(file, found)| {
            let keep = |found: BoundaryNormal| {
                Ok::<_, anyhow::Error>(Boundary {
                    clean_label: found.clean_label,
                    adversarial_label: found.adversarial_label,
                    l2: found.length * 255.0,
                    normal_file: keep(file, &found.normal, at)?,
                    normal: found.normal,
                })
            };
            let boundary = found.map(keep).transpose()?;
            Ok(Found { boundary })
        });
        found.collect()
    }

    fn restore(found: &mut Found, folder: &Path, entry: &Entry) -> Result<()> {
        let Some(boundary) = &mut found.boundary else {
            return Ok(());
        };
        let Some(name) = &boundary.normal_file else {
            bail!("it was not kept");
        };
        let shape = entry.architecture().input;
        let normal = network::perturbation(&folder.join(name), shape)?;
        boundary.normal = normal.into_values();
        Ok(())
    }

    fn summary(settings: &Settings, entry: &Entry, found: &[Piece<Found>]) -> Result<Summary> {
        let boundaries = found
            .iter()
            .filter_map(|piece| piece.found.boundary.as_ref());
        let vectors: Vec<&[f32]> = boundaries.map(|it| it.normal.as_slice()).collect();
        if vectors.is_empty() {
            bail!("there is no normal: no picture could be both read and fooled");
        }
        let shape = entry.architecture().input;
        let v = settings.perturbation.as_deref();
        let v = v
            .map(|path| network::perturbation(path, shape))
            .transpose()?;
        Ok(Summary {
            measured: measure(&vectors, v.as_ref(), settings)?,
        })
    }

    fn text(report: &Report<Self>) -> String {
        let measured = &report.summary.measured;
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
            "{count} normals of {} pictures, {} dimensions, {} random vectors, {}\n",
            report.pieces.len(),
            measured.dimension,
            report.settings.draws,
            report.took()
        );
        text
    }
}

/// Writes a normal into the folder of what is too large for a line.
fn keep(file: &Path, normal: &[f32], at: &At<'_>) -> Result<Option<String>> {
    let Some(folder) = at.folder else {
        return Ok(None);
    };
    output::make_folder(folder)?;
    let name = format!("{}.npy", at.name(file));
    let normal = Perturbation::new(at.opened.network.input_shape(), normal.to_vec())?;
    output::write(&folder.join(&name), &npy::to_bytes(&normal))?;
    Ok(Some(name))
}

/// A stopped command still measures what it has; a second Ctrl-C ends it.
fn measure(vectors: &[&[f32]], v: Option<&Perturbation>, settings: &Settings) -> Result<Normals> {
    let mut progress = Progress::new("singular values", vectors[0].len());
    let mut task = Task::new(StopFlag::default(), |step: spectrum::Progress| {
        progress.at(step.entries, "");
    });
    let v = v.map(Perturbation::values);
    let measured = Normals::of(vectors, v, settings.draws, settings.seed, &mut task);
    Ok(block_on(measured)?)
}
