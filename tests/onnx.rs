//! ONNX files: its own tests of each operator, and whole networks against
//! onnxruntime and PyTorch. What makes the files is in `tests/files`.

use foolscope::classifier::import::onnx::single::{self, Numbers, Part};
use foolscope::classifier::import::onnx::{self, OnnxError};
use foolscope::classifier::import::{self, ImportError, Imported};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

#[cfg(feature = "compute")]
#[path = "onnx/evaluate.rs"]
mod evaluate;
/// Without what computes, files are only read.
#[cfg(not(feature = "compute"))]
#[path = "onnx/read_only.rs"]
mod evaluate;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn floats(path: &Path) -> Option<Vec<f32>> {
    let bytes = fs::read(path).ok()?;
    let number = |bytes: &[u8]| f32::from_le_bytes(bytes.try_into().unwrap());
    Some(bytes.chunks_exact(4).map(number).collect())
}

fn read(path: &Path) -> Result<Imported, ImportError> {
    Ok(import::folder::read(path)?.imported)
}

/// Names of the files of an ending in a folder, without it.
fn names(folder: &Path, ending: &str) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let name = |entry: std::io::Result<fs::DirEntry>| {
        let name = entry.ok()?.file_name().into_string().ok()?;
        Some(name.strip_suffix(ending)?.to_owned())
    };
    let mut names: Vec<String> = entries.filter_map(name).collect();
    names.sort();
    names
}

/// The largest difference, relative to the largest number that is expected.
fn apart(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0f32, |most, x| most.max(x.abs()));
    let pairs = found.iter().zip(expected);
    pairs.fold(0.0f32, |most, (a, b)| {
        let apart = (a - b).abs();
        if apart.is_nan() {
            f32::INFINITY
        } else {
            most.max(apart)
        }
    }) / largest.max(f32::MIN_POSITIVE)
}

/// Reads each network of a folder; where there is what computes, its logits and
/// three gradients are those of onnxruntime and PyTorch.
fn networks(folder: &Path) -> Vec<String> {
    let names = names(folder, ".input.f32");
    let mut wrong = Vec::new();
    for name in &names {
        let started = std::time::Instant::now();
        let imported = match read(&folder.join(format!("{name}.onnx"))) {
            Ok(imported) => imported,
            Err(error) => {
                println!("{name}: {error}");
                wrong.push(name.clone());
                continue;
            }
        };
        let architecture = &imported.architecture;
        println!(
            "{name}: {} layers, {} parameters, {} multiply-adds, read in {:.2} s {:?}",
            architecture.layers.len(),
            architecture.parameters(),
            architecture.multiply_adds().unwrap(),
            started.elapsed().as_secs_f64(),
            imported.notes,
        );
        let part = |kind: &str| floats(&folder.join(format!("{name}.{kind}.f32")));
        let (Some(input), Some(logits)) = (part("input"), part("logits")) else {
            println!("{name}: without the answer that is expected");
            wrong.push(name.clone());
            continue;
        };
        let Some(found) = evaluate::logits(&imported, &input) else {
            continue;
        };
        let off = apart(&found, &logits);
        println!("{name}: logits within {off:.1e} of onnxruntime");
        let gradients = part("gradients").unwrap();
        let each = input.len();
        let mut order: Vec<usize> = (0..logits.len()).collect();
        order.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]));
        let found = evaluate::gradients(&imported, &input, &order[..gradients.len() / each]);
        let rows = found.chunks_exact(each).zip(gradients.chunks_exact(each));
        let worst = rows.map(|(a, b)| apart(a, b)).fold(0.0, f32::max);
        // Where rounding alone changes PyTorch's gradients, it may change ours.
        let corners = part("corners").unwrap()[0];
        println!(
            "{name}: gradients within {worst:.1e} of PyTorch, whose own change by {corners:.1e} \
             when rounding moves the picture"
        );
        if off > 1e-4 || worst > f32::max(1e-3, 2.0 * corners) {
            wrong.push(name.clone());
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    names
}

