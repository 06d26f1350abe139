//! What `lab` says of pictures for which a figure is not defined, and of none
//! at all: a dash, in JSON null, and how many there were. And of pictures at an
//! exact tie, which it changes all the same.

#![cfg(feature = "lab")]

use foolscope::classifier::catalogue;
use foolscope::classifier::weights::Weights;
use foolscope::photo;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

/// A folder with weights under which no picture can be fooled, and such under
/// which every picture with equal first and last pixels lies on a boundary; and
/// with a grey picture and a black one.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, value: &dyn Fn(&str, usize) -> f32| {
        let network = catalogue::find("fc-mnist").unwrap();
        let mut weights = Weights::new();
        for weight in network.architecture().weights() {
            let count: usize = weight.shape.iter().product();
            let values = (0..count).map(|i| value(&weight.name, i)).collect();
            weights.insert(&weight.name, &weight.shape, values).unwrap();
        }
        let bytes = weights.to_safetensors_f16(&[]).unwrap();
        fs::write(folder.path().join(name), bytes).unwrap();
    };
    write("zero.safetensors", &|_, _| 0.0);
    // f_0 = 10 + the first pixel and f_1 = 10 + the last one.
    write("tie.safetensors", &|name, i| match (name, i) {
        ("fc1.weight", 0) => 1.0,
        ("fc1.weight", i) if i == 2 * 784 - 1 => 1.0,
        ("fc1.bias", 0 | 1) => 10.0,
        ("fc2.weight", i) if i == 0 || i == 500 + 1 => 1.0,
        ("fc3.weight", i) if i == 0 || i == 150 + 1 => 1.0,
        ("fc3.bias", 2..) => -100.0,
        _ => 0.0,
    });
    for (name, level) in [("grey", 128), ("black", 0)] {
        let rgba = [level, level, level, 255].repeat(28 * 28);
        let file = folder.path().join(format!("{name}.png"));
        photo::save_png(file, &rgba, 28, 28).unwrap();
    }
    folder
}

const ZERO: &str = "--network fc-mnist --weights zero.safetensors";
const TIE: &str = "--network fc-mnist --weights tie.safetensors";

