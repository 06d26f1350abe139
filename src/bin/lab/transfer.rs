//! `lab transfer`

use crate::Ending;
use crate::deepfool::norms;
use crate::learning;
use crate::network::{self, Kind, NetworkOptions, Opened};
use crate::output::{self, Made, estimate, json, percent};
use crate::pictures::{self, Pictures};
use crate::progress::{NowAndThen, Progress, Together, stop_on_ctrl_c};
use crate::spread;
use anyhow::{Context, Result, bail};
use foolscope::attack::Norm;
use foolscope::classifier::Classifier;
use foolscope::classifier::architecture::Shape;
use foolscope::classifier::catalogue::CATALOGUE;
use foolscope::measure::{self, Estimate, Tally};
use foolscope::photo::Perturbation;
use foolscope::task::{Task, block_on};
use foolscope::universal::fooling::Sum;
use foolscope::universal::resampled;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How perturbations made for one network work on others.
///
/// A table with a row for each perturbation and a column for each network: the
/// share of the pictures whose answer changes (Moosavi-Dezfooli, Fawzi, Fawzi
/// and Frossard, CVPR 2017, table 2), with its 95 % interval. Each network sees
/// the same pictures at its own size. A perturbation of another size takes for
/// each pixel the value of the nearest one, and is scaled to be as large as it
/// was by --norm.
///
/// With --out the report is written as it grows, and the same command goes on
/// from there when it was stopped, or with more pictures.
///
/// Example: lab transfer photos/ --perturbation a.npy --perturbation b.npy
/// --network efficientnet-lite0 --network efficientnet-lite0=mine.safetensors
#[derive(clap::Args)]
pub struct Options {
    /// Files, folders, or quoted patterns
    #[arg(required = true)]
    pictures: Vec<String>,
    /// A row; may be given several times
    #[arg(long, value_name = "FILE.npy", required = true)]
    perturbation: Vec<PathBuf>,
    /// A column, with the file of its weights where they are not those that
    /// `npm start` made; may be given several times
    #[arg(long, value_name = "ID[=WEIGHTS]", default_value = CATALOGUE[0].id)]
    network: Vec<String>,
    /// Only the pictures that `lab universal --hold-out COUNT` keeps for measuring,
    /// of the same pictures and with the same --seed
    #[arg(long, value_name = "COUNT")]
    held_out: Option<usize>,
    /// By which norm a perturbation stays as large as it was where a network sees
    /// pictures of another size
    #[arg(long, default_value = "linf", value_parser = norms(["linf", "l2"]))]
    norm: Norm,
    /// What to compute on; `lab devices` lists what there is
    #[arg(long, value_enum, default_value_t = Kind::Cpu)]
    device: Kind,
    /// Clip and round the sum to 8 bits, as the page does and saving would
    #[arg(long)]
    saved: bool,
    /// Of the intervals, and of --held-out
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Write the report here, and go on from it
    #[arg(long, short, value_name = "FILE.json")]
    out: Option<PathBuf>,
    /// JSON for a table
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    /// Its network and weights are those of the first column.
    #[serde(flatten)]
    made: Made,
    #[serde(flatten)]
    counted: &'a Counted,
    rates: Vec<Vec<Estimate>>,
    seed: u64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    unreadable: &'a [String],
}

/// The part of the report that a later run goes on from.
#[derive(Serialize, Deserialize)]
struct Counted {
    saved: bool,
    /// That a perturbation kept on its way to another size.
    norm: Norm,
    /// One a row.
    perturbation_files: Vec<String>,
    /// One a column.
    weight_files: Vec<String>,
    files: Vec<String>,
    #[serde(flatten)]
    tally: Tally,
}

/// Pictures read at a time on a GPU.
const BATCH: usize = 16;

