//! A network on its way in: out of a visitor's files, tried on photos with each
//! way in which pixels may go in, and written in our own format.
//!
//! It lives in a worker that ends with it, since memory that a wasm module once
//! had is given back only then.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use burn::tensor::Device;
use js_sys::{Function, Uint8Array};
use tsify::Ts;
use wasm_bindgen::prelude::*;

use super::import_messages::{
    ImportAbout, KeepOptions, NameSource, PixelNumbers, PresetInfo, PresetProposal,
};
use crate::attack::predictions;
use crate::classifier::import::entry::{Entry, Mean};
use crate::classifier::import::files::{self, Found, Named};
use crate::classifier::import::own::{Card, Own, Precision};
use crate::classifier::import::preset::{PRESETS, Preset, Trial, propose};
use crate::classifier::import::{
    ImportError, Imported, MOST_SHORT_SIDE, Source, check_pictures, check_short_side, names,
    usual_short_side,
};
use crate::classifier::network::Network;
use crate::classifier::weights::Weights;
use crate::photo::Bitmap;
use crate::web::error::{Failure, Kind, from_js, to_js};
use crate::web::source::{File, Pieces, said};

/// Above so many bytes weights are kept with 16 bits, as those that are shipped.
const MOST_F32: usize = 128 << 20;

/// Letters of a title.
const LONGEST_TITLE: usize = 60;

/// The largest number that 16 bits hold.
const MOST_HALF: f32 = 65504.0;

/// A file that somebody gave.
struct Given {
    name: String,
    pieces: Pieces,
}

impl Given {
    fn new(pieces: Pieces) -> Self {
        let name = pieces.name();
        Self { name, pieces }
    }
}

impl Named for Given {
    fn name(&self) -> &str {
        &self.name
    }

    fn open(&self) -> Result<Box<dyn Source>, ImportError> {
        Ok(Box::new(File::new(self.pieces.clone())))
    }
}

#[wasm_bindgen]
pub struct Import {
    imported: Imported,
    format: &'static str,
    file: String,
    /// What a file of our own format says.
    card: Option<Card>,
    knows_pixels: bool,
    photos: Vec<Bitmap>,
    network: OnceCell<Network>,
    /// Of each photo, by preset.
    logits: RefCell<BTreeMap<usize, Vec<Vec<f32>>>>,
}

#[wasm_bindgen]
impl Import {
    /// Reads a network out of files, of which one holds it and others may belong
    /// to it: numbers, a description, a mean image, names of classes.
    pub fn read(files: Vec<Pieces>) -> Result<Import, JsValue> {
        let files: Vec<Given> = files.into_iter().map(Given::new).collect();
        let files: Vec<&dyn Named> = files.iter().map(|file| file as &dyn Named).collect();
        let found = files::read(&files).map_err(Failure::from)?;
        let Found {
            imported,
            format,
            file,
            card,
        } = found;
        check_pictures(&imported.architecture).map_err(Failure::from)?;
        let knows_pixels = imported.knows_pixels();
        Ok(Self {
            imported,
            format,
            file,
            card,
            knows_pixels,
            photos: Vec::new(),
            network: OnceCell::new(),
            logits: RefCell::default(),
        })
    }

    /// What the file says.
    pub fn about(&self) -> Result<Ts<ImportAbout>, JsValue> {
        let architecture = &self.imported.architecture;
        let [channels, side, _] = architecture.input;
        let shape = |error| Failure::from(ImportError::Shape(error));
        let classes = architecture.classes().map_err(shape)?;
        let presets = PRESETS.iter().filter(|preset| preset.is_for(channels));
        Ok(to_js(ImportAbout {
            title: match self.imported.title.trim() {
                "" => stem(&self.file),
                title => title.to_owned(),
            },
            format: self.format,
            file: self.file.clone(),
            side,
            channels,
            classes,
            parameters: architecture.parameters(),
            multiply_adds: architecture.multiply_adds().map_err(shape)? as f64,
            notes: self.imported.notes.clone(),
            knows_pixels: self.knows_pixels,
            preset: self.built_in(),
            names: match &self.imported.class_names {
                Some(_) => NameSource::File,
                None if names::by_count(classes).is_some() => NameSource::Imagenet,
                None => NameSource::Numbers,
            },
            short_side: self.short_side(),
            most_short_side: MOST_SHORT_SIDE,
            longest_title: LONGEST_TITLE,
            presets: presets
                .map(|preset| PresetInfo {
                    id: preset.id,
                    title: preset.title,
                    about: preset.about,
                })
                .collect(),
            licence: self
                .card
                .as_ref()
                .map_or_else(String::new, |card| card.licence.clone()),
        })?)
    }

