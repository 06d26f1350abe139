//! Where hidden words lie.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use crate::attack::AttackError;
use crate::classifier::architecture::Shape;

/// How words are scattered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Layout {
    /// The letters' sizes (the em) are drawn between these shares of the
    /// picture's height.
    pub smallest: f64,
    pub largest: f64,
    /// Angles are drawn up to so many degrees either way.
    pub tilt: f64,
    pub seed: u64,
}

impl Default for Layout {
    fn default() -> Self {
        Self {
            smallest: 0.08,
            largest: 0.2,
            tilt: 45.0,
            seed: 0,
        }
    }
}

/// One word's place.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    /// Which of the words it is.
    pub word: usize,
    /// Its middle, in pixels from the left upper corner; inside the picture.
    pub x: f64,
    pub y: f64,
    /// The em, in pixels.
    pub size: f64,
    /// Clockwise.
    pub degrees: f64,
}

impl Layout {
    /// So many places, for `words` words in turn. The first ones of a longer
    /// list are those of a shorter.
    ///
    /// # Errors
    /// When the sizes are not in order within 0.01 to 2, or the tilt is not
    /// within 0 to 180.
    pub fn places(
        &self,
        [_, height, width]: Shape,
        words: usize,
        count: usize,
    ) -> Result<Vec<Placement>, AttackError> {
        self.check()?;
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        let place = |index: usize| Placement {
            word: index % words.max(1),
            x: rng.random_range(0.0..width as f64),
            y: rng.random_range(0.0..height as f64),
            size: rng.random_range(self.smallest..=self.largest) * height as f64,
            degrees: rng.random_range(-self.tilt..=self.tilt),
        };
        Ok((0..count).map(place).collect())
    }

    fn check(&self) -> Result<(), AttackError> {
        let refused = |name, expected, found| {
            Err(AttackError::Option {
                name,
                expected,
                found,
            })
        };
        if !(0.01..=2.0).contains(&self.smallest) {
            return refused("the smallest size", "between 0.01 and 2", self.smallest);
        }
        if !(self.smallest..=2.0).contains(&self.largest) {
            let expected = "between the smallest size and 2";
            return refused("the largest size", expected, self.largest);
        }
        if !(0.0..=180.0).contains(&self.tilt) {
            return refused("the tilt", "between 0 and 180 degrees", self.tilt);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_lie_in_the_picture_and_do_not_depend_on_how_many_follow(
            seed: u64, width in 1usize..300, height in 1usize..300, count in 0usize..40,
        ) {
            let layout = Layout { seed, ..Layout::default() };
            let places = layout.places([3, height, width], 2, count).unwrap();
            let more = layout.places([3, height, width], 2, 40).unwrap();
            prop_assert_eq!(&more[..count], &places[..]);
            for (index, place) in places.iter().enumerate() {
                prop_assert_eq!(place.word, index % 2);
                prop_assert!((0.0..width as f64).contains(&place.x));
                prop_assert!((0.0..height as f64).contains(&place.y));
                let share = place.size / height as f64;
                prop_assert!((0.0799..=0.2001).contains(&share));
                prop_assert!(place.degrees.abs() <= 45.0);
            }
        }
    }

    #[test]
    fn sizes_and_tilts_out_of_range_are_errors() {
        for layout in [
            Layout {
                smallest: 0.0,
                ..Layout::default()
            },
            Layout {
                largest: 0.05,
                ..Layout::default()
            },
            Layout {
                tilt: f64::NAN,
                ..Layout::default()
            },
        ] {
            let refused = layout.places([3, 9, 9], 1, 1);
            assert!(matches!(refused, Err(AttackError::Option { .. })));
        }
    }
}
