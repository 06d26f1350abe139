//! A network on a device: the forward walk and the walk back, the one hot
//! path of everything that attacks a classifier.
//!
//! burn's tape is consumed by one backward pass, so the gradients of ten
//! classes would cost ten forward passes. Here the forward walk keeps what
//! each layer needs ([`Pass`]), and any number of cotangents walk back from
//! it, any number of times.
//!
//! On the CPU [`super::cpu`] walks, on a GPU that was opened here
//! [`super::gpu`]; elsewhere, and where a layer has no fast form there, the
//! tensor library does, layer by layer.

use burn::tensor::{Device, Tensor, TensorData};

use super::architecture::{Architecture, Node, Shape};
use super::cpu::{self, CpuNetwork};
#[cfg(feature = "gpu")]
use super::gpu::{self, GpuNetwork, GpuPass};
use super::layer::{BoundLayer, Kept};
use super::weights::{Weights, WeightsError};
use super::{Classifier, ForwardPass, Waiting, ready};

/// A classifier whose logits a network computes.
#[derive(Debug)]
pub struct Network {
    input: Shape,
    classes: usize,
    walk: Walk,
    device: Device,
}

/// Who walks through the layers.
#[derive(Debug)]
enum Walk {
    Cpu(CpuNetwork),
    #[cfg(feature = "gpu")]
    Gpu(Box<GpuNetwork>),
    Layers(Box<Layers>),
}

/// The network in the tensor library's hands.
#[derive(Debug)]
struct Layers {
    /// `[1, C, 1, 1]`: the body sees `x · scale + shift`.
    scale: Tensor<4>,
    shift: Tensor<4>,
    body: BoundNode,
}

impl Network {
    /// Takes the weights to a device.
    ///
    /// # Errors
    /// A tensor that is missing or has another shape is named; so is a layer
    /// that cannot take what the one before it gives.
    pub fn new(
        architecture: &Architecture,
        weights: &Weights,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        // On a tape every operation must be the tensor library's.
        if *device == Device::flex()
            && !device.is_autodiff()
            && let Some(fast) = CpuNetwork::new(architecture, weights)?
        {
            return Ok(Self {
                input: architecture.input,
                classes: architecture.classes()?,
                walk: Walk::Cpu(fast),
                device: device.clone(),
            });
        }
        #[cfg(feature = "gpu")]
        if !device.is_autodiff()
            && let Some(handles) = gpu::handles(device)
            && let Some(fast) = GpuNetwork::new(architecture, weights, handles)?
        {
            return Ok(Self {
                input: architecture.input,
                classes: architecture.classes()?,
                walk: Walk::Gpu(Box::new(fast)),
                device: device.clone(),
            });
        }
        Self::by_layers(architecture, weights, device)
    }

    /// The same in the tensor library's hands on any device: what the fast
    /// walks are tested against.
    ///
    /// # Errors
    /// As [`Network::new`].
    pub fn by_layers(
        architecture: &Architecture,
        weights: &Weights,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let classes = architecture.classes()?;
        let (body, _) = BoundNode::bind(&architecture.body, architecture.input, weights, device)?;
        let channels = architecture.input[0];
        let per_channel = |values: Vec<f32>| {
            Tensor::<4>::from_data(TensorData::new(values, [1, channels, 1, 1]), device)
        };
        let (mean, std) = (&architecture.mean, &architecture.std);
        Ok(Self {
            input: architecture.input,
            classes,
            walk: Walk::Layers(Box::new(Layers {
                scale: per_channel(std.iter().map(|std| 1.0 / std).collect()),
                shift: per_channel(
                    mean.iter()
                        .zip(std)
                        .map(|(mean, std)| -mean / std)
                        .collect(),
                ),
                body,
            })),
            device: device.clone(),
        })
    }
}

impl Layers {
    fn normalised(&self, x: Tensor<4>) -> Tensor<4> {
        x * self.scale.clone() + self.shift.clone()
    }
}

impl Classifier for Network {
    fn input_shape(&self) -> Shape {
        self.input
    }

