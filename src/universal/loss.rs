//! What a universal perturbation descends on each picture.

use std::rc::Rc;

use burn::tensor::{Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::attack::Prediction;
use crate::classifier::one_hot;

/// How far a picture is from being fooled, as a function of the logits f at
/// x + v. y is k(x); with a target t, y and its rival change places: the rival
/// leads and t should overtake it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(
    all(feature = "lab", not(target_family = "wasm")),
    derive(clap::ValueEnum)
)]
pub enum Loss {
    /// max(f_y − max_{j≠y} f_j, −κ): the margin by which the clean label wins,
    /// until it has lost by κ (Carlini and Wagner's, for a universal v by Zhang
    /// et al., CVPR 2020).
    #[default]
    Margin,
    /// 2τ tanh(m / 2τ) of that margin m, until it is −κ: a smooth count of the
    /// pictures that v does not fool (a sigmoid of the margin, as Mason et al., NIPS
    /// 1999, have it). Near the boundary it falls as the margin does, and far
    /// from it on either side hardly at all, so that v fools many pictures
    /// rather than lowering all margins a little.
    Sigmoid,
    /// max(f_y − log Σ_{j≠y} exp f_j, −κ): the same with all rivals at once.
    /// It is the log of the odds of y, so cross-entropy that is cut off
    /// (Shafahi et al. 2020) stands still where this does.
    Odds,
    /// The clean label's own logit f_y, as long as the margin is above −κ.
    Logit,
    /// The cosine of the logits with and without v (Zhang et al., ICCV 2021);
    /// no bound, no target.
    Cosine,
}

/// How the loss of each picture of a batch changes with its logits.
pub(super) struct Slope {
    /// `[N, classes]`; zeros for the pictures that the bound κ has silenced.
    pub derivative: Tensor<2>,
    /// `[N, 1]`: 0 for those, 1 for the others.
    pub counts: Tensor<2>,
}

/// The logits of a batch, seen from one class a picture.
pub(super) struct Rivals {
    now: Tensor<2>,
    /// `[N, classes]`, with a one at the class.
    own: Tensor<2>,
    /// The logits, with something very small in place of the class's own.
    others: Tensor<2>,
    /// The largest of those, `[N, 1]`.
    best: Tensor<2>,
    /// f_own − max_{j≠own} f_j, `[N, 1]`: whether the class leads, and by how much.
    pub margin: Tensor<2>,
}

impl Rivals {
    /// Smaller than any logit, and finite: times zero it is zero.
    const SMALL: f32 = -1e30;

    pub fn new(now: Tensor<2>, own: &[usize]) -> Self {
        let [n, classes] = now.dims();
        let each: Vec<Vec<usize>> = own.iter().map(|&class| vec![class]).collect();
        let own = one_hot(&each, classes, &now.device()).reshape([n, classes]);
        let others = now.clone() + own.clone() * Self::SMALL;
        let best = others.clone().max_dim(1);
        let margin = (now.clone() * own.clone()).sum_dim(1) - best.clone();
        Self {
            now,
            own,
            others,
            best,
            margin,
        }
    }
}

