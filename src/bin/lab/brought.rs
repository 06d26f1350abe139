//! A network from a person's file, which the catalogue does not have.

use crate::network::{self, Kind};
use crate::pictures::{self, Pictures};
use anyhow::{Context, Result, anyhow, bail};
use burn::tensor::Device;
use foolscope::attack::predictions;
use foolscope::classifier::catalogue::{self, CATALOGUE, Entry};
use foolscope::classifier::import::files::Found;
use foolscope::classifier::import::own::Own;
use foolscope::classifier::import::preset::{PRESETS, Preset, Trial, propose};
use foolscope::classifier::import::{
    Chosen, ImportError, check_pictures, check_short_side, folder, names,
};
use foolscope::classifier::network::Network;
use foolscope::task::block_on;
use std::fs;
use std::path::{Path, PathBuf};

/// How pixels go into a network, and what its classes are called, where its file
/// does not say.
#[derive(clap::Args, Default)]
pub struct Pixels {
    /// How pixels go into a network that comes from a file: none, torchvision,
    /// caffe, tensorflow, lite or levels
    /// [default: what the file says, else the one whose answers to the sample
    /// photos are surest and agree with a known network's]
    #[arg(long, value_name = "PRESET")]
    pub pixels: Option<String>,
    /// What its classes are called: a text file of a name a line, or JSON
    #[arg(long, value_name = "FILE")]
    pub classes: Option<PathBuf>,
    /// To how many pixels the short side of a picture is scaled before the centre
    /// is cut out [default: 8/7 of what the network sees; small ones see all]
    #[arg(long, value_name = "PIXELS")]
    pub short_side: Option<usize>,
}

impl Pixels {
    pub fn is_given(&self) -> bool {
        self.pixels.is_some() || self.classes.is_some() || self.short_side.is_some()
    }

    /// The network in a file, with its pixels and names.
    pub fn read(&self, path: &Path) -> Result<Own> {
        let read = || -> Result<Own> {
            let mut found = folder::read(path)?;
            // What is quick to find wrong before the photos are looked at.
            let architecture = &found.imported.architecture;
            check_pictures(architecture)?;
            if let Some(short_side) = self.short_side {
                check_short_side(architecture, short_side)?;
            }
            for note in &found.imported.notes {
                eprintln!("lab: {}: {note}", path.display());
            }
            let chosen = Chosen {
                classes: self.names(architecture.classes()?)?,
                short_side: self.short_side,
                preset: self.preset(&mut found, path)?,
            };
            let stem = path.file_stem().unwrap_or(path.as_os_str());
            Ok(found.finish(chosen, &stem.to_string_lossy())?)
        };
        read().map_err(|error| of_file(error, path))
    }

    /// The same, known under its path from now on.
    pub fn open(&self, path: &Path) -> Result<(&'static Entry, Own)> {
        let own = self.read(path)?;
        let brought = own.card.clone().brought(path.display().to_string());
        Ok((catalogue::bring(brought), own))
    }

    /// How pixels go in, if the file does not say it.
    fn preset(&self, found: &mut Found, path: &Path) -> Result<Option<&'static Preset>> {
        if self.pixels.is_some() && found.card.is_some() {
            bail!(
                "how pixels go in was built into this file: leave out --pixels, or import the file \
                 that it was made of once more"
            );
        }
        match &self.pixels {
            Some(id) => {
                let preset = Preset::find(id).ok_or_else(|| {
                    anyhow!("no preset is called {id}: the presets are {}", ids(PRESETS))
                })?;
                if found.says_pixels() {
                    let name = path.display();
                    eprintln!("lab: {name}: what the file says of how pixels go in is overruled");
                    found.forget_pixels()?;
                }
                Ok(Some(preset))
            }
            None if found.says_pixels() => Ok(None),
            None => proposed(found, path).map(Some),
        }
    }

    fn names(&self, classes: usize) -> Result<Option<Vec<String>>> {
        let read = |path: &PathBuf| {
            let name = || path.display().to_string();
            let bytes = fs::read(path).with_context(name)?;
            let text = String::from_utf8(bytes)
                .map_err(|_| anyhow!("{}: this is no text in UTF-8: save it as one", name()))?;
            names::read(&text, classes).with_context(name)
        };
        self.classes.as_ref().map(read).transpose()
    }
}

