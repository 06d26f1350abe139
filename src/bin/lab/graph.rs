//! `lab graph`

use crate::Ending;
use crate::network::NetworkOptions;
use crate::output::{self, Made, estimate, json, percent};
use crate::pictures::{self, Pictures};
use crate::progress::{Part, Progress, Together, stop_on_ctrl_c};
use crate::spread::{self, Spread};
use anyhow::{Result, bail};
use foolscope::geometry::label_graph::{self, LabelGraph};
use foolscope::measure::Estimate;
use foolscope::task::{Task, block_on};
use foolscope::universal::fooling::{Fooling, Sum, fooling};
use serde::Serialize;
use std::path::PathBuf;
use std::time::Instant;

/// Into which classes a perturbation sends the others.
///
/// A graph of labels: an edge from one class to another when most pictures of
/// the one, by their clean answers, end in the other (Moosavi-Dezfooli, Fawzi,
/// Fawzi and Frossard, CVPR 2017, figure 7). Dominant labels are those in which
/// pictures of other classes end; components are what edges join. The graph is
/// written for Graphviz (`dot -Tsvg graph.dot`) or as JSON, by the ending of
/// --out. Ctrl-C ends it with the pictures so far.
///
/// Example: lab graph photos/ --perturbation universal.npy --out graph.dot
#[derive(clap::Args)]
pub struct Options {
    /// Files, folders, or quoted patterns
    #[arg(required = true)]
    pictures: Vec<String>,
    #[command(flatten)]
    network: NetworkOptions,
    /// What is added to every picture
    #[arg(long, value_name = "FILE.npy")]
    perturbation: PathBuf,
    /// Clip and round the sum to 8 bits, as the page does and saving would
    #[arg(long)]
    saved: bool,
    /// An edge needs more than this share of its class's pictures
    #[arg(long, value_name = "SHARE",
          default_value_t = label_graph::Options::default().threshold)]
    threshold: f64,
    /// Classes with fewer pictures have no edge
    #[arg(long, value_name = "COUNT",
          default_value_t = label_graph::Options::default().min_pictures)]
    min_pictures: usize,
    /// Of the interval
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Write the graph here, for Graphviz or as JSON; may be given for each
    #[arg(long, short, value_name = "FILE.dot|FILE.json")]
    out: Vec<PathBuf>,
    /// JSON for a table
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(flatten)]
    made: Made,
    fooling_rate: Estimate,
    /// How many of the dominant labels take half of the fooled pictures.
    take_half: usize,
    #[serde(flatten)]
    graph: LabelGraph,
    seed: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<String>,
}

/// Pictures read at a time on a GPU.
const BATCH: usize = 8;

/// Dominant labels in the table.
const SHOWN: usize = 15;

pub fn run(options: &Options) -> Result<Ending> {
    let begun = Instant::now();
    let settings = label_graph::Options {
        threshold: options.threshold,
        min_pictures: options.min_pictures,
    };
    settings.check()?;
    for out in &options.out {
        if !["dot", "json"].iter().any(|ending| is(out, ending)) {
            bail!(
                "a graph's file must end in .dot or .json, not be {}",
                out.display()
            );
        }
        output::make_folder_of(out)?;
    }
    let files = pictures::expand(&options.pictures)?;
    let opened = options.network.open()?;
    let v = opened.perturbation(&options.perturbation)?;
    let sum = if options.saved { Sum::Saved } else { Sum::Raw };
    let stop = stop_on_ctrl_c()?;

    let spread = Spread {
        opened: &opened,
        files: &files,
        batch: BATCH,
        progress: Together::new(Progress::new("classifying", files.len()), 0),
        steps: 1,
        stop: &stop,
    };
    let answers = |pictures: &Pictures, _: &Part<'_>| {
        let mut task = Task::new(stop.clone(), |_| ());
        let (network, x) = (&opened.network, &pictures.values);
        Ok(block_on(fooling(network, x, v.values(), sum, &mut task))?.labels)
    };
    let mut labels = Vec::new();
    let unreadable = spread::pictures(&spread, answers, |done| {
        labels.push(done.result);
        Ok(())
    })?;
    drop(spread);
    if labels.is_empty() {
        if stop.is_stopped() {
            return Ok(Ending::Stopped);
        }
        bail!("none of the pictures could be read");
    }

    let names = opened.entry.class_names();
    let graph = LabelGraph::new(&Fooling { labels }, names, &settings)?;
    let report = Report {
        made: Made::new(&opened, begun),
        fooling_rate: Estimate::share(graph.fooled, graph.pictures, options.seed),
        take_half: graph.labels_that_take(0.5),
        graph,
        seed: options.seed,
        unreadable,
    };
    for out in &options.out {
        let text = if is(out, "dot") {
            report.graph.to_dot()
        } else {
            json(&report)?
        };
        output::write(out, text.as_bytes())?;
    }
    output::print(&if options.json {
        json(&report)?
    } else {
        text(&report, names)
    })?;
    Ok(Ending::of(&stop, &report.unreadable))
}

fn is(path: &std::path::Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found == ending)
}

fn text(report: &Report, names: &[&str]) -> String {
    let graph = &report.graph;
    let rows: Vec<[String; 4]> = graph
        .dominant
        .iter()
        .take(SHOWN)
        .map(|dominant| {
            [
                dominant.name.clone(),
                dominant.pictures.to_string(),
                percent(dominant.pictures as f64 / graph.fooled as f64),
                dominant.classes.to_string(),
            ]
        })
        .collect();
    let headings = ["dominant label", "pictures", "of the fooled", "edges"];
    let mut text = output::table(headings, &rows);
    let more = graph.dominant.len() - rows.len();
    if more > 0 {
        text += &format!("and {more} more\n");
    }
    text += &format!(
        "\n{} of {} pictures fooled, {}, in {:.1} s ({} on {})\n",
        graph.fooled,
        graph.pictures,
        estimate(&report.fooling_rate, percent),
        report.made.seconds,
        report.made.network,
        report.made.device
    );
    if graph.fooled > 0 {
        text += &format!("{} labels take half of the fooled\n", report.take_half);
    }
    let joined: usize = graph.components.iter().map(Vec::len).sum();
    text += &format!(
        "{} edges join {joined} of {} classes into {} components\n",
        graph.edges.len(),
        graph.vertices.len(),
        graph.components.len(),
    );
    for component in graph.components.iter().take(3) {
        let shown = component.iter().take(6).map(|&label| names[label]);
        let shown: Vec<&str> = shown.collect();
        let rest = if component.len() > shown.len() {
            ", …"
        } else {
            ""
        };
        text += &format!(
            "  {} classes: {}{rest}\n",
            component.len(),
            shown.join(", ")
        );
    }
    text
}
