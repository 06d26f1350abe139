//! The file of `--out`: what was found, a line of JSON for each picture.
//!
//! Its first line says of what it is; the last, that all pictures are done. A
//! line is written as soon as its picture is done, and what is there is never
//! written again, so that whatever ends a run loses at most a line.

use super::Each;
use super::line::{End, Header, Piece, Unreadable, key};
use crate::output;
use anyhow::{Context, Error, Result, anyhow, bail};
use foolscope::classifier::catalogue::Entry;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

/// What is in the file, or only in memory.
pub struct Lines<E: Each> {
    /// Locked: no two runs write to one file.
    file: Option<(PathBuf, File)>,
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

/// Where what is too large for a line lies: `all` beside `all.jsonl`.
pub fn folder(file: &Path) -> PathBuf {
    match file.extension() {
        Some(_) => file.with_extension(""),
        None => file.with_extension("d"),
    }
}

/// Whether a picture whose finding cannot be restored counts as not done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    IsLeft,
    IsWrong,
}

impl<E: Each> Lines<E> {
    /// What an earlier run left in the file, which was about the same; its
    /// folder is made where there is none.
    pub fn open(path: Option<&Path>, header: Header<E::Settings>, entry: &Entry) -> Result<Self> {
        let Some(path) = path else {
            return Ok(Self::none(header));
        };
        output::make_folder_of(path)?;
        let file = locked(path)?;
        drop_the_torn(path, E::COMMAND)?;
        // A file that nobody has written to is as good as none.
        if fs::metadata(path).map_or(true, |found| found.len() == 0) {
            let lines = Self {
                file: Some((path.to_owned(), file)),
                ..Self::none(header)
            };
            lines.write(&lines.header)?;
            return Ok(lines);
        }
        let earlier = Self::read(path, entry, Lost::IsLeft)?;
        // As it is read again: numbers may change in their last digit.
        let again: Header<E::Settings> = parse(&serde_json::to_string(&header)?)?;
        let other = match earlier.header.differs(&again) {
            _ if earlier.header.part != again.part => Some("of another part of the pictures"),
            None if !E::is_same(&earlier.header.settings, &again.settings) => {
                Some("with other settings")
            }
            other => other,
        };
        if let Some(other) = other {
            bail!("{} was made {other}: name another file", path.display());
        }
        let is_new = earlier.header.settings != again.settings;
        let mut lines = Self {
            file: Some((path.to_owned(), file)),
            header,
            written: earlier.unreadable.iter().cloned().collect(),
            unreadable: Vec::new(),
            ..earlier
        };
        if is_new {
            lines.write(&lines.header)?;
            lines.done = None;
        }
        Ok(lines)
    }

