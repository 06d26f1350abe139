//! The command line as a person meets it: what it prints, and how it ends.

#![cfg(feature = "lab")]

use foolscope::attack::Norm;
use foolscope::classifier::catalogue;
use foolscope::classifier::weights::Weights;
use foolscope::npy;
use foolscope::photo;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

#[path = "shared/mod.rs"]
mod shared;

/// A folder with LeNet's weights, drawn by a formula, and six pictures.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let lenet = catalogue::find("lenet-mnist").unwrap();
    let mut weights = Weights::new();
    for weight in lenet.architecture().weights() {
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
        "universal",
        "transfer",
        "graph",
        "section",
        "normals",
        "diversity",
        "feedback",
        "robustness",
        "semi-random",
        "words",
        "occlusion",
        "transformation",
        "devices",
        "bench",
    ] {
        let help = out(&lab(folder.path(), &format!("{command} --help")));
        assert!(help.contains(&format!("Example: lab {command}")), "{help}");
    }
    let output = lab(folder.path(), "clasify photo.jpg");
    assert_eq!(output.status.code(), Some(2));
}

/// A network from a file, as it is and as `lab import` writes it.
#[test]
fn a_network_from_a_file_is_imported_and_attacked() {
    let folder = folder();
    let network = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/files/onnx/tiny-cnn.onnx"
    );
    // Without photos to find out by, how pixels go in has to be said.
    let error = refused(
        folder.path(),
        &format!("import {network} --out own.safetensors"),
    );
    assert!(error.contains("--pixels"), "{error}");
    let options = "--pixels torchvision --full-precision --out own.safetensors";
    let output = lab(folder.path(), &format!("import {network} {options}"));
    assert!(output.status.success(), "{output:?}");

    let with = |network: &str, command: &str| {
        let output = lab(
            folder.path(),
            &format!("{command} pictures --json --network {network}"),
        );
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{command} {network}: {error}"
        );
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    };
    let direct = format!("{network} --pixels torchvision");
    let [own, file] =
        ["own.safetensors", &direct].map(|it| with(it, "classify")["answers"].clone());
    assert_eq!(own.as_array().map(Vec::len), Some(6));
    assert_eq!(own, file);
    let [own, file] =
        ["own.safetensors", &direct].map(|it| with(it, "deepfool")["pictures"].clone());
    assert_eq!(own, file);

    // A column of a table each, by how pixels go in.
    let values = (0..3072).map(|i| 0.3 * ((i * 37 % 101) as f32 / 50.0 - 1.0));
    let v = photo::Perturbation::new([3, 32, 32], values.collect()).unwrap();
    fs::write(folder.path().join("colour.npy"), npy::to_bytes(&v)).unwrap();
    let columns = format!("{network}=torchvision --network {network}=none");
    let table = with(&columns, "transfer --perturbation colour.npy");
    let preset = |preset: &str| format!("{network} --pixels {preset}");
    for (column, preset) in [preset("torchvision"), preset("none")].iter().enumerate() {
        let alone = with(preset, "graph --perturbation colour.npy");
        assert_eq!(table["rates"][0][column], alone["foolingRate"]);
    }
    let names = ["torchvision", "none"].map(|preset| format!("{network}={preset}"));
    assert_eq!(table["networks"], serde_json::json!(names));
    let noise = "transfer pictures --perturbation colour.npy --network";
    for (named, said) in [
        (format!("{network}=retina"), "the presets are"),
        (format!("{network}=none=caffe"), "called none=caffe"),
        (format!("{network}="), "nothing follows"),
        ("lenet-cifar10=caffe".to_owned(), "file of its weights"),
        ("no=such=file".to_owned(), "no=such=file"),
    ] {
        let error = refused(folder.path(), &format!("{noise} {named}"));
        assert!(error.contains(said), "{error}");
    }
    // Pixels go into it in another way than into the catalogue's.
    let whole = "classify pictures --network lenet-mnist --weights own.safetensors";
    assert!(refused(folder.path(), whole).contains("a whole network"));

    let error = refused(
        folder.path(),
        "classify pictures --network own.safetensors --pixels caffe",
    );
    assert!(error.contains("leave out --pixels"), "{error}");
    let error = refused(folder.path(), "classify pictures --network nowhere.onnx");
    assert!(error.contains("no file nowhere.onnx"), "{error}");
    let error = refused(
        folder.path(),
        &format!("classify pictures --network {network} --pixels retina"),
    );
    assert!(error.contains("torchvision"), "{error}");
}

/// Of what lies beside a network's file only that belongs to it which it names, or
/// which has its name.
#[test]
fn the_network_is_the_one_that_is_named() {
    let folder = folder();
    let path = folder.path();
    let put = |name: &str, bytes: &[u8]| fs::write(path.join(name), bytes).unwrap();
    put("small.onnx", include_bytes!("files/bring/small.onnx"));
    put("tiny.onnx", include_bytes!("files/onnx/tiny-cnn.onnx"));
    let answers = |arguments: &str| {
        let output = lab(path, &format!("classify pictures --json {arguments}"));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        (report["answers"].clone(), said(&output))
    };
    let (alone, _) = answers("--network small.onnx --pixels none");
    let options = "--pixels none --full-precision";
    assert!(
        lab(path, &format!("import tiny.onnx {options} --out tiny.fool"))
            .status
            .success()
    );
    // A network of ours that is cut.
    let ours = fs::read(path.join("tiny.fool")).unwrap();
    put("cut.fool", &ours[..200]);
    let (beside_others, _) = answers("--network small.onnx --pixels none");
    assert_eq!(alone, beside_others);
    assert_ne!(alone, answers("--network tiny.fool").0);

    put(
        "older.caffemodel",
        include_bytes!("files/caffe/older.caffemodel"),
    );
    put(
        "mean.binaryproto",
        include_bytes!("files/caffe/mean.binaryproto"),
    );
    let import = "import older.caffemodel --out older.fool";
    assert!(said(&lab(path, import)).contains("mean is that of mean.binaryproto"));
    put(
        "numbers.caffemodel",
        include_bytes!("files/caffe/numbers.caffemodel"),
    );
    assert!(!said(&lab(path, import)).contains("mean.binaryproto"));
}

/// What was chosen of a network makes it another one.
#[test]
fn findings_are_of_the_network_that_was_made_of_a_file() {
    let folder = folder();
    let path = folder.path();
    let small = include_bytes!("files/bring/small.onnx");
    fs::write(path.join("small.onnx"), small).unwrap();
    let find = |options: &str| format!("classify pictures --network small.onnx {options}");
    let done = |options: &str| {
        let output = lab(path, &find(options));
        assert!(output.status.success(), "{options}: {}", said(&output));
    };
    done("--pixels caffe --limit 2 --out all.jsonl");
    for other in ["--pixels none", "--pixels caffe --short-side 64"] {
        let output = lab(path, &find(&format!("{other} --out all.jsonl")));
        let error = said(&output);
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(error.contains("made with another network"), "{error}");
    }
    done("--pixels caffe --part 1/2 --out one.jsonl");
    done("--pixels none --part 2/2 --out other.jsonl");
    // On another machine it may lie elsewhere.
    let elsewhere = path.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::copy(path.join("small.onnx"), elsewhere.join("small.onnx")).unwrap();
    let find = "classify pictures --network elsewhere/small.onnx --pixels caffe";
    let two = lab(path, &format!("{find} --part 2/2 --out two.jsonl"));
    assert!(two.status.success(), "{}", said(&two));
    let again = lab(path, &format!("{find} --limit 2 --out all.jsonl"));
    assert!(again.status.success(), "{}", said(&again));
    let error = refused(path, "merge one.jsonl other.jsonl");
    assert!(error.contains("another network"), "{error}");
    // The parts say of what they are: the network need not be there.
    fs::remove_file(path.join("small.onnx")).unwrap();
    let merged = lab(path, "merge one.jsonl two.jsonl");
    assert!(out(&merged).contains("6 pictures"), "{}", said(&merged));
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

/// A perturbation of LeNet's pictures.
fn write_noise(folder: &Path, name: &str, size: f32) {
    let values = (0..784).map(|i| size * ((i * 37 % 101) as f32 / 50.0 - 1.0));
    let v = photo::Perturbation::new([1, 28, 28], values.collect()).unwrap();
    fs::write(folder.join(name), npy::to_bytes(&v)).unwrap();
}

/// The file of a perturbation that fools LeNet on the first picture.
fn write_fooling(folder: &Path) -> &'static str {
    let arguments = format!("deepfool pictures/0000*.png {LENET} --save fooling");
    assert_eq!(lab(folder, &arguments).status.code(), Some(0));
    "fooling/0000_n00000000.npy"
}

