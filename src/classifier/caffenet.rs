//! CaffeNet, the network that came with Caffe (Jia et al. 2014): AlexNet
//! (Krizhevsky, Sutskever and Hinton 2012) with each pooling before its
//! normalisation. And VGG-F, the fast one of Chatfield, Simonyan, Vedaldi and
//! Zisserman (BMVC 2014), with fewer filters and none of them in groups. 1000
//! classes.
//!
//! The names are those of their Caffe files, whose weights take blue before
//! green before red, in levels from 0 to 255: the first layers put the
//! channels in that order.

use super::architecture::{Activation, Architecture, Builder, Convolution, Layer, Window};

/// 227 px.
pub fn caffenet() -> Architecture {
    let half = Layer::MaxPool(Window::new(3, 2).ceil());
    let mut layers: Vec<Layer> = vec![
        Convolution::new("conv1", 3, 96, 11).stride(4).into(),
        Activation::Relu.into(),
        half.clone(),
        normalisation(1e-4, 1.0),
        Convolution::new("conv2", 96, 256, 5)
            .padding(2, 2)
            .groups(2)
            .into(),
        Activation::Relu.into(),
        half.clone(),
        normalisation(1e-4, 1.0),
        Convolution::new("conv3", 256, 384, 3).padding(1, 1).into(),
        Activation::Relu.into(),
        Convolution::new("conv4", 384, 384, 3)
            .padding(1, 1)
            .groups(2)
            .into(),
        Activation::Relu.into(),
        Convolution::new("conv5", 384, 256, 3)
            .padding(1, 1)
            .groups(2)
            .into(),
        Activation::Relu.into(),
        half,
    ];
    layers.extend(classifier());
    from_blue_to_red([3, 227, 227], [122.679, 116.669, 104.006], layers)
}

/// 224 px.
pub fn vgg_f() -> Architecture {
    let half = Layer::MaxPool(Window::new(3, 2).ceil());
    let mut layers: Vec<Layer> = vec![
        Convolution::new("conv1", 3, 64, 11).stride(4).into(),
        Activation::Relu.into(),
        normalisation(5e-4, 2.0),
        half.clone(),
        Convolution::new("conv2", 64, 256, 5).padding(2, 2).into(),
        Activation::Relu.into(),
        normalisation(5e-4, 2.0),
        half.clone(),
        Convolution::new("conv3", 256, 256, 3).padding(1, 1).into(),
        Activation::Relu.into(),
        Convolution::new("conv4", 256, 256, 3).padding(1, 1).into(),
        Activation::Relu.into(),
        Convolution::new("conv5", 256, 256, 3).padding(1, 1).into(),
        Activation::Relu.into(),
        half,
    ];
    layers.extend(classifier());
    from_blue_to_red([3, 224, 224], [123.68, 116.779, 103.939], layers)
}

fn normalisation(alpha: f64, k: f64) -> Layer {
    Layer::LocalResponse {
        size: 5,
        alpha,
        beta: 0.75,
        k,
    }
}

/// Three layers on 6 × 6 pixels of 256 channels.
fn classifier() -> [Layer; 6] {
    [
        Layer::Flatten,
        Layer::linear("fc6", 6 * 6 * 256, 4096),
        Activation::Relu.into(),
        Layer::linear("fc7", 4096, 4096),
        Activation::Relu.into(),
        Layer::linear("fc8", 4096, 1000),
    ]
}

/// Layers that see levels from 0 to 255 less a mean (red, green, blue), blue
/// first.
fn from_blue_to_red(input: [usize; 3], mean: [f32; 3], layers: Vec<Layer>) -> Architecture {
    let mut net = Builder::new(input).normalised(&mean.map(|mean| mean / 255.0), &[1.0 / 255.0; 3]);
    let x = net.exchanged_channels();
    let logits = net.chain(x, layers);
    net.finish(logits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_have_the_published_sizes() {
        // CaffeNet's as counted from its file; the multiply-adds of both by hand.
        for (network, parameters, millions) in
            [(caffenet(), 60_965_224, 724), (vgg_f(), 60_834_536, 724)]
        {
            assert_eq!(network.classes(), Ok(1000));
            assert_eq!(network.parameters(), parameters);
            assert_eq!(network.multiply_adds().unwrap() / 1_000_000, millions);
        }
    }
}
