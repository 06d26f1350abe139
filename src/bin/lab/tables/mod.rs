//! `lab tables`

mod assemble;
mod plan;
mod published;
mod rows;
mod ship;
mod subject;

use crate::Ending;
use crate::output;
use crate::progress::stop_on_ctrl_c;
use anyhow::{Context, Result, bail};
use assemble::Figure;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use plan::{Job, Plan};
use serde_json::Value;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;
use subject::{Scale, Subject};

/// Measures all tables of the papers, for every network that there are weights
/// of.
///
/// Each figure comes from another command of lab, whose report is kept in
/// --reports: a table that was stopped goes on from there, and every figure
/// says the command, the seed and the machine that made it. The figures that
/// the papers published stand beside ours. Tables whose data is missing are
/// left out, and named.
///
/// Before it begins it says how long it will take, by what each of its commands
/// took on the machine it was written on. --quick measures ten pictures of each
/// in minutes: to see that all of it works, not to publish.
///
/// Example: lab tables --only robustness,transfer --network lenet-mnist --network fc-mnist
#[derive(clap::Args)]
pub struct Options {
    /// The folder of the data: imagenet-sample/, mnist/, cifar10/
    #[arg(long, value_name = "FOLDER", default_value = "../shared/data")]
    data: PathBuf,
    /// Write the tables here, one JSON each; what those there say of other
    /// networks stays
    #[arg(long, short, value_name = "FOLDER", default_value = "www/results")]
    out: PathBuf,
    /// Keep the reports of the commands here, and go on from them
    #[arg(long, value_name = "FOLDER", default_value = "target/tables")]
    reports: PathBuf,
    /// Measure nothing: only write the tables of the reports that there are
    #[arg(long, conflicts_with = "quick")]
    from_reports: bool,
    /// Also copy the universal perturbations behind the tables here, with a
    /// catalogue, for the page to offer
    #[arg(long, value_name = "FOLDER")]
    ship: Option<PathBuf>,
    /// Which tables, separated by commas [default: all]
    #[arg(long, value_name = "NAMES", value_parser = tables(), value_delimiter = ',')]
    only: Vec<&'static Table>,
    /// Of which network; may be given several times [default: all]
    #[arg(long, value_name = "ID")]
    network: Vec<String>,
    /// Ten pictures of each
    #[arg(long)]
    quick: bool,
}

/// A table or figure of the papers. A new one is a file in `rows` and a row here.
pub struct Table {
    /// For --only.
    name: &'static str,
    /// Of the file, without its ending, and of what `published.json` has beside it.
    file: &'static str,
    about: &'static str,
    title: &'static str,
    /// The commands that it needs of a network, among others.
    jobs: fn(&Subject, &[Subject]) -> Vec<Job>,
    /// What it shows of a report.
    figures: fn(&Job, &Value) -> Vec<Figure>,
}

static TABLES: &[Table] = &[
    rows::robustness::TABLE,
    rows::semi_random::TABLE,
    rows::universal::TABLE,
    rows::universal::BY_PICTURES,
    rows::universal::BY_WAY,
    rows::transfer::TABLE,
    rows::diversity::TABLE,
    rows::feedback::TABLE,
    rows::graph::TABLE,
    rows::normals::TABLE,
    rows::sections::TABLE,
];

/// Tables by name.
fn tables() -> impl TypedValueParser<Value = &'static Table> {
    let known = TABLES.iter();
    let known = known.map(|table| PossibleValue::new(table.name).help(table.about));
    PossibleValuesParser::new(known).try_map(|name| {
        let mut tables = TABLES.iter();
        tables.find(|table| table.name == name).ok_or("unknown")
    })
}

pub fn run(options: &Options) -> Result<Ending> {
    let scale = match options.quick {
        true => Scale::Quick,
        false => Scale::Full,
    };
    let only: Vec<&Table> = match &options.only[..] {
        [] => TABLES.iter().collect(),
        only => only.to_vec(),
    };
    let (data, reports) = (&options.data, &options.reports);
    let plan = Plan::new(data, reports, &options.network, &only, scale)?;
    for missing in &plan.missing {
        eprintln!("lab: {missing}");
    }
    if plan.jobs.is_empty() {
        bail!("there is nothing to measure");
    }
    if options.from_reports {
        write_tables(options, &plan, &only)?;
        return Ok(Ending::Done);
    }
    let mut reports = HashSet::new();
    let jobs = plan.jobs.iter().map(|(_, job)| job);
    let left = jobs.filter(|job| !job.report.exists() && reports.insert(&job.report));
    let left: Vec<&Job> = left.collect();
    let seconds: f64 = left.iter().map(|job| job.seconds).sum();
    eprintln!("lab: {} commands, about {}", left.len(), duration(seconds));
    output::make_folder(&options.reports)?;
    let stop = stop_on_ctrl_c()?;
    let mut still = seconds;
    for (index, job) in left.iter().enumerate() {
        eprintln!(
            "lab: {} of {}, {}, about {} left",
            index + 1,
            left.len(),
            job.name(),
            duration(still)
        );
        carry_out(job)?;
        if stop.is_stopped() || !job.report.exists() {
            write_tables(options, &plan, &only)?;
            return Ok(Ending::Stopped);
        }
        still -= job.seconds;
    }
    write_tables(options, &plan, &only)?;
    Ok(Ending::Done)
}

/// Runs a command of this program and keeps its report.
fn carry_out(job: &Job) -> Result<()> {
    let begun = Instant::now();
    let program = std::env::current_exe().context("cannot find this program")?;
    let output = Command::new(program)
        .args(&job.arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| job.name())?;
    match output.status.code() {
        Some(0 | 3) => {}
        // Stopped: it keeps what it has.
        Some(130) | None => return Ok(()),
        _ => bail!("{} failed: lab {}", job.name(), job.arguments.join(" ")),
    }
    if job.is_printed {
        output::write(&job.report, &output.stdout)?;
    }
    eprintln!(
        "lab: {} took {:.0} s",
        job.name(),
        begun.elapsed().as_secs_f64()
    );
    Ok(())
}

fn write_tables(options: &Options, plan: &Plan, only: &[&'static Table]) -> Result<()> {
    output::make_folder(&options.out)?;
    for table in only {
        let made = assemble::table(table, plan, options.quick, &options.out, &read)?;
        if made.entries.is_empty() {
            continue;
        }
        let file = options.out.join(format!("{}.json", made.table));
        output::write(&file, output::json(&made)?.as_bytes())?;
        output::print(&assemble::text(&made))?;
    }
    if let Some(folder) = &options.ship {
        ship::ship(folder, plan, &read)?;
    }
    Ok(())
}

/// A report; none if its command was not carried out yet.
fn read(path: &Path) -> Result<Option<Value>> {
    if !path.exists() {
        return Ok(None);
    }
    let name = || path.display().to_string();
    let bytes = fs::read(path).with_context(name)?;
    let report = serde_json::from_slice(&bytes);
    Ok(Some(
        report.with_context(|| format!("{}: delete it", name()))?,
    ))
}

fn duration(seconds: f64) -> String {
    let minutes = (seconds / 60.0).ceil() as u64;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}
