//! Sets that are one file: tar files and IDX files. A picture in one goes by the
//! file's name and its own, as if the file were a folder:
//! `test.tar.gz/cat/0001.jpg`, `t10k-images-idx3-ubyte.gz/00042`.

use super::archive::{self, Member};
use super::idx::{Holds, Images};
use super::walk::lower_name;
use super::{DataError, idx_file};
use crate::photo::{self, Bitmap, Recovered};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// One that was read.
#[derive(Debug)]
enum Set {
    Archive(Vec<Member>),
    Idx {
        images: Images,
        /// Of the file beside it.
        labels: Option<Vec<u8>>,
    },
}

/// Those that were read, by their files.
#[derive(Debug, Default)]
pub struct Sets(HashMap<PathBuf, Arc<Set>>);

/// Whether a file is one, by its name or by its content.
fn is_set(file: &Path) -> bool {
    file.is_file()
        && (is_archive(file) || idx_file::is_called_so(file) || idx_file::contents(file).is_some())
}

/// Whether a file is one that a folder's pictures lie in: not their labels.
pub fn holds_pictures(file: &Path) -> bool {
    is_archive(file) || idx_file::contents(file) == Some(Holds::Images)
}

fn is_archive(file: &Path) -> bool {
    let name = lower_name(file);
    [".tar", ".tar.gz", ".tgz"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

impl Sets {
    /// Files, and of those that are sets, the names of all pictures in them. A
    /// set among others that holds no picture, or what an earlier one holds, such
    /// as the packed one beside it, is left out, and a note says so.
    pub fn open(&mut self, files: Vec<PathBuf>) -> Result<(Vec<PathBuf>, Vec<String>), DataError> {
        let are_several = files.len() > 1;
        let mut earlier: Vec<(Arc<Set>, PathBuf)> = Vec::new();
        let (mut pictures, mut notes) = (Vec::new(), Vec::new());
        for file in files {
            if !is_set(&file) {
                pictures.push(file);
                continue;
            }
            let name = file.display();
            let set = match self.read(&file) {
                Err(error) if are_several && error.is_empty() => {
                    notes.push(format!("{name} holds no picture, and is left out"));
                    continue;
                }
                set => set.map_err(|error| error.of(&file))?,
            };
            if let Some((_, first)) = earlier.iter().find(|(other, _)| other.is_same(&set)) {
                let first = first.display();
                notes.push(format!(
                    "{name} holds the pictures of {first} again, and is left out"
                ));
                continue;
            }
            pictures.extend(set.names(&file));
            earlier.push((set, file));
        }
        match are_several && pictures.is_empty() {
            true => Err(DataError::NoPicture),
            false => Ok((pictures, notes)),
        }
    }

    fn read(&mut self, file: &Path) -> Result<Arc<Set>, DataError> {
        if let Some(set) = self.0.get(file) {
            return Ok(set.clone());
        }
        let set = if is_archive(file) {
            Set::Archive(archive::pictures(&fs::read(file)?)?)
        } else {
            let (images, labels) = idx_file::read(file)?;
            Set::Idx { images, labels }
        };
        let set = Arc::new(set);
        self.0.insert(file.to_owned(), set.clone());
        Ok(set)
    }

    /// The set that a picture's name begins with, and the rest of it.
    fn find<'a>(&'a self, picture: &'a Path) -> Option<(&'a Set, &'a str)> {
        let mut folders = picture.ancestors().skip(1);
        let (file, set) = folders.find_map(|folder| self.0.get_key_value(folder))?;
        Some((set, picture.strip_prefix(file).ok()?.to_str()?))
    }

    /// What a picture is called within its set.
    pub fn name<'a>(&'a self, picture: &'a Path) -> Option<&'a str> {
        self.find(picture).map(|(_, rest)| rest)
    }

    /// A picture by its name; none if it lies in no set.
    pub fn picture(&self, name: &Path) -> Option<Result<Recovered, DataError>> {
        let (set, rest) = self.find(name)?;
        let found = match set {
            Set::Archive(members) => photo::recover_bytes(&member(members, rest)?.bytes),
            Set::Idx { images, .. } => {
                let grey = images.get(rest.parse().ok()?)?;
                let rgba = grey.iter().flat_map(|&level| [level, level, level, 255]);
                let size = [images.width, images.height].map(|side| side as u32);
                let picture = Bitmap::from_rgba(rgba.collect(), size[0], size[1]);
                picture.map(|picture| Recovered {
                    picture,
                    is_whole: true,
                })
            }
        };
        Some(found.map_err(|error| DataError::from(error).of(name)))
    }

    /// A picture's class of some: its label, or the one that is called like its
    /// folder.
    pub fn class(&self, picture: &Path, class_names: &[&str]) -> Option<usize> {
        let (set, rest) = self.find(picture)?;
        match set {
            Set::Archive(members) => {
                let folder = member(members, rest)?.class()?;
                let mut names = class_names.iter();
                names.position(|name| name.eq_ignore_ascii_case(folder))
            }
            Set::Idx { labels, .. } => {
                let label = labels.as_ref()?.get(rest.parse::<usize>().ok()?)?;
                let label = usize::from(*label);
                (label < class_names.len()).then_some(label)
            }
        }
    }
}

fn member<'a>(members: &'a [Member], path: &str) -> Option<&'a Member> {
    let index = members.binary_search_by(|it| it.path.as_str().cmp(path));
    Some(&members[index.ok()?])
}

impl Set {
    /// The names of all pictures in it.
    fn names(&self, file: &Path) -> Vec<PathBuf> {
        match self {
            Set::Archive(members) => members.iter().map(|it| file.join(&it.path)).collect(),
            Set::Idx { images, .. } => {
                let all = 0..images.len();
                all.map(|index| file.join(format!("{index:05}"))).collect()
            }
        }
    }

    /// Whether another one holds the same pictures.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Set::Archive(a), Set::Archive(b)) => a == b,
            (Set::Idx { images: a, .. }, Set::Idx { images: b, .. }) => a == b,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