fn said(folder: &Path, arguments: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_lab"))
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{arguments}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn report(folder: &Path, arguments: &str) -> Value {
    serde_json::from_str(&said(folder, &format!("{arguments} --json"))).unwrap()
}

#[test]
fn a_tie_is_stepped_over_by_every_way_of_deepfool() {
    let folder = folder();
    let command = format!("deepfool grey.png {TIE}");
    for (way, iterations) in [
        ("", Some(1)),
        ("--norm linf", Some(1)),
        ("--norm l1", Some(1)),
        ("--bisect", Some(1)),
        ("--target 1", Some(1)),
        ("--tighter", None),
        ("--eight-bit", None),
    ] {
        let report = report(folder.path(), &format!("{command} {way}"));
        let picture = &report["pictures"][0];
        assert_eq!(picture["fooled"], true, "{way}: {picture}");
        assert_eq!(picture["adversarialLabel"], 1);
        // The search for whole levels steps over it without a stall.
        if way != "--eight-bit" {
            assert!(picture["stalls"].as_u64() > Some(0), "{way}: {picture}");
            assert_eq!(report["robustness"]["stalled"], 1);
        }
        if let Some(iterations) = iterations {
            assert_eq!(picture["iterations"], iterations, "{way}");
        }
        // A thousandth of a level, or where it must be seen in a file one.
        let most = if way == "--eight-bit" { 1.01 } else { 2e-3 };
        assert!(picture["l2"].as_f64() < Some(most), "{way}: {picture}");
    }
    let text = said(folder.path(), &command);
    assert!(text.contains("1 of 1 fooled"), "{text}");
    assert!(text.contains("Past a tie or a kink"), "{text}");
    let normal = said(folder.path(), &format!("normals grey.png black.png {TIE}"));
    assert!(normal.contains("2 normals of 2 pictures"), "{normal}");
}

#[test]
fn the_original_universal_algorithm_steps_over_a_tie() {
    let folder = folder();
    let command = format!("universal grey.png black.png {TIE} --method original --out v.npy");
    let report = report(folder.path(), &command);
    assert_eq!(report["foolingRate"]["own"], 1.0);
    assert_eq!(report["foolingRate"]["others"], Value::Null);
}

#[test]
fn of_none_that_was_fooled_nothing_is_said() {
    let folder = folder();
    let command = format!("deepfool grey.png black.png {ZERO}");
    let text = said(folder.path(), &command);
    assert!(text.contains("None of 2 was fooled by DeepFool"), "{text}");
    for figure in ["rho_adv", "Medians", "Still fooled"] {
        assert!(!text.contains(figure), "{text}");
    }
    let found = &report(folder.path(), &command)["robustness"];
    assert_eq!(
        (&found["pictures"], &found["fooled"]),
        (&2.into(), &0.into())
    );
    for figure in ["rhoAdv", "medianL2", "medianLinf", "meanIterations"] {
        assert!(found[figure].is_null(), "{found}");
    }

    let command = format!("robustness grey.png black.png {ZERO}");
    let text = said(folder.path(), &command);
    assert!(text.contains("0.0 %") && text.contains('–'), "{text}");
    let found = report(folder.path(), &command);
    for row in found["attacks"].as_array().unwrap() {
        assert_eq!(
            (&row["fooled"]["value"], &row["fooled"]["count"]),
            (&0.0.into(), &2.into())
        );
        for figure in [
            "rhoAdv",
            "medianRho",
            "rhoCentred",
            "medianL2",
            "surviveRounding",
        ] {
            let expected =
                serde_json::json!({"value": null, "low": null, "high": null, "count": 0});
            assert_eq!(row[figure], expected, "{figure}");
        }
    }

    let command = format!("semi-random grey.png {ZERO}");
    assert!(said(folder.path(), &command).contains('–'));
    let found = report(folder.path(), &command);
    let column = &found["beta"][0];
    assert!(column["beta"]["value"].is_null() && column["deviation"].is_null());
    assert!(column["rho"]["low"].is_null() && column["rho"]["count"] == 0);
}

#[test]
fn a_black_picture_has_no_rho() {
    let folder = folder();
    let command = format!("deepfool grey.png black.png {TIE}");
    let text = said(folder.path(), &command);
    assert!(text.contains("2 of 2 fooled"), "{text}");
    assert!(text.contains("1 fooled without a rho"), "{text}");
    let found = report(folder.path(), &command);
    let of = |name: &str| {
        let mut pictures = found["pictures"].as_array().unwrap().iter();
        pictures
            .find(|picture| picture["file"] == name)
            .unwrap()
            .clone()
    };
    assert!(of("black.png")["rho"].is_null());
    assert_eq!(found["robustness"]["withoutRho"], 1);
    assert_eq!(found["robustness"]["rhoAdv"], of("grey.png")["rho"]);

    let command = format!("robustness grey.png black.png {TIE} --attacks deepfool,random");
    let found = report(folder.path(), &command);
    for row in found["attacks"].as_array().unwrap() {
        let rho = &row["rhoAdv"];
        assert_eq!(
            (&rho["count"], &row["medianL2"]["count"]),
            (&1.into(), &2.into())
        );
        // One picture alone: an interval that began at 0 would have the black one.
        assert_eq!(rho["low"], rho["value"]);
        assert!(rho["value"].as_f64() > Some(0.0));
    }
    assert!(said(folder.path(), &command).contains("without a rho"));

    let command = format!("semi-random grey.png black.png {TIE}");
    let column = &report(folder.path(), &command)["beta"][0];
    assert_eq!(
        (&column["medianL2"]["count"], &column["rho"]["count"]),
        (&2.into(), &1.into())
    );
}

#[test]
fn a_picture_that_is_the_target_already_is_told_so() {
    let folder = folder();
    let command = format!("deepfool grey.png black.png {TIE} --target 0");
    let text = said(folder.path(), &command);
    assert!(text.contains("None of 2 was fooled"), "{text}");
    assert!(text.contains("2 of 2 called 0 already"), "{text}");
    let found = report(folder.path(), &command);
    assert_eq!(found["robustness"]["already"], 2);
    assert_eq!(found["pictures"][0]["fooled"], false);
}

#[test]
fn a_relative_size_has_two_digits() {
    let folder = folder();
    let text = said(
        folder.path(),
        &format!("deepfool grey.png {TIE} --eight-bit"),
    );
    // One level of 28 · 128.
    assert!(
        text.contains("mean of the relative sizes: 2.8e-4"),
        "{text}"
    );
}

#[test]
fn perturbations_without_direction_have_no_cosine() {
    let folder = folder();
    let command = format!("diversity grey.png {ZERO} --method original --count 2");
    let found = report(folder.path(), &command);
    assert!(found["mean"].is_null() && found["largest"].is_null());
    let text = said(folder.path(), &command);
    assert!(text.contains("– on average, at most –"), "{text}");
}
