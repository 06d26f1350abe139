//! The examples for clusters: parts that jobs made, and the report of all.

#![cfg(all(unix, feature = "lab"))]

use foolscope::photo;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

const LAB: &str = env!("CARGO_BIN_EXE_lab");

fn example(file: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("examples/cluster").join(file)
}

/// A folder with some pictures, and a link to the weights that are part of the
/// project.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("photos")).unwrap();
    for n in 0..5u32 {
        let level = |x: u32, y: u32| ((x * (n + 3) + y * 11) % 256) as u8;
        let pixels = (0..28 * 28).map(|i| level(i % 28, i / 28));
        let rgba: Vec<u8> = pixels.flat_map(|it| [it, it, it, 255]).collect();
        let file = folder.path().join(format!("photos/{n}.png"));
        photo::save_png(file, &rgba, 28, 28).unwrap();
    }
    fs::write(folder.path().join("photos/5.png"), "no picture").unwrap();
    folder
}

fn network() -> String {
    let weights = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models/lenet-mnist.safetensors");
    format!("--network lenet-mnist --weights {}", weights.display())
}

fn report(output: &Output) -> Value {
    assert!(matches!(output.status.code(), Some(0 | 3)), "{output:?}");
    let mut report: Value = serde_json::from_slice(&output.stdout).unwrap();
    for row in report["attacks"].as_array_mut().unwrap() {
        row.as_object_mut().unwrap().remove("seconds");
    }
    report
}

/// What one machine says of all pictures.
fn whole(folder: &Path) -> Value {
    let words = format!("robustness photos {} --attacks deepfool --json", network());
    let lab = Command::new(LAB)
        .args(words.split(' '))
        .current_dir(folder)
        .output();
    report(&lab.unwrap())
}

#[test]
fn a_slurm_array_makes_parts() {
    let folder = folder();
    let part = |part: usize| {
        let words = format!("robustness photos {} --attacks deepfool", network());
        let job = Command::new("bash")
            .arg(example("parts.sbatch"))
            .args(words.split(' '))
            .env("SLURM_ARRAY_TASK_ID", part.to_string())
            .envs([("LAB", LAB), ("PARTS", "2"), ("SLURM_CPUS_PER_TASK", "1")])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(job.status.success(), "{job:?}");
    };
    part(1);
    part(2);
    // One that was ended is started again.
    part(2);
    let merge = Command::new(LAB)
        .args(["merge", "parts/1.jsonl", "parts/2.jsonl", "--json"])
        .current_dir(folder.path())
        .output();
    let (merged, whole) = (report(&merge.unwrap()), whole(folder.path()));
    assert_eq!(merged["attacks"], whole["attacks"]);
    assert_eq!(merged["unreadable"], whole["unreadable"]);

    let wrong = Command::new("bash")
        .arg(example("parts.sbatch"))
        .args(["robustness", "nowhere"])
        .env("SLURM_ARRAY_TASK_ID", "1")
        .envs([("LAB", LAB), ("PARTS", "2")])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(wrong.status.code(), Some(1), "{wrong:?}");
}

#[test]
fn snakemake_makes_a_report_of_two_parts() {
    let local = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/snakemake/bin/snakemake");
    let snakemake = std::env::var("FOOLSCOPE_SNAKEMAKE").map_or(local, PathBuf::from);
    let asked = Command::new(&snakemake).arg("--version").output();
    if !asked.is_ok_and(|output| output.status.success()) {
        println!("skipped: snakemake_makes_a_report_of_two_parts (needs Snakemake)");
        return;
    }
    let folder = folder();
    let run = Command::new(&snakemake)
        .arg("--snakefile")
        .arg(example("Snakefile"))
        .args(["--cores", "2", "--config", "parts=2", "pictures=photos"])
        .arg(format!("options={} --attacks deepfool", network()))
        .arg(format!("lab={LAB}"))
        .env("HOME", folder.path())
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(run.status.success(), "{run:?}");
    assert!(folder.path().join("parts/2.jsonl").exists());
    let text = fs::read(folder.path().join("report.json")).unwrap();
    let mut made: Value = serde_json::from_slice(&text).unwrap();
    made["attacks"][0]
        .as_object_mut()
        .unwrap()
        .remove("seconds");
    let whole = whole(folder.path());
    assert_eq!(made["attacks"], whole["attacks"]);
    assert_eq!(made["unreadable"], whole["unreadable"]);
}