    /// A photo to try the presets on.
    #[wasm_bindgen(js_name = addPhoto)]
    pub fn add_photo(&mut self, rgba: Vec<u8>, width: u32, height: u32) -> Result<(), JsValue> {
        let side = self.imported.architecture.input[1];
        let photo = Bitmap::from_rgba(rgba, width, height).map_err(Failure::from)?;
        let square = photo.crop(self.short_side(), side);
        self.photos.push(square.map_err(Failure::from)?);
        Ok(())
    }

    /// What the network answers to a photo with a preset; kept for `propose`.
    pub async fn answer(&self, preset: &str, photo: usize) -> Result<(), JsValue> {
        let (index, preset) = find(preset)?;
        let channels = self.imported.architecture.input[0];
        let square = self.photos.get(photo).ok_or_else(|| {
            Failure::new(Kind::BadRequest, format!("there is no photo {photo} here"))
        })?;
        let pixels = square.to_photo(channels).map_err(Failure::from)?;
        let seen = preset.enter(pixels.values(), channels);
        let answers = predictions(self.network()?, &[seen]).await;
        // Pixels that are far from what was trained on may go beyond all numbers.
        let logits = answers.map_or_else(|_| Vec::new(), |mut all| all.remove(0).logits);
        let mut all = self.logits.borrow_mut();
        let of_preset = all.entry(index).or_default();
        of_preset.resize(of_preset.len().max(photo + 1), Vec::new());
        of_preset[photo] = logits;
        Ok(())
    }

    /// What a known network answers to the photos, one class each, tells which
    /// preset is right; without it, the answers alone do.
    pub fn propose(&self, known: Option<Vec<u32>>) -> Result<Ts<PresetProposal>, JsValue> {
        let known: Option<Vec<usize>> =
            known.map(|known| known.into_iter().map(|class| class as usize).collect());
        let all = self.logits.borrow();
        // One that has no answer to a photo is out.
        let whole = all
            .iter()
            .filter(|(_, logits)| logits.iter().all(|it| !it.is_empty()));
        let trials: Vec<Trial> = whole
            .map(|(&index, logits)| Trial::new(&PRESETS[index], logits, known.as_deref()))
            .collect();
        Ok(to_js(PresetProposal {
            proposed: propose(&trials).map(|trial| trial.preset.id),
            trials: trials.iter().map(Into::into).collect(),
        })?)
    }

    /// The names in a text, to be looked at before they are kept.
    #[wasm_bindgen(js_name = readNames)]
    pub fn read_names(&self, text: &str) -> Result<Vec<String>, JsValue> {
        Ok(self.names_in(text)?)
    }

    /// Whether the network can be kept so: what is wrong can be mended before
    /// anything is written.
    pub fn check(&self, options: Ts<KeepOptions>) -> Result<(), JsValue> {
        Ok(self.chosen(&from_js(&options)?).map(|_| ())?)
    }

    /// Writes the network in our own format, by `put`, piece by piece.
    pub fn keep(mut self, options: Ts<KeepOptions>, put: &Function) -> Result<(), JsValue> {
        let options: KeepOptions = from_js(&options)?;
        self.network.take();
        let classes = self.chosen(&options)?;
        let preset = self.enter(&options)?;
        let imported = self.imported;
        let given = |wish: Option<String>, known: fn(Card) -> String, card: &Option<Card>| {
            wish.unwrap_or_else(|| card.clone().map_or_else(String::new, known))
        };
        let own = Own {
            card: Card {
                title: title(&options.title, &self.file),
                classes,
                short_side: options.short_side,
                preset,
                source: given(options.source, |card| card.source, &self.card),
                licence: given(options.licence, |card| card.licence, &self.card),
                notes: imported.notes,
                architecture: imported.architecture,
            },
            weights: imported.weights,
        };
        let mut refused = None;
        let written = own.write(precision(&own.weights), |bytes| {
            let piece = Uint8Array::from(bytes);
            put.call1(&JsValue::UNDEFINED, &piece)
                .map(|_| ())
                .map_err(|error| {
                    let why = said(&error);
                    refused = Some(error);
                    ImportError::Unreadable(why)
                })
        });
        match (written, refused) {
            (_, Some(error)) => Err(error),
            (written, None) => Ok(written.map_err(Failure::from)?),
        }
    }
}

impl Import {
    fn short_side(&self) -> usize {
        let side = self.imported.architecture.input[1];
        let said = self.imported.short_side;
        said.unwrap_or_else(|| usual_short_side(side))
    }

    /// What a file of our own calls the way in which pixels go in.
    fn built_in(&self) -> Option<String> {
        let preset = &self.card.as_ref()?.preset;
        (!preset.is_empty()).then(|| preset.clone())
    }

