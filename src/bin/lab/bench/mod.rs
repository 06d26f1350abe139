//! `lab bench`

mod column;
mod rows;

use crate::Ending;
use crate::devices;
use crate::output;
use crate::pictures;
use crate::progress::stop_on_ctrl_c;
use crate::report;
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use foolscope::classifier::catalogue::CATALOGUE;
use foolscope::task::StopFlag;
use rows::{Cell, Column, Row, id};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

/// How fast this machine is, on one core, on all and on its GPU.
///
/// The native sister of the page's bench.html, with its rows and its JSON:
/// starting, the first answer and the first gradients, an answer and the
/// gradients of ten classes once warm, DeepFool on five photos, a universal
/// perturbation of eight photos to 640 gradients, and the most memory held.
/// Cells are medians, with the least and the most. Each column is measured in
/// programs of its own, so that what is called first is. A GPU whose answer
/// differs from the CPU's is not timed.
///
/// Example: lab bench --columns cpu-1,cpu-all --json
#[derive(clap::Args)]
pub struct Options {
    /// Files, folders, or quoted patterns, of which eight are taken [default:
    /// the sample photos that `npm start` fetched]
    pictures: Vec<String>,
    /// The classifier
    #[arg(long, value_name = "ID", default_value = CATALOGUE[0].id)]
    network: String,
    /// Its weights [default: those that `npm start` made]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// What to measure it on, separated by commas [default: all that there is;
    /// of GPUs, one that is not emulated]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NAMES")]
    columns: Vec<Column>,
    /// What to measure, separated by commas [default: all]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "NAMES")]
    rows: Vec<Row>,
    /// Measure nothing more often than this
    #[arg(long, value_name = "COUNT", default_value_t = 40,
          value_parser = clap::value_parser!(u16).range(1..))]
    repeats: u16,
    /// Measure the one column in this very program, once
    #[arg(long, hide = true, requires = "columns")]
    here: bool,
    /// JSON for a table
    #[arg(long)]
    json: bool,
}

/// Photos that are taken.
const PHOTOS: usize = 8;

/// Where the sample photos are.
const SAMPLES: &str = "www/assets/samples";

#[derive(Serialize, Deserialize)]
struct Report {
    project: String,
    date: String,
    machine: String,
    /// What the columns computed on.
    device: String,
    network: String,
    version: String,
    /// A development build's figures say little.
    build: String,
    rows: Vec<Cell>,
}

pub fn run(options: &Options) -> Result<Ending> {
    let rows = or_all(&options.rows);
    let stop = stop_on_ctrl_c()?;
    // What is wrong with the photos is said once, and before anything is measured.
    let files = options.files()?;
    let mut measured = Vec::new();
    if options.here {
        let plan = column::Plan {
            network: &options.network,
            weights: options.weights.as_ref(),
            files: &files,
            rows: &rows,
            repeats: options.repeats.into(),
            stop: &stop,
        };
        measured.push(column::measure(options.columns[0], &plan)?);
    } else {
        for column in options.columns() {
            measured.push(options.column(column, &rows, &stop)?);
            if stop.is_stopped() {
                break;
            }
        }
    }
    let mut devices: Vec<&str> = Vec::new();
    for (device, _) in &measured {
        if !devices.contains(&&**device) {
            devices.push(device);
        }
    }
    let build = match cfg!(debug_assertions) {
        true => "dev",
        false => "release",
    };
    let report = Report {
        project: "foolscope".to_owned(),
        date: today(),
        machine: machine(),
        device: devices.join(", "),
        network: options.network.clone(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        build: build.to_owned(),
        rows: measured.into_iter().flat_map(|(_, cells)| cells).collect(),
    };
    report::print(&report, options.json || options.here, text)?;
    Ok(Ending::of(&stop, &[]))
}

fn or_all<T: ValueEnum + Clone>(chosen: &[T]) -> Vec<T> {
    match chosen {
        [] => T::value_variants().to_vec(),
        chosen => chosen.to_vec(),
    }
}

impl Options {
    fn files(&self) -> Result<Vec<PathBuf>> {
        let mut arguments = self.pictures.clone();
        if arguments.is_empty() {
            if !Path::new(SAMPLES).is_dir() {
                bail!(
                    "{SAMPLES} is not there: run `npm start` once in this folder, or name photos"
                );
            }
            arguments.push(SAMPLES.to_owned());
        }
        let mut files = pictures::expand(&arguments)?;
        files.truncate(PHOTOS);
        Ok(files)
    }

    fn columns(&self) -> Vec<Column> {
        let mut columns = or_all(&self.columns);
        if self.columns.is_empty() && !devices::has_gpu() {
            columns.retain(|column| *column != Column::Gpu);
        }
        columns
    }

    /// A program for each first time, and one for the rest.
    fn column(&self, column: Column, rows: &[Row], stop: &StopFlag) -> Result<(String, Vec<Cell>)> {
        let (first, rest): (Vec<Row>, Vec<Row>) = rows.iter().partition(|row| row.is_first());
        let mut device = String::new();
        let mut starts: Vec<Cell> = Vec::new();
        let times = if first.is_empty() { 0 } else { 3 };
        for _ in 0..times.min(self.repeats) {
            if !stop.is_stopped() {
                let found = self.program(column, &first)?;
                device = found.device;
                starts.extend(found.rows);
            }
        }
        let of = |&row: &Row| {
            let these: Vec<&Cell> = starts.iter().filter(|cell| cell.row == row).collect();
            let values: Vec<f64> = these.iter().filter_map(|cell| cell.median).collect();
            let note = these.iter().find_map(|cell| cell.note.clone());
            (!these.is_empty()).then(|| Cell::new(row, column, &values, note))
        };
        let mut cells: Vec<Cell> = first.iter().filter_map(of).collect();
        if !rest.is_empty() && !stop.is_stopped() {
            let found = self.program(column, &rest)?;
            device = found.device;
            cells.extend(found.rows);
        }
        Ok((device, cells))
    }

    /// This program once more, for some rows of a column.
    fn program(&self, column: Column, rows: &[Row]) -> Result<Report> {
        let name = id(&column);
        let rows: Vec<String> = rows.iter().map(id).collect();
        let program = std::env::current_exe().context("cannot find this program")?;
        let mut command = Command::new(program);
        command.args(["bench", "--here", "--columns", &name]);
        command.args(["--rows", &rows.join(","), "--network", &self.network]);
        command.args(["--repeats", &self.repeats.to_string()]);
        if let Some(weights) = &self.weights {
            command.arg("--weights").arg(weights);
        }
        let threads = match column {
            Column::One => Some(1),
            _ => crate::threads(),
        };
        if let Some(threads) = threads {
            command.args(["--threads", &threads.to_string()]);
        }
        let output = command
            .arg("--")
            .args(self.files()?)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("cannot measure {name}"))?;
        match output.status.code() {
            // Stopped: it says what it has.
            Some(0 | 130) => serde_json::from_slice(&output.stdout)
                .with_context(|| format!("cannot read what {name} measured")),
            _ => bail!("{name} could not be measured: its line above says why"),
        }
    }
}