fn report(output: &Output) -> Value {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn read_json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn a_section_is_drawn_and_written() {
    let folder = folder();
    let arguments =
        format!("section pictures/0000*.png pictures/0003*.png {LENET} --points 12 --save cuts");
    let found = report(&lab(folder.path(), &format!("{arguments} --json")));
    assert_eq!(found["pictures"].as_array().unwrap().len(), 2);
    let cut = &found["pictures"][0];
    assert_ne!(cut["cleanLabel"], cut["adversarialLabel"]);
    assert_eq!(cut["regions"][0]["label"], cut["cleanLabel"]);
    assert_eq!(cut["regions"][0]["colour"], "blue");
    let shares = cut["regions"].as_array().unwrap().iter();
    let total: f64 = shares.map(|region| region["share"].as_f64().unwrap()).sum();
    assert!((total - 1.0).abs() < 1e-9);
    assert_eq!(found["flatness"][0]["scale"], 0.25);
    assert_eq!(found["flatness"][0]["mean"]["count"], 2);

    let stem = folder.path().join("cuts/0000_n00000000");
    let drawn = photo::open(stem.with_extension("png")).unwrap();
    assert_eq!((drawn.width(), drawn.height()), (516, 516));
    let written = read_json(&stem.with_extension("json"));
    let labels = written["section"]["labels"].as_array().unwrap();
    assert_eq!(labels.len(), 144);
    let clean = labels.iter().filter(|label| **label == cut["cleanLabel"]);
    let share = clean.count() as f64 / 144.0;
    assert_eq!(cut["regions"][0]["share"], share);

    // Chance is the seed's; a second direction leaves none.
    let table = |more: &str| out(&lab(folder.path(), &format!("{arguments} {more}")));
    let regions = |text: &str| text.lines().filter(|l| l.contains(" %")).count();
    assert!(regions(&table("--seed 3")) >= 4);
    write_noise(folder.path(), "second.npy", 0.1);
    let with = |seed| {
        let more = format!("--second second.npy --seed {seed} --json");
        report(&lab(folder.path(), &format!("{arguments} {more}")))["pictures"].clone()
    };
    assert_eq!(with(1), with(2));
    let refused = |more| refused(folder.path(), &format!("section pictures {LENET} {more}"));
    assert!(refused("--points 1").contains("points"));
    assert!(refused("--reach 0").contains("extent"));
}

#[test]
fn normals_are_kept_and_a_second_run_goes_on() {
    let folder = folder();
    write_noise(folder.path(), "v.npy", 0.2);
    let first = report(&lab(
        folder.path(),
        &format!("normals pictures/000[0-2]*.png {LENET} --out kept/all.jsonl --json"),
    ));
    assert_eq!(first["pictures"].as_array().unwrap().len(), 3);
    let count = first["count"].as_u64().unwrap() as usize;
    assert_eq!(first["singularValues"].as_array().unwrap().len(), count);
    assert!(first["shares"].is_null());
    let normal = folder.path().join("kept/all/0000_n00000000.npy");
    let values = npy::from_bytes(&fs::read(&normal).unwrap(), [1, 28, 28]).unwrap();
    let square: f32 = values.values().iter().map(|v| v * v).sum();
    assert!((square - 1.0).abs() < 1e-5, "{square}");

    // What is kept is used: a normal that was exchanged shows.
    let whole = format!("normals pictures {LENET} --perturbation v.npy --draws 3 --json");
    let kept = format!("{whole} --out kept/all.jsonl");
    let fresh = report(&lab(folder.path(), &whole));
    let again = report(&lab(folder.path(), &kept));
    let pictures = |report: &Value| report["pictures"].as_array().unwrap().clone();
    for (mut again, fresh) in pictures(&again).into_iter().zip(pictures(&fresh)) {
        let stem = again["file"].as_str().unwrap().replace("png", "npy");
        assert_eq!(again["normalFile"], stem);
        again.as_object_mut().unwrap().remove("normalFile");
        assert_eq!(again, fresh);
    }
    for key in ["singularValues", "shares"] {
        let values = |report: &Value| serde_json::from_value::<Vec<f64>>(report[key].clone());
        let (again, fresh) = (values(&again).unwrap(), values(&fresh).unwrap());
        assert_eq!(again.len(), fresh.len());
        for (a, b) in again.iter().zip(&fresh) {
            assert!((a - b).abs() < 1e-5, "{key}: {a} {b}");
        }
    }
    fs::copy(folder.path().join("v.npy"), &normal).unwrap();
    let exchanged = report(&lab(folder.path(), &kept));
    assert_ne!(exchanged["singularValues"], again["singularValues"]);
    let mut weights = fs::read(folder.path().join("lenet.safetensors")).unwrap();
    // The last number's sign.
    *weights.last_mut().unwrap() ^= 0x80;
    fs::write(folder.path().join("other.safetensors"), weights).unwrap();
    let other =
        "normals pictures --network lenet-mnist --weights other.safetensors --out kept/all.jsonl";
    assert!(refused(folder.path(), other).contains("another network"));
    let table = out(&lab(folder.path(), &whole.replace(" --json", "")));
    assert!(
        table.contains("singular value") && table.contains("784 dimensions"),
        "{table}"
    );
}

#[test]
fn a_label_graph_is_written_for_graphviz_and_as_json() {
    let folder = folder();
    let v = write_fooling(folder.path());
    let arguments = format!("graph pictures {LENET} --perturbation {v} --threshold 0.1");
    let both = format!("{arguments} --save graphs/a.dot --save graphs/a.json --json");
    let found = report(&lab(folder.path(), &both));
    assert_eq!(found["pictures"], 6);
    let written = read_json(&folder.path().join("graphs/a.json"));
    assert_eq!(written["edges"], found["edges"]);
    let rate = &found["foolingRate"];
    assert_eq!(rate["count"], 6);
    assert_eq!(rate["value"], found["fooled"].as_f64().unwrap() / 6.0);
    let dot = fs::read_to_string(folder.path().join("graphs/a.dot")).unwrap();
    let edges = dot.lines().filter(|line| line.contains("->")).count();
    assert_eq!(edges, found["edges"].as_array().unwrap().len());
    assert!(edges > 0);

    // The same pictures are fooled as `lab classify` says.
    let classify = format!("classify pictures {LENET} --perturbation {v} --json");
    let classified = report(&lab(folder.path(), &classify));
    assert_eq!(classified["foolingRate"], rate["value"]);
    let table = out(&lab(folder.path(), &arguments));
    assert!(
        table.contains("dominant label") && table.contains("of 6 pictures fooled"),
        "{table}"
    );
    let refused = |more: &str| {
        let arguments = format!("graph pictures {LENET} --perturbation {v} {more}");
        refused(folder.path(), &arguments)
    };
    assert!(refused("--save a.png").contains(".dot or .json"));
    assert!(refused("--threshold 1").contains("threshold"));
}

#[test]
fn a_table_of_transfer_goes_on_where_it_was() {
    let folder = folder();
    let path = folder.path();
    write_noise(path, "weak.npy", 0.0);
    fs::copy(path.join(write_fooling(path)), path.join("strong.npy")).unwrap();
    fs::copy(
        path.join("lenet.safetensors"),
        path.join("twin.safetensors"),
    )
    .unwrap();
    let rest = "--perturbation weak.npy --perturbation strong.npy \
                --network lenet-mnist=lenet.safetensors --network lenet-mnist=twin.safetensors";
    let part = report(&lab(
        path,
        &format!("transfer pictures/000[0-1]*.png {rest} --out t.jsonl --json"),
    ));
    assert_eq!(part["pictures"], 2);
    let whole = report(&lab(
        path,
        &format!("transfer pictures {rest} --out t.jsonl --json"),
    ));
    let fresh = report(&lab(path, &format!("transfer pictures {rest} --json")));
    assert_eq!(whole["rates"], fresh["rates"]);
    assert_eq!(whole["networks"][1], "lenet-mnist twin");
    assert_eq!(whole["fooled"][0], serde_json::json!([0, 0]));
    assert_eq!(whole["fooled"][1][0], whole["fooled"][1][1]);
    assert!(whole["fooled"][1][0].as_u64().unwrap() > 0);
    let graph = format!("graph pictures {LENET} --perturbation strong.npy --json");
    assert_eq!(
        report(&lab(path, &graph))["foolingRate"],
        whole["rates"][1][0]
    );

    let table = out(&lab(path, &format!("transfer pictures {rest}")));
    assert!(table.contains("weak          0.0 % (0.0 % to "), "{table}");
    let saved = refused(
        path,
        &format!("transfer pictures {rest} --saved --out t.jsonl"),
    );
    assert!(saved.contains("name another file"), "{saved}");
    let twice = "--perturbation weak.npy --network lenet-mnist=lenet.safetensors \
                 --network lenet-mnist=lenet.safetensors";
    assert!(refused(path, &format!("transfer pictures {twice}")).contains("name each once"));
}

/// Blocks of seven pixels on a side come down to one each, which the network's own
/// size has in the second file.
#[test]
fn a_perturbation_of_another_size_is_tried_at_the_networks_own() {
    let folder = folder();
    let path = folder.path();
    let block =
        |c: usize, y: usize, x: usize| ((c * 31 + y * 37 + x * 53) % 101) as f32 / 126.0 - 0.4;
    let write = |name: &str, scale: usize| {
        let side = 32 * scale;
        let values = (0..3 * side * side).map(|i| {
            let (c, y, x) = (i / (side * side), i / side % side, i % side);
            block(c, y / scale, x / scale)
        });
        let v = photo::Perturbation::new([3, side, side], values.collect()).unwrap();
        fs::write(path.join(name), npy::to_bytes(&v)).unwrap();
    };
    write("large.npy", 7);
    write("own.npy", 1);
    write_noise(path, "grey.npy", 0.1);
    let weights =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models/lenet-cifar10.safetensors");
    let network = format!("--network lenet-cifar10={}", weights.display());
    let both = "--perturbation large.npy --perturbation own.npy";
    let found = report(&lab(
        path,
        &format!("transfer pictures {both} {network} --json"),
    ));
    assert_eq!(found["pictures"], 6);
    assert_eq!(found["fooled"][0], found["fooled"][1]);
    assert!(found["fooled"][0][0].as_u64().unwrap() > 0);
    let few = format!("transfer pictures {both} {network} --held-out 2 --json");
    assert_eq!(report(&lab(path, &few))["pictures"], 2);
    let grey = format!("transfer pictures --perturbation grey.npy {network}");
    assert!(refused(path, &grey).contains("in grey does not fit pictures in colours"));
    let many = format!("transfer pictures {both} {network} --held-out 7");
    assert!(refused(path, &many).contains("of 6 pictures, 7"));
    let none = format!("transfer pictures {both} {network} --held-out 0");
    assert!(refused(path, &none).contains("keeps no picture"));

    // Of a size that no network of the catalogue has.
    let odd = (0..3 * 50 * 50).map(|i| (i % 7) as f32 / 20.0 - 0.15);
    let odd = photo::Perturbation::new([3, 50, 50], odd.collect()).unwrap();
    fs::write(path.join("odd.npy"), npy::to_bytes(&odd)).unwrap();
    let odd = format!("transfer pictures --perturbation odd.npy {network} --json");
    assert_eq!(report(&lab(path, &odd))["pictures"], 6);
    let mut dot = vec![0.0; 3 * 224 * 224];
    dot[0] = 0.5;
    let dot = photo::Perturbation::new([3, 224, 224], dot).unwrap();
    fs::write(path.join("dot.npy"), npy::to_bytes(&dot)).unwrap();
    let dot = format!("transfer pictures --perturbation dot.npy {network}");
    assert!(refused(path, &dot).contains("nothing is left"));

    // What was found is of the numbers in a file, all of them, wherever it lies.
    let of =
        |file: &str| format!("transfer pictures --perturbation {file} {network} --out found.jsonl");
    out(&lab(path, &of("large.npy")));
    fs::create_dir(path.join("elsewhere")).unwrap();
    fs::copy(path.join("large.npy"), path.join("elsewhere/other.npy")).unwrap();
    out(&lab(path, &of("elsewhere/other.npy")));
    let mut values = npy::from_bytes(&fs::read(path.join("large.npy")).unwrap(), [3, 224, 224])
        .unwrap()
        .into_values();
    // None that is nearest to a pixel of the network's.
    values[0] = 0.3;
    let v = photo::Perturbation::new([3, 224, 224], values).unwrap();
    fs::write(path.join("large.npy"), npy::to_bytes(&v)).unwrap();
    assert!(refused(path, &of("large.npy")).contains("name another file"));
}

#[test]
fn semi_random_noise_is_measured_and_the_measurement_goes_on() {
    let folder = folder();
    let measure = |pictures: &str, more: &str| {
        let arguments = format!(
            "semi-random {pictures} {LENET} --ratios 1,1/4 --draws 1 --batch 2 \
             --out made/beta.jsonl {more}"
        );
        lab(folder.path(), &arguments)
    };
    let output = measure("pictures/000[01]*.png", "");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(out(&output).contains("2 pictures, 1 draw(s) each"));
    let kept = || fs::read_to_string(folder.path().join("made/beta.jsonl")).unwrap();
    let before = kept();
    let first = report(&measure("pictures/000[01]*.png", "--json"));
    assert_eq!(kept(), before, "what was there is measured again");
    assert_eq!(first["beta"][1]["dimension"], 196);
    assert_eq!(first["beta"][1]["pictures"], 2);

    // The rest is added, what was there is kept, and all of R^d gives 1.
    let second = report(&measure("pictures/000[0-2]*.png", "--json"));
    assert!(kept().starts_with(&before));
    assert_eq!(second["pictures"].as_array().unwrap().len(), 3);
    assert_eq!(second["pictures"][1], first["pictures"][1]);
    assert_eq!(second["beta"][0]["beta"]["value"], 1.0);

    let other = refused(
        folder.path(),
        &format!("semi-random pictures {LENET} --seed 1 --out made/beta.jsonl"),
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
    let original = format!("universal pictures {LENET} --method original --out v.npy");
    assert!(refused(&format!("{original} --starts 3")).contains("has several starts"));
    assert!(refused(&format!("{original} --batch 4")).contains("several pictures a step"));
    assert!(refused(&format!("{original} --no-mirror")).contains("has mirrored pictures"));
    for delta in ["nan", "2", "-0.1"] {
        assert!(refused(&format!("{original} --delta={delta}")).contains("less than 1"));
    }
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
    let picture = "import pictures/0000_n00000000.png --out x";
    assert!(refused(picture).contains("ONNX"));
    assert!(refused(&format!("{picture} --network lenet-mnist")).contains("PyTorch"));
}

/// What `lab import` is given that is no network, or has nowhere to go.
#[test]
fn what_cannot_be_imported_is_named_once_and_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::create_dir(path.join("networks")).unwrap();
    fs::write(path.join("README.md"), "# A network\n").unwrap();
    let small = include_bytes!("files/bring/small.onnx");
    fs::write(path.join("small.onnx"), small).unwrap();
    fs::write(path.join("cut.onnx"), &small[..9000]).unwrap();
    fs::write(path.join("empty.pth"), "").unwrap();
    let tiny = include_bytes!("files/tiny.pth");
    fs::write(path.join("tiny.pth"), tiny).unwrap();
    fs::write(path.join("cut.pth"), &tiny[..500]).unwrap();
    for (arguments, sentence) in [
        (
            "README.md",
            "README.md holds no network: bring an ONNX, Caffe or PyTorch file",
        ),
        (
            "networks",
            "networks is a folder: name the file in it that holds the network",
        ),
        (
            "cut.onnx",
            "cut.onnx: the file ends too early: it was not copied or downloaded whole",
        ),
        ("empty.pth", "empty.pth is empty: copy or download it again"),
        (
            "cut.pth",
            "cut.pth: this cannot be read as a PyTorch file (it ends too early): copy it again, or \
             save a state_dict with torch.save",
        ),
        (
            "small.onnx --network lenet-mnist",
            "small.onnx holds a whole network with its layers: leave out --network",
        ),
        (
            "networks --network lenet-mnist",
            "networks: the file cannot be opened (it is a folder: name the file in it)",
        ),
    ] {
        let said = refused(path, &format!("import {arguments} --out out.safetensors"));
        assert_eq!(said, format!("lab: {sentence}\n"), "{arguments}");
    }
    for (arguments, part) in [
        (
            "small.onnx --pixels none --short-side 100000000 --out out",
            "at most 16384, not 100000000",
        ),
        (
            "small.onnx --pixels none --out small.onnx",
            "--out is the file itself",
        ),
        (
            "tiny.pth --network lenet-mnist --pixels none --out out",
            "leave out --pixels",
        ),
    ] {
        let output = lab(path, &format!("import {arguments}"));
        let said = said(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(part), "{said}");
    }
    // It sees 17 × 15 pixels.
    let model = include_bytes!("files/caffe/pictures.caffemodel");
    fs::write(path.join("networks/oblong.caffemodel"), model).unwrap();
    let layers = include_bytes!("files/caffe/pictures.prototxt");
    fs::write(path.join("networks/oblong.prototxt"), layers).unwrap();
    let oblong = lab(
        path,
        "import networks/oblong.caffemodel --pixels none --out out",
    );
    assert_eq!(oblong.status.code(), Some(1));
    assert!(said(&oblong).contains("has to be a square picture"));

    let said = refused(path, "import tiny.pth --out out.safetensors");
    assert!(
        said.starts_with("lab: tiny.pth: these weights come"),
        "{said}"
    );
    // Before the work, which would say that the file is cut.
    for arguments in ["cut.onnx", "cut.pth --network lenet-mnist"] {
        let said = refused(path, &format!("import {arguments} --out nowhere/out"));
        assert!(
            said.starts_with("lab: cannot write nowhere/out: "),
            "{said}"
        );
        let said = refused(path, &format!("import {arguments} --out networks"));
        assert_eq!(said, "lab: cannot write networks: it is a folder\n");
    }
    let left = fs::read_dir(path).unwrap().count();
    assert_eq!(left, 7, "nothing is left behind");
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

/// What a command said on standard error.
fn said(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A grey picture as JPEG.
fn jpeg(side: u8) -> Vec<u8> {
    let pixels: Vec<u8> = (0..side)
        .flat_map(|y| (0..side).map(move |x| x.wrapping_mul(7) ^ y.wrapping_mul(5)))
        .collect();
    let mut bytes = Vec::new();
    let side = u32::from(side);
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 92)
        .encode(&pixels, side, side, image::ExtendedColorType::L8)
        .unwrap();
    bytes
}

#[test]
fn a_perturbation_is_read_as_anybody_may_have_saved_it() {
    let folder = folder();
    let path = folder.path();
    let values = |size: f32| (0..784).map(move |i| size * ((i * 37 % 101) as f32 / 50.0 - 1.0));
    let file = |kind: &str, shape: &str, data: Vec<u8>| {
        let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.bytes());
        bytes.extend(data);
        bytes
    };
    let floats = |size| values(size).flat_map(f32::to_le_bytes).collect::<Vec<u8>>();
    let levels = values(40.0).flat_map(|v| (v.round() as i16).to_be_bytes());
    for (name, bytes) in [
        (
            "pixels.npy",
            file("<f4", "(1, 28, 28)", floats(40.0 / 255.0)),
        ),
        ("UPPER.NPY", file("<f4", "(28, 28)", floats(40.0 / 255.0))),
        ("levels.npy", file("<f4", "(1, 28, 28, 1)", floats(40.0))),
        ("whole.npy", file(">i2", "(28, 28, 1)", levels.collect())),
    ] {
        fs::write(path.join(name), bytes).unwrap();
    }
    let answers = |name: &str| {
        let arguments = format!("classify pictures {LENET} --perturbation {name} --json");
        let output = lab(path, &arguments);
        let said = said(&output);
        let is_noted = said.contains("taken as grey levels");
        assert_eq!(is_noted, name == "levels.npy", "{said}");
        let report = report(&output);
        let answers = report["answers"].as_array().unwrap().iter();
        let logit = |answer: &Value| answer["perturbed"][0]["logit"].as_f64().unwrap();
        answers.map(logit).collect::<Vec<f64>>()
    };
    let pixels = answers("pixels.npy");
    for name in ["UPPER.NPY", "levels.npy", "whole.npy"] {
        for (a, b) in answers(name).iter().zip(&pixels) {
            let tolerance = if name == "whole.npy" { 0.02 } else { 1e-4 };
            assert!((a - b).abs() < tolerance * b.abs(), "{name}: {a} {b}");
        }
    }
}

#[test]
fn what_lies_in_a_folder_is_read_once_or_named() {
    let folder = folder();
    let path = folder.path();
    let mac = path.join("from-a-mac");
    fs::create_dir(&mac).unwrap();
    for name in ["a.jpg", "b.jfif", "c.JPE", "no-ending"] {
        fs::write(mac.join(name), jpeg(40)).unwrap();
    }
    fs::write(mac.join("._a.jpg"), b"\0\x05\x16\x07\0\x02\0\0Mac OS X").unwrap();
    fs::write(mac.join(".DS_Store"), b"\0\0\0\x01Bud1").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../from-a-mac", mac.join("again")).unwrap();
    let arguments = format!("classify from-a-mac {LENET} --json");
    let found = report(&lab(path, &arguments));
    let answers = found["answers"].as_array().unwrap();
    let names: Vec<&str> = answers
        .iter()
        .map(|answer| answer["file"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["a.jpg", "b.jfif", "c.JPE", "no-ending"]);

    // What is a picture but not read is not silently left out.
    fs::write(
        mac.join("IMG_1.HEIC"),
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    )
    .unwrap();
    fs::write(
        mac.join("logo.svg"),
        "<svg xmlns='http://www.w3.org/2000/svg'/>",
    )
    .unwrap();
    fs::write(mac.join("IMG_1.MOV"), b"\0\0\0\x14ftypqt  \0\0\0\0qt  ").unwrap();
    let output = lab(path, &arguments);
    assert_eq!(output.status.code(), Some(3));
    let lines = said(&output);
    assert_eq!(lines.lines().count(), 2, "{lines}");
    assert!(lines.contains("IMG_1.HEIC: this is a HEIC photo, which is not read here: save it as"));
    assert!(
        lines.contains("logo.svg: this is an SVG drawing"),
        "{lines}"
    );
}

#[test]
fn a_picture_that_was_cut_short_is_marked_everywhere() {
    let folder = folder();
    let path = folder.path();
    let whole = jpeg(64);
    fs::create_dir(path.join("some")).unwrap();
    fs::write(path.join("some/half.jpg"), &whole[..whole.len() * 2 / 3]).unwrap();
    fs::write(path.join("some/whole.jpg"), whole).unwrap();
    let mut outputs = Vec::new();
    write_noise(path, "v.npy", 0.1);
    for command in [
        format!("classify some {LENET}"),
        format!("deepfool some {LENET}"),
        format!("semi-random some {LENET} --ratios 1 --draws 1"),
        "transfer some --perturbation v.npy --network lenet-mnist=lenet.safetensors".to_owned(),
        format!("universal some {LENET} --hold-out 1 --passes 1 --out v2.npy"),
    ] {
        let output = lab(path, &format!("{command} --json"));
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        let lines = said(&output);
        assert!(
            lines.contains("some/half.jpg: the file is cut short, so a part of the picture"),
            "{lines}"
        );
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["cutShort"], json!(["some/half.jpg"]), "{command}");
        assert!(report["unreadable"].is_null());
        outputs.push(report);
    }
    for (report, key) in outputs.iter().zip(["answers", "pictures"]) {
        let pictures = report[key].as_array().unwrap();
        assert_eq!(pictures[0]["cutShort"], true, "{key}");
        assert!(pictures[1]["cutShort"].is_null(), "{key}");
    }
    let whole = lab(path, &format!("classify some/whole.jpg {LENET} --json"));
    assert!(report(&whole)["cutShort"].is_null());
}

#[test]
fn weights_are_taken_from_what_a_training_script_saved() {
    let folder = folder();
    let path = folder.path();
    let own = fs::read(path.join("lenet.safetensors")).unwrap();
    let own = Weights::from_safetensors(&own).unwrap();
    let tensors: Vec<(String, Vec<usize>, Vec<u8>)> = own
        .iter()
        .map(|(name, shape, values)| {
            let values = values
                .iter()
                .flat_map(|value| f64::from(*value).to_le_bytes());
            (format!("module.{name}"), shape.to_vec(), values.collect())
        })
        .collect();
    let counter = 5i64.to_le_bytes();
    let views = tensors.iter().map(|(name, shape, bytes)| {
        let view =
            safetensors::tensor::TensorView::new(safetensors::Dtype::F64, shape.clone(), bytes);
        (name.clone(), view.unwrap())
    });
    let steps = safetensors::tensor::TensorView::new(safetensors::Dtype::I64, vec![], &counter);
    let views = views.chain([("module.bn.num_batches_tracked".to_owned(), steps.unwrap())]);
    let bytes = safetensors::serialize(views, None).unwrap();
    fs::write(path.join("trained.bin"), bytes).unwrap();

    let arguments = "classify pictures --network lenet-mnist --json --weights";
    let found = lab(path, &format!("{arguments} trained.bin"));
    assert!(
        said(&found).contains(
            "lab: trained.bin: one tensor that no layer asks for is passed over: \
             bn.num_batches_tracked"
        ),
        "{found:?}"
    );
    let expected = report(&lab(path, &format!("{arguments} lenet.safetensors")));
    assert_eq!(report(&found)["answers"], expected["answers"]);
    let other = refused(
        path,
        "classify pictures --network fc-mnist --weights trained.bin",
    );
    assert!(
        other.contains("trained.bin: tensor fc1.weight has shape")
            || other.contains("trained.bin: tensor fc1.weight of shape"),
        "{other}"
    );
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
            "universal pictures {LENET} --radius 60 --passes 12 --batch 2 --loss odds \
             --rule momentum --crop 0.8 --out v.npy"
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
fn a_network_is_hardened_in_rounds_and_a_second_run_goes_on() {
    let folder = folder();
    let command = format!(
        "feedback pictures {LENET} --hold-out 2 --perturbations 1 --passes 1 --batch 2 --out hard"
    );
    let report = |more: &str| -> Value {
        let output = lab(folder.path(), &format!("{command} {more} --json"));
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let first = report("--rounds 1");
    assert_eq!(first["pictures"], serde_json::json!([4, 2]));
    assert_eq!(first["rounds"].as_array().unwrap().len(), 2);
    let weights = |round: u32| {
        folder
            .path()
            .join(format!("hard/round-{round}.safetensors"))
    };
    assert_ne!(fs::read(weights(0)).unwrap(), fs::read(weights(1)).unwrap());

    let begun = fs::metadata(weights(1)).unwrap().modified().unwrap();
    let second = report("--rounds 2");
    assert_eq!(second["rounds"].as_array().unwrap().len(), 3);
    assert_eq!(second["rounds"][1], first["rounds"][1]);
    assert_eq!(fs::metadata(weights(1)).unwrap().modified().unwrap(), begun);
    // What was kept is a network.
    let arguments = "classify pictures --network lenet-mnist --weights hard/round-2.safetensors";
    assert_eq!(lab(folder.path(), arguments).status.code(), Some(0));

    assert!(refused(folder.path(), &format!("{command} --seed 1")).contains("other settings"));
    let all = format!("feedback pictures {LENET} --hold-out 6");
    assert!(refused(folder.path(), &all).contains("of 6 pictures, 6"));
}

#[test]
fn several_attacks_are_compared_and_a_second_run_goes_on() {
    let folder = folder();
    let command = format!("robustness pictures {LENET} --out made.jsonl --json");
    let report = |more: &str| -> Value {
        let output = lab(folder.path(), &format!("{command} {more}"));
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let all = "deepfool,deepfool-linf,super-deepfool,fast-gradient,lbfgs,random";
    let budgeted = "fmn,fmn-linf,ddn,smallest,smallest-linf,smallest-unbounded,smallest-eight-bit";
    let few = report(&format!("--attacks {all},{budgeted} --gradients 40"));
    let rows = few["attacks"].as_array().unwrap();
    assert_eq!((rows.len(), &few["gradients"]), (13, &40.into()));
    let value = |name: &str, key: &str| {
        let row = rows.iter().find(|row| row["attack"] == name).unwrap();
        row[key]["value"].as_f64().unwrap()
    };
    assert!(value("deepfool", "fooled") > 0.0);
    assert_eq!(
        value("super-deepfool", "fooled"),
        value("deepfool", "fooled")
    );
    assert!(value("super-deepfool", "rhoAdv") <= value("deepfool", "rhoAdv"));
    assert!(value("random", "rhoAdv") > value("deepfool", "rhoAdv"));
    assert!(value("deepfool-linf", "medianLinf") < value("deepfool", "medianLinf"));
    assert!(value("smallest-unbounded", "medianL2") <= value("deepfool", "medianL2"));
    assert!(value("smallest", "medianL2") <= value("fmn", "medianL2"));
    assert!(value("smallest-linf", "medianLinf") < value("smallest", "medianLinf"));
    for saved in ["ddn", "smallest-eight-bit"] {
        assert_eq!(value(saved, "surviveRounding"), 1.0);
    }
    for name in budgeted.split(',') {
        assert!(value(name, "gradientEvaluations") <= 40.0, "{name}");
    }

    // A line that was cut off is measured again, the others are kept.
    let file = folder.path().join("made.jsonl");
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 1 + 78 + 1);
    let end = text[..text.len() - 1].rfind('\n').unwrap();
    fs::write(&file, &text[..end - 10]).unwrap();
    let more = report("--attacks deepfool,smallest-eight-bit --gradients 40");
    assert_eq!(more["attacks"][0], few["attacks"][0]);
    assert_eq!(more["attacks"][1]["fooled"]["count"], 6);
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 1 + 78 + 1);

    // Another budget is another measurement.
    report("--attacks fmn --gradients 10");
    let text = fs::read_to_string(&file).unwrap();
    assert_eq!(text.lines().count(), 1 + 78 + 1 + 1 + 6 + 1);

    fs::write(&file, "nothing\n").unwrap();
    let refused = refused(folder.path(), &command);
    assert!(refused.contains("line 1 of made.jsonl"), "{refused}");
}

#[test]
fn deepfool_has_a_target_is_tightened_and_survives_in_a_file() {
    let folder = folder();
    let report = |more: &str| -> Value {
        let arguments = format!("deepfool pictures/000[0-2]*.png {LENET} --json {more}");
        let output = lab(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let plain = report("");
    let target = plain["pictures"][0]["adversarialLabel"].as_u64().unwrap();
    let told = report(&format!("--target {target} --bisect"));
    assert_eq!(told["pictures"][0]["adversarialLabel"], target);
    let tighter = report("--tighter");
    assert_eq!(tighter["method"], "SuperDeepFool");
    for (tighter, plain) in tighter["pictures"]
        .as_array()
        .unwrap()
        .iter()
        .zip(plain["pictures"].as_array().unwrap())
    {
        assert!(tighter["l2"].as_f64().unwrap() <= 1.0001 * plain["l2"].as_f64().unwrap());
    }

    // The label in the file is found again by another command.
    let saved = report("--eight-bit --save saved");
    let answers = lab(
        folder.path(),
        &format!("classify saved/*-fooled.png {LENET} --json"),
    );
    let answers: Value = serde_json::from_slice(&answers.stdout).unwrap();
    let mut fooled = 0;
    for (saved, answer) in saved["pictures"]
        .as_array()
        .unwrap()
        .iter()
        .zip(answers["answers"].as_array().unwrap())
    {
        assert_eq!(answer["top"][0]["label"], saved["adversarialLabel"]);
        let is_fooled = saved["adversarialLabel"] != saved["cleanLabel"];
        assert_eq!(saved["survivesRounding"], is_fooled);
        fooled += usize::from(is_fooled);
    }
    assert!(fooled > 0);

    // Within a budget; in whole levels, what was saved was read back to see.
    let least = report("--smallest --gradients 50 --unbounded");
    assert_eq!(
        (&least["method"], &least["budget"]["range"]),
        (&"smallest".into(), &"unbounded".into())
    );
    let all = least["pictures"].as_array().unwrap();
    for (least, plain) in all.iter().zip(plain["pictures"].as_array().unwrap()) {
        assert!(least["l2"].as_f64().unwrap() <= 1.0001 * plain["l2"].as_f64().unwrap());
        assert!(least["gradients"].as_u64().unwrap() <= 50);
    }
    let rounded = report("--smallest --eight-bit --save rounded");
    for least in rounded["pictures"].as_array().unwrap() {
        assert_eq!(least["survivesRounding"], least["fooled"]);
    }
    assert!(
        folder
            .path()
            .join("rounded/0000_n00000000-fooled.png")
            .exists()
    );
    assert_eq!(rounded["pictures"], saved["pictures"]);
    assert_eq!(saved["budget"]["gradients"], 100);
    let refused = |more: &str| refused(folder.path(), &format!("deepfool pictures {LENET} {more}"));
    assert!(refused("--smallest --norm l1").contains("l2 and linf"));
    assert!(refused("--target 10").contains("the last is 9"));
    assert!(refused("--target bear").contains("no class is called bear"));
}

#[test]
fn tar_and_idx_files_are_pictures_too() {
    let folder = folder();
    let path = folder.path();
    let files = fs::read_dir(path.join("pictures")).unwrap();
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "png"));
    files.sort_unstable();
    let mut builder = tar::Builder::new(fs::File::create(path.join("all.tar")).unwrap());
    for (index, file) in files.iter().enumerate() {
        let name = format!("{}/{index}.png", index % 3);
        builder.append_path_with_name(file, name).unwrap();
    }
    builder.finish().unwrap();
    let report = |arguments: &str| -> Value {
        let output = lab(path, &format!("classify {arguments} {LENET} --json"));
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let packed = report("all.tar");
    assert_eq!(packed["pictures"].as_u64().unwrap() as usize, files.len());
    // A folder that is called like a class is its pictures' class.
    assert_eq!(packed["answers"][0]["file"], "0/0.png");
    assert_eq!(packed["answers"][0]["truth"], 0);
    let single = report(&format!("{}", files[0].display()));
    assert_eq!(packed["answers"][0]["top"], single["answers"][0]["top"]);
    assert_eq!(report("all.tar --limit 2")["pictures"], 2);

    let pixels = [7u8; 2 * 28 * 28];
    let mut idx = vec![0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28];
    idx.extend(pixels);
    fs::write(path.join("t-images-idx3-ubyte"), idx).unwrap();
    fs::write(
        path.join("t-labels-idx1-ubyte"),
        [0, 0, 8, 1, 0, 0, 0, 2, 3, 4],
    )
    .unwrap();
    let digits = report("t-images-idx3-ubyte --threads 1");
    assert_eq!(digits["answers"][1]["truth"], 4);
    assert_eq!(digits["answers"][1]["file"], "00001");
    fs::write(path.join("cut-ubyte"), [0, 0, 8, 3, 0]).unwrap();
    assert!(refused(path, &format!("classify cut-ubyte {LENET}")).contains("cut-ubyte"));
}

#[test]
fn a_network_is_trained_and_then_used() {
    let folder = folder();
    let path = folder.path();
    // Bright above, or below.
    let mut images = vec![0, 0, 8, 3, 0, 0, 0, 40, 0, 0, 0, 28, 0, 0, 0, 28];
    let mut labels = vec![0, 0, 8, 1, 0, 0, 0, 40];
    for index in 0..40usize {
        labels.push((index % 2) as u8 + 3);
        images.extend((0..784).map(|pixel| {
            let is_bright = (pixel < 392) == (index % 2 == 0);
            ((pixel * 7 + index * 13) % 40) as u8 + if is_bright { 200 } else { 0 }
        }));
    }
    fs::write(path.join("t-images-idx3-ubyte"), images).unwrap();
    let digits = "t-images-idx3-ubyte";
    let train = "train --network fc-mnist --batch 8 --epochs 4 --data t-images-idx3-ubyte";
    assert!(refused(path, &format!("{train} --out fc.safetensors")).contains("no label"));
    fs::write(path.join("t-labels-idx1-ubyte"), labels).unwrap();

    let output = lab(
        path,
        &format!("{train} --test {digits} --out fc.safetensors --self-test fc.f32 --json"),
    );
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let printed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(printed, read_json(&path.join("fc.json")));
    assert_eq!(printed["testError"]["value"], 0.0);
    assert_eq!(printed["epochs"].as_array().unwrap().len(), 4);
    assert_eq!(fs::read(path.join("fc.f32")).unwrap().len(), 40);
    assert!(!path.join("fc.state").exists());
    let used = lab(
        path,
        &format!("classify {digits} --network fc-mnist --weights fc.safetensors --json"),
    );
    let used: Value = serde_json::from_slice(&used.stdout).unwrap();
    assert_eq!(used["answers"][1]["truth"], 4);
    assert_eq!(used["accuracy"]["top1"], 1.0, "{used}");

    let second = format!("{train} --from fc.safetensors --rate 0.001 --out again.safetensors");
    assert_eq!(lab(path, &second).status.code(), Some(0));
    let told = read_json(&path.join("again.json"));
    assert_eq!(told["from"], printed);
    let both = "average fc.safetensors again.safetensors --network fc-mnist --out mean.safetensors";
    let mean = lab(path, &format!("{both} --test {digits} --json"));
    let mean: Value = serde_json::from_slice(&mean.stdout).unwrap();
    assert_eq!(mean["from"], serde_json::json!([printed, told]));
    assert_eq!(mean["testError"]["value"], 0.0);
    let one = "average fc.safetensors --network fc-mnist --out mean.safetensors";
    assert_eq!(lab(path, one).status.code(), Some(2));
    let other = "average fc.safetensors fc.safetensors --network lenet-mnist --out b.safetensors";
    assert!(refused(path, other).contains("fc.safetensors"));

    let missing = format!("{train} --from none.safetensors --out b.safetensors");
    assert!(refused(path, &missing).contains("none.safetensors"));
    assert!(refused(path, &format!("{train} --out fc.bin")).contains(".safetensors"));
    assert!(refused(path, &format!("{train} --rate 2 --out b.safetensors")).contains("at most 1"));
    fs::write(path.join("b.state"), "damaged").unwrap();
    fs::write(path.join("b.diary.json"), "{}").unwrap();
    assert!(refused(path, &format!("{train} --out b.safetensors")).contains("b."));
    let diary = r#"{"seconds": 60, "from": "fc.safetensors", "epochs": [], "sums": [0, 0, 0]}"#;
    fs::write(path.join("b.diary.json"), diary).unwrap();
    let other = refused(path, &format!("{train} --out b.safetensors"));
    assert!(
        other.contains("began with --from fc.safetensors"),
        "{other}"
    );
}

/// Form and plausibility of every table, on ten pictures of each network.
#[test]
fn every_table_is_made_and_plausible() {
    let Some(data) = shared::file("every_table_is_made_and_plausible", "data/mnist") else {
        return;
    };
    let folder = folder();
    let path = folder.path();
    // The networks' weights are found from the root of the project.
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_lab"))
            .args([
                "tables",
                "--quick",
                "--network",
                "lenet-mnist",
                "--network",
                "fc-mnist",
            ])
            .args(arguments)
            .arg("--data")
            .arg(data.parent().unwrap())
            .arg("--out")
            .arg(path.join("results"))
            .arg("--reports")
            .arg(path.join("reports"))
            .arg("--ship")
            .arg(path.join("perturbations"))
            .current_dir(root)
            .output()
            .unwrap()
    };
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let text = out(&output);
    assert!(
        text.contains("rho_adv, deepfool") && text.contains("published"),
        "{text}"
    );

    let table = |name: &str| read_json(&path.join(format!("results/{name}.json")));
    let names = [
        "robustness",
        "semi-random",
        "universal",
        "universal-by-pictures",
        "transfer",
        "diversity",
        "feedback",
        "label-graph",
        "normals",
        "sections",
    ];
    for name in names {
        let table = table(name);
        assert_eq!(table["table"], name);
        assert_eq!(table["quick"], true);
        let entries = table["entries"].as_array().unwrap();
        assert!(!entries.is_empty(), "{name}");
        for entry in entries {
            let value = entry["value"].as_f64().unwrap();
            assert!(value.is_finite(), "{name}: {entry}");
            if let (Some(low), Some(high)) = (entry["low"].as_f64(), entry["high"].as_f64()) {
                assert!(low <= value && value <= high, "{name}: {entry}");
                assert!(entry["count"].as_u64().unwrap() > 0, "{name}: {entry}");
            }
            assert!(
                entry["command"].as_str().unwrap().starts_with("lab "),
                "{entry}"
            );
            assert!(
                entry["machine"].is_string() && entry["seed"].is_u64(),
                "{entry}"
            );
        }
    }
    let entries = table("robustness")["entries"].clone();
    let find = |network: &str, measure: &str| {
        let mut all = entries.as_array().unwrap().iter();
        let found = all.find(|it| it["network"] == network && it["measure"] == measure);
        found
            .unwrap_or_else(|| panic!("{network}: {measure}"))
            .clone()
    };
    for (network, published) in [("lenet-mnist", 0.2), ("fc-mnist", 0.11)] {
        let rho = find(network, "rho_adv, deepfool");
        assert_eq!(rho["published"]["value"], published);
        let ratio = rho["value"].as_f64().unwrap() / published;
        assert!((0.5..2.0).contains(&ratio), "{network}: {ratio}");
        // The sign of the gradient needs more than DeepFool.
        let sign = find(network, "rho_adv, fast-gradient");
        assert!(sign["value"].as_f64() > rho["value"].as_f64());
    }
    let published = table("universal")["published"].clone();
    assert_eq!(published.as_array().unwrap().len(), 12);

    // Two of the rates, and five of which the first is one of those, for each.
    let shipped = read_json(&path.join("perturbations/catalogue.json"));
    let shipped = shipped.as_array().unwrap();
    assert_eq!(shipped.len(), 2 * 6);
    for entry in shipped {
        let file = path
            .join("perturbations")
            .join(entry["file"].as_str().unwrap());
        let bytes = fs::read(file).unwrap();
        assert!(bytes.len() <= 200_000, "{entry}");
        let v = foolscope::npy::from_bytes(&bytes, [1, 28, 28]).unwrap();
        let norm = match entry["norm"].as_str().unwrap() {
            "l2" => Norm::L2,
            _ => Norm::Linf,
        };
        let levels = 255.0 * norm.of(v.values());
        let radius = entry["radius"].as_f64().unwrap();
        assert!(levels <= radius * 1.001, "{levels}: {entry}");
        for rates in ["foolingRate", "foolingRateSaved"] {
            let others = entry[rates]["others"].as_f64().unwrap();
            assert!((0.0..=1.0).contains(&others), "{entry}");
        }
    }

    // A second run measures nothing again.
    let again = run(&["--only", "sections"]);
    let said = String::from_utf8(again.stderr.clone()).unwrap();
    assert!(said.contains("0 commands"), "{said}");
    assert_eq!(
        out(&again).lines().next(),
        Some("How curved the boundary is")
    );

    // A table made of one network's reports keeps what it said of the others.
    let kept = path.join("kept");
    fs::create_dir(&kept).unwrap();
    let before = |network: &str| json!({"network": network, "measure": "test error", "value": 0.5});
    let before = json!({"entries": [before("fc-mnist"), before("lenet-mnist")]});
    fs::write(kept.join("robustness.json"), before.to_string()).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_lab"))
        .args(["tables", "--from-reports", "--only", "robustness"])
        .args(["--network", "fc-mnist", "--data"])
        .arg(data.parent().unwrap())
        .arg("--out")
        .arg(&kept)
        .arg("--reports")
        .arg(path.join("reports"))
        .current_dir(root)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let table = read_json(&kept.join("robustness.json"));
    let errors = table["entries"].as_array().unwrap().iter();
    let errors = errors.filter(|it| it["measure"] == "test error");
    let errors: Vec<(&str, bool)> = errors
        .map(|it| (it["network"].as_str().unwrap(), it["value"] == 0.5))
        .collect();
    assert_eq!(errors, [("lenet-mnist", true), ("fc-mnist", false)]);
}

/// A figure of www/results, and the command that made it.
fn shipped_figure(table: &str, network: &str, measure: &str) -> (Value, Vec<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let table = read_json(&root.join(format!("www/results/{table}.json")));
    let mut entries = table["entries"].as_array().unwrap().iter();
    let found = entries.find(|it| it["network"] == network && it["measure"] == measure);
    let found = found.unwrap_or_else(|| panic!("{network}: {measure}"));
    let command = found["command"].as_str().unwrap();
    let words = command.split(' ').skip(1).map(str::to_owned).collect();
    (found.clone(), words)
}

#[test]
fn three_shipped_figures_come_out_again() {
    const NAME: &str = "three_shipped_figures_come_out_again";
    if shared::file(NAME, "data/mnist").is_none() {
        return;
    }
    let folder = folder();
    let network = "lenet-mnist";
    // The command that made it, with nothing to go on from but what is shipped.
    let again = |command: &[String]| -> Value {
        let mut command = command.to_vec();
        for at in 1..command.len() {
            if command[at - 1] == "--out" {
                let file = format!("again-{}", command[0]);
                command[at] = folder.path().join(file).display().to_string();
            }
        }
        let output = Command::new(env!("CARGO_BIN_EXE_lab"))
            .args(&command)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{command:?}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let is_within = |figure: &Value, value: f64| {
        let [low, high] = ["low", "high"].map(|key| figure[key].as_f64().unwrap());
        assert!((low..=high).contains(&value), "{value} is not in {figure}");
    };

    let (rho, command) = shipped_figure("robustness", network, "rho_adv, deepfool");
    let command: Vec<String> = command
        .iter()
        .map(|word| match word.starts_with("deepfool,") {
            true => "deepfool".to_owned(),
            false => word.clone(),
        })
        .collect();
    let report = again(&command);
    is_within(
        &rho,
        report["attacks"][0]["rhoAdv"]["value"].as_f64().unwrap(),
    );

    let (beta, command) = shipped_figure("semi-random", network, "beta, m/d = 1/16");
    let report = again(&command);
    let mut rows = report["beta"].as_array().unwrap().iter();
    let row = rows.find(|row| (row["ratio"].as_f64().unwrap() * 16.0 - 1.0).abs() < 1e-9);
    is_within(&beta, row.unwrap()["beta"]["value"].as_f64().unwrap());

    // From the file that the page downloads.
    let measure = format!("{network}'s fools {network}");
    let (rate, command) = shipped_figure("transfer", network, &measure);
    let pictures = command.iter().take_while(|word| *word != "--perturbation");
    // Wherever it stood: it may be said once.
    let pictures = pictures.filter(|word| *word != "--json");
    let mut command: Vec<String> = pictures.cloned().collect();
    let file = "www/perturbations/lenet-mnist-linf51.npy";
    let rest = ["--perturbation", file, "--network", network, "--json"];
    command.extend(rest.map(str::to_owned));
    let report = again(&command);
    is_within(&rate, report["rates"][0][0]["value"].as_f64().unwrap());
}

/// Without what differs from run to run: times.
fn without_seconds(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.remove("seconds");
            fields.remove("took");
            fields.values_mut().for_each(without_seconds);
        }
        Value::Array(values) => values.iter_mut().for_each(without_seconds),
        _ => {}
    }
}

/// The names and bytes of the files in a folder; JSON without times.
fn files_in(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let read = |path: std::path::PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.extension().is_some_and(|ending| ending == "json") {
            let mut value = read_json(&path);
            without_seconds(&mut value);
            return (name, value.to_string().into_bytes());
        }
        if path.extension().is_some_and(|ending| ending == "jsonl") {
            return (name, lines_of(&path).join("\n").into_bytes());
        }
        (name, fs::read(path).unwrap())
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    let (folders, paths): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
    let mut files: Vec<_> = paths.into_iter().map(read).collect();
    files.extend(folders.iter().flat_map(|inner| files_in(inner)));
    files.sort();
    files
}

/// The lines of JSON in a file, without times.
fn lines_of(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    let line = |line: &str| {
        let mut value: Value = serde_json::from_str(line).unwrap();
        without_seconds(&mut value);
        value.to_string()
    };
    text.lines().map(line).collect()
}

/// Pictures go side by side, and nobody can tell from the results: not from
/// their order, nor from what is said of a file that is none.
#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("pictures/0002_none.png"), "no picture").unwrap();
    fs::write(path.join("pictures/0004_none.png"), "no picture").unwrap();
    let v = write_fooling(path);
    let font = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/assets/fonts/DejaVuSans-Bold.ttf");
    let mut commands = vec![
        format!("classify pictures --perturbation {v}"),
        "deepfool pictures --save made".to_owned(),
        "deepfool pictures --tighter".to_owned(),
        "deepfool pictures --eight-bit --save made".to_owned(),
        "robustness pictures --attacks deepfool,random,fast-gradient,lbfgs".to_owned(),
        "semi-random pictures --ratios 1,1/9 --draws 2".to_owned(),
        "occlusion pictures --stride 6 --save made --out made/all.jsonl".to_owned(),
        "transformation pictures --only translation --farthest 0.2 --save made".to_owned(),
        "section pictures --points 7 --save made --out made/all.jsonl".to_owned(),
        format!("normals pictures --perturbation {v} --draws 2 --out made/all.jsonl"),
        format!("graph pictures --perturbation {v} --threshold 0.1"),
        format!("transfer pictures --perturbation {v} --network lenet-mnist=lenet.safetensors"),
        "universal pictures --passes 2 --hold-out 2 --out made/v.npy".to_owned(),
    ];
    if font.exists() {
        commands.push(format!(
            "words pictures --text HI --font {} --save made",
            font.display()
        ));
    }
    for command in commands {
        let network = if command.starts_with("transfer") {
            ""
        } else {
            LENET
        };
        let run = |threads: &str| {
            let output = Command::new(env!("CARGO_BIN_EXE_lab"))
                .args(command.split_whitespace())
                .args(network.split_whitespace())
                .arg("--json")
                .env("RAYON_NUM_THREADS", threads)
                .current_dir(path)
                .output()
                .unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(3), "{command}: {said}");
            // A slow run says how far it is as well.
            let named: Vec<&str> = said.lines().filter(|it| it.starts_with("lab: ")).collect();
            assert_eq!(named.len(), 2, "{command}: {said}");
            assert!(named[0].contains("0002_none") && named[1].contains("0004_none"));
            let mut report: Value = serde_json::from_slice(&output.stdout).unwrap();
            without_seconds(&mut report);
            let files = files_in(&path.join("made"));
            let _ = fs::remove_dir_all(path.join("made"));
            (report, files)
        };
        let one = run("1");
        assert_eq!(one.1.is_empty(), !command.contains("made"), "{command}");
        assert_eq!(run("5"), one, "{command}");
    }
}

