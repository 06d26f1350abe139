//! `lab diversity`

use crate::Ending;
use crate::learning::{Learning, Rates, Sets, share};
use crate::network::{NetworkOptions, Opened};
use crate::output::{self, Made, decimals, make_folder, shown, table};
use crate::progress::stop_on_ctrl_c;
use crate::report;
use anyhow::{Result, bail};
use foolscope::attack::Norm;
use foolscope::measure::Estimate;
use foolscope::task::StopFlag;
use foolscope::universal::diversity::Diversity;
use foolscope::universal::fooling::Sum;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

/// Several perturbations for all pictures, and how much they have in common.
///
/// Each is made as `lab universal` makes one, from the same pictures with a
/// seed of its own (SEED, SEED + 1, …): in another order, other parts of them
/// seen. The table has how often each fools, and the inner product of each with
/// each, divided by their lengths: 1 for the same direction, about 0 for
/// unrelated ones. With --out, each lies in that folder as seed-N.npy, and what
/// lies there is not made again: a run that was stopped goes on where it was.
/// Give it the same options.
///
/// Example: lab diversity photos/ --count 5 --hold-out 200 --out several/
#[derive(clap::Args)]
// The best of several beginnings is mostly the same one; and a single beginning does
// best by what does best among many classes.
#[command(mut_arg("starts", |starts| starts.default_value("1")))]
#[command(mut_arg("loss", |loss| loss.default_value("margin")))]
#[command(mut_arg("crop", |crop| crop.default_value("0.3")))]
pub struct Options {
    #[command(flatten)]
    learning: Learning,
    #[command(flatten)]
    network: NetworkOptions,
    /// How many perturbations
    #[arg(long, value_name = "COUNT", default_value_t = 5)]
    count: u64,
    /// The folder to keep them in
    #[arg(long, short, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Write JSON instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(flatten)]
    made: Made,
    norm: Norm,
    /// In grey levels.
    radius: f64,
    pictures: [usize; 2],
    perturbations: Vec<OneOfThem>,
    #[serde(flatten)]
    diversity: Diversity,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OneOfThem {
    seed: u64,
    /// The fooling rates.
    #[serde(flatten)]
    raw: Rates,
    /// The same on pictures as a file has them: cut off at black and white and
    /// in whole grey levels.
    own_saved: Estimate,
    others_saved: Option<Estimate>,
}

pub fn run(options: &Options) -> Result<Ending> {
    let begun = Instant::now();
    let learning = &options.learning;
    if options.count == 0 {
        bail!("there must be at least one perturbation");
    }
    let files = learning.split()?;
    let opened = options.network.open()?;
    let stop = stop_on_ctrl_c()?;
    options.out.as_deref().map_or(Ok(()), make_folder)?;
    let sets = learning.read(&opened, files);

    let mut perturbations = Vec::new();
    let mut vs = Vec::new();
    for seed in learning.seed..learning.seed.saturating_add(options.count) {
        let Some(v) = options.one(&opened, &sets, seed, &stop)? else {
            break;
        };
        let rates = |sum| learning.rates(&opened, &sets, &v, sum);
        let saved = rates(Sum::Saved)?;
        perturbations.push(OneOfThem {
            seed,
            raw: rates(Sum::Raw)?,
            own_saved: saved.own,
            others_saved: saved.others,
        });
        vs.push(v);
    }
    let report = Report {
        made: Made::new(&opened, begun),
        norm: learning.norm,
        radius: learning.radius(),
        pictures: [sets.own.len(), sets.others.len()],
        perturbations,
        diversity: Diversity::of(&vs),
        unreadable: sets.unreadable,
    };
    report::print(&report, options.json, text)?;
    Ok(Ending::of(&stop, &report.unreadable))
}

impl Options {
    /// The perturbation of a seed, read where it has been made already; none
    /// where somebody stopped it before it was whole.
    fn one(
        &self,
        opened: &Opened,
        sets: &Sets,
        seed: u64,
        stop: &StopFlag,
    ) -> Result<Option<Vec<f32>>> {
        let folder = self.out.as_ref();
        let file = folder.map(|folder| folder.join(format!("seed-{seed}.npy")));
        if let Some(file) = file.as_deref().filter(|file| file.exists()) {
            return Ok(Some(opened.perturbation(file)?.into_values()));
        }
        if stop.is_stopped() {
            return Ok(None);
        }
        let learnt = self.learning.learn(opened, sets, None, seed, stop)?;
        if learnt.made.stopped {
            return Ok(None);
        }
        if let Some(file) = &file {
            output::write(file, &learnt.bytes)?;
        }
        Ok(Some(learnt.v.into_values()))
    }
}

fn text(report: &Report) -> String {
    let rates: Vec<[String; 3]> = report
        .perturbations
        .iter()
        .map(|one| {
            let others = one.raw.others.as_ref().map_or("none".to_owned(), share);
            [one.seed.to_string(), share(&one.raw.own), others]
        })
        .collect();
    let mut text = table(["seed", "own", "others"], &rates);
    text.push_str("\nNormalised inner products\n");
    for row in &report.diversity.products {
        let cells: Vec<String> = row
            .iter()
            .map(|&product| format!("{:>6}", shown(product, decimals(3))))
            .collect();
        text.push_str(&cells.join("  "));
        text.push('\n');
    }
    text.push_str(&format!(
        "\nBetween different ones: {} on average, at most {}, in absolute value\n\
         {} pictures and {} others, 95 % intervals, {}\n",
        shown(report.diversity.mean, decimals(3)),
        shown(report.diversity.largest, decimals(3)),
        report.pictures[0],
        report.pictures[1],
        report::took(&report.made),
    ));
    text
}
