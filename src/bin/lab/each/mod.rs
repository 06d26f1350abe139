//! What goes picture by picture: the frame of most commands.
//!
//! A command of this kind says what it finds of some pictures, what follows from
//! all that was found, and how that is shown ([`Each`]). The rest is here, once:
//! which pictures and which part of them, the network, every core at work, what
//! an earlier run left, Ctrl-C, progress, the report as a table or as JSON.

pub mod line;
mod lines;
pub mod merge;
mod names;
mod options;
mod report;
mod run;
pub mod saved;

pub use line::Piece;
pub use options::Options;
pub use report::Report;
pub use run::run;

use crate::network::Opened;
use crate::progress::Part;
use anyhow::Result;
use foolscope::classifier::catalogue::Entry;
use foolscope::photo::Perturbation;
use foolscope::task::{StopFlag, Task};
use names::Names;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};

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

    /// Whether parts that were made with some settings and with others can be put
    /// together.
    fn is_of_one_report(one: &Self::Settings, other: &Self::Settings) -> bool {
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

    /// Whether Ctrl-C left it half done: it is reported, and found again when
    /// somebody goes on.
    fn is_half(_: &Self::Found) -> bool {
        false
    }

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
    line::hash_of(&bits.collect::<Vec<u32>>())
}
