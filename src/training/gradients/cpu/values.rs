//! Values of a batch, and what is done with them besides layers.

use std::sync::Arc;

use super::buffers::{Buffer, Buffers};
use crate::classifier::architecture::Shape;

/// Values of all pictures, `[C, N, H, W]`.
#[derive(Clone)]
pub(super) struct Values {
    /// Of one picture.
    pub shape: Shape,
    pub data: Arc<Buffer>,
}

impl Values {
    pub fn new(shape: Shape, data: Buffer) -> Self {
        let data = Arc::new(data);
        Self { shape, data }
    }

    /// Pixels of a channel in one picture.
    pub fn pixels(&self) -> usize {
        self.shape[1] * self.shape[2]
    }

    /// How many pictures there are.
    pub fn count(&self) -> usize {
        self.data.len() / self.shape.iter().product::<usize>()
    }

    /// The values to change; a copy if someone else needs them as they are.
    pub fn data_mut(&mut self) -> &mut [f32] {
        &mut *Arc::make_mut(&mut self.data)
    }

    /// Memory for values that are made of these.
    pub fn buffers(&self) -> &Buffers {
        self.data.home()
    }
}

/// `[A, B, C]` to `[B, A, C]`.
pub(super) fn exchange(values: &[f32], out: &mut [f32], [a, b, c]: [usize; 3]) {
    for i in 0..a {
        for j in 0..b {
            out[(j * a + i) * c..][..c].copy_from_slice(&values[(i * b + j) * c..][..c]);
        }
    }
}

pub(super) fn sum(mut a: Values, b: &Values) -> Values {
    for (a, b) in a.data_mut().iter_mut().zip(b.data.iter()) {
        *a += b;
    }
    a
}

/// Values' channels, one after the other.
pub(super) fn joined(parts: &[Values]) -> Values {
    let channels = parts.iter().map(|y| y.shape[0]).sum();
    let [_, h, w] = parts[0].shape;
    let mut y = parts[0]
        .buffers()
        .any(parts.iter().map(|y| y.data.len()).sum());
    let mut start = 0;
    for part in parts {
        y[start..start + part.data.len()].copy_from_slice(&part.data);
        start += part.data.len();
    }
    Values::new([channels, h, w], y)
}

/// The same taken apart.
pub(super) fn parted(g: &Values, channels: &[usize]) -> Vec<Values> {
    let [_, h, w] = g.shape;
    let channel = g.count() * h * w;
    let mut start = 0;
    let part = |&channels: &usize| {
        let mut part = g.buffers().any(channels * channel);
        part.copy_from_slice(&g.data[start * channel..][..channels * channel]);
        start += channels;
        Values::new([channels, h, w], part)
    };
    channels.iter().map(part).collect()
}
