//! The boundaries of other classes, of which one may be nearer than the first.

use super::direction::steepness;
use super::search::{End, Search};
use crate::attack::line::Goal;
use crate::attack::margin::{Slope, missed_by};
use crate::attack::{AttackError, Prediction};

/// Classes that are looked at, those with the largest logits: so many, or with a
/// large budget one for so many gradients that are left.
const CLASSES: usize = 9;
const GRADIENTS_A_CLASS: usize = 12;

/// Slopes at the picture that are taken of one forward pass.
const AT_A_TIME: usize = 9;

/// With so many gradients along the boundary of a class it is seen whether it
/// may be the nearest.
const LOOK: usize = 40;

/// As long as so many more are left, classes are tried that seem to be farther
/// than what was found: how far they seem is the first slope's word, and most
/// boundaries bend.
const SPARE: usize = 120;

impl Search<'_, '_> {
    /// With what is left, those classes whose boundaries seem to be nearest. Some
    /// of it stays for the best.
    pub(super) async fn try_other_classes(
        &mut self,
        clean: &Prediction,
    ) -> Result<(), AttackError> {
        let mut ends = Vec::new();
        for (distance, aim) in self.classes_by_distance(clean).await? {
            let left = self.left();
            let has_spare = left >= LOOK + SPARE;
            if !self.goes_on() || (distance >= self.size() && !has_spare) {
                break;
            }
            if let Some(start) = self.reach_boundary(aim).await? {
                let until = self.at.gradients + (self.left() / 3).min(LOOK);
                ends.extend(self.along_boundary(aim, &start, until, 1.0).await?);
            }
        }
        // A look is short: the second may yet be the first.
        let found = self.at.best.as_ref().map(|best| best.answer.label);
        let rivals = ends
            .into_iter()
            .filter(|end| Some(end.aim) != found.map(Goal::Class));
        let nearest = rivals.min_by(|a: &End, b| a.length.total_cmp(&b.length));
        if let Some(end) = nearest
            && self.left() >= SPARE / 2
        {
            let until = self.at.gradients + self.left() / 2;
            self.along_boundary(end.aim, &end.perturbation, until, 0.5)
                .await?;
        }
        Ok(())
    }

    /// Other classes, nearest first, with how far their boundaries are by the
    /// slopes at the picture.
    async fn classes_by_distance(
        &mut self,
        clean: &Prediction,
    ) -> Result<Vec<(f64, Goal)>, AttackError> {
        let Goal::Not(own) = self.goal else {
            return Ok(Vec::new());
        };
        let x = vec![0f32; self.x.len()];
        let found = self.at.best.as_ref().map(|best| best.answer.label);
        let left = self.left();
        let mut others = clean.top(CLASSES.max(left / GRADIENTS_A_CLASS) + 1);
        others.retain(|&class| class != own && found != Some(class));
        others.truncate(left / 2);
        let mut distances = Vec::with_capacity(others.len());
        for classes in others.chunks(AT_A_TIME) {
            if !self.goes_on() {
                return Ok(Vec::new());
            }
            let aims: Vec<Goal> = classes.iter().map(|&class| Goal::Class(class)).collect();
            for (slope, aim) in self.fan(&x, &aims).await?.into_iter().zip(aims) {
                let Slope { answer, gradient } = slope;
                let steepness = steepness(&gradient, self.options.norm);
                distances.push((missed_by(aim, &answer) / steepness, aim));
            }
        }
        distances.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        Ok(distances)
    }
}
