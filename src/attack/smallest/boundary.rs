//! Along a direction to the boundary.

use super::search::Search;
use crate::attack::AttackError;
use crate::attack::line::Goal;

/// The factors by which the first place is made longer or shorter while the
/// boundary lies on one side of all that were tried; each is the square of the
/// one before, up to a last.
const LONGER: [f64; 2] = [1.06, 2.0];
const SHORTER: [f64; 2] = [0.95, 0.5];

impl Search<'_, '_> {
    /// The multiple of a direction that ends just beyond the boundary, by false
    /// position (the Illinois rule: an end that stays counts half).
    pub(super) async fn meet(
        &mut self,
        u: &[f32],
        guess: f64,
        tolerance: f64,
        trials: usize,
        aim: Goal,
    ) -> Result<Option<f64>, AttackError> {
        // Multiples, and by how much the aim is missed there.
        let mut near: Option<(f64, f64)> = None;
        let mut far: Option<(f64, f64)> = None;
        let (mut longer, mut shorter) = (LONGER[0], SHORTER[0]);
        let mut place = guess;
        let mut last_was_far = None;
        for _ in 0..trials {
            let r = self.placed(u, place);
            let (missed, is_far) = self.tried(&r, aim).await?;
            if is_far {
                far = Some((place, missed.min(-f64::MIN_POSITIVE)));
            } else {
                near = Some((place, missed.max(f64::MIN_POSITIVE)));
            }
            if last_was_far == Some(is_far) {
                let other = if is_far { &mut near } else { &mut far };
                if let Some((_, missed)) = other {
                    *missed /= 2.0;
                }
            }
            last_was_far = Some(is_far);
            place = match (near, far) {
                (Some((low, above)), Some((high, below))) => {
                    if high - low <= tolerance * high {
                        break;
                    }
                    let crossing = low + (high - low) * above / (above - below);
                    // A little beyond, so that it may end there.
                    (crossing + 0.5 * tolerance * high).min(f64::midpoint(crossing, high))
                }
                (None, _) => {
                    let next = place * shorter;
                    shorter = (shorter * shorter).max(SHORTER[1]);
                    next
                }
                (_, None) => {
                    let next = place * longer;
                    longer = (longer * longer).min(LONGER[1]);
                    next
                }
            };
        }
        Ok(far.map(|(place, _)| place))
    }
}