/// Whatever goes picture by picture can be done in parts, on several machines.
#[test]
fn parts_that_were_made_apart_make_the_same_report() {
    let folder = folder();
    let path = folder.path();
    fs::write(path.join("pictures/0002_none.png"), "no picture").unwrap();
    let v = write_fooling(path);
    let font = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/assets/fonts/DejaVuSans-Bold.ttf");
    let mut commands = vec![
        format!("classify pictures --perturbation {v}"),
        "deepfool pictures --target 3".to_owned(),
        "deepfool pictures --smallest --gradients 20".to_owned(),
        "robustness pictures --attacks deepfool,random,fmn --gradients 10".to_owned(),
        "semi-random pictures --ratios 1,1/9 --draws 2".to_owned(),
        "occlusion pictures --stride 6".to_owned(),
        "transformation pictures --only translation --farthest 0.2".to_owned(),
        "section pictures --points 7".to_owned(),
        format!("normals pictures --perturbation {v} --draws 2"),
        format!("graph pictures --perturbation {v} --threshold 0.1"),
        format!("transfer pictures --perturbation {v} --network lenet-mnist=lenet.safetensors"),
    ];
    if font.exists() {
        let font = font.display();
        commands.push(format!("words pictures --text HI --font {font}"));
    }
    let plain = |output: &Output| {
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        let mut report: Value = serde_json::from_slice(&output.stdout).unwrap();
        without_seconds(&mut report);
        let fields = report.as_object_mut().unwrap();
        fields.remove("command");
        // What lies in another file for each part.
        for picture in fields
            .get_mut("pictures")
            .and_then(Value::as_array_mut)
            .into_iter()
            .flatten()
        {
            picture.as_object_mut().unwrap().remove("normalFile");
        }
        report
    };
    for command in commands {
        let network = match command.starts_with("transfer") {
            true => "",
            false => LENET,
        };
        let whole = plain(&lab(path, &format!("{command} {network} --json")));
        // Of seven files; the second part is of none that can be read.
        for part in 1..=4 {
            let more = format!("--part {part}/4 --out parts/{part}/lines.jsonl");
            lab(path, &format!("{command} {network} {more}"));
        }
        // What is done is not done again, whatever numbers the settings have.
        let kept = || fs::read_to_string(path.join("parts/1/lines.jsonl")).unwrap();
        let before = kept();
        let again = format!("{command} {network} --part 1/4 --out parts/1/lines.jsonl");
        assert_eq!(lab(path, &again).status.code(), Some(0), "{again}");
        assert_eq!(kept(), before, "{again}");
        let files = "parts/3/lines.jsonl parts/1/lines.jsonl parts/4/lines.jsonl";
        let merged = lab(path, &format!("merge parts/2/lines.jsonl {files} --json"));
        assert_eq!(
            without_last_digits(plain(&merged)),
            without_last_digits(whole),
            "{command}"
        );
        let few = refused(path, &format!("merge {files}"));
        assert!(few.contains("name all 4"), "{few}");
        fs::remove_dir_all(path.join("parts")).unwrap();
    }
}

