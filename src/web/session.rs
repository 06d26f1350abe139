//! One network on one device.

use std::cell::{OnceCell, RefCell};

use burn::tensor::Device;
use futures_channel::oneshot;
use js_sys::{Float32Array, Function, Uint8Array};
use tsify::Ts;
use wasm_bindgen::prelude::*;
use web_time::Instant;

use super::error::{Failure, Kind, from_js, to_js};
#[cfg(feature = "gpu")]
use super::gpu::Gpu;
use super::messages::{
    Answer, Classified, DeepfoolOptions, DeepfoolProgress, DeviceInfo, DeviceKind, Found,
    OpenRequest, SelfTest,
};
use super::pictures::{find, planar, rgba};
use super::pool::{Pool, Pooled};
use super::source::{File, Pieces};
use super::watch::Watch;
use crate::attack::deepfool::{self, deepfool};
use crate::attack::{Norms, Prediction, predictions};
use crate::classifier::catalogue::Entry;
use crate::classifier::class_names::ClassNames;
use crate::classifier::import::own;
use crate::classifier::network::Network;
use crate::classifier::weights::Weights;
use crate::classifier::{Classifier, self_test};
use crate::task::{StopFlag, Task, read};
use crate::universal::fooling::{Sum, add};

/// A wish to stop that the page can make while a session computes.
#[wasm_bindgen]
#[derive(Default)]
pub struct CancelToken(pub(super) StopFlag);

#[wasm_bindgen]
impl CancelToken {
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn cancel(&self) {
        self.0.stop();
    }
}

/// A network, its weights on a device.
#[wasm_bindgen]
pub struct Session {
    pub(super) network: Network,
    pub(super) entry: &'static Entry,
    pub(super) watch: Watch,
    pub(super) names: ClassNames,
    device: DeviceInfo,
    pool: OnceCell<Pool>,
    end: RefCell<Option<oneshot::Receiver<String>>>,
}

#[wasm_bindgen]
impl Session {
    /// Takes weights (a safetensors file) to a device and lets it prove itself
    /// on the fixed picture.
    pub async fn open(request: Ts<OpenRequest>, weights: Vec<u8>) -> Result<Session, JsValue> {
        let request: OpenRequest = from_js(&request)?;
        let read = Weights::from_safetensors(&weights).map_err(Failure::from)?;
        // Where the network's own copy can lie.
        drop(weights);
        let architecture = find(&request.network)?.architecture();
        let read = read.fit(&architecture).map_err(Failure::from)?.weights;
        Ok(Self::open_checked(request, read).await?)
    }

    /// The same of a network that was brought, whose weights are read in pieces.
    #[wasm_bindgen(js_name = openFile)]
    pub async fn open_file(request: Ts<OpenRequest>, file: Pieces) -> Result<Session, JsValue> {
        let request = from_js(&request)?;
        Ok(Self::open_checked(request, own_weights(file)?).await?)
    }

    #[wasm_bindgen(getter)]
    pub fn device(&self) -> Result<Ts<DeviceInfo>, JsValue> {
        Ok(to_js(self.device.clone())?)
    }

    /// From now on the work is shared with a pool of helpers (`www/engine/pool.js`),
    /// which must compute on the CPU as this session does. To be called once.
    #[wasm_bindgen(js_name = shareWith)]
    pub fn share_with(&self, pool: Pool) {
        let _ = self.pool.set(pool);
    }

    /// Resolves with a sentence when the GPU is lost or can no longer be
    /// trusted; never on the CPU. To be called once.
    pub async fn lost(&self) -> String {
        let end = self.end.borrow_mut().take();
        match end {
            Some(end) => match end.await {
                Ok(sentence) => sentence,
                Err(_) => std::future::pending().await,
            },
            None => std::future::pending().await,
        }
    }

    /// The answers to a picture and, where a perturbation is given, to its sum
    /// with `strength` times the perturbation, clipped and rounded to 8 bits.
    pub async fn classify(
        &self,
        picture: &[u8],
        perturbation: Option<Vec<f32>>,
        strength: f32,
    ) -> Result<Ts<Classified>, JsValue> {
        let begun = Instant::now();
        let x = self.planar(picture)?;
        let noise = match perturbation {
            Some(v) => {
                self.check_size(&v)?;
                Some(Noise::new(v, strength))
            }
            None => None,
        };
        let sum = noise
            .as_ref()
            .map(|noise| add(&x, &noise.values, Sum::Saved));
        let bytes = match &sum {
            Some(sum) => Uint8Array::from(rgba(sum, self.network.input_shape())?.as_slice()).into(),
            None => JsValue::NULL,
        };
        let answered = self.compare(&x, sum.as_deref()).await?;
        let norms = noise.map(|noise| noise.norms);
        Ok(to_js(answered.told(bytes, norms, begun))?)
    }

