//! What crosses the border, as JavaScript and TypeScript see it.

use js_sys::{Float32Array, Uint8Array};
use serde::{Deserialize, Serialize};
use tsify::Tsify;

use crate::attack::occlusion;
use crate::attack::transformation::Transformation;
use crate::attack::{Norms, Prediction};
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
    /// ‖r‖₂ / ‖x‖₂
    pub rho: f64,
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
    /// The ball of this radius, in grey levels.
    pub fn ball(self, radius: f64) -> Ball {
        match self {
            BallNorm::L2 => Ball::l2_levels(radius),
            BallNorm::Linf => Ball::linf_levels(radius),
        }
    }

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
    /// came up.
    pub running_rate: f64,
    /// The share of the other pictures that were fooled after the last pass.
    pub other_rate: Option<f64>,
    /// The perturbation as it is now; null where nobody is to look.
    #[tsify(type = "Float32Array | null")]
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub perturbation: wasm_bindgen::JsValue,
}

/// A universal perturbation and how it came about.
#[derive(Serialize, Tsify)]
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
    /// The fooling rate on its own pictures as they came up, one a pass.
    pub rates: Vec<f64>,
    /// The fooling rate on the other pictures, one a pass.
    pub other_rates: Vec<f64>,
    /// Whether somebody stopped it before it was finished.
    pub stopped: bool,
    pub milliseconds: f64,
}

/// On how many pictures a perturbation works.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct FoolingCount {
    /// The label of each picture without and with the perturbation.
    pub labels: Vec<(usize, usize)>,
    pub fooled: usize,
    /// The share of pictures whose label changed; 0 of none.
    pub rate: f64,
}

/// Of noise within a random subspace.
#[derive(Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct SemiRandomOptions {
    /// m, from 1 to as many as a picture has values.
    pub dimension: usize,
    /// Of the subspace.
    #[serde(default)]
    #[tsify(optional)]
    pub seed: Option<u32>,
}

/// Left out, each option has the value that `lab` uses.
#[derive(Default, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", default)]
pub struct RandomOptions {
    /// Directions that are tried.
    #[tsify(optional)]
    pub draws: Option<usize>,
    #[tsify(optional)]
    pub seed: Option<u32>,
}

/// The smallest of some random noises.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct RandomFound {
    pub found: Found,
    /// ‖·‖₂ of each in grey levels; null where the longest did not fool.
    pub sizes: Vec<Option<f64>>,
    /// Of those that fooled.
    pub mean_size: Option<f64>,
}

/// Which plane through a picture, and how finely.
#[derive(Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct SectionOptions {
    /// The first direction, planar, in pixel units; it points to the right.
    #[tsify(type = "Float32Array")]
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub perturbation: Float32Array,
    /// The second one, which points up; a random one unless told.
    #[serde(default, with = "preserved")]
    #[tsify(optional, type = "Float32Array")]
    pub second: Option<Float32Array>,
    /// Of the random one.
    #[serde(default)]
    #[tsify(optional)]
    pub seed: Option<u32>,
    /// Along each side: 81 unless told.
    #[serde(default)]
    #[tsify(optional)]
    pub points: Option<usize>,
    /// To each side, in lengths of the perturbation: 2 unless told.
    #[serde(default)]
    #[tsify(optional)]
    pub extent: Option<f64>,
}

/// Arrays of JavaScript that need not be there.
mod preserved {
    use js_sys::Float32Array;
    use serde::{Deserialize, Deserializer};
    use wasm_bindgen::JsCast;
    use wasm_bindgen::JsValue;

    #[derive(Deserialize)]
    struct Array(#[serde(with = "serde_wasm_bindgen::preserve")] JsValue);

    pub fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Float32Array>, D::Error> {
        let found = Option::<Array>::deserialize(from)?;
        Ok(found.and_then(|Array(value)| value.dyn_into().ok()))
    }
}

#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct PointsProgress {
    pub points: usize,
    pub of: usize,
}

