//! What is left to do once the layers are there: the softmax at the end goes,
//! then what the logits do not need, and scales of channels are multiplied
//! into the layers before them.

use crate::classifier::architecture::{Architecture, Layer, Placed, Value};
use crate::classifier::import::{ImportError, Imported};
use crate::classifier::weights::Weights;

pub fn tidy(imported: &mut Imported) -> Result<(), ImportError> {
    if leave_softmax_out(&mut imported.architecture) {
        imported
            .notes
            .push("the softmax at the end is left out: attacks need what goes into it".into());
    }
    let network = &mut imported.architecture;
    keep_what_is_needed(network);
    while let Some((at, of)) = foldable(network) {
        fold(network, &mut imported.weights, at, of)?;
        keep_what_is_needed(network);
    }
    let kept = network.weights();
    imported
        .weights
        .retain(|name| kept.iter().any(|it| it.name == name));
    imported.architecture.shapes()?;
    Ok(())
}

/// Takes the logits from before a softmax at the end, whatever the shape that
/// it gives its probabilities.
fn leave_softmax_out(network: &mut Architecture) -> bool {
    let mut at = network.logits;
    loop {
        let Some(index) = at.0.checked_sub(1) else {
            return false;
        };
        let Placed { layer, inputs, .. } = &network.layers[index];
        match layer {
            Layer::Softmax { .. } => {
                network.logits = inputs[0];
                return true;
            }
            Layer::Flatten | Layer::Reshape(_) => at = inputs[0],
            _ => return false,
        }
    }
}

/// Drops every layer that the logits do not need.
fn keep_what_is_needed(network: &mut Architecture) {
    let mut needed = vec![false; network.layers.len() + 1];
    needed[network.logits.0] = true;
    for (index, placed) in network.layers.iter().enumerate().rev() {
        if needed[index + 1] {
            for input in &placed.inputs {
                needed[input.0] = true;
            }
        }
    }
    let mut new = vec![Value::PICTURE];
    let mut count = 0;
    for &needed in &needed[1..] {
        count += usize::from(needed);
        new.push(Value(count));
    }
    let mut index = 0;
    network.layers.retain_mut(|placed| {
        for input in &mut placed.inputs {
            *input = new[input.0];
        }
        index += 1;
        needed[index]
    });
    network.logits = new[network.logits.0];
}

/// The first scale of channels that can go into the layer before it, which
/// nothing else reads, and that layer.
fn foldable(network: &Architecture) -> Option<(usize, usize)> {
    let mut readers = vec![0; network.layers.len() + 1];
    readers[network.logits.0] += 1;
    for input in network.layers.iter().flat_map(|placed| &placed.inputs) {
        readers[input.0] += 1;
    }
    network.layers.iter().enumerate().find_map(|(at, placed)| {
        let Layer::ChannelAffine { .. } = placed.layer else {
            return None;
        };
        let read = placed.inputs[0];
        let of = read.0.checked_sub(1)?;
        let takes = matches!(
            network.layers[of].layer,
            Layer::Convolution(_) | Layer::Linear { .. } | Layer::ChannelAffine { .. }
        );
        (readers[read.0] == 1 && takes).then_some((at, of))
    })
}

/// `s (W x + b) + t` is `(s W) x + (s b + t)`, channel by channel.
fn fold(
    network: &mut Architecture,
    weights: &mut Weights,
    at: usize,
    of: usize,
) -> Result<(), ImportError> {
    let affine = network.layers[at].layer.weights();
    let taken = network.layers[of].layer.weights();
    let scale = weights.get(&affine[0].name, &affine[0].shape)?.to_vec();
    let shift = weights.get(&affine[1].name, &affine[1].shape)?.to_vec();
    let mut weight = weights.take(&taken[0].name, &taken[0].shape)?;
    let mut bias = weights.take(&taken[1].name, &taken[1].shape)?;
    let each = weight.len() / scale.len();
    for (channel, row) in weight.chunks_mut(each).enumerate() {
        let scale = f64::from(scale[channel]);
        for value in row {
            *value = (f64::from(*value) * scale) as f32;
        }
        let shifted = f64::from(bias[channel]) * scale + f64::from(shift[channel]);
        bias[channel] = shifted as f32;
    }
    weights.insert(&*taken[0].name, &taken[0].shape, weight)?;
    weights.insert(&*taken[1].name, &taken[1].shape, bias)?;
    // Whoever read the scaled value reads the layer itself.
    let (old, new) = (Value(at + 1), Value(of + 1));
    for input in network.layers.iter_mut().flat_map(|it| &mut it.inputs) {
        if *input == old {
            *input = new;
        }
    }
    if network.logits == old {
        network.logits = new;
    }
    Ok(())
}
