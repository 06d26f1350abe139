//! What an attack sees of a classifier.

use std::pin::Pin;

use burn::tensor::{Device, Tensor, TensorData};

use super::architecture::Shape;

/// A result that may have to be waited for: that of other workers, say, who do
/// a share of the work. Where nothing has to be, it is ready at once. It stays on
/// the thread that asked.
pub type Waiting<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// A result that is there.
pub fn ready<'a, T: 'a>(value: T) -> Waiting<'a, T> {
    Box::pin(std::future::ready(value))
}

/// A differentiable classifier of pictures.
///
/// Pictures are `[N, C, H, W]`, f32, in pixel units: the range that a picture
/// has is [0, 1], but nothing is clipped to it. Normalisation is inside.
/// A result may still be on its way through the device: a caller reads what it
/// needs, and only that, with `into_data_async`.
pub trait Classifier {
    /// `[C, H, W]` of a picture.
    fn input_shape(&self) -> Shape;

    fn class_count(&self) -> usize;

    /// Where pictures must be and logits are.
    fn device(&self) -> &Device;

    /// `[N, C, H, W]` to logits `[N, classes]`.
    fn logits(&self, x: Tensor<4>) -> Waiting<'_, Tensor<2>>;

    /// The same forward pass, kept so that gradients can be taken of it.
    fn forward(&self, x: Tensor<4>) -> Waiting<'_, Box<dyn ForwardPass + '_>>;
}

/// A forward pass on N pictures, from which any number of gradients follow.
pub trait ForwardPass {
    /// `[N, classes]`
    fn logits(&self) -> Tensor<2>;

    /// K vector–Jacobian products a picture: cotangents `[N, K, classes]` of
    /// the logits to `[N, K, C, H, W]` in pixel space. The one-hot cotangent of
    /// a class gives that class's gradient; `e_k - e_j` that of the difference
    /// f_k - f_j.
    fn pull_back(&self, cotangents: Tensor<3>) -> Waiting<'_, Tensor<5>>;

    /// The gradients of chosen classes, `classes[n]` for picture n, each list
    /// as long as the others: `[N, K, C, H, W]`.
    fn class_gradients(&self, classes: &[Vec<usize>]) -> Waiting<'_, Tensor<5>> {
        let logits = self.logits();
        let [_, count] = logits.dims();
        self.pull_back(one_hot(classes, count, &logits.device()))
    }
}

/// `[N, K, count]` with a one at `classes[n][k]`, zeros elsewhere.
pub fn one_hot(classes: &[Vec<usize>], count: usize, device: &Device) -> Tensor<3> {
    let k = classes.first().map_or(0, Vec::len);
    let mut values = vec![0f32; classes.len() * k * count];
    for (row, class) in classes.iter().flatten().enumerate() {
        values[row * count + class] = 1.0;
    }
    Tensor::from_data(TensorData::new(values, [classes.len(), k, count]), device)
}
