//! What each of Caffe's layers is in our vocabulary.

use super::CaffeError;
use super::graph::{Graph, Made, kind, label};
use super::messages::{BaseScaleShift, Layer as Described};
use super::windows;
use crate::classifier::architecture::{Activation, Layer, Value};
use crate::classifier::import::ImportError;

type Result<T> = std::result::Result<T, ImportError>;

/// What a layer is to the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Brings pictures, or labels.
    Data,
    /// Compares with labels, in training: what it reads first are the answers.
    Loss,
    /// Measures or prints, or does nothing.
    Aside,
    Layer,
}

pub fn role(layer: &Described) -> Role {
    match kind(layer) {
        "Data" | "ImageData" | "HDF5Data" | "MemoryData" | "WindowData" | "DummyData" | "Input"
        | "AnnotatedData" => Role::Data,
        kind if kind.ends_with("Loss") => Role::Loss,
        "Accuracy" | "ArgMax" | "Silence" | "HDF5Output" | "None" => Role::Aside,
        // A program of somebody's own that brings pictures.
        _ if layer.bottom.is_empty() => Role::Data,
        _ => Role::Layer,
    }
}

/// Adds a layer to a network.
///
/// # Errors
/// A layer that is not in the vocabulary, or has another form there, is named.
pub fn add(graph: &mut Graph, layer: &Described) -> Result<()> {
    let bottoms = graph.bottoms(layer)?;
    let Some(x) = bottoms.first().cloned() else {
        return refuse(layer, "it reads nothing");
    };
    let made = match kind(layer) {
        "Convolution" | "ConvolutionDepthwise" | "DepthwiseConvolution" => {
            windows::convolution(graph, layer, &x)?
        }
        "Pooling" => windows::pooling(graph, layer, &x)?,
        "InnerProduct" => inner_product(graph, layer, &x)?,
        "LRN" => normalisation(graph, layer, &x)?,
        "BatchNorm" => batch_norm(graph, layer, &x)?,
        "Scale" if bottoms.len() == 2 => scaled(graph, layer, &x, &bottoms[1])?,
        "Scale" | "Bias" if bottoms.len() == 1 => scale(graph, layer, &x)?,
        "PReLU" => parametric(graph, layer, &x)?,
        "Eltwise" => elementwise(graph, layer, &bottoms)?,
        "Concat" => concatenation(graph, layer, &bottoms)?,
        "Slice" => return slice(graph, layer, &x),
        "Split" => {
            for top in 0..layer.top.len() {
                graph.call(layer, top, x.clone())?;
            }
            return Ok(());
        }
        // Only training drops values.
        "Dropout" => x,
        "Flatten" => flatten(graph, layer, &x)?,
        "Reshape" => reshape(graph, layer, &x)?,
        "Softmax" => {
            let axis = layer.softmax_param.as_ref().and_then(|it| it.axis);
            let axis = axis_of(layer, axis.unwrap_or(1), &x)?;
            graph.add(layer, Layer::Softmax { axis }, &[x.value], x.axes.len())?
        }
        _ => {
            let activations = activations(layer)?;
            let mut made = x;
            for activation in activations {
                made = graph.add(layer, activation, &[made.value], made.axes.len())?;
            }
            made
        }
    };
    Ok(graph.call(layer, 0, made)?)
}

pub fn refuse<T>(layer: &Described, reason: impl Into<String>) -> Result<T> {
    Err(CaffeError::unsupported(&label(layer), kind(layer), reason).into())
}

/// Functions of one number.
fn activations(layer: &Described) -> Result<Vec<Activation>> {
    Ok(match kind(layer) {
        "ReLU" => {
            let parameters = layer.relu_param.as_ref();
            match parameters.and_then(|it| it.negative_slope).unwrap_or(0.0) {
                0.0 => vec![Activation::Relu],
                slope => vec![Activation::LeakyRelu { slope }],
            }
        }
        "ReLU6" => vec![Activation::Relu6],
        "ELU" => {
            let alpha = layer.elu_param.as_ref().and_then(|it| it.alpha);
            let alpha = alpha.unwrap_or(1.0);
            vec![Activation::Elu { alpha }]
        }
        "Sigmoid" => vec![Activation::Sigmoid],
        "TanH" => vec![Activation::Tanh],
        "AbsVal" => vec![Activation::Absolute],
        "BNLL" => vec![Activation::Softplus],
        "Swish" => vec![Activation::Silu],
        "Clip" => {
            let Some((low, high)) = layer
                .clip_param
                .as_ref()
                .and_then(|it| Some((it.min?, it.max?)))
            else {
                return refuse(layer, "it does not say between which numbers");
            };
            vec![Activation::Clip { low, high }]
        }
        // (shift + scale x)^power
        "Power" => {
            let parameters = layer.power_param.clone().unwrap_or_default();
            let exponent = parameters.power.unwrap_or(1.0);
            let mut steps = affine(parameters.scale, parameters.shift, 1.0);
            if exponent != 1.0 {
                steps.push(Activation::Power { exponent });
            }
            steps
        }
        // base^(shift + scale x); a base of -1 is e.
        "Exp" => {
            let parameters = layer.exp_param.clone().unwrap_or_default();
            let natural = natural_logarithm(layer, &parameters)?;
            let mut steps = affine(parameters.scale, parameters.shift, natural);
            steps.push(Activation::Exponential);
            steps
        }
        "Log" => {
            let parameters = layer.log_param.clone().unwrap_or_default();
            let natural = natural_logarithm(layer, &parameters)?;
            let mut steps = affine(parameters.scale, parameters.shift, 1.0);
            steps.push(Activation::Logarithm);
            steps.extend(affine(Some(1.0 / natural), None, 1.0));
            steps
        }
        "" => {
            return Err(CaffeError::Oldest {
                layer: label(layer),
            }
            .into());
        }
        kind => {
            return Err(CaffeError::Unknown {
                layer: label(layer),
                kind: kind.chars().take(60).collect(),
            }
            .into());
        }
    })
}

