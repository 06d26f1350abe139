//! EfficientNet-Lite0, Lite1 and Lite2 (Tan and Le 2019; the Lite variants of
//! 2020, which have ReLU6 for swish and no squeeze-and-excitation), 1000
//! classes: one plan, made wider, deeper and for larger pictures.
//!
//! The names are those of the PyTorch port that the weights come from, so that
//! importing them renames nothing. The port keeps TensorFlow's `SAME` padding,
//! which depends on the size of what is padded.

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
    efficientnet_lite(1.0, 1.0, 224)
}

pub fn efficientnet_lite1() -> Architecture {
    efficientnet_lite(1.0, 1.1, 240)
}

pub fn efficientnet_lite2() -> Architecture {
    efficientnet_lite(1.1, 1.2, 260)
}

/// `width` times as many channels and `depth` times as many blocks a stage, on
/// pictures of `side` pixels. Stem, head and the repeats of the first and the
/// last stage stay as they are: that is how the Lite variants are scaled.
fn efficientnet_lite(width: f64, depth: f64, side: usize) -> Architecture {
    let mut net =
        Builder::new([3, side, side]).normalised(&[127.0 / 255.0; 3], &[128.0 / 255.0; 3]);
    let mut size = side;
    let stem = 32;
    let conv = Convolution::new("_conv_stem", 3, stem, 3).stride(2);
    let x = net.picture();
    let x = net.then(x, same(conv, &mut size).batch_norm("_bn0", EPSILON));
    let mut x = net.then(x, Activation::Relu6);
    let mut channels = stem;
    let mut index = 0;
    for (stage, (repeats, kernel, stride, expansion, output)) in STAGES.into_iter().enumerate() {
        let is_outermost = stage == 0 || stage == STAGES.len() - 1;
        let depth = if is_outermost { 1.0 } else { depth };
        let output = to_eights(width * output as f64);
        for repeat in 0..(depth * repeats as f64).ceil() as usize {
            let stride = if repeat == 0 { stride } else { 1 };
            let shape = [channels, output, kernel, stride, expansion];
            x = block(&mut net, x, index, shape, &mut size);
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

/// A number of channels rounded to the nearest multiple of 8, but not down by
/// more than a tenth.
fn to_eights(channels: f64) -> usize {
    let rounded = (((channels + 4.0) / 8.0) as usize).max(1) * 8;
    if (rounded as f64) < 0.9 * channels {
        rounded + 8
    } else {
        rounded
    }
}

/// An inverted residual block (Sandler et al. 2018): widen by 1×1, filter each
/// channel, narrow by 1×1, with a shortcut where the shape stays.
fn block(
    net: &mut Builder,
    input: Value,
    index: usize,
    [channels, output, kernel, stride, expansion]: [usize; 5],
    size: &mut usize,
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
        same(filter.stride(stride), size).batch_norm(name("_bn1"), EPSILON),
    );
    x = net.then(x, Activation::Relu6);
    let narrow = Convolution::new(name("_project_conv"), wide, output, 1);
    x = net.then(x, narrow.batch_norm(name("_bn2"), EPSILON));
    if stride == 1 && channels == output {
        x = net.add(Layer::Add, &[x, input]);
    }
    x
}

/// TensorFlow's `SAME` on a picture of some size, which becomes the output's: one
/// pixel for every `stride` begun, and of the zeros that this takes an odd one
/// goes after the picture. An even picture needs one zero less than an odd one.
fn same(conv: Convolution, size: &mut usize) -> Convolution {
    let (kernel, stride) = (conv.kernel[0], conv.stride[0]);
    let output = size.div_ceil(stride);
    let total = ((output - 1) * stride + kernel).saturating_sub(*size);
    *size = output;
    conv.padding(total / 2, total - total / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_have_the_published_sizes() {
        // Parameters and multiply-adds in millions, as published; batch norm's
        // are gone here, which is up to 2 % of them.
        let published = [
            (efficientnet_lite0(), 4.7, 407.0),
            (efficientnet_lite1(), 5.4, 631.0),
            (efficientnet_lite2(), 6.1, 899.0),
        ];
        for (network, parameters, multiply_adds) in published {
            assert_eq!(network.classes(), Ok(1000));
            let found = network.parameters() as f64 / 1e6;
            assert!((0.97..1.01).contains(&(found / parameters)), "{found}");
            let found = network.multiply_adds().unwrap() as f64 / 1e6;
            assert!((0.93..1.01).contains(&(found / multiply_adds)), "{found}");
        }
    }

    #[test]
    fn an_odd_picture_is_padded_on_both_sides_alike() {
        let padded = |size: usize, kernel| {
            let mut size = size;
            let conv = same(Convolution::new("a", 1, 1, kernel).stride(2), &mut size);
            (conv.padding[0], size)
        };
        assert_eq!(padded(260, 3), ((0, 1), 130));
        assert_eq!(padded(65, 5), ((2, 2), 33));
        assert_eq!(padded(33, 3), ((1, 1), 17));
        assert_eq!(padded(30, 5), ((1, 2), 15));
    }

    #[test]
    fn channels_are_multiples_of_eight() {
        let wide = [16.0, 24.0, 40.0, 80.0, 112.0, 192.0, 320.0].map(|c| to_eights(1.1 * c));
        assert_eq!(wide, [16, 24, 48, 88, 120, 208, 352]);
        assert_eq!([3.0, 11.9, 18.0].map(to_eights), [8, 16, 24]);
    }
}
