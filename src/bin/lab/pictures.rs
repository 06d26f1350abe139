//! Which pictures, and what their names say of them.

use crate::sets;
use crate::walk::{Walk, is_beside};
use anyhow::{Context, Result, bail};
use foolscope::classifier::catalogue::Entry;
use foolscope::photo::{self, Recovered};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::collections::BTreeSet;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

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

/// Pictures of which the file was cut short. All that a command reads come
/// together here, so that each report says which they are.
static CUT_SHORT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// The pictures read so far of which a part is missing, by name.
pub fn cut_short() -> Vec<String> {
    let cut = CUT_SHORT.lock().unwrap_or_else(PoisonError::into_inner);
    cut.iter().map(|file| file.display().to_string()).collect()
}

/// Whether a part of a picture that was read is missing.
pub fn is_cut_short(file: &Path) -> bool {
    let cut = CUT_SHORT.lock().unwrap_or_else(PoisonError::into_inner);
    cut.contains(file)
}

/// The pictures that were read, and what was wrong with the others.
pub struct Pictures {
    pub files: Vec<PathBuf>,
    /// Planar, as the network takes them.
    pub values: Vec<Vec<f32>>,
    pub unreadable: Vec<String>,
    /// What is wrong with some that were read all the same.
    pub warnings: Vec<String>,
}

/// Every picture that some arguments name, in order, once each.
pub fn expand(arguments: &[String]) -> Result<Vec<PathBuf>> {
    let mut walk = Walk::default();
    let mut files = Vec::new();
    for argument in arguments {
        for path in matching(argument)? {
            if path.is_dir() {
                files.extend(walk.folder(&path)?);
            } else if walk.is_new(&path) {
                files.push(path);
            }
        }
    }
    let mut files = sets::opened(files)?;
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

/// The files and folders that an argument names.
fn matching(argument: &str) -> Result<Vec<PathBuf>> {
    let path = Path::new(argument);
    if path.is_dir() {
        // Of its own, for what was named before must not make it look empty.
        if Walk::default().folder(path)?.is_empty() {
            bail!("there is no picture in the folder {argument}");
        }
        return Ok(vec![path.to_owned()]);
    }
    if path.exists() {
        return Ok(vec![path.to_owned()]);
    }
    let matches = glob::glob(argument)
        .with_context(|| format!("{argument} is neither a file nor a pattern"))?;
    let found = matches.filter_map(Result::ok).filter(|it| !is_beside(it));
    let found: Vec<PathBuf> = found.collect();
    if found.is_empty() {
        bail!("there is no file or folder {argument}, and nothing that matches it");
    }
    Ok(found)
}

impl Pictures {
    /// Reads some files as a network sees them, on every core. What cannot be
    /// read is named, and the rest goes on.
    pub fn read(files: &[PathBuf], entry: &Entry) -> Self {
        let squares: Vec<Result<Square>> = match files {
            [file] => vec![square(file, entry)],
            _ => files.par_iter().map(|file| square(file, entry)).collect(),
        };
        let mut pictures = Self {
            files: Vec::new(),
            values: Vec::new(),
            unreadable: Vec::new(),
            warnings: Vec::new(),
        };
        for (file, square) in files.iter().zip(squares) {
            match square {
                Ok(square) => {
                    if !square.is_whole {
                        let mut cut = CUT_SHORT.lock().unwrap_or_else(PoisonError::into_inner);
                        if cut.insert(file.clone()) {
                            pictures.warnings.push(format!(
                                "{}: the file is cut short, so a part of the picture is missing",
                                file.display()
                            ));
                        }
                    }
                    pictures.files.push(file.clone());
                    pictures.values.push(square.values);
                }
                Err(error) => pictures.unreadable.push(format!("{error:#}")),
            }
        }
        pictures
    }

    /// What a network that is not known yet sees of some files.
    pub fn squares(
        files: &[PathBuf],
        short_side: usize,
        side: usize,
        channels: usize,
    ) -> Result<Vec<Vec<f32>>> {
        let squares = files
            .iter()
            .map(|file| cut(file, short_side, side, channels));
        squares.map(|square| Ok(square?.values)).collect()
    }

    /// Says on standard error what could not be read, or not whole.
    pub fn say_unreadable(&self) {
        for error in self.warnings.iter().chain(&self.unreadable) {
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

/// What a network sees of a file.
struct Square {
    /// Planar in [0, 1].
    values: Vec<f32>,
    is_whole: bool,
}

fn square(file: &Path, entry: &Entry) -> Result<Square> {
    let [channels, side, _] = entry.architecture().input;
    cut(file, entry.short_side, side, channels)
}

fn cut(file: &Path, short_side: usize, side: usize, channels: usize) -> Result<Square> {
    let Recovered { picture, is_whole } = match sets::picture(file) {
        Some(picture) => picture?,
        None => photo::recover(file)?,
    };
    let square = picture.crop(short_side, side)?;
    Ok(Square {
        values: square.to_photo(channels)?.into_values(),
        is_whole,
    })
}

/// A picture's class as far as its file says it: by its label in an IDX file, by
/// the folder that it lies in within a tar file, or by its name.
pub fn class(file: &Path, entry: &Entry) -> Option<usize> {
    sets::class(file, entry).or_else(|| class_in_name(file, entry.class_names().len()))
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
    use std::fs;

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
            expanded(&[
                argument("notes.txt"),
                argument("*.png"),
                argument("./a.png")
            ]),
            ["notes.txt", "a.png"]
        );
        // A pattern leads into folders, and past what lies beside pictures.
        fs::write(root.join("._a.png"), "").unwrap();
        assert_eq!(
            expanded(&[argument("in*"), argument("*.png")]),
            ["inner/c.webp", "a.png"]
        );
        assert_eq!(
            expanded(&[argument("b.JPG"), argument("")]),
            ["b.JPG", "a.png", "inner/c.webp"]
        );
        assert_eq!(
            expanded(&[argument("inner"), argument("inner")]),
            ["inner/c.webp"]
        );
        let refused = |path: &str| expand(&[argument(path)]).unwrap_err().to_string();
        assert!(refused("absent.jpg").contains("absent.jpg"));
        assert!(refused("***").contains("***"));
        fs::create_dir(root.join("empty")).unwrap();
        assert!(refused("empty").contains("no picture in the folder"));
    }
}
