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
    let is_pytorch = path.extension().is_some_and(|ending| {
        ["pt", "pth", "bpk"]
            .iter()
            .any(|it| ending.eq_ignore_ascii_case(it))
    });
    if is_pytorch {
        return Ok(Found {
            imported: named::recognise(weights::tensors(path)?)?,
            format: "PyTorch",
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

/// The file, and what lies beside it that may belong to it: of ONNX's the
/// numbers in files of their own, of Caffe's the description of its name or
/// the only one, and the mean image.
fn companions(path: &Path) -> Vec<PathBuf> {
    let mut all = vec![path.to_owned()];
    let is_caffe = path
        .extension()
        .is_some_and(|it| it.eq_ignore_ascii_case("caffemodel"));
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
        let is_text = |it: &PathBuf| it.extension().is_some_and(|it| it == "txt" || it == "json");
        let is_network = |it: &PathBuf| {
            let ending = it.extension().map(|it| it.to_ascii_lowercase());
            ending.is_some_and(|it| {
                ["onnx", "safetensors", "caffemodel"]
                    .iter()
                    .any(|of| it == *of)
            })
        };
        all.extend(
            beside
                .into_iter()
                .filter(|it| !is_text(it) && !is_network(it)),
        );
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
