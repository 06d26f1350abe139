//! Layers that compute nothing: each result is one of the input's values, or a
//! fixed number.

use super::architecture::{Layer, Padding, Shape};

/// No place: what stands there is [`Gather::fill`].
const NOWHERE: u32 = u32::MAX;

/// Of each result, which of the input's values it is.
#[derive(Debug)]
pub(super) struct Gather {
    places: Vec<u32>,
    pub fill: f32,
}

impl Gather {
    /// Of a transpose, a slice or a padding; none of other layers.
    pub fn of(layer: &Layer, input: Shape) -> Option<Self> {
        Some(match layer {
            Layer::Transpose { from, order, .. } => {
                let stride = |axis: usize| from[axis + 1..].iter().product();
                Self::along(order.iter().map(|&axis| (from[axis], stride(axis))), 0)
            }
            Layer::Slice {
                axis,
                start,
                step,
                length,
            } => {
                let [_, h, w] = input;
                let strides = [h * w, w, 1];
                let mut axes: Vec<(usize, usize)> = input.into_iter().zip(strides).collect();
                axes[*axis] = (*length, strides[*axis] * step);
                Self::along(axes.into_iter(), start * strides[*axis])
            }
            Layer::Pad {
                before,
                after,
                with,
            } => Self::pad(input, *before, *after, *with),
            _ => return None,
        })
    }

    /// Every combination of places along axes, each a size and a stride.
    fn along(axes: impl Iterator<Item = (usize, usize)>, first: usize) -> Self {
        let places = axes.fold(vec![first as u32], |places: Vec<u32>, (size, stride)| {
            let next = places
                .iter()
                .flat_map(|place| (0..size).map(move |at| place + (at * stride) as u32));
            next.collect()
        });
        Self { places, fill: 0.0 }
    }

    fn pad(input: Shape, before: Shape, after: Shape, with: Padding) -> Self {
        // The place along one axis, if it is one.
        let along = |axis: usize, at: usize| -> Option<usize> {
            let size = input[axis];
            let inside = at.checked_sub(before[axis]).filter(|at| *at < size);
            match with {
                _ if inside.is_some() => inside,
                Padding::Value(_) => None,
                Padding::Edge => Some(at.saturating_sub(before[axis]).min(size - 1)),
                Padding::Reflect if at < before[axis] => Some(before[axis] - at),
                Padding::Reflect => Some(2 * (size - 1) - (at - before[axis])),
            }
        };
        let outer = [0, 1, 2].map(|axis| before[axis] + input[axis] + after[axis]);
        let mut places = Vec::with_capacity(outer.iter().product());
        for channel in (0..outer[0]).map(|at| along(0, at)) {
            for row in (0..outer[1]).map(|at| along(1, at)) {
                places.extend((0..outer[2]).map(|at| match (channel, row, along(2, at)) {
                    (Some(c), Some(y), Some(x)) => ((c * input[1] + y) * input[2] + x) as u32,
                    _ => NOWHERE,
                }));
            }
        }
        let fill = match with {
            Padding::Value(value) => value,
            Padding::Reflect | Padding::Edge => 0.0,
        };
        Self { places, fill }
    }

    /// The place of each result; none where the fixed number stands.
    pub fn places(&self) -> impl Iterator<Item = Option<usize>> {
        self.places.iter().map(|&place| match place {
            NOWHERE => None,
            place => Some(place as usize),
        })
    }
}
