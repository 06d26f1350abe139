//! Weights from the files that people have: PyTorch's, whole and damaged.

#[cfg(feature = "compute")]
use foolscope::classifier::architecture::Layer;
use foolscope::classifier::architecture::{Activation, Architecture, Convolution};
use foolscope::classifier::catalogue;
use foolscope::classifier::weights::{self, Fitted, Weights, WeightsError};
use half::{bf16, f16};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Made by `make_tiny_pth.py` beside it.
const TINY: &[u8] = include_bytes!("files/tiny.pth");

/// The architecture that `tiny.pth` has the weights of.
fn tiny() -> Architecture {
    let mut convolution = Convolution::new("conv", 1, 2, 1).batch_norm("bn", 1.0);
    convolution.kernel = [1, 2];
    Architecture::sequence([1, 1, 2], vec![convolution.into(), Activation::Relu.into()])
}

fn read_as(name: &str, bytes: &[u8]) -> Result<Fitted, WeightsError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    weights::read(&tiny(), &path)
}

fn read(bytes: &[u8]) -> Result<Fitted, WeightsError> {
    read_as("mine.pth", bytes)
}

/// What follows the file's name.
fn refused(bytes: &[u8]) -> String {
    let error = read(bytes).unwrap_err().to_string();
    let (file, reason) = error.split_once(": ").unwrap();
    assert!(file.ends_with("mine.pth"), "{error}");
    reason.to_owned()
}

/// The folded weights of the tiny network.
fn assert_tiny(weights: &Weights, case: &str) {
    // Scales of 2 / √(3 + 1) and 3 / √(8 + 1).
    let weight = weights.get("conv.weight", &[2, 1, 1, 2]).unwrap();
    assert_eq!(weight, [1.0, 2.0, 3.0, 4.0], "{case}");
    let bias = weights.get("conv.bias", &[2]).unwrap();
    assert_eq!(bias, [9.5, 21.0], "{case}");
    assert_eq!(weights.iter().count(), 2, "{case}");
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
    let found = read(TINY).unwrap();
    assert_tiny(&found.weights, "tiny.pth");
    assert_eq!(found.passed_over, ["bn.num_batches_tracked"]);
}

#[test]
fn checkpoints_of_training_scripts_are_read() {
    let checkpoint = read(include_bytes!("files/tiny-checkpoint.pth")).unwrap();
    assert_tiny(&checkpoint.weights, "checkpoint");
    assert_eq!(
        checkpoint.passed_over,
        ["optimizer.state.0.exp_avg", "bn.num_batches_tracked"]
    );
    assert_eq!(
        checkpoint.note().unwrap(),
        "2 tensors that no layer asks for are passed over: optimizer.state.0.exp_avg, …"
    );
    let model = read(include_bytes!("files/tiny-model.pth")).unwrap();
    assert_tiny(&model.weights, "bfloat16 under `model`");
    assert_eq!(
        refused(include_bytes!("files/tiny-twice.pth")),
        "it holds these weights twice, under ema and under model: keep one of them"
    );
}

/// The tiny network's tensors, batch norm not folded.
const TENSORS: [(&str, &[usize], &[f32]); 5] = [
    ("conv.weight", &[2, 1, 1, 2], &[1.0, 2.0, 3.0, 4.0]),
    ("bn.weight", &[2], &[2.0, 3.0]),
    ("bn.bias", &[2], &[10.0, 20.0]),
    ("bn.running_mean", &[2], &[0.5, -1.0]),
    ("bn.running_var", &[2], &[3.0, 8.0]),
];

/// A safetensors file of tensors with their types, shapes and bytes.
fn safetensors(tensors: &[(String, Dtype, &[usize], Vec<u8>)]) -> Vec<u8> {
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        (
            name,
            TensorView::new(*dtype, shape.to_vec(), bytes).unwrap(),
        )
    });
    safetensors::serialize(views, None).unwrap()
}