/// Numbers to ten digits: sums of what was read again may differ in the last.
fn without_last_digits(mut value: Value) -> Value {
    match &mut value {
        Value::Number(number) if number.is_f64() => {
            let number = number.as_f64().unwrap();
            value = format!("{number:.9e}").into();
        }
        Value::Object(fields) => {
            for field in fields.values_mut() {
                *field = without_last_digits(field.take());
            }
        }
        Value::Array(values) => {
            for field in values.iter_mut() {
                *field = without_last_digits(field.take());
            }
        }
        _ => {}
    }
    value
}

/// Lines that were left are of this picture, this network and this noise, or are
/// not taken.
#[test]
fn what_has_changed_is_not_taken_for_what_it_was() {
    let folder = folder();
    let path = folder.path();
    let go = |arguments: &str| lab(path, arguments);
    write_noise(path, "v.npy", 0.1);
    let classify = format!("classify pictures {LENET} --perturbation v.npy --out c.jsonl");
    assert_eq!(go(&classify).status.code(), Some(0));
    write_noise(path, "v.npy", 0.2);
    assert!(refused(path, &classify).contains("name another file"));

    fs::copy(path.join("lenet.safetensors"), path.join("w.safetensors")).unwrap();
    let deepfool = "deepfool pictures --network lenet-mnist --weights w.safetensors --out d.jsonl";
    assert_eq!(go(deepfool).status.code(), Some(0));
    let mut weights = fs::read(path.join("w.safetensors")).unwrap();
    *weights.last_mut().unwrap() ^= 1;
    fs::write(path.join("w.safetensors"), weights).unwrap();
    assert!(refused(path, deepfool).contains("another network"));

    // A picture that was cut short is done again, and said again.
    let whole = jpeg(64);
    fs::create_dir(path.join("some")).unwrap();
    let half = path.join("some/half.jpg");
    fs::write(&half, &whole[..whole.len() * 2 / 3]).unwrap();
    let some = format!("classify some {LENET} --out s.jsonl --json");
    for _ in 0..2 {
        let output = go(&some);
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["cutShort"], json!(["some/half.jpg"]));
    }
    fs::write(&half, whole).unwrap();
    let mended = report(&go(&some));
    assert!(mended["cutShort"].is_null() && mended["answers"][0]["cutShort"].is_null());
    let fresh = report(&go(&format!("classify some {LENET} --json")));
    assert_eq!(mended["answers"], fresh["answers"]);

    // So is another picture that lies there under its name.
    fs::write(&half, jpeg(48)).unwrap();
    let replaced = report(&go(&some));
    let fresh = report(&go(&format!("classify some {LENET} --json")));
    assert_eq!(replaced["answers"], fresh["answers"]);
    assert_ne!(replaced["answers"], mended["answers"]);

    // Other settings of what is done with the lines are the last ones'.
    let graph = format!("graph pictures {LENET} --perturbation v.npy --part 1/1 --out g.jsonl");
    for threshold in ["0.5", "0.75"] {
        assert_eq!(
            go(&format!("{graph} --threshold {threshold}"))
                .status
                .code(),
            Some(0)
        );
    }
    let merged = report(&go("merge g.jsonl --json"));
    assert_eq!(merged["options"]["threshold"], 0.75);

    let held = fs::File::open(path.join("g.jsonl")).unwrap();
    held.lock().unwrap();
    assert!(refused(path, &graph).contains("another lab writes to g.jsonl"));
}

