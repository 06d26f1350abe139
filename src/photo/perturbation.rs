//! What is added to a picture.

use super::{PhotoError, check, level, rgba};

/// `[C, H, W]` numbers in pixel units, so that 10 grey levels are 10/255, of
/// either sign.
#[derive(Debug, Clone, PartialEq)]
pub struct Perturbation {
    shape: [usize; 3],
    values: Vec<f32>,
}

/// The part of the entries that a drawing shows without clipping. DeepFool's
/// perturbations have a few entries far above the rest: by the largest alone,
/// the rest would be drawn grey.
const SHOWN: f64 = 0.995;

/// Beyond this, amplifying shows rounding errors.
const MAX_FACTOR: f32 = 1e6;

impl Perturbation {
    /// A perturbation from its numbers, `C·H·W` of them.
    ///
    /// # Errors
    /// When the count or C is wrong, or a number is not finite.
    pub fn new(shape: [usize; 3], values: Vec<f32>) -> Result<Self, PhotoError> {
        check(shape, &values)?;
        Ok(Self { shape, values })
    }

    pub fn shape(&self) -> [usize; 3] {
        self.shape
    }

    pub fn values(&self) -> &[f32] {
        &self.values
    }

    pub fn into_values(self) -> Vec<f32> {
        self.values
    }

    /// By how much a drawing at this strength should be amplified so that
    /// 99.5 % of the entries fit in the range and the largest of those nearly
    /// fill it. Below full strength it is the factor of full strength, so that a
    /// weaker perturbation is drawn fainter; 1 for a perturbation that is zero.
    /// It has two significant digits, or is whole, so that it can be said as it is.
    pub fn amplification(&self, strength: f32) -> f32 {
        let mut sizes: Vec<f32> = self.values.iter().map(|v| v.abs()).collect();
        let rank = ((sizes.len() - 1) as f64 * SHOWN).ceil() as usize;
        let (_, size, _) = sizes.select_nth_unstable_by(rank, f32::total_cmp);
        if *size == 0.0 {
            return 1.0;
        }
        let fits = (0.5 / (*size * strength.abs().max(1.0))).min(MAX_FACTOR);
        let digits = 10f32.powi(1 - fits.log10().floor() as i32).max(1.0);
        // What fits exactly must not lose a digit to the division.
        (fits * digits * (1.0 + 1e-6)).floor() / digits
    }

    /// Drawn around mid-grey, `v · factor + 0.5`, clipped and rounded, as
    /// opaque RGBA bytes. Whoever shows it says the factor.
    pub fn draw(&self, factor: f32) -> Vec<u8> {
        rgba(self.shape, &self.values, |v| level(v * factor + 0.5))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn perturbation(values: Vec<f32>) -> Perturbation {
        Perturbation::new([1, 1, values.len()], values).unwrap()
    }

    #[test]
    fn zero_is_drawn_mid_grey() {
        let v = perturbation(vec![0.0]);
        assert_eq!(v.amplification(1.0), 1.0);
        assert_eq!(v.draw(7.0), [128, 128, 128, 255]);
        let v = perturbation(vec![0.1]);
        assert_eq!(v.amplification(0.0), 5.0);
        assert_eq!(v.draw(0.0), [128, 128, 128, 255]);
    }

    #[test]
    fn ten_levels_are_amplified_twelve_times() {
        let v = perturbation(vec![10.0 / 255.0, -10.0 / 255.0]);
        assert_eq!(v.amplification(1.0), 12.0);
        // 120 levels on either side of mid-grey, which lies between two.
        let drawn = v.draw(12.0);
        assert!(
            drawn[0].abs_diff(248) <= 1 && drawn[4].abs_diff(7) <= 1,
            "{drawn:?}"
        );
    }

    #[test]
    fn the_factor_follows_a_strength_that_would_be_cut_off() {
        let v = perturbation(vec![10.0 / 255.0, -10.0 / 255.0]);
        let factors = [0.05, 0.5, 1.0, 1.5, 2.0].map(|strength| v.amplification(strength));
        assert_eq!(factors, [12.0, 12.0, 12.0, 8.5, 6.3]);
        assert_eq!(perturbation(vec![160.0 / 255.0]).amplification(1.0), 0.79);
        assert_eq!(perturbation(vec![0.5]).amplification(1.0), 1.0);
    }

    #[test]
    fn one_outlier_does_not_hide_the_rest() {
        let mut values = vec![0.01; 1000];
        values[500] = 5.0;
        assert_eq!(perturbation(values).amplification(1.0), 50.0);
    }

    proptest! {
        #[test]
        fn the_factor_fits_and_nearly_fills(
            values in prop::collection::vec(-2f32..2.0, 1..50),
            strength in 0f32..3.0,
        ) {
            let v = perturbation(values);
            let factor = v.amplification(strength);
            let most = strength.max(1.0);
            let shown = v.values().iter().filter(|x| x.abs() * most * factor <= 0.5 + 1e-4);
            prop_assert!(factor > 0.0);
            prop_assert!(shown.count() as f64 >= SHOWN * v.values().len() as f64);
            let larger = v.values().iter().any(|x| x.abs() * most * factor * 1.11 >= 0.5);
            prop_assert!(larger || factor >= 0.99 * MAX_FACTOR || v.values().iter().all(|x| *x == 0.0));
            prop_assert_eq!(v.draw(factor).len(), 4 * v.values().len());
        }
    }
}