#[test]
fn small_networks_are_what_their_maker_says() {
    let found = networks(&root().join("tests/files/onnx"));
    assert_eq!(found, ["tiny-cnn", "tiny-vit"]);
}

#[test]
fn large_networks_are_what_their_maker_says() {
    let folder = root().join("target/onnx-networks");
    if networks(&folder).is_empty() {
        println!(
            "skipped: large_networks_are_what_their_maker_says (python tests/files/make_onnx.py \
             target/onnx-networks large makes them, where PyTorch is)"
        );
    }
}

/// Networks whose weights are all alike, with the answer that ONNX's package has.
#[test]
fn light_networks_answer_as_their_package_says() {
    let folder = root().join("target/onnx-nodes/light");
    let names = names(&folder, ".onnx");
    if names.is_empty() {
        println!(
            "skipped: light_networks_answer_as_their_package_says \
             (python tests/files/fetch_onnx_nodes.py target/onnx-nodes fetches them)"
        );
        return;
    }
    for name in &names {
        let imported = read(&folder.join(format!("{name}.onnx"))).unwrap_or_else(|error| {
            panic!("{name}: {error}");
        });
        println!("{name}: {:?}", imported.notes);
        let count: usize = imported.architecture.input.iter().product();
        let input: Vec<f32> = (0..count).map(|at| at as f32 / count as f32).collect();
        let Some(mut found) = evaluate::logits(&imported, &input) else {
            continue;
        };
        if imported.notes.iter().any(|note| note.contains("softmax")) {
            let most = found.iter().copied().fold(f32::MIN, f32::max);
            found.iter_mut().for_each(|x| *x = (*x - most).exp());
            let sum: f32 = found.iter().sum();
            found.iter_mut().for_each(|x| *x /= sum);
        }
        let bytes = fs::read(folder.join(format!("{name}_output_0.pb"))).unwrap();
        let expected = single::tensor(&bytes).unwrap();
        assert!(close(&found, &expected.values), "{name}: {:?}", &found[..4]);
    }
}

/// ONNX's own tolerances.
fn close(found: &[f32], expected: &[f32]) -> bool {
    let near = |(a, b): (&f32, &f32)| {
        a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-7 + 1e-3 * b.abs()
    };
    found.len() == expected.len() && found.iter().zip(expected).all(near)
}

/// What became of a test of ONNX's.
enum Outcome {
    Passed,
    /// Read, but there is nothing here that computes.
    Read,
    /// Not in the vocabulary, and why.
    Outside(String),
    Failed(String),
}

fn tensors(folder: &Path, kind: &str) -> Result<Vec<Numbers>, String> {
    let mut all = Vec::new();
    loop {
        let path = folder.join(format!("test_data_set_0/{kind}_{}.pb", all.len()));
        let Ok(bytes) = fs::read(path) else {
            return Ok(all);
        };
        all.push(single::tensor(&bytes).map_err(|error| error.to_string())?);
    }
}

fn node_test(folder: &Path) -> Outcome {
    let path = folder.join("model.onnx");
    let open = || File::open(&path).unwrap();
    let (Ok(inputs), Ok(outputs)) = (tensors(folder, "input"), tensors(folder, "output")) else {
        return Outcome::Outside("its tensors are not of numbers".into());
    };
    let Ok((named, made)) = single::ends(&mut open()) else {
        return Outcome::Failed("its model cannot be read".into());
    };
    if named.len() != inputs.len() || outputs.is_empty() {
        return Outcome::Outside("its inputs are not tensors".into());
    }
    // Of numbers that numpy lacks, these files have the bits.
    let ends = named.iter().zip(&inputs).chain(made.iter().zip(&outputs));
    if ends
        .into_iter()
        .any(|((_, floats), found)| *floats != found.are_floats())
    {
        return Outcome::Outside("its tensors have the bits of numbers".into());
    }
    // The first input of floats is the picture, else everything is fixed; where
    // that is refused, the other way round, and for a batch of one at a time.
    let picture = inputs.iter().position(|input| input.are_floats());
    let mut why = String::new();
    for (picture, split) in [(picture, false), (picture, true), (None, false)] {
        let fixed = named.iter().zip(&inputs).enumerate();
        let fixed: Vec<(String, Numbers)> = fixed
            .filter(|(index, _)| Some(*index) != picture)
            .map(|(_, ((name, _), input))| (name.clone(), input.clone()))
            .collect();
        let part = single::read(&mut open(), &mut |_| None, &fixed, split);
        let reason = match part {
            Ok(part) => return judge(&part, picture.map(|at| &inputs[at]), &outputs[0], split),
            Err(ImportError::Onnx(OnnxError::Damaged(what))) => {
                return Outcome::Failed(format!("said to be damaged: {what}"));
            }
            Err(error) => error.to_string(),
        };
        if why.is_empty() {
            why = reason;
        }
    }
    Outcome::Outside(why)
}

