//! Pictures with what was found added to them, to look at; and how every
//! fooled picture is named.

use super::At;
use crate::network::Opened;
use crate::output::make_folder;
use anyhow::{Context, Result, bail};
use foolscope::attack::{Outcome, predictions};
use foolscope::classifier::Classifier;
use foolscope::classifier::catalogue::Entry;
use foolscope::npy;
use foolscope::photo::{self, Perturbation, Photo};
use foolscope::task::block_on;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Save {
    /// Write each perturbation as .npy and amplified as .png, and the picture
    /// with it as .png, into this folder
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
}

/// A picture's class before and after.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Labels {
    pub clean: String,
    pub adversarial: String,
    pub clean_label: usize,
    pub adversarial_label: usize,
}

impl Labels {
    pub fn new(clean_label: usize, adversarial_label: usize, entry: &Entry) -> Self {
        let names = entry.class_names();
        Self {
            clean: names[clean_label].to_owned(),
            adversarial: names[adversarial_label].to_owned(),
            clean_label,
            adversarial_label,
        }
    }

    pub fn of(outcome: &Outcome, entry: &Entry) -> Self {
        Self::new(outcome.clean.label, outcome.adversarial.label, entry)
    }
}

impl Save {
    /// The folder, which is there then: hours of work must not end in none.
    pub fn folder(&self) -> Result<Option<PathBuf>> {
        self.save.as_deref().map(make_folder).transpose()?;
        Ok(self.save.clone())
    }
}

/// The part of a picture's file name that what is written of it is called by.
pub fn stem(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or(file.as_os_str());
    stem.to_string_lossy().into_owned()
}

/// NAME.npy, NAME-noise.png and NAME-fooled.png of each picture, if there is a
/// folder for them.
pub fn save<'a>(
    folder: Option<&Path>,
    at: &At<'_>,
    outcomes: impl IntoIterator<Item = &'a Outcome>,
) -> Result<()> {
    let Some(folder) = folder else {
        return Ok(());
    };
    for ((file, x), outcome) in at.files.iter().zip(&at.x).zip(outcomes) {
        save_one(folder, &at.name(file), x, outcome, at.opened)?;
    }
    Ok(())
}

fn save_one(
    folder: &Path,
    name: &str,
    x: &[f32],
    outcome: &Outcome,
    opened: &Opened,
) -> Result<()> {
    let shape = opened.network.input_shape();
    let path = |ending: &str| folder.join(format!("{name}{ending}"));
    let v = Perturbation::new(shape, outcome.perturbation.clone())?;
    let npy = path(".npy");
    fs::write(&npy, npy::to_bytes(&v))
        .with_context(|| format!("cannot write {}", npy.display()))?;
    let [_, height, width] = shape.map(|size| size as u32);
    let noise = v.draw(v.amplification(1.0));
    photo::save_png(path("-noise.png"), &noise, width, height)?;
    let sum = x.iter().zip(v.values()).map(|(x, v)| x + v).collect();
    let sum = Photo::new(shape, sum)?;
    photo::save_png(path("-fooled.png"), &sum.to_rgba(), width, height)?;
    Ok(())
}

/// Whether [`save`] has written of a picture of a name, if it is wished.
pub fn is_saved(folder: Option<&Path>, name: &str) -> bool {
    folder.is_none_or(|folder| folder.join(format!("{name}-fooled.png")).exists())
}

/// Whether the file that was saved, read as anybody reads it, has the label that
/// was found.
pub fn check_file(folder: &Path, name: &str, outcome: &Outcome, opened: &Opened) -> Result<()> {
    let path = folder.join(format!("{name}-fooled.png"));
    let [channels, side, _] = opened.network.input_shape();
    let saved = photo::open(&path)?.crop(side, side)?.to_photo(channels)?;
    let answer = block_on(predictions(&opened.network, &[saved.values()]))?;
    if answer[0].label != outcome.adversarial.label {
        bail!(
            "{} has another answer when it is read back: this is a mistake in this program",
            path.display()
        );
    }
    Ok(())
}
