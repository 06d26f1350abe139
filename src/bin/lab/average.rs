//! `lab average`

use crate::Ending;
use crate::network::{self, Kind};
use crate::output::{self, Made, estimate, json, percent};
use crate::{labelled, report, weights_file};
use anyhow::Result;
use foolscope::measure::Estimate;
use foolscope::task::{StopFlag, block_on};
use foolscope::training::average::average;
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

/// Averages the weights of several networks, such as the ends of the cycles that
/// `lab train --from` goes through.
///
/// Between such ends the loss is as low as at them, and their mean often errs less
/// than each (stochastic weight averaging: Izmailov et al., UAI 2018). Networks
/// that were trained from different random weights have no meaningful mean.
///
/// Batch norms, which are folded into the weights, are measured again on pictures
/// of --data. The weights are written to --out with 16 bits a number, and beside
/// them a JSON of how they came about, which quotes those of the files.
///
/// Example: lab average first.safetensors second.safetensors --network nin-cifar10
/// --data train.tar.gz --test test.tar.gz --out mean.safetensors
#[derive(clap::Args)]
pub struct Options {
    /// Files of weights, two or more
    #[arg(value_name = "FILE.safetensors", required = true, num_args = 2..)]
    weights: Vec<PathBuf>,
    #[command(flatten)]
    made: weights_file::Options,
    /// Pictures that batch norms are measured on: files, folders, or quoted
    /// patterns
    #[arg(long, value_name = "FILE")]
    data: Vec<String>,
    /// Others to measure the error on
    #[arg(long, value_name = "FILE")]
    test: Vec<String>,
    /// What to compute on; `lab devices` lists what there is
    #[arg(long, value_enum, default_value_t = Kind::Cpu)]
    device: Kind,
    /// Of the draw of pictures for batch norms
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// JSON for a table
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(flatten)]
    made: Made,
    /// How each of the networks came about, as it was told; null where it was not.
    from: Vec<Option<serde_json::Value>>,
    data: &'static str,
    seed: u64,
    /// Of the weights as they are in the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    test_error: Option<Estimate>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<String>,
}

pub fn run(options: &Options) -> Result<Ending> {
    let begun = Instant::now();
    let entry = options.made.entry()?;
    let architecture = entry.architecture();
    let (device, device_name) = options.device.open()?;
    let networks = options.weights.iter();
    let networks = networks.map(|file| network::read(entry, file, false));
    let networks = networks.collect::<Result<Vec<_>>>()?;
    let from = options.weights.iter();
    let from = from.map(|file| weights_file::earlier(file)).collect();
    let mut unreadable = Vec::new();
    let mut read = |files: &[String]| labelled::read(files, entry, &mut unreadable);
    let (own, others) = (read(&options.data)?, read(&options.test)?);
    let mean = average(&architecture, &networks, &own, &device, options.seed);
    let mean = block_on(mean)?;
    let measured = (&others, options.seed);
    let test_error = options
        .made
        .write(entry, &mean, "average", measured, &device)?;
    let out = &options.made.out;
    let report = Report {
        made: Made::of(entry, out.display().to_string(), &device_name, begun),
        from,
        data: entry.data,
        seed: options.seed,
        test_error,
        unreadable,
    };
    output::write(&out.with_extension("json"), json(&report)?.as_bytes())?;
    report::print(&report, options.json, |report| text(report, others.len()))?;
    Ok(Ending::of(&StopFlag::default(), &report.unreadable))
}

fn text(report: &Report, others: usize) -> String {
    let networks = report.from.len();
    match &report.test_error {
        Some(error) => format!(
            "Test error {} on {others} pictures, of the mean of {networks} networks\n",
            estimate(error, percent)
        ),
        None => format!(
            "The mean of {networks} networks is in {}\n",
            report.made.weights
        ),
    }
}