#[test]
fn no_picture_overwrites_what_another_of_its_name_has() {
    let folder = folder();
    let path = folder.path();
    for (n, inner) in ["a", "b"].into_iter().enumerate() {
        fs::create_dir(path.join(inner)).unwrap();
        let from = path.join(format!("pictures/{n:04}_n{n:08}.png"));
        fs::copy(from, path.join(inner).join("x.png")).unwrap();
    }
    let files = |inner: &str, ending: &str| {
        let names = files_in(&path.join(inner))
            .into_iter()
            .map(|(name, _)| name);
        names.filter(|name| name.ends_with(ending)).count()
    };
    // Also where the lines were there before.
    let deepfool = format!("deepfool a b {LENET} --out d.jsonl");
    assert_eq!(lab(path, &deepfool).status.code(), Some(0));
    assert_eq!(
        lab(path, &format!("{deepfool} --save saved")).status.code(),
        Some(0)
    );
    assert_eq!(files("saved", "-fooled.png"), 2);
    let section = format!("section a b {LENET} --points 5 --save cuts");
    assert_eq!(lab(path, &section).status.code(), Some(0));
    assert_eq!(files("cuts", ".json"), 2);

    let normals =
        |inner: &str| format!("normals {inner} {LENET} --draws 1 --out n/{inner}.jsonl --json");
    let first = report(&lab(path, &normals("a")));
    report(&lab(path, &normals("b")));
    let again = report(&lab(path, &normals("a")));
    assert_eq!(again["singularValues"], first["singularValues"]);
    // What was lost is made again.
    fs::remove_dir_all(path.join("n/a")).unwrap();
    let made = report(&lab(path, &normals("a")));
    assert_eq!(made["pictures"], first["pictures"]);
    assert_eq!(files("n/a", ".npy"), 1);
}

