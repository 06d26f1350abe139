//! The file of `--out`: what was found, a line of JSON for each picture.
//!
//! Its first line says of what it is; the last, that all pictures are done. A
//! line is written as soon as its picture is done, and what is there is never
//! written again, so that whatever ends a run loses at most a line.

use super::Each;
use super::options::Slice;
use crate::network::Opened;
use crate::output::{self, machine};
use crate::pictures;
use anyhow::{Context, Result, bail};
use foolscope::classifier::catalogue::Entry;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::ops::Not;
use std::path::{Path, PathBuf};

/// The first line.
#[derive(Clone, Serialize, Deserialize)]
pub struct Header<S> {
    pub lab: String,
    pub version: String,
    pub network: String,
    pub weights: String,
    pub device: String,
    pub machine: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    pub settings: S,
}

/// What was found of a picture.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Piece<F> {
    pub file: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub variant: String,
    #[serde(default, skip_serializing_if = "Not::not")]
    pub cut_short: bool,
    /// What the finding took, beside those on other cores.
    pub took: f64,
    #[serde(flatten)]
    pub found: F,
}

/// The last line.
#[derive(Serialize, Deserialize)]
struct End {
    /// Pictures of which every one is done, or could not be read.
    done: usize,
}

/// A picture that could not be read.
#[derive(Serialize, Deserialize)]
struct Unreadable {
    unreadable: String,
}

/// What is in the file, or only in memory.
pub struct Lines<E: Each> {
    path: Option<PathBuf>,
    pub header: Header<E::Settings>,
    /// In the order in which they were found.
    pieces: Vec<Piece<E::Found>>,
    /// How many an earlier run left.
    earlier: usize,
    /// What could not be read, each a sentence.
    pub unreadable: Vec<String>,
    /// The same of all runs: none is written twice.
    written: HashSet<String>,
    /// How many pictures were done when the file was last finished.
    pub done: Option<usize>,
}

impl<S> Header<S> {
    pub fn new<E: Each<Settings = S>>(opened: &Opened, each: &E, part: Option<Slice>) -> Self {
        Self {
            lab: E::COMMAND.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            network: opened.entry.id.to_owned(),
            weights: opened.weights.display().to_string(),
            device: opened.device.clone(),
            machine: machine(),
            part: part.map(|part| part.to_string()),
            settings: each.settings(),
        }
    }
}

impl<F> Piece<F> {
    pub fn new(file: &Path, variant: &str, took: f64, found: F) -> Self {
        Self {
            file: file.display().to_string(),
            variant: variant.to_owned(),
            cut_short: pictures::is_cut_short(file),
            took,
            found,
        }
    }
}

/// What tells a finding from others.
pub fn key(file: &Path, variant: &str) -> String {
    format!("{variant}\0{}", file.display())
}

