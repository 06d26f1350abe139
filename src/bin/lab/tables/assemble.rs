//! Tables from reports.

use super::Table;
use super::plan::{Job, Plan};
use super::published::{self, Published};
use super::subject::data;
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
pub struct Figure {
    pub measure: String,
    pub estimate: Value,
    pub deviation: Option<f64>,
    pub values: Option<Value>,
}

impl Figure {
    pub fn new(measure: impl Into<String>, estimate: &Value) -> Self {
        Self {
            measure: measure.into(),
            estimate: estimate.clone(),
            deviation: None,
            values: None,
        }
    }

    /// With a list, or what else is said of it.
    pub fn with(self, values: Value) -> Self {
        Self {
            values: Some(values),
            ..self
        }
    }
}

/// Reads a report, if there is one.
type Read<'a> = &'a dyn Fn(&Path) -> Result<Option<Value>>;

/// What the table's file says of other networks, or of measures without a report,
/// stays: reports need not be kept for good, nor all made on one machine.
pub fn table(
    table: &'static Table,
    plan: &Plan,
    quick: bool,
    folder: &Path,
    read: Read<'_>,
) -> Result<Made> {
    let published = published::of(table.file);
    let mut entries = match read(&folder.join(format!("{}.json", table.file)))? {
        Some(Value::Object(mut before)) if !quick && !before.contains_key("quick") => {
            match before.remove("entries") {
                Some(Value::Array(entries)) => entries,
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    };
    for (_, job) in plan.jobs.iter().filter(|(of, _)| of.name == table.name) {
        let Some(report) = read(&job.report)?.filter(|_| !job.is_means) else {
            continue;
        };
        for found in (table.figures)(job, &report) {
            if let Some(new) = entry(job, &report, found, &published) {
                put(&mut entries, serde_json::to_value(new)?);
            }
        }
    }
    let lists = entries.iter_mut();
    lists
        .filter_map(|entry| entry.get_mut("values"))
        .for_each(shorten);
    entries.sort_by_key(|entry| CATALOGUE.iter().position(|it| entry["network"] == it.id));
    let is_beside = |of: &Published| entries.iter().any(|entry| entry["published"] == json!(of));
    Ok(Made {
        table: table.file,
        title: table.title,
        quick,
        published: published.into_iter().filter(|of| !is_beside(of)).collect(),
        entries,
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
    let is_beside = |it: &&Published| it.ours == network && it.measure == found.measure;
    let said = |key: &str| report.get(key).cloned().unwrap_or(Value::Null);
    Some(Entry {
        network,
        title: format!("{} ({})", job.network.title, data(job.network)),
        value,
        low: of("low"),
        high: of("high"),
        count: found.estimate.get("count").and_then(Value::as_u64),
        deviation: found.deviation,
        published: published.iter().find(is_beside).cloned(),
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
