//! The command line as a person meets it: what it prints, and how it ends.

#![cfg(feature = "compute")]

use foolscope::classifier::catalogue;
use foolscope::classifier::weights::Weights;
use foolscope::npy;
use foolscope::photo;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// A folder with LeNet's weights, drawn by a formula, and six pictures.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let lenet = catalogue::find("lenet-mnist").unwrap();
    let mut weights = Weights::new();
    for weight in (lenet.architecture)().weights() {
        let count: usize = weight.shape.iter().product();
        let inputs = (count / weight.shape[0]) as f32;
        // Spread over ±1, scaled so that a layer keeps its input's size.
        let value = |i: usize| ((i * 7919 + 13) % 2003) as f32 / 1001.5 - 1.0;
        let values = (0..count)
            .map(|i| value(i) * (3.0 / inputs).sqrt())
            .collect();
        weights.insert(&weight.name, &weight.shape, values).unwrap();
    }
    let bytes = weights.to_safetensors_f16(&[]).unwrap();
    fs::write(folder.path().join("lenet.safetensors"), bytes).unwrap();
    fs::create_dir(folder.path().join("pictures")).unwrap();
    for n in 0..6u32 {
        let pixel = |i: u32| [((i % 28) * (n + 3) * 5 + i / 28 * (n + 1)) as u8; 3];
        let rgba: Vec<u8> = (0..28 * 28)
            .flat_map(|i| [pixel(i).as_slice(), &[255]].concat())
            .collect();
        let name = format!("pictures/{n:04}_n{n:08}.png");
        photo::save_png(folder.path().join(name), &rgba, 28, 28).unwrap();
    }
    folder
}

fn lab(folder: &Path, arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_lab"))
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .unwrap()
}

const LENET: &str = "--network lenet-mnist --weights lenet.safetensors";

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The one line that a command which fails says.
fn refused(folder: &Path, arguments: &str) -> String {
    let output = lab(folder, arguments);
    let error = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(1), "{arguments}: {error}");
    assert!(
        error.starts_with("lab: ") && error.lines().count() == 1,
        "{error}"
    );
    error
}

