//! The notebook of `examples/python`, run where PyTorch is at hand: by the
//! Python that `FOOLSCOPE_PYTHON` names, else `python3`.

#![cfg(feature = "lab")]

use std::path::Path;
use std::process::Command;

#[test]
fn python_finds_the_fooling_rate_that_lab_finds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let skip = |why| println!("skipped: python_finds_the_fooling_rate_that_lab_finds ({why})");
    let python = std::env::var("FOOLSCOPE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let asked = Command::new(&python)
        .args(["-c", "import numpy, torch, PIL"])
        .output();
    if !asked.is_ok_and(|output| output.status.success()) {
        return skip("needs PyTorch");
    }
    if !root.join("www/assets/samples").exists() {
        return skip("needs the sample photos");
    }
    let run = Command::new(&python)
        .arg(root.join("tests/files/run_notebook.py"))
        .arg(root.join("examples/python/perturbations.ipynb"))
        .env("FOOLSCOPE_ROOT", root)
        .env("FOOLSCOPE_LAB", env!("CARGO_BIN_EXE_lab"))
        .env("OMP_NUM_THREADS", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(
        run.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&run.stderr)
    );
    println!("{said}");
    assert!(said.contains("fooling rate by lab"));
}
