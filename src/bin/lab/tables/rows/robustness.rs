//! Test error, and the smallest perturbations that several attacks find.

use super::{Figure, Job, Subject, Table, Value, json, list};
use foolscope::attack::methods::{InTables, METHODS};
use foolscope::measure::Estimate;

pub const TABLE: Table = Table {
    name: "robustness",
    file: "robustness",
    about: "Test error, rho_adv by several attacks",
    title: "Test error, and the mean size of the smallest perturbation",
    jobs,
    figures,
};

fn jobs(of: &Subject, _: &[Subject]) -> Vec<Job> {
    let attacks = |table: InTables, count: usize, gradients: f64| {
        let of_table = METHODS.iter().filter(|method| method.table == table);
        let names: Vec<&str> = of_table.map(|method| method.name).collect();
        let (first, attacks) = (names[0], names.join(","));
        let command = format!("robustness --draw {count} --attacks {attacks}");
        of.own_job(first, &command, gradients * count as f64)
            .path(&of.test)
            .with("--out", &of.file(first, "jsonl"))
    };
    vec![
        of.own_job("error", "classify --summary", 300.0)
            .path(&of.test),
        attacks(InTables::All, of.counts.each, 8.0),
        attacks(InTables::Few, of.counts.few, 40.0),
    ]
}

fn figures(job: &Job, report: &Value) -> Vec<Figure> {
    if job.variant == "error" {
        return test_error(report).into_iter().collect();
    }
    let rows = list(report, "attacks").iter();
    let figures = rows.flat_map(|row| {
        let attack = row["attack"].as_str().unwrap_or_default();
        [
            ("rho_adv", "rhoAdv"),
            ("rho_adv of x minus the mean colour", "rhoCentred"),
            ("median l2", "medianL2"),
            ("median linf", "medianLinf"),
            ("gradients", "gradientEvaluations"),
            ("seconds", "seconds"),
        ]
        .map(|(name, key)| Figure::new(format!("{name}, {attack}"), &row[key]))
    });
    figures.collect()
}

fn test_error(report: &Value) -> Option<Figure> {
    let top1 = &report["accuracy"]["top1"];
    let right = top1.as_f64().or_else(|| top1["value"].as_f64())?;
    let count = report["pictures"].as_u64().unwrap_or(0) as usize;
    let wrong = ((1.0 - right) * count as f64).round() as usize;
    let estimate = json!(Estimate::share(wrong, count, 0));
    Some(Figure::new("test error", &estimate))
}
