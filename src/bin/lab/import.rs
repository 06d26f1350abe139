//! `lab import`

use crate::Ending;
use anyhow::{Context, Result};
use foolscope::classifier::catalogue::CATALOGUE;
use foolscope::classifier::weights;
use std::fs;
use std::path::PathBuf;

/// Make of a PyTorch file the weights that the page downloads.
///
/// Batch norm is folded into the convolutions, and numbers are rounded to 16
/// bits. The file is one that torch.save wrote of a state_dict, of any version
/// of PyTorch; PyTorch itself is not needed.
///
/// Example: lab import efficientnet-lite0.pth --out www/assets/models/efficientnet-lite0.safetensors
#[derive(clap::Args)]
pub struct Options {
    /// The PyTorch file (.pth, .pt)
    file: PathBuf,
    /// Which network's weights they are
    #[arg(long, value_name = "ID", default_value = CATALOGUE[0].id)]
    network: String,
    /// Where to write them
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
}

pub fn run(options: &Options) -> Result<Ending> {
    let bytes = weights::import(&options.network, &options.file)?;
    fs::write(&options.out, &bytes)
        .with_context(|| format!("cannot write {}", options.out.display()))?;
    eprintln!("{}: {} bytes", options.out.display(), bytes.len());
    Ok(Ending::Done)
}
