//! Residual networks (He, Zhang, Ren and Sun, CVPR 2016): ResNet-18 and 34 of
//! two 3 × 3 convolutions a block, ResNet-50, 101 and 152 of bottlenecks.
//! 224 px, 1000 classes.
//!
//! Names and details are torchvision's: a bottleneck halves the picture in its
//! 3 × 3 convolution, where the authors' own files do it in the 1 × 1 before.

use super::architecture::{Activation, Architecture, Builder, Convolution, Layer, Value, Window};

/// Of ImageNet's training pictures, in [0, 1], as torchvision's networks have
/// them.
pub(super) const IMAGENET_MEAN: [f32; 3] = [0.485, 0.456, 0.406];
pub(super) const IMAGENET_STD: [f32; 3] = [0.229, 0.224, 0.225];

/// PyTorch's default for batch norm.
const EPSILON: f64 = 1e-5;

pub fn resnet18() -> Architecture {
    resnet([2, 2, 2, 2], basic, 1)
}

pub fn resnet34() -> Architecture {
    resnet([3, 4, 6, 3], basic, 1)
}

pub fn resnet50() -> Architecture {
    resnet([3, 4, 6, 3], bottleneck, 4)
}

pub fn resnet101() -> Architecture {
    resnet([3, 4, 23, 3], bottleneck, 4)
}

pub fn resnet152() -> Architecture {
    resnet([3, 8, 36, 3], bottleneck, 4)
}

/// What a block computes beside its shortcut, of an input, a name, its channels
/// in, its width and its stride.
type Body = fn(&mut Builder, Value, &str, [usize; 3]) -> Value;

/// Of so many blocks in each stage, whose outputs are so many times their width.
fn resnet(stages: [usize; 4], body: Body, expansion: usize) -> Architecture {
    let mut net = Builder::new([3, 224, 224]).normalised(&IMAGENET_MEAN, &IMAGENET_STD);
    let stem = Convolution::new("conv1", 3, 64, 7).stride(2).padding(3, 3);
    let x = net.then(net.picture(), stem.batch_norm("bn1", EPSILON));
    let x = net.then(x, Activation::Relu);
    let mut x = net.then(x, Layer::MaxPool(Window::new(3, 2).padding(1)));
    let mut channels = 64;
    for (stage, blocks) in stages.into_iter().enumerate() {
        let width = 64 << stage;
        for index in 0..blocks {
            let name = format!("layer{}.{index}", stage + 1);
            let stride = if stage > 0 && index == 0 { 2 } else { 1 };
            let y = body(&mut net, x, &name, [channels, width, stride]);
            let output = width * expansion;
            if stride != 1 || channels != output {
                let project = Convolution::new(format!("{name}.downsample.0"), channels, output, 1);
                let norm = format!("{name}.downsample.1");
                x = net.then(x, project.stride(stride).batch_norm(norm, EPSILON));
            }
            x = net.add(Layer::Add, &[y, x]);
            x = net.then(x, Activation::Relu);
            channels = output;
        }
    }
    let x = net.then(x, Layer::GlobalAverage);
    let logits = net.then(x, Layer::linear("fc", channels, 1000));
    net.finish(logits)
}

fn basic(net: &mut Builder, x: Value, name: &str, [input, width, stride]: [usize; 3]) -> Value {
    let x = net.then(x, convolution(name, 1, [input, width, 3]).stride(stride));
    let x = net.then(x, Activation::Relu);
    net.then(x, convolution(name, 2, [width, width, 3]))
}

fn bottleneck(
    net: &mut Builder,
    x: Value,
    name: &str,
    [input, width, stride]: [usize; 3],
) -> Value {
    let x = net.then(x, convolution(name, 1, [input, width, 1]));
    let x = net.then(x, Activation::Relu);
    let x = net.then(x, convolution(name, 2, [width, width, 3]).stride(stride));
    let x = net.then(x, Activation::Relu);
    net.then(x, convolution(name, 3, [width, 4 * width, 1]))
}

/// A block's convolution of an index, with its batch norm.
fn convolution(block: &str, index: usize, [input, output, kernel]: [usize; 3]) -> Convolution {
    Convolution::new(format!("{block}.conv{index}"), input, output, kernel)
        .padding(kernel / 2, kernel / 2)
        .batch_norm(format!("{block}.bn{index}"), EPSILON)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parameters as PyTorch counts them: a scale more for each channel of a
    /// batch norm than the bias that it becomes here.
    fn with_batch_norms(network: &Architecture) -> usize {
        let scales = network.layers.iter().map(|placed| match &placed.layer {
            Layer::Convolution(conv) if conv.batch_norm.is_some() => conv.output,
            _ => 0,
        });
        network.parameters() + scales.sum::<usize>()
    }

    #[test]
    fn they_have_the_published_sizes() {
        // torchvision's figures, in millions of multiply-adds.
        for (network, parameters, millions) in [
            (resnet18(), 11_689_512, 1_814),
            (resnet34(), 21_797_672, 3_664),
            (resnet50(), 25_557_032, 4_089),
            (resnet101(), 44_549_160, 7_801),
            (resnet152(), 60_192_808, 11_514),
        ] {
            assert_eq!(network.classes(), Ok(1000));
            assert_eq!(with_batch_norms(&network), parameters);
            let ours = network.multiply_adds().unwrap() as f64 / 1e6;
            assert!((ours - f64::from(millions)).abs() < 0.6, "{ours}");
        }
    }
}
