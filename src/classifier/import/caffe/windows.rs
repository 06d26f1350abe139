//! Convolution and pooling: what slides over a picture.

use super::graph::{Graph, Made};
use super::layers::refuse;
use super::messages::{Layer as Described, Pooling};
use crate::classifier::architecture::{Convolution, Layer, Window};
use crate::classifier::import::ImportError;

type Result<T> = std::result::Result<T, ImportError>;

pub fn convolution(graph: &mut Graph, layer: &Described, x: &Made) -> Result<Made> {
    let it = layer.convolution_param.clone().unwrap_or_default();
    if it.axis.unwrap_or(1) != 1 || x.axes.len() != 3 {
        return refuse(layer, "it is not of two-dimensional pictures");
    }
    let pair = |values: &[u32], height, width, default: Option<u32>| -> Option<[usize; 2]> {
        let both = match (height, width, values) {
            (Some(height), Some(width), _) => [height, width],
            (.., [height, width]) => [*height, *width],
            (.., [both]) => [*both; 2],
            (.., []) => [default?; 2],
            _ => return None,
        };
        Some(both.map(|it| it as usize))
    };
    let sizes = (
        pair(&it.kernel_size, it.kernel_h, it.kernel_w, None),
        pair(&it.stride, it.stride_h, it.stride_w, Some(1)),
        pair(&it.pad, it.pad_h, it.pad_w, Some(0)),
        pair(&it.dilation, None, None, Some(1)),
    );
    let (Some(kernel), Some(stride), Some(padding), Some(dilation)) = sizes else {
        return refuse(layer, "it does not say its kernel's two sizes");
    };
    let (input, output) = (x.axes[0], it.num_output.unwrap_or(0) as usize);
    let is_depthwise = super::graph::kind(layer) != "Convolution";
    let groups = match it.group {
        Some(groups) => groups as usize,
        None if is_depthwise => input,
        None => 1,
    };
    if groups == 0 || !input.is_multiple_of(groups) || !output.is_multiple_of(groups) {
        return refuse(
            layer,
            format!("{input} and {output} channels do not make {groups} groups"),
        );
    }
    let shape = [output, input / groups, kernel[0], kernel[1]];
    let count = shape
        .iter()
        .try_fold(1usize, |n, &axis| n.checked_mul(axis));
    let has_bias = it.bias_term.unwrap_or(true);
    let needed = 1 + usize::from(has_bias);
    let weight = graph.numbers(layer, 0, needed, count.unwrap_or(usize::MAX))?;
    let bias = match has_bias {
        true => graph.numbers(layer, 1, needed, output)?,
        false => vec![0.0; output],
    };
    let name = graph.weights_name(layer);
    graph
        .weights
        .insert(format!("{name}.weight"), &shape, weight)?;
    graph
        .weights
        .insert(format!("{name}.bias"), &[output], bias)?;
    let conv = Convolution {
        kernel,
        stride,
        padding: padding.map(|it| (it, it)),
        dilation,
        ..Convolution::new(name, input, output, 1).groups(groups)
    };
    graph.add(layer, conv, &[x.value], 3)
}

pub fn pooling(graph: &mut Graph, layer: &Described, x: &Made) -> Result<Made> {
    let it = layer.pooling_param.clone().unwrap_or_default();
    if x.axes.len() != 3 {
        return refuse(layer, "it is not of two-dimensional pictures");
    }
    let is_mean = match it.pool.unwrap_or(0) {
        0 => false,
        1 => true,
        _ => return refuse(layer, "it chooses at random, which only training does"),
    };
    let pool = if it.global_pooling.unwrap_or(false) {
        match is_mean {
            true => Layer::GlobalAverage,
            false => Layer::GlobalMax,
        }
    } else {
        let Some(window) = window(&it) else {
            return refuse(layer, "it does not say its kernel's two sizes");
        };
        if leaves_the_picture(&window, [x.axes[1], x.axes[2]]) {
            return refuse(layer, "its last window lies beside the picture");
        }
        match is_mean {
            true => Layer::AveragePool(window),
            false => Layer::MaxPool(window),
        }
    };
    graph.add(layer, pool, &[x.value], 3)
}

fn window(it: &Pooling) -> Option<Window> {
    let pair = |both: Option<u32>, height: Option<u32>, width: Option<u32>, default: u32| {
        let both = both.unwrap_or(default);
        [height.unwrap_or(both), width.unwrap_or(both)].map(|it| it as usize)
    };
    let kernel = pair(it.kernel_size, it.kernel_h, it.kernel_w, 0);
    let padding = pair(it.pad, it.pad_h, it.pad_w, 0);
    (!kernel.contains(&0)).then(|| Window {
        kernel,
        stride: pair(it.stride, it.stride_h, it.stride_w, 1),
        padding: padding.map(|it| (it, it)),
        ceil: it.round_mode.unwrap_or(0) == 0,
        counts_padding: true,
        ..Window::new(1, 1)
    })
}

/// Where the stride is larger than the kernel, Caffe's last window can begin
/// after the picture: it drops such a one only where there is padding.
fn leaves_the_picture(window: &Window, size: [usize; 2]) -> bool {
    let is_padded = window.padding.iter().any(|&(before, _)| before > 0);
    let outside = |axis: usize| {
        let room = size[axis].saturating_sub(window.kernel[axis]);
        window.stride[axis] > 0
            && room.div_ceil(window.stride[axis]) * window.stride[axis] >= size[axis]
    };
    window.ceil && !is_padded && (outside(0) || outside(1))
}
