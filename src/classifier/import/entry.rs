//! How pixels go into a network, built into it.
//!
//! A network that is read sees pixels as they are: red, green, blue in [0, 1].
//! Its training saw something else; what stands between the two becomes part of
//! the network here, so that an attack never sees it.

use super::{ImportError, Imported};
use crate::classifier::architecture::{Architecture, Builder, Layer, Placed, Shape, Value};
use crate::classifier::weights::Weights;

/// What a network saw in training: `scale (255 x - mean)` of a pixel x.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub mean: Mean,
    /// One a channel, red first.
    pub scale: Vec<f32>,
    /// Whether the network takes blue, green, red.
    pub blue_first: bool,
}

/// In levels from 0 to 255, in the order in which the network takes channels.
#[derive(Debug, Clone, PartialEq)]
pub enum Mean {
    /// One number a channel.
    Channels(Vec<f32>),
    /// One a pixel.
    Image(Vec<f32>),
}

/// The weights of the layer that subtracts a mean image.
const MEAN_IMAGE: &str = "mean_image";

impl Entry {
    /// Builds this into a network that sees pixels as they are.
    ///
    /// # Errors
    /// A mean that is not of the network's channels or pixels.
    pub fn apply(&self, imported: &mut Imported) -> Result<(), ImportError> {
        let shape = imported.architecture.input;
        let network = &mut imported.architecture;
        network.std = self
            .scale
            .iter()
            .map(|scale| 1.0 / (255.0 * scale))
            .collect();
        let ours = |mut mean: Vec<f32>| {
            if self.blue_first {
                // Channels are equally long runs of it.
                let length = mean.len() / shape[0];
                mean = mean
                    .chunks(length.max(1))
                    .rev()
                    .flatten()
                    .copied()
                    .collect();
            }
            mean
        };
        match &self.mean {
            Mean::Channels(mean) => {
                network.mean = ours(mean.clone()).iter().map(|mean| mean / 255.0).collect();
            }
            Mean::Image(mean) => {
                network.mean = vec![0.0; shape[0]];
                let pixels = shape[1] * shape[2];
                let scaled = ours(mean.clone())
                    .iter()
                    .enumerate()
                    .map(|(at, mean)| mean * self.scale[at / pixels])
                    .collect();
                imported.weights.insert(MEAN_IMAGE, &shape, scaled)?;
                subtract_image(network, shape);
            }
        }
        if self.blue_first {
            exchange_channels(network, &mut imported.weights)?;
        }
        network.shapes()?;
        Ok(())
    }
}

/// Takes off again what a file itself says of how pixels go in, so that the
/// network sees them as they are. `blue_first`: that exchanged channels.
///
/// # Errors
/// Weights that are not the network's.
pub fn forget(imported: &mut Imported, blue_first: bool) -> Result<(), ImportError> {
    let network = &mut imported.architecture;
    let channels = network.input[0];
    network.mean = vec![0.0; channels];
    network.std = vec![1.0; channels];
    if begins_with_mean(network) {
        take_first(network, 2);
        imported.weights.retain(|name| name != MEAN_IMAGE);
    }
    let exchange = exchange(network.input);
    if network.layers.starts_with(&exchange) {
        take_first(network, exchange.len());
    } else if blue_first {
        // Twice is none.
        exchange_channels(network, &mut imported.weights)?;
    }
    Ok(())
}

/// Takes so many layers away, of which only the last is read: what read it reads
/// the picture.
fn take_first(network: &mut Architecture, count: usize) {
    network.layers.drain(..count);
    let values = network.layers.iter_mut().flat_map(|it| &mut it.inputs);
    for value in values.chain([&mut network.logits]) {
        value.0 = value.0.saturating_sub(count);
    }
}

/// Whether something stands between pixels and a network's layers already,
/// because its file says so.
pub fn is_said(network: &Architecture) -> bool {
    network.mean.iter().any(|mean| *mean != 0.0)
        || network.std.iter().any(|std| *std != 1.0)
        || begins_with_mean(network)
}

fn begins_with_mean(network: &Architecture) -> bool {
    matches!(
        network.layers.first().map(|placed| &placed.layer),
        Some(Layer::Constant { name, .. }) if name == MEAN_IMAGE
    )
}

