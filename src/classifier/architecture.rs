//! A network as a value: which layers, with which weights, put together how.
//!
//! An architecture file states a [`Node`] tree and nothing else; the forward
//! walk, the walk back to the input, the names and shapes of the weights, and
//! the operation counts are all read off that one description. There is no
//! arithmetic on tensors here, so the description is available without the
//! `compute` feature, to whatever only reads or writes weight files.

use thiserror::Error;

/// Channels, height and width of one picture or of one layer's output.
pub type Shape = [usize; 3];

/// A two-dimensional convolution with a bias. Weights: `NAME.weight`
/// `[out, in / groups, kh, kw]` and `NAME.bias` `[out]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Convolution {
    pub name: String,
    pub input: usize,
    pub output: usize,
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    /// Zeros added (before, after) each of height and width. The two sides
    /// differ where the weights come from TensorFlow's `SAME`.
    pub padding: [(usize, usize); 2],
    pub groups: usize,
    /// The batch norm that follows in the file the weights come from. It is
    /// folded into weight and bias on import and does not exist afterwards.
    pub batch_norm: Option<BatchNorm>,
}

/// Where to find the batch norm to fold: `NAME.weight`, `NAME.bias`,
/// `NAME.running_mean`, `NAME.running_var`.
#[derive(Debug, Clone, PartialEq)]
pub struct BatchNorm {
    pub name: String,
    pub epsilon: f64,
}

impl Convolution {
    /// A dense convolution of stride 1 without padding.
    pub fn new(name: impl Into<String>, input: usize, output: usize, kernel: usize) -> Self {
        Self {
            name: name.into(),
            input,
            output,
            kernel: [kernel; 2],
            stride: [1; 2],
            padding: [(0, 0); 2],
            groups: 1,
            batch_norm: None,
        }
    }

    pub fn stride(mut self, stride: usize) -> Self {
        self.stride = [stride; 2];
        self
    }

    pub fn padding(mut self, before: usize, after: usize) -> Self {
        self.padding = [(before, after); 2];
        self
    }

    /// One filter a channel.
    pub fn depthwise(mut self) -> Self {
        self.groups = self.input;
        self
    }

    pub fn batch_norm(mut self, name: impl Into<String>, epsilon: f64) -> Self {
        self.batch_norm = Some(BatchNorm {
            name: name.into(),
            epsilon,
        });
        self
    }
}

/// A window sliding over each channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub kernel: usize,
    pub stride: usize,
    pub padding: usize,
    /// Whether a last window that is only partly inside still counts (Caffe's
    /// rule) or is dropped (PyTorch's default).
    pub ceil: bool,
}

impl Window {
    pub const fn new(kernel: usize, stride: usize) -> Self {
        Self {
            kernel,
            stride,
            padding: 0,
            ceil: false,
        }
    }

    fn output(&self, size: usize) -> Option<usize> {
        let span = (size + 2 * self.padding).checked_sub(self.kernel)?;
        let steps = if self.ceil {
            let steps = span.div_ceil(self.stride);
            // A window must not begin in the padding after the picture.
            if steps * self.stride >= size + self.padding {
                steps - 1
            } else {
                steps
            }
        } else {
            span / self.stride
        };
        Some(steps + 1)
    }
}

/// The layer vocabulary.
#[derive(Debug, Clone, PartialEq)]
pub enum Layer {
    Convolution(Convolution),
    /// `y = W x + b` on a flattened input. Weights: `NAME.weight` `[output,
    /// input]` and `NAME.bias` `[output]`.
    Linear {
        name: String,
        input: usize,
        output: usize,
    },
    Relu,
    /// min(max(x, 0), 6)
    Relu6,
    MaxPool(Window),
    /// The mean over a window; padding does not count.
    AveragePool(Window),
    GlobalAverage,
    /// Local response normalisation across channels (Krizhevsky et al. 2012,
    /// section 3.3, in Caffe's scaling): `x / (k + alpha / size * sum x^2)^beta`.
    LocalResponse {
        size: usize,
        alpha: f64,
        beta: f64,
        k: f64,
    },
    /// `[C, H, W]` to `[C·H·W, 1, 1]`.
    Flatten,
}