impl Loss {
    /// The losses' derivatives by the logits now, given the answers to the clean
    /// pictures; `rivals` are those of the target, or else of the clean labels.
    /// All of it stays on the device, so that nobody has to wait for the logits
    /// before the walk back is on its way.
    pub(super) fn slope(
        self,
        clean: &[Rc<Prediction>],
        rivals: &Rivals,
        targeted: bool,
        bound: f64,
        width: f64,
    ) -> Slope {
        let Rivals {
            now,
            own,
            others,
            best,
            margin,
        } = rivals;
        // 1 where `own` should lose, −1 where it should win.
        let sign = if targeted { -1.0 } else { 1.0 };
        let bound = bound as f32;
        // The margin's slope. Of several rivals that lead equally, each its share.
        let towards_best = |own: &Tensor<2>| {
            let leads = at_least(others.clone() - best.clone(), 0.0);
            own.clone() - leads.clone() / leads.sum_dim(1)
        };
        // By how much the loss is still above its bound; where it is not, not above 0.
        let (left, slope) = match self {
            Loss::Cosine => return cosine_slope(clean, now.clone()),
            Loss::Odds => {
                let powers = (others.clone() - best.clone()).exp();
                let sum = powers.clone().sum_dim(1);
                let shares = powers / sum.clone();
                // ±(margin − log sum) > −κ, without the logarithm.
                let most = (margin.clone() + bound * sign).exp();
                ((most - sum) * sign, own.clone() - shares)
            }
            Loss::Margin => (margin.clone() * sign + bound, towards_best(own)),
            Loss::Sigmoid => {
                let margin = margin.clone() * sign;
                // 1 / cosh² (m / 2τ), which this way never rounds to nothing.
                let far = (margin.clone().abs() / -width as f32).exp();
                let steepness = far.clone() * 4.0 / (far + 1.0).powi_scalar(2);
                (margin + bound, towards_best(own) * steepness)
            }
            Loss::Logit => (margin.clone() * sign + bound, own.clone()),
        };
        let counts = above(left, 0.0);
        Slope {
            derivative: slope * sign * counts.clone(),
            counts,
        }
    }
}

/// 1 where a value is larger than a number, else 0.
pub(super) fn above<const D: usize>(values: Tensor<D>, number: f32) -> Tensor<D> {
    values.greater_elem(number).float()
}

/// 1 where a value is a number or larger, else 0.
fn at_least(values: Tensor<2>, number: f32) -> Tensor<2> {
    above(values * -1.0, -number) * -1.0 + 1.0
}