    fn network(&self) -> Result<&Network, Failure> {
        if let Some(network) = self.network.get() {
            return Ok(network);
        }
        let Imported {
            architecture,
            weights,
            ..
        } = &self.imported;
        let network = Network::new(architecture, weights, &Device::flex())?;
        Ok(self.network.get_or_init(|| network))
    }

    fn names_in(&self, text: &str) -> Result<Vec<String>, Failure> {
        let classes = self.imported.architecture.classes();
        names::read(text, classes.map_err(ImportError::Shape)?).map_err(bad_wish)
    }

    /// The names of the classes, if all else that was chosen is right too.
    fn chosen(&self, options: &KeepOptions) -> Result<Vec<String>, Failure> {
        let architecture = &self.imported.architecture;
        check_short_side(architecture, options.short_side).map_err(bad_wish)?;
        if let Some(numbers) = &options.pixels {
            entry(numbers, architecture.input[0])?;
        }
        if let Some(preset) = &options.preset {
            find(preset)?;
        }
        let classes = self.class_names(options)?;
        let count = architecture.classes().map_err(ImportError::Shape)?;
        match classes.len() == count {
            true => Ok(classes),
            false => Err(bad_wish(ImportError::NameCount {
                classes: count,
                found: classes.len(),
            })),
        }
    }

    fn class_names(&self, options: &KeepOptions) -> Result<Vec<String>, Failure> {
        let classes = self.imported.architecture.classes();
        let classes = classes.map_err(ImportError::Shape)?;
        let own = || self.imported.class_names.clone();
        Ok(match options.names {
            NameSource::File => own().unwrap_or_else(|| names::numbers(classes)),
            NameSource::Imagenet => {
                names::by_count(classes).unwrap_or_else(|| names::numbers(classes))
            }
            NameSource::Numbers => names::numbers(classes),
            NameSource::Text => self.names_in(options.names_text.as_deref().unwrap_or_default())?,
        })
    }

    /// Builds in how pixels go in, and says what that is called.
    fn enter(&mut self, options: &KeepOptions) -> Result<String, Failure> {
        if let Some(card) = &self.card {
            return Ok(card.preset.clone());
        }
        if let Some(numbers) = &options.pixels {
            entry(numbers, self.imported.architecture.input[0])?.apply(&mut self.imported)?;
            return Ok("numbers".into());
        }
        let Some(preset) = &options.preset else {
            return Ok(String::new());
        };
        let (_, preset) = find(preset)?;
        preset.apply(&mut self.imported)?;
        Ok(preset.id.into())
    }
}

fn find(id: &str) -> Result<(usize, &'static Preset), Failure> {
    let found = PRESETS.iter().enumerate().find(|(_, it)| it.id == id);
    found.ok_or_else(|| {
        let ids: Vec<&str> = PRESETS.iter().map(|preset| preset.id).collect();
        let message = format!("there is no preset '{id}'; there are {}", ids.join(", "));
        Failure::new(Kind::BadRequest, message)
    })
}

/// What a visitor chose, and can choose otherwise.
fn bad_wish(error: ImportError) -> Failure {
    Failure::new(Kind::BadRequest, error.to_string())
}

/// Numbers of a visitor's as what is built in.
fn entry(numbers: &PixelNumbers, channels: usize) -> Result<Entry, Failure> {
    let refused = |message: &str| Failure::new(Kind::BadRequest, message);
    let count = |values: &[f32]| values.len() == channels && values.iter().all(|it| it.is_finite());
    if !count(&numbers.mean) || !count(&numbers.deviation) {
        return Err(refused("give a mean and a deviation for each colour"));
    }
    if numbers.deviation.iter().any(|&it| it <= 0.0) {
        return Err(refused("a deviation has to be more than 0"));
    }
    let mut mean = numbers.mean.clone();
    let mut deviation = numbers.deviation.clone();
    if numbers.blue_first {
        mean.reverse();
        deviation.reverse();
    }
    Ok(Entry {
        mean: Mean::Channels(mean),
        scale: deviation.iter().map(|deviation| 1.0 / deviation).collect(),
        blue_first: numbers.blue_first,
    })
}

fn title(wish: &str, file: &str) -> String {
    match wish.trim() {
        "" => stem(file),
        title => title.chars().take(LONGEST_TITLE).collect(),
    }
}

/// A file's name without its ending.
fn stem(file: &str) -> String {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    stem.chars().take(LONGEST_TITLE).collect()
}

fn precision(weights: &Weights) -> Precision {
    let bytes: usize = weights.iter().map(|(_, _, values)| 4 * values.len()).sum();
    let mut all = weights.iter().flat_map(|(_, _, values)| values);
    if bytes > MOST_F32 && all.all(|value| value.abs() <= MOST_HALF) {
        return Precision::F16;
    }
    Precision::F32
}
