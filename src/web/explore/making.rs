//! What crosses the border where one noise for all pictures is made.

use js_sys::Float32Array;
use serde::{Deserialize, Serialize};
use tsify::Tsify;
use wasm_bindgen::JsValue;

use crate::universal::Progress;
use crate::web::messages::{BallNorm, NormLevels};

impl BallNorm {
    /// The paper's radius, in grey levels.
    pub fn usual_radius(self) -> f64 {
        match self {
            BallNorm::L2 => 2000.0,
            BallNorm::Linf => 10.0,
        }
    }
}

/// Left out, each option has a value for 8 to 64 pictures.
#[derive(Default, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", default)]
pub struct UniversalOptions {
    /// The maximum norm unless told.
    #[tsify(optional)]
    pub norm: Option<BallNorm>,
    /// ξ in grey levels: 10 in the maximum norm and 2000 in l2 unless told.
    #[tsify(optional)]
    pub radius: Option<f64>,
    /// Over the pictures; by their number unless told, so that it takes about
    /// a minute.
    #[tsify(optional)]
    pub max_passes: Option<usize>,
    /// The class that all pictures should become; any other than their own
    /// unless told.
    #[tsify(optional)]
    pub target: Option<usize>,
    /// Updates between two looks at the perturbation; 4 unless told.
    #[tsify(optional)]
    pub show_every: Option<usize>,
    #[tsify(optional)]
    pub seed: Option<u32>,
}

#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct UniversalProgress {
    /// Passes over the pictures that are complete.
    pub passes: usize,
    pub max_passes: usize,
    /// Pictures seen in the present pass.
    pub pictures: usize,
    pub pictures_a_pass: usize,
    pub gradient_evaluations: usize,
    /// The share of the pictures of the present pass that were fooled as they
    /// came up; null before the first.
    pub running_rate: Option<f64>,
    /// The share of the other pictures that were fooled after the last pass.
    pub other_rate: Option<f64>,
    /// The perturbation as it is now; null where nobody is to look.
    #[tsify(type = "Float32Array | null")]
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub perturbation: JsValue,
}

/// A universal perturbation and how it came about.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct UniversalResult {
    /// v, planar, in pixel units.
    #[tsify(type = "Float32Array")]
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub perturbation: Float32Array,
    pub norm: BallNorm,
    /// ξ, in grey levels.
    pub radius: f64,
    pub norms: NormLevels,
    pub passes: usize,
    pub gradient_evaluations: usize,
    /// The fooling rate on its own pictures as they came up, one a pass; null
    /// where all of them are the target already.
    pub rates: Vec<Option<f64>>,
    /// The fooling rate on the other pictures, one a pass.
    pub other_rates: Vec<Option<f64>>,
    /// Whether somebody stopped it before it was finished.
    pub stopped: bool,
    pub milliseconds: f64,
}

impl From<Progress> for UniversalProgress {
    fn from(progress: Progress) -> Self {
        Self {
            passes: progress.passes,
            max_passes: progress.max_passes,
            pictures: progress.pictures,
            pictures_a_pass: progress.pictures_a_pass,
            gradient_evaluations: progress.gradient_evaluations,
            running_rate: progress.running_rate,
            other_rate: progress.other_rate,
            perturbation: match progress.perturbation {
                Some(v) => Float32Array::from(v.as_slice()).into(),
                None => JsValue::NULL,
            },
        }
    }
}
