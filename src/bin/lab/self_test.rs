//! What a network answers to the fixed picture of the self-test.

use anyhow::Result;
use burn::tensor::Device;
use foolscope::attack::predictions;
use foolscope::classifier::catalogue::Entry;
use foolscope::classifier::network::Network;
use foolscope::classifier::weights::Weights;
use foolscope::classifier::{Classifier, self_test};
use foolscope::task::block_on;

/// The logits for it, on the CPU, as the repository keeps them: 32-bit floats.
pub fn answer(entry: &Entry, weights: &Weights) -> Result<Vec<u8>> {
    let network = Network::new(&entry.architecture(), weights, &Device::flex())?;
    let picture = self_test::picture(network.input_shape());
    let answers = block_on(predictions(&network, &[picture]))?;
    let logits = answers[0].logits.iter();
    Ok(logits.flat_map(|logit| logit.to_le_bytes()).collect())
}
