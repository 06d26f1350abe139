//! An attack of one's own: all that it knows of a classifier is the trait.

use foolscope::burn::tensor::{Tensor, TensorData};
use foolscope::classifier::Classifier;

/// One Newton step to where the two likeliest classes are equal, and a little
/// further: the perturbation, planar `[C, H, W]` in pixel units.
pub async fn newton(classifier: &dyn Classifier, x: &[f32], overshoot: f32) -> Vec<f32> {
    let pass = classifier.forward(batch(classifier, x)).await;
    let logits = values(pass.logits()).await;
    let mut order: Vec<usize> = (0..logits.len()).collect();
    order.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]));
    let [own, other] = [order[0], order[1]];
    let gradients = values(pass.class_gradients(&[vec![own, other]]).await).await;
    let (of_own, of_other) = gradients.split_at(x.len());
    let normal: Vec<f32> = of_other.iter().zip(of_own).map(|(b, a)| b - a).collect();
    let square: f32 = normal.iter().map(|w| w * w).sum();
    let step = (1.0 + overshoot) * (logits[own] - logits[other]) / square;
    normal.iter().map(|w| w * step).collect()
}

/// One logit a class.
pub async fn logits(classifier: &dyn Classifier, x: &[f32]) -> Vec<f32> {
    values(classifier.logits(batch(classifier, x)).await).await
}

fn batch(classifier: &dyn Classifier, x: &[f32]) -> Tensor<4> {
    let [c, h, w] = classifier.input_shape();
    let data = TensorData::new(x.to_vec(), [1, c, h, w]);
    Tensor::from_data(data, classifier.device())
}

async fn values<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    let data = tensor
        .into_data_async()
        .await
        .expect("the device gives its values back");
    data.try_into_vec::<f32>().expect("numbers of 32 bits")
}
