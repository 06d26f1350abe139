//! What the papers published, to stand beside ours: the figures of
//! `published.json`, which has a list of rows for each table as a paper has it.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// A figure of a paper.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Published {
    /// As the paper calls it.
    pub network: String,
    pub measure: String,
    pub value: f64,
    /// The standard deviation over pictures, where it is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deviation: Option<f64>,
    pub source: String,
    /// Which of our networks is the same one; empty for none.
    #[serde(skip)]
    pub ours: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paper {
    source: String,
    measures: Vec<String>,
    rows: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    network: String,
    #[serde(default)]
    ours: String,
    /// One a measure.
    values: Vec<Option<f64>>,
    #[serde(default)]
    deviations: Vec<Option<f64>>,
}

/// The figures that stand beside a table of ours.
pub fn of(table: &str) -> Vec<Published> {
    let mut papers: HashMap<String, Paper> =
        serde_json::from_str(include_str!("published.json")).expect("a test reads it");
    let Some(paper) = papers.remove(table) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for row in paper.rows {
        for (column, (measure, value)) in paper.measures.iter().zip(row.values).enumerate() {
            let Some(value) = value else { continue };
            all.push(Published {
                network: row.network.clone(),
                measure: measure.clone(),
                value,
                deviation: row.deviations.get(column).copied().flatten(),
                source: paper.source.clone(),
                ours: row.ours.clone(),
            });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables::TABLES;
    use foolscope::classifier::catalogue;

    #[test]
    fn every_figure_has_its_place() {
        let papers: HashMap<String, Paper> =
            serde_json::from_str(include_str!("published.json")).unwrap();
        for (name, paper) in &papers {
            assert!(TABLES.iter().any(|table| table.file == name), "{name}");
            for row in &paper.rows {
                assert_eq!(row.values.len(), paper.measures.len(), "{}", row.network);
                assert!(row.deviations.len() <= row.values.len(), "{}", row.network);
                assert!(row.ours.is_empty() || catalogue::find(&row.ours).is_some());
            }
        }
        assert_eq!(of("robustness").len(), 22);
        assert_eq!(of("diversity"), []);
    }
}
