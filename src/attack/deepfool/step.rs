//! DeepFool's step: onto the nearest boundary of the affine approximations.

use burn::tensor::{Int, Tensor, TensorData};

use super::state::{NOWHERE, State};
use crate::attack::subspace::{Subspace, project_rows};
use crate::attack::{AttackError, Norm};
use crate::classifier::ForwardPass;
use crate::classifier::architecture::Shape;

/// Gradients whose largest entry is not between these are scaled.
const SMALL: f32 = 1e-12;
const LARGE: f32 = 1e12;

/// What an iteration does to the active pictures; all of it stays on the device.
pub(super) struct Steps {
    /// Onto the nearest boundary of each one's affine approximation,
    /// `[A, C, H, W]`. A picture that has no boundary to go to takes no step.
    pub sum: Tensor<4>,
    /// How far each candidate's boundary is, `[A, K]`; [`NOWHERE`] where its
    /// logit does not change with the picture.
    pub distances: Tensor<2>,
    /// 1 where the step is longer than the published one, else 0, `[A]`.
    pub was_longer: Tensor<1>,
}

/// The normals `w_k = ∇f_k − ∇f_0` `[A, K, d]` of each active picture's
/// candidates, within its subspace.
pub(super) async fn normals(
    pass: &dyn ForwardPass,
    states: &[State],
    active: &[usize],
    subspaces: &[Subspace],
) -> Result<Tensor<3>, AttackError> {
    let logits = pass.logits();
    let device = logits.device();
    let [a, classes] = logits.dims();
    let k = states[active[0]].candidates.len() - 1;

    // e_k − e_0: one walk back gives w_k itself.
    let mut cotangents = vec![0f32; a * k * classes];
    for (row, &index) in active.iter().enumerate() {
        let own = states[index].from();
        for (column, other) in states[index].candidates[1..].iter().enumerate() {
            let start = (row * k + column) * classes;
            cotangents[start + other] = 1.0;
            cotangents[start + own] = -1.0;
        }
    }
    let cotangents = TensorData::new(cotangents, [a, k, classes]);
    let w = pass.pull_back(Tensor::from_data(cotangents, &device)).await;
    let [_, _, c, h, width] = w.dims();
    let w = w.reshape([a, k, c * h * width]);
    Ok(project_rows(w, subspaces, active).await?)
}

/// The w_k `[A, K, d]`, or their mean so far where a picture goes by that.
pub(super) fn averaged(
    w: Tensor<3>,
    states: &[State],
    active: &[usize],
    means: &mut [Option<Tensor<3>>],
) -> Tensor<3> {
    let share = |index: usize| states[index].way.share();
    if active.iter().all(|&index| share(index) == 1.0) {
        return w;
    }
    let own = active.iter().enumerate().map(|(row, &index)| {
        let own = w.clone().narrow(0, row, 1);
        if share(index) == 1.0 {
            return own;
        }
        let mean = match means[index].take() {
            Some(mean) => mean * (1.0 - share(index)) + own * share(index),
            None => own,
        };
        means[index] = Some(mean.clone());
        mean
    });
    Tensor::cat(own.collect(), 0)
}

/// The step of each active picture from its normals `[A, K, d]`.
pub(super) fn onto_nearest(
    w: Tensor<3>,
    states: &[State],
    active: &[usize],
    norm: Norm,
    [c, h, width]: Shape,
) -> Steps {
    let device = w.device();
    let [a, k, _] = w.dims();
    // Squares of what is very small or large do not fit into single precision.
    let largest = w.clone().abs().max_dim(2);
    let is_usual = largest.clone().greater_scalar(SMALL);
    let is_usual = is_usual.bool_and(largest.clone().lower_scalar(LARGE));
    let scale = largest.clamp_min(f32::MIN_POSITIVE).recip();
    let scale = scale.mask_fill(is_usual, 1.0);
    let w = w * scale.clone();

    // ‖w_k‖_q, with q dual to p.
    let lengths = match norm {
        Norm::L2 => (w.clone() * w.clone()).sum_dim(2).sqrt(),
        Norm::Linf => w.clone().abs().sum_dim(2),
        Norm::L1 => w.clone().abs().max_dim(2),
    };
    let lengths: Tensor<2> = lengths.reshape([a, k]);

    let mut numbers = Vec::with_capacity(active.len() * (k + 2));
    for &index in active {
        numbers.extend(states[index].gaps_to_close());
        numbers.push(states[index].way.least_change());
        numbers.push(states[index].way.share());
    }
    let numbers = Tensor::<2>::from_data(TensorData::new(numbers, [a, k + 2]), &device);
    let gaps = numbers.clone().narrow(1, 0, k) * scale.reshape([a, k]);
    let least_change = numbers.clone().narrow(1, k, 1);
    let share = numbers.narrow(1, k + 1, 1);
    let is_flat = lengths.clone().greater_scalar(0.0).bool_not();
    let distances = (gaps / lengths.clone()).mask_fill(is_flat, NOWHERE);
    let is_nowhere = distances.clone().lower_scalar(NOWHERE).bool_not();
    let distances = distances.mask_fill(is_nowhere.clone(), NOWHERE);
    let columns = Tensor::<1, Int>::arange(0..k as i64, &device).reshape([1, k]);
    let is_nearest = distances.clone().argmin(1).equal(columns);
    // How far to go along w_l; 0 for every other class.
    let amounts = match norm {
        // distance · w / ‖w‖₂
        Norm::L2 => distances.clone() / lengths,
        // distance · sign(w), and distance at the largest entry.
        Norm::Linf | Norm::L1 => distances.clone(),
    };
    let is_other = is_nearest.bool_not().bool_or(is_nowhere);
    let amount = amounts.mask_fill(is_other.clone(), 0.0).sum_dim(1) * share;
    let chosen = is_other.bool_not().float().reshape([a, 1, k]);
    let directions = match norm {
        Norm::L2 => w,
        Norm::Linf => w.sign(),
        Norm::L1 => {
            let size = w.clone().abs();
            let largest = size.clone().max_dim(2);
            let at_largest = size.greater_equal(largest).float();
            // Of equal entries each takes its share.
            let share = at_largest.clone() / at_largest.sum_dim(2);
            share * w.sign()
        }
    };
    let direction = chosen.matmul(directions);
    // What changes no value of the picture is no step.
    let largest = direction.clone().abs().max_dim(2).reshape([a, 1]);
    let is_none = largest.clone().greater_scalar(0.0).bool_not();
    let least = (least_change / largest).mask_fill(is_none, 0.0);
    let was_longer = least.clone().greater(amount.clone()).float();
    let step = direction * amount.max_pair(least).reshape([a, 1, 1]);
    Steps {
        sum: step.reshape([a, c, h, width]),
        distances,
        was_longer: was_longer.flatten(0, 1),
    }
}
