//! What a command writes: tables, JSON, and how it came about.

use crate::network::Opened;
use crate::pictures;
use anyhow::{Context, Result, bail};
use foolscope::classifier::catalogue::Entry;
use foolscope::measure::Estimate;
use serde::Serialize;
use std::fs::{self, File};
use std::io::{BufWriter, ErrorKind, Write, stdout};
use std::path::{Path, PathBuf};
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
    /// Pictures that were read although their files are cut short.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cut_short: Vec<String>,
}

impl Made {
    pub fn new(opened: &Opened, begun: Instant) -> Self {
        let weights = opened.weights.display().to_string();
        Self::of(opened.entry, weights, &opened.device, begun)
    }

    /// Of a network with weights of a name, on a device.
    pub fn of(entry: &Entry, weights: String, device: &str, begun: Instant) -> Self {
        Self {
            command: command_line(std::env::args()),
            network: entry.id,
            weights,
            device: device.to_owned(),
            machine: machine(),
            version: env!("CARGO_PKG_VERSION"),
            seconds: (begun.elapsed().as_secs_f64() * 10.0).round() / 10.0,
            cut_short: pictures::cut_short(),
        }
    }
}

impl Made {
    /// Of parts that were made apart, as they say of themselves.
    pub fn of_parts(
        entry: &Entry,
        [weights, device, machine]: [String; 3],
        seconds: f64,
        cut_short: Vec<String>,
    ) -> Self {
        Self {
            seconds: (seconds * 10.0).round() / 10.0,
            machine,
            cut_short,
            ..Self::of(entry, weights, &device, Instant::now())
        }
    }
}

/// The kind of machine.
pub fn machine() -> String {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (system, processor) = (std::env::consts::OS, std::env::consts::ARCH);
    format!("{system} {processor}, {threads} threads")
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

/// `1 picture`, `2 pictures`
pub fn pictures(count: usize) -> String {
    format!("{count} picture{}", if count == 1 { "" } else { "s" })
}

/// A file as JSON has it, to two spaces and a last line break.
pub fn json(value: &impl Serialize) -> Result<String> {
    let text = serde_json::to_string_pretty(value).context("cannot write JSON")?;
    Ok(text + "\n")
}

/// Columns with a heading each; numbers stand at their right ends.
pub fn table<const N: usize>(headings: [&str; N], rows: &[[String; N]]) -> String {
    let rows: Vec<&[String]> = rows.iter().map(<[String; N]>::as_slice).collect();
    columns(&headings, &rows)
}

/// [`table`] of as many columns as there are headings.
pub fn columns(headings: &[&str], rows: &[&[String]]) -> String {
    let mut widths: Vec<usize> = headings.iter().map(|it| it.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(*row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let is_number = |column: usize| {
        let number = |cell: &str| !cell.is_empty() && !cell.contains(char::is_alphabetic);
        !rows.is_empty() && rows.iter().all(|row| number(&row[column]))
    };
    let right: Vec<bool> = (0..headings.len()).map(is_number).collect();
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut line = String::new();
        for ((cell, width), right) in cells.zip(&widths).zip(&right) {
            let space = " ".repeat(width - cell.chars().count());
            let (before, after) = if *right {
                (space.as_str(), "")
            } else {
                ("", space.as_str())
            };
            line.push_str(&format!("{before}{cell}{after}  "));
        }
        line.trim_end().to_owned() + "\n"
    };
    let mut text = line(&mut headings.iter().copied());
    for row in rows {
        text.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    text
}

/// What stands for a figure that there is none of.
const NONE: &str = "–";

/// A figure, or a dash where there is none.
pub fn shown(value: impl Into<Option<f64>>, show: impl Fn(f64) -> String) -> String {
    value.into().map_or_else(|| NONE.to_owned(), show)
}

/// As a share of a hundred.
pub fn percent(share: impl Into<Option<f64>>) -> String {
    shown(share, |share| format!("{:.1} %", 100.0 * share))
}

/// A relative size to two digits: `8.4e-4`.
pub fn relative(size: impl Into<Option<f64>>) -> String {
    shown(size, |size| format!("{size:.1e}"))
}

/// A value with its interval: `0.31 (0.28 to 0.35)`.
pub fn estimate(estimate: &Estimate, show: impl Fn(f64) -> String) -> String {
    match (estimate.value, estimate.low, estimate.high) {
        (Some(value), Some(low), Some(high)) => {
            format!("{} ({} to {})", show(value), show(low), show(high))
        }
        _ => NONE.to_owned(),
    }
}

/// A value with its interval, short: `0.31 [0.28, 0.35]`.
pub fn interval(estimate: &Estimate, show: impl Fn(f64) -> String) -> String {
    match (estimate.value, estimate.low, estimate.high) {
        (Some(value), Some(low), Some(high)) => {
            format!("{} [{}, {}]", show(value), show(low), show(high))
        }
        _ => NONE.to_owned(),
    }
}

/// What there is, or a dash.
pub fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| NONE.to_owned(), |value| value.to_string())
}

/// A length in grey levels: two decimals, and what would vanish in them as
/// `9.2e-4`.
pub fn levels(length: impl Into<Option<f64>>) -> String {
    shown(length, |length| match length {
        small if small > 0.0 && small < 0.01 => format!("{small:.1e}"),
        length => format!("{length:.2}"),
    })
}

/// Said where some of the fooled pictures have no relative size.
pub fn without_length(count: usize) -> String {
    format!("{count} fooled without a rho, which a black picture has not: it has no length\n")
}

/// For [`estimate`]: so many decimals.
pub fn decimals(count: usize) -> impl Fn(f64) -> String {
    move |value| format!("{value:.count$}")
}

/// Into a file, whole or not at all: whoever stops it finds the one before.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut part = Part::open(path)?;
    part.put(bytes)?;
    part.finish()
}