fn bytes(dtype: Dtype, values: &[f32]) -> Vec<u8> {
    let one = |value: f32| match dtype {
        Dtype::F64 => f64::from(value).to_le_bytes().to_vec(),
        Dtype::F32 => value.to_le_bytes().to_vec(),
        Dtype::F16 => f16::from_f32(value).to_le_bytes().to_vec(),
        Dtype::BF16 => bf16::from_f32(value).to_le_bytes().to_vec(),
        _ => panic!("{dtype:?}"),
    };
    values.iter().copied().flat_map(one).collect()
}

fn tiny_safetensors(dtype: Dtype, prefix: &str) -> Vec<u8> {
    let tensors = TENSORS.map(|(name, shape, values)| {
        (
            format!("{prefix}{name}"),
            dtype,
            shape,
            bytes(dtype, values),
        )
    });
    let mut tensors = tensors.to_vec();
    // As PyTorch counts the batches.
    let counter = format!("{prefix}bn.num_batches_tracked");
    tensors.push((counter, Dtype::I64, &[], vec![5, 0, 0, 0, 0, 0, 0, 0]));
    safetensors(&tensors)
}

#[test]
fn every_kind_of_float_is_read_under_any_prefix() {
    for dtype in [Dtype::F64, Dtype::F32, Dtype::F16, Dtype::BF16] {
        for prefix in [
            "",
            "module.",
            "model.",
            "state_dict.",
            "model_state_dict.",
            "state_dict.module.",
            "model.module.",
            "_orig_mod.",
            "network.net.0.",
        ] {
            let case = format!("{dtype:?} {prefix}");
            // Told by its content, whatever it is called.
            for name in ["a.safetensors", "a.SAFETENSORS", "a.bin"] {
                let found = read_as(name, &tiny_safetensors(dtype, prefix)).unwrap();
                assert_tiny(&found.weights, &case);
                assert_eq!(found.passed_over, ["bn.num_batches_tracked"], "{case}");
            }
        }
    }
    // The page reads bytes.
    let bytes = tiny_safetensors(Dtype::BF16, "module.");
    let found = Weights::from_safetensors(&bytes).unwrap().fit(&tiny());
    assert_tiny(&found.unwrap().weights, "bytes");
}

#[test]
fn folded_weights_stay_as_they_are() {
    let folded = read(TINY).unwrap().weights;
    let bytes = folded.to_safetensors_f32(&[]).unwrap();
    let again = read_as("folded.safetensors", &bytes).unwrap();
    assert_eq!(again.weights, folded);
    assert_eq!(again.note(), None);
}

#[test]
fn counters_and_extras_are_passed_over_but_nothing_that_is_missing() {
    let own = TENSORS.map(|(name, shape, values)| {
        (
            name.to_owned(),
            Dtype::F32,
            shape,
            bytes(Dtype::F32, values),
        )
    });
    let refused = |tensors: &[(String, Dtype, &[usize], Vec<u8>)]| {
        let error = read_as("a.safetensors", &safetensors(tensors)).unwrap_err();
        error.to_string()
    };
    let more = |name: &str, dtype, bytes: Vec<u8>| {
        let extra: (String, Dtype, &[usize], Vec<u8>) = (name.to_owned(), dtype, &[1], bytes);
        [&own[..], &[extra]].concat()
    };
    for (dtype, size) in [
        (Dtype::I64, 8),
        (Dtype::U8, 1),
        (Dtype::BOOL, 1),
        (Dtype::I32, 4),
        (Dtype::F32, 4),
    ] {
        let bytes = safetensors(&more("elsewhere.steps", dtype, vec![1; size]));
        let found = read_as("a.safetensors", &bytes).unwrap();
        assert_tiny(&found.weights, "extras");
        assert_eq!(
            found.note().unwrap(),
            "one tensor that no layer asks for is passed over: elsewhere.steps"
        );
    }
    for at in 0..own.len() {
        let mut fewer = own.to_vec();
        let (name, ..) = fewer.remove(at);
        let error = refused(&fewer);
        assert!(
            error.contains(&format!("tensor {name} of shape")),
            "{error}"
        );
        let mut whole = own.to_vec();
        whole[at] = (name.clone(), Dtype::I32, whole[at].2, whole[at].3.clone());
        let error = refused(&whole);
        let named = format!("tensor {name} has numbers of type I32, but floats are read");
        assert!(error.contains(&named), "{error}");
        let mut nan = own.to_vec();
        nan[at].3[..4].copy_from_slice(&f32::NAN.to_le_bytes());
        let error = refused(&nan);
        assert!(
            error.contains(&format!("tensor {name} holds NaN")),
            "{error}"
        );
    }
    // A double that no f32 holds.
    let mut large = own.to_vec();
    large[0] = (
        "conv.weight".to_owned(),
        Dtype::F64,
        own[0].2,
        [1e300f64, 1.0, 1.0, 1.0].map(f64::to_le_bytes).concat(),
    );
    assert!(refused(&large).contains("tensor conv.weight holds inf"));
    // A batch norm that is not folded changes every answer.
    let another = more("other.running_var", Dtype::F32, vec![0; 4]);
    let error = refused(&another);
    assert!(
        error.contains("tensor other.running_var is not part of this network"),
        "{error}"
    );
}

