//! `lab occlusion`

use crate::Ending;
use crate::each::saved::{Labels, Save, is_saved, save};
use crate::each::{self, At, Each, Piece, Report};
use crate::network::NetworkOptions;
use crate::output::{self, decimals, estimate, or_dash, percent};
use anyhow::Result;
use foolscope::attack::occlusion::{self, Patch, Search, occlusion};
use foolscope::classifier::catalogue::Entry;
use foolscope::measure::OcclusionRobustness;
use foolscope::photo::LEVELS;
use foolscope::task::block_on;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The smallest square patch that changes the answer to each picture.
///
/// A patch of one colour is laid over the picture at every point of a grid. Its
/// side is found by bisection: a patch of this side changes the answer, and one
/// of a pixel less does so nowhere on the grid. A still smaller one might, since
/// more cover need not confuse more; --ascending tries every side from one pixel
/// on, and takes ten times as long.
///
/// Example: lab occlusion photos/ --stride 8 --colour 0,0,0
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    each: each::Options,
    #[command(flatten)]
    network: NetworkOptions,
    /// Pixels from one position to the next
    #[arg(long, value_name = "PIXELS", default_value_t = occlusion::Options::default().stride)]
    stride: usize,
    /// The patch's colour in grey levels, one number or one a channel
    #[arg(
        long,
        value_name = "LEVELS",
        value_delimiter = ',',
        default_value = "127.5"
    )]
    colour: Vec<f32>,
    /// Try every side from one pixel on
    #[arg(long)]
    ascending: bool,
    #[command(flatten)]
    save: Save,
}

pub fn run(options: &Options) -> Result<Ending> {
    let settings = occlusion::Options {
        stride: options.stride,
        colour: options.colour.iter().map(|level| level / LEVELS).collect(),
        search: match options.ascending {
            true => Search::Ascending,
            false => Search::Bisection,
        },
        ..occlusion::Options::default()
    };
    let save = options.save.folder()?;
    let open = || options.network.open();
    each::run(&options.each, open, |_| Ok(Occluding { settings, save }))
}

/// The smallest patch on each picture.
pub struct Occluding {
    settings: occlusion::Options,
    save: Option<PathBuf>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    options: occlusion::Options,
}

#[derive(Serialize, Deserialize)]
pub struct Found {
    #[serde(flatten)]
    labels: Labels,
    /// None where no patch changes the answer.
    patch: Option<Patch>,
}

#[derive(Serialize)]
pub struct Summary {
    robustness: OcclusionRobustness,
}

impl Each for Occluding {
    const COMMAND: &'static str = "occlusion";
    const DOING: &'static str = "covering";
    type Settings = Settings;
    type Found = Found;
    type Summary = Summary;

    fn settings(&self) -> Settings {
        Settings {
            options: self.settings.clone(),
        }
    }

    fn find(&self, at: &At<'_>) -> Result<Vec<Found>> {
        let mut task =
            at.task(|step: occlusion::Progress| (step.done, format!("side {}", step.side)));
        let found = occlusion(&at.opened.network, &at.x, &self.settings, &mut task);
        let found = block_on(found)?;
        save(self.save.as_deref(), at, found.iter().map(|it| &it.outcome))?;
        let found = found.into_iter().map(|it| Found {
            labels: Labels::of(&it.outcome, at.opened.entry),
            patch: it.patch,
        });
        Ok(found.collect())
    }

    fn is_saved(&self, name: &str) -> bool {
        is_saved(self.save.as_deref(), name)
    }

    fn summary(_: &Settings, entry: &Entry, found: &[Piece<Found>]) -> Result<Summary> {
        let patches: Vec<Option<Patch>> = found.iter().map(|it| it.found.patch).collect();
        Ok(Summary {
            robustness: OcclusionRobustness::of(&patches, entry.architecture().input, 0),
        })
    }

    fn text(report: &Report<Self>) -> String {
        let rows = report.pieces.iter().map(|piece| {
            let Found { labels, patch } = &piece.found;
            let of = |number: fn(Patch) -> usize| or_dash(patch.map(number));
            [
                Report::<Self>::name(piece),
                labels.clean.clone(),
                labels.adversarial.clone(),
                of(|patch| patch.side),
                of(|patch| patch.x),
                of(|patch| patch.y),
            ]
        });
        let headings = ["picture", "answer", "covered", "side", "x", "y"];
        let mut text = output::table(headings, &rows.collect::<Vec<_>>());
        let r = &report.summary.robustness;
        text += &format!(
            "\n{} of {} fooled {}\n",
            r.mean_side.count,
            r.fooled.count,
            report.took()
        );
        text += &format!(
            "Side: median {} pixels, mean {}; median share of the picture {}\n",
            estimate(&r.median_side, decimals(1)),
            estimate(&r.mean_side, decimals(1)),
            percent(r.median_area.value)
        );
        text
    }
}
