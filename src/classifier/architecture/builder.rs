//! Layers put together, one after the other.

use super::layer::Layer;
use super::{Architecture, Placed, Shape, Value};

/// Puts layers together: each [`Builder::add`] gives the value that the layer
/// makes, for later layers to read.
///
/// ```
/// use foolscope::classifier::architecture::{Activation, Builder, Convolution, Layer};
///
/// let mut net = Builder::new([3, 32, 32]);
/// let x = net.picture();
/// let x = net.then(x, Convolution::new("conv", 3, 8, 3).padding(1, 1));
/// let y = net.then(x, Activation::Relu);
/// let x = net.add(Layer::Add, &[x, y]);
/// let x = net.then(x, Layer::GlobalAverage);
/// assert_eq!(net.finish(x).classes(), Ok(8));
/// ```
#[derive(Debug, Clone)]
pub struct Builder {
    input: Shape,
    mean: Vec<f32>,
    std: Vec<f32>,
    layers: Vec<Placed>,
}

impl Builder {
    /// Of a picture's channels, height and width.
    pub fn new(input: Shape) -> Self {
        Self {
            input,
            mean: vec![0.0; input[0]],
            std: vec![1.0; input[0]],
            layers: Vec::new(),
        }
    }

    /// The first layer sees `(x - mean) / std`, channel by channel, in pixel
    /// units.
    pub fn normalised(mut self, mean: &[f32], std: &[f32]) -> Self {
        self.mean = mean.to_vec();
        self.std = std.to_vec();
        self
    }

    /// The normalised picture.
    pub fn picture(&self) -> Value {
        Value::PICTURE
    }

    /// Adds a layer of some values.
    pub fn add(&mut self, layer: impl Into<Layer>, inputs: &[Value]) -> Value {
        self.layers.push(Placed {
            layer: layer.into(),
            inputs: inputs.to_vec(),
            name: None,
        });
        Value(self.layers.len())
    }

    /// The same, with a name for messages.
    pub fn named(
        &mut self,
        name: impl Into<String>,
        layer: impl Into<Layer>,
        inputs: &[Value],
    ) -> Value {
        let value = self.add(layer, inputs);
        self.layers[value.0 - 1].name = Some(name.into());
        value
    }

    /// Adds a layer of one value.
    pub fn then(&mut self, x: Value, layer: impl Into<Layer>) -> Value {
        self.add(layer, &[x])
    }

    /// Adds layers, each of the one before.
    pub fn chain(&mut self, x: Value, layers: impl IntoIterator<Item = Layer>) -> Value {
        layers.into_iter().fold(x, |x, layer| self.then(x, layer))
    }

    /// The picture's channels in the opposite order: red, green, blue as
    /// Caffe's networks have them, and back.
    pub fn exchanged_channels(&mut self) -> Value {
        let picture = self.picture();
        let one = |start| Layer::Slice {
            axis: 0,
            start,
            step: 1,
            length: 1,
        };
        let channels: Vec<Value> = (0..self.input[0])
            .rev()
            .map(|channel| self.then(picture, one(channel)))
            .collect();
        self.add(Layer::Concatenate { axis: 0 }, &channels)
    }

    /// The network whose logits are a value.
    pub fn finish(self, logits: Value) -> Architecture {
        Architecture {
            input: self.input,
            mean: self.mean,
            std: self.std,
            layers: self.layers,
            logits,
        }
    }
}