#[test]
fn help_is_a_manual() {
    let folder = tempfile::tempdir().unwrap();
    let help = out(&lab(folder.path(), "--help"));
    for part in ["Examples:", "Exit codes:", "lab deepfool photo.jpg"] {
        assert!(help.contains(part), "{help}");
    }
    let commands = [
        "import",
        "classify",
        "deepfool",
        "universal",
        "diversity",
        "devices",
    ];
    for command in commands {
        let help = out(&lab(folder.path(), &format!("{command} --help")));
        assert!(help.contains(&format!("Example: lab {command}")), "{help}");
    }
    let output = lab(folder.path(), "clasify photo.jpg");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn pictures_are_classified() {
    let folder = folder();
    let table = lab(folder.path(), &format!("classify pictures {LENET}"));
    assert_eq!(table.status.code(), Some(0));
    let text = out(&table);
    assert!(text.contains("0003_n00000003.png"), "{text}");
    assert!(text.contains("6 pictures in"), "{text}");
    assert!(text.contains("of 6 whose class their name tells"), "{text}");

    let json = lab(
        folder.path(),
        &format!("classify pictures/000[12]*.png {LENET} --json"),
    );
    let report: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(report["network"], "lenet-mnist");
    assert_eq!(report["pictures"], 2);
    assert_eq!(report["answers"][1]["truth"], 2);
    assert_eq!(report["answers"][1]["top"].as_array().unwrap().len(), 5);
    assert!(
        report["command"]
            .as_str()
            .unwrap()
            .starts_with("lab classify 'pictures/")
    );
}

#[test]
fn deepfool_fools_and_saves() {
    let folder = folder();
    let output = lab(
        folder.path(),
        &format!("deepfool pictures {LENET} --save fooled --json"),
    );
    assert_eq!(output.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let pictures = report["pictures"].as_array().unwrap();
    let changed = |p: &&Value| p["cleanLabel"] != p["adversarialLabel"];
    let changed = pictures.iter().filter(changed).count();
    assert_eq!(
        (pictures.len(), &report["robustness"]["fooled"]),
        (6, &changed.into())
    );
    assert_eq!(report["options"]["candidates"], 10);
    let fooled = &report["pictures"][0];
    assert_ne!(fooled["cleanLabel"], fooled["adversarialLabel"]);

    // What was saved has the norm that was reported.
    let stem = folder.path().join("fooled/0000_n00000000");
    let v = npy::from_bytes(&fs::read(stem.with_extension("npy")).unwrap(), [1, 28, 28]).unwrap();
    let l2 = v.values().iter().map(|v| v * v).sum::<f32>().sqrt() * 255.0;
    let reported = fooled["l2"].as_f64().unwrap() as f32;
    assert!((l2 - reported).abs() < 1e-3 * reported, "{l2} {reported}");
    for ending in ["-noise.png", "-fooled.png"] {
        let file = format!("{}{ending}", stem.display());
        assert_eq!(photo::open(file).unwrap().width(), 28);
    }

    let few = refused(
        folder.path(),
        &format!("deepfool pictures {LENET} --candidates 1"),
    );
    assert!(few.contains("at least 2"), "{few}");
}

#[test]
fn a_universal_perturbation_is_written_with_its_story_and_used() {
    let folder = folder();
    for (method, norm, radius) in [("stochastic", "linf", 60.0), ("original", "l2", 900.0)] {
        let arguments = format!(
            "universal pictures {LENET} --hold-out 2 --method {method} --norm {norm} \
             --radius {radius} --passes 2 --seed 5 --out made/v.npy"
        );
        let output = lab(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let made = folder.path().join("made/v.npy");
        let first = fs::read(&made).unwrap();
        let v = npy::from_bytes(&first, [1, 28, 28]).unwrap();
        let squares: f32 = v.values().iter().map(|v| v * v).sum();
        let largest = v
            .values()
            .iter()
            .fold(0f32, |largest, v| largest.max(v.abs()));
        let size = if norm == "l2" {
            squares.sqrt()
        } else {
            largest
        };
        assert!(
            size > 0.0 && size * 255.0 <= radius * (1.0 + 1e-5),
            "{size}"
        );

        let report = fs::read(made.with_extension("json")).unwrap();
        let report: Value = serde_json::from_slice(&report).unwrap();
        assert_eq!(report["id"], "v");
        assert_eq!(report["file"], "v.npy");
        assert_eq!(report["norm"], norm);
        assert_eq!(report["radius"], radius);
        assert_eq!(report["pictures"]["own"], 4);
        assert_eq!(report["pictures"]["others"], 2);
        assert!(report["foolingRate"]["others"].is_number());
        assert!(photo::open(made.with_extension("png")).is_ok());

        // The same seed gives the same perturbation.
        assert_eq!(lab(folder.path(), &arguments).status.code(), Some(0));
        assert_eq!(fs::read(&made).unwrap(), first, "{method}");

        let used = lab(
            folder.path(),
            &format!("classify pictures {LENET} --perturbation made/v.npy --saved"),
        );
        assert!(out(&used).contains("The perturbation changes"), "{used:?}");
    }
}

/// The labels that `lab classify` gives to the pictures in a folder.
fn labels(folder: &Path, pictures: &str) -> Vec<u64> {
    let output = lab(folder, &format!("classify {pictures} {LENET} --json"));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let answers = report["answers"].as_array().unwrap();
    let label = |answer: &Value| answer["top"][0]["label"].as_u64().unwrap();
    answers.iter().map(label).collect()
}

/// Saves the sums of some pictures, grey levels of 28 × 28, and a perturbation
/// in grey levels, and says on which share the label is another.
fn share_fooled(folder: &Path, files: &[&str], v: &[f64]) -> f64 {
    fs::create_dir(folder.join("sums")).unwrap();
    for file in files {
        let picture = photo::open(folder.join("pictures").join(file)).unwrap();
        let pixels = picture.rgba().chunks_exact(4).zip(v);
        let rgba: Vec<u8> = pixels
            .flat_map(|(pixel, v)| {
                let sum = (f64::from(pixel[0]) + v).round().clamp(0.0, 255.0) as u8;
                [sum, sum, sum, 255]
            })
            .collect();
        photo::save_png(folder.join("sums").join(file), &rgba, 28, 28).unwrap();
    }
    let new = labels(folder, "sums");
    let names: Vec<String> = files
        .iter()
        .map(|file| format!("pictures/{file}"))
        .collect();
    let clean = labels(folder, &names.join(" "));
    fs::remove_dir_all(folder.join("sums")).unwrap();
    let fooled = clean.iter().zip(&new).filter(|(a, b)| a != b).count();
    assert_eq!(new.len(), files.len());
    fooled as f64 / files.len() as f64
}

#[test]
fn a_fooling_rate_can_be_found_again_from_the_saved_files() {
    let folder = folder();
    let path = folder.path();
    let output = lab(
        path,
        &format!(
            "universal pictures {LENET} --radius 60 --passes 3 --loss odds --rule momentum \
             --crop 0.8 --out v.npy"
        ),
    );
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let report: Value = serde_json::from_slice(&fs::read(path.join("v.json")).unwrap()).unwrap();
    let rate = report["foolingRateSaved"]["own"].as_f64().unwrap();
    assert!(rate > 0.0, "{report}");
    let files: Vec<String> = (0..6u32).map(|n| format!("{n:04}_n{n:08}.png")).collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();

    // The numbers of the .npy file, behind its header.
    let bytes = fs::read(path.join("v.npy")).unwrap();
    let header = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let numbers = bytes[header..].chunks_exact(4);
    let v: Vec<f64> = numbers
        .map(|b| f64::from(f32::from_le_bytes([b[0], b[1], b[2], b[3]])) * 255.0)
        .collect();
    assert_eq!(v.len(), 28 * 28);
    assert_eq!(share_fooled(path, &files, &v), rate);

    // The drawing: mid-grey and v, amplified twice to fit.
    let drawn = photo::open(path.join("v.png")).unwrap();
    let v: Vec<f64> = drawn
        .rgba()
        .chunks_exact(4)
        .map(|pixel| (f64::from(pixel[0]) - 127.5) / 2.0)
        .collect();
    assert_eq!(share_fooled(path, &files, &v), rate);
}

#[test]
fn a_perturbation_can_be_learnt_from_few_pictures_or_none_and_have_a_target() {
    let folder = folder();
    let run = |arguments: &str| -> Value {
        let output = lab(
            folder.path(),
            &format!("universal pictures {LENET} --radius 60 --passes 2 {arguments} --out v.npy"),
        );
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(out(&output).contains("pass  gradients"), "{output:?}");
        serde_json::from_slice(&fs::read(folder.path().join("v.json")).unwrap()).unwrap()
    };
    let few = run("--hold-out 3 --learn-from 2");
    assert_eq!(few["pictures"]["own"], 2);
    assert_eq!(few["pictures"]["others"], 3);
    assert_eq!(few["settings"]["maxPasses"], 2);
    let others = &few["foolingRateEstimates"]["others"];
    assert_eq!(others["count"], 3);
    assert_eq!(others["value"], few["foolingRate"]["others"]);
    assert_eq!(few["otherRateByPass"].as_array().unwrap().len(), 2);
    assert_eq!(few["otherRateByPass"][1], few["foolingRate"]["others"]);
    let none = run("--artificial 4 --loss cosine");
    assert_eq!(none["pictures"]["own"], 4);
    assert_eq!(none["pictures"]["others"], 6);
    assert_eq!(run("--target 3")["target"], 3);
}

#[test]
fn several_perturbations_are_compared_and_a_second_run_goes_on() {
    let folder = folder();
    let arguments = |count: u32| {
        format!(
            "diversity pictures {LENET} --hold-out 2 --radius 60 --passes 2 --count {count} \
             --out several --json"
        )
    };
    let run = |count| -> Value {
        let output = lab(folder.path(), &arguments(count));
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    assert_eq!(run(2)["products"].as_array().unwrap().len(), 2);
    let file = |seed: u32| folder.path().join(format!("several/seed-{seed}.npy"));
    assert!(file(1).exists() && !file(2).exists());
    // What lies there is taken as it is: here another one, turned round.
    let first = npy::from_bytes(&fs::read(file(0)).unwrap(), [1, 28, 28]).unwrap();
    let turned = first.values().iter().map(|v| -v).collect();
    let turned = photo::Perturbation::new([1, 28, 28], turned).unwrap();
    fs::write(file(1), npy::to_bytes(&turned)).unwrap();
    let report = run(3);
    assert!(file(2).exists());
    assert_eq!(report["perturbations"].as_array().unwrap().len(), 3);
    assert_eq!(report["perturbations"][2]["own"]["count"], 4);
    let product = |i: usize, j: usize| report["products"][i][j].as_f64().unwrap();
    assert!((product(0, 1) + 1.0).abs() < 1e-6 && (product(2, 2) - 1.0).abs() < 1e-6);
    assert_eq!(product(0, 2), product(2, 0));
    assert!((report["largest"].as_f64().unwrap() - 1.0).abs() < 1e-6);

    let output = lab(folder.path(), &arguments(3).replace("--json", ""));
    assert!(out(&output).contains("Normalised inner products"));
}

#[test]
fn what_is_wrong_is_said_in_a_line() {
    let folder = folder();
    let path = folder.path();
    let refused = |arguments: &str| refused(path, arguments);
    assert!(refused(&format!("classify absent.jpg {LENET}")).contains("absent.jpg"));
    assert!(refused("classify pictures --network vgg").contains("there are efficientnet-lite0"));
    assert!(refused("classify pictures").contains("npm start"));
    assert!(refused("classify pictures --network lenet-mnist").contains("--weights"));

    let whole = fs::read(path.join("lenet.safetensors")).unwrap();
    fs::write(path.join("cut.safetensors"), &whole[..whole.len() / 2]).unwrap();
    let cut = refused("classify pictures --network lenet-mnist --weights cut.safetensors");
    assert!(
        cut.contains("cut.safetensors") && cut.contains("not a whole"),
        "{cut}"
    );
    let other = refused("classify pictures --weights lenet.safetensors");
    assert!(other.contains("_conv_stem.weight"), "{other}");

    let wrong_shape = photo::Perturbation::new([3, 2, 2], vec![0.0; 12]).unwrap();
    fs::write(path.join("v.npy"), npy::to_bytes(&wrong_shape)).unwrap();
    let shape = refused(&format!("classify pictures {LENET} --perturbation v.npy"));
    assert!(
        shape.contains("v.npy") && shape.contains("[1, 28, 28]"),
        "{shape}"
    );

    let none_left = refused(&format!(
        "universal pictures {LENET} --hold-out 6 --out v.npy"
    ));
    assert!(none_left.contains("none would be left"), "{none_left}");
    assert!(refused(&format!("universal pictures {LENET} --out v.png")).contains(".npy"));
    assert!(
        refused(&format!(
            "universal pictures {LENET} --radius 0 --out v.npy"
        ))
        .contains("radius")
    );
    for (arguments, word) in [
        ("--target 10", "no class 10"),
        ("--target 1 --method original", "stochastic"),
        ("--target 1 --loss cosine", "no direction"),
        ("--crop 2", "at most 1"),
    ] {
        let said = refused(&format!(
            "universal pictures {LENET} {arguments} --out v.npy"
        ));
        assert!(said.contains(word), "{said}");
    }
    assert!(refused(&format!("diversity pictures {LENET} --count 0")).contains("at least one"));
    assert!(refused("import pictures/0000_n00000000.png --out x").contains("PyTorch"));
}

#[test]
fn unreadable_pictures_are_named_and_the_rest_is_done() {
    let folder = folder();
    fs::write(folder.path().join("pictures/notes.jpg"), "no picture").unwrap();
    let output = lab(folder.path(), &format!("classify pictures {LENET}"));
    assert_eq!(output.status.code(), Some(3));
    assert!(out(&output).contains("6 pictures in"));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(
        error.contains("notes.jpg: this is not a picture"),
        "{error}"
    );
}
