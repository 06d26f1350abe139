//! Caffe's layers with numbers of their own, but for its convolutions, and its
//! normalisations.

use super::graph::{Graph, Made, kind};
use super::layers::{Result, refuse};
use super::messages::Layer as Described;
use super::shapes::axis_of;
use crate::classifier::architecture::Layer;

pub(super) fn inner_product(graph: &mut Graph, layer: &Described, x: &Made) -> Result<Made> {
    let parameters = layer.inner_product_param.clone().unwrap_or_default();
    if axis_of(layer, parameters.axis.unwrap_or(1), x)? != 0 {
        return refuse(layer, "it keeps axes beside the batch's");
    }
    let input: usize = x.axes.iter().product();
    let output = match parameters.num_output.unwrap_or(0) as usize {
        output @ 1.. => output,
        _ => return refuse(layer, "it does not say how many outputs it has"),
    };
    let bias = parameters.bias_term.unwrap_or(true);
    let needed = 1 + usize::from(bias);
    let count = input.saturating_mul(output);
    let mut weight = graph.numbers(layer, 0, needed, count)?;
    if parameters.transpose == Some(true) {
        let columns = (0..output).flat_map(|row| weight[row..].iter().step_by(output));
        weight = columns.copied().collect();
    }
    let name = graph.weights_name(layer);
    let bias = match bias {
        true => graph.numbers(layer, 1, needed, output)?,
        false => vec![0.0; output],
    };
    graph
        .weights
        .insert(format!("{name}.weight"), &[output, input], weight)?;
    graph
        .weights
        .insert(format!("{name}.bias"), &[output], bias)?;
    graph.add(layer, Layer::linear(name, input, output), &[x.value], 1)
}

pub(super) fn normalisation(graph: &mut Graph, layer: &Described, x: &Made) -> Result<Made> {
    let parameters = layer.lrn_param.clone().unwrap_or_default();
    if parameters.norm_region.unwrap_or(0) != 0 {
        return refuse(layer, "it normalises within channels, not across them");
    }
    let size = parameters.local_size.unwrap_or(5) as usize;
    if size.is_multiple_of(2) {
        return refuse(layer, format!("its size of {size} is not odd"));
    }
    let lrn = Layer::LocalResponse {
        size,
        alpha: parameters.alpha.unwrap_or(1.0).into(),
        beta: parameters.beta.unwrap_or(0.75).into(),
        k: parameters.k.unwrap_or(1.0).into(),
    };
    graph.add(layer, lrn, &[x.value], x.axes.len())
}

/// Statistics without a learnt scale: mean and variance are sums over batches,
/// and the third array says how many count.
pub(super) fn batch_norm(graph: &mut Graph, layer: &Described, x: &Made) -> Result<Made> {
    let epsilon = layer.batch_norm_param.as_ref().and_then(|it| it.eps);
    let epsilon = f64::from(epsilon.unwrap_or(1e-5));
    let channels = x.axes[0];
    let mean = graph.numbers(layer, 0, 3, channels)?;
    let variance = graph.numbers(layer, 1, 3, channels)?;
    let factor = match graph.numbers(layer, 2, 3, 1)?[0] {
        0.0 => 0.0,
        count => 1.0 / f64::from(count),
    };
    let scales: Vec<f64> = variance
        .iter()
        .map(|&variance| 1.0 / (f64::from(variance) * factor + epsilon).sqrt())
        .collect();
    let bias = mean
        .iter()
        .zip(&scales)
        .map(|(&mean, scale)| (-f64::from(mean) * factor * scale) as f32)
        .collect();
    let weight = scales.iter().map(|&scale| scale as f32).collect();
    channel_affine(graph, layer, x, weight, bias)
}

/// A learnt scale or bias of each channel.
pub(super) fn scale(graph: &mut Graph, layer: &Described, x: &Made) -> Result<Made> {
    let is_scale = kind(layer) == "Scale";
    let parameters = match is_scale {
        true => layer.scale_param.clone(),
        false => layer.bias_param.clone(),
    };
    let parameters = parameters.unwrap_or_default();
    let axis = axis_of(layer, parameters.axis.unwrap_or(1), x)?;
    if axis != 0 || parameters.num_axes.unwrap_or(1) != 1 {
        return refuse(layer, "it is not of one number a channel");
    }
    let channels = x.axes[0];
    let has_bias = is_scale && parameters.bias_term.unwrap_or(false);
    let needed = 1 + usize::from(has_bias);
    let first = graph.numbers(layer, 0, needed, channels)?;
    let (weight, bias) = match (is_scale, has_bias) {
        (true, true) => (first, graph.numbers(layer, 1, needed, channels)?),
        (true, false) => (first, vec![0.0; channels]),
        (false, _) => (vec![1.0; channels], first),
    };
    channel_affine(graph, layer, x, weight, bias)
}

/// A product with another value, which says one number a channel or all.
pub(super) fn scaled(graph: &mut Graph, layer: &Described, x: &Made, by: &Made) -> Result<Made> {
    let parameters = layer.scale_param.clone().unwrap_or_default();
    if !matches!(parameters.axis.unwrap_or(1), 0 | 1) || by.axes[0] != x.axes[0] {
        return refuse(layer, "it is not of one number a channel");
    }
    let made = graph.add(layer, Layer::Multiply, &[x.value, by.value], x.axes.len())?;
    if !parameters.bias_term.unwrap_or(false) {
        return Ok(made);
    }
    let channels = x.axes[0];
    let bias = graph.numbers(layer, 0, 1, channels)?;
    channel_affine(graph, layer, &made, vec![1.0; channels], bias)
}

fn channel_affine(
    graph: &mut Graph,
    layer: &Described,
    x: &Made,
    weight: Vec<f32>,
    bias: Vec<f32>,
) -> Result<Made> {
    let channels = x.axes[0];
    let name = graph.weights_name(layer);
    graph
        .weights
        .insert(format!("{name}.weight"), &[channels], weight)?;
    graph
        .weights
        .insert(format!("{name}.bias"), &[channels], bias)?;
    graph.add(
        layer,
        Layer::ChannelAffine { name, channels },
        &[x.value],
        x.axes.len(),
    )
}

pub(super) fn parametric(graph: &mut Graph, layer: &Described, x: &Made) -> Result<Made> {
    let shared = layer.prelu_param.as_ref().and_then(|it| it.channel_shared);
    let channels = x.axes[0];
    let slopes = match shared.unwrap_or(false) {
        true => vec![graph.numbers(layer, 0, 1, 1)?[0]; channels],
        false => graph.numbers(layer, 0, 1, channels)?,
    };
    let name = graph.weights_name(layer);
    graph
        .weights
        .insert(format!("{name}.weight"), &[channels], slopes)?;
    graph.add(
        layer,
        Layer::ParametricRelu { name, channels },
        &[x.value],
        x.axes.len(),
    )
}