#[test]
fn what_is_wrong_with_parts_is_said() {
    let folder = folder();
    let path = folder.path();
    let part = |part: &str, more: &str, file: &str| {
        let command = format!("classify pictures {LENET} --part {part} --out {file} {more}");
        assert_eq!(lab(path, &command).status.code(), Some(0), "{command}");
    };
    part("1/2", "", "a.jsonl");
    part("2/2", "", "b.jsonl");
    part("1/3", "", "third.jsonl");
    let refused_command = |command: &str| refused(path, command);
    let refused = |files: &str| refused(path, &format!("merge {files}"));
    assert!(refused("a.jsonl a.jsonl").contains("part 1/2 again"));
    assert!(refused("a.jsonl third.jsonl").contains("name all 3"));
    write_noise(path, "v.npy", 0.1);
    part("2/2", "--perturbation v.npy", "with.jsonl");
    assert!(refused("a.jsonl with.jsonl").contains("other settings"));
    let deepfool = format!("deepfool pictures {LENET} --part 2/2 --out deepfool.jsonl");
    assert_eq!(lab(path, &deepfool).status.code(), Some(0));
    assert!(
        refused("a.jsonl deepfool.jsonl")
            .contains("line 1 of deepfool.jsonl is not of lab classify")
    );

    // Going on with more pictures makes it another part.
    let more = format!("classify pictures lenet.png {LENET} --part 1/2 --out a.jsonl");
    fs::copy(
        path.join("pictures/0000_n00000000.png"),
        path.join("lenet.png"),
    )
    .unwrap();
    assert!(refused_command(&more).contains("was made of other pictures"));
    let attacks = |part: &str, attacks: &str| {
        let file = format!("r{}.jsonl", &part[..1]);
        let more = format!("--part {part} --attacks {attacks} --out {file}");
        let output = lab(path, &format!("robustness pictures {LENET} {more}"));
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    };
    attacks("1/2", "deepfool");
    attacks("2/2", "deepfool,random");
    assert!(refused("r1.jsonl r2.jsonl").contains("not the same was found in all parts"));

    let text = fs::read_to_string(path.join("b.jsonl")).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let without = [&lines[..1], &lines[2..]].concat().join("\n") + "\n";
    fs::write(path.join("b.jsonl"), without).unwrap();
    assert!(refused("a.jsonl b.jsonl").contains("b.jsonl is not finished"));
    fs::write(path.join("b.jsonl"), &text[..text.len() - 3]).unwrap();
    assert!(refused("a.jsonl b.jsonl").contains("b.jsonl is not finished"));
    let end = text[..text.len() - 1].rfind('\n').unwrap();
    fs::write(path.join("b.jsonl"), &text[..=end]).unwrap();
    assert!(refused("a.jsonl b.jsonl").contains("b.jsonl is not finished"));
    part("2/2", "", "b.jsonl");
    assert_eq!(fs::read_to_string(path.join("b.jsonl")).unwrap(), text);
    assert!(out(&lab(path, "merge a.jsonl b.jsonl")).contains("6 pictures in"));

    let whole = format!("classify pictures {LENET} --out whole.jsonl");
    assert_eq!(lab(path, &whole).status.code(), Some(0));
    assert!(refused("whole.jsonl").contains("make it with --part"));
    fs::write(path.join("no.jsonl"), "nothing\n").unwrap();
    assert!(refused("no.jsonl").contains("no.jsonl was not written by lab"));
    assert!(refused("absent.jsonl").contains("absent.jsonl"));
}

