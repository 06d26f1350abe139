//! `lab graph`

use crate::Ending;
use crate::each::{self, At, Each, Piece, Report};
use crate::network::NetworkOptions;
use crate::output::{self, estimate, percent};
use anyhow::{Result, bail};
use foolscope::classifier::catalogue::Entry;
use foolscope::geometry::label_graph::{self, LabelGraph};
use foolscope::measure::Estimate;
use foolscope::photo::Perturbation;
use foolscope::task::block_on;
use foolscope::universal::fooling::{Fooling, Sum, fooling};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Into which classes a perturbation sends the others.
///
/// A graph of labels: an edge from one class to another when most pictures of
/// the one, by their clean answers, end in the other (Moosavi-Dezfooli, Fawzi,
/// Fawzi and Frossard, CVPR 2017, figure 7). Dominant labels are those in which
/// pictures of other classes end; components are what edges join. The graph is
/// written for Graphviz (`dot -Tsvg graph.dot`) or as JSON, by the ending of
/// --save. Ctrl-C ends it with the pictures so far.
///
/// Example: lab graph photos/ --perturbation universal.npy --save graph.dot
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    each: each::Options,
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
    #[arg(long, value_name = "FILE.dot|FILE.json")]
    save: Vec<PathBuf>,
}

/// Dominant labels in the table.
const SHOWN: usize = 15;

pub fn run(options: &Options) -> Result<Ending> {
    let graph = label_graph::Options {
        threshold: options.threshold,
        min_pictures: options.min_pictures,
    };
    graph.check()?;
    for file in &options.save {
        if !["dot", "json"].iter().any(|ending| is(file, ending)) {
            bail!(
                "a graph's file must end in .dot or .json, not be {}",
                file.display()
            );
        }
        output::make_folder_of(file)?;
    }
    each::run(
        &options.each,
        || options.network.open(),
        |opened| {
            let v = opened.perturbation(&options.perturbation)?;
            Ok(Graph {
                settings: Settings {
                    perturbation: options.perturbation.clone(),
                    perturbation_hash: each::perturbation_hash(&v),
                    saved: options.saved,
                    graph,
                    seed: options.seed,
                    save: options.save.clone(),
                },
                v,
            })
        },
    )
}

fn is(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found == ending)
}

/// Where a perturbation sends each picture.
pub struct Graph {
    settings: Settings,
    v: Perturbation,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    perturbation: PathBuf,
    /// Of its numbers: its name alone says little.
    perturbation_hash: String,
    saved: bool,
    graph: label_graph::Options,
    seed: u64,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    save: Vec<PathBuf>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    clean_label: usize,
    adversarial_label: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    fooling_rate: Estimate,
    /// How many of the dominant labels take half of the fooled pictures.
    take_half: usize,
    #[serde(flatten)]
    graph: LabelGraph,
}

impl Each for Graph {
    const COMMAND: &'static str = "graph";
    const DOING: &'static str = "classifying";
    type Settings = Settings;
    type Found = Found;
    type Summary = Summary;

    fn settings(&self) -> Settings {
        self.settings.clone()
    }

    fn listed(_: &Settings) -> Option<&'static str> {
        None
    }

    /// The rest is about what is drawn of the answers.
    fn is_same(one: &Settings, other: &Settings) -> bool {
        one.perturbation_hash == other.perturbation_hash
            && one.perturbation == other.perturbation
            && one.saved == other.saved
    }

    fn find(&self, at: &At<'_>) -> Result<Vec<Found>> {
        let sum = Sum::new(self.settings.saved);
        let mut task = at.silent();
        let found = fooling(&at.opened.network, &at.x, self.v.values(), sum, &mut task);
        let found = block_on(found)?
            .labels
            .into_iter()
            .map(|(clean, other)| Found {
                clean_label: clean,
                adversarial_label: other,
            });
        Ok(found.collect())
    }

    fn summary(settings: &Settings, entry: &Entry, found: &[Piece<Found>]) -> Result<Summary> {
        let labels = found.iter().map(|it| &it.found);
        let labels = labels
            .map(|it| (it.clean_label, it.adversarial_label))
            .collect();
        let graph = LabelGraph::new(&Fooling { labels }, entry.class_names(), &settings.graph)?;
        Ok(Summary {
            fooling_rate: Estimate::share(graph.fooled, graph.pictures, settings.seed),
            take_half: graph.labels_that_take(0.5),
            graph,
        })
    }

    fn done(report: &Report<Self>) -> Result<()> {
        for file in &report.settings.save {
            let text = match is(file, "dot") {
                true => report.summary.graph.to_dot(),
                false => report.json()?,
            };
            output::write(file, text.as_bytes())?;
        }
        Ok(())
    }

    fn text(report: &Report<Self>) -> String {
        let graph = &report.summary.graph;
        let name = |label: usize| {
            let mut vertices = graph.vertices.iter();
            let vertex = vertices.find(|vertex| vertex.label == label);
            vertex.map_or("", |vertex| vertex.name.as_str())
        };
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
            "\n{} of {} pictures fooled, {}, {}\n",
            graph.fooled,
            graph.pictures,
            estimate(&report.summary.fooling_rate, percent),
            report.took()
        );
        if graph.fooled > 0 {
            text += &format!(
                "{} labels take half of the fooled\n",
                report.summary.take_half
            );
        }
        let joined: usize = graph.components.iter().map(Vec::len).sum();
        text += &format!(
            "{} edges join {joined} of {} classes into {} components\n",
            graph.edges.len(),
            graph.vertices.len(),
            graph.components.len(),
        );
        for component in graph.components.iter().take(3) {
            let shown = component.iter().take(6).map(|&label| name(label));
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
}
