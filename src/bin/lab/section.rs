//! `lab section`

use crate::Ending;
use crate::network::{NetworkOptions, Opened};
use crate::output::{self, Made, estimate, json, percent};
use crate::pictures::{self, Pictures};
use crate::progress::{Part, Progress, Together, stop_on_ctrl_c};
use crate::spread::{self, Spread};
use anyhow::{Result, bail};
use foolscope::attack::deepfool::{self, deepfool};
use foolscope::attack::{AttackError, picture_seed};
use foolscope::geometry::curvature::{self, Curvature, curvature};
use foolscope::geometry::section::{self, Extent, Section, section};
use foolscope::geometry::{GeometryError, Plane, drawing, random_direction};
use foolscope::measure::Flatness;
use foolscope::photo::{self, Perturbation};
use foolscope::task::{StopFlag, Task, block_on};
use serde::Serialize;
use std::ops::Not;
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
/// With --out, NAME.png shows the plane: the perturbation points to the right,
/// the second direction up, a colour for each class, darker towards boundaries;
/// a white cross is the picture, a black one the picture with its perturbation.
/// NAME.json has the class, lead and margin of every point. Ctrl-C ends it with
/// the points so far.
///
/// Example: lab section photo.jpg --out sections/
#[derive(clap::Args)]
pub struct Options {
    /// Files, folders, or quoted patterns
    #[arg(required = true)]
    pictures: Vec<String>,
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
    batch: usize,
    /// Write NAME.png and NAME.json of each picture into this folder
    #[arg(long, short, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// JSON for a table; the points are only in the files of --out
    #[arg(long)]
    json: bool,
}

/// A drawing's width in pixels, at least.
const WIDTH: usize = 512;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(flatten)]
    made: Made,
    seed: u64,
    flatness: Vec<Flatness>,
    pictures: Vec<Cut>,
    /// Which DeepFool does not fool.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    not_fooled: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<String>,
}

/// What is said of one picture.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Cut {
    file: String,
    #[serde(skip_serializing_if = "Not::not")]
    cut_short: bool,
    clean: &'static str,
    adversarial: &'static str,
    clean_label: usize,
    adversarial_label: usize,
    /// In grey levels.
    l2: f64,
    regions: Vec<Region>,
    /// None where it was stopped before, or the boundary was not crossed.
    curvature: Option<Curvature>,
    stopped: bool,
}

#[derive(Serialize)]
struct Region {
    colour: &'static str,
    label: usize,
    name: &'static str,
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

pub fn run(options: &Options) -> Result<Ending> {
    let begun = Instant::now();
    let settings = section::Options {
        points: options.points,
        extent: Extent::Perturbations(options.reach),
        batch: options.batch,
    };
    settings.check()?;
    let files = pictures::expand(&options.pictures)?;
    let opened = options.network.open()?;
    let second = options
        .second
        .as_deref()
        .map(|path| opened.perturbation(path));
    let second = second.transpose()?;
    if let Some(folder) = &options.out {
        output::make_folder(folder)?;
    }
    let stop = stop_on_ctrl_c()?;

    let a_picture = options.points * options.points;
    let points = Progress::new("points", files.len() * a_picture);
    let spread = Spread {
        opened: &opened,
        files: &files,
        batch: 1,
        progress: Together::new(points, 0),
        steps: a_picture,
        stop: &stop,
    };
    let draw = |pictures: &Pictures, part: &Part<'_>| {
        // One at a time, and none where it cannot be read.
        let named = pictures.files.iter().zip(&pictures.values);
        named
            .map(|(file, x)| {
                let mut task = Task::new(stop.clone(), |step: section::Progress| {
                    part.at(step.points, "");
                });
                let Some(plane) = plane(&opened, x, second.as_ref(), options.seed, &stop)? else {
                    return Ok(None);
                };
                let section = section(&opened.network, x, &plane, &settings, &mut task);
                let section = block_on(section)?;
                let cut = cut(file, &section, bend(&opened, x, &plane, &stop)?, &opened);
                if let Some(folder) = &options.out {
                    let drawn = Drawn {
                        made: Made::new(&opened, begun),
                        seed: options.seed,
                        picture: &cut,
                        section: &section,
                    };
                    save(folder, file, &drawn)?;
                }
                Ok(Some(cut))
            })
            .collect()
    };
    let (mut cuts, mut not_fooled) = (Vec::new(), Vec::new());
    let unreadable = spread::pictures(&spread, draw, |done| {
        match done.result {
            Some(cut) => cuts.push(cut),
            None => not_fooled.push(done.file.display().to_string()),
        }
        Ok(())
    })?;
    drop(spread);
    if unreadable.len() == files.len() {
        bail!("none of the pictures could be read");
    }
    let curvatures = cuts.iter().filter_map(|cut| cut.curvature.clone());
    let curvatures: Vec<Curvature> = curvatures.collect();
    let report = Report {
        made: Made::new(&opened, begun),
        seed: options.seed,
        flatness: Flatness::of(&curvatures, options.seed),
        pictures: cuts,
        not_fooled,
        unreadable,
    };
    output::print(&if options.json {
        json(&report)?
    } else {
        text(&report)
    })?;
    Ok(Ending::of(&stop, &report.unreadable))
}

