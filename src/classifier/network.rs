//! A network on a device: the forward walk and the walk back, the one hot
//! path of everything that attacks a classifier.
//!
//! burn's tape is consumed by one backward pass, so the gradients of ten
//! classes would cost ten forward passes. Here the forward walk keeps what
//! each layer needs ([`ForwardPass`]), and any number of cotangents walk back from
//! it, any number of times.
//!
//! On the CPU `classifier::cpu` walks, on a GPU that was opened here
//! [`super::gpu`]; elsewhere, and natively where the GPU's has no kernel for a
//! layer, the tensor library does (`network::layers`).

#[cfg(not(target_family = "wasm"))]
mod layers;

use burn::tensor::{Device, Tensor, TensorData};

use super::architecture::{Architecture, Shape};
use super::cpu::{self, CpuNetwork};
#[cfg(feature = "gpu")]
use super::gpu::{self, GpuNetwork, GpuPass};
use super::weights::{Weights, WeightsError};
use super::{Classifier, ForwardPass, Waiting, ready};
#[cfg(not(target_family = "wasm"))]
use layers::Layers;

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
    #[cfg(not(target_family = "wasm"))]
    Layers(Box<Layers>),
}

impl Network {
    /// Takes the weights to a device.
    ///
    /// # Errors
    /// A tensor that is missing or has another shape is named; so is a layer
    /// that cannot take what the one before it gives.
    ///
    /// # Examples
    /// ```
    /// use foolscope::burn::tensor::Device;
    /// use foolscope::classifier::network::Network;
    /// use foolscope::classifier::{Classifier, catalogue, weights};
    /// use std::path::Path;
    ///
    /// let architecture = catalogue::find("lenet-mnist").unwrap().architecture();
    /// let file = Path::new("www/models/lenet-mnist.safetensors");
    /// let weights = weights::read(&architecture, file)?.weights;
    /// let network = Network::new(&architecture, &weights, &Device::flex())?;
    /// assert_eq!(network.input_shape(), [1, 28, 28]);
    /// assert_eq!(network.class_count(), 10);
    /// # Ok::<(), weights::WeightsError>(())
    /// ```
    pub fn new(
        architecture: &Architecture,
        weights: &Weights,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        let with = |walk| {
            Ok(Self {
                input: architecture.input,
                classes: architecture.classes()?,
                walk,
                device: device.clone(),
            })
        };
        // On a tape every operation must be the tensor library's.
        #[cfg(not(target_family = "wasm"))]
        if device.is_autodiff() {
            return Self::by_layers(architecture, weights, device);
        }
        if *device == Device::flex() {
            return with(Walk::Cpu(CpuNetwork::new(architecture, weights)?));
        }
        #[cfg(feature = "gpu")]
        if let Some(handles) = gpu::handles(device) {
            match GpuNetwork::new(architecture, weights, handles) {
                Ok(fast) => return with(Walk::Gpu(Box::new(fast))),
                // The tensor library has all of them.
                #[cfg(not(target_family = "wasm"))]
                Err(WeightsError::NoKernel { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        #[cfg(not(target_family = "wasm"))]
        return Self::by_layers(architecture, weights, device);
        #[cfg(target_family = "wasm")]
        unreachable!("a page opens no other devices")
    }

    /// The same in the tensor library's hands on any device: what the fast
    /// walks are tested against.
    ///
    /// # Errors
    /// As [`Network::new`].
    #[cfg(not(target_family = "wasm"))]
    pub fn by_layers(
        architecture: &Architecture,
        weights: &Weights,
        device: &Device,
    ) -> Result<Self, WeightsError> {
        Ok(Self {
            input: architecture.input,
            classes: architecture.classes()?,
            walk: Walk::Layers(Box::new(Layers::bind(architecture, weights, device)?)),
            device: device.clone(),
        })
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
            #[cfg(not(target_family = "wasm"))]
            Walk::Layers(layers) => layers.forward(x).reshape([n, self.classes]),
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
            #[cfg(not(target_family = "wasm"))]
            Walk::Layers(layers) => Box::new(layers.pass(x)),
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

    fn pull_back(&self, cotangents: Tensor<3>) -> Waiting<'_, Tensor<5>> {
        ready(self.pull_back(cotangents))
    }
}
