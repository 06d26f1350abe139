//! The smallest noise that changes what a network says of a picture:
//!
//!     cargo run -- PICTURE.jpg WEIGHTS.safetensors NOISE.npy

mod attack;
mod network;
mod reader;

use anyhow::{Context, Result};
use foolscope::attack::deepfool::{Options, deepfool};
use foolscope::burn::tensor::Device;
use foolscope::classifier::network::Network;
use foolscope::classifier::{Classifier, catalogue, weights};
use foolscope::photo::Perturbation;
use foolscope::task::{Task, block_on};
use foolscope::{npy, photo};
use std::env;
use std::path::Path;

/// Twenty-eight pixels a side and quick, so that it runs anywhere.
const NETWORK: &str = "lenet-mnist";

fn main() -> Result<()> {
    let [picture, weight_file, noise] = &env::args().skip(1).collect::<Vec<_>>()[..] else {
        anyhow::bail!("name a picture, a file of weights for {NETWORK}, and where the noise goes");
    };
    let entry = catalogue::find(NETWORK).context("no such network")?;
    let architecture = entry.architecture();
    let weights = weights::read(&architecture, Path::new(weight_file))?.weights;
    let network = Network::new(&architecture, &weights, &Device::flex())?;

    let [channels, side, _] = network.input_shape();
    let seen = photo::open(picture)?
        .crop(entry.short_side, side)?
        .to_photo(channels)?;
    let pictures = [seen.into_values()];
    let options = Options::default();
    let found = block_on(deepfool(&network, &pictures, &options, &mut Task::silent()))?.remove(0);

    let names = entry.class_names();
    println!(
        "{} becomes {} by a noise {:.2} grey levels long",
        names[found.clean.label],
        names[found.adversarial.label],
        255.0 * found.norms.l2,
    );
    let shape = network.input_shape();
    let perturbation = Perturbation::new(shape, found.perturbation)?;
    std::fs::write(noise, npy::to_bytes(&perturbation))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{attack, network, reader};
    use foolscope::attack::Norms;
    use foolscope::burn::tensor::Device;
    use foolscope::classifier::Classifier;
    use foolscope::classifier::network::Network;
    use foolscope::task::block_on;

    /// Two classes of four pixels: whether the left half is brighter.
    const WEIGHTS: &str = "fc.weight 2 4: 1 -1 1 -1  -1 1 -1 1\nfc.bias 2: 0 0\n";

    fn halves() -> Network {
        let weights = reader::from_text(WEIGHTS).unwrap();
        Network::new(&network::two_halves(), &weights, &Device::flex()).unwrap()
    }

    #[test]
    fn an_own_network_with_weights_of_an_own_format_answers() {
        let network = halves();
        assert_eq!(network.class_count(), 2);
        let logits = block_on(attack::logits(&network, &[0.9, 0.2, 0.8, 0.1]));
        assert_eq!(logits.len(), 2);
        assert!((logits[0] - 1.4).abs() < 1e-6 && (logits[1] + 1.4).abs() < 1e-6);
    }

    #[test]
    fn an_own_attack_goes_just_over_a_flat_boundary() {
        let x = [0.9, 0.2, 0.8, 0.1];
        let r = block_on(attack::newton(&halves(), &x, 0.02));
        // The distance of x from f0 = f1: (f0 - f1) / |w0 - w1| = 2.8 / 4.
        assert!((Norms::of(&r).l2 - 0.7 * 1.02).abs() < 1e-5);
        let sum: Vec<f32> = x.iter().zip(&r).map(|(x, r)| x + r).collect();
        let logits = block_on(attack::logits(&halves(), &sum));
        assert!(logits[1] > logits[0]);
    }

    #[test]
    fn what_is_wrong_in_a_file_is_named() {
        let wrong = |text| reader::from_text(text).unwrap_err().to_string();
        assert!(wrong("fc.weight 2 4: 1 2").contains("fc.weight"));
        assert!(wrong("fc.bias 2: 0 NaN").contains("fc.bias"));
        let missing = reader::from_text("fc.bias 2: 0 0").unwrap();
        let opened = Network::new(&network::two_halves(), &missing, &Device::flex());
        assert!(opened.unwrap_err().to_string().contains("fc.weight"));
    }
}
