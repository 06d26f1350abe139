//! What is reported of a classifier and of an attack on it: numbers over many
//! pictures, as they stand in `www/results`.

mod accuracy;
mod attacks;
mod flatness;
mod interval;
mod normals;
mod occlusion;
mod robustness;
pub mod semi_random;
mod transfer;
mod transformation;

pub use accuracy::Accuracy;
pub use attacks::{Needed, Row, centred_size};
pub use flatness::Flatness;
pub use interval::Estimate;
pub use normals::Normals;
pub use occlusion::OcclusionRobustness;
pub use robustness::Robustness;
pub use transfer::{Network, Tally, TransferError};
pub use transformation::TransformationRobustness;

/// The middle one of some numbers, the mean of the middle two of an even
/// count; 0 of none.
fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_unstable_by(f64::total_cmp);
    let Some(last) = values.len().checked_sub(1) else {
        return 0.0;
    };
    f64::midpoint(values[last / 2], values[last.div_ceil(2)])
}

/// The mean; 0 of none.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (count, sum) = values.fold((0u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    if count == 0 {
        0.0
    } else {
        sum / f64::from(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_means() {
        assert_eq!(median([3.0, 1.0, 2.0].into_iter()), 2.0);
        assert_eq!(median([4.0, 1.0, 2.0, 3.0].into_iter()), 2.5);
        assert_eq!(median([7.0].into_iter()), 7.0);
        assert_eq!(median(std::iter::empty()), 0.0);
        assert_eq!(mean([1.0, 2.0, 6.0].into_iter()), 3.0);
        assert_eq!(mean(std::iter::empty()), 0.0);
    }
}