#[test]
fn parts_go_together_wherever_pictures_and_weights_lie() {
    let folder = folder();
    let path = folder.path();
    fs::create_dir(path.join("elsewhere")).unwrap();
    for (name, bytes) in files_in(&path.join("pictures")) {
        fs::write(path.join("elsewhere").join(name), bytes).unwrap();
    }
    fs::copy(
        path.join("lenet.safetensors"),
        path.join("same.safetensors"),
    )
    .unwrap();
    let there = "--network lenet-mnist --weights same.safetensors";
    for command in [
        format!("classify pictures {LENET} --part 1/2 --out a.jsonl"),
        format!("classify elsewhere {there} --part 2/2 --out b.jsonl"),
    ] {
        assert_eq!(lab(path, &command).status.code(), Some(0), "{command}");
    }
    assert!(out(&lab(path, "merge a.jsonl b.jsonl")).contains("6 pictures in"));
    let text = fs::read_to_string(path.join("b.jsonl")).unwrap();
    let version = format!("\"version\":\"{}\"", env!("CARGO_PKG_VERSION"));
    fs::write(
        path.join("b.jsonl"),
        text.replace(&version, "\"version\":\"9\""),
    )
    .unwrap();
    assert!(refused(path, "merge a.jsonl b.jsonl").contains("by another version of lab"));
}

