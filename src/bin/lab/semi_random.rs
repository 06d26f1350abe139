//! `lab semi-random`

use crate::Ending;
use crate::network::{NetworkOptions, Opened};
use crate::output::{self, Made, decimals, estimate, json, shown};
use crate::pictures::{self, Pictures};
use crate::progress::{NowAndThen, Part, Progress, Together, stop_on_ctrl_c};
use crate::spread::{self, Spread};
use anyhow::{Context, Result, bail};
use foolscope::classifier::Classifier;
use foolscope::measure::semi_random::{self, Beta, Sizes, sizes};
use foolscope::task::{Task, block_on};
use serde::{Deserialize, Serialize};
use std::fs;
use std::ops::Not;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How far the boundary is within random subspaces.
///
/// For each picture the smallest perturbation r* (DeepFool), and the smallest
/// r_S* within a random subspace S of m of the d dimensions of a picture. The
/// table's beta is sqrt(m/d) times the mean of |r_S*| / |r*|, with its 95 %
/// bootstrap interval and the standard deviation over the pictures (Fawzi,
/// Moosavi-Dezfooli and Frossard, NIPS 2016, table 1); rho is |r_S*| / |x|. Near
/// 1 it says that the boundary is locally flat, so that
/// noise in a few random dimensions is nearly as bad as its number lets expect.
///
/// The paper has, for VGG-19 on ImageNet at m/d = 1, 1/4, 1/16, 1/36, 1/64 and
/// 1/100: 1.00, 1.00 ± 0.01, 1.02 ± 0.03, 1.02 ± 0.05, 1.03 ± 0.06 and
/// 1.04 ± 0.08.
///
/// With --out the report is written as it grows, and the same command goes on
/// from there when it was stopped, or with more pictures.
///
/// Example: lab semi-random photos/ --draws 2 --out semi-random.json
#[derive(clap::Args)]
pub struct Options {
    /// Files, folders, or quoted patterns
    #[arg(required = true)]
    pictures: Vec<String>,
    #[command(flatten)]
    network: NetworkOptions,
    /// m/d of each column, as numbers or fractions
    #[arg(long, value_name = "M/D", value_delimiter = ',', value_parser = fraction,
          default_value = "1,1/4,1/16,1/36,1/64,1/100")]
    ratios: Vec<f64>,
    /// Subspaces drawn for each picture and ratio
    #[arg(long, value_name = "COUNT", default_value_t = semi_random::Options::default().draws)]
    draws: usize,
    /// Of the subspaces
    #[arg(long, default_value_t = semi_random::Options::default().seed)]
    seed: u64,
    /// Pictures attacked at a time on a GPU; on the CPU each core takes one
    #[arg(long, value_name = "COUNT", default_value_t = 4,
          value_parser = clap::value_parser!(u16).range(1..))]
    batch: u16,
    /// Write the report here, and go on from it
    #[arg(long, short, value_name = "FILE.json")]
    out: Option<PathBuf>,
    /// JSON for a table
    #[arg(long)]
    json: bool,
}

fn fraction(text: &str) -> Result<f64, String> {
    let number = |text: &str| {
        let parsed = text.trim().parse::<f64>();
        parsed.map_err(|_| format!("'{text}' is neither a number nor a fraction like 1/16"))
    };
    match text.split_once('/') {
        Some((above, below)) => Ok(number(above)? / number(below)?),
        None => number(text),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    #[serde(flatten)]
    made: Made,
    #[serde(flatten)]
    measured: &'a Measured,
    beta: Vec<Beta>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    unreadable: &'a [String],
}

/// The part of the report that a later run goes on from.
#[derive(Serialize, Deserialize)]
struct Measured {
    options: semi_random::Options,
    pictures: Vec<Picture>,
}

#[derive(Serialize, Deserialize)]
struct Picture {
    file: String,
    #[serde(default, skip_serializing_if = "Not::not")]
    cut_short: bool,
    #[serde(flatten)]
    sizes: Sizes,
}

pub fn run(options: &Options) -> Result<Ending> {
    let begun = Instant::now();
    let settings = semi_random::Options {
        ratios: options.ratios.clone(),
        draws: options.draws,
        seed: options.seed,
        ..semi_random::Options::default()
    };
    let files = pictures::expand(&options.pictures)?;
    let opened = options.network.open()?;
    let earlier = match &options.out {
        Some(out) => earlier(out, &settings, &opened)?,
        None => None,
    };
    let (seconds, earlier) = earlier.unwrap_or_default();
    let stop = stop_on_ctrl_c()?;
    let mut measured = Measured {
        options: settings,
        pictures: earlier,
    };
    let write = |out: &Path, measured: &Measured, unreadable: &[String]| {
        let mut report = report(measured, unreadable, &opened, begun);
        report.made.seconds += seconds;
        output::write(out, json(&report)?.as_bytes())
    };
    let is_done = |file: &PathBuf| {
        let name = file.display().to_string();
        measured.pictures.iter().any(|picture| picture.file == name)
    };
    let (done, left): (Vec<_>, Vec<_>) = files.into_iter().partition(is_done);

    let all = Progress::new("measuring", done.len() + left.len());
    let spread = Spread {
        opened: &opened,
        files: &left,
        batch: options.batch.into(),
        progress: Together::new(all, done.len()),
        steps: 1,
        stop: &stop,
    };
    let settings = measured.options.clone();
    let attack = |pictures: &Pictures, part: &Part<'_>| {
        let mut task = Task::new(stop.clone(), |step: semi_random::Progress| {
            part.at(0, &format!("attack {} of {}", step.attacks, step.of));
        });
        let (network, x) = (&opened.network, &pictures.values);
        Ok(block_on(sizes(network, x, &settings, &mut task))?)
    };
    let mut writing = NowAndThen::default();
    let unreadable = spread::pictures(&spread, attack, |done| {
        measured.pictures.push(Picture {
            file: done.file.display().to_string(),
            cut_short: pictures::is_cut_short(done.file),
            sizes: done.result,
        });
        match &options.out {
            Some(out) if writing.is_due() => write(out, &measured, done.unreadable),
            _ => Ok(()),
        }
    })?;
    drop(spread);
    if let Some(out) = &options.out
        && measured.pictures.len() > done.len()
    {
        write(out, &measured, &unreadable)?;
    }
    if measured.pictures.is_empty() && !stop.is_stopped() {
        bail!("none of the pictures could be read");
    }
    let mut report = report(&measured, &unreadable, &opened, begun);
    report.made.seconds += seconds;
    output::print(&if options.json {
        json(&report)?
    } else {
        text(&report)
    })?;
    Ok(Ending::of(&stop, &unreadable))
}

