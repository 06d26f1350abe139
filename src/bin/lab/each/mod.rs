//! What goes picture by picture: the frame of most commands.
//!
//! A command of this kind says what it finds of some pictures, what follows from
//! all that was found, and how that is shown ([`Each`]). The rest is here, once:
//! which pictures and which part of them, the network, every core at work, what
//! an earlier run left, Ctrl-C, progress, the report as a table or as JSON.

mod lines;
pub mod merge;
mod names;
mod options;
mod report;
pub mod saved;

pub use lines::Piece;
pub use options::Options;
pub use report::Report;

use crate::Ending;
use crate::network::Opened;
use crate::output::Made;
use crate::pictures::{self, Pictures};
use crate::progress::{Part, Progress, Together, stop_on_ctrl_c};
use crate::spread::{self, Spread, is_stop};
use anyhow::{Context, Error, Result, bail};
use foolscope::classifier::catalogue::Entry;
use foolscope::photo::Perturbation;
use foolscope::task::{StopFlag, Task};
use lines::{Header, Lines};
use names::Names;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A command that does the same with every picture.
pub trait Each: Sync + Sized {
    /// The subcommand.
    const COMMAND: &'static str;
    /// What it does, for the progress.
    const DOING: &'static str;

    /// What the findings follow from, beside picture and network.
    type Settings: Serialize + DeserializeOwned + PartialEq + Clone;
    /// What is said of one picture: a line of `--out`.
    type Found: Serialize + DeserializeOwned + Send;
    /// What follows from all of them.
    type Summary: Serialize;

    fn settings(&self) -> Self::Settings;

    /// Under which name the report lists the pictures, if it does.
    fn listed(_: &Self::Settings) -> Option<&'static str> {
        Some("pictures")
    }

    /// Whether what was found with some settings is what others would find:
    /// not every one changes what is found of a picture.
    fn is_same(one: &Self::Settings, other: &Self::Settings) -> bool {
        one == other
    }

    /// What is found of each picture, if it is more than one thing.
    fn variants(&self) -> Vec<String> {
        vec![String::new()]
    }

    /// How much a picture takes, for the progress.
    fn steps(&self) -> usize {
        1
    }

    /// Which of the pictures it is about, before they are parted.
    fn choose(&self, files: Vec<PathBuf>) -> Result<Vec<PathBuf>> {
        Ok(files)
    }

    /// One for each of the pictures, in their order. What is found of a picture
    /// must not depend on the others.
    fn find(&self, at: &At<'_>) -> Result<Vec<Self::Found>>;

    /// Reads what an earlier run left beside its lines, in `folder`.
    fn restore(_: &mut Self::Found, _folder: &Path, _: &Entry) -> Result<()> {
        Ok(())
    }

    /// Whether what one looks at was written of a picture, which goes by a name.
    fn is_saved(&self, _name: &str) -> bool {
        true
    }

    fn summary(
        settings: &Self::Settings,
        entry: &'static Entry,
        found: &[Piece<Self::Found>],
    ) -> Result<Self::Summary>;

    /// What is written of the whole, beside the report.
    fn done(_: &Report<Self>) -> Result<()> {
        Ok(())
    }

    /// The report to read.
    fn text(report: &Report<Self>) -> String;
}

/// Where a finding is made.
pub struct At<'a> {
    pub opened: &'a Opened,
    /// The pictures: their files, and what the network sees of them.
    pub files: Vec<&'a Path>,
    pub x: Vec<&'a [f32]>,
    /// Which of the command's [`Each::variants`].
    pub variant: &'a str,
    pub stop: &'a StopFlag,
    /// The folder for what is too large for a line, if there are lines.
    pub folder: Option<&'a Path>,
    names: &'a Names,
    part: &'a Part<'a>,
    /// Steps of these pictures that were done before.
    before: usize,
}

impl At<'_> {
    /// What a picture's files are called: no other's are.
    pub fn name(&self, file: &Path) -> String {
        self.names.of(file)
    }

    /// A task of which the progress hears: steps that are done, and a note.
    pub fn task<'t, P>(&'t self, said: impl Fn(P) -> (usize, String) + 't) -> Task<'t, P> {
        Task::new(self.stop.clone(), move |progress| {
            let (done, note) = said(progress);
            self.part.at(self.before + done, &note);
        })
    }

    /// A task that says nothing.
    pub fn silent<P>(&self) -> Task<'_, P> {
        Task::new(self.stop.clone(), |_| ())
    }
}

