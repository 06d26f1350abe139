//! Which pictures, and what their names say of them.

use crate::sets;
use anyhow::{Context, Result, bail};
use foolscope::classifier::catalogue::Entry;
use foolscope::data::archive::ENDINGS;
use foolscope::photo;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::{fs, mem};

/// How many pictures a command takes at most.
static LIMIT: OnceLock<usize> = OnceLock::new();

/// No command takes more pictures than this.
pub fn limit_to(count: usize) {
    LIMIT.get_or_init(|| count);
}

/// How many pictures a command draws.
static DRAW: OnceLock<usize> = OnceLock::new();

/// Commands take so many pictures, drawn by chance, in the order in which they
/// were named.
pub fn draw(count: usize) {
    DRAW.get_or_init(|| count);
}

/// The pictures that were read, and what was wrong with the others.
pub struct Pictures {
    pub files: Vec<PathBuf>,
    /// Planar, as the network takes them.
    pub values: Vec<Vec<f32>>,
    pub unreadable: Vec<String>,
}

/// Every picture that some arguments name, in order, once each.
pub fn expand(arguments: &[String]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut seen = HashSet::new();
    for argument in arguments {
        let path = Path::new(argument);
        let found = if path.is_dir() {
            let found = in_folder(path)?;
            if found.is_empty() {
                bail!("there is no picture in the folder {argument}");
            }
            found
        } else if path.exists() {
            vec![path.to_owned()]
        } else {
            let matches = glob::glob(argument)
                .with_context(|| format!("{argument} is neither a file nor a pattern"))?;
            let found: Vec<PathBuf> = matches.filter_map(Result::ok).collect();
            if found.is_empty() {
                bail!("there is no file or folder {argument}, and nothing that matches it");
            }
            found
        };
        for file in found {
            let pictures = if file.is_file() && sets::is_set(&file) {
                sets::list(&file)?
            } else {
                vec![file]
            };
            files.extend(
                pictures
                    .into_iter()
                    .filter(|file| seen.insert(file.clone())),
            );
        }
    }
    if let Some(&count) = DRAW.get() {
        let mut order: Vec<usize> = (0..files.len()).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(0));
        order.truncate(count);
        order.sort_unstable();
        files = order
            .into_iter()
            .map(|index| mem::take(&mut files[index]))
            .collect();
    }
    files.truncate(LIMIT.get().copied().unwrap_or(usize::MAX));
    Ok(files)
}

/// The pictures in a folder and in those inside it, by name.
fn in_folder(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.with_context(|| format!("cannot list {}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    paths.sort_unstable();
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            files.extend(in_folder(&path)?);
        } else if is_picture(&path) || sets::is_set(&path) {
            files.push(path);
        }
    }
    Ok(files)
}

fn is_picture(path: &Path) -> bool {
    path.extension()
        .and_then(|ending| ending.to_str())
        .is_some_and(|ending| ENDINGS.contains(&ending.to_lowercase().as_str()))
}

impl Pictures {
    /// Reads some files as a network sees them, on every core. What cannot be
    /// read is named, and the rest goes on.
    pub fn read(files: &[PathBuf], entry: &Entry) -> Self {
        let squares: Vec<Result<Vec<f32>>> = match files {
            [file] => vec![square(file, entry)],
            _ => files.par_iter().map(|file| square(file, entry)).collect(),
        };
        let mut pictures = Self {
            files: Vec::new(),
            values: Vec::new(),
            unreadable: Vec::new(),
        };
        for (file, square) in files.iter().zip(squares) {
            match square {
                Ok(values) => {
                    pictures.files.push(file.clone());
                    pictures.values.push(values);
                }
                Err(error) => pictures.unreadable.push(format!("{error:#}")),
            }
        }
        pictures
    }

    /// Says on standard error what could not be read.
    pub fn say_unreadable(&self) {
        for error in &self.unreadable {
            eprintln!("lab: {error}");
        }
    }

    /// [`Pictures::read`], and [`Pictures::say_unreadable`].
    pub fn read_and_say(files: &[PathBuf], entry: &Entry) -> Self {
        let pictures = Self::read(files, entry);
        pictures.say_unreadable();
        pictures
    }
}

/// The square that a network sees of a file, planar in [0, 1].
fn square(file: &Path, entry: &Entry) -> Result<Vec<f32>> {
    let [channels, side, _] = (entry.architecture)().input;
    let picture = match sets::picture(file) {
        Some(picture) => picture?,
        None => photo::open(file)?,
    };
    let square = picture.crop(entry.short_side, side)?;
    Ok(square.to_photo(channels)?.into_values())
}

/// A picture's class as far as its file says it: by its label in an IDX file, by
/// the folder that it lies in within a tar file, or by its name.
pub fn class(file: &Path, entry: &Entry) -> Option<usize> {
    sets::class(file, entry).or_else(|| class_in_name(file, (entry.class_names)().len()))
}

/// The class that a file's name begins with: `0281_n02123045.jpg` is of class
/// 281.
fn class_in_name(file: &Path, classes: usize) -> Option<usize> {
    let (index, id) = file.file_stem()?.to_str()?.split_once('_')?;
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(index, 4) || !digits(id.strip_prefix('n')?, 8) {
        return None;
    }
    index.parse().ok().filter(|&index| index < classes)
}

/// A file's name without its folder, for a table; in a set, with the folders in it.
pub fn name(file: &Path) -> String {
    if let Some(name) = sets::name(file) {
        return name;
    }
    file.file_name()
        .unwrap_or(file.as_os_str())
        .to_string_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_is_read_only_from_such_names() {
        let class = |name: &str| class_in_name(Path::new(name), 1000);
        assert_eq!(class("a/0281_n02123045.jpg"), Some(281));
        assert_eq!(class("0281_n02123045_copy.jpg"), None);
        assert_eq!(class("1281_n02123045.jpg"), None);
        assert_eq!(class("+281_n02123045.jpg"), None);
        assert_eq!(class("0281.jpg"), None);
        assert_eq!(class("holiday_n1.jpg"), None);
    }

    #[test]
    fn folders_patterns_and_files_name_each_picture_once() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("inner")).unwrap();
        for name in ["b.JPG", "a.png", "notes.txt", "inner/c.webp"] {
            fs::write(root.join(name), "").unwrap();
        }
        let argument = |path: &str| root.join(path).display().to_string();
        let expanded = |arguments: &[String]| -> Vec<String> {
            let files = expand(arguments).unwrap();
            let names = files.iter().map(|file| file.strip_prefix(root).unwrap());
            names.map(|name| name.display().to_string()).collect()
        };
        assert_eq!(
            expanded(&[argument("")]),
            ["a.png", "b.JPG", "inner/c.webp"]
        );
        assert_eq!(
            expanded(&[argument("notes.txt"), argument("*.png"), argument("a.png")]),
            ["notes.txt", "a.png"]
        );
        let refused = |path: &str| expand(&[argument(path)]).unwrap_err().to_string();
        assert!(refused("absent.jpg").contains("absent.jpg"));
        assert!(refused("***").contains("***"));
        fs::create_dir(root.join("empty")).unwrap();
        assert!(refused("empty").contains("no picture in the folder"));
    }
}