pub fn run(options: &Options) -> Result<Ending> {
    let begun = Instant::now();
    let files = options.files()?;
    let columns = options.columns()?;
    let rows = options.rows(&columns)?;
    let mut counted = options.begun(&columns)?;
    let stop = stop_on_ctrl_c()?;

    let is_done = |file: &PathBuf| counted.files.contains(&file.display().to_string());
    let (done, left): (Vec<_>, Vec<_>) = files.into_iter().partition(is_done);
    let sum = if options.saved { Sum::Saved } else { Sum::Raw };
    let all = Progress::new("classifying", done.len() + left.len());
    let progress = Together::new(all, done.len());
    let report = |counted: &Counted, unreadable: &[String]| -> Result<String> {
        json(&options.report(counted, unreadable, &columns[0].1, begun))
    };
    let write = |counted: &Counted, unreadable: &[String]| match &options.out {
        Some(out) => output::write(out, report(counted, unreadable)?.as_bytes()),
        None => Ok(()),
    };
    let first = &columns[0].1;
    let chunks: Vec<&[PathBuf]> = left.chunks(first.at_a_time(BATCH)).collect();
    let none = counted.tally.emptied();
    let count = |index: usize| {
        let mut read = Read::new(chunks[index], &columns);
        let networks: Vec<measure::Network<'_, Vec<f32>>> = columns
            .iter()
            .zip(&read.values)
            .zip(&rows)
            .map(
                |(((name, opened), pictures), perturbations)| measure::Network {
                    name,
                    classifier: &opened.network,
                    pictures,
                    perturbations,
                },
            )
            .collect();
        let mut tally = none.clone();
        let mut task = Task::new(stop.clone(), |_| ());
        block_on(tally.add(&networks, sum, &mut task))?;
        progress.part().at(chunks[index].len(), "");
        // Their values are no longer needed while they wait for their turn.
        read.values = Vec::new();
        Ok((read, tally))
    };
    let mut unreadable = Vec::new();
    let mut writing = NowAndThen::default();
    spread::in_order(
        chunks.len(),
        first.is_on_cpu(),
        &stop,
        count,
        |(mut read, tally)| {
            for error in read.warnings.iter().chain(&read.unreadable) {
                eprintln!("lab: {error}");
            }
            unreadable.append(&mut read.unreadable);
            // A stopped one has counted the first few.
            let files = read.files.into_iter().take(tally.pictures);
            counted.files.extend(files);
            counted.tally.merge(&tally);
            if writing.is_due() {
                write(&counted, &unreadable)?;
            }
            Ok(())
        },
    )?;
    drop(progress);
    if !left.is_empty() {
        write(&counted, &unreadable)?;
    }
    if counted.files.is_empty() && !stop.is_stopped() {
        bail!("none of the pictures could be read");
    }
    output::print(&if options.json {
        report(&counted, &unreadable)?
    } else {
        text(&options.report(&counted, &unreadable, &columns[0].1, begun))
    })?;
    Ok(Ending::of(&stop, &unreadable))
}

impl Options {
    /// The networks and what they are called: by their id, and by the file of
    /// their weights where there are several of one id.
    fn columns(&self) -> Result<Vec<(String, Opened)>> {
        let split = |argument: &String| match argument.split_once('=') {
            Some((id, weights)) => (id.to_owned(), Some(PathBuf::from(weights))),
            None => (argument.clone(), None),
        };
        let named: Vec<(String, Option<PathBuf>)> = self.network.iter().map(split).collect();
        let mut columns: Vec<(String, Opened)> = Vec::new();
        for (id, weights) in &named {
            let opened = NetworkOptions::new(id.clone(), weights.clone(), self.device).open()?;
            let is_one = named.iter().filter(|other| other.0 == *id).count() == 1;
            let name = match weights {
                Some(weights) if !is_one => format!("{id} {}", stem(weights)),
                _ => id.clone(),
            };
            if columns.iter().any(|(other, _)| *other == name) {
                bail!("two networks would both be called {name}: name each once");
            }
            columns.push((name, opened));
        }
        Ok(columns)
    }

    fn files(&self) -> Result<Vec<PathBuf>> {
        let files = pictures::expand(&self.pictures)?;
        match self.held_out {
            Some(count) if count > files.len() => bail!(
                "of {} pictures, {count} cannot have been kept for measuring",
                files.len()
            ),
            Some(count) => Ok(learning::split(&files, count, None, self.seed).0),
            None => Ok(files),
        }
    }

    /// For each network every perturbation, at the size of its pictures.
    fn rows(&self, columns: &[(String, Opened)]) -> Result<Vec<Vec<Perturbation>>> {
        let mut sizes: Vec<Shape> = Vec::new();
        let seen = columns.iter().map(|(_, it)| it.network.input_shape());
        let known = CATALOGUE.iter().map(|it| it.architecture().input);
        for shape in seen.chain(known) {
            if !sizes.contains(&shape) {
                sizes.push(shape);
            }
        }
        let all: Vec<Perturbation> = self
            .perturbation
            .iter()
            .map(|path| network::perturbation(path, &sizes))
            .collect::<Result<_>>()?;
        let fitted = |(name, opened): &(String, Opened)| {
            let shape = opened.network.input_shape();
            let fit = |(path, v): (&PathBuf, &Perturbation)| {
                resampled(v, shape, self.norm)
                    .with_context(|| format!("{} on {name}", path.display()))
            };
            self.perturbation.iter().zip(&all).map(fit).collect()
        };
        columns.iter().map(fitted).collect()
    }