    /// What is in a file: of what was found twice, the last.
    pub fn read(path: &Path, entry: &Entry, lost: Lost) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| path.display().to_string())?;
        let text = String::from_utf8_lossy(&bytes);
        let not_ours = |index: usize| not_ours(path, index, E::COMMAND);
        let mut lines: Option<Self> = None;
        let mut places: HashMap<String, usize> = HashMap::new();
        for (index, line) in text.lines().enumerate() {
            let value: Value = parse(line).map_err(|_| not_ours(index))?;
            if value.get("lab").is_some_and(Value::is_string) {
                let header: Header<E::Settings> = parse(line).map_err(|_| not_ours(index))?;
                if header.lab != E::COMMAND {
                    return Err(not_ours(index));
                }
                match &mut lines {
                    Some(lines) => lines.header = header,
                    None => lines = Some(Self::none(header)),
                }
                continue;
            }
            let lines = lines.as_mut().ok_or_else(|| not_ours(index))?;
            lines.done = None;
            if let Ok(End { done }) = serde_json::from_value(value.clone()) {
                lines.done = Some(done);
            } else if let Ok(Unreadable { unreadable }) = serde_json::from_value(value) {
                lines.unreadable.push(unreadable);
            } else {
                let mut piece: Piece<E::Found> = parse(line).map_err(|_| not_ours(index))?;
                match E::restore(&mut piece.found, &folder(path), entry) {
                    Err(_) if lost == Lost::IsLeft => continue,
                    restored => restored.with_context(|| {
                        let (path, file) = (path.display(), &piece.file);
                        format!("{path} lacks a file of {file}: run its command again")
                    })?,
                }
                let key = key(Path::new(&piece.file), &piece.variant);
                match places.get(&key) {
                    Some(&place) => lines.pieces[place] = piece,
                    None => {
                        places.insert(key, lines.pieces.len());
                        lines.pieces.push(piece);
                    }
                }
            }
        }
        let mut lines = lines.ok_or_else(|| not_ours(0))?;
        // What was mended since is no longer unreadable.
        let files: HashSet<&str> = lines.pieces.iter().map(|it| it.file.as_str()).collect();
        let is_mended = |sentence: &String| {
            let mut ends = sentence
                .match_indices(": ")
                .map(|(end, _)| &sentence[..end]);
            ends.any(|file| files.contains(file))
        };
        let mut unreadable = std::mem::take(&mut lines.unreadable);
        unreadable.retain(|sentence| !is_mended(sentence));
        lines.unreadable = unreadable;
        lines.earlier = lines.pieces.len();
        Ok(lines)
    }

    /// Whether it ends as it does when all its pictures are done, and has them all.
    pub fn is_finished(&self) -> bool {
        self.done == Some(self.files().len() + self.unreadable.len())
    }

    /// Whether the same was found of every picture.
    pub fn is_even(&self) -> bool {
        self.pieces.len() == self.files().len() * self.variants().len()
    }

    fn files(&self) -> HashSet<&str> {
        self.pieces.iter().map(|it| it.file.as_str()).collect()
    }

    /// What was found of each picture, if it is more than one thing.
    pub fn variants(&self) -> BTreeSet<&str> {
        self.pieces.iter().map(|it| it.variant.as_str()).collect()
    }

    fn none(header: Header<E::Settings>) -> Self {
        Self {
            file: None,
            header,
            pieces: Vec::new(),
            earlier: 0,
            unreadable: Vec::new(),
            written: HashSet::new(),
            done: None,
        }
    }

    /// What was found already. A picture that was cut short may have been mended,
    /// and a whole one may have been replaced.
    pub fn known(&self) -> HashSet<String> {
        let pieces = self.pieces.iter();
        pieces
            .filter(|piece| piece.is_current())
            .map(|it| key(Path::new(&it.file), &it.variant))
            .collect()
    }

    /// Takes a finding, and writes it down if it is whole.
    pub fn push(&mut self, piece: Piece<E::Found>) -> Result<()> {
        if !piece.is_half {
            self.write(&piece)?;
        }
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
        let Some((path, file)) = &self.file else {
            return Ok(());
        };
        let text = serde_json::to_string(line)? + "\n";
        let mut file: &File = file;
        file.write_all(text.as_bytes())
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

/// The file to write to, which nobody else writes to meanwhile.
fn locked(path: &Path) -> Result<File> {
    if path.is_dir() {
        bail!("{} is a folder: name a file in it", path.display());
    }
    if path.exists() && !path.is_file() {
        bail!(
            "{} is no file that can be read again: name another",
            path.display()
        );
    }
    let file = OpenOptions::new().create(true).append(true).open(path);
    let file = file.with_context(|| format!("cannot write {}", path.display()))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => bail!(
            "another lab writes to {} now: wait for it, or name another file",
            path.display()
        ),
        // Where a file system knows no locks, there is none.
        _ => Ok(file),
    }
}

fn parse<T: DeserializeOwned>(line: &str) -> serde_json::Result<T> {
    serde_json::from_str(line)
}

fn not_ours(path: &Path, index: usize, command: &str) -> Error {
    let (line, path) = (index + 1, path.display());
    anyhow!("line {line} of {path} is not of lab {command}: name another file")
}

/// A last line that was cut off is of a picture that is not done. Only a file of
/// ours loses it: another may be all that somebody has.
fn drop_the_torn(path: &Path, command: &str) -> Result<()> {
    let bytes = fs::read(path).with_context(|| path.display().to_string())?;
    if bytes.is_empty() || bytes.ends_with(b"\n") {
        return Ok(());
    }
    let begin = br#"{"lab":""#;
    let (is_ours, whole) = match bytes.iter().rposition(|&byte| byte == b'\n') {
        Some(end) => (bytes.starts_with(begin), end + 1),
        // The first line itself was cut off.
        None => (begin.starts_with(&bytes) || bytes.starts_with(begin), 0),
    };
    if !is_ours {
        return Err(not_ours(path, 0, command));
    }
    let file = OpenOptions::new().write(true).open(path);
    file.and_then(|file| file.set_len(whole as u64))
        .with_context(|| format!("cannot write {}", path.display()))
}
