//! EfficientNet-Lite0 (Tan and Le 2019; the Lite variant of 2020, which has
//! ReLU6 for swish and no squeeze-and-excitation), 224 px, 1000 classes.
//!
//! The names are those of the PyTorch port that the weights come from, so that
//! importing them renames nothing. The port keeps TensorFlow's `SAME` padding:
//! a convolution of stride 2 on an even picture pads one pixel more after it
//! than before it.

use super::architecture::{Architecture, Convolution, Layer, Node};

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
    let stem = 32;
    let mut nodes = vec![
        same(Convolution::new("_conv_stem", 3, stem, 3).stride(2))
            .batch_norm("_bn0", EPSILON)
            .into(),
        Layer::Relu6.into(),
    ];
    let mut channels = stem;
    let mut index = 0;
    for (repeats, kernel, stride, expansion, output) in STAGES {
        for repeat in 0..repeats {
            let stride = if repeat == 0 { stride } else { 1 };
            nodes.push(block(index, channels, output, kernel, stride, expansion));
            channels = output;
            index += 1;
        }
    }
    let head = 1280;
    nodes.extend([
        Convolution::new("_conv_head", channels, head, 1)
            .batch_norm("_bn1", EPSILON)
            .into(),
        Layer::Relu6.into(),
        Layer::GlobalAverage.into(),
        Layer::Linear {
            name: "_fc".into(),
            input: head,
            output: 1000,
        }
        .into(),
    ]);
    Architecture {
        input: [3, 224, 224],
        mean: vec![127.0 / 255.0; 3],
        std: vec![128.0 / 255.0; 3],
        body: Node::Sequence(nodes),
    }
}

/// An inverted residual block (Sandler et al. 2018): widen by 1×1, filter each
/// channel, narrow by 1×1, with a shortcut where the shape stays.
fn block(
    index: usize,
    input: usize,
    output: usize,
    kernel: usize,
    stride: usize,
    expansion: usize,
) -> Node {
    let name = |part: &str| format!("_blocks.{index}.{part}");
    let wide = input * expansion;
    let mut nodes = Vec::new();
    if expansion != 1 {
        nodes.extend([
            Convolution::new(name("_expand_conv"), input, wide, 1)
                .batch_norm(name("_bn0"), EPSILON)
                .into(),
            Layer::Relu6.into(),
        ]);
    }
    nodes.extend([
        same(
            Convolution::new(name("_depthwise_conv"), wide, wide, kernel)
                .depthwise()
                .stride(stride),
        )
        .batch_norm(name("_bn1"), EPSILON)
        .into(),
        Layer::Relu6.into(),
        Convolution::new(name("_project_conv"), wide, output, 1)
            .batch_norm(name("_bn2"), EPSILON)
            .into(),
    ]);
    let sequence = Node::Sequence(nodes);
    if stride == 1 && input == output {
        Node::Shortcut(Box::new(sequence))
    } else {
        sequence
    }
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
