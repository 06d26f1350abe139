//! The lines of `--out`: of what all of them are, what was found of a picture,
//! and that all are done.

use super::Each;
use super::options::Slice;
use crate::network::Opened;
use crate::output::machine;
use crate::pictures;
use anyhow::Result;
use foolscope::classifier::import::own::Card;
use serde::{Deserialize, Serialize};
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Not;
use std::path::{Path, PathBuf};

/// The first line.
#[derive(Clone, Serialize, Deserialize)]
pub struct Header<S> {
    pub lab: String,
    pub version: String,
    pub network: String,
    pub weights: String,
    /// [`Opened::hash`]
    pub weights_hash: String,
    /// Of a network that was brought, for who has not its files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
    pub device: String,
    pub machine: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Of the names of all pictures, wherever they lie, if this is about a part: with others, it
    /// would be another part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pictures_hash: Option<String>,
    pub settings: S,
}

/// What was found of a picture.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Piece<F> {
    pub file: String,
    /// What it is called in a table, where that is not the end of its path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub variant: String,
    #[serde(default, skip_serializing_if = "Not::not")]
    pub cut_short: bool,
    /// Of what is in the file: another picture may come to lie there. None for
    /// pictures that lie in a set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    file_hash: Option<String>,
    /// What the finding took, beside those on other cores.
    pub took: f64,
    /// Whether Ctrl-C left it half done.
    #[serde(skip)]
    pub is_half: bool,
    #[serde(flatten)]
    pub found: F,
}

/// The last line.
#[derive(Serialize, Deserialize)]
pub struct End {
    /// Pictures of which every one is done, or could not be read.
    pub done: usize,
}

/// A picture that could not be read.
#[derive(Serialize, Deserialize)]
pub struct Unreadable {
    pub unreadable: String,
}

impl<S> Header<S> {
    pub fn new<E: Each<Settings = S>>(
        opened: &Opened,
        each: &E,
        part: Option<Slice>,
        all: &[PathBuf],
    ) -> Result<Self> {
        Ok(Self {
            lab: E::COMMAND.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            network: opened.entry.id.to_owned(),
            weights: opened.weights.display().to_string(),
            weights_hash: opened.hash()?,
            card: opened.brought.as_ref().map(|it| it.card.clone()),
            device: opened.device.clone(),
            machine: machine(),
            part: part.map(|part| part.to_string()),
            pictures_hash: part.map(|_| {
                let names: Vec<String> = all.iter().map(|file| pictures::name(file)).collect();
                hash_of(&names)
            }),
            settings: each.settings(),
        })
    }
}

impl<S> Header<S> {
    /// Why what was found under one and under the other does not go together,
    /// whatever the settings. Where the weights lie does not matter, only what is
    /// in them.
    pub fn differs(&self, other: &Self) -> Option<&'static str> {
        if self.version != other.version {
            Some("by another version of lab")
        } else if !self.is_of_network_of(other) {
            Some("with another network or other weights")
        } else if self.pictures_hash != other.pictures_hash {
            Some("of other pictures")
        } else {
            None
        }
    }

    /// A network that was brought is called after the path of its file, which
    /// does not matter either: its hash is of all that was made of the file.
    fn is_of_network_of(&self, other: &Self) -> bool {
        let are_brought = self.card.is_some() && other.card.is_some();
        self.weights_hash == other.weights_hash && (are_brought || self.network == other.network)
    }
}

/// The same on every machine, and for the same program only.
pub fn hash_of(what: &(impl Hash + ?Sized)) -> String {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

impl<F> Piece<F> {
    pub fn new(file: &Path, variant: &str, took: f64, found: F) -> Self {
        let name = pictures::name(file);
        Self {
            name: (!file.ends_with(&name) || name.contains('/')).then_some(name),
            file: file.display().to_string(),
            variant: variant.to_owned(),
            cut_short: pictures::is_cut_short(file),
            file_hash: None,
            took,
            is_half: false,
            found,
        }
    }

    /// With what tells its picture from another that may come to lie there.
    pub fn with_file_hash(mut self) -> Self {
        self.file_hash = hash_of_file(Path::new(&self.file));
        self
    }

    /// Whether it is of the picture that lies there now, and of the whole one.
    pub fn is_current(&self) -> bool {
        let is_same = |hash: &String| hash_of_file(Path::new(&self.file)).as_ref() == Some(hash);
        !self.cut_short && self.file_hash.as_ref().is_none_or(is_same)
    }
}

fn hash_of_file(file: &Path) -> Option<String> {
    fs::read(file).ok().map(|bytes| hash_of(&bytes))
}

/// What tells a finding from others.
pub fn key(file: &Path, variant: &str) -> String {
    format!("{variant}\0{}", file.display())
}