#[test]
fn a_part_of_which_not_all_was_found_is_not_merged() {
    let folder = folder();
    let path = folder.path();
    let part = |part: &str, attacks: &str| {
        let file = format!("{}.jsonl", &part[..1]);
        let command =
            format!("robustness pictures {LENET} --part {part} --attacks {attacks} --out {file}");
        assert_eq!(lab(path, &command).status.code(), Some(0), "{command}");
    };
    part("1/2", "deepfool,fast-gradient");
    part("2/2", "deepfool");
    // Ended after one picture, and gone on with as something else.
    let second = path.join("2.jsonl");
    let text = fs::read_to_string(&second).unwrap();
    let begin: Vec<&str> = text.split_inclusive('\n').take(2).collect();
    fs::write(&second, begin.concat()).unwrap();
    part("2/2", "fast-gradient");
    let said = refused(path, "merge 1.jsonl 2.jsonl");
    assert!(
        said.contains("2.jsonl not the same was found of every picture"),
        "{said}"
    );
    part("2/2", "deepfool,fast-gradient");
    assert_eq!(lab(path, "merge 1.jsonl 2.jsonl").status.code(), Some(0));
}

#[test]
fn a_file_that_is_not_ours_stays_as_it_is() {
    let folder = folder();
    let path = folder.path();
    let command = format!("deepfool pictures {LENET} --out mine");
    for text in ["my notes", "one\ntwo\nlast", "{\"a\": 1}", "\u{fffd}\n"] {
        fs::write(path.join("mine"), text).unwrap();
        let said = refused(path, &command);
        assert!(
            said.contains("is not of lab deepfool: name another file"),
            "{said}"
        );
        assert_eq!(fs::read_to_string(path.join("mine")).unwrap(), text);
        assert!(refused(path, "merge mine").contains("was not written by lab"));
    }
    // Ours, of which the first line was cut off.
    fs::write(path.join("mine"), "{\"lab\":\"deepf").unwrap();
    assert_eq!(lab(path, &command).status.code(), Some(0));
    #[cfg(unix)]
    for other in ["/dev/null", "/dev/full"] {
        let said = refused(path, &format!("deepfool pictures {LENET} --out {other}"));
        assert!(said.contains("no file that can be read again"), "{said}");
    }
}

/// What is half done when it is stopped is reported, and not done.
#[cfg(unix)]
#[test]
fn ctrl_c_leaves_no_half_of_a_picture_behind() {
    use std::process::Stdio;
    use std::time::Duration;
    let folder = folder();
    let path = folder.path();
    let command = format!("section pictures/0000* {LENET} --points 1001 --out cuts.jsonl");
    let running = Command::new(env!("CARGO_BIN_EXE_lab"))
        .args(command.split_whitespace())
        .current_dir(path)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !fs::read_to_string(path.join("cuts.jsonl")).is_ok_and(|text| text.ends_with('\n')) {
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(500));
    let id = running.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let output = running.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("the same command goes on from there"),
        "{said}"
    );
    let text = fs::read_to_string(path.join("cuts.jsonl")).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
}

/// Nothing that was finished is lost, and a second run does the rest.
#[cfg(unix)]
#[test]
fn ctrl_c_keeps_what_was_finished() {
    use std::io::Read;
    use std::process::Stdio;
    use std::time::{Duration, Instant};
    let folder = folder();
    let path = folder.path();
    for n in 6..400 {
        let from = path.join(format!("pictures/{:04}_n{:08}.png", n % 6, n % 6));
        fs::copy(from, path.join(format!("pictures/{n:04}_n{n:08}.png"))).unwrap();
    }
    let command = format!("robustness pictures {LENET} --attacks lbfgs,deepfool --json");
    let mut running = Command::new(env!("CARGO_BIN_EXE_lab"))
        .args(command.split_whitespace())
        .args(["--out", "needed.jsonl", "--threads", "4"])
        .current_dir(path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let kept = path.join("needed.jsonl");
    let begun = Instant::now();
    while !fs::read_to_string(&kept).is_ok_and(|text| text.lines().count() >= 6) {
        assert!(begun.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(5));
    }
    let id = running.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let mut printed = String::new();
    running
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut printed)
        .unwrap();
    assert_eq!(running.wait().unwrap().code(), Some(130));

    let text = fs::read_to_string(&kept).unwrap();
    let lines: Vec<Value> = text
        .lines()
        .skip(1)
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!((5..800).contains(&lines.len()), "{}", lines.len());
    let files: Vec<&str> = lines
        .iter()
        .map(|line| line["file"].as_str().unwrap())
        .collect();
    assert!(files.is_sorted(), "{files:?}");
    let report: Value = serde_json::from_str(&printed).unwrap();
    let of = |attack: &str| lines.iter().filter(|line| line["attack"] == attack).count();
    assert_eq!(report["attacks"][0]["fooled"]["count"], of("lbfgs"));
    assert_eq!(report["attacks"][1]["fooled"]["count"], of("deepfool"));

    let few = command.replace("lbfgs,deepfool", "lbfgs") + " --out needed.jsonl --limit 3";
    assert_eq!(lab(path, &few).status.code(), Some(0));
    let after = fs::read_to_string(&kept).unwrap();
    assert!(after.starts_with(&text), "what was kept is measured again");
}

#[test]
fn the_machine_is_measured() {
    let folder = folder();
    let path = folder.path();
    let small = format!("bench pictures {LENET} --repeats 2");
    let rows = [
        "load",
        "first-forward",
        "first-gradients",
        "forward",
        "gradients-10",
        "deepfool-5",
        "universal-640",
        "memory",
    ];
    let found = report(&lab(
        path,
        &format!("{small} --columns cpu-1,cpu-all --json"),
    ));
    assert_eq!(found["project"], "foolscope");
    assert_eq!(
        (&found["network"], &found["device"]),
        (&json!("lenet-mnist"), &json!("CPU"))
    );
    assert_eq!(found["date"].as_str().unwrap().len(), 10);
    assert!(found["machine"].as_str().unwrap().contains("threads"));
    let cells = found["rows"].as_array().unwrap();
    let names = |column: &str| -> Vec<&str> {
        let cells = cells.iter().filter(|cell| cell["column"] == column);
        cells.map(|cell| cell["row"].as_str().unwrap()).collect()
    };
    assert_eq!(
        (names("cpu-1"), names("cpu-all")),
        (rows.to_vec(), rows.to_vec())
    );
    for cell in cells {
        let number = |key: &str| cell[key].as_f64();
        if cell["row"] == "memory" && number("median").is_none() {
            assert_eq!(cell["note"], "This system does not tell.");
            continue;
        }
        let [least, middle, most] = ["min", "median", "max"].map(|key| number(key).unwrap());
        assert!(0.0 < least && least <= middle && middle <= most, "{cell}");
        let is_once = ["universal-640", "memory"].contains(&cell["row"].as_str().unwrap());
        assert_eq!(cell["runs"], if is_once { 1 } else { 2 }, "{cell}");
        let few = (cell["row"] == "universal-640").then_some("Of only 6 photo(s).");
        assert_eq!(cell["note"].as_str(), few);
    }
    // What comes first includes what comes later.
    let of = |row: &str| cells.iter().find(|cell| cell["row"] == row).unwrap()["min"].as_f64();
    assert!(of("load") > of("first-forward"));

    let table = out(&lab(
        path,
        &format!("{small} --columns cpu-all --rows memory,forward"),
    ));
    assert!(
        table.contains("cpu-all") && !table.contains("gradients-10"),
        "{table}"
    );
    assert!(table.contains("lenet-mnist on CPU"), "{table}");
    let refused = |arguments: &str| refused(path, arguments);
    assert!(refused(&format!("bench {LENET}")).contains("npm start"));
    assert!(refused(&format!("bench none.png {LENET}")).contains("none.png"));
}
