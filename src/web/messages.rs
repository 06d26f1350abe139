//! What crosses the border, as JavaScript and TypeScript see it.

use js_sys::{Float32Array, Uint8Array};
use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::error::{Failure, Kind};
use crate::attack::{Norm, Norms, Prediction};
use crate::classifier::class_names::ClassNames;
use crate::universal::Ball;

/// One network of the catalogue.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct NetworkInfo {
    pub id: &'static str,
    pub title: &'static str,
    /// Width and height of the picture that it takes.
    pub side: usize,
    pub channels: usize,
    pub classes: usize,
    pub parameters: usize,
    /// Bytes of the 16-bit weights, without the file's header.
    pub weight_bytes: usize,
    /// In `models/`; null where a person brings their own.
    pub weight_file: Option<&'static str>,
    pub licence: &'static str,
    pub source: &'static str,
    pub data: &'static str,
    pub short_side: usize,
}

/// A perturbation drawn around mid-grey.
#[derive(Serialize, Tsify)]
pub struct DrawnPerturbation {
    #[tsify(type = "Uint8Array")]
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub rgba: Uint8Array,
    /// By how much the values were multiplied, beside their strength.
    pub factor: f64,
}

/// Which network on which device.
#[derive(Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct OpenRequest {
    pub network: String,
    pub device: DeviceKind,
    /// Whether the weights are not those that are shipped, whose answers are
    /// known.
    #[serde(default)]
    #[tsify(optional)]
    pub own_weights: bool,
    /// For tests: the GPU is taken to have answered wrongly.
    #[serde(default)]
    #[tsify(optional)]
    pub inject_self_test_failure: bool,
    /// For tests: the GPU is taken to have been refused.
    #[serde(default)]
    #[tsify(optional)]
    pub inject_gpu_refusal: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "lowercase")]
pub enum DeviceKind {
    Cpu,
    Gpu,
}

/// Where a session computes.
#[derive(Clone, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct DeviceInfo {
    pub kind: DeviceKind,
    pub name: String,
    /// A processor that pretends to be a GPU.
    pub software: bool,
    pub self_test: SelfTest,
}

/// How a device did on the fixed picture.
#[derive(Clone, Copy, Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct SelfTest {
    /// From the logits that the classifier should give.
    pub largest_difference: f64,
    pub milliseconds: f64,
}

/// One class of an answer.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct ClassScore {
    pub label: usize,
    pub name: String,
    pub probability: f64,
    pub logit: f32,
}

/// The five likeliest classes, likeliest first (all where there are fewer).
#[derive(Serialize, Tsify)]
pub struct Answer {
    pub top: Vec<ClassScore>,
}

impl Answer {
    pub fn new(prediction: &Prediction, names: ClassNames) -> Self {
        let probabilities = prediction.probabilities();
        Self {
            top: prediction
                .top(5)
                .into_iter()
                .map(|label| ClassScore {
                    label,
                    name: names[label].to_owned(),
                    probability: probabilities[label],
                    logit: prediction.logits[label],
                })
                .collect(),
        }
    }
}

/// Of a perturbation, in grey levels, 0 to 255.
#[derive(Serialize, Tsify)]
pub struct NormLevels {
    pub l2: f64,
    pub linf: f64,
}

impl From<Norms> for NormLevels {
    fn from(norms: Norms) -> Self {
        let levels = norms.in_levels();
        Self {
            l2: levels.l2,
            linf: levels.linf,
        }
    }
}

/// Answers to a picture and to its sum with a perturbation.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct Classified {
    pub clean: Answer,
    pub perturbed: Option<Answer>,
    pub fooled: bool,
    /// The sum as it was classified: clipped, and rounded to 8 bits.
    #[tsify(type = "Uint8Array | null")]
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub perturbed_rgba: wasm_bindgen::JsValue,
    /// Of the perturbation at its strength, before anything was clipped.
    pub norms: Option<NormLevels>,
    pub milliseconds: f64,
}

/// Left out, each option has the paper's value.
#[derive(Default, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", default)]
pub struct DeepfoolOptions {
    #[tsify(optional)]
    pub candidates: Option<usize>,
    #[tsify(optional)]
    pub overshoot: Option<f64>,
    #[tsify(optional)]
    pub max_iterations: Option<usize>,
    /// The class that the picture should become; any other than its own unless
    /// told.
    #[tsify(optional)]
    pub target: Option<usize>,
}

#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct DeepfoolProgress {
    pub iteration: usize,
    pub max_iterations: usize,
    /// ‖r‖₂ so far, in grey levels.
    pub l2: f64,
    /// The label at the present point.
    pub label: usize,
    pub name: String,
}

/// What an attack found for one picture.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// r, planar, in pixel units.
    #[tsify(type = "Float32Array")]
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub perturbation: Float32Array,
    pub clean: Answer,
    /// To x + r, not clipped.
    pub adversarial: Answer,
    pub fooled: bool,
    pub iterations: usize,
    pub gradient_evaluations: usize,
    pub norms: NormLevels,
    /// How often the published steps led no further, at a tie or a kink, and it
    /// went on otherwise.
    pub stalls: usize,
    /// ‖r‖₂ / ‖x‖₂; null for a black picture, which has no length.
    pub rho: Option<f64>,
    pub survives_clipping: bool,
    pub survives_rounding: bool,
    pub milliseconds: f64,
    /// x + r clipped and rounded to 8 bits: what can be shown and saved.
    #[tsify(type = "Uint8Array")]
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub perturbed_rgba: Uint8Array,
}

/// In which norm a universal perturbation is kept small.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "lowercase")]
pub enum BallNorm {
    L2,
    Linf,
}

impl BallNorm {
    /// As a page names it.
    pub fn named(norm: &str) -> Result<Self, Failure> {
        match norm {
            "l2" => Ok(BallNorm::L2),
            "linf" => Ok(BallNorm::Linf),
            _ => {
                let message = format!("there is no norm '{norm}' here; there are l2 and linf");
                Err(Failure::new(Kind::BadRequest, message))
            }
        }
    }

    pub fn norm(self) -> Norm {
        self.ball(1.0).norm
    }

    /// The ball of this radius, in grey levels.
    pub fn ball(self, radius: f64) -> Ball {
        match self {
            BallNorm::L2 => Ball::l2_levels(radius),
            BallNorm::Linf => Ball::linf_levels(radius),
        }
    }
}

/// On how many pictures a perturbation works.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct FoolingCount {
    /// The label of each picture without and with the perturbation.
    pub labels: Vec<(usize, usize)>,
    pub fooled: usize,
    /// The share of pictures whose label changed; null of none.
    pub rate: Option<f64>,
}