fn report<'a>(
    measured: &'a Measured,
    unreadable: &'a [String],
    opened: &Opened,
    begun: Instant,
) -> Report<'a> {
    let d = opened.network.input_shape().iter().product();
    let sizes: Vec<Sizes> = measured
        .pictures
        .iter()
        .map(|it| it.sizes.clone())
        .collect();
    Report {
        made: Made::new(opened, begun),
        beta: Beta::columns(&measured.options.ratios, d, &sizes, measured.options.seed),
        measured,
        unreadable,
    }
}

/// What an earlier run measured in the same way, and how long that took.
fn earlier(
    out: &Path,
    settings: &semi_random::Options,
    opened: &Opened,
) -> Result<Option<(f64, Vec<Picture>)>> {
    #[derive(Deserialize)]
    struct Earlier {
        seconds: f64,
        network: String,
        weights: String,
        #[serde(flatten)]
        measured: Measured,
    }
    let name = || out.display().to_string();
    if !out.exists() {
        if let Some(folder) = out.parent() {
            fs::create_dir_all(folder).with_context(name)?;
        }
        return Ok(None);
    }
    let bytes = fs::read(out).with_context(name)?;
    let earlier: Earlier = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is no report of lab semi-random", name()))?;
    let is_same = earlier.measured.options == *settings
        && earlier.network == opened.entry.id
        && earlier.weights == opened.weights.display().to_string();
    if !is_same {
        bail!(
            "{} was measured with another network or other settings: name another file",
            name()
        );
    }
    Ok(Some((earlier.seconds, earlier.measured.pictures)))
}

fn text(report: &Report<'_>) -> String {
    let rows: Vec<[String; 7]> = report
        .beta
        .iter()
        .map(|column| {
            [
                format!("1/{:.4}", 1.0 / column.ratio)
                    .trim_end_matches('0')
                    .trim_end_matches('.')
                    .to_owned(),
                column.dimension.to_string(),
                column.beta.count.to_string(),
                estimate(&column.beta, decimals(3)),
                shown(column.deviation, decimals(3)),
                estimate(&column.median_l2, decimals(2)),
                shown(column.rho.value, |rho| format!("{rho:.2e}")),
            ]
        })
        .collect();
    let headings = [
        "m/d",
        "m",
        "pictures",
        "beta",
        "deviation",
        "median l2",
        "mean rho",
    ];
    let mut text = output::table(headings, &rows);
    let pictures = &report.measured.pictures;
    let gradients: usize = pictures
        .iter()
        .map(|it| it.sizes.gradient_evaluations)
        .sum();
    text += &format!(
        "\n{} pictures, {} draw(s) each, {gradients} gradients in {:.1} s ({} on {})\n",
        pictures.len(),
        report.measured.options.draws,
        report.made.seconds,
        report.made.network,
        report.made.device
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_numbers_or_fractions() {
        assert_eq!(fraction("1/4"), Ok(0.25));
        assert_eq!(fraction("0.5"), Ok(0.5));
        assert!(fraction("quarter").unwrap_err().contains("1/16"));
    }
}
