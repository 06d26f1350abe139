//! Each network's perturbation on each other.

use super::{Figure, Job, Subject, Table, Value, list};
use crate::tables::subject::{Counts, data};
use foolscope::classifier::catalogue::CATALOGUE;

pub const TABLE: Table = Table {
    name: "transfer",
    file: "transfer",
    about: "Each network's perturbation on each other",
    title: "Universal perturbations on other networks",
    jobs,
    figures,
};

/// With every other network of the same data; each sees it at its own size.
fn jobs(of: &Subject, all: &[Subject]) -> Vec<Job> {
    let alike = all
        .iter()
        .filter(|other| data(other.entry) == data(of.entry));
    let alike: Vec<&Subject> = alike.collect();
    // One table for each group, with the first of it.
    if alike.len() < 2 || alike[0].entry.id != of.entry.id {
        return Vec::new();
    }
    let Counts { own, others, .. } = of.counts;
    let command = match of.train == of.test {
        // The pictures that none of the perturbations was made from.
        true => format!("transfer --draw {} --held-out {others}", own + others),
        false => format!("transfer --draw {others}"),
    };
    let mut table = of.job("transfer", &command, others as f64).path(&of.test);
    let mut jobs = Vec::new();
    for subject in alike {
        // Of a large network from fewer pictures.
        let v = subject.main_perturbation();
        table = table
            .with("--perturbation", &v.npy())
            .with("--network", subject.entry.id);
        jobs.push(v);
    }
    jobs.push(table);
    jobs
}

fn figures(_: &Job, report: &Value) -> Vec<Figure> {
    let rows = list(report, "perturbations").iter();
    let rows = rows.zip(list(report, "rates"));
    let cells = rows.flat_map(|(row, rates)| {
        let columns = list(report, "networks").iter();
        let columns = columns.zip(rates.as_array().into_iter().flatten());
        columns.map(move |(column, rate)| {
            let [row, column] = [row, column].map(|it| it.as_str().unwrap_or_default());
            Figure::new(format!("{}'s fools {column}", maker(row)), rate)
        })
    });
    cells.collect()
}

/// The network that a perturbation of a name was made from.
fn maker(name: &str) -> &str {
    let mut ids = CATALOGUE.iter().map(|entry| entry.id);
    ids.find(|id| name.ends_with(id)).unwrap_or(name)
}
