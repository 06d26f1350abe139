//! The universal perturbations behind the tables, for the page to offer.

use super::Table;
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
    for job in &plan.jobs {
        let Some(report) = read(&job.report)? else {
            continue;
        };
        for One { mut entry, from } in made_by(job, &report) {
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

fn made_by(job: &Job, report: &Value) -> Vec<One> {
    let network = job.network.id;
    let id = |norm: &Value, radius: &Value| {
        let norm = norm.as_str().unwrap_or_default();
        format!("{network}-{norm}{}", radius.as_f64().unwrap_or(0.0))
    };
    match job.table {
        Table::Universal if job.variant.starts_with("stochastic") => {
            let mut entry = report.clone();
            entry["id"] = json!(id(&report["norm"], &report["radius"]));
            entry["title"] = json!(match report["norm"].as_str() {
                Some("l2") => "One noise for all pictures, by length",
                _ => "One noise for all pictures",
            });
            let from = job.report.with_extension("npy");
            vec![One { entry, from }]
        }
        Table::Diversity => {
            let several = report["perturbations"].as_array().into_iter().flatten();
            let several = several.map(|one| {
                let seed = one["seed"].as_u64().unwrap_or(0);
                let entry = json!({
                    "id": format!("{}-seed{seed}", id(&report["norm"], &report["radius"])),
                    "title": format!("Another one, no. {}", seed + 1),
                    "norm": report["norm"],
                    "radius": report["radius"],
                    "foolingRate": {
                        "own": one["own"]["value"],
                        "others": one["others"]["value"],
                    },
                    "foolingRateSaved": {
                        "own": one["ownSaved"]["value"],
                        "others": one["othersSaved"]["value"],
                    },
                    "foolingRateEstimates": { "own": one["own"], "others": one["others"] },
                    "method": "stochastic",
                    "pictures": { "own": report["pictures"][0], "others": report["pictures"][1] },
                    "seed": seed,
                    "command": report["command"],
                    "network": report["network"],
                    "weights": report["weights"],
                    "device": report["device"],
                    "machine": report["machine"],
                    "version": report["version"],
                });
                let from = job.report.with_extension("d");
                let from = from.join(format!("seed-{seed}.npy"));
                One { entry, from }
            });
            several.collect()
        }
        _ => Vec::new(),
    }
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