    /// All logits of a picture.
    pub async fn logits(&self, picture: &[u8]) -> Result<Float32Array, JsValue> {
        let x = self.planar(picture)?;
        let answers = predictions(&self.network, &[x])
            .await
            .map_err(Failure::from)?;
        Ok(Float32Array::from(answers[0].logits.as_slice()))
    }

    /// The gradients of chosen classes' logits, `[K, C, H, W]`.
    #[wasm_bindgen(js_name = classGradients)]
    pub async fn class_gradients(
        &self,
        picture: &[u8],
        classes: Vec<u32>,
    ) -> Result<Float32Array, JsValue> {
        let count = self.network.class_count();
        let classes: Vec<usize> = classes.into_iter().map(|class| class as usize).collect();
        if let Some(class) = classes.iter().find(|class| **class >= count) {
            return Err(Failure::new(
                Kind::BadRequest,
                format!("there is no class {class}: this network has {count}, counted from 0"),
            )
            .into());
        }
        let x = self.planar(picture)?;
        let x = crate::attack::batch(&self.network, &[x]).map_err(Failure::from)?;
        let shared = self.shared();
        let pass = shared.forward(x).await;
        let gradients = pass.class_gradients(&[classes]).await;
        let values = read(gradients)
            .await
            .map_err(|error| Failure::new(Kind::GpuLost, error.to_string()))?;
        Ok(Float32Array::from(values.as_slice()))
    }

    /// The smallest perturbation that DeepFool finds. `report` hears of each
    /// iteration; between two of them the token is asked whether to go on.
    pub async fn deepfool(
        &self,
        picture: &[u8],
        options: Ts<DeepfoolOptions>,
        report: Function,
        cancel: &CancelToken,
    ) -> Result<Ts<Found>, JsValue> {
        let begun = Instant::now();
        let x = self.planar(picture)?;
        let options = from_js(&options)?;
        let defaults = deepfool::Options::default();
        let options = deepfool::Options {
            candidates: options.candidates.unwrap_or(defaults.candidates),
            overshoot: options.overshoot.unwrap_or(defaults.overshoot),
            max_iterations: options.max_iterations.unwrap_or(defaults.max_iterations),
            target: options.target,
            ..defaults
        };
        let mut task = self.steps(&report, cancel);
        let outcome = deepfool(&self.shared(), &[&x], &options, &mut task)
            .await
            .map_err(Failure::from)?
            .remove(0);
        Ok(to_js(self.found(&x, &outcome, begun)?)?)
    }
}

impl Session {
    async fn open_checked(request: OpenRequest, weights: Weights) -> Result<Self, Failure> {
        let entry = find(&request.network)?;
        let architecture = entry.architecture();
        let (device, name, software, end) = match request.device {
            DeviceKind::Cpu => (Device::flex(), "CPU (WebAssembly SIMD)".into(), false, None),
            DeviceKind::Gpu if request.inject_gpu_refusal => {
                return Err(Failure::new(
                    Kind::GpuRefused,
                    "the GPU was refused (for a test)",
                ));
            }
            #[cfg(feature = "gpu")]
            DeviceKind::Gpu => {
                let gpu = Gpu::request().await?;
                (gpu.device, gpu.name, gpu.software, Some(gpu.end))
            }
            #[cfg(not(feature = "gpu"))]
            DeviceKind::Gpu => {
                return Err(Failure::new(
                    Kind::GpuRefused,
                    "this module computes on the CPU alone; open the session in the other one",
                ));
            }
        };
        let network = Network::new(&architecture, &weights, &device)?;
        let stored = entry.self_test.filter(|_| !request.own_weights);
        let expected = match stored {
            Some(stored) => Some(self_test::stored_logits(stored)),
            // Weights of somebody's own have no stored answer: then the CPU's
            // is the one that a GPU must give.
            None if request.device == DeviceKind::Gpu => {
                let reference = Network::new(&architecture, &weights, &Device::flex())?;
                Some(answer(&reference).await?)
            }
            None => None,
        };
        drop(weights);
        let begun = Instant::now();
        let found = answer(&network).await;
        let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
        let mut largest_difference = match (&found, &expected) {
            (Ok(found), Some(expected)) => self_test::largest_difference(found, expected),
            (Ok(_), None) => 0.0,
            (Err(_), _) => f64::INFINITY,
        };
        if request.inject_self_test_failure {
            largest_difference = f64::INFINITY;
        }
        if largest_difference > self_test::TOLERANCE {
            return Err(match request.device {
                DeviceKind::Gpu => Failure::new(
                    Kind::GpuFailedSelfTest,
                    "the GPU computed wrong answers in the self-test",
                ),
                DeviceKind::Cpu => match found {
                    Err(failure) => failure,
                    Ok(_) => Failure::new(
                        Kind::BadWeights,
                        "the weights give wrong answers in the self-test; load them again",
                    ),
                },
            });
        }
        if request.device == DeviceKind::Gpu && !software {
            warm_up(&network).await?;
        }
        Ok(Self {
            network,
            entry,
            watch: Watch::default(),
            names: entry.class_names(),
            device: DeviceInfo {
                kind: request.device,
                name,
                software,
                self_test: SelfTest {
                    largest_difference,
                    milliseconds,
                },
            },
            pool: OnceCell::new(),
            end: RefCell::new(end),
        })
    }

