//! The search on one picture.

use super::{Options, Progress, Transformation};
use crate::attack::search::first_fooled;
use crate::attack::{AttackError, Prediction};
use crate::classifier::Classifier;
use crate::task::Task;

/// The first distance that is tried, in pixels, and by how much each is larger
/// than the one before.
const FIRST: f64 = 0.25;
const GROWTH: f64 = 1.5;

/// Below this, in pixels, nothing smaller is looked for: the picture lies on
/// the boundary.
const LEAST: f64 = 0.01;

/// How far neighbouring directions are, as a share of their length, at first
/// and at last.
const WIDE: f64 = 0.5;
const NARROW: f64 = 0.1;

/// One picture's search.
pub(super) struct Trials<'a> {
    pub classifier: &'a dyn Classifier,
    pub x: &'a [f32],
    pub label: usize,
    pub options: &'a Options,
    pub rounds: usize,
    pub progress: Progress,
}

type Direction = [f64; 4];

impl Trials<'_> {
    pub async fn search(
        &mut self,
        task: &mut Task<'_, Progress>,
    ) -> Result<Option<(Transformation, Prediction)>, AttackError> {
        let [_, height, width] = self.classifier.input_shape();
        let farthest = self.options.farthest * height.min(width) as f64;
        let star = star(&self.options.free());
        let mut fails = 0.0;
        let mut distance = FIRST.min(farthest);
        let (mut direction, mut answer) = loop {
            if let Some(found) = self.at(&star, distance, task).await? {
                break found;
            }
            if distance >= farthest {
                return Ok(None);
            }
            (fails, distance) = (distance, (GROWTH * distance).min(farthest));
        };

        let mut breadth = WIDE;
        loop {
            // As near as this direction fools.
            while distance - fails > self.options.precision * distance && distance > LEAST {
                let middle = f64::midpoint(fails, distance);
                match self.at(&[direction], middle, task).await? {
                    Some((_, found)) => (distance, answer) = (middle, found),
                    None => fails = middle,
                }
            }
            // Another direction that fools nearer still.
            let nearer = distance * (1.0 - self.options.precision);
            let mut found = None;
            while found.is_none() && breadth >= NARROW && nearer > LEAST {
                let around: Vec<Direction> = star
                    .iter()
                    .map(|step| unit(std::array::from_fn(|i| direction[i] + breadth * step[i])))
                    .collect();
                found = self.at(&around, nearer, task).await?;
                if found.is_none() {
                    breadth /= 2.0;
                }
            }
            let Some(found) = found else { break };
            (direction, answer) = found;
            // Nothing is known of this direction nearer by.
            (fails, distance) = (0.0, nearer);
        }
        let shape = self.classifier.input_shape();
        let transformation = Transformation::along(&direction, distance, shape);
        Ok(Some((transformation, answer)))
    }

    /// The first of some directions in which the transformation of this
    /// distance changes the label.
    async fn at(
        &mut self,
        directions: &[Direction],
        distance: f64,
        task: &mut Task<'_, Progress>,
    ) -> Result<Option<(Direction, Prediction)>, AttackError> {
        self.progress.distance = distance;
        task.checkpoint(self.progress).await?;
        self.rounds += 1;
        let shape = self.classifier.input_shape();
        let found = first_fooled(
            self.classifier,
            self.label,
            directions.len(),
            self.options.batch,
            |index| {
                let transformation = Transformation::along(&directions[index], distance, shape);
                transformation.apply(self.x, shape, self.options.beyond)
            },
            task,
        );
        let found = found.await?;
        let found = found.map(|(index, answer)| (directions[index], answer));
        if let Some((direction, _)) = &found {
            self.progress.best = Some(Transformation::along(direction, distance, shape));
        }
        Ok(found)
    }
}

/// Unit directions in the free coordinates: along each axis, and the diagonals
/// of all of them, both ways. With four free these are the corners of the
/// 24-cell, evenly spread.
fn star(free: &[usize]) -> Vec<Direction> {
    let mut directions = Vec::new();
    for &axis in free {
        for sign in [1.0, -1.0] {
            let mut direction = [0.0; 4];
            direction[axis] = sign;
            directions.push(direction);
        }
    }
    if free.len() > 1 {
        for signs in 0..1u32 << free.len() {
            let mut direction = [0.0; 4];
            for (bit, &axis) in free.iter().enumerate() {
                direction[axis] = if signs >> bit & 1 == 0 { 1.0 } else { -1.0 };
            }
            directions.push(unit(direction));
        }
    }
    directions
}

fn unit(direction: Direction) -> Direction {
    let length = direction
        .iter()
        .map(|value| value * value)
        .sum::<f64>()
        .sqrt();
    direction.map(|value| value / length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_star_is_of_unit_length_and_has_no_direction_twice() {
        for (free, count) in [(vec![2], 2), (vec![0, 1], 8), (vec![0, 1, 2, 3], 24)] {
            let star = star(&free);
            assert_eq!(star.len(), count);
            for (index, a) in star.iter().enumerate() {
                let length: f64 = a.iter().map(|value| value * value).sum();
                assert!((length - 1.0).abs() < 1e-12);
                assert!(!star[..index].contains(a));
            }
        }
    }

    proptest! {
        #[test]
        fn along_a_direction_every_distance_is_reached(
            values in prop::array::uniform4(-1f64..1.0),
            share in 0.001f64..0.35,
            height in 2usize..300, width in 2usize..300,
        ) {
            prop_assume!(values.iter().any(|value| value.abs() > 1e-3));
            let distance = share * height.min(width) as f64;
            let found = Transformation::along(&unit(values), distance, [3, height, width]);
            let reached = found.distance(height, width);
            prop_assert!((reached / distance - 1.0).abs() < 1e-6, "{reached} {distance}");
            prop_assert!(found.degrees.abs() < 180.0);
        }
    }
}
