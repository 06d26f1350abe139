//! How small a part of a picture its answer hangs on.

use serde::Serialize;

use super::Estimate;
use crate::attack::occlusion::Patch;
use crate::classifier::architecture::Shape;

/// What patches some pictures needed; sides and areas are over those that one
/// fooled.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OcclusionRobustness {
    /// The share of the pictures that a patch fooled.
    pub fooled: Estimate,
    /// Of the patch's side, in pixels.
    pub median_side: Estimate,
    pub mean_side: Estimate,
    /// Of the share of the picture that the patch covers.
    pub median_area: Estimate,
}

impl OcclusionRobustness {
    /// Of each picture's patch; none where no patch fooled. The seed is the
    /// intervals'.
    pub fn of(found: &[Option<Patch>], [_, height, width]: Shape, seed: u64) -> Self {
        let patches = found.iter().flatten();
        let sides: Vec<f64> = patches.map(|patch| patch.side as f64).collect();
        let area = |side: &f64| side * side / (height * width) as f64;
        let areas: Vec<f64> = sides.iter().map(area).collect();
        Self {
            fooled: Estimate::share(sides.len(), found.len(), seed),
            median_side: Estimate::median(&sides, seed),
            mean_side: Estimate::mean(&sides, seed),
            median_area: Estimate::median(&areas, seed),
        }
    }
}