/// d cos(a, b) / db = a / (‖a‖ ‖b‖) − cos(a, b) b / ‖b‖² of the logits a of the
/// clean pictures and those now, b; zero where one of them is.
fn cosine_slope(clean: &[Rc<Prediction>], b: Tensor<2>) -> Slope {
    let [n, classes] = b.dims();
    let a: Vec<f32> = clean
        .iter()
        .flat_map(|clean| clean.logits.clone())
        .collect();
    let a = Tensor::<2>::from_data(TensorData::new(a, [n, classes]), &b.device());
    let product = |a: &Tensor<2>, b: &Tensor<2>| (a.clone() * b.clone()).sum_dim(1);
    let squares = product(&b, &b);
    let lengths = product(&a, &a).sqrt() * squares.clone().sqrt();
    let something = above(lengths.clone(), 0.0);
    let nothing = something.clone() * -1.0 + 1.0;
    let lengths = lengths + nothing.clone();
    let back = product(&a, &b) / lengths.clone() / (squares + nothing);
    let derivative = (a / lengths - b * back) * something.clone();
    Slope {
        derivative,
        counts: something.ones_like(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::{block_on, read_together};
    use burn::tensor::Device;

    /// τ.
    const WIDTH: f64 = 0.75;

    /// The derivative and whether the picture counts, of one picture.
    fn slope(
        loss: Loss,
        clean: &[f32],
        now: &[f32],
        target: Option<usize>,
        bound: f64,
    ) -> (Vec<f32>, bool) {
        let clean = Rc::new(Prediction::new(clean.to_vec()).unwrap());
        let now = Tensor::from_data(
            TensorData::new(now.to_vec(), [1, now.len()]),
            &Device::flex(),
        );
        let rivals = Rivals::new(now, &[target.unwrap_or(clean.label)]);
        let slope = loss.slope(&[clean], &rivals, target.is_some(), bound, WIDTH);
        let [derivative, counts] = block_on(async {
            let flat = [slope.derivative, slope.counts].map(|all| all.flatten(0, 1));
            read_together(flat).await.unwrap()
        });
        (derivative, counts == [1.0])
    }

    /// The losses as their formulas have them.
    fn value(loss: Loss, clean: &[f32], now: &[f64], target: Option<usize>) -> f64 {
        let y = target.unwrap_or(crate::attack::argmax(clean));
        let others = || now.iter().enumerate().filter(|(j, _)| *j != y);
        let sign = if target.is_some() { -1.0 } else { 1.0 };
        let margin = sign * (now[y] - others().fold(f64::MIN, |m, (_, f)| m.max(*f)));
        match loss {
            Loss::Margin => margin,
            Loss::Sigmoid => 2.0 * WIDTH * (margin / 2.0 / WIDTH).tanh(),
            Loss::Odds => sign * (now[y] - others().map(|(_, f)| f.exp()).sum::<f64>().ln()),
            Loss::Logit => sign * now[y],
            Loss::Cosine => {
                let length = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
                let clean: Vec<f64> = clean.iter().map(|&v| f64::from(v)).collect();
                let product: f64 = clean.iter().zip(now).map(|(a, b)| a * b).sum();
                product / length(&clean) / length(now)
            }
        }
    }

    #[test]
    fn derivatives_are_those_of_the_formulas() {
        let clean = [2.0f32, -1.0, 0.5, 0.25];
        let now = [0.5f32, 1.0, -0.75, 0.2];
        for loss in [
            Loss::Margin,
            Loss::Sigmoid,
            Loss::Odds,
            Loss::Logit,
            Loss::Cosine,
        ] {
            for target in [None, Some(2)] {
                if loss == Loss::Cosine && target.is_some() {
                    continue;
                }
                let (found, counts) = slope(loss, &clean, &now, target, 9.0);
                assert!(counts);
                for (class, found) in found.into_iter().enumerate() {
                    let at = |by: f64| {
                        let mut moved: Vec<f64> = now.iter().map(|&v| f64::from(v)).collect();
                        moved[class] += by;
                        value(loss, &clean, &moved, target)
                    };
                    let slope = (at(1e-4) - at(-1e-4)) / 2e-4;
                    assert!(
                        (f64::from(found) - slope).abs() < 1e-4,
                        "{loss:?} {target:?} {class}: {found} {slope}"
                    );
                }
            }
        }
    }

    #[test]
    fn beyond_the_bound_a_picture_counts_no_more() {
        let clean = [2.0, -1.0, 0.5];
        let now = [-4.0, 1.0, 0.0];
        for loss in [Loss::Margin, Loss::Sigmoid, Loss::Odds, Loss::Logit] {
            for (target, bound, expected) in [
                (None, 4.9, false),
                (None, 5.5, true),
                (Some(1), 0.5, false),
                (Some(2), 0.5, true),
            ] {
                let (derivative, counts) = slope(loss, &clean, &now, target, bound);
                assert_eq!(counts, expected, "{loss:?} {target:?} {bound}");
                assert_eq!(derivative.iter().any(|&by| by != 0.0), expected);
            }
        }
    }

    #[test]
    fn a_sigmoid_counts_pictures_near_the_boundary_most() {
        let pull = |margin: f32| slope(Loss::Sigmoid, &[1.0, 0.0], &[margin, 0.0], None, 9.0).0[0];
        assert!((pull(0.0) - 1.0).abs() < 1e-6);
        for margin in [0.5, 2.0, 8.0] {
            assert!(pull(margin) < pull(margin / 2.0));
            // A picture as far beyond it counts as much.
            assert!((pull(margin) - pull(-margin)).abs() < 1e-6);
        }
        assert!(pull(8.0) > 0.0 && pull(8.0) < 1e-3);
    }

    #[test]
    fn logits_of_nothing_have_no_direction() {
        let (derivative, counts) = slope(Loss::Cosine, &[1.0, 2.0], &[0.0, 0.0], None, 9.0);
        assert!(counts && derivative == [0.0, 0.0]);
    }
}
