//! The tables, one a file: the commands that each needs of a network, and the
//! figures of a command's report that it shows.

pub mod diversity;
pub mod feedback;
pub mod graph;
pub mod normals;
pub mod robustness;
pub mod sections;
pub mod semi_random;
pub mod transfer;
pub mod universal;

use super::Table;
use super::assemble::Figure;
use super::plan::Job;
use super::subject::Subject;
use serde_json::{Value, json};

/// A list in a report; empty where there is none.
fn list<'a>(report: &'a Value, key: &str) -> &'a [Value] {
    report[key].as_array().map_or(&[], Vec::as_slice)
}
