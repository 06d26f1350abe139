//! A network out of a file on a disk, with what lies beside it.

use super::files::{self, Found, Named};
use super::{ImportError, Source, named};
use crate::classifier::weights;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Reads the network in a file, in any format that is read here: our own, ONNX,
/// Caffe, and of networks that are known by name PyTorch, safetensors and
/// burnpack. Of the files beside it those are looked at that may belong to it:
/// numbers that ONNX keeps apart, Caffe's description and mean image.
///
/// # Errors
/// When it cannot be read, or gives no network: one sentence, which names what is
/// at fault.
pub fn read(path: &Path) -> Result<Found, ImportError> {
    if path.is_dir() {
        let name = file_name(path);
        return Err(ImportError::Nothing(format!(
            "{name} is a folder: name the file in it that holds the network"
        )));
    }
    if has_ending(path, &["bpk"]) {
        return Ok(Found {
            imported: named::recognise(weights::tensors(path)?)?,
            format: "burnpack",
            file: file_name(path),
            card: None,
        });
    }
    let on_disk = |path: PathBuf| OnDisk {
        name: file_name(&path),
        path,
    };
    let others: Vec<OnDisk> = companions(path).into_iter().map(on_disk).collect();
    let others: Vec<&dyn Named> = others.iter().map(|file| file as &dyn Named).collect();
    files::read_main(&on_disk(path.to_owned()), &others)
}

/// A file of a folder.
struct OnDisk {
    name: String,
    path: PathBuf,
}

impl Named for OnDisk {
    fn name(&self) -> &str {
        &self.name
    }

    fn open(&self) -> Result<Box<dyn Source>, ImportError> {
        match File::open(&self.path) {
            Ok(file) => Ok(Box::new(file)),
            Err(error) => Err(ImportError::Unreadable(error.to_string())),
        }
    }
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

fn has_ending(path: &Path, endings: &[&str]) -> bool {
    let ending = path.extension();
    ending.is_some_and(|it| endings.iter().any(|of| it.eq_ignore_ascii_case(of)))
}

/// What lies beside a file and may belong to it: of ONNX's whatever it names, of
/// Caffe's the description and the mean image of its name, or the only one beside
/// the only network.
fn companions(path: &Path) -> Vec<PathBuf> {
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return Vec::new(),
    };
    let beside: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|other| other.is_file() && file_name(other) != file_name(path))
        .collect();
    if !has_ending(path, &["caffemodel"]) {
        // Names of classes are asked for.
        let is_text = |it: &PathBuf| has_ending(it, &["txt", "json"]);
        return beside.into_iter().filter(|it| !is_text(it)).collect();
    }
    let is_only_network = !beside.iter().any(|it| has_ending(it, &["caffemodel"]));
    let of_ending = |ending| {
        let mut others = beside.iter().filter(|it| has_ending(it, &[ending]));
        let of_name = others.clone().find(|it| it.file_stem() == path.file_stem());
        of_name.or_else(|| match (others.next(), others.next()) {
            (only, None) if is_only_network => only,
            _ => None,
        })
    };
    let both = ["prototxt", "binaryproto"].into_iter();
    both.filter_map(of_ending).cloned().collect()
}
