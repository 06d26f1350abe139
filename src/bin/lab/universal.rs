//! `lab universal`

use crate::Ending;
use crate::learning::{self, Learning, share};
use crate::network::NetworkOptions;
use crate::output::{self, Made, json, make_folder_of, percent, table};
use crate::pictures;
use crate::progress::stop_on_ctrl_c;
use crate::report;
use anyhow::{Result, bail};
use foolscope::attack::Norm;
use foolscope::photo::{self, Perturbation};
use foolscope::universal::fooling::Sum;
use foolscope::universal::{Method, Recipe};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

/// One perturbation that changes the answer to most pictures.
///
/// Made from some pictures and measured on others. `original` is the algorithm
/// of Moosavi-Dezfooli, Fawzi, Fawzi and Frossard (CVPR 2017), which sums up
/// DeepFool's steps; `stochastic` descends a bounded loss (Shafahi et al., AAAI
/// 2020), and fools more with fewer gradients. Beside FILE.npy come FILE.json, which says
/// how it was made, and FILE.png, amplified to look at. Ctrl-C ends it with the
/// perturbation so far.
///
/// Example: lab universal photos/ --hold-out 200 --out universal.npy
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    learning: Learning,
    #[command(flatten)]
    network: NetworkOptions,
    /// Go on from the perturbation in this .npy file
    #[arg(long, value_name = "FILE")]
    start: Option<PathBuf>,
    /// Where to write it
    #[arg(long, short, value_name = "FILE.npy")]
    out: PathBuf,
    /// Its name on the page
    #[arg(long, default_value = "")]
    title: String,
    /// JSON for a table
    #[arg(long)]
    json: bool,
}

/// An entry of `www/perturbations/catalogue.json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    id: String,
    title: String,
    file: String,
    norm: Norm,
    /// In grey levels.
    radius: f64,
    fooling_rate: Rates,
    /// When the sum is clipped and rounded to 8 bits, as on the page.
    fooling_rate_saved: Rates,
    /// The first two again, with their 95 % bootstrap intervals.
    fooling_rate_estimates: learning::Rates,
    method: Method,
    settings: Recipe,
    /// The class that pictures should become; the rates are then of those that
    /// did.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<usize>,
    pictures: Counts,
    passes: usize,
    /// On its own pictures, pass after pass.
    rate_by_pass: Vec<Option<f64>>,
    /// On the others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_rate_by_pass: Vec<Option<f64>>,
    /// Gradients evaluated by the end of each pass.
    gradients_by_pass: Vec<usize>,
    gradient_evaluations: usize,
    stopped: bool,
    seed: u64,
    #[serde(flatten)]
    made: Made,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<String>,
}

/// Of the pictures that it was made from, and of others.
#[derive(Serialize)]
struct Rates {
    own: Option<f64>,
    /// None where no picture was kept for measuring.
    others: Option<f64>,
}

impl From<&learning::Rates> for Rates {
    fn from(rates: &learning::Rates) -> Self {
        Self {
            own: rates.own.value,
            others: rates.others.and_then(|others| others.value),
        }
    }
}

#[derive(Serialize)]
struct Counts {
    own: usize,
    others: usize,
}

pub fn run(options: &Options) -> Result<Ending> {
    let begun = Instant::now();
    if options
        .out
        .extension()
        .is_none_or(|ending| !ending.eq_ignore_ascii_case("npy"))
    {
        bail!(
            "the perturbation's file must end in .npy, not be {}",
            options.out.display()
        );
    }
    let learning = &options.learning;
    learning.check()?;
    let files = learning.split()?;
    let opened = options.network.open()?;
    let start = options
        .start
        .as_deref()
        .map(|path| opened.perturbation(path));
    let start = start.transpose()?.map(Perturbation::into_values);
    let stop = stop_on_ctrl_c()?;
    make_folder_of(&options.out)?;
    let sets = learning.read(&opened, files);
    let learnt = learning.learn(&opened, &sets, start.as_deref(), learning.seed, &stop)?;
    let (made, v) = (learnt.made, &learnt.v);
    output::write(&options.out, &learnt.bytes)?;
    let [_, height, width] = v.shape().map(|size| size as u32);
    let drawing = v.draw(v.amplification(1.0));
    photo::save_png(options.out.with_extension("png"), &drawing, width, height)?;

    let rates = |sum| learning.rates(&opened, &sets, v.values(), sum);
    let raw = rates(Sum::Raw)?;
    let report = Report {
        id: pictures::name(&options.out.with_extension("")),
        title: options.title.clone(),
        file: pictures::name(&options.out),
        norm: learning.norm,
        radius: learning.radius(),
        fooling_rate: (&raw).into(),
        fooling_rate_saved: (&rates(Sum::Saved)?).into(),
        fooling_rate_estimates: raw,
        method: learning.method,
        settings: learnt.recipe,
        target: learning.target,
        pictures: Counts {
            own: sets.own.len(),
            others: sets.others.len(),
        },
        passes: made.passes,
        rate_by_pass: made.rates,
        other_rate_by_pass: made.other_rates,
        gradients_by_pass: made.gradients_by_pass,
        gradient_evaluations: made.gradient_evaluations,
        stopped: made.stopped,
        seed: learning.seed,
        made: Made::new(&opened, begun),
        unreadable: sets.unreadable,
    };
    output::write(
        &options.out.with_extension("json"),
        json(&report)?.as_bytes(),
    )?;
    report::print(&report, options.json, text)?;
    Ok(Ending::of(&stop, &report.unreadable))
}

fn text(report: &Report) -> String {
    let passes: Vec<[String; 4]> = report
        .rate_by_pass
        .iter()
        .enumerate()
        .map(|(pass, &own)| {
            let other = report.other_rate_by_pass.get(pass);
            [
                (pass + 1).to_string(),
                report.gradients_by_pass[pass].to_string(),
                percent(own),
                other.copied().map_or(String::new(), percent),
            ]
        })
        .collect();
    let fooled = match report.target {
        Some(target) => format!("Became class {target}"),
        None => "Fooled".to_owned(),
    };
    let (raw, saved) = (&report.fooling_rate_estimates, &report.fooling_rate_saved);
    let others = |text: Option<String>| text.unwrap_or("none".to_owned());
    format!(
        "{}{} pictures, {} passes, {} gradients {}\n\
         {fooled}: {} of its own pictures, {} of {} others (95 % intervals)\n\
         When clipped and rounded to 8 bits: {} and {}\n",
        table(["pass", "gradients", "own", "others"], &passes),
        report.pictures.own,
        report.passes,
        report.gradient_evaluations,
        report::took(&report.made),
        share(&raw.own),
        others(raw.others.as_ref().map(share)),
        report.pictures.others,
        percent(saved.own),
        others(saved.others.map(percent)),
    )
}
