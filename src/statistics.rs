//! The one rule for figures of many pictures: what is not defined for a picture
//! is left out, and of nothing there is no figure. A mean of none is not 0, nor
//! is the share of none; JSON has null for it, and how many there were.

/// The mean of the values that are defined; none of none.
pub fn mean(values: impl IntoIterator<Item = impl Into<Option<f64>>>) -> Option<f64> {
    let defined = values.into_iter().filter_map(Into::into);
    let (count, sum) = defined.fold((0u32, 0.0), |(count, sum), value| (count + 1, sum + value));
    ratio(sum, f64::from(count))
}

/// The middle one of the values that are defined, the mean of the middle two of
/// an even count; none of none.
pub fn median(values: impl IntoIterator<Item = impl Into<Option<f64>>>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().filter_map(Into::into).collect();
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().checked_sub(1)?;
    Some(f64::midpoint(values[last / 2], values[last.div_ceil(2)]))
}

/// The standard deviation of a sample; none of fewer than two.
pub fn deviation(values: &[f64]) -> Option<f64> {
    let middle = mean(values.iter().copied())?;
    let squares: f64 = values.iter().map(|value| (value - middle).powi(2)).sum();
    Some(ratio(squares, values.len() as f64 - 1.0)?.sqrt())
}

/// `part / whole`; none where the whole has no size.
pub fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

/// How many of so many; none of none.
pub fn share(count: usize, of: usize) -> Option<f64> {
    ratio(count as f64, of as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_and_means() {
        assert_eq!(median([3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([4.0, 1.0, 2.0, 3.0]), Some(2.5));
        assert_eq!(median([7.0]), Some(7.0));
        assert_eq!(mean([1.0, 2.0, 6.0]), Some(3.0));
        // (1 + 0 + 1) / 2
        assert_eq!(deviation(&[1.0, 2.0, 3.0]), Some(1.0));
    }

    #[test]
    fn of_nothing_there_is_no_figure() {
        let none: [f64; 0] = [];
        assert_eq!((mean(none), median(none)), (None, None));
        assert_eq!(
            (mean([None::<f64>]), median([None::<f64>; 2])),
            (None, None)
        );
        assert_eq!((deviation(&[]), deviation(&[1.0])), (None, None));
        assert_eq!((share(0, 0), share(0, 5)), (None, Some(0.0)));
        assert_eq!((ratio(1.0, 0.0), ratio(0.0, 0.0)), (None, None));
        assert_eq!(ratio(1.0, f64::NAN), None);
    }

    #[test]
    fn what_is_undefined_counts_neither_as_zero_nor_at_all() {
        assert_eq!(mean([Some(1.0), None, Some(3.0)]), Some(2.0));
        assert_eq!(median([None, Some(5.0), None]), Some(5.0));
    }
}
