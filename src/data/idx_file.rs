//! IDX files on a disk, packed or not, and the labels that lie beside pictures,
//! however both are called.

use super::DataError;
use super::idx::{self, Holds, Images};
use super::walk::{first_bytes, is_beside, listed, lower_name};
use flate2::read::MultiGzDecoder;
use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// One that is larger is not MNIST.
const MAX_BYTES: u64 = 1 << 30;

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Whether a file is called as files of this kind are.
pub fn is_called_so(file: &Path) -> bool {
    let name = lower_name(file);
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.ends_with("ubyte") || name.ends_with(".idx")
}

/// What an IDX file holds, packed or not; none of any other.
pub fn contents(file: &Path) -> Option<Holds> {
    let first = first_bytes(file).ok()?;
    let mut begin = [0; 4];
    if first.starts_with(&GZIP) {
        MultiGzDecoder::new(&*first).read_exact(&mut begin).ok()?;
    } else {
        begin.copy_from_slice(first.get(..4)?);
    }
    idx::holds(&begin)
}

/// The pictures in a file, and the labels of the file beside it.
pub fn read(file: &Path) -> Result<(Images, Option<Vec<u8>>), DataError> {
    let bytes = unpacked(file)?;
    if idx::holds(&bytes) == Some(Holds::Labels) {
        return Err(DataError::OnlyLabels);
    }
    let images = Images::from_bytes(&bytes)?;
    if images.is_empty() {
        return Err(DataError::Empty);
    }
    let labels = labels_beside(file, images.len())?;
    Ok((images, labels))
}

fn unpacked(file: &Path) -> Result<Vec<u8>, DataError> {
    let bytes = fs::read(file)?;
    if !bytes.starts_with(&GZIP) {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(&*bytes)
        .take(MAX_BYTES + 1)
        .read_to_end(&mut unpacked)
        .map_err(|error| DataError::Damaged(error.to_string()))?;
    match unpacked.len() as u64 > MAX_BYTES {
        true => Err(DataError::TooLarge(MAX_BYTES)),
        false => Ok(unpacked),
    }
}

/// The labels of pictures, of the file beside theirs that is called alike, as
/// `train-labels-idx1-ubyte.gz` beside `train-images.idx3-ubyte`; or of the one
/// file of labels in the folder, if theirs are the only pictures.
fn labels_beside(file: &Path, count: usize) -> Result<Option<Vec<u8>>, DataError> {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut beside = listed(folder)?;
    beside.retain(|path| path.is_file() && !is_beside(path));
    let [images, labels] = [Holds::Images, Holds::Labels].map(|kind| {
        let of_kind = beside.iter();
        let of_kind = of_kind.filter(move |path| contents(path) == Some(kind));
        of_kind.collect::<Vec<_>>()
    });
    let own = subject(file);
    let mut named: Vec<&PathBuf> = labels.clone();
    named.retain(|path| subject(path) == own);
    if named.is_empty() && images.iter().all(|path| subject(path) == own) {
        let subjects: HashSet<String> = labels.iter().map(|path| subject(path)).collect();
        if subjects.len() == 1 {
            named = labels;
        }
    }
    let mut found: Option<(Vec<u8>, &PathBuf)> = None;
    for path in named {
        let labels = unpacked(path).and_then(|bytes| idx::labels(&bytes));
        let labels = labels.map_err(|error| error.of(path))?;
        let file = path.display().to_string();
        if labels.len() != count {
            return Err(DataError::LabelCount {
                file,
                labels: labels.len(),
                pictures: count,
            });
        }
        match &found {
            Some((first, other)) if *first != labels => {
                let other = other.display().to_string();
                return Err(DataError::OtherLabels { file, other });
            }
            _ => found = Some((labels, path)),
        }
    }
    Ok(found.map(|(labels, _)| labels))
}

/// What is left of an IDX file's name without what says its format and whether
/// it is of pictures or labels: `train` of `train-images.idx3-ubyte.gz`.
fn subject(file: &Path) -> String {
    let mut name = lower_name(file);
    for part in [
        ".gz", "idx1", "idx3", ".idx", "ubyte", "images", "image", "labels", "label",
    ] {
        name = name.replace(part, "");
    }
    name.retain(char::is_alphanumeric);
    name
}