/// An error with the path of its file, where it does not name that itself.
fn of_file(error: anyhow::Error, path: &Path) -> anyhow::Error {
    let error = match error.downcast::<ImportError>() {
        Ok(error @ ImportError::Nothing(_)) => return error.into(),
        Ok(ImportError::InFile { file, error }) => match path.ends_with(&file) {
            true => (*error).into(),
            false => return ImportError::InFile { file, error }.into(),
        },
        Ok(error) => error.into(),
        Err(error) => error,
    };
    error.context(path.display().to_string())
}

fn ids<'a>(presets: impl IntoIterator<Item = &'a Preset>) -> String {
    let ids: Vec<&str> = presets.into_iter().map(|preset| preset.id).collect();
    ids.join(", ")
}

/// How a preset is said.
fn how<'a>(presets: impl IntoIterator<Item = &'a Preset>) -> String {
    format!(
        "say it with --pixels, in `lab transfer` with --network FILE=PIXELS ({})",
        ids(presets)
    )
}

/// The preset that the sample photos tell.
fn proposed(found: &Found, path: &Path) -> Result<&'static Preset> {
    let (imported, crop) = (&found.imported, found.crop());
    let possible = || PRESETS.iter().filter(|preset| preset.is_for(crop.channels));
    let samples = network::samples();
    if samples.is_empty() {
        bail!(
            "the file does not say how pixels go in, and there are no sample photos to find out \
             by: run `npm start` once in this folder, or {}",
            how(possible())
        );
    }
    let network = Network::new(&imported.architecture, &imported.weights, &Device::flex())?;
    let photos = pictures::squares(&samples, crop)?;
    let known = known_answers(&samples, imported.architecture.classes()?)?;
    let trials = possible().filter_map(|preset| {
        let seen = photos.iter().map(|it| preset.enter(it, crop.channels));
        let seen: Vec<Vec<f32>> = seen.collect();
        // Pixels that are far from what was trained on may go beyond all numbers.
        let answers = block_on(predictions(&network, &seen)).ok()?;
        let logits: Vec<Vec<f32>> = answers.into_iter().map(|answer| answer.logits).collect();
        Some(Trial::new(preset, &logits, known.as_deref()))
    });
    let trials: Vec<Trial> = trials.collect();
    let Some(best) = propose(&trials) else {
        bail!(
            "the file does not say how pixels go in, and its answers to the sample photos do not \
             tell it: {}",
            how(possible())
        );
    };
    eprintln!(
        "lab: {}: the file does not say how pixels go in, and by its answers to the sample photos it \
         is {best} (to overrule it, --pixels; in `lab transfer` FILE=PIXELS)",
        path.display()
    );
    Ok(best.preset)
}

/// What the catalogue's first network answers to the photos, where the classes
/// are its own.
fn known_answers(samples: &[PathBuf], classes: usize) -> Result<Option<Vec<usize>>> {
    let entry = &CATALOGUE[0];
    let file = entry.weight_file.map(network::shipped);
    let (Some(file), 1000 | 1001) = (file.filter(|file| file.exists()), classes) else {
        return Ok(None);
    };
    let weights = network::read(entry, &file, true)?;
    let (device, _) = Kind::Cpu.open()?;
    let network = Network::new(&entry.architecture(), &weights, &device)?;
    let photos = Pictures::read(samples, entry);
    let answers = block_on(predictions(&network, &photos.values))?;
    Ok(Some(answers.iter().map(|answer| answer.label).collect()))
}
