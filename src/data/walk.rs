//! The one walk through folders: each picture once, whatever links lead to it,
//! and nothing that only lies beside them.

use super::{DataError, is_companion, sets};
use crate::photo::{FIRST_BYTES, Kind, Sort, has_picture_name};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The pictures and sets of pictures in a folder and in those inside it, by name.
///
/// # Errors
/// When a folder cannot be listed.
pub fn pictures_in(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    Walk::default().folder(folder)
}

/// Remembers where it was.
#[derive(Default)]
pub struct Walk {
    seen: HashSet<Identity>,
}

/// What a file or folder is one with, whatever it is called.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    /// The device that it lies on, and its number there.
    #[cfg(unix)]
    Inode(u64, u64),
    /// Where nothing else is known; and of what is not there.
    Path(PathBuf),
}

impl Walk {
    /// Whether a file or folder comes for the first time, under any name.
    pub fn is_new(&mut self, path: &Path) -> bool {
        self.seen.insert(Identity::of(path))
    }

    /// The pictures and sets of pictures in a folder and in those inside it, by
    /// name. A picture is what is called as one, or is one by its content.
    pub fn folder(&mut self, folder: &Path) -> Result<Vec<PathBuf>, DataError> {
        let mut files = Vec::new();
        if !self.is_new(folder) {
            return Ok(files);
        }
        for path in listed(folder)? {
            if is_beside(&path) {
                continue;
            }
            if path.is_dir() {
                files.extend(self.folder(&path)?);
            } else if is_wanted(&path) && self.is_new(&path) {
                files.push(path);
            }
        }
        Ok(files)
    }
}

impl Identity {
    fn of(path: &Path) -> Self {
        #[cfg(unix)]
        if let Ok(found) = fs::metadata(path) {
            use std::os::unix::fs::MetadataExt;
            return Self::Inode(found.dev(), found.ino());
        }
        Self::Path(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()))
    }
}

/// All that lies in a folder, by name.
pub fn listed(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.map_err(|error| DataError::List {
        folder: folder.display().to_string(),
        reason: error.to_string(),
    })?;
    let mut paths: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    paths.sort_unstable();
    Ok(paths)
}

/// What a file is called, in small letters.
pub fn lower_name(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default();
    name.to_string_lossy().to_lowercase()
}

/// Whether a system keeps it beside pictures.
pub fn is_beside(path: &Path) -> bool {
    is_companion(&lower_name(path))
}

/// Whether a folder's file is taken. One that is called as a picture is, so that
/// what is wrong with it is said; a pipe is not, for it may never end.
fn is_wanted(path: &Path) -> bool {
    if has_picture_name(&lower_name(path)) {
        return fs::metadata(path).map_or(true, |found| found.is_file());
    }
    if !path.is_file() {
        return false;
    }
    sets::holds_pictures(path)
        || first_bytes(path)
            .is_ok_and(|first| Kind::of(&first).is_some_and(|kind| kind.sort != Sort::Other))
}

/// As many of a file's bytes as tell its kind.
pub fn first_bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut first = Vec::new();
    let file = File::open(path)?;
    file.take(FIRST_BYTES as u64).read_to_end(&mut first)?;
    Ok(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    const JPEG: &[u8] = b"\xff\xd8\xff\xe0\0\x10JFIF";

    fn names(root: &Path) -> Vec<String> {
        let files = Walk::default().folder(root).unwrap();
        let names = files.iter().map(|file| file.strip_prefix(root).unwrap());
        names.map(|name| name.display().to_string()).collect()
    }

    #[test]
    fn what_lies_beside_pictures_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for inner in ["__MACOSX", "@eaDir", ".thumbnails", "inner", "b.jpg"] {
            fs::create_dir(root.join(inner)).unwrap();
        }
        for (name, bytes) in [
            ("a.jpg", JPEG),
            ("c.jfif", JPEG),
            ("d.JPE", JPEG),
            ("e.Jif", JPEG),
            ("f", JPEG),
            ("g.png", b"no picture, but called as one"),
            ("h.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
            ("inner/i.TIFF", b"II*\0"),
            ("b.jpg/j.jpg", JPEG),
            // None of these.
            ("._a.jpg", b"\0\x05\x16\x07"),
            (".DS_Store", b"\0\0\0\x01Bud1"),
            (".hidden.jpg", JPEG),
            ("Thumbs.db", b"\xd0\xcf\x11\xe0"),
            ("desktop.ini", b"[.ShellClassInfo]"),
            ("__MACOSX/a.jpg", JPEG),
            ("@eaDir/a.jpg", JPEG),
            (".thumbnails/a.png", JPEG),
            ("a.mov", b"\0\0\0\x14ftypqt  \0\0\0\0qt  "),
            ("notes.txt", b"notes"),
            ("empty", b""),
        ] {
            fs::write(root.join(name), bytes).unwrap();
        }
        assert_eq!(
            names(root),
            [
                "a.jpg",
                "b.jpg/j.jpg",
                "c.jfif",
                "d.JPE",
                "e.Jif",
                "f",
                "g.png",
                "h.heic",
                "inner/i.TIFF",
            ]
        );
        // Whoever names a hidden folder means it.
        assert_eq!(names(&root.join(".thumbnails")), ["a.png"]);
    }

    #[cfg(unix)]
    #[test]
    fn each_file_comes_once_whatever_links_lead_to_it() {
        use std::os::unix::fs::symlink;
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("a/inner")).unwrap();
        fs::create_dir(root.join("z")).unwrap();
        fs::write(root.join("a/one.jpg"), JPEG).unwrap();
        fs::write(root.join("a/two.jpg"), JPEG).unwrap();
        // A loop, two ways to one folder, and further names of one file.
        symlink("../..", root.join("a/inner/up")).unwrap();
        symlink("../a", root.join("z/again")).unwrap();
        symlink("../a/one.jpg", root.join("z/link.jpg")).unwrap();
        fs::hard_link(root.join("a/two.jpg"), root.join("z/hard.jpg")).unwrap();
        symlink("nowhere.jpg", root.join("z/lost.jpg")).unwrap();
        assert_eq!(names(root), ["a/one.jpg", "a/two.jpg", "z/lost.jpg"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(folder.path().join("pipe.jpg"))
            .status();
        if made.is_ok_and(|made| made.success()) {
            assert_eq!(names(folder.path()), [""; 0]);
        }
    }
}