    /// The answers to a picture and to its sum with a noise.
    pub(super) async fn compare(
        &self,
        x: &[f32],
        sum: Option<&[f32]>,
    ) -> Result<Compared, Failure> {
        let pictures: Vec<&[f32]> = [Some(x), sum].into_iter().flatten().collect();
        let mut answers = predictions(&self.shared(), &pictures).await?.into_iter();
        Ok(Compared {
            clean: answers.next().expect("an answer a picture"),
            perturbed: answers.next(),
            names: self.names,
        })
    }

    /// A task that reports each of DeepFool's steps.
    pub(super) fn steps<'a>(
        &'a self,
        report: &'a Function,
        cancel: &CancelToken,
    ) -> Task<'a, deepfool::Progress> {
        Task::new(cancel.0.clone(), move |progress: deepfool::Progress| {
            let message = DeepfoolProgress {
                iteration: progress.iteration,
                max_iterations: progress.max_iterations,
                l2: progress.size * 255.0,
                label: progress.label,
                name: self.names[progress.label].to_owned(),
            };
            // A report that fails must not end the computation.
            if let Ok(message) = to_js(message) {
                let _ = report.call1(&JsValue::UNDEFINED, &message.into());
            }
        })
    }

    /// The network, with whoever helps.
    pub(super) fn shared(&self) -> Pooled<'_> {
        Pooled {
            network: &self.network,
            pool: self.pool.get(),
        }
    }

    pub(super) fn planar(&self, picture: &[u8]) -> Result<Vec<f32>, Failure> {
        planar(picture, self.network.input_shape())
    }

    pub(super) fn check_size(&self, perturbation: &[f32]) -> Result<(), Failure> {
        let expected: usize = self.network.input_shape().iter().product();
        if perturbation.len() == expected && perturbation.iter().all(|value| value.is_finite()) {
            return Ok(());
        }
        Err(Failure::new(
            Kind::BadPerturbation,
            format!(
                "this network takes a perturbation of {expected} finite values, not of {}",
                perturbation.len()
            ),
        ))
    }
}

/// A perturbation as strong as it is added.
pub(super) struct Noise {
    pub values: Vec<f32>,
    pub norms: Norms,
}

impl Noise {
    pub fn new(mut values: Vec<f32>, strength: f32) -> Self {
        for value in &mut values {
            *value *= strength;
        }
        let norms = Norms::of(&values);
        Self { values, norms }
    }
}

/// What the classifier says to a picture without and with noise.
pub(super) struct Compared {
    clean: Prediction,
    perturbed: Option<Prediction>,
    names: ClassNames,
}

impl Compared {
    /// As the page hears of it, with the sum's bytes if there is one.
    pub fn told(self, sum: JsValue, norms: Option<Norms>, begun: Instant) -> Classified {
        let answer = |prediction: &Prediction| Answer::new(prediction, self.names);
        Classified {
            clean: answer(&self.clean),
            fooled: self
                .perturbed
                .as_ref()
                .is_some_and(|perturbed| perturbed.label != self.clean.label),
            perturbed: self.perturbed.as_ref().map(answer),
            perturbed_rgba: sum,
            norms: norms.map(Into::into),
            milliseconds: begun.elapsed().as_secs_f64() * 1e3,
        }
    }
}

/// The weights of a file of our own format.
pub(super) fn own_weights(file: Pieces) -> Result<Weights, Failure> {
    Ok(own::weights(&mut File::new(file))?)
}

/// A network's logits for the fixed picture.
pub(super) async fn answer(network: &Network) -> Result<Vec<f32>, Failure> {
    let picture = self_test::picture(network.input_shape());
    Ok(predictions(network, &[picture]).await?.remove(0).logits)
}

/// Walks back once and takes one step of an attack, so that a GPU has compiled
/// what a visitor is likely to ask for first before anybody waits for it. (An
/// adapter made of software would take longer than a visitor stays.)
async fn warm_up(network: &Network) -> Result<(), Failure> {
    let picture = self_test::picture(network.input_shape());
    let options = deepfool::Options {
        max_iterations: 1,
        ..deepfool::Options::default()
    };
    deepfool(network, &[picture], &options, &mut Task::silent()).await?;
    Ok(())
}
