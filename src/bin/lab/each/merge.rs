//! `lab merge`

use super::line::Header;
use super::lines::{Lines, Lost};
use super::options::Slice;
use super::{Each, Report};
use crate::output::Made;
use crate::{Ending, classify, deepfool, graph, normals, occlusion, robustness, section};
use crate::{semi_random, transfer, transformation, words};
use anyhow::{Context, Result, anyhow, bail};
use foolscope::classifier::catalogue::{self, Entry};
use serde_json::Value;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// One report of parts that were made apart.
///
/// Of the files that a command wrote with --part 1/N, 2/N, … and --out, on
/// whatever machines: the report that the command would have made of all
/// pictures. All parts must be there and finished. What needs more than lines
/// (the vectors of `lab normals`) is read from beside each file. Seconds are the
/// sum of what all pictures took.
///
/// Example: lab merge part-*.jsonl --json
#[derive(clap::Args)]
pub struct Options {
    /// What the parts wrote
    #[arg(required = true, value_name = "FILE.jsonl")]
    parts: Vec<PathBuf>,
    /// JSON for a table
    #[arg(long)]
    json: bool,
}

/// Bytes of a first line, which may hold the layers of a network that was brought.
const LONGEST_HEADER: u64 = 1 << 26;

/// The commands, as the first line of their files calls them.
const COMMANDS: [Command; 11] = [
    command::<classify::Classify>(),
    command::<deepfool::Deepfool>(),
    command::<graph::Graph>(),
    command::<normals::AllNormals>(),
    command::<occlusion::Occluding>(),
    command::<robustness::Attacks>(),
    command::<section::Sections>(),
    command::<semi_random::SemiRandom>(),
    command::<transfer::Transfer>(),
    command::<transformation::Transforming>(),
    command::<words::Hiding>(),
];

/// Its name, and how its parts are put together.
type Command = (&'static str, fn(&Options) -> Result<Ending>);

const fn command<E: Each>() -> Command {
    (E::COMMAND, merge::<E>)
}

pub fn run(options: &Options) -> Result<Ending> {
    let first = &options.parts[0];
    let name = header(first)?.lab;
    match COMMANDS.iter().find(|(command, _)| *command == name) {
        Some((_, merge)) => merge(options),
        None => bail!(
            "{} is of lab {name}, which this lab does not have",
            first.display()
        ),
    }
}

/// The first line, whatever command's it is.
fn header(path: &Path) -> Result<Header<Value>> {
    let name = || path.display().to_string();
    if path.exists() && !path.is_file() {
        bail!("{} is no file: name those that --out wrote", name());
    }
    let mut line = Vec::new();
    let file = File::open(path).with_context(name)?;
    let mut first = BufReader::new(file).take(LONGEST_HEADER);
    first.read_until(b'\n', &mut line).with_context(name)?;
    serde_json::from_slice(&line)
        .map_err(|_| anyhow!("{} was not written by lab with --out", name()))
}

fn merge<E: Each>(options: &Options) -> Result<Ending> {
    let first = header(&options.parts[0])?;
    let entry = entry(&first)?;
    let mut parts: Vec<(usize, Lines<E>)> = Vec::new();
    for path in &options.parts {
        let name = path.display();
        header(path)?;
        if !fs::read(path)
            .with_context(|| name.to_string())?
            .ends_with(b"\n")
        {
            bail!("{name} is not finished: run its command again, and it goes on from there");
        }
        let lines = Lines::<E>::read(path, entry, Lost::IsWrong)?;
        let part: Option<Slice> = lines
            .header
            .part
            .as_ref()
            .and_then(|part| part.parse().ok());
        let Some(part) = part else {
            bail!("{name} is not of one part of the pictures: make it with --part");
        };
        if !lines.is_finished() {
            bail!("{name} is not finished: run its command again, and it goes on from there");
        }
        if !lines.is_even() {
            bail!(
                "in {name} not the same was found of every picture: run its command again with all \
                 that was asked for"
            );
        }
        let of = options.parts.len();
        if part.of != of {
            let all = part.of;
            bail!("{name} is of part {part}, and {of} files were named: name all {all}");
        }
        if parts.iter().any(|(index, _)| *index == part.index) {
            bail!("{name} is of part {part} again: name each once");
        }
        if let Some((_, first)) = parts.first() {
            let (one, other) = (&lines.header, &first.header);
            let is_of_one = E::is_of_one_report(&one.settings, &other.settings);
            let settings = (!is_of_one).then_some("with other settings");
            if let Some(other) = one.differs(other).or(settings) {
                bail!("{name} was made {other} than the first");
            }
        }
        parts.push((part.index, lines));
    }
    // A part of no picture says nothing of what is found of each.
    let mut variants = parts.iter().map(|(_, lines)| lines.variants());
    let variants: Vec<_> = variants.by_ref().filter(|it| !it.is_empty()).collect();
    if variants.windows(2).any(|pair| pair[0] != pair[1]) {
        bail!("not the same was found in all parts: run each part's command with the same options");
    }
    parts.sort_by_key(|(index, _)| *index);

    let settings = parts[0].1.header.settings.clone();
    let (mut pieces, mut unreadable, mut seconds) = (Vec::new(), Vec::new(), 0.0);
    for (_, mut lines) in parts {
        unreadable.append(&mut lines.unreadable);
        let (found, took) = lines.all();
        pieces.extend(found);
        seconds += took;
    }
    let ending = match unreadable.is_empty() && pieces.iter().all(|piece| !piece.cut_short) {
        true => Ending::Done,
        false => Ending::Incomplete,
    };
    let cut = pieces.iter().filter(|piece| piece.cut_short);
    let cut_short = cut.map(|piece| piece.file.clone()).collect();
    for piece in pieces.iter().filter(|piece| piece.cut_short) {
        eprintln!(
            "lab: {}: the file is cut short, so a part of the picture is missing",
            piece.file
        );
    }
    for sentence in &unreadable {
        eprintln!("lab: {sentence}");
    }
    let made = Made::of_parts(
        entry,
        [first.weights, first.device, first.machine],
        seconds,
        cut_short,
    );
    Report::<E>::new(made, None, settings, entry, pieces, unreadable)?.print(options.json)?;
    Ok(ending)
}

/// The network that a file is about.
fn entry(header: &Header<Value>) -> Result<&'static Entry> {
    match (catalogue::find(&header.network), &header.card) {
        (Some(entry), _) => Ok(entry),
        (None, Some(card)) => {
            let brought = card.clone().brought(header.network.clone());
            Ok(catalogue::bring(brought))
        }
        (None, None) => bail!(
            "the network {} is not known here: make the parts again with this lab",
            header.network
        ),
    }
}