/// Layers put together.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    Layer(Layer),
    /// One after the other.
    Sequence(Vec<Node>),
    /// `x + f(x)`: the residual connection.
    Shortcut(Box<Node>),
    /// Each on the same input, their channels concatenated.
    Branches(Vec<Node>),
}

impl From<Layer> for Node {
    fn from(layer: Layer) -> Self {
        Node::Layer(layer)
    }
}

impl From<Convolution> for Node {
    fn from(convolution: Convolution) -> Self {
        Node::Layer(Layer::Convolution(convolution))
    }
}

/// A weight tensor that a network needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeightShape {
    pub name: String,
    pub shape: Vec<usize>,
}

/// A layer was given an input that it cannot take.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{layer} takes {expected}, but its input is {found:?} (channels, height, width)")]
pub struct ShapeError {
    layer: String,
    expected: String,
    found: Shape,
}

impl Layer {
    /// The shape of the output for an input of a shape.
    pub fn output_shape(&self, input: Shape) -> Result<Shape, ShapeError> {
        let [c, h, w] = input;
        let refuse = |layer: &str, expected: String| ShapeError {
            layer: layer.to_owned(),
            expected,
            found: input,
        };
        match self {
            Layer::Convolution(conv) => {
                if c != conv.input {
                    return Err(refuse(&conv.name, format!("{} channels", conv.input)));
                }
                let size = |axis: usize, size: usize| {
                    let (before, after) = conv.padding[axis];
                    (size + before + after)
                        .checked_sub(conv.kernel[axis])
                        .map(|span| span / conv.stride[axis] + 1)
                };
                match (size(0, h), size(1, w)) {
                    (Some(h), Some(w)) => Ok([conv.output, h, w]),
                    _ => Err(refuse(
                        &conv.name,
                        format!("at least its kernel's {:?} pixels", conv.kernel),
                    )),
                }
            }
            Layer::Linear {
                name,
                input: expected,
                output,
            } => {
                if c * h * w == *expected {
                    Ok([*output, 1, 1])
                } else {
                    Err(refuse(name, format!("{expected} values")))
                }
            }
            Layer::MaxPool(window) | Layer::AveragePool(window) => {
                match (window.output(h), window.output(w)) {
                    (Some(h), Some(w)) => Ok([c, h, w]),
                    _ => Err(refuse(
                        "pooling",
                        format!("at least {0} x {0} pixels", window.kernel),
                    )),
                }
            }
            Layer::GlobalAverage => Ok([c, 1, 1]),
            Layer::Flatten => Ok([c * h * w, 1, 1]),
            Layer::Relu | Layer::Relu6 | Layer::LocalResponse { .. } => Ok(input),
        }
    }

    /// Names and shapes of this layer's weights.
    pub fn weights(&self) -> Vec<WeightShape> {
        let pair = |name: &str, weight: Vec<usize>, bias: usize| {
            vec![
                WeightShape {
                    name: format!("{name}.weight"),
                    shape: weight,
                },
                WeightShape {
                    name: format!("{name}.bias"),
                    shape: vec![bias],
                },
            ]
        };
        match self {
            Layer::Convolution(conv) => pair(
                &conv.name,
                vec![
                    conv.output,
                    conv.input / conv.groups,
                    conv.kernel[0],
                    conv.kernel[1],
                ],
                conv.output,
            ),
            Layer::Linear {
                name,
                input,
                output,
            } => pair(name, vec![*output, *input], *output),
            _ => Vec::new(),
        }
    }

    /// Multiplications and additions that one forward pass costs, counted
    /// together as one, for an input of a shape. Only what has weights counts.
    fn multiply_adds(&self, input: Shape) -> Result<u64, ShapeError> {
        let [_, h, w] = self.output_shape(input)?;
        let weights: usize = self
            .weights()
            .first()
            .map_or(0, |weight| weight.shape.iter().product());
        Ok((weights * h * w) as u64)
    }
}

impl Node {
    /// Every layer, in the order in which the input reaches them.
    pub fn layers(&self) -> Vec<&Layer> {
        match self {
            Node::Layer(layer) => vec![layer],
            Node::Shortcut(node) => node.layers(),
            Node::Sequence(nodes) | Node::Branches(nodes) => {
                nodes.iter().flat_map(Node::layers).collect()
            }
        }
    }

    /// The shape of the output for an input of a shape.
    pub fn output_shape(&self, input: Shape) -> Result<Shape, ShapeError> {
        self.walk(input, &mut |_, _| Ok(()))
    }

