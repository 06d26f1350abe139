//! What a universal perturbation descends on each picture.

use std::rc::Rc;

use burn::tensor::{Int, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use crate::attack::Prediction;
use crate::classifier::one_hot;

/// How far a picture is from being fooled, as a function of the logits f at
/// x + v. y is k(x); with a target t, y and its rival change places: the rival
/// leads and t should overtake it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loss {
    /// max(f_y − max_{j≠y} f_j, −κ): the margin by which the clean label wins,
    /// until it has lost by κ (Carlini and Wagner's, for a universal v by Zhang
    /// et al., CVPR 2020).
    #[default]
    Margin,
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

impl Loss {
    /// The losses' derivatives by the logits `now`, `[N, classes]`, given the
    /// answers to the clean pictures. All of it stays on the device, so that
    /// nobody has to wait for the logits before the walk back is on its way.
    pub(super) fn slope(
        self,
        clean: &[Rc<Prediction>],
        now: Tensor<2>,
        target: Option<usize>,
        bound: f64,
    ) -> Slope {
        if self == Loss::Cosine {
            return cosine_slope(clean, now);
        }
        let [n, classes] = now.dims();
        let device = now.device();
        let owns: Vec<Vec<usize>> = clean
            .iter()
            .map(|clean| vec![target.unwrap_or(clean.label)])
            .collect();
        let own = one_hot(&owns, classes, &device).reshape([n, classes]);
        // 1 where `own` should lose, −1 where it should win.
        let sign = if target.is_some() { -1.0 } else { 1.0 };
        let others = now.clone().mask_fill(own.clone().bool(), f32::MIN);
        let own_logit = (now * own.clone()).sum_dim(1);
        let (margin, slope) = match self {
            Loss::Odds => {
                let largest = others.clone().max_dim(1);
                let powers = (others - largest.clone()).exp();
                let sum = powers.clone().sum_dim(1);
                (own_logit - largest - sum.clone().log(), own - powers / sum)
            }
            Loss::Margin => (
                own_logit - others.clone().max_dim(1),
                own - hot(others.argmax(1), classes),
            ),
            _ => (own_logit - others.max_dim(1), own),
        };
        let counts = (margin * sign).greater_elem(-bound as f32).float();
        Slope {
            derivative: slope * sign * counts.clone(),
            counts,
        }
    }
}

/// `[N, 1]` of classes to `[N, classes]` with ones at them.
fn hot(at: Tensor<2, Int>, classes: usize) -> Tensor<2> {
    let [n, _] = at.dims();
    let all = Tensor::<1, Int>::arange(0..classes as i64, &at.device()).reshape([1, classes]);
    all.expand([n, classes])
        .equal(at.expand([n, classes]))
        .float()
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
    let nothing = lengths.clone().equal_elem(0.0);
    let lengths = lengths.mask_fill(nothing.clone(), 1.0);
    let squares = squares.mask_fill(nothing.clone(), 1.0);
    let back = product(&a, &b) / lengths.clone() / squares;
    let derivative = a / lengths - b * back;
    Slope {
        derivative: derivative.mask_fill(nothing.clone().expand([n, classes]), 0.0),
        counts: nothing.float().ones_like(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::{block_on, read_together};
    use burn::tensor::Device;

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
        let slope = loss.slope(&[clean], now, target, bound);
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
        match loss {
            Loss::Margin => sign * (now[y] - others().fold(f64::MIN, |m, (_, f)| m.max(*f))),
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
        for loss in [Loss::Margin, Loss::Odds, Loss::Logit, Loss::Cosine] {
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
        for loss in [Loss::Margin, Loss::Odds, Loss::Logit] {
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
    fn logits_of_nothing_have_no_direction() {
        let (derivative, counts) = slope(Loss::Cosine, &[1.0, 2.0], &[0.0, 0.0], None, 9.0);
        assert!(counts && derivative == [0.0, 0.0]);
    }
}
