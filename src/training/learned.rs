//! What training changes: weights by layer, batch norms included, and how they
//! begin.

use crate::attack::Gaussian;
use crate::classifier::architecture::{Architecture, Convolution, Layer, WeightShape};
use crate::classifier::weights::{Weights, WeightsError};

/// The tensors that gradients are taken of, in the order in which the input
/// reaches their layers: of a convolution its weight, then its bias, or, where a
/// batch norm follows, that one's weight and bias instead; of a linear layer its
/// weight and bias. Shapes and names are a file's.
pub(super) fn tensors(architecture: &Architecture) -> Vec<WeightShape> {
    let layers = architecture.layers.iter().map(|placed| &placed.layer);
    layers
        .flat_map(|layer| {
            let mut own = layer.weights();
            if let Layer::Convolution(Convolution {
                batch_norm: Some(norm),
                output,
                ..
            }) = layer
            {
                own.truncate(1);
                own.extend(["weight", "bias"].map(|part| WeightShape {
                    name: format!("{}.{part}", norm.name),
                    shape: vec![*output],
                }));
            }
            own
        })
        .collect()
}

/// For each of these tensors whether it holds filters before a batch norm, which
/// takes their scale away.
pub(super) fn scale_free(architecture: &Architecture) -> Vec<bool> {
    let tensors = tensors(architecture);
    let norms = batch_norms(architecture);
    let next = tensors.iter().skip(1).map(Some).chain([None]);
    next.map(|next| {
        let is_norm = |name: &str| {
            let of = |(norm, _): &(String, usize)| format!("{norm}.weight") == name;
            norms.iter().any(of)
        };
        next.is_some_and(|next| is_norm(&next.name))
    })
    .collect()
}

/// The batch norms by name with their channels, in the same order.
pub(super) fn batch_norms(architecture: &Architecture) -> Vec<(String, usize)> {
    let layers = architecture.layers.iter().map(|placed| &placed.layer);
    layers
        .filter_map(|layer| match layer {
            Layer::Convolution(conv) => {
                let norm = conv.batch_norm.as_ref()?;
                Some((norm.name.clone(), conv.output))
            }
            _ => None,
        })
        .collect()
}

/// Values to begin with. Filters and matrices are normal with variance 2 / n for
/// n inputs of each output (He et al., ICCV 2015, equation 10), a batch norm
/// scales by 1, and what is added is 0.
pub(super) fn initial(architecture: &Architecture, seed: u64) -> Vec<Vec<f32>> {
    let mut gaussian = Gaussian::new(seed);
    tensors(architecture)
        .iter()
        .map(|tensor| {
            let count = tensor.shape.iter().product();
            match tensor.shape[..] {
                [_] => {
                    let value = f32::from(u8::from(tensor.name.ends_with(".weight")));
                    vec![value; count]
                }
                [output, ..] => {
                    let inputs = (count / output) as f64;
                    let deviation = (2.0 / inputs).sqrt();
                    let values = (0..count).map(|_| (deviation * gaussian.draw()) as f32);
                    values.collect()
                }
                [] => unreachable!("every weight has an axis"),
            }
        })
        .collect()
}

/// The running mean and variance of a batch norm's input.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Moments {
    pub mean: Vec<f32>,
    pub variance: Vec<f32>,
}

impl Moments {
    pub fn initial(channels: usize) -> Self {
        Self {
            mean: vec![0.0; channels],
            variance: vec![1.0; channels],
        }
    }

    /// Takes a tenth of a batch's moments in.
    pub fn follow(&mut self, batch: &Self) {
        let mix = |running: &mut [f32], new: &[f32]| {
            for (running, new) in running.iter_mut().zip(new) {
                *running += 0.1 * (new - *running);
            }
        };
        mix(&mut self.mean, &batch.mean);
        mix(&mut self.variance, &batch.variance);
    }
}

/// The weights of the network that classifies, every batch norm folded.
///
/// # Errors
/// A tensor with a value that is not finite is named.
pub(super) fn weights(
    architecture: &Architecture,
    learned: &[Vec<f32>],
    moments: &[Moments],
) -> Result<Weights, WeightsError> {
    let mut weights = Weights::new();
    for (tensor, values) in tensors(architecture).iter().zip(learned) {
        weights.insert(&tensor.name, &tensor.shape, values.clone())?;
    }
    for ((name, channels), moments) in batch_norms(architecture).iter().zip(moments) {
        let shape = [*channels];
        weights.insert(format!("{name}.running_mean"), &shape, moments.mean.clone())?;
        weights.insert(
            format!("{name}.running_var"),
            &shape,
            moments.variance.clone(),
        )?;
    }
    for placed in &architecture.layers {
        weights.fold_batch_norm(&placed.layer)?;
    }
    Ok(weights)
}

/// The same architecture without its batch norms: how it is once they are
/// folded.
pub(super) fn folded(architecture: &Architecture) -> Architecture {
    let mut architecture = architecture.clone();
    for placed in &mut architecture.layers {
        if let Layer::Convolution(conv) = &mut placed.layer {
            conv.batch_norm = None;
        }
    }
    architecture
}
