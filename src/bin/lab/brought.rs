//! A network from a person's file, which the catalogue does not have.

use crate::network::{self, Kind};
use crate::pictures::Pictures;
use anyhow::{Context, Result, anyhow, bail};
use burn::tensor::Device;
use foolscope::attack::predictions;
use foolscope::classifier::catalogue::{self, Brought, CATALOGUE, Entry};
use foolscope::classifier::import::files::Found;
use foolscope::classifier::import::own::Card;
use foolscope::classifier::import::preset::{PRESETS, Preset, Trial, propose};
use foolscope::classifier::import::{Imported, entry, folder, names};
use foolscope::classifier::network::Network;
use foolscope::classifier::weights;
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
    /// The network in a file, with its pixels and names.
    pub fn read(&self, path: &Path) -> Result<(Card, weights::Weights)> {
        let name = || path.display().to_string();
        let Found {
            mut imported,
            format,
            card,
            file,
        } = folder::read(path).with_context(name)?;
        for note in &imported.notes {
            eprintln!("lab: {}: {note}", name());
        }
        let side = imported.architecture.input[1];
        let blue_first = format == "Caffe" && imported.architecture.input[0] == 3;
        let preset = self
            .enter(&mut imported, card.as_ref(), blue_first)
            .with_context(name)?;
        let classes = self.names(&imported).with_context(name)?;
        let given = card.unwrap_or_else(|| Card {
            title: String::new(),
            classes: Vec::new(),
            short_side: usual_short_side(side),
            preset: String::new(),
            source: file,
            licence: String::new(),
            notes: Vec::new(),
            architecture: imported.architecture.clone(),
        });
        let title = match imported.title.trim() {
            "" => path
                .file_stem()
                .map_or_else(name, |stem| stem.to_string_lossy().into_owned()),
            title => title.to_owned(),
        };
        let card = Card {
            title,
            classes,
            short_side: self.short_side.unwrap_or(given.short_side),
            preset: preset.unwrap_or(given.preset),
            notes: imported.notes,
            architecture: imported.architecture,
            ..given
        };
        if card.short_side < side {
            bail!("--short-side must be at least the {side} pixels that the network sees");
        }
        Ok((card, imported.weights))
    }

    /// The same, known under its path from now on.
    pub fn open(&self, path: &Path) -> Result<(&'static Entry, weights::Weights)> {
        let (card, weights) = self.read(path)?;
        let or_unknown = |text: String| match text.as_str() {
            "" => "unknown".to_owned(),
            _ => text,
        };
        let entry = catalogue::bring(Brought {
            id: path.display().to_string(),
            title: card.title,
            data: format!("{} classes", card.classes.len()),
            licence: or_unknown(card.licence),
            source: or_unknown(card.source),
            short_side: card.short_side,
            architecture: card.architecture,
            class_names: card.classes,
        });
        Ok((entry, weights))
    }

    /// Builds in how pixels go in; says which preset it was. `blue_first`: what
    /// the file itself says of them turns the channels round.
    fn enter(
        &self,
        imported: &mut Imported,
        card: Option<&Card>,
        blue_first: bool,
    ) -> Result<Option<String>> {
        let is_said = entry::is_said(&imported.architecture);
        let is_known = card.is_some() || is_said;
        if self.pixels.is_some() && card.is_some() {
            bail!(
                "how pixels go in was built into this file: leave out --pixels, or import the file \
                 that it was made of once more"
            );
        }
        if self.pixels.is_some() && is_said {
            eprintln!("lab: what the file says of how pixels go in is overruled by --pixels");
            entry::forget(imported, blue_first)?;
        }
        let preset = match &self.pixels {
            Some(id) => Preset::find(id).ok_or_else(|| {
                let known: Vec<&str> = PRESETS.iter().map(|preset| preset.id).collect();
                anyhow!("there is no preset {id}: there are {}", known.join(", "))
            })?,
            None if is_known => return Ok(None),
            None => proposed(imported)?,
        };
        preset.apply(imported)?;
        Ok(Some(preset.id.to_owned()))
    }

    fn names(&self, imported: &Imported) -> Result<Vec<String>> {
        let classes = imported.architecture.classes()?;
        if let Some(path) = &self.classes {
            let name = || path.display().to_string();
            let text = fs::read_to_string(path).with_context(name)?;
            return names::read(&text, classes).with_context(name);
        }
        let own = imported.class_names.clone();
        let known = own.or_else(|| names::by_count(classes));
        Ok(known.unwrap_or_else(|| names::numbers(classes)))
    }
}

/// What most networks' pictures are scaled to: 256 for 224 pixels; small pictures
/// are whole.
fn usual_short_side(side: usize) -> usize {
    if side < 64 {
        side
    } else {
        (side * 8).div_ceil(7)
    }
}

/// The preset that the sample photos tell.
fn proposed(imported: &Imported) -> Result<&'static Preset> {
    let [channels, side, _] = imported.architecture.input;
    let possible: Vec<&Preset> = PRESETS
        .iter()
        .filter(|preset| preset.is_for(channels))
        .collect();
    let samples = network::samples();
    if samples.is_empty() {
        let known: Vec<&str> = possible.iter().map(|preset| preset.id).collect();
        bail!(
            "the file does not say how pixels go in, and there are no sample photos to find out \
             by: run `npm start` once in this folder, or say it with --pixels ({})",
            known.join(", ")
        );
    }
    let device = Device::flex();
    let network = Network::new(&imported.architecture, &imported.weights, &device)?;
    let photos = Pictures::squares(&samples, usual_short_side(side), side, channels)?;
    let classes = imported.architecture.classes()?;
    let known = known_answers(&samples, classes)?;
    let mut trials = Vec::new();
    for preset in possible {
        let seen: Vec<Vec<f32>> = photos.iter().map(|it| preset.enter(it, channels)).collect();
        // Pixels that are far from what was trained on may go beyond all numbers.
        if let Ok(answers) = block_on(predictions(&network, &seen)) {
            let logits: Vec<Vec<f32>> = answers.into_iter().map(|answer| answer.logits).collect();
            trials.push(Trial::new(preset, &logits, known.as_deref()));
        }
    }
    let best = propose(&trials).context("it answers with numbers to no photo")?;
    eprintln!(
        "lab: the file does not say how pixels go in. Taken by the sample photos: {best}; another \
         way by --pixels"
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