/// The answers around a picture.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct SectionDrawing {
    /// A pixel a point, the perturbation to the right, the second direction up;
    /// darker where the answer is less firm.
    #[tsify(type = "Uint8Array")]
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub rgba: Uint8Array,
    /// The clean label's first, then the perturbed one's, then the largest.
    pub regions: Vec<Region>,
    /// ‖r‖₂ in grey levels: how far the perturbed picture lies to the right.
    pub length: f64,
    /// From the picture to each side, in grey levels.
    pub reach: f64,
    /// Along each side.
    pub points: usize,
    /// Of each point, row by row from the bottom.
    pub labels: Vec<usize>,
    pub stopped: bool,
}

/// The points of one label.
#[derive(Serialize, Tsify)]
pub struct Region {
    pub label: usize,
    pub name: String,
    /// Of all points.
    pub share: f64,
    /// Red, green and blue, where the answer is firm.
    pub colour: [u8; 3],
}

/// Left out, each option has the value that `lab` uses.
#[derive(Default, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", default)]
pub struct PatchOptions {
    /// Pixels from one place that is tried to the next.
    #[tsify(optional)]
    pub stride: Option<usize>,
    /// One number for all channels or one each, from 0 to 1; mid-grey unless told.
    #[tsify(optional)]
    pub colour: Option<Vec<f32>>,
}

#[derive(Serialize, Tsify)]
pub struct PatchProgress {
    /// Pixels along the side that is being tried.
    pub side: usize,
}

/// The smallest patch that changes the answer.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct PatchFound {
    pub found: Found,
    /// Null where none does.
    pub patch: Option<Patch>,
}

/// A square of the picture, in its pixels.
#[derive(Serialize, Tsify)]
pub struct Patch {
    pub x: usize,
    pub y: usize,
    pub side: usize,
}

impl From<occlusion::Patch> for Patch {
    fn from(occlusion::Patch { x, y, side }: occlusion::Patch) -> Self {
        Self { x, y, side }
    }
}

/// Which of the three there may be; all unless told.
#[derive(Default, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", default)]
pub struct MoveOptions {
    #[tsify(optional)]
    pub translation: Option<bool>,
    #[tsify(optional)]
    pub rotation: Option<bool>,
    #[tsify(optional)]
    pub scaling: Option<bool>,
}

#[derive(Serialize, Tsify)]
pub struct MoveProgress {
    /// Pixels that are being tried.
    pub distance: f64,
}

/// The smallest shift, turn and zoom that changes the answer.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct MoveFound {
    pub found: Found,
    /// Null where none within reach does.
    pub moved: Option<Moved>,
    /// How far points move, in pixels: the root of the mean square.
    pub distance: f64,
}

#[derive(Serialize, Tsify)]
pub struct Moved {
    /// In pixels.
    pub right: f64,
    pub down: f64,
    /// Clockwise.
    pub degrees: f64,
    pub scale: f64,
}

impl From<Transformation> for Moved {
    fn from(moved: Transformation) -> Self {
        Self {
            right: moved.right,
            down: moved.down,
            degrees: moved.degrees,
            scale: moved.scale,
        }
    }
}

/// The words, drawn.
#[derive(Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct WordsOptions {
    pub stamps: Vec<WordStamp>,
    /// How many of them are tried at first.
    #[serde(default)]
    #[tsify(optional)]
    pub words: Option<usize>,
}

/// A word in a box somewhere on the picture, in its pixels.
#[derive(Deserialize, Tsify)]
pub struct WordStamp {
    pub x: i32,
    pub y: i32,
    pub width: usize,
    /// How much of each pixel is covered, row by row, 0 to 255.
    #[tsify(type = "Uint8Array | Uint8ClampedArray")]
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub coverage: Uint8Array,
}

#[derive(Serialize, Tsify)]
pub struct WordsProgress {
    /// That are being tried.
    pub words: usize,
    pub iteration: usize,
}

/// Words that change the answer.
#[derive(Serialize, Tsify)]
pub struct WordsFound {
    pub found: Found,
    /// How many of them were used: the first ones.
    pub words: usize,
}
