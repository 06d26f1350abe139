//! Finding pictures and reading them as a network sees them.

use super::DataError;
use super::sets::Sets;
use super::walk::Walk;
use crate::photo::{self, Crop, Recovered};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use rayon::iter::{IntoParallelRefIterator, ParallelIterator};
use std::mem;
use std::path::{Path, PathBuf};

/// Pictures in folders and in sets that are one file (tar, IDX). It keeps the
/// sets that were opened: a picture in one goes by the file's name and its own,
/// such as `test.tar.gz/cat/0001.jpg`.
///
/// # Examples
/// ```
/// use foolscope::classifier::catalogue;
/// use foolscope::data::{Library, Selection};
///
/// let network = catalogue::find("efficientnet-lite0").unwrap();
/// let mut library = Library::default();
/// let found = library.find(&["docs".into()], Selection::default())?;
/// let pictures = library.read(&found.files, network.crop());
/// assert!(pictures.values.iter().all(|x| x.len() == 3 * 224 * 224));
/// # assert!(!pictures.values.is_empty());
/// # Ok::<(), foolscope::data::DataError>(())
/// ```
#[derive(Debug, Default)]
pub struct Library {
    sets: Sets,
}

/// Which of many pictures are taken; all of them by default.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Selection {
    /// So many, drawn by chance and always the same, in the order in which they
    /// were named.
    pub draw: Option<usize>,
    /// Only the first so many.
    pub limit: Option<usize>,
}

/// Pictures by name, and what a person is told of what was left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    pub files: Vec<PathBuf>,
    pub notes: Vec<String>,
}

/// The pictures that were read, and what was wrong with the others.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pictures {
    pub files: Vec<PathBuf>,
    /// Planar `[C, H, W]` in [0, 1], one for each of `files`.
    pub values: Vec<Vec<f32>>,
    /// Those of `files` that are cut short, so that a part of the picture is grey.
    pub cut_short: Vec<PathBuf>,
    pub unreadable: Vec<DataError>,
}

impl Selection {
    fn of(self, mut files: Vec<PathBuf>) -> Vec<PathBuf> {
        if let Some(count) = self.draw {
            let mut order: Vec<usize> = (0..files.len()).collect();
            order.shuffle(&mut ChaCha8Rng::seed_from_u64(0));
            order.truncate(count);
            order.sort_unstable();
            files = order
                .into_iter()
                .map(|index| mem::take(&mut files[index]))
                .collect();
        }
        files.truncate(self.limit.unwrap_or(usize::MAX));
        files
    }
}

impl Library {
    /// Every picture of some files and folders, in order, once each, whatever
    /// links lead to it. In folders a picture is what is called as one, or is one
    /// by its content.
    ///
    /// # Errors
    /// When there is no picture in a folder or in any of the sets, or a set is
    /// damaged or its labels do not fit. Pictures themselves are not looked at.
    pub fn find(&mut self, paths: &[PathBuf], which: Selection) -> Result<Found, DataError> {
        let mut walk = Walk::default();
        let mut files = Vec::new();
        for path in paths {
            if path.is_dir() {
                // Of its own, for what was named before must not make it look empty.
                if Walk::default().folder(path)?.is_empty() {
                    return Err(DataError::EmptyFolder(path.display().to_string()));
                }
                files.extend(walk.folder(path)?);
            } else if walk.is_new(path) {
                files.push(path.clone());
            }
        }
        let (files, notes) = self.sets.open(files)?;
        Ok(Found {
            files: which.of(files),
            notes,
        })
    }

    /// Reads some as a network sees them, on every core. What cannot be read is
    /// named, and the rest goes on.
    pub fn read(&self, files: &[PathBuf], crop: Crop) -> Pictures {
        let read = |file: &PathBuf| self.square(file, crop);
        let squares: Vec<_> = match files {
            [file] => vec![read(file)],
            _ => files.par_iter().map(read).collect(),
        };
        let mut pictures = Pictures::default();
        for (file, square) in files.iter().zip(squares) {
            match square {
                Ok((values, is_whole)) => {
                    if !is_whole {
                        pictures.cut_short.push(file.clone());
                    }
                    pictures.files.push(file.clone());
                    pictures.values.push(values);
                }
                Err(error) => pictures.unreadable.push(error),
            }
        }
        pictures
    }

