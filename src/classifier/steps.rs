//! A network's layers as steps, each of which reads numbered values and makes
//! one: what the fast walks, on the CPU and on a GPU, are laid out from.
//!
//! A rectifier after a convolution, a linear layer or a sum is not a step of its
//! own: the layer ends with it, and walking back it is where the layer begins to
//! read. A reshape is none either: it is the same value under another shape.
//! What does not reach the logits is left out.

use super::architecture::{Activation, Architecture, Layer, Placed, Shape, ShapeError, Value};

/// The number of a value: 0 is the picture.
pub(super) type Slot = usize;

/// A network's steps.
#[derive(Debug)]
pub(super) struct Steps<'a> {
    pub list: Vec<Step<'a>>,
    /// Of each value.
    pub shapes: Vec<Shape>,
    /// Which values depend on the picture.
    pub varies: Vec<bool>,
    /// The logits.
    pub output: Slot,
}

#[derive(Debug)]
pub(super) struct Step<'a> {
    pub kind: Kind<'a>,
    /// What it reads, and as which shapes.
    pub inputs: Vec<Slot>,
    pub from: Vec<Shape>,
    pub output: Slot,
    pub rectifier: Option<Rectifier>,
    /// What to call it in a message.
    #[cfg_attr(not(feature = "gpu"), expect(dead_code))]
    pub label: &'a str,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Kind<'a> {
    Layer(&'a Layer),
    /// Nothing but its rectifier.
    Same,
    /// The sum of its two inputs, which are of one shape.
    Add,
    /// Its inputs, one after the other.
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
            Layer::Activation(Activation::Relu) => Some(Self::Relu),
            Layer::Activation(Activation::Relu6) => Some(Self::Relu6),
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

impl<'a> Steps<'a> {
    /// # Errors
    /// A layer that cannot take what it reads.
    pub fn of(architecture: &'a Architecture) -> Result<Self, ShapeError> {
        let shapes = architecture.shapes()?;
        let readers = readers(architecture);
        let mut steps = Self {
            list: Vec::new(),
            shapes: vec![architecture.input],
            varies: vec![true],
            output: 0,
        };
        // Where each of the network's values is.
        let mut slots = vec![0; shapes.len()];
        let layers = &architecture.layers;
        for (index, placed) in layers.iter().enumerate() {
            let value = index + 1;
            if readers[value] == 0 {
                continue;
            }
            let inputs: Vec<Slot> = placed.inputs.iter().map(|input| slots[input.0]).collect();
            let from: Vec<Shape> = placed.inputs.iter().map(|input| shapes[input.0]).collect();
            slots[value] = if matches!(placed.layer, Layer::Flatten | Layer::Reshape(_)) {
                inputs[0]
            } else if let Some(slot) = steps.rectify(placed, &readers, layers) {
                slot
            } else {
                steps.add(placed, inputs, from, shapes[value])
            };
        }
        steps.output = slots[architecture.logits.0];
        Ok(steps)
    }

    /// Ends the step just made with a rectifier, if that step makes what the
    /// rectifier reads and nobody else reads it.
    fn rectify(&mut self, placed: &Placed, readers: &[usize], layers: &[Placed]) -> Option<Slot> {
        let rectifier = Rectifier::of(&placed.layer)?;
        let Value(read) = placed.inputs[0];
        let made_by = &layers[read.checked_sub(1)?].layer;
        let ends_so = matches!(
            made_by,
            Layer::Convolution(_) | Layer::Linear { .. } | Layer::Add
        );
        let last = self.list.last_mut()?;
        let is_last = match (last.kind, made_by) {
            (Kind::Layer(layer), _) => std::ptr::eq(layer, made_by) && !matches!(layer, Layer::Add),
            (Kind::Add, Layer::Add) => true,
            _ => false,
        };
        if !(ends_so && is_last && readers[read] == 1 && last.rectifier.is_none()) {
            return None;
        }
        last.rectifier = Some(rectifier);
        Some(last.output)
    }

    fn add(
        &mut self,
        placed: &'a Placed,
        inputs: Vec<Slot>,
        from: Vec<Shape>,
        shape: Shape,
    ) -> Slot {
        let rectifier = Rectifier::of(&placed.layer);
        let kind = match &placed.layer {
            _ if rectifier.is_some() => Kind::Same,
            Layer::Add if from[0] == from[1] => Kind::Add,
            // Along the first axis that is not 1, whole values follow one another.
            Layer::Concatenate { axis } if shape[..*axis].iter().all(|&size| size == 1) => {
                Kind::Join
            }
            layer => Kind::Layer(layer),
        };
        let output = self.shapes.len();
        self.shapes.push(shape);
        let varies = inputs.iter().any(|&input| self.varies[input]);
        self.varies.push(varies);
        self.list.push(Step {
            kind,
            inputs,
            from,
            output,
            rectifier,
            label: placed.label(),
        });
        output
    }
}

/// How many layers read each value, of those that reach the logits; the logits
/// themselves are read once more.
fn readers(architecture: &Architecture) -> Vec<usize> {
    let mut readers = vec![0; architecture.layers.len() + 1];
    readers[architecture.logits.0] = 1;
    for (index, placed) in architecture.layers.iter().enumerate().rev() {
        if readers[index + 1] > 0 {
            for input in &placed.inputs {
                readers[input.0] += 1;
            }
        }
    }
    readers
}
