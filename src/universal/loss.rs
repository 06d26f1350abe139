//! What a universal perturbation descends on each picture.

use serde::{Deserialize, Serialize};

use crate::attack::Prediction;

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

impl Loss {
    /// The loss's derivative by the logits `now`, given those of the clean
    /// picture; none where the bound κ has silenced it.
    pub(super) fn derivative(
        self,
        clean: &Prediction,
        now: &Prediction,
        target: Option<usize>,
        bound: f64,
    ) -> Option<Vec<f32>> {
        if self == Loss::Cosine {
            return Some(cosine_derivative(&clean.logits, &now.logits));
        }
        let own = target.unwrap_or(clean.label);
        // 1 where `own` should lose, −1 where it should win.
        let sign = if target.is_some() { -1.0 } else { 1.0 };
        let rival = best_other(now, own);
        let mut derivative = vec![0f32; now.logits.len()];
        let f = &now.logits;
        let margin = match self {
            Loss::Odds => {
                let others = softmax_without(f, own);
                for (value, share) in derivative.iter_mut().zip(&others.shares) {
                    *value = -sign * share;
                }
                f64::from(f[own]) - others.log_sum
            }
            Loss::Margin => {
                derivative[rival] = -sign;
                f64::from(f[own] - f[rival])
            }
            _ => f64::from(f[own] - f[rival]),
        };
        derivative[own] = sign;
        (f64::from(sign) * margin > -bound).then_some(derivative)
    }
}

/// The class with the largest logit but one.
fn best_other(now: &Prediction, own: usize) -> usize {
    now.top(2)
        .into_iter()
        .find(|&class| class != own)
        .expect("there are at least two classes")
}

struct Others {
    /// exp f_j / Σ exp f_j over j ≠ own; 0 at own.
    shares: Vec<f32>,
    /// log Σ_{j≠own} exp f_j
    log_sum: f64,
}

fn softmax_without(logits: &[f32], own: usize) -> Others {
    let largest = logits
        .iter()
        .enumerate()
        .filter(|(class, _)| *class != own)
        .fold(f64::NEG_INFINITY, |most, (_, &f)| most.max(f64::from(f)));
    let exponentials: Vec<f64> = logits
        .iter()
        .enumerate()
        .map(|(class, &f)| {
            if class == own {
                0.0
            } else {
                (f64::from(f) - largest).exp()
            }
        })
        .collect();
    let sum: f64 = exponentials.iter().sum();
    Others {
        shares: exponentials.iter().map(|e| (e / sum) as f32).collect(),
        log_sum: largest + sum.ln(),
    }
}

/// d cos(a, b) / db = a / (‖a‖ ‖b‖) − cos(a, b) b / ‖b‖²; zero where one of
/// them is.
fn cosine_derivative(a: &[f32], b: &[f32]) -> Vec<f32> {
    let product = |a: &[f32], b: &[f32]| -> f64 {
        a.iter()
            .zip(b)
            .map(|(a, b)| f64::from(*a) * f64::from(*b))
            .sum()
    };
    let lengths = (product(a, a) * product(b, b)).sqrt();
    if lengths == 0.0 {
        return vec![0.0; b.len()];
    }
    let back = product(a, b) / lengths / product(b, b);
    a.iter()
        .zip(b)
        .map(|(a, b)| (f64::from(*a) / lengths - back * f64::from(*b)) as f32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logits(values: &[f32]) -> Prediction {
        Prediction::new(values.to_vec()).unwrap()
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
                let found = loss.derivative(&logits(&clean), &logits(&now), target, 9.0);
                for (class, found) in found.unwrap().into_iter().enumerate() {
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
        let clean = logits(&[2.0, -1.0, 0.5]);
        let now = logits(&[-4.0, 1.0, 0.0]);
        for loss in [Loss::Margin, Loss::Odds, Loss::Logit] {
            assert!(loss.derivative(&clean, &now, None, 4.9).is_none());
            assert!(loss.derivative(&clean, &now, None, 5.5).is_some());
            assert!(loss.derivative(&clean, &now, Some(1), 0.5).is_none());
            assert!(loss.derivative(&clean, &now, Some(2), 0.5).is_some());
        }
    }
}
