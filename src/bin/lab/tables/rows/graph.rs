//! The labels to which a perturbation leads.

use super::{Figure, Job, Subject, Table, Value, json};

pub const TABLE: Table = Table {
    name: "graph",
    file: "label-graph",
    about: "Dominant labels",
    title: "Where universal perturbations lead",
    jobs,
    figures,
};

fn jobs(of: &Subject, _: &[Subject]) -> Vec<Job> {
    let v = of.main_perturbation();
    let count = (of.counts.own + of.counts.others).min(2000);
    let job = of.own_job(
        "graph",
        &format!("graph --draw {count}"),
        0.2 * count as f64,
    );
    let job = job.path(&of.test).with("--perturbation", &v.npy());
    vec![v, job]
}

fn figures(_: &Job, report: &Value) -> Vec<Figure> {
    let labels = Figure::new("labels that take half of the fooled", &report["takeHalf"]);
    vec![
        labels.with(json!({ "dominant": report["dominant"], "ways": report["ways"] })),
        Figure::new("fooling rate", &report["foolingRate"]),
    ]
}
