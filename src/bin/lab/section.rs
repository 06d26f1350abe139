//! `lab section`

use crate::Ending;
use crate::each::saved::Labels;
use crate::each::{self, At, Each, Piece, Report};
use crate::network::NetworkOptions;
use crate::output::{self, Made, estimate, json, percent};
use anyhow::Result;
use foolscope::attack::deepfool::{self, deepfool};
use foolscope::attack::{AttackError, picture_seed};
use foolscope::classifier::catalogue::Entry;
use foolscope::geometry::curvature::{self, Curvature, curvature};
use foolscope::geometry::section::{self, Extent, Section, section};
use foolscope::geometry::{GeometryError, Plane, drawing, random_direction};
use foolscope::measure::Flatness;
use foolscope::photo::{self, Perturbation};
use foolscope::task::block_on;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The classes around each picture, on a plane, and how straight their
/// boundary is.
///
/// The plane goes through the picture along the smallest perturbation that
/// fools (DeepFool) and a second direction, at random or from a file (Fawzi,
/// Moosavi-Dezfooli and Frossard, NIPS 2016, section 5). The boundary's
/// curvature there is that of the circle through three of its points, at
/// several distances; times the perturbation's length |r| it has no unit, and
/// is 0 for a straight line and 1 for a circle of radius |r|.
///
/// With --save, NAME.png shows the plane: the perturbation points to the right,
/// the second direction up, a colour for each class, darker towards boundaries;
/// a white cross is the picture, a black one the picture with its perturbation.
/// NAME.json has the class, lead and margin of every point. Ctrl-C ends it with
/// the points so far.
///
/// Example: lab section photo.jpg --save sections/
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    each: each::Options,
    #[command(flatten)]
    network: NetworkOptions,
    /// The second direction, such as a universal perturbation [default: one at
    /// random for each picture]
    #[arg(long, value_name = "FILE.npy")]
    second: Option<PathBuf>,
    /// Of the second direction, where it is random
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Points along each side of the square
    #[arg(long, value_name = "COUNT", default_value_t = section::Options::default().points)]
    points: usize,
    /// How far it reaches to each side, in multiples of |r|
    #[arg(long, value_name = "LENGTHS", default_value_t = 2.0)]
    reach: f64,
    /// Points that are classified at a time
    #[arg(long, value_name = "COUNT", default_value_t = section::Options::default().batch)]
    points_batch: usize,
    /// Write NAME.png and NAME.json of each picture, with all points, into this
    /// folder
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
}

/// A drawing's width in pixels, at least.
const WIDTH: usize = 512;

pub fn run(options: &Options) -> Result<Ending> {
    let begun = Instant::now();
    let settings = section::Options {
        points: options.points,
        extent: Extent::Perturbations(options.reach),
        batch: options.points_batch,
    };
    settings.check()?;
    if let Some(folder) = &options.save {
        output::make_folder(folder)?;
    }
    each::run(
        &options.each,
        || options.network.open(),
        |opened| {
            let second = options.second.as_deref();
            Ok(Sections {
                second: second.map(|path| opened.perturbation(path)).transpose()?,
                settings: Settings {
                    seed: options.seed,
                    second: options.second.clone(),
                    section: settings,
                },
                save: options.save.clone(),
                begun,
            })
        },
    )
}

/// A plane through each picture.
pub struct Sections {
    settings: Settings,
    second: Option<Perturbation>,
    save: Option<PathBuf>,
    begun: Instant,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    seed: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    second: Option<PathBuf>,
    section: section::Options,
}

#[derive(Serialize, Deserialize)]
pub struct Found {
    /// None where DeepFool does not fool.
    #[serde(flatten)]
    cut: Option<Cut>,
}

/// What is said of one picture.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Cut {
    #[serde(flatten)]
    labels: Labels,
    /// In grey levels.
    l2: f64,
    regions: Vec<Region>,
    /// None where it was stopped before, or the boundary was not crossed.
    curvature: Option<Curvature>,
    stopped: bool,
}

#[derive(Serialize, Deserialize)]
struct Region {
    colour: String,
    label: usize,
    name: String,
    /// Of the points.
    share: f64,
}

/// NAME.json
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Drawn<'a> {
    #[serde(flatten)]
    made: Made,
    seed: u64,
    picture: &'a Cut,
    section: &'a Section,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    flatness: Vec<Flatness>,
    /// Which DeepFool does not fool.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_fooled: Vec<String>,
}

impl Each for Sections {
    const COMMAND: &'static str = "section";
    const DOING: &'static str = "points";
    type Settings = Settings;
    type Found = Found;
    type Summary = Summary;

    fn settings(&self) -> Settings {
        self.settings.clone()
    }

    fn steps(&self) -> usize {
        self.settings.section.points.pow(2)
    }

    fn find(&self, at: &At<'_>) -> Result<Vec<Found>> {
        let named = at.files.iter().zip(&at.x);
        let cuts = named.map(|(file, x)| {
            let seed = self.settings.seed;
            let Some(plane) = plane(at, x, self.second.as_ref(), seed)? else {
                return Ok(Found { cut: None });
            };
            let mut task = at.task(|step: section::Progress| (step.points, String::new()));
            let options = &self.settings.section;
            let section = section(&at.opened.network, x, &plane, options, &mut task);
            let section = block_on(section)?;
            let mut cut = cut(&section, bend(at, x, &plane)?, at.opened.entry);
            cut.stopped |= cut.curvature.is_none() && at.stop.is_stopped();
            if let Some(folder) = &self.save {
                let drawn = Drawn {
                    made: Made::new(at.opened, self.begun),
                    seed,
                    picture: &cut,
                    section: &section,
                };
                save(folder, &at.name(file), &drawn)?;
            }
            Ok(Found { cut: Some(cut) })
        });
        cuts.collect()
    }