fn judge(part: &Part, input: Option<&Numbers>, expected: &Numbers, split: bool) -> Outcome {
    let (dims, found) = match part {
        Part::Constant(dims, values) => (dims.clone(), values.clone()),
        Part::Network(imported, dims) => {
            let count: usize = imported.architecture.input.iter().product();
            // Layers of fixed tensors alone still want a picture.
            let input = input.map_or(vec![0.0; count], |input| input.values.clone());
            let mut found = Vec::new();
            for picture in input.chunks(count) {
                match evaluate::logits(imported, picture) {
                    Some(values) => found.extend(values),
                    None => return Outcome::Read,
                }
            }
            let mut dims = dims.clone();
            if split {
                dims[0] *= input.len() / count;
            }
            (dims, found)
        }
    };
    if dims != expected.dims {
        return Outcome::Failed(format!("makes {dims:?}, not {:?}", expected.dims));
    }
    if !close(&found, &expected.values) {
        let pairs = found.iter().zip(&expected.values);
        let pairs: Vec<_> = pairs.take(6).collect();
        return Outcome::Failed(format!("makes other numbers: {pairs:?}"));
    }
    Outcome::Passed
}

#[test]
fn operators_do_what_onnx_says() {
    let folder = root().join("target/onnx-nodes/node");
    let tests = names(&folder, "");
    if tests.is_empty() {
        println!(
            "skipped: operators_do_what_onnx_says \
             (python tests/files/fetch_onnx_nodes.py target/onnx-nodes fetches them)"
        );
        return;
    }
    let (mut passed, mut read, mut failed) = (0, 0, Vec::new());
    let mut outside: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for name in &tests {
        match node_test(&folder.join(name)) {
            Outcome::Passed => passed += 1,
            Outcome::Read => read += 1,
            Outcome::Outside(why) => {
                let list = outside.entry(why).or_default();
                list.push(name.trim_start_matches("test_").to_owned());
            }
            Outcome::Failed(why) => failed.push(format!("{name}: {why}")),
        }
    }
    let mut without = 0;
    for (why, names) in &outside {
        println!("{why}: {}", names.join(", "));
        without += names.len();
    }
    println!(
        "{} tests: {passed} pass, {read} only read, {without} outside of the vocabulary, {} fail",
        tests.len(),
        failed.len()
    );
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// The path of a committed file.
fn committed(name: &str) -> PathBuf {
    root().join("tests/files/onnx").join(name)
}

#[test]
fn damage_anywhere_is_one_sentence() {
    let whole = fs::read(committed("tiny-cnn.onnx")).unwrap();
    let try_it = |bytes: &[u8]| {
        let mut source = import::Bytes(bytes);
        if let Err(error) = onnx::read(&mut source, &mut |_| None, &onnx::Options::default()) {
            let text = error.to_string();
            assert!(
                !text.is_empty() && text.len() < 1000 && !text.contains('\n'),
                "{text}"
            );
            return true;
        }
        false
    };
    assert!(!try_it(&whole));
    for end in 0..whole.len() {
        assert!(try_it(&whole[..end]), "cut after {end} bytes");
    }
    let mut bytes = whole.clone();
    for at in 0..whole.len() {
        for bit in [1, 16, 128] {
            bytes[at] ^= bit;
            try_it(&bytes);
            bytes[at] ^= bit;
        }
    }
}