/// Along DeepFool's perturbation and the second direction; none where there is
/// no such perturbation.
fn plane(
    opened: &Opened,
    x: &[f32],
    second: Option<&Perturbation>,
    seed: u64,
    stop: &StopFlag,
) -> Result<Option<Plane>, GeometryError> {
    let mut task = Task::new(stop.clone(), |_| ());
    let settings = deepfool::Options::default();
    let outcome = block_on(deepfool(&opened.network, &[x], &settings, &mut task))?.remove(0);
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
fn bend(opened: &Opened, x: &[f32], plane: &Plane, stop: &StopFlag) -> Result<Option<Curvature>> {
    let mut task = Task::new(stop.clone(), |()| ());
    let settings = curvature::Options::default();
    match block_on(curvature(&opened.network, x, plane, &settings, &mut task)) {
        Ok(curvature) => Ok(Some(curvature)),
        Err(GeometryError::Attack(AttackError::Stopped(_)) | GeometryError::NotFooled) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn cut(file: &Path, section: &Section, curvature: Option<Curvature>, opened: &Opened) -> Cut {
    let names = opened.entry.class_names();
    let region = |(rank, (label, share)): (usize, (usize, f64))| Region {
        colour: drawing::colour(rank).0,
        label,
        name: names[label],
        share,
    };
    Cut {
        file: pictures::name(file),
        cut_short: pictures::is_cut_short(file),
        clean: names[section.clean_label],
        adversarial: names[section.adversarial_label],
        clean_label: section.clean_label,
        adversarial_label: section.adversarial_label,
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
fn save(folder: &Path, file: &Path, drawn: &Drawn<'_>) -> Result<()> {
    let stem = file.file_stem().unwrap_or(file.as_os_str());
    let stem = stem.to_string_lossy();
    let points = drawn.section.coordinates.len();
    let zoom = WIDTH.div_ceil(points);
    let side = (points * zoom) as u32;
    let rgba = drawing::draw(drawn.section, zoom);
    photo::save_png(folder.join(format!("{stem}.png")), &rgba, side, side)?;
    output::write(
        &folder.join(format!("{stem}.json")),
        json(drawn)?.as_bytes(),
    )
}

fn text(report: &Report) -> String {
    let mut text = String::new();
    for cut in &report.pictures {
        text += &format!(
            "{}: {}, fooled as {} by |r| of {:.1} levels{}\n",
            cut.file,
            cut.clean,
            cut.adversarial,
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
    for file in &report.not_fooled {
        text += &format!("{file}: not fooled\n");
    }
    text += &format!(
        "{} pictures in {:.1} s ({} on {})\n",
        report.pictures.len(),
        report.made.seconds,
        report.made.network,
        report.made.device
    );
    text
}
