//! How flat the boundaries are near adversarial points (Fawzi,
//! Moosavi-Dezfooli and Frossard, NIPS 2016, section 4: random noise follows
//! √(d/m) where the curvature times ‖r‖ is small).

use serde::Serialize;

use super::Estimate;
use crate::geometry::curvature::Curvature;

/// |κ|‖r‖ at one distance from the boundary point, over some pictures. It has
/// no unit: 1 would be a sphere whose radius is the perturbation's length.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Flatness {
    /// The distance to either side, in multiples of ‖r‖₂.
    pub scale: f64,
    /// Over the pictures whose boundary was met at that distance.
    pub mean: Estimate,
    pub median: Estimate,
}

impl Flatness {
    /// One for each scale, in the order in which they come first. `seed` is
    /// that of the intervals.
    pub fn of(curvatures: &[Curvature], seed: u64) -> Vec<Self> {
        let all = || curvatures.iter().flat_map(|it| &it.at_scales);
        let mut scales: Vec<f64> = Vec::new();
        for at in all() {
            if !scales.contains(&at.scale) {
                scales.push(at.scale);
            }
        }
        let of = |scale: f64| {
            let bends = all().filter(|at| at.scale == scale);
            let bends = bends.filter_map(|at| at.relative);
            let bends: Vec<f64> = bends.map(f64::abs).collect();
            Self {
                scale,
                mean: Estimate::mean(&bends, seed),
                median: Estimate::median(&bends, seed),
            }
        };
        scales.into_iter().map(of).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::curvature::AtScale;

    fn curvature(relatives: [Option<f64>; 2]) -> Curvature {
        let at = |(scale, relative)| AtScale {
            scale,
            points: [None, None],
            curvature: relative,
            relative,
        };
        Curvature {
            clean_label: 0,
            adversarial_label: 1,
            length: 1.0,
            crossing: 1.0,
            at_scales: [0.5, 2.0].into_iter().zip(relatives).map(at).collect(),
        }
    }

    #[test]
    fn a_bend_to_either_side_counts_and_what_was_not_met_does_not() {
        let all = [
            curvature([Some(0.1), None]),
            curvature([Some(-0.3), Some(0.5)]),
            curvature([Some(0.2), None]),
        ];
        let found = Flatness::of(&all, 0);
        assert_eq!((found[0].scale, found[1].scale), (0.5, 2.0));
        assert!((found[0].mean.value.unwrap() - 0.2).abs() < 1e-12);
        assert_eq!((found[0].mean.count, found[1].mean.count), (3, 1));
        assert_eq!(found[1].median.value, Some(0.5));
        assert!(Flatness::of(&[], 0).is_empty());
    }
}
