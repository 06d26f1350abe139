//! Caffe's layers that join values, part them, or see them in another shape.

use super::activations::affine;
use super::graph::{Graph, Made};
use super::layers::{Result, refuse};
use super::messages::Layer as Described;
use crate::classifier::architecture::{Activation, Layer, Value};

pub(super) fn elementwise(graph: &mut Graph, layer: &Described, bottoms: &[Made]) -> Result<Made> {
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

pub(super) fn concatenation(
    graph: &mut Graph,
    layer: &Described,
    bottoms: &[Made],
) -> Result<Made> {
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

pub(super) fn slice(graph: &mut Graph, layer: &Described, x: &Made) -> Result<()> {
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

pub(super) fn flatten(graph: &mut Graph, layer: &Described, x: &Made) -> Result<Made> {
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

pub(super) fn reshape(graph: &mut Graph, layer: &Described, x: &Made) -> Result<Made> {
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
pub(super) fn axis_of(layer: &Described, axis: i32, x: &Made) -> Result<usize> {
    let count = x.axes.len() as i64 + 1;
    let axis = i64::from(axis);
    let from_first = if axis < 0 { axis + count } else { axis };
    match from_first {
        1.. if from_first < count => Ok(from_first as usize - 1),
        _ => refuse(layer, format!("its axis {axis} is none of a picture's")),
    }
}