    fn class_count(&self) -> usize {
        self.classes
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn logits(&self, x: Tensor<4>) -> Waiting<'_, Tensor<2>> {
        let [n, ..] = x.dims();
        ready(match &self.walk {
            Walk::Cpu(cpu) => {
                let logits = cpu.logits(&values(x));
                Tensor::from_data(TensorData::new(logits, [n, self.classes]), &self.device)
            }
            #[cfg(feature = "gpu")]
            Walk::Gpu(gpu) => gpu.forward(x).logits(),
            Walk::Layers(layers) => layers
                .body
                .forward(layers.normalised(x))
                .reshape([n, self.classes]),
        })
    }

    fn forward(&self, x: Tensor<4>) -> Waiting<'_, Box<dyn ForwardPass + '_>> {
        let [n, ..] = x.dims();
        ready(match &self.walk {
            Walk::Cpu(cpu) => {
                let (logits, tapes) = cpu.forward(&values(x));
                let logits = TensorData::new(logits, [n, self.classes]);
                Box::new(CpuPass {
                    cpu,
                    input: self.input,
                    logits: Tensor::from_data(logits, &self.device),
                    tapes,
                })
            }
            #[cfg(feature = "gpu")]
            Walk::Gpu(gpu) => Box::new(gpu.forward(x)),
            Walk::Layers(layers) => {
                let (y, tape) = layers.body.forward_kept(layers.normalised(x));
                Box::new(LayersPass {
                    layers,
                    input: self.input,
                    logits: y.reshape([n, self.classes]),
                    tape,
                })
            }
        })
    }
}

/// What is in a tensor on the CPU, where nothing has to be waited for.
fn values<const D: usize>(x: Tensor<D>) -> Vec<f32> {
    let mut reading = std::pin::pin!(x.into_data_async());
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match reading.as_mut().poll(&mut context) {
        std::task::Poll::Ready(Ok(data)) => data
            .try_into_vec()
            .expect("pictures and cotangents are of single precision"),
        _ => unreachable!("a tensor on the CPU is there at once"),
    }
}

/// One forward walk, kept for walks back.
struct CpuPass<'a> {
    cpu: &'a CpuNetwork,
    input: Shape,
    logits: Tensor<2>,
    tapes: Vec<cpu::Tape>,
}

impl ForwardPass for CpuPass<'_> {
    fn logits(&self) -> Tensor<2> {
        self.logits.clone()
    }

    fn pull_back(&self, cotangents: Tensor<3>) -> Waiting<'_, Tensor<5>> {
        let [n, k, _] = cotangents.dims();
        let [c, h, w] = self.input;
        let gradients = self.cpu.pull_back(&self.tapes, &values(cotangents));
        ready(Tensor::from_data(
            TensorData::new(gradients, [n, k, c, h, w]),
            &self.logits.device(),
        ))
    }
}

#[cfg(feature = "gpu")]
impl ForwardPass for GpuPass<'_> {
    fn logits(&self) -> Tensor<2> {
        self.logits()
    }

    fn pull_back(&self, cotangents: Tensor<3>) -> Tensor<5> {
        self.pull_back(cotangents)
    }
}

/// The same by layers.
struct LayersPass<'a> {
    layers: &'a Layers,
    input: Shape,
    logits: Tensor<2>,
    tape: Tape,
}

impl ForwardPass for LayersPass<'_> {
    fn logits(&self) -> Tensor<2> {
        self.logits.clone()
    }

    fn pull_back(&self, cotangents: Tensor<3>) -> Waiting<'_, Tensor<5>> {
        let [n, k, classes] = cotangents.dims();
        let [c, h, w] = self.input;
        let g = cotangents.reshape([n * k, classes, 1, 1]);
        let g = self.layers.body.backward(&self.tape, g) * self.layers.scale.clone();
        ready(g.reshape([n, k, c, h, w]))
    }
}

/// A [`Node`] whose layers have their weights on a device.
#[derive(Debug)]
enum BoundNode {
    Layer(Box<BoundLayer>),
    Sequence(Vec<BoundNode>),
    Shortcut(Box<BoundNode>),
    Branches(Vec<BoundNode>),
}

