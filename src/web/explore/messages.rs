//! What crosses the border here.

use js_sys::{Float32Array, Uint8Array};
use serde::{Deserialize, Serialize};
use tsify::Tsify;

use crate::attack::occlusion;
use crate::attack::transformation::Transformation;
use crate::attack::words;
use crate::geometry::label_graph;
use crate::web::messages::{Answer, BallNorm, Found, NormLevels};

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

/// Of an attack by name. Left out, the others have the values that `lab` uses.
#[derive(Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct AttackOptions {
    /// As `lab robustness --attacks` calls it.
    pub name: String,
    /// The budget of those attacks that have one.
    #[tsify(optional)]
    pub gradients: Option<usize>,
    /// Of those that draw something by chance.
    #[tsify(optional)]
    pub seed: Option<u32>,
}

/// Of the smallest noise within a budget. Left out, each option has the value that
/// `lab` uses.
#[derive(Default, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", default)]
pub struct SmallestOptions {
    /// l2 unless told.
    #[tsify(optional)]
    pub norm: Option<BallNorm>,
    /// The class that the picture should become; any other than its own unless
    /// told.
    #[tsify(optional)]
    pub target: Option<usize>,
    /// The budget; forward passes come on top.
    #[tsify(optional)]
    pub gradients: Option<usize>,
    /// Whether the sum should be in whole grey levels, as in a file.
    #[tsify(optional)]
    pub rounded: bool,
    /// Whether it stays within what a picture can show; it does unless told.
    #[tsify(optional)]
    pub bounded: Option<bool>,
}

/// The smallest noise so far.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct SmallestProgress {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Float32Array<ArrayBuffer>")]
    pub perturbation: Float32Array,
    /// The sum as it can be shown and saved.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    #[tsify(type = "Uint8Array<ArrayBuffer>")]
    pub perturbed_rgba: Uint8Array,
    /// The answer to the exact sum.
    pub adversarial: Answer,
    pub norms: NormLevels,
    /// Taken so far.
    pub gradients: usize,
    pub max_gradients: usize,
}

