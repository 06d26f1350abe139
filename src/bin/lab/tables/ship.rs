//! The universal perturbations behind the tables, for the page to offer.

use super::plan::{Job, Plan};
use crate::output;
use anyhow::{Context, Result};
use foolscope::classifier::catalogue::CATALOGUE;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// A perturbation: its entry in the catalogue, and where its file is now.
struct One {
    entry: Value,
    from: PathBuf,
}

/// Copies what the tables' commands made so far into a folder, and enters it in
/// the folder's `catalogue.json`. What the catalogue has of other commands stays.
pub fn ship(
    folder: &Path,
    plan: &Plan,
    read: &dyn Fn(&Path) -> Result<Option<Value>>,
) -> Result<()> {
    output::make_folder(folder)?;
    let mut entries: Vec<Value> = Vec::new();
    let mut shipped: Vec<Vec<u8>> = Vec::new();
    for (table, job) in &plan.jobs {
        let Some(report) = read(&job.report)? else {
            continue;
        };
        for One { mut entry, from } in made_by(table.name, job, &report) {
            let bytes = fs::read(&from).with_context(|| from.display().to_string())?;
            // The first of several is the one of the table of rates again.
            if shipped.contains(&bytes) {
                continue;
            }
            let id = entry["id"].as_str().unwrap_or_default().to_owned();
            entry["file"] = json!(format!("{id}.npy"));
            output::write(&folder.join(format!("{id}.npy")), &bytes)?;
            shipped.push(bytes);
            entries.push(entry);
        }
    }
    if entries.is_empty() {
        return Ok(());
    }
    let file = folder.join("catalogue.json");
    let before = read(&file)?.unwrap_or_else(|| json!([]));
    let kept = before.as_array().into_iter().flatten();
    let kept = kept.filter(|old| entries.iter().all(|new| new["id"] != old["id"]));
    let mut all: Vec<Value> = entries.iter().chain(kept).cloned().collect();
    all.sort_by_key(place);
    output::write(&file, output::json(&all)?.as_bytes())
}

/// The page offers the first of a network first, whichever was made last: the one
/// that other tables are about, then the one by length, then the several.
fn place(entry: &Value) -> (Option<usize>, bool, bool, String) {
    let network = CATALOGUE.iter().position(|it| entry["network"] == it.id);
    let id = entry["id"].as_str().unwrap_or_default();
    let is_one_of_several = id.contains("-seed");
    let is_by_length = entry["norm"] == "l2";
    (network, is_one_of_several, is_by_length, id.to_owned())
}

fn made_by(table: &str, job: &Job, report: &Value) -> Vec<One> {
    let norm = report["norm"].as_str().unwrap_or_default();
    let radius = report["radius"].as_f64().unwrap_or(0.0);
    let id = format!("{}-{norm}{radius}", job.network.id);
    match table {
        "universal" if job.variant.starts_with("stochastic") => {
            let mut entry = report.clone();
            entry["id"] = json!(id);
            entry["title"] = json!(match norm {
                "l2" => "One noise for all pictures, by length",
                _ => "One noise for all pictures",
            });
            let from = job.report.with_extension("npy");
            vec![One { entry, from }]
        }
        "diversity" => {
            let several = report["perturbations"].as_array().into_iter().flatten();
            let folder = job.report.with_extension("d");
            let several = several.map(|one| {
                let seed = one["seed"].as_u64().unwrap_or(0);
                let [own, others] = [0, 1].map(|at| &report["pictures"][at]);
                let mut entry = json!({
                    "id": format!("{id}-seed{seed}"),
                    "title": format!("Another one, no. {}", seed + 1),
                    "norm": norm,
                    "radius": report["radius"],
                    "foolingRate": rates(&one["own"]["value"], &one["others"]["value"]),
                    "foolingRateSaved":
                        rates(&one["ownSaved"]["value"], &one["othersSaved"]["value"]),
                    "foolingRateEstimates": rates(&one["own"], &one["others"]),
                    "method": "stochastic",
                    "pictures": rates(own, others),
                    "seed": seed,
                });
                for said in [
                    "command", "network", "weights", "device", "machine", "version",
                ] {
                    entry[said] = report[said].clone();
                }
                let from = folder.join(format!("seed-{seed}.npy"));
                One { entry, from }
            });
            several.collect()
        }
        _ => Vec::new(),
    }
}

/// Of its own pictures, and of others.
fn rates(own: &Value, others: &Value) -> Value {
    json!({ "own": own, "others": others })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_that_the_tables_are_about_comes_first() {
        let entry = |id: &str, network: &str, norm: &str| -> Value {
            json!({ "id": id, "network": network, "norm": norm })
        };
        let (first, second) = (CATALOGUE[0].id, CATALOGUE[1].id);
        let mut entries = [
            entry("b-linf", second, "linf"),
            entry("a-linf-seed2", first, "linf"),
            entry("a-l2", first, "l2"),
            entry("a-linf-seed1", first, "linf"),
            entry("a-linf", first, "linf"),
        ];
        entries.sort_by_key(place);
        let ids = entries.map(|it| it["id"].as_str().unwrap().to_owned());
        let expected = ["a-linf", "a-l2", "a-linf-seed1", "a-linf-seed2", "b-linf"];
        assert_eq!(ids, expected);
    }
}
