//! Some pictures of a batch, which stays on its device.

use burn::tensor::{Tensor, TensorData};

use super::state::State;
use crate::attack::Norm;

/// Where the active pictures are: x + (1 + η) r.
pub(super) fn points(
    x: &Tensor<4>,
    r: &Tensor<4>,
    states: &[State],
    active: &[usize],
) -> Tensor<4> {
    let stretches: Vec<f32> = active
        .iter()
        .map(|&index| states[index].way.stretch())
        .collect();
    let r = rows(r, active);
    let r = if stretches.iter().all(|stretch| *stretch == stretches[0]) {
        r * stretches[0]
    } else {
        let shape = [active.len(), 1, 1, 1];
        let device = r.device();
        r * Tensor::from_data(TensorData::new(stretches, shape), &device)
    };
    rows(x, active) + r
}

/// ‖r‖ of the first picture's perturbation, `[1]`.
pub(super) fn size_of_first(r: &Tensor<4>, norm: Norm) -> Tensor<1> {
    let r = rows(r, &[0]);
    match norm {
        Norm::L2 => (r.clone() * r).sum().sqrt(),
        Norm::Linf => r.abs().max(),
        Norm::L1 => r.abs().sum(),
    }
}

/// Some pictures of a batch.
pub(super) fn rows(batch: &Tensor<4>, indices: &[usize]) -> Tensor<4> {
    if indices.len() == batch.dims()[0] {
        return batch.clone();
    }
    Tensor::cat(
        indices
            .iter()
            .map(|&index| batch.clone().narrow(0, index, 1))
            .collect(),
        0,
    )
}

/// Adds to some pictures of a batch.
pub(super) fn add_rows(batch: Tensor<4>, indices: &[usize], summand: Tensor<4>) -> Tensor<4> {
    let [n, c, h, w] = batch.dims();
    if indices.len() == n {
        return batch + summand;
    }
    indices
        .iter()
        .enumerate()
        .fold(batch, |batch, (row, &index)| {
            let picture = batch.clone().narrow(0, index, 1) + summand.clone().narrow(0, row, 1);
            batch.slice_assign([index..index + 1, 0..c, 0..h, 0..w], picture)
        })
}

/// Puts a perturbation in the place of one picture's.
pub(super) fn put_row(batch: Tensor<4>, index: usize, values: Vec<f32>) -> Tensor<4> {
    let [_, c, h, w] = batch.dims();
    let row = Tensor::from_data(TensorData::new(values, [1, c, h, w]), &batch.device());
    batch.slice_assign([index..index + 1, 0..c, 0..h, 0..w], row)
}
