//! `lab import`

use crate::{Ending, self_test};
use anyhow::{Context, Result};
use foolscope::classifier::catalogue::{self, CATALOGUE};
use foolscope::classifier::weights::{self, Weights};
use std::fs;
use std::path::PathBuf;

/// Make of a file of weights those that the page downloads.
///
/// Batch norm is folded into the convolutions, and numbers are rounded to 16
/// bits. The file is one that torch.save wrote of a state_dict, of any version
/// of PyTorch (PyTorch itself is not needed), a safetensors or a burnpack file.
///
/// Example: lab import efficientnet-lite0.pth --out www/assets/models/efficientnet-lite0.safetensors
#[derive(clap::Args)]
pub struct Options {
    /// The file of weights (.pth, .pt, .safetensors, .bpk)
    file: PathBuf,
    /// Which network's weights they are
    #[arg(long, value_name = "ID", default_value = CATALOGUE[0].id)]
    network: String,
    /// Where to write them
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// Also write what they answer to the fixed picture of the self-test, as
    /// 32-bit floats; the repository keeps it beside src/classifier/self_test.rs
    #[arg(long, value_name = "FILE")]
    self_test: Option<PathBuf>,
}

pub fn run(options: &Options) -> Result<Ending> {
    let bytes = weights::import(&options.network, &options.file)?;
    fs::write(&options.out, &bytes)
        .with_context(|| format!("cannot write {}", options.out.display()))?;
    eprintln!("{}: {} bytes", options.out.display(), bytes.len());
    if let Some(path) = &options.self_test {
        let entry = catalogue::find(&options.network).context("the network was found before")?;
        let answer = self_test::answer(entry, &Weights::from_safetensors(&bytes)?)?;
        fs::write(path, answer).with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("{}: the self-test's answer", path.display());
    }
    Ok(Ending::Done)
}