/// A file that is written beside the one that it becomes, and opened before the
/// work whose end it is to hold: where it cannot be written, nobody waits for that.
pub struct Part {
    path: PathBuf,
    part: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Part {
    pub fn open(path: &Path) -> Result<Self> {
        if path.is_dir() {
            bail!("cannot write {}: it is a folder", path.display());
        }
        // A pipe or a device would be replaced by a file.
        if path.exists() && !path.is_file() {
            bail!("cannot write {}: it is no file", path.display());
        }
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let failed = || format!("cannot write {}", path.display());
        let file = File::create(&part).with_context(failed)?;
        Ok(Self {
            path: path.to_owned(),
            part,
            file: Some(BufWriter::new(file)),
        })
    }

    pub fn put(&mut self, bytes: &[u8]) -> Result<()> {
        let file = self.file.as_mut().context("the file is closed")?;
        let put = file.write_all(bytes);
        put.with_context(|| format!("cannot write {}", self.path.display()))
    }

    pub fn finish(mut self) -> Result<()> {
        let file = self.file.take();
        file.map_or(Ok(()), |mut file| file.flush())
            .and_then(|()| fs::rename(&self.part, &self.path))
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

impl Drop for Part {
    /// Half a file is none.
    fn drop(&mut self) {
        if self.file.take().is_some() {
            let _ = fs::remove_file(&self.part);
        }
    }
}

/// The folder that a file will lie in: hours of work must not end in one that
/// is not there.
pub fn make_folder_of(file: &Path) -> Result<()> {
    file.parent().map_or(Ok(()), make_folder)
}

pub fn make_folder(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
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
    fn of_nothing_there_is_a_dash() {
        let none = Estimate::mean(&[], 0);
        assert_eq!(estimate(&none, decimals(2)), "–");
        assert_eq!((percent(None), relative(None)), ("–".into(), "–".into()));
        assert_eq!(
            (percent(0.0), relative(8.43e-4)),
            ("0.0 %".into(), "8.4e-4".into())
        );
        assert_eq!([levels(None), levels(0.0)], ["–", "0.00"]);
        assert_eq!([levels(9.21e-4), levels(23.758)], ["9.2e-4", "23.76"]);
        let one = Estimate::mean(&[0.5], 0);
        assert_eq!(estimate(&one, percent), "50.0 % (50.0 % to 50.0 %)");
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