    /// What an earlier run counted in the same way, or nothing yet.
    fn begun(&self, columns: &[(String, Opened)]) -> Result<Counted> {
        let path = |path: &PathBuf| path.display().to_string();
        let fresh = Counted {
            saved: self.saved,
            norm: self.norm,
            perturbation_files: self.perturbation.iter().map(path).collect(),
            weight_files: columns.iter().map(|(_, it)| path(&it.weights)).collect(),
            files: Vec::new(),
            tally: Tally::new(
                self.perturbation.iter().map(|it| stem(it)).collect(),
                columns.iter().map(|(name, _)| name.clone()).collect(),
            ),
        };
        let Some(out) = &self.out else {
            return Ok(fresh);
        };
        if !out.exists() {
            output::make_folder_of(out)?;
            return Ok(fresh);
        }
        let bytes = fs::read(out).with_context(|| path(out))?;
        let earlier: Counted = serde_json::from_slice(&bytes)
            .with_context(|| format!("{} is no report of lab transfer", path(out)))?;
        let is_same = earlier.saved == fresh.saved
            && earlier.norm == fresh.norm
            && earlier.perturbation_files == fresh.perturbation_files
            && earlier.weight_files == fresh.weight_files
            && earlier.tally.networks == fresh.tally.networks
            && earlier.files.len() == earlier.tally.pictures;
        if !is_same {
            bail!(
                "{} was measured with other networks or perturbations: name another file",
                path(out)
            );
        }
        Ok(earlier)
    }

    fn report<'a>(
        &self,
        counted: &'a Counted,
        unreadable: &'a [String],
        first: &Opened,
        begun: Instant,
    ) -> Report<'a> {
        Report {
            made: Made::new(first, begun),
            rates: counted.tally.rates(self.seed),
            counted,
            seed: self.seed,
            unreadable,
        }
    }
}

/// Some pictures as every network sees them.
struct Read {
    files: Vec<String>,
    /// For each network.
    values: Vec<Vec<Vec<f32>>>,
    unreadable: Vec<String>,
    warnings: Vec<String>,
}

impl Read {
    /// Those that every network can see.
    fn new(files: &[PathBuf], columns: &[(String, Opened)]) -> Self {
        let mut files = files.to_vec();
        let mut unreadable = Vec::new();
        let mut warnings = Vec::new();
        let mut all: Vec<Pictures> = Vec::new();
        for (_, opened) in columns {
            let mut pictures = Pictures::read(&files, opened.entry);
            unreadable.append(&mut pictures.unreadable);
            warnings.append(&mut pictures.warnings);
            files.clone_from(&pictures.files);
            all.push(pictures);
        }
        let keep = |pictures: Pictures| {
            let named = pictures.files.into_iter().zip(pictures.values);
            let kept = named.filter(|(file, _)| files.contains(file));
            kept.map(|(_, values)| values).collect()
        };
        Self {
            values: all.into_iter().map(keep).collect(),
            files: files.iter().map(|it| it.display().to_string()).collect(),
            unreadable,
            warnings,
        }
    }
}

fn stem(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or(path.as_os_str());
    stem.to_string_lossy().into_owned()
}

fn text(report: &Report<'_>) -> String {
    let tally = &report.counted.tally;
    let rows: Vec<Vec<String>> = tally
        .perturbations
        .iter()
        .zip(&report.rates)
        .map(|(name, rates)| {
            let cells = rates.iter().map(|rate| estimate(rate, percent));
            std::iter::once(name.clone()).chain(cells).collect()
        })
        .collect();
    let rows: Vec<&[String]> = rows.iter().map(Vec::as_slice).collect();
    let mut headings = vec!["perturbation"];
    headings.extend(tally.networks.iter().map(String::as_str));
    let mut text = output::columns(&headings, &rows);
    text += &format!(
        "\nShare of {} pictures whose answer changes, and its 95 % interval; {:.1} s on {}\n",
        tally.pictures, report.made.seconds, report.made.device
    );
    text
}
