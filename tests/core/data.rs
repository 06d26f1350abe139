//! Data that a checkout may or may not have beside it.

use std::fs;
use std::path::{Path, PathBuf};

use foolscope::classifier::catalogue::{self, Entry};
use foolscope::classifier::weights::{self, Weights};
use foolscope::photo;

use crate::shared;

/// EfficientNet-Lite0 with the weights as published, in f32.
pub fn lite0_f32(test: &str) -> Option<(&'static Entry, Weights)> {
    published(test, "efficientnet-lite0", "57934424")
}

/// EfficientNet-Lite0 with the 16-bit weights that the page has.
pub fn lite0_shipped(test: &str) -> Option<(&'static Entry, Weights)> {
    shipped(test, "efficientnet-lite0")
}

/// A network with the weights as published, in f32; the hash is in their file's
/// name.
pub fn published(test: &str, id: &str, hash: &str) -> Option<(&'static Entry, Weights)> {
    let entry = catalogue::find(id).unwrap();
    let path = present(test, in_checkout(&format!("target/cut/{id}-{hash}.pth")))?;
    let weights = weights::read(&entry.architecture(), &path).unwrap().weights;
    Some((entry, weights))
}

/// A network with the 16-bit weights that the page has.
pub fn shipped(test: &str, id: &str) -> Option<(&'static Entry, Weights)> {
    let entry = catalogue::find(id).unwrap();
    let path = in_checkout("www/assets/models").join(entry.weight_file.unwrap());
    let path = present(test, path)?;
    let weights = Weights::from_safetensors(&fs::read(path).unwrap()).unwrap();
    Some((entry, weights))
}

/// A photograph as the reference saw it, planar in [0, 1].
pub fn reference_crop(path: &Path, side: usize) -> Vec<f32> {
    let square = shared::reference_crop(&photo::open(path).unwrap(), side);
    square.to_photo(3).unwrap().into_values()
}

pub fn in_checkout(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn present(test: &str, path: PathBuf) -> Option<PathBuf> {
    if path.exists() {
        return Some(path);
    }
    println!(
        "skipped: {test} (needs {}, which `npm start` makes)",
        path.display()
    );
    None
}
