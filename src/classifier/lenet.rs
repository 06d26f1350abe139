//! LeNet (after LeCun et al. 1998) as two libraries' examples have it: Caffe's
//! for MNIST, two convolutions of 20 and 50 filters, each max-pooled, and two
//! fully connected layers with one ReLU between them; and MatConvNet's for
//! CIFAR-10, three convolutions of 32, 32 and 64 filters with pooling over 3 × 3
//! pixels, and two layers of 64 and 10 units.

use super::architecture::{Activation, Architecture, Builder, Convolution, Layer, Window};

/// 28 × 28 grey digits in [0, 1], ten classes.
pub fn lenet_mnist() -> Architecture {
    let mut net = Builder::new([1, 28, 28]);
    let logits = net.chain(
        net.picture(),
        [
            Convolution::new("conv1", 1, 20, 5).into(),
            Layer::MaxPool(Window::new(2, 2)),
            Convolution::new("conv2", 20, 50, 5).into(),
            Layer::MaxPool(Window::new(2, 2)),
            Layer::Flatten,
            Layer::linear("fc1", 800, 500),
            Activation::Relu.into(),
            Layer::linear("fc2", 500, 10),
        ],
    );
    net.finish(logits)
}

/// 32 × 32 colour pictures, ten classes. The means and deviations are those of
/// CIFAR-10's training pictures, by channel.
pub fn lenet_cifar10() -> Architecture {
    let half = Window::new(3, 2).ceil();
    let mut net = Builder::new([3, 32, 32]).normalised(&CIFAR10_MEAN, &CIFAR10_STD);
    let logits = net.chain(
        net.picture(),
        [
            Convolution::new("conv1", 3, 32, 5).padding(2, 2).into(),
            Layer::MaxPool(half),
            Activation::Relu.into(),
            Convolution::new("conv2", 32, 32, 5).padding(2, 2).into(),
            Activation::Relu.into(),
            Layer::AveragePool(half),
            Convolution::new("conv3", 32, 64, 5).padding(2, 2).into(),
            Activation::Relu.into(),
            Layer::AveragePool(half),
            Convolution::new("fc1", 64, 64, 4).into(),
            Activation::Relu.into(),
            Convolution::new("fc2", 64, 10, 1).into(),
        ],
    );
    net.finish(logits)
}

/// Of the training pictures, in [0, 1].
pub(super) const CIFAR10_MEAN: [f32; 3] = [0.4914, 0.4822, 0.4465];
pub(super) const CIFAR10_STD: [f32; 3] = [0.2470, 0.2435, 0.2616];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_caffes_size() {
        let network = lenet_mnist();
        assert_eq!(network.classes(), Ok(10));
        assert_eq!(network.parameters(), 431_080);
    }

    #[test]
    fn the_convolutions_end_in_4_by_4_pixels() {
        let network = lenet_cifar10();
        assert_eq!(network.classes(), Ok(10));
        assert_eq!(network.parameters(), 145_578);
    }
}
