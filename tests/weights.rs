//! Weights from the files that people have: PyTorch's, whole and damaged.

use foolscope::classifier::architecture::{Architecture, Convolution, Layer, Node};
use foolscope::classifier::catalogue;
use foolscope::classifier::weights::{self, Weights, WeightsError};
use std::path::{Path, PathBuf};

/// Made by `make_tiny_pth.py` beside it.
const TINY: &[u8] = include_bytes!("files/tiny.pth");

/// The architecture that `tiny.pth` has the weights of.
fn tiny() -> Architecture {
    let mut convolution = Convolution::new("conv", 1, 2, 1).batch_norm("bn", 1.0);
    convolution.kernel = [1, 2];
    Architecture {
        input: [1, 1, 2],
        mean: vec![0.0],
        std: vec![1.0],
        body: Node::Sequence(vec![convolution.into(), Layer::Relu.into()]),
    }
}

fn read(bytes: &[u8]) -> Result<Weights, WeightsError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.pth");
    std::fs::write(&path, bytes).unwrap();
    weights::read(&tiny(), &path)
}

fn refused(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().to_string()
}

/// The file with one run of bytes exchanged for another as long.
fn with(old: &[u8], new: &[u8]) -> Vec<u8> {
    assert_eq!(old.len(), new.len());
    let at = TINY
        .windows(old.len())
        .position(|bytes| bytes == old)
        .unwrap();
    let mut bytes = TINY.to_vec();
    bytes[at..at + new.len()].copy_from_slice(new);
    bytes
}

#[test]
fn a_pytorch_file_is_read_and_its_batch_norm_folded() {
    let weights = read(TINY).unwrap();
    // Scales of 2 / √(3 + 1) and 3 / √(8 + 1).
    let weight = weights.get("conv.weight", &[2, 1, 1, 2]).unwrap();
    assert_eq!(weight, [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(weights.get("conv.bias", &[2]).unwrap(), [9.5, 21.0]);
}

#[test]
fn damage_is_named() {
    let nan = with(&10f32.to_le_bytes(), &f32::NAN.to_le_bytes());
    assert_eq!(
        refused(&nan),
        "tensor bn.bias holds NaN: the file is damaged, or its training failed"
    );
    assert!(refused(b"these are no weights").contains("mine.pth cannot be read as a PyTorch file"));
    assert!(refused(b"").contains("mine.pth"));
    for length in [10, TINY.len() / 2, TINY.len() - 1] {
        assert!(read(&TINY[..length]).is_err(), "{length}");
    }
    let missing = weights::read(&tiny(), Path::new("/nowhere.pth")).unwrap_err();
    assert!(missing.to_string().contains("/nowhere.pth"), "{missing}");
}

#[test]
fn another_networks_tensors_are_named() {
    let renamed = with(b"bn.running_mean", b"bn.running_bean");
    assert!(refused(&renamed).contains("tensor bn.running_mean of shape [2] is missing"));
    let counter = with(b"bn.num_batches_tracked", b"bn.num_batches_counted");
    assert!(refused(&counter).contains("tensor bn.num_batches_counted has numbers of type I64"));
    let extra = with(b"bn.num_batches_tracked", b"an.num_batches_tracked");
    assert!(read(&extra).is_ok());

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiny.pth");
    std::fs::write(&path, TINY).unwrap();
    let other = weights::import("efficientnet-lite0", &path).unwrap_err();
    assert!(other.to_string().contains("another network"), "{other}");
    let unknown = weights::import("lenet-9000", &path).unwrap_err();
    assert!(
        unknown.to_string().contains("efficientnet-lite0"),
        "{unknown}"
    );
}

/// On the file that `npm start` fetches, where it was fetched.
#[test]
fn the_shipped_weights_are_imported_whole() {
    let fetched = "target/cut/efficientnet-lite0-57934424.pth";
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join(fetched);
    if !path.exists() {
        println!("skipped: the_shipped_weights_are_imported_whole (needs {fetched}: npm start)");
        return;
    }
    let entry = catalogue::find("efficientnet-lite0").unwrap();
    let architecture = (entry.architecture)();
    let full = weights::read(&architecture, &path).unwrap();
    // NumPy, in f64, from the same file, whose numbers lie in TensorFlow's
    // order: scale = bn / √(var + 0.001).
    let name = "_blocks.3._depthwise_conv";
    let weight = full
        .get(&format!("{name}.weight"), &[144, 1, 5, 5])
        .unwrap();
    let bias = full.get(&format!("{name}.bias"), &[144]).unwrap();
    for (found, expected) in [
        (weight[0], 0.012_585_62),
        (weight[777], -0.163_213_16),
        (bias[0], 2.542_536_7),
        (bias[143], 0.079_959_71),
    ] {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }

    let bytes = weights::import("efficientnet-lite0", &path).unwrap();
    let shipped = Weights::from_safetensors(&bytes).unwrap();
    shipped.check(&architecture).unwrap();
    for ((name, _, full), (_, _, half)) in full.iter().zip(shipped.iter()) {
        let rounded = full.iter().zip(half);
        let worst = rounded
            .map(|(a, b)| (a - b).abs() / a.abs().max(1e-4))
            .fold(0.0, f32::max);
        assert!(worst <= 1.0 / 2048.0 + 1e-6, "{name}: {worst}");
    }
    println!(
        "{} bytes for {} parameters",
        bytes.len(),
        architecture.parameters()
    );
}
