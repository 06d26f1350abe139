//! Tables from reports.

use super::Table;
use super::plan::{Job, Plan};
use super::published::{self, Published};
use crate::output;
use anyhow::Result;
use foolscope::classifier::catalogue::CATALOGUE;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::Path;

/// A table as the page reads it.
#[derive(Serialize)]
pub struct Made {
    pub table: &'static str,
    pub title: &'static str,
    /// Whether it was made only to see that it can be.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub quick: bool,
    /// Each an [`Entry`].
    pub entries: Vec<Value>,
    /// Figures of other networks.
    pub published: Vec<Published>,
}

/// A figure of ours.
#[derive(Serialize)]
pub struct Entry {
    pub network: &'static str,
    /// Also says what the network was trained on.
    pub title: String,
    pub measure: String,
    pub value: f64,
    /// The ends of its 95 % interval; none of what is not a statistic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// Pictures behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The standard deviation over pictures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deviation: Option<f64>,
    /// Of the same network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
    /// A list, where the figure is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<Value>,
    pub command: Value,
    pub seed: Value,
    pub machine: Value,
    pub seconds: Value,
}

/// What a report says, by the name of the measure.
struct Figure {
    measure: String,
    estimate: Value,
    deviation: Option<f64>,
    values: Option<Value>,
}

fn figure(measure: impl Into<String>, estimate: &Value) -> Figure {
    Figure {
        measure: measure.into(),
        estimate: estimate.clone(),
        deviation: None,
        values: None,
    }
}

/// Reads a report, if there is one.
type Read<'a> = &'a dyn Fn(&Path) -> Result<Option<Value>>;

/// What the table's file says of other networks, or of measures without a report,
/// stays: reports need not be kept for good, nor all made on one machine.
pub fn table(
    table: Table,
    plan: &Plan,
    quick: bool,
    folder: &Path,
    read: Read<'_>,
) -> Result<Made> {
    let (name, title, published) = match table {
        Table::Robustness => (
            "robustness",
            "Test error, and the mean size of the smallest perturbation",
            published::robustness(),
        ),
        Table::SemiRandom => (
            "semi-random",
            "Semi-random noise: its size beside what flat boundaries predict",
            published::semi_random(),
        ),
        Table::Universal => (
            "universal",
            "Universal perturbations",
            published::universal(),
        ),
        Table::Pictures => (
            "universal-by-pictures",
            "Fooling rate by the number of pictures learnt from",
            Vec::new(),
        ),
        Table::Transfer => (
            "transfer",
            "Universal perturbations on other networks",
            published::transfer(),
        ),
        Table::Diversity => ("diversity", "Several universal perturbations", Vec::new()),
        Table::Feedback => (
            "feedback",
            "Training with universal perturbations",
            published::feedback(),
        ),
        Table::Graph => (
            "label-graph",
            "Where universal perturbations lead",
            Vec::new(),
        ),
        Table::Normals => (
            "normals",
            "What normals of the boundary have in common",
            Vec::new(),
        ),
        Table::Sections => ("sections", "How curved the boundary is", Vec::new()),
    };
    let mut entries = match read(&folder.join(format!("{name}.json")))? {
        Some(Value::Object(mut before)) if !quick && !before.contains_key("quick") => {
            match before.remove("entries") {
                Some(Value::Array(entries)) => entries,
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    };
    for job in plan.jobs.iter().filter(|job| job.table == table) {
        let Some(report) = read(&job.report)? else {
            continue;
        };
        for found in figures(table, job, &report) {
            if let Some(new) = entry(job, &report, found, &published) {
                put(&mut entries, serde_json::to_value(new)?);
            }
        }
    }
    for entry in &mut entries {
        if let Some(values) = entry.get_mut("values") {
            shorten(values);
        }
    }
    entries.sort_by_key(|entry| CATALOGUE.iter().position(|it| entry["network"] == it.id));
    let mut others = Vec::new();
    for of in published {
        let value = json!(of);
        if entries.iter().all(|entry| entry["published"] != value) {
            others.push(of);
        }
    }
    Ok(Made {
        table: name,
        title,
        quick,
        entries,
        published: others,
    })
}

/// In the place of an older figure of the same measure, or at the end.
fn put(entries: &mut Vec<Value>, new: Value) {
    let is_same = |old: &&mut Value| {
        ["network", "measure"]
            .iter()
            .all(|key| old[key] == new[key])
    };
    match entries.iter_mut().find(is_same) {
        Some(old) => *old = new,
        None => entries.push(new),
    }
}

/// Numbers to six digits: lists of thousands are for drawing.
fn shorten(value: &mut Value) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(shorten),
        Value::Object(of) => of.values_mut().for_each(shorten),
        Value::Number(number) if number.is_f64() => {
            let short = number.as_f64().map(|it| format!("{it:.5e}").parse::<f64>());
            if let Some(Ok(short)) = short {
                *value = json!(short);
            }
        }
        _ => {}
    }
}

