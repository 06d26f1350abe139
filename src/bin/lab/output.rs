//! What a command writes: tables, JSON, and how it came about.

use crate::network::Opened;
use anyhow::{Context, Result};
use foolscope::measure::Estimate;
use serde::Serialize;
use std::io::{ErrorKind, Write, stdout};
use std::time::Instant;

/// How numbers came about, so that somebody else can make them again.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Made {
    pub command: String,
    pub network: &'static str,
    pub weights: String,
    pub device: String,
    pub machine: String,
    pub version: &'static str,
    pub seconds: f64,
}

impl Made {
    pub fn new(opened: &Opened, begun: Instant) -> Self {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            command: command_line(std::env::args()),
            network: opened.entry.id,
            weights: opened.weights.display().to_string(),
            device: opened.device.clone(),
            machine: format!(
                "{} {}, {threads} threads",
                std::env::consts::OS,
                std::env::consts::ARCH
            ),
            version: env!("CARGO_PKG_VERSION"),
            seconds: (begun.elapsed().as_secs_f64() * 10.0).round() / 10.0,
        }
    }
}

/// As a shell takes it, beginning with `lab` wherever that lies.
fn command_line(arguments: impl Iterator<Item = String>) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:+@%".contains(c);
    let quoted = arguments.skip(1).map(|argument| {
        if !argument.is_empty() && argument.chars().all(plain) {
            argument
        } else {
            format!("'{}'", argument.replace('\'', r"'\''"))
        }
    });
    std::iter::once("lab".to_owned())
        .chain(quoted)
        .collect::<Vec<_>>()
        .join(" ")
}

/// A file as JSON has it, to two spaces and a last line break.
pub fn json(value: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string_pretty(value).context("cannot write JSON")?;
    Ok(text + "\n")
}

/// Columns with a heading each; numbers stand at their right ends.
pub fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = headings.map(|heading| heading.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let is_number = |column: usize| {
        let number = |cell: &str| !cell.is_empty() && !cell.contains(char::is_alphabetic);
        !rows.is_empty() && rows.iter().all(|row| number(&row[column]))
    };
    let right: [bool; N] = std::array::from_fn(is_number);
    let line = |cells: [&str; N]| {
        let mut line = String::new();
        for ((cell, width), right) in cells.iter().zip(widths).zip(right) {
            let space = " ".repeat(width - cell.chars().count());
            let (before, after) = if right {
                (space.as_str(), "")
            } else {
                ("", space.as_str())
            };
            line.push_str(&format!("{before}{cell}{after}  "));
        }
        line.trim_end().to_owned() + "\n"
    };
    let mut text = line(headings);
    for row in rows {
        text.push_str(&line(std::array::from_fn(|column| row[column].as_str())));
    }
    text
}

/// As a share of a hundred.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

/// The value, and its 95 % interval.
pub fn estimate(estimate: &Estimate, decimals: usize) -> String {
    let Estimate {
        value, low, high, ..
    } = estimate;
    format!("{value:.decimals$} [{low:.decimals$}, {high:.decimals$}]")
}

/// To standard output. Whoever reads it may have heard enough (`lab … | head`).
pub fn print(text: &str) -> Result<()> {
    match stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error).context("cannot write"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [
            ["0 tench".to_owned(), "9.5".to_owned()],
            ["1 é".to_owned(), "10.0".to_owned()],
        ];
        assert_eq!(
            table(["class", "%"], &rows),
            "class       %\n0 tench   9.5\n1 é      10.0\n"
        );
        assert_eq!(table(["a", "b"], &[]), "a  b\n");
    }

    #[test]
    fn a_command_can_be_pasted_into_a_shell() {
        let arguments = [
            "/somewhere/lab",
            "classify",
            "it's here",
            "*.jpg",
            "a.jpg",
            "",
        ];
        assert_eq!(
            command_line(arguments.into_iter().map(str::to_owned)),
            r"lab classify 'it'\''s here' '*.jpg' a.jpg ''"
        );
    }
}
