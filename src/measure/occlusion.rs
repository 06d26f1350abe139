//! How small a part of a picture its answer hangs on.

use serde::Serialize;

use super::{mean, median};
use crate::attack::occlusion::Occlusion;
use crate::classifier::architecture::Shape;

/// What patches some pictures needed; the means are over those that one
/// fooled.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OcclusionRobustness {
    pub pictures: usize,
    pub fooled: usize,
    /// Of the patch's side, in pixels.
    pub median_side: f64,
    pub mean_side: f64,
    /// Of the share of the picture that the patch covers.
    pub median_area: f64,
}

impl OcclusionRobustness {
    pub fn of(found: &[Occlusion], [_, height, width]: Shape) -> Self {
        let sides = || {
            let patches = found.iter().filter_map(|occlusion| occlusion.patch);
            patches.map(|patch| patch.side as f64)
        };
        Self {
            pictures: found.len(),
            fooled: sides().count(),
            median_side: median(sides()),
            mean_side: mean(sides()),
            median_area: median(sides().map(|side| side * side / (height * width) as f64)),
        }
    }
}
