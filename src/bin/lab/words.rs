//! `lab words`

use crate::Ending;
use crate::deepfool::save;
use crate::network::{NetworkOptions, Opened};
use crate::output::{self, Made, json};
use crate::pictures::{self, Pictures};
use crate::progress::{Part, Progress, Together, stop_on_ctrl_c};
use crate::spread::{self, Spread};
use anyhow::{Context, Result, bail};
use foolscope::attack::deepfool;
use foolscope::attack::words::{self, Hidden, Layout, Placement, Stamp, Typeface, words};
use foolscope::classifier::Classifier;
use foolscope::task::{Task, block_on};
use serde::Serialize;
use std::fs;
use std::ops::Not;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Words hidden in a picture, coloured so that they change its answer.
///
/// The words are scattered at random places, sizes and angles, and DeepFool
/// finds the colours that must be added to what they cover (after Fawzi,
/// Moosavi-Dezfooli and Frossard, NIPS 2016, section 5). The more words, the
/// fainter they can be: they are doubled until the answer changes, also when
/// the picture is saved. The places are the same for all pictures, and follow
/// from --seed.
///
/// Example: lab words photo.jpg --text HELLO --save hidden/
#[derive(clap::Args)]
pub struct Options {
    /// Files, folders, or quoted patterns
    #[arg(required = true)]
    pictures: Vec<String>,
    #[command(flatten)]
    network: NetworkOptions,
    /// What to write; given more than once, in turn
    #[arg(long, value_name = "WORDS", required = true)]
    text: Vec<String>,
    /// A TrueType or OpenType font
    #[arg(long, value_name = "FILE", default_value = DEFAULT_FONT)]
    font: PathBuf,
    /// How many words to begin with
    #[arg(long, value_name = "COUNT", default_value_t = words::Options::default().words)]
    words: usize,
    /// The most words there may be
    #[arg(long, value_name = "COUNT", default_value_t = 128,
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    most: u16,
    /// The least size of the letters, as a share of the picture's height
    #[arg(long, value_name = "SHARE", default_value_t = Layout::default().smallest)]
    smallest: f64,
    /// The largest
    #[arg(long, value_name = "SHARE", default_value_t = Layout::default().largest)]
    largest: f64,
    /// The largest angle, either way
    #[arg(long, value_name = "DEGREES", default_value_t = Layout::default().tilt)]
    tilt: f64,
    /// Of the places
    #[arg(long, default_value_t = Layout::default().seed)]
    seed: u64,
    /// Be content with a change that would be lost on saving
    #[arg(long)]
    unsaved: bool,
    /// How far beyond the boundary to go, as a share of the way to it
    #[arg(long, value_name = "SHARE", default_value_t = deepfool::Options::default().overshoot)]
    overshoot: f64,
    /// Write each perturbation as .npy and amplified as .png, and the picture
    /// with it as .png, into this folder
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
    /// Pictures attacked at a time on a GPU; on the CPU each core takes one
    #[arg(long, value_name = "COUNT", default_value_t = 4,
          value_parser = clap::value_parser!(u16).range(1..))]
    batch: u16,
    /// JSON for a table
    #[arg(long)]
    json: bool,
}

/// Cut out of a package at set-up.
const DEFAULT_FONT: &str = "www/assets/fonts/DejaVuSans-Bold.ttf";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(flatten)]
    made: Made,
    text: Vec<String>,
    font: String,
    options: words::Options,
    layout: Layout,
    places: Vec<Placement>,
    pictures: Vec<Found>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    file: String,
    #[serde(skip_serializing_if = "Not::not")]
    cut_short: bool,
    clean: &'static str,
    adversarial: &'static str,
    clean_label: usize,
    adversarial_label: usize,
    /// How many of the places were used: the first ones.
    words: usize,
    /// What each word adds, in grey levels, a number a channel.
    colours: Vec<Vec<f32>>,
    iterations: usize,
    /// How often DeepFool's steps led no further, and it went on otherwise.
    stalls: usize,
    gradient_evaluations: usize,
    /// In grey levels.
    l2: f64,
    linf: f64,
    survives_clipping: bool,
    survives_rounding: bool,
}

