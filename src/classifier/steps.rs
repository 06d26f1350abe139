//! A network's tree of nodes as a list of steps, each of which reads numbered
//! values and makes one: what the fast walks, on the CPU and on a GPU, are laid
//! out from.
//!
//! A rectifier after a convolution or a linear layer is not a step of its own:
//! the layer ends with it, and walking back it is where the layer begins to
//! read.

use super::architecture::{Layer, Node, Shape, ShapeError};

/// The number of a value: 0 is the picture.
pub(super) type Slot = usize;

/// A network, flattened.
#[derive(Debug)]
pub(super) struct Steps<'a> {
    pub list: Vec<Step<'a>>,
    /// Of each value.
    pub shapes: Vec<Shape>,
    /// The logits.
    pub output: Slot,
}

#[derive(Debug)]
pub(super) struct Step<'a> {
    pub kind: Kind<'a>,
    /// What it reads; the first one as the shape `from`.
    pub inputs: Vec<Slot>,
    pub from: Shape,
    pub output: Slot,
    pub rectifier: Option<Rectifier>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Kind<'a> {
    Layer(&'a Layer),
    /// Nothing but its rectifier.
    Same,
    /// The sum of its two inputs.
    Add,
    /// Its inputs' channels, one after the other.
    Join,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Rectifier {
    Relu,
    Relu6,
}

impl Rectifier {
    fn of(layer: &Layer) -> Option<Self> {
        match layer {
            Layer::Relu => Some(Self::Relu),
            Layer::Relu6 => Some(Self::Relu6),
            _ => None,
        }
    }

    /// Above which there is no gradient.
    pub fn limit(self) -> f32 {
        match self {
            Self::Relu => f32::INFINITY,
            Self::Relu6 => 6.0,
        }
    }
}

/// A value while the tree is walked.
#[derive(Clone, Copy)]
struct Value {
    slot: Slot,
    shape: Shape,
}

impl<'a> Steps<'a> {
    /// # Errors
    /// A layer that cannot take what the one before it gives.
    pub fn of(node: &'a Node, input: Shape) -> Result<Self, ShapeError> {
        let mut steps = Self {
            list: Vec::new(),
            shapes: vec![input],
            output: 0,
        };
        let picture = Value {
            slot: 0,
            shape: input,
        };
        steps.output = steps.node(node, picture)?.slot;
        Ok(steps)
    }

    fn node(&mut self, node: &'a Node, x: Value) -> Result<Value, ShapeError> {
        match node {
            Node::Layer(layer) => self.layer(layer, None, x),
            Node::Sequence(nodes) => {
                let mut x = x;
                let mut nodes = nodes.iter().peekable();
                while let Some(node) = nodes.next() {
                    let Node::Layer(layer) = node else {
                        x = self.node(node, x)?;
                        continue;
                    };
                    let rectifier = match (layer, nodes.peek()) {
                        (Layer::Convolution(_) | Layer::Linear { .. }, Some(Node::Layer(next))) => {
                            Rectifier::of(next)
                        }
                        _ => None,
                    };
                    if rectifier.is_some() {
                        nodes.next();
                    }
                    x = self.layer(layer, rectifier, x)?;
                }
                Ok(x)
            }
            Node::Shortcut(node) => {
                let y = self.node(node, x)?;
                Ok(self.step(Kind::Add, vec![y.slot, x.slot], y.shape, y.shape, None))
            }
            Node::Branches(nodes) => {
                let mut parts = Vec::with_capacity(nodes.len());
                for node in nodes {
                    parts.push(self.node(node, x)?);
                }
                let Some(first) = parts.first() else {
                    return Ok(x);
                };
                let [_, h, w] = first.shape;
                let channels = parts.iter().map(|part| part.shape[0]).sum();
                let slots = parts.iter().map(|part| part.slot).collect();
                Ok(self.step(Kind::Join, slots, first.shape, [channels, h, w], None))
            }
        }
    }

    fn layer(
        &mut self,
        layer: &'a Layer,
        rectifier: Option<Rectifier>,
        x: Value,
    ) -> Result<Value, ShapeError> {
        let shape = layer.output_shape(x.shape)?;
        if let Layer::Flatten = layer {
            return Ok(Value { shape, ..x });
        }
        let alone = Rectifier::of(layer);
        let kind = match alone {
            Some(_) => Kind::Same,
            None => Kind::Layer(layer),
        };
        Ok(self.step(kind, vec![x.slot], x.shape, shape, rectifier.or(alone)))
    }

    fn step(
        &mut self,
        kind: Kind<'a>,
        inputs: Vec<Slot>,
        from: Shape,
        shape: Shape,
        rectifier: Option<Rectifier>,
    ) -> Value {
        let slot = self.shapes.len();
        self.shapes.push(shape);
        self.list.push(Step {
            kind,
            inputs,
            from,
            output: slot,
            rectifier,
        });
        Value { slot, shape }
    }
}
