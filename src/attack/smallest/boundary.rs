//! Along a direction to the boundary.

use super::search::Search;
use crate::attack::AttackError;
use crate::attack::false_position::{FalsePosition, Reach};
use crate::attack::line::Goal;

const REACH: Reach = Reach {
    longer: [1.06, 2.0],
    shorter: [0.95, 0.5],
};

impl Search<'_, '_> {
    /// The multiple of a direction that ends just beyond the boundary.
    pub(super) async fn meet(
        &mut self,
        u: &[f32],
        guess: f64,
        tolerance: f64,
        trials: usize,
        aim: Goal,
    ) -> Result<Option<f64>, AttackError> {
        let mut ray = FalsePosition::new(guess, tolerance, REACH);
        for _ in 0..trials {
            let r = self.placed(u, ray.place());
            let (missed, is_met) = self.tried(&r, aim).await?;
            if !ray.note(missed, is_met) {
                break;
            }
        }
        Ok(ray.beyond())
    }
}
