//! GoogLeNet (Szegedy et al., CVPR 2015) as torchvision has it: with batch
//! norms for the local response normalisation, and 3 × 3 convolutions where the
//! paper has 5 × 5. 224 px, 1000 classes; the two classifiers at the side, which
//! only training needs, are left out.
//!
//! torchvision's published weights see (x - 0.5) / 0.5, as they came from
//! TensorFlow: its `transform_input` undoes the usual normalisation.

use super::architecture::{Activation, Architecture, Builder, Convolution, Layer, Value, Window};

const EPSILON: f64 = 1e-3;

/// Name, input channels, and of the four branches: 1 × 1; 1 × 1 and 3 × 3; the
/// same again; 1 × 1 behind a maximum.
const STAGES: [&[(&str, usize, [usize; 6])]; 3] = [
    &[
        ("inception3a", 192, [64, 96, 128, 16, 32, 32]),
        ("inception3b", 256, [128, 128, 192, 32, 96, 64]),
    ],
    &[
        ("inception4a", 480, [192, 96, 208, 16, 48, 64]),
        ("inception4b", 512, [160, 112, 224, 24, 64, 64]),
        ("inception4c", 512, [128, 128, 256, 24, 64, 64]),
        ("inception4d", 512, [112, 144, 288, 32, 64, 64]),
        ("inception4e", 528, [256, 160, 320, 32, 128, 128]),
    ],
    &[
        ("inception5a", 832, [256, 160, 320, 32, 128, 128]),
        ("inception5b", 832, [384, 192, 384, 48, 128, 128]),
    ],
];

pub fn googlenet() -> Architecture {
    let mut net = Builder::new([3, 224, 224]).normalised(&[0.5; 3], &[0.5; 3]);
    let half = Layer::MaxPool(Window::new(3, 2).ceil());
    let x = net.picture();
    let x = rectified(&mut net, x, "conv1", [3, 64, 7], 2);
    let x = net.then(x, half.clone());
    let x = rectified(&mut net, x, "conv2", [64, 64, 1], 1);
    let x = rectified(&mut net, x, "conv3", [64, 192, 3], 1);
    let mut x = net.then(x, half.clone());
    for (index, modules) in STAGES.into_iter().enumerate() {
        x = match index {
            0 => x,
            1 => net.then(x, half.clone()),
            _ => net.then(x, Layer::MaxPool(Window::new(2, 2).ceil())),
        };
        for (name, input, widths) in modules {
            x = inception(&mut net, x, name, *input, *widths);
        }
    }
    let x = net.then(x, Layer::GlobalAverage);
    let logits = net.then(x, Layer::linear("fc", 1024, 1000));
    net.finish(logits)
}

/// Four branches side by side.
fn inception(
    net: &mut Builder,
    x: Value,
    name: &str,
    input: usize,
    [one, three_in, three, five_in, five, pooled]: [usize; 6],
) -> Value {
    let part = |part: &str| format!("{name}.{part}");
    let a = rectified(net, x, &part("branch1"), [input, one, 1], 1);
    let b = rectified(net, x, &part("branch2.0"), [input, three_in, 1], 1);
    let b = rectified(net, b, &part("branch2.1"), [three_in, three, 3], 1);
    let c = rectified(net, x, &part("branch3.0"), [input, five_in, 1], 1);
    let c = rectified(net, c, &part("branch3.1"), [five_in, five, 3], 1);
    let d = net.then(x, Layer::MaxPool(Window::new(3, 1).padding(1).ceil()));
    let d = rectified(net, d, &part("branch4.1"), [input, pooled, 1], 1);
    net.add(Layer::Concatenate { axis: 0 }, &[a, b, c, d])
}

/// A convolution with its batch norm, rectified.
fn rectified(
    net: &mut Builder,
    x: Value,
    name: &str,
    [input, output, kernel]: [usize; 3],
    stride: usize,
) -> Value {
    let conv = Convolution::new(format!("{name}.conv"), input, output, kernel)
        .stride(stride)
        .padding(kernel / 2, kernel / 2)
        .batch_norm(format!("{name}.bn"), EPSILON);
    let x = net.then(x, conv);
    net.then(x, Activation::Relu)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_published_size() {
        let network = googlenet();
        assert_eq!(network.classes(), Ok(1000));
        // torchvision's count, less a scale for each channel of a batch norm.
        let channels = network.layers.iter().map(|placed| match &placed.layer {
            Layer::Convolution(conv) => conv.output,
            _ => 0,
        });
        let parameters = network.parameters() + channels.sum::<usize>();
        assert_eq!(parameters, 6_624_904);
        let millions = network.multiply_adds().unwrap() as f64 / 1e6;
        assert!((millions - 1498.0).abs() < 0.6, "{millions}");
    }
}
