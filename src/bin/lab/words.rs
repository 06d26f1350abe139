//! `lab words`

use crate::Ending;
use crate::each::saved::{Labels, Save, is_saved, save};
use crate::each::{self, At, Each, Piece, Report};
use crate::network::NetworkOptions;
use crate::output;
use anyhow::{Context, Result, bail};
use foolscope::attack::deepfool;
use foolscope::attack::words::{self, Layout, Placement, Stamp, Typeface, words};
use foolscope::classifier::Classifier;
use foolscope::classifier::catalogue::Entry;
use foolscope::measure::Fooled;
use foolscope::task::block_on;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

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
    #[command(flatten)]
    each: each::Options,
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
    #[command(flatten)]
    save: Save,
}

/// Cut out of a package at set-up.
const DEFAULT_FONT: &str = "www/assets/fonts/DejaVuSans-Bold.ttf";

pub fn run(options: &Options) -> Result<Ending> {
    let layout = Layout {
        smallest: options.smallest,
        largest: options.largest,
        tilt: options.tilt,
        seed: options.seed,
    };
    let typeface = typeface(&options.font)?;
    let save = options.save.folder()?;
    each::run(
        &options.each,
        || options.network.open(),
        |opened| {
            let shape = opened.network.input_shape();
            let places = layout.places(shape, options.text.len(), options.most.into())?;
            let stamp = |place: &Placement| typeface.stamp(&options.text[place.word], place);
            Ok(Hiding {
                stamps: places.iter().map(stamp).collect::<Result<_, _>>()?,
                settings: Settings {
                    text: options.text.clone(),
                    font: options.font.display().to_string(),
                    options: words::Options {
                        words: options.words,
                        saved: !options.unsaved,
                        deepfool: deepfool::Options {
                            overshoot: options.overshoot,
                            ..deepfool::Options::default()
                        },
                    },
                    layout,
                    places,
                },
                save,
            })
        },
    )
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

/// Words in each picture.
pub struct Hiding {
    settings: Settings,
    /// The words at their places.
    stamps: Vec<Stamp>,
    save: Option<PathBuf>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    text: Vec<String>,
    font: String,
    options: words::Options,
    layout: Layout,
    places: Vec<Placement>,
}

#[derive(Serialize, Deserialize)]
pub struct Found {
    clean: String,
    adversarial: String,
    /// How many of the places were used: the first ones.
    words: usize,
    /// What each word adds, in grey levels, a number a channel.
    colours: Vec<Vec<f32>>,
    #[serde(flatten)]
    fooled: Fooled,
}

#[derive(Serialize)]
pub struct Summary {
    fooled: usize,
}

impl Each for Hiding {
    const COMMAND: &'static str = "words";
    const DOING: &'static str = "hiding words";
    type Settings = Settings;
    type Found = Found;
    type Summary = Summary;

    fn settings(&self) -> Settings {
        self.settings.clone()
    }

    fn find(&self, at: &At<'_>) -> Result<Vec<Found>> {
        let mut task = at.task(|step: words::Progress| {
            let note = format!("{} words, iteration {}", step.words, step.iteration);
            (step.done, note)
        });
        let (network, options) = (&at.opened.network, &self.settings.options);
        let hidden = block_on(words(network, &at.x, &self.stamps, options, &mut task))?;
        save(
            self.save.as_deref(),
            at,
            hidden.iter().map(|it| &it.outcome),
        )?;
        let levels = |colour: Vec<f32>| colour.into_iter().map(|value| value * 255.0).collect();
        let found = hidden.into_iter().map(|hidden| {
            let Labels {
                clean, adversarial, ..
            } = Labels::of(&hidden.outcome, at.opened.entry);
            Found {
                clean,
                adversarial,
                words: hidden.words,
                colours: hidden.colours.into_iter().map(levels).collect(),
                fooled: Fooled::of(&hidden.outcome, None),
            }
        });
        Ok(found.collect())
    }

    fn is_saved(&self, name: &str) -> bool {
        is_saved(self.save.as_deref(), name)
    }

    fn summary(settings: &Settings, _: &Entry, found: &[Piece<Found>]) -> Result<Summary> {
        let fooled = found.iter().map(|it| &it.found.fooled).filter(|fooled| {
            fooled.fooled && (fooled.survives_rounding || !settings.options.saved)
        });
        Ok(Summary {
            fooled: fooled.count(),
        })
    }

    fn text(report: &Report<Self>) -> String {
        let rows = report.pieces.iter().map(|piece| {
            let Found { fooled, .. } = &piece.found;
            [
                Report::<Self>::name(piece),
                piece.found.clean.clone(),
                piece.found.adversarial.clone(),
                piece.found.words.to_string(),
                format!("{:.1}", fooled.l2),
                format!("{:.1}", fooled.linf),
                if fooled.survives_rounding {
                    "yes"
                } else {
                    "no"
                }
                .to_owned(),
            ]
        });
        let headings = [
            "picture", "answer", "fooled", "words", "l2", "linf", "saved",
        ];
        let mut text = output::table(headings, &rows.collect::<Vec<_>>());
        let (fooled, all) = (report.summary.fooled, report.pieces.len());
        text += &format!("\n{fooled} of {all} fooled {}\n", report.took());
        text
    }
}
