//! The report of a command that makes one thing of many pictures.

use crate::output::{self, Made, json};
use anyhow::Result;
use serde::Serialize;

/// Prints it, as JSON or to read.
pub fn print<R: Serialize>(
    report: &R,
    as_json: bool,
    text: impl FnOnce(&R) -> String,
) -> Result<()> {
    output::print(&match as_json {
        true => json(report)?,
        false => text(report),
    })
}

/// `in 1.5 s (lenet-mnist on CPU)`
pub fn took(made: &Made) -> String {
    let (seconds, network, device) = (made.seconds, made.network, &made.device);
    format!("in {seconds:.1} s ({network} on {device})")
}
