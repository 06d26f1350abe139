//! A network as a value: which layers, with which weights, put together how.
//!
//! An architecture file states layers in order, each with the values it reads,
//! and nothing else; the forward walk, the walk back to the input, the names
//! and shapes of the weights, and the operation counts are all read off that
//! one description. There is no arithmetic on tensors here, so the description
//! is available without the `compute` feature, to whatever only reads or writes
//! files of networks.

mod activation;
mod builder;
mod convolution;
mod error;
mod layer;
mod output_shape;
mod window;

pub use activation::Activation;
#[cfg(all(test, feature = "compute"))]
pub(crate) use activation::EACH;
#[cfg(feature = "compute")]
pub(crate) use activation::exp;
pub use builder::Builder;
pub use convolution::{BatchNorm, Convolution};
pub use error::ShapeError;
pub use layer::{Layer, Padding};
pub use window::Window;

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Channels, height and width of one picture or of one layer's output.
pub type Shape = [usize; 3];

/// More numbers than this no value of a network may have: 1 GB of them.
pub const LARGEST_VALUE: usize = 1 << 28;

/// How many numbers a shape holds; none where no machine could count them.
pub fn count(shape: &[usize]) -> Option<usize> {
    shape
        .iter()
        .try_fold(1usize, |n, &axis| n.checked_mul(axis))
}

/// What a layer makes and later ones read: 0 is the picture, `i + 1` what layer
/// i makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Value(pub usize);

impl Value {
    pub const PICTURE: Self = Self(0);
}

/// A layer, and what it reads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    pub layer: Layer,
    pub inputs: Vec<Value>,
    /// Its name in the file that it comes from, for messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Placed {
    /// What to call it in a message.
    pub fn label(&self) -> &str {
        self.name.as_deref().unwrap_or_else(|| self.layer.label())
    }
}

/// A weight tensor that a network needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeightShape {
    pub name: String,
    pub shape: Vec<usize>,
}

/// A classifier's network: what it takes, and what it does with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Architecture {
    /// Shape of a picture, in pixels.
    pub input: Shape,
    /// Per channel, in pixel units [0, 1]: the layers see `(x - mean) / std`.
    pub mean: Vec<f32>,
    pub std: Vec<f32>,
    /// In an order in which each finds its inputs made.
    pub layers: Vec<Placed>,
    /// Which value is the logits, one number a class.
    pub logits: Value,
}

impl Architecture {
    /// Layers one after the other, the first of which sees pixels as they are.
    pub fn sequence(input: Shape, layers: impl IntoIterator<Item = Layer>) -> Self {
        let mut net = Builder::new(input);
        let logits = net.chain(net.picture(), layers);
        net.finish(logits)
    }

    /// The shape of every value, the picture's first.
    ///
    /// # Errors
    /// A layer that cannot take what it reads is named.
    pub fn shapes(&self) -> Result<Vec<Shape>, ShapeError> {
        let broken = |what: &str, expected: &str, found| ShapeError::new(what, expected, found);
        let size = count(&self.input);
        if !matches!(size, Some(1..=LARGEST_VALUE)) {
            return Err(broken("the network", "a picture", &[self.input]));
        }
        let channels = self.input[0];
        let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
        if self.mean.len() != channels
            || self.std.len() != channels
            || !finite(&self.mean)
            || !self.std.iter().all(|std| *std > 0.0 && std.is_finite())
        {
            let expected = "a mean and a deviation above 0 for each channel";
            return Err(broken("the network", expected, &[self.input]));
        }
        let mut shapes = vec![self.input];
        let mut inputs = Vec::new();
        for placed in &self.layers {
            inputs.clear();
            for input in &placed.inputs {
                let Some(shape) = shapes.get(input.0) else {
                    let expected = "what earlier layers make";
                    return Err(broken(placed.label(), expected, &[]));
                };
                inputs.push(*shape);
            }
            let output = placed.layer.output_shape(&inputs);
            shapes.push(output.map_err(|error| error.of(placed.name.as_deref()))?);
        }
        if self.logits.0 >= shapes.len() {
            return Err(broken("the network", "logits that a layer makes", &[]));
        }
        Ok(shapes)
    }

