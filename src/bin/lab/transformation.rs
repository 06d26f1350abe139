//! `lab transformation`

use crate::Ending;
use crate::each::saved::{Labels, Save, is_saved, save};
use crate::each::{self, At, Each, Piece, Report};
use crate::network::NetworkOptions;
use crate::output::{self, decimals, estimate, or_dash};
use anyhow::Result;
use clap::ValueEnum;
use foolscope::attack::transformation::{self, Beyond, Transformation, transformation};
use foolscope::classifier::catalogue::Entry;
use foolscope::measure::TransformationRobustness;
use foolscope::task::block_on;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The smallest shift, turn and change of size that change the answer.
///
/// Small is how little the picture's points move: the root of the mean, over
/// all pixels, of the square of the distance between where a point was and where
/// it comes to lie, in pixels. (Manitest, Fawzi and Frossard, BMVC 2015, has a
/// dearer measure.) The search tries directions at growing distances, and goes
/// on from the first that changes the answer: what it finds does, and is an
/// upper bound on the smallest. Pixels between pixels are bilinear.
///
/// Example: lab transformation photos/ --only rotation
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    each: each::Options,
    #[command(flatten)]
    network: NetworkOptions,
    /// Which kinds there may be, separated by commas [default: all]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "KINDS")]
    only: Vec<Kind>,
    /// What comes into view from beyond the edge
    #[arg(long, value_enum, default_value_t = View::Edge)]
    beyond: View,
    /// How far to look, as a share of the picture's side
    #[arg(long, value_name = "SHARE", default_value_t = transformation::Options::default().farthest)]
    farthest: f64,
    /// To what share of itself the distance is found
    #[arg(long, value_name = "SHARE", default_value_t = transformation::Options::default().precision)]
    precision: f64,
    #[command(flatten)]
    save: Save,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    Translation,
    Rotation,
    Scaling,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum View {
    /// The nearest pixel of the edge
    Edge,
    Black,
}

pub fn run(options: &Options) -> Result<Ending> {
    let allows = |kind| options.only.is_empty() || options.only.contains(&kind);
    let settings = transformation::Options {
        translation: allows(Kind::Translation),
        rotation: allows(Kind::Rotation),
        scaling: allows(Kind::Scaling),
        beyond: match options.beyond {
            View::Edge => Beyond::Edge,
            View::Black => Beyond::Black,
        },
        farthest: options.farthest,
        precision: options.precision,
        ..transformation::Options::default()
    };
    let save = options.save.folder()?;
    let open = || options.network.open();
    each::run(&options.each, open, |_| Ok(Transforming { settings, save }))
}

/// The smallest move of each picture.
pub struct Transforming {
    settings: transformation::Options,
    save: Option<PathBuf>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    options: transformation::Options,
}

#[derive(Serialize, Deserialize)]
pub struct Found {
    #[serde(flatten)]
    labels: Labels,
    /// In pixels; 0 where there is none.
    distance: f64,
    transformation: Option<Transformation>,
}

#[derive(Serialize)]
pub struct Summary {
    robustness: TransformationRobustness,
}

impl Each for Transforming {
    const COMMAND: &'static str = "transformation";
    const DOING: &'static str = "moving";
    type Settings = Settings;
    type Found = Found;
    type Summary = Summary;

    fn settings(&self) -> Settings {
        Settings {
            options: self.settings.clone(),
        }
    }

    fn find(&self, at: &At<'_>) -> Result<Vec<Found>> {
        let mut task = at.task(|step: transformation::Progress| {
            (step.done, format!("{:.2} pixels", step.distance))
        });
        let found = transformation(&at.opened.network, &at.x, &self.settings, &mut task);
        let found = block_on(found)?;
        save(self.save.as_deref(), at, found.iter().map(|it| &it.outcome))?;
        let found = found.into_iter().map(|it| Found {
            labels: Labels::of(&it.outcome, at.opened.entry),
            distance: it.distance,
            transformation: it.transformation,
        });
        Ok(found.collect())
    }

    fn is_saved(&self, name: &str) -> bool {
        is_saved(self.save.as_deref(), name)
    }

    fn summary(_: &Settings, _: &Entry, found: &[Piece<Found>]) -> Result<Summary> {
        let moved = found
            .iter()
            .map(|it| (it.found.distance, it.found.transformation));
        Ok(Summary {
            robustness: TransformationRobustness::of(&moved.collect::<Vec<_>>(), 0),
        })
    }

    fn text(report: &Report<Self>) -> String {
        let rows = report.pieces.iter().map(|piece| {
            let Found {
                labels,
                distance,
                transformation,
            } = &piece.found;
            let of = |number: &dyn Fn(Transformation) -> f64| {
                or_dash(transformation.map(|t| format!("{:.2}", number(t))))
            };
            [
                Report::<Self>::name(piece),
                labels.clean.clone(),
                labels.adversarial.clone(),
                of(&|_| *distance),
                of(&|t| t.right),
                of(&|t| t.down),
                of(&|t| t.degrees),
                of(&|t| t.scale),
            ]
        });
        let headings = [
            "picture", "answer", "moved", "distance", "right", "down", "degrees", "scale",
        ];
        let mut text = output::table(headings, &rows.collect::<Vec<_>>());
        let r = &report.summary.robustness;
        text += &format!(
            "\n{} of {} fooled {}\n",
            r.mean_distance.count,
            r.fooled.count,
            report.took()
        );
        text += &format!(
            "Distance: median {} pixels, mean {}\n",
            estimate(&r.median_distance, decimals(2)),
            estimate(&r.mean_distance, decimals(2))
        );
        text += &format!(
            "Medians: shift {} pixels, turn {} degrees, size × {}\n",
            estimate(&r.median_shift, decimals(2)),
            estimate(&r.median_degrees, decimals(2)),
            estimate(&r.median_factor, decimals(3))
        );
        text
    }
}