/// The folder that a file lies in.
pub fn folder(file: &Path) -> &Path {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

impl<E: Each> Lines<E> {
    /// What an earlier run left in the file, which was about the same; its
    /// folder is made where there is none.
    pub fn open(path: Option<&Path>, header: Header<E::Settings>, entry: &Entry) -> Result<Self> {
        let Some(path) = path else {
            return Ok(Self::none(None, header));
        };
        output::make_folder_of(path)?;
        // A file that nobody has written to is as good as none.
        if fs::metadata(path).map_or(true, |found| found.len() == 0) {
            let lines = Self::none(Some(path.to_owned()), header);
            lines.write(&lines.header)?;
            return Ok(lines);
        }
        drop_the_torn(path)?;
        let earlier = Self::read(path, entry)?;
        let (one, other) = (&earlier.header, &header);
        let is_same = one.network == other.network
            && one.weights == other.weights
            && one.part == other.part
            && E::is_same(&one.settings, &other.settings);
        if !is_same {
            bail!(
                "{} was made with another network, another part or other settings: name another file",
                path.display()
            );
        }
        Ok(Self {
            header,
            written: earlier.unreadable.iter().cloned().collect(),
            unreadable: Vec::new(),
            ..earlier
        })
    }

    /// What is in a file.
    pub fn read(path: &Path, entry: &Entry) -> Result<Self> {
        let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        let mut each = text.lines().enumerate();
        let not_ours = |index: usize| {
            let (line, path, command) = (index + 1, path.display(), E::COMMAND);
            format!("line {line} of {path} is not of lab {command}: name another file")
        };
        let (_, first) = each.next().with_context(|| not_ours(0))?;
        let header: Header<E::Settings> = parse(first).with_context(|| not_ours(0))?;
        if header.lab != E::COMMAND {
            bail!(not_ours(0));
        }
        let mut lines = Self::none(Some(path.to_owned()), header);
        for (index, line) in each {
            let value: Value = parse(line).with_context(|| not_ours(index))?;
            lines.done = None;
            if let Ok(End { done }) = serde_json::from_value(value.clone()) {
                lines.done = Some(done);
            } else if let Ok(Unreadable { unreadable }) = serde_json::from_value(value) {
                lines.unreadable.push(unreadable);
            } else {
                let mut piece: Piece<E::Found> = parse(line).with_context(|| not_ours(index))?;
                E::restore(&mut piece.found, &piece.file, folder(path), entry)?;
                lines.pieces.push(piece);
            }
        }
        // What was mended since is no longer unreadable.
        let is_mended = |sentence: &String| {
            let mut files = lines.pieces.iter().map(|piece| &piece.file);
            files.any(|file| sentence.starts_with(&format!("{file}: ")))
        };
        let unreadable = std::mem::take(&mut lines.unreadable);
        let still = unreadable.into_iter().filter(|it| !is_mended(it));
        lines.unreadable = still.collect();
        lines.earlier = lines.pieces.len();
        Ok(lines)
    }

    fn none(path: Option<PathBuf>, header: Header<E::Settings>) -> Self {
        Self {
            path,
            header,
            pieces: Vec::new(),
            earlier: 0,
            unreadable: Vec::new(),
            written: HashSet::new(),
            done: None,
        }
    }

    /// What was found already.
    pub fn known(&self) -> HashSet<String> {
        let pieces = self.pieces.iter();
        pieces
            .map(|it| key(Path::new(&it.file), &it.variant))
            .collect()
    }

    pub fn push(&mut self, piece: Piece<E::Found>) -> Result<()> {
        self.write(&piece)?;
        self.pieces.push(piece);
        self.done = None;
        Ok(())
    }

    /// All that could not be read so far, each a sentence.
    pub fn unreadable(&mut self, all: &[String]) -> Result<()> {
        for sentence in &all[self.unreadable.len()..] {
            if self.written.insert(sentence.clone()) {
                let unreadable = sentence.clone();
                self.write(&Unreadable { unreadable })?;
                self.done = None;
            }
        }
        self.unreadable = all.to_vec();
        Ok(())
    }

    /// All pictures are done.
    pub fn finish(&mut self, pictures: usize) -> Result<()> {
        if self.done != Some(pictures) {
            self.write(&End { done: pictures })?;
        }
        Ok(())
    }

    /// What was found of some pictures, in their order, and the seconds that an
    /// earlier run took for what it left.
    pub fn of(self, files: &[PathBuf], variants: &[String]) -> (Vec<Piece<E::Found>>, f64) {
        let mut seconds = 0.0;
        let mut found: HashMap<String, Piece<E::Found>> = HashMap::new();
        for (index, piece) in self.pieces.into_iter().enumerate() {
            let key = key(Path::new(&piece.file), &piece.variant);
            if index < self.earlier {
                seconds += piece.took;
            }
            found.insert(key, piece);
        }
        let mut pieces = Vec::new();
        for file in files {
            pieces.extend(
                variants
                    .iter()
                    .filter_map(|it| found.remove(&key(file, it))),
            );
        }
        (pieces, seconds)
    }

    /// All that was found, in that order, and the seconds that it took.
    pub fn all(self) -> (Vec<Piece<E::Found>>, f64) {
        let seconds = self.pieces.iter().map(|piece| piece.took).sum();
        (self.pieces, seconds)
    }

    fn write(&self, line: &impl Serialize) -> Result<()> {
        let Some(path) = &self.path else {
            return Ok(());
        };
        let text = serde_json::to_string(line)? + "\n";
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .and_then(|mut file: File| file.write_all(text.as_bytes()))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

fn parse<T: DeserializeOwned>(line: &str) -> serde_json::Result<T> {
    serde_json::from_str(line)
}

/// A last line that was cut off is of a picture that is not done.
fn drop_the_torn(path: &Path) -> Result<()> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    if text.is_empty() || text.ends_with('\n') {
        return Ok(());
    }
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    fs::write(path, &text[..whole]).with_context(|| format!("cannot write {}", path.display()))
}
