//! What crosses the border for the plane through a picture.

use js_sys::{Float32Array, Uint8Array, Uint16Array};
use serde::{Deserialize, Serialize};
use tsify::Tsify;

use super::messages::preserved;
use crate::web::messages::{Answer, NormLevels};

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
    /// To each side, in grey levels; in place of the extent.
    #[serde(default)]
    #[tsify(optional)]
    pub reach: Option<f64>,
}

/// A section in the making.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct SectionProgress {
    pub points: usize,
    pub of: usize,
    /// What there is so far, now and then: null at first, and where it is the
    /// same as before.
    pub section: Option<SectionAnswers>,
}

/// The answers around a picture.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct SectionAnswers {
    /// Of each point, row by row from the bottom. One that has not been
    /// classified has the label of the nearest coarser one.
    #[tsify(type = "Uint16Array")]
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub labels: Uint16Array,
    /// Along each side.
    pub points: usize,
    /// How many points were classified.
    pub classified: usize,
    /// The clean label's first, then the perturbed one's, then the largest.
    pub regions: Vec<Region>,
    /// ‖r‖₂ in grey levels: how far the perturbed picture lies to the right.
    pub length: f64,
    /// From the picture to each side, in grey levels.
    pub reach: f64,
    /// Where the second direction, if it was given, leads from the picture: to
    /// the right and up, in grey levels.
    pub second: Option<[f64; 2]>,
    pub changes: FirstChanges,
    pub stopped: bool,
}

/// How far from the picture the answer first changes, in grey levels, to half a
/// point's distance; null where it does not.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct FirstChanges {
    pub right: Option<f64>,
    pub left: Option<f64>,
    pub up: Option<f64>,
    pub down: Option<f64>,
}

/// The points of one label.
#[derive(Serialize, Tsify)]
pub struct Region {
    pub label: usize,
    pub name: String,
    /// Of all points.
    pub share: f64,
}

/// A point of such a plane.
#[derive(Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct PointOptions {
    #[tsify(type = "Float32Array")]
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub perturbation: Float32Array,
    #[serde(default, with = "preserved")]
    #[tsify(optional, type = "Float32Array")]
    pub second: Option<Float32Array>,
    #[serde(default)]
    #[tsify(optional)]
    pub seed: Option<u32>,
    /// From the picture, in grey levels.
    pub right: f64,
    pub up: f64,
}

/// The picture there.
#[derive(Serialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct PlanePoint {
    /// What was added to the picture.
    #[tsify(type = "Float32Array")]
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub perturbation: Float32Array,
    pub norms: NormLevels,
    /// To the exact sum, as in the section.
    pub answer: Answer,
    /// To the sum clipped and in whole levels, which is what is seen.
    pub saved: Answer,
    #[tsify(type = "Uint8Array")]
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub rgba: Uint8Array,
}
