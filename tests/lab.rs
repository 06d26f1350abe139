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
    for command in [
        "import",
        "classify",
        "deepfool",
        "semi-random",
        "words",
        "occlusion",
        "transformation",
        "universal",
        "devices",
    ] {
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

#[test]
fn semi_random_noise_is_measured_and_the_measurement_goes_on() {
    let folder = folder();
    let measure = |pictures: &str, more: &str| {
        let arguments = format!(
            "semi-random {pictures} {LENET} --ratios 1,1/4 --draws 1 --batch 2 \
             --out made/beta.json {more}"
        );
        lab(folder.path(), &arguments)
    };
    let report = || -> Value {
        let bytes = fs::read(folder.path().join("made/beta.json")).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    let output = measure("pictures/000[01]*.png", "");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(out(&output).contains("2 pictures, 1 draw(s) each"));
    let first = report();
    assert_eq!(first["beta"][1]["dimension"], 196);
    assert_eq!(first["beta"][1]["pictures"], 2);

    // The rest is added, what was there is kept, and all of R^d gives 1.
    let output = measure("pictures/000[0-2]*.png", "--json");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let second = report();
    assert_eq!(second["pictures"].as_array().unwrap().len(), 3);
    assert_eq!(second["pictures"][1], first["pictures"][1]);
    assert_eq!(second["beta"][0]["beta"]["value"], 1.0);
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(printed["beta"], second["beta"]);

    let other = refused(
        folder.path(),
        &format!("semi-random pictures {LENET} --seed 1 --out made/beta.json"),
    );
    assert!(other.contains("other settings"), "{other}");
    let none = refused(
        folder.path(),
        &format!("semi-random pictures {LENET} --ratios 2"),
    );
    assert!(none.contains("at most 1"), "{none}");
}

#[test]
fn patches_and_transformations_are_found() {
    let folder = folder();
    let json = |arguments: &str| -> Value {
        let output = lab(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let report = json(&format!(
        "occlusion pictures {LENET} --stride 7 --colour 0 --save covered --json"
    ));
    assert_eq!(report["robustness"]["fooled"]["count"], 6);
    for found in report["pictures"].as_array().unwrap() {
        let changed = found["cleanLabel"] != found["adversarialLabel"];
        assert_eq!(found["patch"]["side"].is_u64(), changed, "{found}");
    }
    let covered = folder.path().join("covered/0000_n00000000-fooled.png");
    assert_eq!(photo::open(covered).unwrap().width(), 28);

    let report = json(&format!(
        "transformation pictures {LENET} --only translation --json"
    ));
    assert_eq!(report["options"]["rotation"], false);
    for found in report["pictures"].as_array().unwrap() {
        let changed = found["cleanLabel"] != found["adversarialLabel"];
        assert_eq!(found["transformation"].is_object(), changed, "{found}");
        if changed {
            let t = &found["transformation"];
            let [right, down] = ["right", "down"].map(|name| t[name].as_f64().unwrap());
            let distance = found["distance"].as_f64().unwrap();
            assert!((right.hypot(down) - distance).abs() < 1e-6);
            assert_eq!(t["scale"], 1.0);
        }
    }
}

#[test]
fn words_are_hidden() {
    let folder = folder();
    let command = format!("words pictures {LENET} --text ab --text c --most 8 --words 4");
    assert!(refused(folder.path(), &command).contains("--font"));
    fs::write(folder.path().join("font.ttf"), "no font").unwrap();
    let no_font = refused(folder.path(), &format!("{command} --font font.ttf"));
    assert!(
        no_font.contains("font.ttf: this is not a font"),
        "{no_font}"
    );

    let font = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/assets/fonts/DejaVuSans-Bold.ttf");
    if !font.exists() {
        println!("skipped: the rest of words_are_hidden (needs www/assets/fonts)");
        return;
    }
    fs::copy(font, folder.path().join("font.ttf")).unwrap();
    let output = lab(
        folder.path(),
        &format!("{command} --font font.ttf --save hidden --json"),
    );
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["places"].as_array().unwrap().len(), 8);
    let found = &report["pictures"][0];
    let words = found["words"].as_u64().unwrap() as usize;
    assert_eq!(found["colours"].as_array().unwrap().len(), words);
    let hidden = folder.path().join("hidden/0000_n00000000-fooled.png");
    assert_eq!(photo::open(hidden).unwrap().width(), 28);
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
