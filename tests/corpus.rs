//! The bytes that fuzzing kept, through the same code on any compiler.

#[path = "../fuzz/readers.rs"]
mod readers;

use std::fs;
use std::path::Path;

fn replay(target: &str, read: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut count = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        println!("{}", path.display());
        read(&fs::read(&path).unwrap());
        count += 1;
    }
    assert!(count > 2, "{} holds only {count}", folder.display());
}

#[test]
fn pictures() {
    replay("photo", readers::photo);
}

#[test]
fn perturbations() {
    replay("npy", readers::npy);
}

#[test]
fn weights() {
    replay("safetensors", readers::safetensors);
}

#[test]
fn pytorch_files() {
    replay("pytorch", readers::pytorch);
}

#[test]
fn idx_files() {
    replay("idx", readers::idx);
}

#[test]
fn tar_files() {
    replay("tar", readers::tar);
}

#[test]
fn networks_of_caffes() {
    replay("caffe", readers::caffe);
}

#[test]
fn networks_of_our_own() {
    replay("own_network", readers::own_network);
}

#[test]
fn onnx_files() {
    replay("onnx", readers::onnx);
}