/// Puts the subtraction of a constant before everything else.
fn subtract_image(network: &mut Architecture, shape: Shape) {
    let name = MEAN_IMAGE.to_owned();
    let constant = Layer::Constant { name, shape };
    let before = vec![
        placed(constant, &[]),
        placed(Layer::Subtract, &[Value::PICTURE, Value(1)]),
    ];
    put_first(network, Value::PICTURE, before);
}

fn placed(layer: Layer, inputs: &[Value]) -> Placed {
    Placed {
        layer,
        inputs: inputs.to_vec(),
        name: None,
    }
}

/// Adds layers before all; whatever read the picture reads what they end in.
fn put_first(network: &mut Architecture, read: Value, before: Vec<Placed>) {
    // The layers up to the one that makes what is read stay where they are.
    let (at, count) = (read.0, before.len());
    let moved = |value: Value| match value {
        value if value == read => Value(at + count),
        value if value.0 > at => Value(value.0 + count),
        value => value,
    };
    for placed in &mut network.layers[at..] {
        for input in &mut placed.inputs {
            *input = moved(*input);
        }
    }
    network.logits = moved(network.logits);
    network.layers.splice(at..at, before);
}

/// Makes a network that takes blue, green, red take red, green, blue: by the
/// weights of the layers that see the picture, or where those have none that
/// could take it, by three layers before all.
pub(super) fn exchange_channels(
    network: &mut Architecture,
    weights: &mut Weights,
) -> Result<(), ImportError> {
    // Behind the mean image, which is in our order already.
    let seen = Value(if begins_with_mean(network) { 2 } else { 0 });
    let readers: Vec<Layer> = network.layers[seen.0..]
        .iter()
        .filter(|placed| placed.inputs.contains(&seen))
        .map(|placed| placed.layer.clone())
        .collect();
    let can_take = |layer: &Layer| match layer {
        Layer::Convolution(conv) => conv.groups == 1 && conv.batch_norm.is_none(),
        Layer::Linear { .. } => true,
        _ => false,
    };
    if network.logits != seen && readers.iter().all(can_take) {
        for layer in &readers {
            let weight = &layer.weights()[0];
            let mut values = weights.take(&weight.name, &weight.shape)?;
            let channels = network.input[0];
            let each = values.len() / weight.shape[0] / channels;
            for row in values.chunks_mut(each * channels) {
                let turned: Vec<f32> = row.chunks(each).rev().flatten().copied().collect();
                row.copy_from_slice(&turned);
            }
            weights.insert(&*weight.name, &weight.shape, values)?;
        }
        return Ok(());
    }
    let mut before = exchange(network.input);
    for input in before.iter_mut().flat_map(|placed| &mut placed.inputs) {
        // The builder's picture is what is seen, and its values come after.
        input.0 += seen.0;
    }
    put_first(network, seen, before);
    Ok(())
}

/// Layers that turn the order of channels round.
fn exchange(input: Shape) -> Vec<Placed> {
    let mut builder = Builder::new(input);
    let last = builder.exchanged_channels();
    builder.finish(last).layers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::architecture::{Activation, Convolution};

    #[test]
    fn what_a_file_says_of_pixels_is_taken_off_again() {
        let kernel = Convolution::new("a", 3, 2, 1).into();
        for first in [kernel, Activation::Relu.into()] {
            let mut net = Builder::new([3, 1, 2]);
            let value = net.chain(net.picture(), [first, Layer::Flatten]);
            let architecture = net.finish(value);
            let mut weights = Weights::new();
            for weight in architecture.weights() {
                let count: usize = weight.shape.iter().product();
                let values = (0..count).map(|at| at as f32).collect();
                weights.insert(weight.name, &weight.shape, values).unwrap();
            }
            let plain = Imported {
                architecture,
                weights,
                title: String::new(),
                class_names: None,
                short_side: None,
                notes: Vec::new(),
            };
            for mean in [
                Mean::Channels(vec![1.0, 2.0, 3.0]),
                Mean::Image(vec![5.0; 6]),
            ] {
                let entry = Entry {
                    mean,
                    scale: vec![0.5; 3],
                    blue_first: true,
                };
                let mut entered = plain.clone();
                entry.apply(&mut entered).unwrap();
                assert_ne!(entered, plain);
                forget(&mut entered, true).unwrap();
                assert_eq!(entered, plain);
            }
        }
    }
}
