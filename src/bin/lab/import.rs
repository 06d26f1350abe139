//! `lab import`

use crate::brought::Pixels;
use crate::output::Part;
use crate::{Ending, weights_file};
use anyhow::{Context, Result, anyhow, bail};
use foolscope::classifier::catalogue;
use foolscope::classifier::import::ImportError;
use foolscope::classifier::import::own::Precision;
use foolscope::classifier::weights::{self, Weights, WeightsError};
use std::path::{Path, PathBuf};

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
    let place = |path: &Path| path.canonicalize().ok();
    if place(&options.out).is_some_and(|out| Some(out) == place(&options.file)) {
        bail!("--out is the file itself: name another, so that it is not lost");
    }
    match &options.network {
        Some(_) if options.pixels.is_given() => bail!(
            "a network of the catalogue knows its pixels and classes: leave out --pixels, --classes \
             and --short-side, or --network"
        ),
        Some(network) => of_weights(options, network),
        None => of_network(options),
    }
}

fn of_network(options: &Options) -> Result<Ending> {
    let mut out = Part::open(&options.out)?;
    let own = options.pixels.read(&options.file)?;
    let precision = match options.full_precision {
        true => Precision::F32,
        false => Precision::F16,
    };
    let mut size = 0;
    let mut refused = None;
    let written = own.write(precision, |bytes| {
        size += bytes.len();
        out.put(bytes).map_err(|error| {
            refused = Some(error);
            ImportError::Short
        })
    });
    if let Some(error) = refused {
        return Err(error);
    }
    written.map_err(|error| match error {
        ImportError::Weights(WeightsError::TooLargeForHalf { .. }) => {
            anyhow!(
                "{}: {error}: --full-precision keeps 32",
                options.file.display()
            )
        }
        error => anyhow!("cannot write {}: {error}", options.out.display()),
    })?;
    out.finish()?;
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
    let mut out = Part::open(&options.out)?;
    let answer = options.self_test.as_deref().map(Part::open).transpose()?;
    let bytes = match weights::import(network, &options.file) {
        Err(WeightsError::InFile { file, error }) if matches!(*error, WeightsError::Network(_)) => {
            bail!("{file} holds a whole network with its layers: leave out --network");
        }
        imported => imported?,
    };
    out.put(&bytes)?;
    out.finish()?;
    eprintln!("{}: {} bytes", options.out.display(), bytes.len());
    if let (Some(path), Some(mut out)) = (&options.self_test, answer) {
        let entry = catalogue::find(network).context("the network was found before")?;
        let answer = weights_file::self_test(entry, &Weights::from_safetensors(&bytes)?)?;
        out.put(&answer)?;
        out.finish()?;
        eprintln!("{}: the self-test's answer", path.display());
    }
    Ok(Ending::Done)
}