    /// What a network sees of a file, and whether that is whole.
    fn square(&self, file: &Path, crop: Crop) -> Result<(Vec<f32>, bool), DataError> {
        let Recovered { picture, is_whole } = match self.sets.picture(file) {
            Some(picture) => picture?,
            None => photo::recover(file)?,
        };
        let photo = picture.photo(crop);
        let photo = photo.map_err(|error| DataError::from(error).of(file))?;
        Ok((photo.into_values(), is_whole))
    }

    /// A picture's class as far as its file says it: by its label in an IDX file,
    /// by the folder that it lies in within a tar file, which is called as the
    /// class is, or by a name that begins as `0281_n02123045.jpg` does for class
    /// 281.
    pub fn class(&self, file: &Path, class_names: &[&str]) -> Option<usize> {
        let of_set = self.sets.class(file, class_names);
        of_set.or_else(|| class_in_name(file, class_names.len()))
    }

    /// A picture's name without its folder; in a set, with the folders in it.
    pub fn name(&self, file: &Path) -> String {
        match self.sets.name(file) {
            Some(name) => name.to_owned(),
            None => {
                let name = file.file_name().unwrap_or(file.as_os_str());
                name.to_string_lossy().into_owned()
            }
        }
    }
}

fn class_in_name(file: &Path, classes: usize) -> Option<usize> {
    let (index, id) = file.file_stem()?.to_str()?.split_once('_')?;
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(index, 4) || !digits(id.strip_prefix('n')?, 8) {
        return None;
    }
    index.parse().ok().filter(|&index| index < classes)
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
    fn folders_and_files_name_each_picture_once() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("inner")).unwrap();
        for name in ["b.JPG", "a.png", "notes.txt", "inner/c.webp"] {
            fs::write(root.join(name), "").unwrap();
        }
        let found = |paths: &[&str]| {
            let paths: Vec<PathBuf> = paths.iter().map(|path| root.join(path)).collect();
            let found = Library::default().find(&paths, Selection::default());
            found.map(|found| {
                let files = found.files.iter();
                let names = files.map(|file| file.strip_prefix(root).unwrap());
                names.map(|name| name.display().to_string()).collect()
            })
        };
        let names = |paths: &[&str]| -> Vec<String> { found(paths).unwrap() };
        assert_eq!(names(&[""]), ["a.png", "b.JPG", "inner/c.webp"]);
        assert_eq!(
            names(&["notes.txt", "a.png", "./a.png"]),
            ["notes.txt", "a.png"]
        );
        assert_eq!(names(&["b.JPG", ""]), ["b.JPG", "a.png", "inner/c.webp"]);
        assert_eq!(names(&["inner", "inner"]), ["inner/c.webp"]);
        fs::create_dir(root.join("empty")).unwrap();
        let refused = found(&["empty"]).unwrap_err();
        assert!(matches!(refused, DataError::EmptyFolder(_)), "{refused}");
    }

    #[test]
    fn a_selection_keeps_the_order_and_a_draw_is_always_the_same() {
        let files: Vec<PathBuf> = (0..100).map(|index| format!("{index:02}").into()).collect();
        let chosen = |draw, limit| Selection { draw, limit }.of(files.clone());
        assert_eq!(chosen(None, Some(2)), files[..2]);
        assert_eq!(chosen(None, None), files);
        assert_eq!(chosen(Some(200), None), files);
        let ten = chosen(Some(10), None);
        assert!(ten.len() == 10 && ten.is_sorted() && ten != files[..10]);
        assert_eq!(ten, chosen(Some(10), None));
        assert_eq!(chosen(Some(10), Some(3)), ten[..3]);
    }
}