pub fn run(options: &Options) -> Result<Ending> {
    let begun = Instant::now();
    let settings = words::Options {
        words: options.words,
        saved: !options.unsaved,
        deepfool: deepfool::Options {
            overshoot: options.overshoot,
            ..deepfool::Options::default()
        },
    };
    let layout = Layout {
        smallest: options.smallest,
        largest: options.largest,
        tilt: options.tilt,
        seed: options.seed,
    };
    let files = pictures::expand(&options.pictures)?;
    let typeface = typeface(&options.font)?;
    let opened = options.network.open()?;
    let shape = opened.network.input_shape();
    let places = layout.places(shape, options.text.len(), options.most.into())?;
    let stamps = places
        .iter()
        .map(|place| typeface.stamp(&options.text[place.word], place))
        .collect::<Result<Vec<Stamp>, _>>()?;
    if let Some(folder) = &options.save {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let stop = stop_on_ctrl_c()?;

    let spread = Spread {
        opened: &opened,
        files: &files,
        batch: options.batch.into(),
        progress: Together::new(Progress::new("hiding words", files.len()), 0),
        steps: 1,
        stop: &stop,
    };
    let attack = |pictures: &Pictures, part: &Part<'_>| {
        let mut task = Task::new(stop.clone(), |step: words::Progress| {
            let note = format!("{} words, iteration {}", step.words, step.iteration);
            part.at(step.done, &note);
        });
        let (network, x) = (&opened.network, &pictures.values);
        let hidden = block_on(words(network, x, &stamps, &settings, &mut task))?;
        if let Some(folder) = &options.save {
            for ((file, x), hidden) in pictures.files.iter().zip(x).zip(&hidden) {
                save(folder, file, x, &hidden.outcome, &opened)?;
            }
        }
        Ok(hidden)
    };
    let mut found = Vec::new();
    let unreadable = spread::pictures(&spread, attack, |done| {
        found.push(summary(done.file, done.result, &opened));
        Ok(())
    })?;
    drop(spread);
    if found.is_empty() && !stop.is_stopped() {
        bail!("none of the pictures could be read");
    }
    let report = Report {
        made: Made::new(&opened, begun),
        text: options.text.clone(),
        font: options.font.display().to_string(),
        options: settings,
        layout,
        places,
        pictures: found,
        unreadable,
    };
    output::print(&if options.json {
        json(&report)?
    } else {
        text(&report)
    })?;
    Ok(Ending::of(&stop, &report.unreadable))
}

fn typeface(path: &Path) -> Result<Typeface> {
    if path == Path::new(DEFAULT_FONT) && !path.exists() {
        bail!(
            "{DEFAULT_FONT} is not there: run `npm start` once in this folder, or name a font file with --font"
        );
    }
    let name = || path.display().to_string();
    let bytes = fs::read(path).with_context(name)?;
    Typeface::read(bytes).with_context(name)
}

fn summary(file: &Path, hidden: Hidden, opened: &Opened) -> Found {
    let names = opened.entry.class_names();
    let outcome = hidden.outcome;
    let norms = outcome.norms.in_levels();
    let levels = |colour: Vec<f32>| colour.into_iter().map(|value| value * 255.0).collect();
    Found {
        file: pictures::name(file),
        cut_short: pictures::is_cut_short(file),
        clean: names[outcome.clean.label],
        adversarial: names[outcome.adversarial.label],
        clean_label: outcome.clean.label,
        adversarial_label: outcome.adversarial.label,
        words: hidden.words,
        colours: hidden.colours.into_iter().map(levels).collect(),
        iterations: outcome.iterations,
        stalls: outcome.stalls,
        gradient_evaluations: outcome.gradient_evaluations,
        l2: norms.l2,
        linf: norms.linf,
        survives_clipping: outcome.survives_clipping,
        survives_rounding: outcome.survives_rounding,
    }
}

fn text(report: &Report) -> String {
    let rows: Vec<[String; 7]> = report
        .pictures
        .iter()
        .map(|found| {
            [
                found.file.clone(),
                found.clean.to_owned(),
                found.adversarial.to_owned(),
                found.words.to_string(),
                format!("{:.1}", found.l2),
                format!("{:.1}", found.linf),
                if found.survives_rounding { "yes" } else { "no" }.to_owned(),
            ]
        })
        .collect();
    let headings = [
        "picture", "answer", "fooled", "words", "l2", "linf", "saved",
    ];
    let mut text = output::table(headings, &rows);
    let fooled = report.pictures.iter().filter(|found| {
        found.clean_label != found.adversarial_label
            && (found.survives_rounding || !report.options.saved)
    });
    text += &format!(
        "\n{} of {} fooled in {:.1} s ({} on {})\n",
        fooled.count(),
        report.pictures.len(),
        report.made.seconds,
        report.made.network,
        report.made.device
    );
    text
}