fn text(report: &Report) -> String {
    let columns = each(&report.rows, |cell| cell.column);
    let lines: Vec<Vec<String>> = each(&report.rows, |cell| cell.row)
        .into_iter()
        .map(|row| {
            let cells = columns.iter().map(|&column| {
                let mut cells = report.rows.iter();
                let found = cells.find(|cell| cell.row == row && cell.column == column);
                found.map_or("none".to_owned(), Cell::text)
            });
            let about = [id(&row), row.measuring().unit.to_owned()];
            about.into_iter().chain(cells).collect()
        })
        .collect();
    let lines: Vec<&[String]> = lines.iter().map(Vec::as_slice).collect();
    let names: Vec<String> = columns.iter().map(id).collect();
    let mut headings = vec!["", ""];
    headings.extend(names.iter().map(String::as_str));
    let mut text = output::columns(&headings, &lines);
    for cell in &report.rows {
        if let Some(note) = &cell.note {
            text += &format!("{}, {}: {note}\n", id(&cell.row), id(&cell.column));
        }
    }
    text += &format!(
        "\nMedians, the least and the most; {} on {}, {} ({} build), {}\n",
        report.network, report.device, report.machine, report.build, report.date
    );
    text
}

/// What cells have, each once, in their order.
fn each<T: PartialEq>(cells: &[Cell], of: impl Fn(&Cell) -> T) -> Vec<T> {
    let mut all = Vec::new();
    for value in cells.iter().map(of) {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}

/// As `Made` says it, with the processor's name where the system tells it.
fn machine() -> String {
    let machine = output::machine();
    let known = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut lines = known.lines().filter_map(|line| line.split_once(':'));
    match lines.find(|(key, _)| key.trim() == "model name") {
        Some((_, name)) => format!("{machine}, {}", name.trim()),
        None => machine,
    }
}

fn today() -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    date(now.map_or(0, |since| since.as_secs() / 86_400))
}

/// `2026-11-27` of days since 1 January 1970.
fn date(mut days: u64) -> String {
    let mut year = 1970;
    loop {
        let divides = |years: u64| u64::is_multiple_of(year, years);
        let is_leap = divides(4) && (!divides(100) || divides(400));
        let february = 28 + u64::from(is_leap);
        let months = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (month, length) in (1..).zip(months) {
            if days < length {
                return format!("{year}-{month:02}-{:02}", days + 1);
            }
            days -= length;
        }
        year += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_dates() {
        let days = [0, 58, 59, 11_016, 11_017, 20_453, 20_784];
        let dates = [
            "1970-01-01",
            "1970-02-28",
            "1970-03-01",
            "2000-02-29",
            "2000-03-01",
            "2025-12-31",
            "2026-11-27",
        ];
        assert_eq!(days.map(date), dates);
    }
}
