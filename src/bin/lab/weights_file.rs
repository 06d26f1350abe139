//! The file of weights that a command makes, and the JSON beside it of how they
//! came about.

use crate::progress::Progress;
use crate::{output, self_test};
use anyhow::{Result, anyhow, bail};
use burn::tensor::Device;
use foolscope::attack::predictions;
use foolscope::classifier::catalogue::{self, CATALOGUE, Entry};
use foolscope::classifier::network::Network;
use foolscope::classifier::weights::Weights;
use foolscope::measure::Estimate;
use foolscope::task::block_on;
use foolscope::training::set::LabelledPictures;
use std::fs;
use std::path::{Path, PathBuf};

/// What is made, where to.
#[derive(clap::Args)]
pub struct Options {
    /// The network that it is of
    #[arg(long, value_name = "ID")]
    network: String,
    /// The file of weights to write
    #[arg(long, short, value_name = "FILE.safetensors")]
    pub out: PathBuf,
    /// Also write what the network answers to the fixed picture of the page's
    /// self-test; the repository keeps it beside src/classifier/self_test.rs
    #[arg(long, value_name = "FILE")]
    self_test: Option<PathBuf>,
}

impl Options {
    /// The network's entry, if the file has a name that can be.
    pub fn entry(&self) -> Result<&'static Entry> {
        if self
            .out
            .extension()
            .is_none_or(|it| !it.eq_ignore_ascii_case("safetensors"))
        {
            bail!("the name of the weights' file must end in .safetensors");
        }
        catalogue::find(&self.network).ok_or_else(|| {
            let known: Vec<&str> = CATALOGUE.iter().map(|entry| entry.id).collect();
            let id = &self.network;
            anyhow!("no network is called {id}: there are {}", known.join(", "))
        })
    }

    /// Writes the weights, with 16 bits a number; and the test error of what is
    /// then in the file, if there are pictures to measure it on.
    pub fn write(
        &self,
        entry: &Entry,
        weights: &Weights,
        command: &str,
        (others, seed): (&LabelledPictures, u64),
        device: &Device,
    ) -> Result<Option<Estimate>> {
        let bytes = weights.to_safetensors_f16(&[
            ("network", entry.title),
            ("data", entry.data),
            ("source", &format!("Foolscope, `lab {command}`")),
            ("licence", entry.licence),
        ])?;
        output::write(&self.out, &bytes)?;
        let weights = Weights::from_safetensors(&bytes)?;
        if let Some(file) = &self.self_test {
            output::write(file, &self_test::answer(entry, &weights)?)?;
        }
        if others.is_empty() {
            return Ok(None);
        }
        let network = Network::new(&entry.architecture(), &weights, device)?;
        Ok(Some(error(&network, others, seed)?))
    }
}

/// How the weights of a file came about, if that is told beside them.
pub fn earlier(weights: &Path) -> Option<serde_json::Value> {
    let told = fs::read(weights.with_extension("json")).ok()?;
    serde_json::from_slice(&told).ok()
}

/// The share of pictures that a network classifies otherwise than labelled.
fn error(network: &Network, pictures: &LabelledPictures, seed: u64) -> Result<Estimate> {
    let mut progress = Progress::new("measuring", pictures.len());
    let mut wrong = 0;
    for first in (0..pictures.len()).step_by(500) {
        let some = first..(first + 500).min(pictures.len());
        let values: Vec<Vec<f32>> = some.clone().map(|index| pictures.picture(index)).collect();
        let answers = block_on(predictions(network, &values))?;
        let labels = &pictures.labels()[some.clone()];
        let pairs = answers.iter().zip(labels);
        wrong += pairs
            .filter(|(answer, label)| answer.label != **label)
            .count();
        progress.at(some.end, "");
    }
    Ok(Estimate::share(wrong, pictures.len(), seed))
}
