//! Network in Network (Lin, Chen and Yan, ICLR 2014): convolutions followed by
//! layers across channels, and a global average instead of fully connected
//! layers. Batch norms (Ioffe and Szegedy 2015) take the place of the dropout
//! with which it was published, and the last layer has no rectifier, behind
//! which a class that is not seen would have no gradient.

use super::architecture::{Activation, Architecture, Builder, Convolution, Layer, Window};
use super::lenet::{CIFAR10_MEAN, CIFAR10_STD};

/// 32 × 32 colour pictures, ten classes.
pub fn nin_cifar10() -> Architecture {
    let half = Window::new(3, 2).ceil();
    let rectified = |conv: Convolution| -> [Layer; 2] {
        let norm = format!("{}.norm", conv.name);
        [conv.batch_norm(norm, 1e-5).into(), Activation::Relu.into()]
    };
    let around = |name: &str, input, kernel: usize| {
        rectified(Convolution::new(name, input, 192, kernel).padding(kernel / 2, kernel / 2))
    };
    let across = |name: &str, input, output| rectified(Convolution::new(name, input, output, 1));
    let mut body = Vec::new();
    body.extend(around("conv1", 3, 5));
    body.extend(across("conv1.across1", 192, 160));
    body.extend(across("conv1.across2", 160, 96));
    body.push(Layer::MaxPool(half));
    body.extend(around("conv2", 96, 5));
    body.extend(across("conv2.across1", 192, 192));
    body.extend(across("conv2.across2", 192, 192));
    body.push(Layer::AveragePool(half));
    body.extend(around("conv3", 192, 3));
    body.extend(across("conv3.across1", 192, 192));
    body.push(Convolution::new("conv3.across2", 192, 10, 1).into());
    body.push(Layer::GlobalAverage);
    let mut net = Builder::new([3, 32, 32]).normalised(&CIFAR10_MEAN, &CIFAR10_STD);
    let logits = net.chain(net.picture(), body);
    net.finish(logits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_published_size() {
        let network = nin_cifar10();
        assert_eq!(network.classes(), Ok(10));
        // 0.97 million, as published.
        assert_eq!(network.parameters(), 966_986);
        assert_eq!(network.multiply_adds().unwrap() / 1_000_000, 222);
    }
}