/// Arrays of JavaScript that need not be there.
pub mod preserved {
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
#[tsify(missing_as_null)]
pub struct PatchProgress {
    /// Pixels along the side that is being tried.
    pub side: usize,
    /// The smallest that is known to change the answer.
    pub best: Option<Patch>,
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
#[tsify(missing_as_null)]
pub struct MoveProgress {
    /// Pixels that are being tried.
    pub distance: f64,
    /// The smallest that is known to change the answer.
    pub best: Option<Moved>,
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

#[derive(Deserialize, Serialize, Tsify)]
pub struct Moved {
    /// In pixels.
    pub right: f64,
    pub down: f64,
    /// Clockwise.
    pub degrees: f64,
    pub scale: f64,
}

impl From<Moved> for Transformation {
    fn from(moved: Moved) -> Self {
        Self {
            right: moved.right,
            down: moved.down,
            degrees: moved.degrees,
            scale: moved.scale,
        }
    }
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

/// A patch that somebody lays over a picture.
#[derive(Deserialize, Tsify)]
pub struct PatchByHand {
    pub x: usize,
    pub y: usize,
    pub side: usize,
    /// One number for all channels or one each, from 0 to 1.
    pub colour: Vec<f32>,
}

/// A picture that was changed otherwise than by noise.
#[derive(Serialize, Tsify)]
pub struct Changed {
    /// To the changed picture, exactly.
    pub answer: Answer,
    /// To the changed picture as it is shown and saved, in 8 bits.
    pub saved: Answer,
    /// Of that picture.
    #[tsify(type = "Uint8Array")]
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub rgba: Uint8Array,
    /// How far points moved, in pixels: the root of the mean square.
    pub distance: f64,
}

/// How words are scattered. Left out, each option has the value that `lab` uses.
#[derive(Default, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", default)]
pub struct ScatterOptions {
    /// How many different words there are: they take turns.
    pub words: usize,
    /// How many places there are.
    pub count: usize,
    /// The letters' sizes (the em) are drawn between these shares of the picture's height.
    #[tsify(optional)]
    pub smallest: Option<f64>,
    #[tsify(optional)]
    pub largest: Option<f64>,
    /// Degrees either way.
    #[tsify(optional)]
    pub tilt: Option<f64>,
    #[tsify(optional)]
    pub seed: Option<u32>,
}

#[derive(Serialize, Tsify)]
pub struct Scattered {
    pub places: Vec<Place>,
}

/// One word's place, in pixels of the picture.
#[derive(Serialize, Tsify)]
pub struct Place {
    /// Which of the words it is.
    pub word: usize,
    /// Its middle.
    pub x: f64,
    pub y: f64,
    /// The em.
    pub size: f64,
    /// Clockwise.
    pub degrees: f64,
}

impl From<words::Placement> for Place {
    fn from(place: words::Placement) -> Self {
        Self {
            word: place.word,
            x: place.x,
            y: place.y,
            size: place.size,
            degrees: place.degrees,
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

/// Of the published algorithm. Left out, each option has the paper's value, or
/// that of the authors' program.
#[derive(Default, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", default)]
pub struct OriginalOptions {
    /// The maximum norm unless told.
    #[tsify(optional)]
    pub norm: Option<BallNorm>,
    /// ξ in grey levels: 10 in the maximum norm and 2000 in l2 unless told.
    #[tsify(optional)]
    pub radius: Option<f64>,
    /// It is done when all but this share of its pictures are fooled.
    #[tsify(optional)]
    pub delta: Option<f64>,
    #[tsify(optional)]
    pub max_passes: Option<usize>,
    /// Pictures between two looks at the perturbation; 1 unless told.
    #[tsify(optional)]
    pub show_every: Option<usize>,
    /// Of the order of the pictures.
    #[tsify(optional)]
    pub seed: Option<u32>,
}

/// What `universal` gives, and when each pass was complete.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct OriginalResult {
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
    /// How many had been evaluated by the end of each pass.
    pub gradients_by_pass: Vec<usize>,
    /// The fooling rate on its own pictures, counted anew after each pass.
    pub rates: Vec<Option<f64>>,
    /// The fooling rate on the other pictures, one a pass.
    pub other_rates: Vec<Option<f64>>,
    /// Whether somebody stopped it before it was finished.
    pub stopped: bool,
    pub milliseconds: f64,
}

/// How much some perturbations have in common.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct DiversityFound {
    /// Each with each, divided by both lengths; null with one that is zero.
    pub products: Vec<Vec<Option<f64>>>,
    /// Of the absolute values between different ones; null where there are no two.
    pub mean: Option<f64>,
    pub largest: Option<f64>,
    /// d, of a picture.
    pub dimension: usize,
    /// What the mean would be of random vectors of so many dimensions.
    pub mean_of_random: f64,
}

/// Where a perturbation sends the classes.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct LabelGraphFound {
    pub pictures: usize,
    pub fooled: usize,
    /// How many labels, the most attractive first, take half of the fooled.
    pub take_half: usize,
    /// By label.
    pub vertices: Vec<LabelVertex>,
    /// Most pictures of one class end in another.
    pub edges: Vec<LabelEdge>,
    /// Labels that attracted pictures, the most attractive first.
    pub dominant: Vec<DominantLabel>,
    /// For Graphviz.
    pub dot: String,
}

#[derive(Serialize, Tsify)]
pub struct LabelVertex {
    pub label: usize,
    pub name: String,
    /// With this clean label.
    pub pictures: usize,
    /// Of those, how many changed theirs.
    pub left: usize,
    /// Pictures of other classes that ended here.
    pub attracted: usize,
}

#[derive(Serialize, Tsify)]
pub struct LabelEdge {
    pub from: usize,
    pub to: usize,
    /// How many pictures went this way, and how many the class has.
    pub pictures: usize,
    pub of: usize,
}

#[derive(Serialize, Tsify)]
pub struct DominantLabel {
    pub label: usize,
    pub name: String,
    /// Pictures of other classes that ended here.
    pub pictures: usize,
    /// Classes with an edge to here.
    pub classes: usize,
}

impl From<label_graph::Vertex> for LabelVertex {
    fn from(vertex: label_graph::Vertex) -> Self {
        Self {
            label: vertex.label,
            name: vertex.name,
            pictures: vertex.pictures,
            left: vertex.left,
            attracted: vertex.attracted,
        }
    }
}

impl From<label_graph::Edge> for LabelEdge {
    fn from(edge: label_graph::Edge) -> Self {
        Self {
            from: edge.from,
            to: edge.to,
            pictures: edge.pictures,
            of: edge.of,
        }
    }
}

impl From<label_graph::Dominant> for DominantLabel {
    fn from(dominant: label_graph::Dominant) -> Self {
        Self {
            label: dominant.label,
            name: dominant.name,
            pictures: dominant.pictures,
            classes: dominant.classes,
        }
    }
}
