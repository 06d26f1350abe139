//! The file of weights that a command makes, and the JSON beside it of how they
//! came about.

use crate::output;
use crate::progress::Progress;
use anyhow::{Result, anyhow, bail};
use burn::tensor::Device;
use foolscope::attack::predictions;
use foolscope::classifier::catalogue::{self, CATALOGUE, Entry};
use foolscope::classifier::network::Network;
use foolscope::classifier::self_test;
use foolscope::classifier::weights::Weights;
use foolscope::measure::Estimate;
use foolscope::task::{StopFlag, Task, block_on};
use foolscope::training::set::LabelledPictures;
use foolscope::training::test_error;
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
            output::write(file, &self_test(entry, &weights)?)?;
        }
        if others.is_empty() {
            return Ok(None);
        }
        let network = Network::new(&entry.architecture(), &weights, device)?;
        let mut progress = Progress::new("measuring", others.len());
        let mut task = Task::new(StopFlag::default(), |done| progress.at(done, ""));
        Ok(Some(block_on(test_error(
            &network, others, seed, &mut task,
        ))?))
    }
}

/// How the weights of a file came about, if that is told beside them.
pub fn earlier(weights: &Path) -> Option<serde_json::Value> {
    let told = fs::read(weights.with_extension("json")).ok()?;
    serde_json::from_slice(&told).ok()
}

/// What a network answers to the fixed picture of the self-test, on the CPU, as
/// the repository keeps it: 32-bit floats.
pub fn self_test(entry: &Entry, weights: &Weights) -> Result<Vec<u8>> {
    let architecture = entry.architecture();
    let network = Network::new(&architecture, weights, &Device::flex())?;
    let picture = self_test::picture(architecture.input);
    let answers = block_on(predictions(&network, &[picture]))?;
    let logits = answers[0].logits.iter();
    Ok(logits.flat_map(|logit| logit.to_le_bytes()).collect())
}
