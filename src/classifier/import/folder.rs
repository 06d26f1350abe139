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
    let files: Vec<OnDisk> = companions(path)
        .into_iter()
        .map(|path| OnDisk {
            name: file_name(&path),
            path,
        })
        .collect();
    let files: Vec<&dyn Named> = files.iter().map(|file| file as &dyn Named).collect();
    files::read(&files)
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

/// The file, and what lies beside it that may belong to it: of ONNX's the
/// numbers in files of their own, of Caffe's the description of its name or
/// the only one, and the mean image.
fn companions(path: &Path) -> Vec<PathBuf> {
    let mut all = vec![path.to_owned()];
    let is_caffe = has_ending(path, &["caffemodel"]);
    if has_ending(path, &["pt", "pth"]) {
        // All is in the one file.
        return all;
    }
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => return all,
    };
    let beside: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|other| other.is_file() && other != path)
        .collect();
    if !is_caffe {
        // Whichever the network names; names of classes are asked for.
        const OTHERS: [&str; 7] = [
            "txt",
            "json",
            "onnx",
            "safetensors",
            "caffemodel",
            "pt",
            "pth",
        ];
        all.extend(beside.into_iter().filter(|it| !has_ending(it, &OTHERS)));
        return all;
    }
    for ending in ["prototxt", "binaryproto"] {
        let of_name = path.with_extension(ending);
        let mut others = beside
            .iter()
            .filter(|it| it.extension().is_some_and(|it| it == ending));
        if of_name.is_file() {
            all.push(of_name);
        } else if let (Some(only), None) = (others.next(), others.next()) {
            all.push(only.clone());
        }
    }
    all
}
