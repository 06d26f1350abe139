//! Several perturbations of one network.

use super::{Figure, Job, Subject, Table, Value, list};

pub const TABLE: Table = Table {
    name: "diversity",
    file: "diversity",
    about: "Several perturbations of one network",
    title: "Several universal perturbations",
    jobs,
    figures,
};

fn jobs(of: &Subject, _: &[Subject]) -> Vec<Job> {
    let (own, passes, radius) = (of.counts.own, of.counts.passes_each, of.radii[0]);
    let command = format!("diversity --count 5 --radius {radius} --passes {passes}");
    let job = of.own_job("diversity", &command, 3.0 * (own * passes) as f64);
    let job = job.with("--out", &of.file("diversity", "d"));
    vec![of.learning(of.shipped(job), own)]
}

fn figures(_: &Job, report: &Value) -> Vec<Figure> {
    let mut figures = vec![
        Figure::new("mean inner product", &report["mean"]),
        Figure::new("largest inner product", &report["largest"]),
    ];
    figures.extend(list(report, "perturbations").iter().map(|one| {
        let measure = format!("fooling rate on others, seed {}", one["seed"]);
        Figure::new(measure, &one["others"])
    }));
    figures
}
