//! Before and after training with perturbations.

use super::{Figure, Job, Subject, Table, Value, list};
use crate::tables::subject::Counts;

pub const TABLE: Table = Table {
    name: "feedback",
    file: "feedback",
    about: "Before and after training with perturbations",
    title: "Training with universal perturbations",
    jobs,
    figures,
};

fn jobs(of: &Subject, _: &[Subject]) -> Vec<Job> {
    let Counts {
        taught,
        others,
        passes_taught: passes,
        ..
    } = of.counts;
    let (draw, radius) = (taught + others, of.radii[0]);
    let command = format!(
        "feedback --draw {draw} --hold-out {others} --radius {radius} --passes {passes} --rounds 5"
    );
    let job = of.own_job("feedback", &command, 20.0 * (taught * passes) as f64);
    let job = job.path(&of.train).with("--out", &of.file("feedback", "d"));
    vec![of.seen(job)]
}

fn figures(_: &Job, report: &Value) -> Vec<Figure> {
    let rounds = list(report, "rounds").iter().enumerate();
    let figures = rounds.flat_map(|(round, state)| {
        [("fooling rate", "foolingRate"), ("accuracy", "accuracy")]
            .map(|(name, key)| Figure::new(format!("{name}, round {round}"), &state[key]))
    });
    figures.collect()
}