#[cfg(feature = "compute")]
#[test]
fn a_burnpack_file_is_read() {
    use burn_pack::{Bytes, DType, Tensor, Writer};
    let tensor = |name: &str, shape: &[usize], values: &[f32]| {
        let bytes = Bytes::from_bytes_vec(bytes(Dtype::F32, values));
        Tensor::new(name.to_owned(), DType::F32, shape.to_vec(), None, bytes)
    };
    let tensors = TENSORS.map(|(name, shape, values)| {
        let name = match name {
            "bn.weight" => "bn.gamma",
            "bn.bias" => "bn.beta",
            name => name,
        };
        tensor(name, shape, values)
    });
    let packed = Writer::new(tensors.to_vec()).into_bytes().unwrap();
    let found = read_as("mine.bpk", &packed).unwrap();
    assert_tiny(&found.weights, "burnpack");
    let cut = read_as("mine.bpk", &packed[..packed.len() - 100]).unwrap_err();
    assert!(
        cut.to_string()
            .contains("mine.bpk: this is not a whole burnpack"),
        "{cut}"
    );

    for at in 0..packed.len().min(600) {
        let mut damaged = packed.to_vec();
        damaged[at] ^= 0x5a;
        if let Err(error) = read_as("mine.bpk", &damaged) {
            let error = error.to_string();
            assert!(!error.contains('\n') && error.len() < 1000, "{error}");
        }
    }

    // burn has a linear layer's weights input by output.
    let linear = Architecture::sequence([1, 1, 3], vec![Layer::Flatten, Layer::linear("fc", 3, 2)]);
    let tensors = vec![
        tensor("fc.weight", &[3, 2], &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]),
        tensor("fc.bias", &[2], &[7.0, 8.0]),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("linear.bpk");
    std::fs::write(&path, &*Writer::new(tensors).into_bytes().unwrap()).unwrap();
    let found = weights::read(&linear, &path).unwrap().weights;
    let weight = found.get("fc.weight", &[2, 3]).unwrap();
    assert_eq!(weight, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
}

#[test]
fn files_of_other_kinds_are_named() {
    for (bytes, part) in [
        (&b""[..], "an empty file"),
        (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid",
            "to replace with git lfs pull, and holds no weights",
        ),
        (b"<!DOCTYPE html><html>", "a web page"),
        (
            b"\x08\x07\x12\x07pytorch",
            "an ONNX file, which holds a whole network with its layers",
        ),
        (b"\x93NUMPY\x01\0", "an array of NumPy's"),
        (b"\x1f\x8b\x08\0", "a packed file, to unpack first,"),
        (b"GGUF\x03\0\0\0", "a GGUF file"),
        (
            b"\xff\xd8\xff\xe0",
            "this is a JPEG picture and holds no weights",
        ),
        (b"PK\x03\x04", "cannot be read as a PyTorch file"),
        (b"these are no weights", "cannot be read as a PyTorch file"),
    ] {
        let sentence = refused(bytes);
        assert!(sentence.contains(part), "{sentence}");
    }
    // PyTorch's, under the name of another kind.
    let found = read_as("mine.safetensors", TINY).unwrap();
    assert_tiny(&found.weights, "a PyTorch file called .safetensors");
    let none = read_as("none.safetensors", b"none")
        .unwrap_err()
        .to_string();
    assert!(none.contains("not a whole safetensors file"), "{none}");
}

#[test]
fn damage_is_named() {
    let nan = with(&10f32.to_le_bytes(), &f32::NAN.to_le_bytes());
    assert_eq!(
        refused(&nan),
        "tensor bn.bias holds NaN: the file is damaged, or its training failed"
    );
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
    assert!(read(&counter).is_ok());
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

/// A byte changed here or there, or the end cut off: weights, or a sentence.
#[test]
fn no_damage_ends_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("damaged");
    for whole in [TINY, include_bytes!("files/tiny-checkpoint.pth")] {
        for at in (0..whole.len()).step_by(7) {
            let mut damaged = whole.to_vec();
            damaged[at] ^= 0x5a;
            for bytes in [&damaged[..], &whole[..at]] {
                std::fs::write(&path, bytes).unwrap();
                if let Err(error) = weights::read(&tiny(), &path) {
                    let error = error.to_string();
                    assert!(!error.contains('\n') && error.len() < 1000, "{error}");
                }
            }
        }
    }
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
    let architecture = entry.architecture();
    let full = weights::read(&architecture, &path).unwrap().weights;
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

#[test]
fn what_a_pickle_calls_is_not_called() {
    for file in [
        include_bytes!("files/calls.pth").as_slice(),
        include_bytes!("files/calls-legacy.pth"),
    ] {
        assert!(file.windows(8).any(|bytes| bytes == b"a-pickle"));
        match read(file) {
            Ok(found) => assert_tiny(&found.weights, "beside a call"),
            Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
        }
        assert!(!Path::new("a-pickle-was-run").exists());
    }
}

/// A file of PyTorch's with one of its parts exchanged, and that part packed.
fn with_part(file: &[u8], ending: &str, part: &[u8]) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(file)).unwrap();
    let mut bomb = ZipWriter::new(Cursor::new(Vec::new()));
    let mut exchanged = 0;
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().unwrap().to_string();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        let is_it = name.ends_with(ending);
        exchanged += usize::from(is_it);
        let method = match is_it {
            true => CompressionMethod::Deflated,
            false => CompressionMethod::Stored,
        };
        let options = SimpleFileOptions::default().compression_method(method);
        bomb.start_file(name, options).unwrap();
        bomb.write_all(if is_it { part } else { &bytes }).unwrap();
    }
    assert_eq!(exchanged, 1, "{ending}");
    bomb.finish().unwrap().into_inner()
}

#[test]
fn a_small_file_that_unpacks_to_a_huge_one_is_refused_or_read_in_part() {
    let whole = include_bytes!("files/tiny-checkpoint.pth");
    let zeros = vec![0; 200 << 20];
    // What describes the tensors is never so large.
    let bomb = with_part(whole, "data.pkl", &zeros);
    assert!(bomb.len() < 1 << 20);
    let error = refused(&bomb);
    assert!(!error.contains('\n') && error.len() < 1000, "{error}");
    // Of numbers only those are unpacked that a tensor has.
    let bomb = with_part(whole, "data/0", &zeros);
    assert!(bomb.len() < 1 << 20);
    match read(&bomb) {
        Ok(found) => assert_eq!(found.weights.iter().count(), 2),
        Err(error) => assert!(!error.to_string().contains('\n'), "{error}"),
    }
}