/// What tells a perturbation from another under the same name.
pub fn perturbation_hash(v: &Perturbation) -> String {
    let bits = v.values().iter().map(|value| value.to_bits());
    lines::hash_of(&bits.collect::<Vec<u32>>())
}

/// What was found of a picture, and why there is no more.
struct Findings<F> {
    pieces: Vec<Piece<F>>,
    error: Option<Error>,
}

/// Goes through the pictures with the command that `make` sets up for the
/// network.
pub fn run<E: Each>(
    options: &Options,
    open: impl FnOnce() -> Result<Opened>,
    make: impl FnOnce(&Opened) -> Result<E>,
) -> Result<Ending> {
    let begun = Instant::now();
    let files = pictures::expand(&options.pictures)?;
    let opened = open()?;
    let each = make(&opened)?;
    let all_files = each.choose(files)?;
    let names = Names::new(&all_files);
    let header = Header::new(&opened, &each, options.part, &all_files)?;
    let files = options.part_of(all_files);
    let mut lines = Lines::<E>::open(options.out.as_deref(), header, opened.entry)?;
    let stop = stop_on_ctrl_c()?;

    let variants = each.variants();
    let known = lines.known();
    let is_left = |file: &Path, variant: &str| {
        !known.contains(&lines::key(file, variant)) || !each.is_saved(&names.of(file))
    };
    let has_left = |file: &&PathBuf| variants.iter().any(|variant| is_left(file, variant));
    let left: Vec<PathBuf> = files.iter().filter(has_left).cloned().collect();
    let steps = each.steps() * variants.len();
    let all = Progress::new(E::DOING, files.len() * steps);
    let spread = Spread {
        opened: &opened,
        files: &left,
        batch: options.batch.into(),
        progress: Together::new(all, (files.len() - left.len()) * steps),
        steps,
        stop: &stop,
    };
    let folder = options.out.as_deref().map(lines::folder);
    let folder = folder.as_deref();
    let find = |pictures: &Pictures, part: &Part<'_>| {
        let mut findings: Vec<Findings<E::Found>> = Vec::new();
        findings.resize_with(pictures.files.len(), || Findings {
            pieces: Vec::new(),
            error: None,
        });
        for (index, variant) in variants.iter().enumerate() {
            let which = 0..pictures.files.len();
            let which = which.filter(|&at| is_left(&pictures.files[at], variant));
            let which: Vec<usize> = which.collect();
            if which.is_empty() {
                continue;
            }
            let at = At {
                opened: &opened,
                files: which
                    .iter()
                    .map(|&at| pictures.files[at].as_path())
                    .collect(),
                x: which
                    .iter()
                    .map(|&at| pictures.values[at].as_slice())
                    .collect(),
                variant,
                stop: &stop,
                folder,
                names: &names,
                part,
                before: index * pictures.files.len() * each.steps(),
            };
            part.at(at.before, variant);
            let begun = Instant::now();
            match each.find(&at) {
                Ok(found) => {
                    let seconds = begun.elapsed().as_secs_f64() / which.len() as f64;
                    for (&at, found) in which.iter().zip(found) {
                        let piece = Piece::new(&pictures.files[at], variant, seconds, found);
                        findings[at].pieces.push(piece);
                    }
                }
                // What was found before is taken all the same.
                Err(error) => {
                    findings[which[0]].error = (!is_stop(&error)).then_some(error);
                    break;
                }
            }
        }
        Ok(findings)
    };
    let unreadable = spread::pictures(&spread, find, |done| {
        let Findings { pieces, error } = done.result;
        lines.unreadable(done.unreadable)?;
        for piece in pieces {
            lines.push(piece)?;
        }
        match error {
            Some(error) => Err(error).with_context(|| done.file.display().to_string()),
            None => Ok(()),
        }
    })?;
    drop(spread);
    lines.unreadable(&unreadable)?;
    if !stop.is_stopped() {
        lines.finish(files.len())?;
    }

    let (pieces, seconds) = lines.of(&files, &variants);
    if pieces.is_empty() && !files.is_empty() {
        if stop.is_stopped() {
            return Ok(Ending::Stopped);
        }
        bail!("none of the pictures could be read");
    }
    let mut made = Made::new(&opened, begun);
    made.seconds += seconds;
    let ending = Ending::of(&stop, &unreadable);
    let part = options.part.map(|part| part.to_string());
    Report::<E>::new(
        made,
        part,
        each.settings(),
        opened.entry,
        pieces,
        unreadable,
    )?
    .print(options.json)?;
    Ok(ending)
}
