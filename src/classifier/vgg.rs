//! VGG-16 and VGG-19 (Simonyan and Zisserman, ICLR 2015, configurations D and
//! E): 3 × 3 convolutions in five stages, each halved by max pooling, and three
//! fully connected layers. 224 px, 1000 classes.
//!
//! The names are torchvision's, which numbers all layers of a part in order,
//! those without weights too.

use super::architecture::{Activation, Architecture, Builder, Convolution, Layer, Window};
use super::resnet::{IMAGENET_MEAN, IMAGENET_STD};

/// 13 convolutions and 3 fully connected layers.
pub fn vgg16() -> Architecture {
    vgg([2, 2, 3, 3, 3])
}

/// 16 convolutions and 3 fully connected layers.
pub fn vgg19() -> Architecture {
    vgg([2, 2, 4, 4, 4])
}

/// Of so many convolutions in each stage.
fn vgg(stages: [usize; 5]) -> Architecture {
    let mut layers: Vec<Layer> = Vec::new();
    let mut channels = 3;
    for (convolutions, output) in stages.into_iter().zip([64, 128, 256, 512, 512]) {
        for _ in 0..convolutions {
            let name = format!("features.{}", layers.len());
            layers.push(
                Convolution::new(name, channels, output, 3)
                    .padding(1, 1)
                    .into(),
            );
            layers.push(Activation::Relu.into());
            channels = output;
        }
        layers.push(Layer::MaxPool(Window::new(2, 2)));
    }
    layers.extend([
        Layer::Flatten,
        Layer::linear("classifier.0", 7 * 7 * 512, 4096),
        Activation::Relu.into(),
        Layer::linear("classifier.3", 4096, 4096),
        Activation::Relu.into(),
        Layer::linear("classifier.6", 4096, 1000),
    ]);
    let mut net = Builder::new([3, 224, 224]).normalised(&IMAGENET_MEAN, &IMAGENET_STD);
    let logits = net.chain(net.picture(), layers);
    net.finish(logits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_have_the_published_sizes() {
        // torchvision's figures, in millions of multiply-adds.
        for (network, parameters, millions) in [
            (vgg16(), 138_357_544, 15_470),
            (vgg19(), 143_667_240, 19_632),
        ] {
            assert_eq!(network.classes(), Ok(1000));
            assert_eq!(network.parameters(), parameters);
            let ours = network.multiply_adds().unwrap() as f64 / 1e6;
            assert!((ours - f64::from(millions)).abs() < 0.5, "{ours}");
        }
    }
}
