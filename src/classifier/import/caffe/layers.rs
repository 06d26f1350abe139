//! What each of Caffe's layers is in our vocabulary.

use super::CaffeError;
use super::activations::activations;
use super::graph::{Graph, kind, label};
use super::messages::Layer as Described;
use super::shapes::{axis_of, concatenation, elementwise, flatten, reshape, slice};
use super::weighted::{batch_norm, inner_product, normalisation, parametric, scale, scaled};
use super::windows;
use crate::classifier::architecture::Layer;
use crate::classifier::import::ImportError;

pub(super) type Result<T> = std::result::Result<T, ImportError>;

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
