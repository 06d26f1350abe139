//! A number with what chance may have done to it: the value over some pictures
//! and its 95 % bootstrap interval over pictures.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::statistics::{mean, median};

/// How often the pictures are drawn again.
const RESAMPLES: usize = 2000;

/// What lies outside of the interval, on each side.
const TAIL: f64 = 0.025;

/// A statistic of `count` pictures, and where 95 % of its values lie when as
/// many are drawn from them again, with replacement (the percentile bootstrap
/// of Efron, 1979).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// None where no picture is behind it, as the interval's ends are.
    pub value: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// Pictures behind it.
    pub count: usize,
}

impl Estimate {
    /// Of the mean.
    pub fn mean(values: &[f64], seed: u64) -> Self {
        Self::of(values, seed, |values| mean(values.iter().copied()))
    }

    /// Of the middle value.
    pub fn median(values: &[f64], seed: u64) -> Self {
        Self::of(values, seed, |values| median(values.iter().copied()))
    }

    /// Of the share of `yes` in `count`.
    ///
    /// Where all pictures are alike there is nothing that drawing again could
    /// vary; the open side of the interval is then the exact one: the share at
    /// which so one-sided a result has a chance of 2.5 %.
    pub fn share(yes: usize, count: usize, seed: u64) -> Self {
        let values: Vec<f64> = (0..count).map(|i| f64::from(i < yes)).collect();
        let mut estimate = Self::mean(&values, seed);
        if count > 0 {
            let chance = TAIL.powf(1.0 / count as f64);
            if yes == 0 {
                estimate.high = Some(1.0 - chance);
            } else if yes >= count {
                estimate.low = Some(chance);
            }
        }
        estimate
    }

    /// Of any statistic that some values have and none has not.
    fn of(values: &[f64], seed: u64, statistic: impl Fn(&[f64]) -> Option<f64>) -> Self {
        let count = values.len();
        if count == 0 {
            return Self {
                value: None,
                low: None,
                high: None,
                count,
            };
        }
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut drawn = vec![0.0; count];
        let mut statistics: Vec<f64> = (0..RESAMPLES)
            .filter_map(|_| {
                for value in &mut drawn {
                    *value = values[random.random_range(0..count)];
                }
                statistic(&drawn)
            })
            .collect();
        statistics.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| {
            let last = statistics.len().checked_sub(1)?;
            Some(statistics[(share * last as f64).round() as usize])
        };
        Self {
            value: statistic(values),
            low: at(TAIL),
            high: at(1.0 - TAIL),
            count,
        }
    }

    /// The same in other units.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self {
            value: self.value.map(|value| value * factor),
            low: self.low.map(|low| low * factor),
            high: self.high.map(|high| high * factor),
            count: self.count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The bootstrap of a mean must agree with the normal law where that holds:
    /// value ± 1.96 · σ/√n.
    #[test]
    fn the_interval_of_a_mean_is_that_of_the_normal_law() {
        let values: Vec<f64> = (0..400).map(|i| f64::from(i % 20)).collect();
        let middle = 9.5;
        let deviation = (399.0f64 / 12.0).sqrt();
        let half = 1.96 * deviation / 20.0;
        let found = Estimate::mean(&values, 3);
        assert_eq!((found.value, found.count), (Some(middle), 400));
        let [low, high] = [found.low, found.high].map(Option::unwrap);
        assert!((low - (middle - half)).abs() < 0.1 * half, "{found:?}");
        assert!((high - (middle + half)).abs() < 0.1 * half, "{found:?}");
    }

    #[test]
    fn the_interval_of_a_share_is_that_of_the_binomial_law() {
        let found = Estimate::share(60, 200, 1);
        let half = 1.96 * (0.3f64 * 0.7 / 200.0).sqrt();
        let [value, low, high] = [found.value, found.low, found.high].map(Option::unwrap);
        assert!((value - 0.3).abs() < 1e-12);
        assert!((low - (0.3 - half)).abs() < 0.01, "{found:?}");
        assert!((high - (0.3 + half)).abs() < 0.01, "{found:?}");
    }

    /// No interval of width zero: none of 100 still allows for 3.6 %
    /// (Clopper and Pearson, 1934).
    #[test]
    fn none_and_all_leave_a_doubt() {
        let none = Estimate::share(0, 100, 0);
        assert_eq!((none.value, none.low), (Some(0.0), Some(0.0)));
        assert!((none.high.unwrap() - 0.0362).abs() < 1e-4);
        let all = Estimate::share(100, 100, 0);
        assert_eq!((all.value, all.high), (Some(1.0), Some(1.0)));
        assert!((all.low.unwrap() - 0.9638).abs() < 1e-4);
    }

    #[test]
    fn of_nothing_nothing_is_said() {
        for found in [Estimate::share(0, 0, 0), Estimate::median(&[], 0)] {
            assert_eq!((found.value, found.low, found.high), (None, None, None));
            assert_eq!(found.scaled(2.0), found);
            let json = serde_json::to_string(&found).unwrap();
            let expected = r#"{"value":null,"low":null,"high":null,"count":0}"#;
            assert_eq!(json, expected);
        }
    }

    #[test]
    fn one_picture_is_its_own_interval() {
        let one = Estimate::mean(&[0.3], 5);
        assert_eq!(
            (one.value, one.low, one.high),
            (Some(0.3), Some(0.3), Some(0.3))
        );
        // As a share it leaves the doubt of one toss.
        assert_eq!(Estimate::share(1, 1, 5).low, Some(0.025));
    }

    proptest! {
        #[test]
        fn intervals_hold_their_value(values in prop::collection::vec(-1e3..1e3, 1..40), seed: u64) {
            for found in [Estimate::mean(&values, seed), Estimate::median(&values, seed)] {
                let [low, value, high] = [found.low, found.value, found.high].map(Option::unwrap);
                prop_assert!(low <= value + 1e-9 && value <= high + 1e-9);
            }
            prop_assert_eq!(Estimate::mean(&values, seed), Estimate::mean(&values, seed));
        }
    }
}
