//! LeNet (after LeCun et al. 1998) as two libraries' examples have it: Caffe's
//! for MNIST, two convolutions of 20 and 50 filters, each max-pooled, and two
//! fully connected layers with one ReLU between them; and MatConvNet's for
//! CIFAR-10, three convolutions of 32, 32 and 64 filters with pooling over 3 × 3
//! pixels, and two layers of 64 and 10 units.

use super::architecture::{Architecture, Convolution, Layer, Node, Window};

/// 28 × 28 grey digits in [0, 1], ten classes.
pub fn lenet_mnist() -> Architecture {
    Architecture {
        input: [1, 28, 28],
        mean: vec![0.0],
        std: vec![1.0],
        body: Node::Sequence(vec![
            Convolution::new("conv1", 1, 20, 5).into(),
            Layer::MaxPool(Window::new(2, 2)).into(),
            Convolution::new("conv2", 20, 50, 5).into(),
            Layer::MaxPool(Window::new(2, 2)).into(),
            Layer::Flatten.into(),
            Layer::Linear {
                name: "fc1".into(),
                input: 800,
                output: 500,
            }
            .into(),
            Layer::Relu.into(),
            Layer::Linear {
                name: "fc2".into(),
                input: 500,
                output: 10,
            }
            .into(),
        ]),
    }
}

/// 32 × 32 colour pictures, ten classes. The means and deviations are those of
/// CIFAR-10's training pictures, by channel.
pub fn lenet_cifar10() -> Architecture {
    let half = Window {
        ceil: true,
        ..Window::new(3, 2)
    };
    Architecture {
        input: [3, 32, 32],
        mean: CIFAR10_MEAN.to_vec(),
        std: CIFAR10_STD.to_vec(),
        body: Node::Sequence(vec![
            Convolution::new("conv1", 3, 32, 5).padding(2, 2).into(),
            Layer::MaxPool(half).into(),
            Layer::Relu.into(),
            Convolution::new("conv2", 32, 32, 5).padding(2, 2).into(),
            Layer::Relu.into(),
            Layer::AveragePool(half).into(),
            Convolution::new("conv3", 32, 64, 5).padding(2, 2).into(),
            Layer::Relu.into(),
            Layer::AveragePool(half).into(),
            Convolution::new("fc1", 64, 64, 4).into(),
            Layer::Relu.into(),
            Convolution::new("fc2", 64, 10, 1).into(),
        ]),
    }
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
