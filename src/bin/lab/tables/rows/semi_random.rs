//! Noise in random subspaces.

use super::{Figure, Job, Subject, Table, Value, list};

pub const TABLE: Table = Table {
    name: "semi-random",
    file: "semi-random",
    about: "beta(f; m)",
    title: "Semi-random noise: its size beside what flat boundaries predict",
    jobs,
    figures,
};

fn jobs(of: &Subject, _: &[Subject]) -> Vec<Job> {
    let few = of.counts.few;
    let command = format!("semi-random --draw {few}");
    let job = of.own_job("semi-random", &command, 40.0 * few as f64);
    let lines = of.file("semi-random", "jsonl");
    vec![job.path(&of.test).with("--out", &lines)]
}

fn figures(_: &Job, report: &Value) -> Vec<Figure> {
    let rows = list(report, "beta").iter();
    rows.map(|row| Figure {
        deviation: row["deviation"].as_f64(),
        ..Figure::new(measure(row["ratio"].as_f64()), &row["beta"])
    })
    .collect()
}

/// As the paper has its columns: `beta, m/d = 1/16`.
fn measure(ratio: Option<f64>) -> String {
    let parts = ratio.map_or(0.0, |ratio| 1.0 / ratio);
    match parts.round() {
        whole if whole < 1.0 || (parts - whole).abs() > 1e-6 => "beta".to_owned(),
        1.0 => "beta, m/d = 1".to_owned(),
        whole => format!("beta, m/d = 1/{whole}"),
    }
}
