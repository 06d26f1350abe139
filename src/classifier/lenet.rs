//! LeNet as Caffe's MNIST example has it (after LeCun et al. 1998): two
//! convolutions of 20 and 50 filters, each max-pooled, and two fully connected
//! layers with one ReLU between them.

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_caffes_size() {
        let network = lenet_mnist();
        assert_eq!(network.classes(), Ok(10));
        assert_eq!(network.parameters(), 431_080);
    }
}
