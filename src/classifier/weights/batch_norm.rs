//! Folding a batch norm into the convolution before it.

use super::{Weights, WeightsError};
use crate::classifier::architecture::{Layer, WeightShape};

impl Weights {
    /// Replaces a convolution and the batch norm after it by the one
    /// convolution that equals both, as they are once training is over:
    ///
    /// ```text
    /// scale = weight_bn / sqrt(running_var + epsilon)
    /// weight ← weight · scale
    /// bias   ← bias_bn + (bias − running_mean) · scale
    /// ```
    ///
    /// per output channel and in f64. The convolution may have no bias before;
    /// the batch norm's tensors are gone afterwards. A layer without a batch
    /// norm is left as it is.
    ///
    /// # Errors
    /// When one of the tensors is missing or has another shape, or the
    /// variance is negative.
    pub fn fold_batch_norm(&mut self, layer: &Layer) -> Result<(), WeightsError> {
        let Layer::Convolution(convolution) = layer else {
            return Ok(());
        };
        let Some(norm) = &convolution.batch_norm else {
            return Ok(());
        };
        let channels = [convolution.output];
        let part = |part: &str| format!("{}.{part}", norm.name);
        let gamma = self.get(&part("weight"), &channels)?;
        let beta = self.get(&part("bias"), &channels)?;
        let mean = self.get(&part("running_mean"), &channels)?;
        let variance = self.get(&part("running_var"), &channels)?;

        let shapes = layer.weights();
        let [of_weight, of_bias] = shapes.as_slice() else {
            unreachable!("a convolution has a weight and a bias");
        };
        let get = |of: &WeightShape| self.get(&of.name, &of.shape);
        let weight = get(of_weight)?;
        let no_bias = vec![0.0; convolution.output];
        let bias = if self.tensors.contains_key(&of_bias.name) {
            get(of_bias)?
        } else {
            &no_bias
        };

        let mut folded_weight = Vec::with_capacity(weight.len());
        let mut folded_bias = Vec::with_capacity(bias.len());
        let filters = weight.chunks_exact(weight.len() / convolution.output);
        for (i, filter) in filters.enumerate() {
            let at = |values: &[f32]| f64::from(values[i]);
            let scale = at(gamma) / (at(variance) + norm.epsilon).sqrt();
            folded_weight.extend(filter.iter().map(|&w| (f64::from(w) * scale) as f32));
            folded_bias.push((at(beta) + (at(bias) - at(mean)) * scale) as f32);
        }
        self.insert(&of_weight.name, &of_weight.shape, folded_weight)?;
        self.insert(&of_bias.name, &of_bias.shape, folded_bias)?;
        for name in ["weight", "bias", "running_mean", "running_var"] {
            self.tensors.remove(&part(name));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::architecture::Convolution;

    fn weights(variance: f32) -> Weights {
        let mut weights = Weights::new();
        let mut add = |name: &str, shape: &[usize], values: &[f32]| {
            weights.insert(name, shape, values.to_vec()).unwrap();
        };
        add("conv.weight", &[2, 1, 1, 2], &[1.0, 2.0, 3.0, 4.0]);
        add("bn.weight", &[2], &[2.0, 3.0]);
        add("bn.bias", &[2], &[10.0, 20.0]);
        add("bn.running_mean", &[2], &[0.5, -1.0]);
        add("bn.running_var", &[2], &[3.0, variance]);
        weights
    }

    fn convolution() -> Layer {
        let mut convolution = Convolution::new("conv", 1, 2, 1).batch_norm("bn", 1.0);
        convolution.kernel = [1, 2];
        Layer::Convolution(convolution)
    }

    #[test]
    fn folding_is_the_batch_norm_after_the_convolution() {
        let convolution = convolution();
        let mut folded = weights(8.0);
        folded.fold_batch_norm(&convolution).unwrap();
        // Scales of 2 / √(3 + 1) and 3 / √(8 + 1).
        assert_eq!(
            folded.get("conv.weight", &[2, 1, 1, 2]).unwrap(),
            [1.0, 2.0, 3.0, 4.0]
        );
        assert_eq!(folded.get("conv.bias", &[2]).unwrap(), [9.5, 21.0]);
        assert_eq!(folded.iter().count(), 2);

        let mut biased = weights(8.0);
        biased.insert("conv.bias", &[2], vec![1.0, 1.0]).unwrap();
        biased.fold_batch_norm(&convolution).unwrap();
        assert_eq!(biased.get("conv.bias", &[2]).unwrap(), [10.5, 22.0]);
    }

    #[test]
    fn what_is_missing_or_impossible_is_named() {
        let convolution = convolution();
        let mut negative = weights(-8.0);
        let error = negative.fold_batch_norm(&convolution).unwrap_err();
        assert!(
            error.to_string().contains("conv.weight holds NaN"),
            "{error}"
        );

        let mut weights = Weights::new();
        let error = weights.fold_batch_norm(&convolution).unwrap_err();
        assert!(error.to_string().contains("bn.weight"), "{error}");
    }
}