fn entry(job: &Job, report: &Value, found: Figure, published: &[Published]) -> Option<Entry> {
    let of = |key: &str| found.estimate.get(key).and_then(Value::as_f64);
    let value = found.estimate.as_f64().or_else(|| of("value"))?;
    let network = job.network.id;
    let data = job.network.data;
    let beside = published
        .iter()
        .find(|it| it.ours == network && it.measure == found.measure);
    let said = |key: &str| report.get(key).cloned().unwrap_or(Value::Null);
    Some(Entry {
        network,
        title: format!(
            "{} ({})",
            job.network.title,
            data.split([' ', ',']).next().unwrap_or(data)
        ),
        value,
        low: of("low"),
        high: of("high"),
        count: found.estimate.get("count").and_then(Value::as_u64),
        deviation: found.deviation,
        published: beside.copied(),
        values: found.values,
        command: said("command"),
        seed: match said("seed") {
            // Of a command without a seed of its own.
            Value::Null => report["options"].get("seed").cloned().unwrap_or(json!(0)),
            seed => seed,
        },
        machine: said("machine"),
        seconds: said("seconds"),
        measure: found.measure,
    })
}

/// The figures of a job's report that a table shows.
fn figures(table: Table, job: &Job, report: &Value) -> Vec<Figure> {
    let list = |key: &str| report[key].as_array().cloned().unwrap_or_default();
    match table {
        Table::Robustness if job.variant == "error" => {
            let top1 = &report["accuracy"]["top1"];
            let Some(right) = top1.as_f64().or_else(|| top1["value"].as_f64()) else {
                return Vec::new();
            };
            let count = report["pictures"].as_u64().unwrap_or(0);
            let wrong = ((1.0 - right) * count as f64).round() as usize;
            let estimate = foolscope::measure::Estimate::share(wrong, count as usize, 0);
            vec![figure("test error", &json!(estimate))]
        }
        Table::Robustness => list("attacks")
            .iter()
            .flat_map(|row| {
                let attack = row["attack"].as_str().unwrap_or_default();
                [
                    ("rho_adv", "rhoAdv"),
                    ("rho_adv of x minus the mean colour", "rhoCentred"),
                    ("median l2", "medianL2"),
                    ("median linf", "medianLinf"),
                    ("gradients", "gradientEvaluations"),
                    ("seconds", "seconds"),
                ]
                .map(|(name, key)| figure(format!("{name}, {attack}"), &row[key]))
            })
            .collect(),
        Table::SemiRandom => list("beta")
            .iter()
            .map(|row| Figure {
                deviation: row["deviation"].as_f64(),
                ..figure(
                    published::beta(row["ratio"].as_f64().unwrap_or(0.0)),
                    &row["beta"],
                )
            })
            .collect(),
        Table::Universal | Table::Pictures => {
            let rates = &report["foolingRateEstimates"];
            let [method, norm, own] = [0, 1, 2].map(|at| job.variant.split(' ').nth(at));
            let [method, norm, own] = [method, norm, own].map(|it| it.unwrap_or_default());
            let which = match (table, method) {
                (Table::Pictures, _) => format!(", {own} pictures"),
                (_, "stochastic") => String::new(),
                _ => format!(", {method}"),
            };
            let figures = [("own", "own"), ("others", "others")].map(|(name, key)| Figure {
                values: Some(json!({
                    "radius": report["radius"],
                    "passes": report["passes"],
                    "gradientEvaluations": report["gradientEvaluations"],
                })),
                ..figure(
                    format!("fooling rate on {name}, {norm}{which}"),
                    &rates[key],
                )
            });
            figures.into()
        }
        Table::Transfer if job.variant == "transfer" => {
            let (rows, columns) = (list("perturbations"), list("networks"));
            let rates = list("rates");
            let cells = rows.iter().zip(&rates).flat_map(|(row, rates)| {
                let rates = rates.as_array().cloned().unwrap_or_default();
                let cells = columns.iter().zip(rates);
                let cells = cells.map(|(column, rate)| {
                    let [row, column] = [row, column].map(|it| it.as_str().unwrap_or_default());
                    figure(format!("{}'s fools {column}", maker(row)), &rate)
                });
                cells.collect::<Vec<_>>()
            });
            cells.collect()
        }
        Table::Transfer => Vec::new(),
        Table::Diversity => {
            let made = list("perturbations");
            let mut figures = vec![
                figure("mean inner product", &report["mean"]),
                figure("largest inner product", &report["largest"]),
            ];
            figures.extend(made.iter().map(|one| {
                figure(
                    format!("fooling rate on others, seed {}", one["seed"]),
                    &one["others"],
                )
            }));
            figures
        }
        Table::Feedback => {
            let rounds = list("rounds");
            let rounds = rounds.iter().enumerate().flat_map(|(round, state)| {
                [("fooling rate", "foolingRate"), ("accuracy", "accuracy")]
                    .map(|(name, key)| figure(format!("{name}, round {round}"), &state[key]))
            });
            rounds.collect()
        }
        Table::Graph if job.variant == "graph" => vec![
            Figure {
                values: Some(json!({
                    "dominant": report["dominant"],
                    "ways": report["ways"],
                })),
                ..figure("labels that take half of the fooled", &report["takeHalf"])
            },
            figure("fooling rate", &report["foolingRate"]),
        ],
        Table::Normals if job.variant == "normals" => vec![
            Figure {
                values: Some(json!({
                    "normals": report["singularValues"],
                    "random": report["randomSingularValues"],
                })),
                ..figure("largest singular value", &report["singularValues"][0])
            },
            Figure {
                values: Some(json!({
                    "perturbation": report["shares"],
                    "random": report["randomShares"],
                })),
                ..figure("root mean square cosine", &report["rmsCosine"])
            },
        ],
        // The perturbation that they are about.
        Table::Graph | Table::Normals => Vec::new(),
        Table::Sections => list("flatness")
            .iter()
            .map(|row| figure(format!("curvature at {} |r|", row["scale"]), &row["median"]))
            .collect(),
    }
}

/// The network that a perturbation of a name was made from.
fn maker(name: &str) -> &str {
    let mut ids = CATALOGUE.iter().map(|entry| entry.id);
    ids.find(|id| name.ends_with(id)).unwrap_or(name)
}

/// A table to read.
pub fn text(made: &Made) -> String {
    let number = |value: f64| match value.abs() {
        0.0 => "0".to_owned(),
        size if (1e-2..1e4).contains(&size) => format!("{value:.3}"),
        _ => format!("{value:.2e}"),
    };
    let rows: Vec<[String; 5]> = made
        .entries
        .iter()
        .map(|entry| {
            let of = |key: &str| entry[key].as_f64().map(number);
            let named = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
            let interval = match (of("low"), of("high")) {
                (Some(low), Some(high)) => format!("{low} to {high}"),
                _ => String::new(),
            };
            [
                named("network"),
                named("measure"),
                of("value").unwrap_or_default(),
                interval,
                entry["published"]["value"]
                    .as_f64()
                    .map(number)
                    .unwrap_or_default(),
            ]
        })
        .collect();
    let headings = ["network", "", "measured", "95 %", "published"];
    format!("{}\n{}\n", made.title, output::table(headings, &rows))
}
