//! Pictures with their labels, to learn from or to measure errors on.

use crate::pictures::{self, Pictures};
use crate::progress::Progress;
use anyhow::{Result, anyhow, bail};
use foolscope::classifier::catalogue::Entry;
use foolscope::training::set::LabelledPictures;
use std::path::Path;

/// Pictures with their labels, some at a time, for as bytes they are a quarter
/// as large; none where nothing is named.
pub fn read(
    arguments: &[String],
    entry: &Entry,
    unreadable: &mut Vec<String>,
) -> Result<LabelledPictures> {
    let mut set = LabelledPictures::new(entry.architecture().input);
    if arguments.is_empty() {
        return Ok(set);
    }
    let files = pictures::expand(arguments)?;
    let mut progress = Progress::new("reading", files.len());
    for (index, chunk) in files.chunks(1000).enumerate() {
        let mut read = Pictures::read_and_say(chunk, entry);
        unreadable.append(&mut read.unreadable);
        for (file, values) in read.files.iter().zip(&read.values) {
            set.push(values, label(file, entry)?)?;
        }
        progress.at(index * 1000 + chunk.len(), "");
    }
    if set.is_empty() {
        bail!("none of the pictures could be read");
    }
    Ok(set)
}

fn label(file: &Path, entry: &Entry) -> Result<usize> {
    pictures::class(file, entry).ok_or_else(|| {
        anyhow!(
            "{} has no label: the labels' file of an IDX file must lie beside it, and pictures in \
             a tar file must lie in a folder that is called as one of {}'s classes",
            file.display(),
            entry.data
        )
    })
}