    fn is_half(found: &Found) -> bool {
        found.cut.as_ref().is_some_and(|cut| cut.stopped)
    }

    fn is_saved(&self, name: &str) -> bool {
        let path = |folder: &PathBuf| folder.join(format!("{name}.png"));
        self.save
            .as_ref()
            .is_none_or(|folder| path(folder).exists())
    }

    fn summary(settings: &Settings, _: &Entry, found: &[Piece<Found>]) -> Result<Summary> {
        let cuts = found.iter().filter_map(|piece| piece.found.cut.as_ref());
        let curvatures: Vec<Curvature> = cuts.filter_map(|cut| cut.curvature.clone()).collect();
        let whole = found.iter().filter(|piece| piece.found.cut.is_none());
        Ok(Summary {
            flatness: Flatness::of(&curvatures, settings.seed),
            not_fooled: whole.map(|piece| piece.file.clone()).collect(),
        })
    }

    fn text(report: &Report<Self>) -> String {
        let mut text = String::new();
        for piece in &report.pieces {
            let name = Report::<Self>::name(piece);
            let Some(cut) = &piece.found.cut else {
                continue;
            };
            text += &format!(
                "{name}: {}, fooled as {} by |r| of {:.1} levels{}\n",
                cut.labels.clean,
                cut.labels.adversarial,
                cut.l2,
                if cut.stopped { ", stopped" } else { "" }
            );
            for region in &cut.regions {
                let share = percent(region.share);
                text += &format!("  {share:>7}  {:<7} {}\n", region.colour, region.name);
            }
            for at in cut.curvature.iter().flat_map(|it| &it.at_scales) {
                let bend = at.relative.map_or("not met".to_owned(), |relative| {
                    format!("curvature times |r| {relative:.4}")
                });
                text += &format!("  at {} |r|: {bend}\n", at.scale);
            }
            text += "\n";
        }
        let rows: Vec<[String; 4]> = report
            .summary
            .flatness
            .iter()
            .map(|flatness| {
                let show = |value: f64| format!("{value:.4}");
                [
                    format!("{} |r|", flatness.scale),
                    estimate(&flatness.mean, show),
                    estimate(&flatness.median, show),
                    flatness.mean.count.to_string(),
                ]
            })
            .collect();
        if !rows.is_empty() {
            let headings = [
                "distance",
                "curvature times |r|, mean size",
                "median",
                "pictures",
            ];
            text += &output::table(headings, &rows);
            text += "\n";
        }
        for file in &report.summary.not_fooled {
            text += &format!("{file}: not fooled\n");
        }
        let cuts = report
            .pieces
            .iter()
            .filter(|piece| piece.found.cut.is_some());
        text += &format!("{} {}\n", output::pictures(cuts.count()), report.took());
        text
    }
}

/// Along DeepFool's perturbation and the second direction; none where there is
/// no such perturbation.
fn plane(
    at: &At<'_>,
    x: &[f32],
    second: Option<&Perturbation>,
    seed: u64,
) -> Result<Option<Plane>, GeometryError> {
    let settings = deepfool::Options::default();
    let outcome = block_on(deepfool(
        &at.opened.network,
        &[x],
        &settings,
        &mut at.silent(),
    ))?
    .remove(0);
    if !outcome.fooled() {
        return Ok(None);
    }
    let r = &outcome.perturbation;
    let plane = match second {
        Some(second) => Plane::new(r, second.values()),
        None => Plane::new(r, &random_direction(r.len(), picture_seed(seed, 0, x))),
    };
    plane.map(Some)
}

/// None on a wish to stop, or where rounding takes the end of the perturbation
/// back over the boundary.
fn bend(at: &At<'_>, x: &[f32], plane: &Plane) -> Result<Option<Curvature>> {
    let (network, mut task) = (&at.opened.network, at.silent());
    let settings = curvature::Options::default();
    match block_on(curvature(network, x, plane, &settings, &mut task)) {
        Ok(curvature) => Ok(Some(curvature)),
        Err(GeometryError::Attack(AttackError::Stopped(_)) | GeometryError::NotFooled) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn cut(section: &Section, curvature: Option<Curvature>, entry: &Entry) -> Cut {
    let names = entry.class_names();
    let region = |(rank, (label, share)): (usize, (usize, f64))| Region {
        colour: drawing::colour(rank).0.to_owned(),
        label,
        name: names[label].to_owned(),
        share,
    };
    Cut {
        labels: Labels::new(section.clean_label, section.adversarial_label, entry),
        l2: section.length * 255.0,
        regions: section
            .regions()
            .into_iter()
            .enumerate()
            .map(region)
            .collect(),
        curvature,
        stopped: section.stopped,
    }
}

/// NAME.png and NAME.json.
fn save(folder: &Path, name: &str, drawn: &Drawn<'_>) -> Result<()> {
    let path = |ending: &str| folder.join(format!("{name}.{ending}"));
    let points = drawn.section.coordinates.len();
    let zoom = WIDTH.div_ceil(points);
    let side = (points * zoom) as u32;
    let rgba = drawing::draw(drawn.section, zoom);
    photo::save_png(path("png"), &rgba, side, side)?;
    output::write(&path("json"), json(drawn)?.as_bytes())
}
