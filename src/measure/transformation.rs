//! How far pictures must be moved until their answer changes.

use serde::Serialize;

use super::{mean, median};
use crate::attack::transformation::Moved;

/// What transformations some pictures needed; the means are over those that
/// one fooled.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransformationRobustness {
    pub pictures: usize,
    pub fooled: usize,
    /// Of d(T), in pixels.
    pub median_distance: f64,
    pub mean_distance: f64,
    /// Of the shift's length in pixels, of the turn in degrees either way, and
    /// of the change of size, as a factor above 1 either way.
    pub median_shift: f64,
    pub median_degrees: f64,
    pub median_factor: f64,
}

impl TransformationRobustness {
    pub fn of(found: &[Moved]) -> Self {
        let each = || found.iter().filter_map(|moved| moved.transformation);
        let distances = || {
            let fooled = found.iter().filter(|moved| moved.transformation.is_some());
            fooled.map(|moved| moved.distance)
        };
        Self {
            pictures: found.len(),
            fooled: each().count(),
            median_distance: median(distances()),
            mean_distance: mean(distances()),
            median_shift: median(each().map(|t| t.right.hypot(t.down))),
            median_degrees: median(each().map(|t| t.degrees.abs())),
            median_factor: median(each().map(|t| t.scale.max(1.0 / t.scale))),
        }
    }
}