    /// How many classes the logits stand for.
    ///
    /// # Errors
    /// As [`Architecture::shapes`].
    pub fn classes(&self) -> Result<usize, ShapeError> {
        Ok(self.shapes()?[self.logits.0].iter().product())
    }

    /// Names and shapes of all weights, in order; those that two layers share
    /// once.
    pub fn weights(&self) -> Vec<WeightShape> {
        let mut seen = BTreeSet::new();
        let all = self.layers.iter().flat_map(|placed| placed.layer.weights());
        all.filter(|weight| seen.insert(weight.name.clone()))
            .collect()
    }

    /// How many numbers the weights hold.
    pub fn parameters(&self) -> usize {
        self.weights()
            .iter()
            .map(|weight| weight.shape.iter().product::<usize>())
            .sum()
    }

    /// Multiply-adds of one forward pass on one picture.
    ///
    /// # Errors
    /// As [`Architecture::shapes`].
    pub fn multiply_adds(&self) -> Result<u64, ShapeError> {
        let shapes = self.shapes()?;
        let each = self.layers.iter().enumerate().map(|(index, placed)| {
            let inputs: Vec<Shape> = placed.inputs.iter().map(|input| shapes[input.0]).collect();
            placed.layer.multiply_adds(&inputs, shapes[index + 1])
        });
        Ok(each.sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_that_does_not_fit_is_named() {
        let network = |input, output| {
            let mut net = Builder::new(input);
            let x = net.then(net.picture(), Convolution::new("conv1", 3, 8, 3));
            let y = net.then(x, Convolution::new("conv2", 8, output, 1));
            let x = net.named("block", Layer::Add, &[x, y]);
            net.finish(x)
        };
        assert_eq!(
            network([1, 8, 8], 8).classes().unwrap_err().to_string(),
            "conv1 takes 3 channels, but its input is [1, 8, 8] (channels, height, width)"
        );
        assert_eq!(
            network([3, 8, 8], 4).classes().unwrap_err().to_string(),
            "block takes two inputs of one shape, but its input is [8, 6, 6] and [4, 6, 6] \
             (channels, height, width)"
        );
        assert!(network([3, 2, 2], 8).classes().is_err());
        assert_eq!(network([3, 3, 3], 8).classes(), Ok(8));
    }

    #[test]
    fn branches_concatenate_channels() {
        let mut net = Builder::new([3, 5, 5]);
        let a = net.then(net.picture(), Convolution::new("a", 3, 8, 1));
        let b = net.then(net.picture(), Convolution::new("b", 3, 4, 3).padding(1, 1));
        let joined = net.add(Layer::Concatenate { axis: 0 }, &[a, b]);
        let network = net.finish(joined);
        assert_eq!(network.shapes().unwrap()[joined.0], [12, 5, 5]);
        assert_eq!(network.multiply_adds(), Ok(25 * (3 * 8 + 3 * 4 * 9) as u64));
    }

    #[test]
    fn what_reads_a_later_value_or_claims_too_much_is_refused() {
        let mut net = Builder::new([1, 4, 4]);
        let x = net.add(Layer::Flatten, &[Value(2)]);
        assert!(net.finish(x).classes().is_err());
        let mut net = Builder::new([1, 4, 4]);
        let huge = Layer::Pad {
            before: [1 << 40, 0, 0],
            after: [usize::MAX, 0, 0],
            with: Padding::Value(0.0),
        };
        let x = net.then(net.picture(), huge);
        assert!(net.finish(x).classes().is_err());
        assert!(Builder::new([1, 4, 4]).finish(Value(1)).classes().is_err());
        assert!(
            Builder::new([0, 4, 4])
                .finish(Value::PICTURE)
                .classes()
                .is_err()
        );
    }

    #[test]
    fn a_network_is_the_same_after_writing_and_reading() {
        let mut net = Builder::new([1, 4, 4]).normalised(&[0.5], &[0.25]);
        let clip = Activation::Clip {
            low: f32::MIN,
            high: 6.0,
        };
        let x = net.then(net.picture(), clip);
        let x = net.named("out", Layer::Flatten, &[x]);
        let network = net.finish(x);
        let text = serde_json::to_string(&network).unwrap();
        assert_eq!(
            serde_json::from_str::<Architecture>(&text).unwrap(),
            network
        );
    }
}