/// `times (scale x + shift)`, if that is anything at all.
fn affine(scale: Option<f32>, shift: Option<f32>, times: f32) -> Vec<Activation> {
    let (scale, shift) = (scale.unwrap_or(1.0) * times, shift.unwrap_or(0.0) * times);
    if (scale, shift) == (1.0, 0.0) {
        return Vec::new();
    }
    vec![Activation::Affine { scale, shift }]
}

fn natural_logarithm(layer: &Described, parameters: &BaseScaleShift) -> Result<f32> {
    match parameters.base.unwrap_or(-1.0) {
        -1.0 => Ok(1.0),
        base if base > 0.0 && base != 1.0 => Ok(base.ln()),
        base => refuse(layer, format!("its base is {base}")),
    }
}

fn inner_product(graph: &mut Graph, layer: &Described, x: &Made) -> Result<Made> {
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

fn normalisation(graph: &mut Graph, layer: &Described, x: &Made) -> Result<Made> {
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
fn batch_norm(graph: &mut Graph, layer: &Described, x: &Made) -> Result<Made> {
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
fn scale(graph: &mut Graph, layer: &Described, x: &Made) -> Result<Made> {
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
fn scaled(graph: &mut Graph, layer: &Described, x: &Made, by: &Made) -> Result<Made> {
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

fn parametric(graph: &mut Graph, layer: &Described, x: &Made) -> Result<Made> {
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

fn elementwise(graph: &mut Graph, layer: &Described, bottoms: &[Made]) -> Result<Made> {
    let parameters = layer.eltwise_param.clone().unwrap_or_default();
    let operation = parameters.operation.unwrap_or(1);
    let coefficients = &parameters.coeff;
    if !coefficients.is_empty() && (operation != 1 || coefficients.len() != bottoms.len()) {
        return refuse(layer, "its coefficients do not fit its inputs");
    }
    if bottoms.iter().any(|it| it.axes != bottoms[0].axes) {
        return refuse(layer, "its inputs are of different shapes");
    }
    let axes = bottoms[0].axes.len();
    let mut sum: Option<Made> = None;
    for (index, bottom) in bottoms.iter().enumerate() {
        let mut term = bottom.clone();
        let scale = coefficients.get(index).copied();
        for activation in affine(scale, None, 1.0) {
            term = graph.add(layer, activation, &[term.value], axes)?;
        }
        sum = Some(match sum {
            None => term,
            Some(sum) => {
                let inputs = [sum.value, term.value];
                match operation {
                    0 => graph.add(layer, Layer::Multiply, &inputs, axes)?,
                    1 => graph.add(layer, Layer::Add, &inputs, axes)?,
                    2 => larger(graph, layer, inputs, axes)?,
                    other => return refuse(layer, format!("its operation is number {other}")),
                }
            }
        });
    }
    Ok(sum.unwrap_or_else(|| bottoms[0].clone()))
}

/// The larger of two: `a + max(b - a, 0)`.
fn larger(graph: &mut Graph, layer: &Described, [a, b]: [Value; 2], axes: usize) -> Result<Made> {
    let more = graph.add(layer, Layer::Subtract, &[b, a], axes)?;
    let more = graph.add(layer, Activation::Relu, &[more.value], axes)?;
    graph.add(layer, Layer::Add, &[a, more.value], axes)
}

fn concatenation(graph: &mut Graph, layer: &Described, bottoms: &[Made]) -> Result<Made> {
    let parameters = layer.concat_param.clone().unwrap_or_default();
    let axis = parameters
        .axis
        .or(parameters.concat_dim.map(|axis| axis as i32));
    let axis = axis_of(layer, axis.unwrap_or(1), &bottoms[0])?;
    let values: Vec<Value> = bottoms.iter().map(|it| it.value).collect();
    graph.add(
        layer,
        Layer::Concatenate { axis },
        &values,
        bottoms[0].axes.len(),
    )
}

fn slice(graph: &mut Graph, layer: &Described, x: &Made) -> Result<()> {
    let parameters = layer.slice_param.clone().unwrap_or_default();
    let axis = parameters
        .axis
        .or(parameters.slice_dim.map(|axis| axis as i32));
    let axis = axis_of(layer, axis.unwrap_or(1), x)?;
    let (size, tops) = (x.axes[axis], layer.top.len());
    let mut points: Vec<usize> = parameters
        .slice_point
        .iter()
        .map(|&it| it as usize)
        .collect();
    if points.is_empty() {
        if tops == 0 || !size.is_multiple_of(tops) {
            return refuse(
                layer,
                format!("{size} places cannot be cut into {tops} equal parts"),
            );
        }
        points = (1..tops).map(|part| part * (size / tops)).collect();
    }
    points.insert(0, 0);
    points.push(size);
    if points.len() != tops + 1 || !points.is_sorted_by(|a, b| a < b) {
        return refuse(
            layer,
            format!("its cuts do not fit {size} places and {tops} parts"),
        );
    }
    for (top, ends) in points.windows(2).enumerate() {
        let part = Layer::Slice {
            axis,
            start: ends[0],
            step: 1,
            length: ends[1] - ends[0],
        };
        let made = graph.add(layer, part, &[x.value], x.axes.len())?;
        graph.call(layer, top, made)?;
    }
    Ok(())
}

fn flatten(graph: &mut Graph, layer: &Described, x: &Made) -> Result<Made> {
    let parameters = layer.flatten_param.clone().unwrap_or_default();
    let first = axis_of(layer, parameters.axis.unwrap_or(1), x)?;
    let last = axis_of(layer, parameters.end_axis.unwrap_or(-1), x)?;
    if last < first {
        return refuse(layer, "its axes are in the wrong order");
    }
    let mut axes = x.axes.clone();
    let joined = axes[first..=last].iter().product();
    axes.splice(first..=last, [joined]);
    reshaped(graph, layer, x, &axes)
}

fn reshape(graph: &mut Graph, layer: &Described, x: &Made) -> Result<Made> {
    let parameters = layer.reshape_param.clone().unwrap_or_default();
    let mut wanted = parameters.shape.unwrap_or_default().dim;
    match (
        parameters.axis.unwrap_or(0),
        parameters.num_axes.unwrap_or(-1),
    ) {
        // The batch's axis is first among them.
        (0, -1) if !wanted.is_empty() => drop(wanted.remove(0)),
        (1, -1) => {}
        _ => return refuse(layer, "it reshapes some of the axes only"),
    }
    let count: usize = x.axes.iter().product();
    let mut axes = Vec::new();
    for (index, &size) in wanted.iter().enumerate() {
        axes.push(match size {
            0 => x.axes.get(index).copied().unwrap_or(0),
            -1 => 1,
            size => usize::try_from(size).unwrap_or(0),
        });
    }
    if let Some(open) = wanted.iter().position(|&size| size == -1) {
        let known = axes.iter().try_fold(1usize, |n, &axis| n.checked_mul(axis));
        axes[open] = match known {
            Some(known @ 1..) => count / known,
            _ => 0,
        };
    }
    reshaped(graph, layer, x, &axes)
}

fn reshaped(graph: &mut Graph, layer: &Described, x: &Made, axes: &[usize]) -> Result<Made> {
    if axes.is_empty() || axes.len() > 3 {
        let found = axes.len();
        return refuse(
            layer,
            format!("it gives {found} axes beside the batch's, not 1 to 3"),
        );
    }
    let mut shape = [1; 3];
    shape[..axes.len()].copy_from_slice(axes);
    if shape == graph.shape(x.value) {
        return Ok(Made {
            value: x.value,
            axes: axes.to_vec(),
        });
    }
    let step = match axes.len() {
        1 if Some(axes[0]) == x.axes.iter().try_fold(1usize, |n, &it| n.checked_mul(it)) => {
            Layer::Flatten
        }
        _ => Layer::Reshape(shape),
    };
    graph.add(layer, step, &[x.value], axes.len())
}

/// Our axis for one of Caffe's, which counts the batch's, or from the end.
fn axis_of(layer: &Described, axis: i32, x: &Made) -> Result<usize> {
    let count = x.axes.len() as i64 + 1;
    let axis = i64::from(axis);
    let from_first = if axis < 0 { axis + count } else { axis };
    match from_first {
        1.. if from_first < count => Ok(from_first as usize - 1),
        _ => refuse(layer, format!("its axis {axis} is none of a picture's")),
    }
}
