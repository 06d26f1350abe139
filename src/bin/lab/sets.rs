//! Many pictures in one file: tar files and IDX files. A picture in one goes by
//! the file's name and its own, as if the file were a folder:
//! `test.tar.gz/cat/0001.jpg`, `t10k-images-idx3-ubyte.gz/00042`.

use anyhow::{Context, Result, anyhow};
use flate2::read::MultiGzDecoder;
use foolscope::classifier::catalogue::Entry;
use foolscope::data::archive::{self, Member};
use foolscope::data::{DataError, idx};
use foolscope::photo::{self, Bitmap};
use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

/// Those that were opened.
static OPENED: LazyLock<Mutex<HashMap<PathBuf, Arc<Set>>>> = LazyLock::new(Mutex::default);

/// An IDX file that is larger is not MNIST.
const MAX_IDX: u64 = 1 << 30;

pub enum Set {
    Archive(Vec<Member>),
    Idx {
        images: idx::Images,
        /// Of the file beside it.
        labels: Option<Vec<u8>>,
    },
}

/// Whether a file is one, by its name.
pub fn is_set(file: &Path) -> bool {
    is_archive(file) || is_idx(file)
}

fn is_archive(file: &Path) -> bool {
    let name = lower_name(file);
    [".tar", ".tar.gz", ".tgz"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

fn is_idx(file: &Path) -> bool {
    let name = lower_name(file);
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.ends_with("-ubyte") || name.ends_with(".idx") || name.ends_with(".idx3-ubyte")
}

fn lower_name(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default();
    name.to_string_lossy().to_lowercase()
}

/// The names of all pictures in one.
pub fn list(file: &Path) -> Result<Vec<PathBuf>> {
    let set = open(file).with_context(|| file.display().to_string())?;
    Ok(match &*set {
        Set::Archive(members) => members.iter().map(|it| file.join(&it.path)).collect(),
        Set::Idx { images, .. } => {
            let all = 0..images.len();
            all.map(|index| file.join(format!("{index:05}"))).collect()
        }
    })
}

fn open(file: &Path) -> Result<Arc<Set>> {
    let mut opened = OPENED.lock().expect("nobody fails while holding it");
    if let Some(set) = opened.get(file) {
        return Ok(set.clone());
    }
    let bytes = fs::read(file)?;
    let set = if is_archive(file) {
        Set::Archive(archive::pictures(&bytes)?)
    } else {
        let images = idx::Images::from_bytes(&unpacked(bytes)?)?;
        if images.is_empty() {
            return Err(DataError::Empty.into());
        }
        Set::Idx {
            labels: labels_beside(file, images.len())?,
            images,
        }
    };
    let set = Arc::new(set);
    opened.insert(file.to_owned(), set.clone());
    Ok(set)
}

fn unpacked(bytes: Vec<u8>) -> Result<Vec<u8>> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(&*bytes)
        .take(MAX_IDX + 1)
        .read_to_end(&mut unpacked)
        .map_err(|error| DataError::Damaged(error.to_string()))?;
    if unpacked.len() as u64 > MAX_IDX {
        return Err(DataError::TooLarge(MAX_IDX).into());
    }
    Ok(unpacked)
}

/// `train-labels-idx1-ubyte.gz` beside `train-images-idx3-ubyte.gz`.
fn labels_beside(file: &Path, count: usize) -> Result<Option<Vec<u8>>> {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let beside = name.replace("images", "labels").replace("idx3", "idx1");
    let beside = file.with_file_name(beside);
    if beside == file || !beside.exists() {
        return Ok(None);
    }
    let name = || beside.display().to_string();
    let bytes = unpacked(fs::read(&beside).with_context(name)?).with_context(name)?;
    let labels = idx::labels(&bytes).with_context(name)?;
    if labels.len() != count {
        return Err(anyhow!(
            "{} has {} labels for {count} pictures",
            name(),
            labels.len()
        ));
    }
    Ok(Some(labels))
}

/// The set that a picture's name begins with, and the rest of it.
fn find(picture: &Path) -> Option<(Arc<Set>, String)> {
    let mut folders = picture.ancestors().skip(1);
    let file = folders.find(|folder| is_set(folder) && folder.is_file())?;
    let rest = picture.strip_prefix(file).ok()?;
    Some((open(file).ok()?, rest.to_str()?.to_owned()))
}

/// What a picture is called within its set, for a table.
pub fn name(name: &Path) -> Option<String> {
    find(name).map(|(_, rest)| rest)
}

/// A picture by its name; none if it lies in no set.
pub fn picture(name: &Path) -> Option<Result<Bitmap>> {
    let (set, rest) = find(name)?;
    let bitmap = match &*set {
        Set::Archive(members) => {
            let index = members
                .binary_search_by(|it| it.path.as_str().cmp(&rest))
                .ok()?;
            photo::decode(&members[index].bytes)
        }
        Set::Idx { images, .. } => {
            let grey = images.get(rest.parse().ok()?)?;
            let rgba = grey.iter().flat_map(|&level| [level, level, level, 255]);
            let size = [images.width, images.height].map(|side| side as u32);
            Bitmap::from_rgba(rgba.collect(), size[0], size[1])
        }
    };
    Some(bitmap.with_context(|| name.display().to_string()))
}

/// A picture's class: its label, or the class that is called like its folder.
pub fn class(name: &Path, entry: &Entry) -> Option<usize> {
    let (set, rest) = find(name)?;
    let names = (entry.class_names)();
    match &*set {
        Set::Archive(members) => {
            let index = members
                .binary_search_by(|it| it.path.as_str().cmp(&rest))
                .ok()?;
            let folder = members[index].class()?;
            names
                .iter()
                .position(|name| name.eq_ignore_ascii_case(folder))
        }
        Set::Idx { labels, .. } => {
            let index: usize = rest.parse().ok()?;
            let label = usize::from(*labels.as_ref()?.get(index)?);
            (label < names.len()).then_some(label)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use foolscope::classifier::catalogue;

    #[test]
    fn pictures_in_an_idx_file_go_by_number_and_have_the_labels_beside() {
        let folder = tempfile::tempdir().unwrap();
        let images = folder.path().join("t-images-idx3-ubyte");
        let mut bytes = vec![0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 16, 0, 0, 0, 18];
        bytes.extend([1; 16 * 18]);
        bytes.extend([5; 16 * 18]);
        fs::write(&images, bytes).unwrap();
        fs::write(
            folder.path().join("t-labels-idx1-ubyte"),
            [0, 0, 8, 1, 0, 0, 0, 2, 9, 4],
        )
        .unwrap();
        let names = list(&images).unwrap();
        assert_eq!(names, [images.join("00000"), images.join("00001")]);
        let second = picture(&names[1]).unwrap().unwrap();
        assert_eq!((second.width(), second.height()), (18, 16));
        assert_eq!(second.rgba()[..4], [5, 5, 5, 255]);
        let entry = catalogue::find("lenet-mnist").unwrap();
        assert_eq!(class(&names[1], entry), Some(4));
        assert!(picture(Path::new("elsewhere/00001")).is_none());
        assert!(picture(&images.join("00002")).is_none());
    }

    #[test]
    fn what_is_wrong_is_said_with_the_file() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in [("a-ubyte", &b"no"[..]), ("b.tar.gz", b"no"), ("c.tar", b"")] {
            let file = folder.path().join(name);
            fs::write(&file, bytes).unwrap();
            let error = format!("{:#}", list(&file).unwrap_err());
            assert!(error.contains(name), "{error}");
        }
    }
}
