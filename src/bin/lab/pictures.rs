//! Which pictures the command line names, and what is said of them on standard
//! error.

use anyhow::{Context, Result, bail};
use foolscope::classifier::catalogue::Entry;
use foolscope::data::{self, Library, Selection, is_companion};
use foolscope::photo::Crop;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError, RwLock};

/// Of all commands: there is one a run.
static SELECTION: Mutex<Selection> = Mutex::new(Selection {
    draw: None,
    limit: None,
});

/// The sets that were opened.
static LIBRARY: LazyLock<RwLock<Library>> = LazyLock::new(RwLock::default);

/// Pictures of which the file was cut short. All that a command reads come
/// together here, so that each report says which they are.
static CUT_SHORT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Nobody leaves half a change behind when it fails.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn library() -> std::sync::RwLockReadGuard<'static, Library> {
    LIBRARY.read().unwrap_or_else(PoisonError::into_inner)
}

/// No command takes more pictures than this.
pub fn limit_to(count: usize) {
    locked(&SELECTION).limit = Some(count);
}

/// Commands take so many pictures, drawn by chance, in the order in which they
/// were named.
pub fn draw(count: usize) {
    locked(&SELECTION).draw = Some(count);
}

/// The pictures read so far of which a part is missing, by name.
pub fn cut_short() -> Vec<String> {
    let cut = locked(&CUT_SHORT);
    cut.iter().map(|file| file.display().to_string()).collect()
}

/// Whether a part of a picture that was read is missing.
pub fn is_cut_short(file: &Path) -> bool {
    locked(&CUT_SHORT).contains(file)
}

/// Every picture that some arguments name, in order, once each.
pub fn expand(arguments: &[String]) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for argument in arguments {
        paths.extend(matching(argument)?);
    }
    let mut library = LIBRARY.write().unwrap_or_else(PoisonError::into_inner);
    let found = library.find(&paths, *locked(&SELECTION))?;
    for note in found.notes {
        eprintln!("lab: {note}");
    }
    Ok(found.files)
}

/// The files and folders that an argument names.
fn matching(argument: &str) -> Result<Vec<PathBuf>> {
    let path = Path::new(argument);
    if path.exists() {
        return Ok(vec![path.to_owned()]);
    }
    let matches = glob::glob(argument)
        .with_context(|| format!("{argument} is neither a file nor a pattern"))?;
    let is_beside = |path: &Path| {
        let name = path.file_name().unwrap_or_default();
        is_companion(&name.to_string_lossy())
    };
    // Of several folders some may well be empty.
    let is_empty =
        |path: &Path| path.is_dir() && data::pictures_in(path).is_ok_and(|it| it.is_empty());
    let found = matches.filter_map(Result::ok);
    let found: Vec<PathBuf> = found
        .filter(|path| !is_beside(path) && !is_empty(path))
        .collect();
    if found.is_empty() {
        bail!("there is no file or folder {argument}, and nothing that matches it");
    }
    Ok(found)
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

impl Pictures {
    /// Reads some files as a network sees them.
    pub fn read(files: &[PathBuf], entry: &Entry) -> Self {
        let read = library().read(files, entry.crop());
        let new = |file: &&PathBuf| locked(&CUT_SHORT).insert((*file).clone());
        let warn = |file: &PathBuf| {
            format!(
                "{}: the file is cut short, so a part of the picture is missing",
                file.display()
            )
        };
        Self {
            warnings: read.cut_short.iter().filter(new).map(warn).collect(),
            files: read.files,
            values: read.values,
            unreadable: read.unreadable.iter().map(ToString::to_string).collect(),
        }
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

/// What a network that is not known yet sees of some files.
pub fn squares(files: &[PathBuf], crop: Crop) -> Result<Vec<Vec<f32>>> {
    let read = library().read(files, crop);
    match read.unreadable.into_iter().next() {
        Some(error) => Err(error.into()),
        None => Ok(read.values),
    }
}

/// A picture's class as far as its file says it.
pub fn class(file: &Path, entry: &Entry) -> Option<usize> {
    library().class(file, entry.class_names())
}

/// A file's name without its folder, for a table; in a set, with the folders in it.
pub fn name(file: &Path) -> String {
    library().name(file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_pattern_leads_into_folders_and_past_what_lies_beside_pictures() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("inner")).unwrap();
        fs::create_dir(root.join("inner-empty")).unwrap();
        for name in ["a.png", "._a.png", "inner/c.webp"] {
            fs::write(root.join(name), "").unwrap();
        }
        let argument = |path: &str| root.join(path).display().to_string();
        let found = expand(&[argument("in*"), argument("*.png"), argument("./a.png")]).unwrap();
        assert_eq!(found, [root.join("inner/c.webp"), root.join("a.png")]);
        let refused = |path: &str| expand(&[argument(path)]).unwrap_err().to_string();
        assert!(refused("absent.jpg").contains("absent.jpg"));
        assert!(refused("***").contains("***"));
        assert!(refused("inner-empty").contains("no picture in the folder"));
    }
}
