//! How curved the boundary is.

use super::{Figure, Job, Subject, Table, Value, list};

pub const TABLE: Table = Table {
    name: "sections",
    file: "sections",
    about: "How curved the boundary is",
    title: "How curved the boundary is",
    jobs,
    figures,
};

fn jobs(of: &Subject, _: &[Subject]) -> Vec<Job> {
    let job = of.own_job("section", "section --draw 3", 600.0);
    vec![job.path(&of.test).with("--save", &of.file("section", "d"))]
}

fn figures(_: &Job, report: &Value) -> Vec<Figure> {
    let rows = list(report, "flatness").iter();
    rows.map(|row| Figure::new(format!("curvature at {} |r|", row["scale"]), &row["median"]))
        .collect()
}