/// What a forward walk kept, in the shape of the node that it went through.
enum Tape {
    Layer(Box<Kept>),
    Nodes(Vec<Tape>),
    /// With the channels that each branch gave.
    Branches(Vec<(Tape, usize)>),
}

impl BoundNode {
    fn bind(
        node: &Node,
        input: Shape,
        weights: &Weights,
        device: &Device,
    ) -> Result<(Self, Shape), WeightsError> {
        let output = node.output_shape(input)?;
        let bound = match node {
            Node::Layer(layer) => {
                Self::Layer(Box::new(BoundLayer::bind(layer, input, weights, device)?))
            }
            Node::Sequence(nodes) => {
                let mut shape = input;
                let mut bound = Vec::with_capacity(nodes.len());
                for node in nodes {
                    let (node, next) = Self::bind(node, shape, weights, device)?;
                    bound.push(node);
                    shape = next;
                }
                Self::Sequence(bound)
            }
            Node::Shortcut(node) => {
                Self::Shortcut(Box::new(Self::bind(node, input, weights, device)?.0))
            }
            Node::Branches(nodes) => Self::Branches(
                nodes
                    .iter()
                    .map(|node| Ok(Self::bind(node, input, weights, device)?.0))
                    .collect::<Result<_, WeightsError>>()?,
            ),
        };
        Ok((bound, output))
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Layer(layer) => layer.forward(x),
            Self::Sequence(nodes) => nodes.iter().fold(x, |x, node| node.forward(x)),
            Self::Shortcut(node) => node.forward(x.clone()) + x,
            Self::Branches(nodes) => Tensor::cat(
                nodes.iter().map(|node| node.forward(x.clone())).collect(),
                1,
            ),
        }
    }

    fn forward_kept(&self, x: Tensor<4>) -> (Tensor<4>, Tape) {
        match self {
            Self::Layer(layer) => {
                let (y, kept) = layer.forward_kept(x);
                (y, Tape::Layer(Box::new(kept)))
            }
            Self::Sequence(nodes) => {
                let mut x = x;
                let mut tapes = Vec::with_capacity(nodes.len());
                for node in nodes {
                    let (y, tape) = node.forward_kept(x);
                    tapes.push(tape);
                    x = y;
                }
                (x, Tape::Nodes(tapes))
            }
            Self::Shortcut(node) => {
                let (y, tape) = node.forward_kept(x.clone());
                (y + x, tape)
            }
            Self::Branches(nodes) => {
                let (outputs, tapes) = nodes
                    .iter()
                    .map(|node| {
                        let (y, tape) = node.forward_kept(x.clone());
                        let channels = y.dims()[1];
                        (y, (tape, channels))
                    })
                    .unzip();
                (Tensor::cat(outputs, 1), Tape::Branches(tapes))
            }
        }
    }

    fn backward(&self, tape: &Tape, g: Tensor<4>) -> Tensor<4> {
        match (self, tape) {
            (Self::Layer(layer), Tape::Layer(kept)) => layer.backward(kept, g),
            (Self::Sequence(nodes), Tape::Nodes(tapes)) => nodes
                .iter()
                .zip(tapes)
                .rev()
                .fold(g, |g, (node, tape)| node.backward(tape, g)),
            (Self::Shortcut(node), tape) => node.backward(tape, g.clone()) + g,
            (Self::Branches(nodes), Tape::Branches(tapes)) => {
                let mut start = 0;
                let mut sum: Option<Tensor<4>> = None;
                for (node, (tape, channels)) in nodes.iter().zip(tapes) {
                    let part = g.clone().narrow(1, start, *channels);
                    let part = node.backward(tape, part);
                    sum = Some(match sum {
                        None => part,
                        Some(sum) => sum + part,
                    });
                    start += channels;
                }
                sum.unwrap_or(g)
            }
            _ => unreachable!("a tape is walked back through the node that made it"),
        }
    }
}