    /// Multiply-adds of one forward pass.
    pub fn multiply_adds(&self, input: Shape) -> Result<u64, ShapeError> {
        let mut total = 0;
        self.walk(input, &mut |layer, shape| {
            total += layer.multiply_adds(shape)?;
            Ok(())
        })?;
        Ok(total)
    }

    fn walk(
        &self,
        input: Shape,
        visit: &mut impl FnMut(&Layer, Shape) -> Result<(), ShapeError>,
    ) -> Result<Shape, ShapeError> {
        let differs = |layer: &str, expected: Shape, found: Shape| ShapeError {
            layer: layer.to_owned(),
            expected: format!("{expected:?}"),
            found,
        };
        match self {
            Node::Layer(layer) => {
                visit(layer, input)?;
                layer.output_shape(input)
            }
            Node::Sequence(nodes) => nodes
                .iter()
                .try_fold(input, |shape, node| node.walk(shape, visit)),
            Node::Shortcut(node) => {
                let output = node.walk(input, visit)?;
                if output == input {
                    Ok(output)
                } else {
                    Err(differs("a shortcut", input, output))
                }
            }
            Node::Branches(nodes) => {
                let mut joined: Option<Shape> = None;
                for node in nodes {
                    let [c, h, w] = node.walk(input, visit)?;
                    joined = Some(match joined {
                        None => [c, h, w],
                        Some([d, i, j]) if [i, j] == [h, w] => [c + d, h, w],
                        Some([d, i, j]) => return Err(differs("a branch", [d, i, j], [c, h, w])),
                    });
                }
                Ok(joined.unwrap_or(input))
            }
        }
    }
}

/// A classifier's network: what it takes, and what it does with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Architecture {
    /// Shape of a picture, in pixels.
    pub input: Shape,
    /// Per channel, in pixel units [0, 1]: the body sees `(x - mean) / std`.
    pub mean: Vec<f32>,
    pub std: Vec<f32>,
    /// Ends in the logits, `[classes, 1, 1]`.
    pub body: Node,
}

impl Architecture {
    /// How many classes the logits stand for.
    pub fn classes(&self) -> Result<usize, ShapeError> {
        let [classes, _, _] = self.body.output_shape(self.input)?;
        Ok(classes)
    }

    /// Names and shapes of all weights, in order.
    pub fn weights(&self) -> Vec<WeightShape> {
        self.body
            .layers()
            .into_iter()
            .flat_map(Layer::weights)
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
    pub fn multiply_adds(&self) -> Result<u64, ShapeError> {
        self.body.multiply_adds(self.input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_last_window_counts_only_by_the_ceil_rule() {
        let floor = Window::new(3, 2);
        let ceil = Window {
            ceil: true,
            ..floor
        };
        assert_eq!(floor.output(32), Some(15));
        assert_eq!(ceil.output(32), Some(16));
        assert_eq!(floor.output(2), None);
        // A padded pool whose last window would hold padding alone.
        let padded = Window {
            kernel: 2,
            stride: 2,
            padding: 1,
            ceil: true,
        };
        assert_eq!(padded.output(3), Some(2));
    }

    #[test]
    fn a_shape_that_does_not_fit_is_named() {
        let body = Node::Sequence(vec![
            Convolution::new("conv1", 3, 8, 3).into(),
            Node::Shortcut(Box::new(Convolution::new("conv2", 8, 4, 1).into())),
        ]);
        assert_eq!(
            body.output_shape([1, 8, 8]).unwrap_err().to_string(),
            "conv1 takes 3 channels, but its input is [1, 8, 8] (channels, height, width)"
        );
        assert!(body.output_shape([3, 8, 8]).is_err());
        assert!(body.output_shape([3, 2, 2]).is_err());
    }

    #[test]
    fn branches_concatenate_channels() {
        let body = Node::Branches(vec![
            Convolution::new("a", 3, 8, 1).into(),
            Convolution::new("b", 3, 4, 3).padding(1, 1).into(),
        ]);
        assert_eq!(body.output_shape([3, 5, 5]), Ok([12, 5, 5]));
        assert_eq!(
            body.multiply_adds([3, 5, 5]),
            Ok(25 * (3 * 8 + 3 * 4 * 9) as u64)
        );
    }
}
