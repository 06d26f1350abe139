//! Singular values of the normals.

use super::{Figure, Job, Subject, Table, Value, json};

pub const TABLE: Table = Table {
    name: "normals",
    file: "normals",
    about: "Singular values of the normals",
    title: "What normals of the boundary have in common",
    jobs,
    figures,
};

fn jobs(of: &Subject, _: &[Subject]) -> Vec<Job> {
    let (v, each) = (of.main_perturbation(), of.counts.each);
    let job = of.own_job(
        "normals",
        &format!("normals --draw {each}"),
        5.0 * each as f64,
    );
    // The normals themselves lie beside the lines.
    let lines = format!("{}/normals.jsonl", of.file("normals", "d"));
    let job = job.path(&of.test).with("--perturbation", &v.npy());
    vec![v, job.with("--out", &lines)]
}

fn figures(_: &Job, report: &Value) -> Vec<Figure> {
    let largest = Figure::new("largest singular value", &report["singularValues"][0]);
    let cosine = Figure::new("root mean square cosine", &report["rmsCosine"]);
    vec![
        largest.with(json!({
            "normals": report["singularValues"],
            "random": report["randomSingularValues"],
        })),
        cosine.with(json!({
            "perturbation": report["shares"],
            "random": report["randomShares"],
        })),
    ]
}
