//! What is descended: the cross-entropy.

use super::super::Batch;
use super::values::Values;

/// The mean of `−Σ t log p` with the target t, for how many the label's logit is
/// the highest, and the gradient with respect to the logits.
pub(super) fn cross_entropy(logits: &Values, batch: &Batch<'_>) -> (f64, usize, Values) {
    let [classes, ..] = logits.shape;
    let n = batch.labels.len();
    let spread = batch.smoothing / classes as f32;
    let (mut loss, mut right) = (0.0, 0);
    let mut g = logits.buffers().any(logits.data.len());
    for (picture, &label) in batch.labels.iter().enumerate() {
        let logit = |class: usize| logits.data[class * n + picture];
        let highest = (0..classes).map(logit).fold(f32::NEG_INFINITY, f32::max);
        let total: f32 = (0..classes)
            .map(|class| (logit(class) - highest).exp())
            .sum();
        right += usize::from((0..classes).find(|&class| logit(class) == highest) == Some(label));
        for class in 0..classes {
            let own = f32::from(u8::from(class == label));
            let target = (1.0 - batch.smoothing) * own + spread;
            if target > 0.0 {
                loss += f64::from(target * (total.ln() + highest - logit(class)));
            }
            let p = (logit(class) - highest).exp() / total;
            g[class * n + picture] = (p - target) / n as f32;
        }
    }
    (loss / n as f64, right, Values::new(logits.shape, g))
}
