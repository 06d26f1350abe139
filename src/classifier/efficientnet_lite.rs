//! EfficientNet-Lite0 (Tan and Le 2019; the Lite variant of 2020, which has
//! ReLU6 for swish and no squeeze-and-excitation), 224 px, 1000 classes.
//!
//! The names are those of the PyTorch port that the weights come from, so that
//! importing them renames nothing. The port keeps TensorFlow's `SAME` padding:
//! a convolution of stride 2 on an even picture pads one pixel more after it
//! than before it.

use super::architecture::{Activation, Architecture, Builder, Convolution, Layer, Value};

/// TensorFlow's default for batch norm, which the port keeps.
const EPSILON: f64 = 1e-3;

/// (repeats, kernel, stride, expansion, output channels) of each stage of
/// inverted residual blocks: EfficientNet's table 1 at width and depth 1.
const STAGES: [(usize, usize, usize, usize, usize); 7] = [
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
];

pub fn efficientnet_lite0() -> Architecture {
    let mut net = Builder::new([3, 224, 224]).normalised(&[127.0 / 255.0; 3], &[128.0 / 255.0; 3]);
    let stem = 32;
    let conv = same(Convolution::new("_conv_stem", 3, stem, 3).stride(2));
    let x = net.picture();
    let x = net.then(x, conv.batch_norm("_bn0", EPSILON));
    let mut x = net.then(x, Activation::Relu6);
    let mut channels = stem;
    let mut index = 0;
    for (repeats, kernel, stride, expansion, output) in STAGES {
        for repeat in 0..repeats {
            let stride = if repeat == 0 { stride } else { 1 };
            let shape = [channels, output, kernel, stride, expansion];
            x = block(&mut net, x, index, shape);
            channels = output;
            index += 1;
        }
    }
    let head = 1280;
    let x = net.chain(
        x,
        [
            Convolution::new("_conv_head", channels, head, 1)
                .batch_norm("_bn1", EPSILON)
                .into(),
            Activation::Relu6.into(),
            Layer::GlobalAverage,
            Layer::linear("_fc", head, 1000),
        ],
    );
    net.finish(x)
}

/// An inverted residual block (Sandler et al. 2018): widen by 1×1, filter each
/// channel, narrow by 1×1, with a shortcut where the shape stays.
fn block(
    net: &mut Builder,
    input: Value,
    index: usize,
    [channels, output, kernel, stride, expansion]: [usize; 5],
) -> Value {
    let name = |part: &str| format!("_blocks.{index}.{part}");
    let wide = channels * expansion;
    let mut x = input;
    if expansion != 1 {
        let widen = Convolution::new(name("_expand_conv"), channels, wide, 1);
        x = net.then(x, widen.batch_norm(name("_bn0"), EPSILON));
        x = net.then(x, Activation::Relu6);
    }
    let filter = Convolution::new(name("_depthwise_conv"), wide, wide, kernel).depthwise();
    x = net.then(
        x,
        same(filter.stride(stride)).batch_norm(name("_bn1"), EPSILON),
    );
    x = net.then(x, Activation::Relu6);
    let narrow = Convolution::new(name("_project_conv"), wide, output, 1);
    x = net.then(x, narrow.batch_norm(name("_bn2"), EPSILON));
    if stride == 1 && channels == output {
        x = net.add(Layer::Add, &[x, input]);
    }
    x
}

/// TensorFlow's `SAME` on an even picture: the output has `size / stride`
/// pixels, and an odd zero goes after the picture.
fn same(conv: Convolution) -> Convolution {
    let total = conv.kernel[0] - conv.stride[0];
    conv.padding(total / 2, total - total / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_published_size() {
        let network = efficientnet_lite0();
        assert_eq!(network.classes(), Ok(1000));
        // 4.7 million parameters and 407 million multiply-adds are published;
        // batch norm's are gone here.
        let parameters = network.parameters();
        assert!((4_600_000..4_700_000).contains(&parameters), "{parameters}");
        let multiply_adds = network.multiply_adds().unwrap();
        assert!(
            (380_000_000..410_000_000).contains(&multiply_adds),
            "{multiply_adds}"
        );
    }
}
