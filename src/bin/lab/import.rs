//! `lab import`

use crate::brought::Pixels;
use crate::{Ending, output, weights_file};
use anyhow::{Context, Result};
use foolscope::classifier::catalogue;
use foolscope::classifier::import::ImportError;
use foolscope::classifier::import::own::Precision;
use foolscope::classifier::weights::{self, Weights};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// Make of a file what the page and `lab` read at once.
///
/// A file that holds a network (ONNX, Caffe's .caffemodel with its .prototxt
/// beside it, or PyTorch's or safetensors' weights of a network that is known by
/// name) becomes one file in our own format, with its layers, its weights, how
/// pixels go in and what its classes are called: `--network FILE` takes it
/// everywhere, and the page takes it when it is dropped there.
///
/// With --network, a file of weights (.pth, .pt, .safetensors, .bpk) becomes
/// those that the page downloads: batch norm is folded into the convolutions,
/// and numbers are rounded to 16 bits.
///
/// Example: lab import resnet50.onnx --out resnet50.safetensors
///
/// Example: lab import lite0.pth --network efficientnet-lite0 --out lite0.safetensors
#[derive(clap::Args)]
pub struct Options {
    /// The file
    file: PathBuf,
    /// Of which network of the catalogue it holds the weights
    #[arg(long, value_name = "ID")]
    network: Option<String>,
    /// Where to write them
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// Keep 32 bits a number, twice as many as the file needs for most networks
    #[arg(long, conflicts_with = "network")]
    full_precision: bool,
    #[command(flatten)]
    pixels: Pixels,
    /// Also write what they answer to the fixed picture of the self-test, as
    /// 32-bit floats; the repository keeps it beside src/classifier/self_test.rs
    #[arg(long, value_name = "FILE", requires = "network")]
    self_test: Option<PathBuf>,
}

pub fn run(options: &Options) -> Result<Ending> {
    match &options.network {
        Some(network) => of_weights(options, network),
        None => of_network(options),
    }
}

fn of_network(options: &Options) -> Result<Ending> {
    let own = options.pixels.read(&options.file)?;
    let precision = match options.full_precision {
        true => Precision::F32,
        false => Precision::F16,
    };
    let failed = || format!("cannot write {}", options.out.display());
    let mut file = BufWriter::new(File::create(&options.out).with_context(failed)?);
    let mut size = 0;
    let written = own.write(precision, |bytes| {
        size += bytes.len();
        let put = file.write_all(bytes);
        put.map_err(|error| ImportError::Unreadable(error.to_string()))
    });
    let written = written.map_err(anyhow::Error::from);
    let flushed = written.and_then(|()| Ok(file.flush()?));
    if let Err(error) = flushed {
        // Half a network is none.
        let _ = fs::remove_file(&options.out);
        return Err(error.context(failed()));
    }
    let card = &own.card;
    eprintln!(
        "{}: {}, {} parameters, {} classes, {size} bytes",
        options.out.display(),
        card.title,
        card.architecture.parameters(),
        card.classes.len()
    );
    Ok(Ending::Done)
}

fn of_weights(options: &Options, network: &str) -> Result<Ending> {
    let bytes = weights::import(network, &options.file)?;
    output::write(&options.out, &bytes)?;
    eprintln!("{}: {} bytes", options.out.display(), bytes.len());
    if let Some(path) = &options.self_test {
        let entry = catalogue::find(network).context("the network was found before")?;
        let answer = weights_file::self_test(entry, &Weights::from_safetensors(&bytes)?)?;
        fs::write(path, answer).with_context(|| format!("cannot write {}", path.display()))?;
        eprintln!("{}: the self-test's answer", path.display());
    }
    Ok(Ending::Done)
}
