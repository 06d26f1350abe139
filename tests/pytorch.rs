//! Files that PyTorch itself saved, against what it says is in them, against
//! another reader of them, and damaged.

use foolscope::classifier::import::Bytes;
use foolscope::classifier::weights::Weights;
use proptest::prelude::*;
use proptest::sample::Index;
use pytorch_reader::{DType, PytorchReader};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Made by `make_pytorch.py` beside it.
fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/pytorch")
}

fn files() -> Vec<(String, Vec<u8>)> {
    let all = fs::read_dir(folder()).unwrap();
    let paths = all.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|it| it == "pth"))
        .map(|path| {
            let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
            (stem, fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    assert!(files.len() > 10, "{}", files.len());
    files
}

fn read(bytes: &[u8]) -> Result<Weights, String> {
    Weights::from_pytorch(&mut Bytes(bytes)).map_err(|error| error.to_string())
}

#[test]
fn every_tensor_is_as_pytorch_says() {
    let text = fs::read(folder().join("expected.json")).unwrap();
    let expected: BTreeMap<String, BTreeMap<String, Value>> =
        serde_json::from_slice(&text).unwrap();
    let files = files();
    assert_eq!(files.len(), expected.len());
    for (file, bytes) in files {
        let weights = read(&bytes).unwrap_or_else(|error| panic!("{file}: {error}"));
        let of_file = &expected[&file];
        let names: Vec<&str> = weights.iter().map(|(name, ..)| name).collect();
        assert_eq!(names, of_file.keys().collect::<Vec<_>>(), "{file}");
        for (name, shape, values) in weights.iter() {
            let tensor = &of_file[name];
            assert_eq!(serde_json::json!(shape), tensor["shape"], "{file}: {name}");
            let numbers = tensor["values"].as_array().unwrap().iter();
            let numbers: Vec<f32> = numbers.map(|it| it.as_f64().unwrap() as f32).collect();
            assert_eq!(values, numbers, "{file}: {name}");
        }
    }
}

/// What the other reader cannot read it says; the rest has to be the same.
#[test]
fn another_reader_finds_the_same() {
    let mut compared = 0;
    for (file, bytes) in files() {
        let Ok(other) = PytorchReader::new(folder().join(format!("{file}.pth"))) else {
            println!("{file}: not read by the other");
            continue;
        };
        let weights = read(&bytes).unwrap();
        for (name, tensor) in other.tensors() {
            if tensor.dtype() != DType::F32 {
                continue;
            }
            let shape = tensor.shape();
            let Ok(numbers) = tensor.read() else {
                println!("{file}: {name} is not read by the other");
                continue;
            };
            // It does not follow strides.
            let is_turned = file.starts_with("views");
            if is_turned && name != "whole" {
                continue;
            }
            let values = weights.get(name, shape).unwrap();
            let ours: Vec<u8> = values.iter().flat_map(|it| it.to_le_bytes()).collect();
            assert_eq!(ours, numbers, "{file}: {name}");
            compared += 1;
        }
    }
    assert!(compared > 30, "{compared}");
}

#[test]
fn every_cut_is_noticed() {
    for (file, bytes) in files() {
        for length in 0..bytes.len() {
            let error = read(&bytes[..length]);
            let error = error.expect_err(&format!("{file}, {length} of {} bytes", bytes.len()));
            assert!(
                error.contains("cannot be read as a PyTorch file"),
                "{error}"
            );
            assert!(!error.contains('\n') && error.len() < 1000, "{error}");
        }
    }
}

#[test]
fn a_wrong_byte_ends_in_weights_or_a_sentence() {
    for (file, bytes) in files() {
        for at in 0..bytes.len() {
            for change in [0x01, 0x5a] {
                let mut damaged = bytes.clone();
                damaged[at] ^= change;
                if let Err(error) = read(&damaged) {
                    let is_sentence = !error.contains('\n') && error.len() < 1000;
                    assert!(is_sentence, "{file} {at} {change}: {error}");
                }
            }
        }
    }
}

proptest! {
    /// Parts of one file in another.
    #[test]
    fn splices_end_in_weights_or_a_sentence(
        (into, from) in (any::<Index>(), any::<Index>()),
        (at, begin, end) in (any::<Index>(), any::<Index>(), any::<Index>()),
        replaces in any::<bool>(),
    ) {
        let files = files();
        let (mut into, from) = (into.get(&files).1.clone(), &from.get(&files).1);
        let (begin, end) = (begin.index(from.len()), end.index(from.len()));
        let part = &from[begin.min(end)..begin.max(end)];
        let at = at.index(into.len());
        let past = if replaces { (at + part.len()).min(into.len()) } else { at };
        into.splice(at..past, part.iter().copied());
        if let Err(error) = read(&into) {
            prop_assert!(!error.contains('\n') && error.len() < 1000, "{error}");
        }
    }
}
