//! How far pictures must be moved until their answer changes.

use serde::Serialize;

use super::Estimate;
use crate::attack::transformation::Transformation;

/// What transformations some pictures needed; all but the share are over those
/// that one fooled.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TransformationRobustness {
    /// The share of the pictures that a transformation fooled.
    pub fooled: Estimate,
    /// Of d(T), in pixels.
    pub median_distance: Estimate,
    pub mean_distance: Estimate,
    /// Of the shift's length in pixels, of the turn in degrees either way, and
    /// of the change of size, as a factor above 1 either way.
    pub median_shift: Estimate,
    pub median_degrees: Estimate,
    pub median_factor: Estimate,
}

impl TransformationRobustness {
    /// Of each picture's d(T) and T; no T where none fooled. The seed is the
    /// intervals'.
    pub fn of(found: &[(f64, Option<Transformation>)], seed: u64) -> Self {
        let fooled = || found.iter().filter(|(_, moved)| moved.is_some());
        let distances: Vec<f64> = fooled().map(|(distance, _)| *distance).collect();
        let median = |size: fn(Transformation) -> f64| {
            let each = found.iter().filter_map(|(_, moved)| *moved);
            Estimate::median(&each.map(size).collect::<Vec<_>>(), seed)
        };
        Self {
            fooled: Estimate::share(distances.len(), found.len(), seed),
            median_distance: Estimate::median(&distances, seed),
            mean_distance: Estimate::mean(&distances, seed),
            median_shift: median(|t| t.right.hypot(t.down)),
            median_degrees: median(|t| t.degrees.abs()),
            median_factor: median(|t| t.scale.max(1.0 / t.scale)),
        }
    }
}
