//! From the pictures on the command line to the report.

use super::line::{Header, Piece, key};
use super::lines::{self, Lines};
use super::names::Names;
use super::{At, Each, Options, Report};
use crate::Ending;
use crate::network::Opened;
use crate::output::Made;
use crate::pictures::{self, Pictures};
use crate::progress::{Part, Progress, Together, stop_on_ctrl_c};
use crate::spread::{self, Spread, is_stop};
use anyhow::{Context, Error, Result, bail};
use foolscope::task::StopFlag;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Instant;

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

    let finding = Finding {
        variants: each.variants(),
        known: lines.known(),
        folder: options.out.as_deref().map(lines::folder),
        each: &each,
        opened: &opened,
        names,
        stop: &stop,
    };
    let left: Vec<PathBuf> = files
        .iter()
        .filter(|it| finding.has_left(it))
        .cloned()
        .collect();
    let steps = each.steps() * finding.variants.len();
    let all = Progress::new(E::DOING, files.len() * steps);
    let spread = Spread {
        opened: &opened,
        files: &left,
        batch: options.batch.into(),
        progress: Together::new(all, (files.len() - left.len()) * steps),
        steps,
        stop: &stop,
    };
    let find = |pictures: &Pictures, part: &Part<'_>| Ok(finding.of(pictures, part));
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

    let (pieces, seconds) = lines.of(&files, &finding.variants);
    if pieces.is_empty() && !files.is_empty() {
        if stop.is_stopped() {
            return Ok(Ending::Stopped);
        }
        bail!("none of the pictures could be read");
    }
    let mut made = Made::new(&opened, begun);
    made.seconds += seconds;
    let ending = Ending::of(&stop, &unreadable);
    if stop.is_stopped() {
        say_stopped(&files, &pieces, options.out.as_deref());
    }
    let part = options.part.map(|part| part.to_string());
    let (settings, entry) = (each.settings(), opened.entry);
    Report::<E>::new(made, part, settings, entry, pieces, unreadable)?.print(options.json)?;
    Ok(ending)
}

/// That what is reported is not all, and how to go on.
fn say_stopped<F>(files: &[PathBuf], pieces: &[Piece<F>], out: Option<&Path>) {
    let found: HashSet<&str> = pieces.iter().map(|piece| piece.file.as_str()).collect();
    let (found, all) = (found.len(), files.len());
    let how = match out {
        Some(_) => "the same command goes on from there",
        None => "with --out FILE the same command would go on from there",
    };
    eprintln!("lab: stopped; the report is of what was found of {found} of {all} pictures: {how}");
}

/// What is to be found of each picture, and by whom.
struct Finding<'a, E> {
    each: &'a E,
    opened: &'a Opened,
    names: Names,
    variants: Vec<String>,
    /// What an earlier run found.
    known: HashSet<String>,
    /// For what is too large for a line.
    folder: Option<PathBuf>,
    stop: &'a StopFlag,
}

/// What was found of a picture, and why there is no more.
struct Findings<F> {
    pieces: Vec<Piece<F>>,
    error: Option<Error>,
}

impl<E: Each> Finding<'_, E> {
    fn has_left(&self, file: &Path) -> bool {
        self.variants
            .iter()
            .any(|variant| self.is_left(file, variant))
    }

    fn is_left(&self, file: &Path, variant: &str) -> bool {
        !self.known.contains(&key(file, variant)) || !self.each.is_saved(&self.names.of(file))
    }

    /// All that is left of some pictures, up to the first error.
    fn of(&self, pictures: &Pictures, part: &Part<'_>) -> Vec<Findings<E::Found>> {
        let nothing = || Findings {
            pieces: Vec::new(),
            error: None,
        };
        let mut findings: Vec<_> = pictures.files.iter().map(|_| nothing()).collect();
        for (index, variant) in self.variants.iter().enumerate() {
            let which = 0..pictures.files.len();
            let which = which.filter(|&at| self.is_left(&pictures.files[at], variant));
            let which: Vec<usize> = which.collect();
            if which.is_empty() {
                continue;
            }
            let before = index * pictures.files.len() * self.each.steps();
            part.at(before, variant);
            let begun = Instant::now();
            match self
                .each
                .find(&self.at(pictures, &which, variant, part, before))
            {
                Ok(found) => {
                    let seconds = begun.elapsed().as_secs_f64() / which.len() as f64;
                    for (&at, found) in which.iter().zip(found) {
                        let mut piece = Piece::new(&pictures.files[at], variant, seconds, found);
                        piece.is_half = E::is_half(&piece.found);
                        findings[at].pieces.push(match self.folder {
                            Some(_) => piece.with_file_hash(),
                            // Nobody goes on from what is not written.
                            None => piece,
                        });
                    }
                }
                // What was found before is taken all the same.
                Err(error) => {
                    findings[which[0]].error = (!is_stop(&error)).then_some(error);
                    break;
                }
            }
        }
        findings
    }

    fn at<'a>(
        &'a self,
        pictures: &'a Pictures,
        which: &[usize],
        variant: &'a str,
        part: &'a Part<'a>,
        before: usize,
    ) -> At<'a> {
        let files = which.iter().map(|&at| pictures.files[at].as_path());
        let x = which.iter().map(|&at| pictures.values[at].as_slice());
        At {
            opened: self.opened,
            files: files.collect(),
            x: x.collect(),
            variant,
            stop: self.stop,
            folder: self.folder.as_deref(),
            names: &self.names,
            part,
            before,
        }
    }
}
