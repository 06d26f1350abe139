//! The smallest shift, turn and change of size that change the label.
//!
//! After Manitest (Fawzi and Frossard, BMVC 2015), which measures a
//! transformation by the length of the shortest path to it; that is expensive,
//! and we measure by what a person sees: how far the picture's points move,
//! `d(T)² = mean over pixels p of ‖T(p) − p‖²`, in pixels. For
//! `T(p) = s R(θ) (p − c) + c + t` about the picture's centre c this is
//! `‖t‖² + ρ² (s² + 1 − 2 s cos θ)` with ρ² the mean of ‖p − c‖²: for small
//! ones the Euclidean length of `(t, ρ θ, ρ ln s)`.
//!
//! The search is direct, without gradients: in those coordinates first along
//! the axes and the diagonals, at growing distances; then from the direction
//! that fooled first it moves to neighbouring ones, as long as one fools at a
//! smaller distance. So what it finds fools, and is an upper bound on the
//! smallest.

use serde::{Deserialize, Serialize};

use super::search::{TRIALS, clean, first_fooled};
use super::{AttackError, Outcome, Prediction};
use crate::classifier::Classifier;
use crate::classifier::architecture::Shape;
use crate::task::Task;

/// What comes into view from beyond the picture's edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Beyond {
    /// The nearest pixel of the edge.
    #[default]
    Edge,
    Black,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// Which of the three there may be; at least one.
    pub translation: bool,
    pub rotation: bool,
    pub scaling: bool,
    pub beyond: Beyond,
    /// How far to look, as a share of the picture's short side. Above 0, at
    /// most 0.35, where a change of size still moves points ever farther.
    pub farthest: f64,
    /// The distance is found to this share of itself. Above 0, below 1.
    pub precision: f64,
    /// Transformations tried at a time; changes the memory it takes, not the
    /// answer.
    pub batch: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            translation: true,
            rotation: true,
            scaling: true,
            beyond: Beyond::default(),
            farthest: 0.25,
            precision: 0.02,
            batch: TRIALS,
        }
    }
}

impl Options {
    fn check(&self) -> Result<(), AttackError> {
        let refused = |name, expected, found| {
            Err(AttackError::Option {
                name,
                expected,
                found,
            })
        };
        if !(self.translation || self.rotation || self.scaling) {
            return refused("the number of kinds of transformation", "at least 1", 0.0);
        }
        if !(self.farthest > 0.0 && self.farthest <= 0.35) {
            let expected = "above 0 and at most 0.35 of the short side";
            return refused("the farthest distance", expected, self.farthest);
        }
        if !(self.precision > 0.0 && self.precision < 1.0) {
            return refused("the precision", "above 0 and below 1", self.precision);
        }
        Ok(())
    }

    /// Of the coordinates (t_x, t_y, ρ θ, ρ ln s), which are free.
    fn free(&self) -> Vec<usize> {
        let allowed = [
            self.translation,
            self.translation,
            self.rotation,
            self.scaling,
        ];
        (0..4).filter(|&axis| allowed[axis]).collect()
    }
}

/// `T(p) = s R(θ) (p − c) + c + t`: where a picture's point p goes, with c the
/// centre. x runs to the right, y down.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transformation {
    /// t, in pixels.
    pub right: f64,
    pub down: f64,
    /// θ, in degrees, clockwise.
    pub degrees: f64,
    /// s
    pub scale: f64,
}

impl Default for Transformation {
    /// That changes nothing.
    fn default() -> Self {
        Self {
            right: 0.0,
            down: 0.0,
            degrees: 0.0,
            scale: 1.0,
        }
    }
}

/// ρ², the mean square of a pixel's distance from the centre.
fn spread(height: usize, width: usize) -> f64 {
    let squares = |length: usize| ((length * length) as f64 - 1.0) / 12.0;
    squares(height) + squares(width)
}

impl Transformation {
    /// d(T) on pictures of this size, in pixels: how far points move, as the
    /// root of the mean square.
    pub fn distance(&self, height: usize, width: usize) -> f64 {
        let s = self.scale;
        let moved = s * s + 1.0 - 2.0 * s * self.degrees.to_radians().cos();
        let shift = self.right.powi(2) + self.down.powi(2);
        (shift + spread(height, width) * moved.max(0.0)).sqrt()
    }

    /// From (t_x, t_y, ρ θ, ρ ln s).
    fn from_coordinates([right, down, turn, size]: [f64; 4], [_, height, width]: Shape) -> Self {
        // One pixel turns and grows to itself.
        let rho = spread(height, width).sqrt().max(f64::MIN_POSITIVE);
        Self {
            right,
            down,
            degrees: (turn / rho).to_degrees(),
            scale: (size / rho).exp(),
        }
    }

    /// The one of distance `distance` along a direction from nothing.
    fn along(direction: &[f64; 4], distance: f64, shape: Shape) -> Self {
        let at = |reach: f64| Self::from_coordinates(direction.map(|value| value * reach), shape);
        let falls_short = |reach| at(reach).distance(shape[1], shape[2]) < distance;
        // Along the coordinates the distance is nearly the length, and for a
        // transformation that is not small a little less or more.
        let (mut low, mut high) = (0.0, distance);
        while falls_short(high) && high < 16.0 * distance {
            (low, high) = (high, 1.25 * high);
        }
        for _ in 0..40 {
            let middle = f64::midpoint(low, high);
            if falls_short(middle) {
                low = middle;
            } else {
                high = middle;
            }
        }
        at(high)
    }

    /// A picture so transformed: each of its pixels from where it was, between
    /// four pixels by bilinear weights.
    pub fn apply(&self, x: &[f32], [_, height, width]: Shape, beyond: Beyond) -> Vec<f32> {
        let centre = [(width as f64 - 1.0) / 2.0, (height as f64 - 1.0) / 2.0];
        let (sin, cos) = self.degrees.to_radians().sin_cos();
        let mut to = vec![0.0; x.len()];
        let area = height * width;
        for row in 0..height {
            for column in 0..width {
                let right = column as f64 - centre[0] - self.right;
                let down = row as f64 - centre[1] - self.down;
                let from_x = (cos * right + sin * down) / self.scale + centre[0];
                let from_y = (cos * down - sin * right) / self.scale + centre[1];
                let across = Between::new(from_x, width, beyond);
                let along = Between::new(from_y, height, beyond);
                for (plane, to) in x.chunks_exact(area).zip(to.chunks_exact_mut(area)) {
                    let mut value = 0.0;
                    for (y, share) in along.0 {
                        let plane = &plane[y * width..];
                        let [(left, a), (right, b)] = across.0;
                        value += share * (a * plane[left] + b * plane[right]);
                    }
                    to[row * width + column] = value;
                }
            }
        }
        to
    }
}

/// Two pixels of a line and their shares in a value between them.
struct Between([(usize, f32); 2]);

impl Between {
    fn new(position: f64, length: usize, beyond: Beyond) -> Self {
        let last = length as f64 - 1.0;
        let clamped = match beyond {
            Beyond::Edge => position.clamp(0.0, last),
            // A pixel's breadth outside there is nothing any more.
            Beyond::Black => position.clamp(-1.0, last + 1.0),
        };
        let before = clamped.floor();
        let share = (clamped - before) as f32;
        let pixel = |index: f64, share: f32| {
            if (0.0..=last).contains(&index) {
                (index as usize, share)
            } else {
                (0, 0.0)
            }
        };
        Self([pixel(before, 1.0 - share), pixel(before + 1.0, share)])
    }
}

/// What was found for one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Moved {
    /// The perturbation is the transformed picture less the picture. It takes
    /// no gradient; iterations are rounds of trials.
    pub outcome: Outcome,
    /// None when no transformation within reach changes the label.
    pub transformation: Option<Transformation>,
    /// d(T), in pixels; 0 where there is none.
    pub distance: f64,
}

/// Where the search is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// Pictures done, of all.
    pub done: usize,
    pub pictures: usize,
    /// The distance that is being tried, in pixels.
    pub distance: f64,
    /// The smallest that is known to change the label.
    pub best: Option<Transformation>,
}

/// The smallest transformation that the search finds to change the label of
/// each of some pictures, planar `[C, H, W]` in pixel units.
///
/// # Errors
/// Bad options, a picture of another size or with a value that is no number, a
/// classifier of one class, or a wish to stop.
pub async fn transformation(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Moved>, AttackError> {
    options.check()?;
    let shape = classifier.input_shape();
    let answers = clean(classifier, pictures).await?;
    let mut found = Vec::with_capacity(pictures.len());
    for (picture, clean) in pictures.iter().zip(answers) {
        let x = picture.as_ref();
        let mut trials = Trials {
            classifier,
            x,
            label: clean.label,
            options,
            rounds: 0,
            progress: Progress {
                done: found.len(),
                pictures: pictures.len(),
                distance: 0.0,
                best: None,
            },
        };
        let best = trials.search(task).await?;
        let rounds = trials.rounds;
        let mut r = vec![0.0; x.len()];
        let (transformation, adversarial) = match best {
            Some((transformation, answer)) => {
                let moved = transformation.apply(x, shape, options.beyond);
                for ((r, moved), x) in r.iter_mut().zip(moved).zip(x) {
                    *r = moved - x;
                }
                (Some(transformation), answer)
            }
            None => (None, clean.clone()),
        };
        let outcome = Outcome::measure(classifier, x, r, clean, adversarial, rounds, 0);
        found.push(Moved {
            outcome: outcome.await?,
            distance: transformation.map_or(0.0, |t| t.distance(shape[1], shape[2])),
            transformation,
        });
    }
    Ok(found)
}

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
struct Trials<'a> {
    classifier: &'a dyn Classifier,
    x: &'a [f32],
    label: usize,
    options: &'a Options,
    rounds: usize,
    progress: Progress,
}

type Direction = [f64; 4];

impl Trials<'_> {
    async fn search(
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
    fn the_distance_is_the_mean_over_pixels() {
        let (height, width) = (7, 12);
        let t = Transformation {
            right: 1.5,
            down: -0.5,
            degrees: 20.0,
            scale: 1.2,
        };
        let (sin, cos) = t.degrees.to_radians().sin_cos();
        let mut squares = 0.0;
        for row in 0..height {
            for column in 0..width {
                let (x, y) = (f64::from(column) - 5.5, f64::from(row) - 3.0);
                let to_x = t.scale * (cos * x - sin * y) + t.right;
                let to_y = t.scale * (sin * x + cos * y) + t.down;
                squares += (to_x - x).powi(2) + (to_y - y).powi(2);
            }
        }
        let expected = (squares / 84.0).sqrt();
        assert!((t.distance(7, 12) - expected).abs() < 1e-9);
        assert_eq!(Transformation::default().distance(7, 12), 0.0);
    }

    #[test]
    fn nothing_changes_nothing_and_whole_shifts_are_exact() {
        let shape = [2, 3, 4];
        let x: Vec<f32> = (0..24u8).map(f32::from).collect();
        let same = Transformation::default();
        assert_eq!(same.apply(&x, shape, Beyond::Edge), x);
        let shift = Transformation {
            right: 1.0,
            down: -1.0,
            ..same
        };
        let edge = shift.apply(&x, shape, Beyond::Edge);
        assert_eq!(edge[..4], [4.0, 4.0, 5.0, 6.0]);
        assert_eq!(edge[8..12], [8.0, 8.0, 9.0, 10.0]);
        let black = shift.apply(&x, shape, Beyond::Black);
        assert_eq!(black[..4], [0.0, 4.0, 5.0, 6.0]);
        assert_eq!(black[8..12], [0.0; 4]);
        // Half a pixel lies between two.
        let half = Transformation { right: 0.5, ..same };
        assert_eq!(
            half.apply(&x, shape, Beyond::Black)[..4],
            [0.0, 0.5, 1.5, 2.5]
        );
    }

    #[test]
    fn a_quarter_turn_is_clockwise() {
        let x = [1.0, 2.0, 3.0, 4.0];
        let turn = Transformation {
            degrees: 90.0,
            ..Transformation::default()
        };
        let turned = turn.apply(&x, [1, 2, 2], Beyond::Edge);
        for (found, expected) in turned.iter().zip([3.0, 1.0, 4.0, 2.0]) {
            assert!((found - expected).abs() < 1e-5, "{turned:?}");
        }
    }

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
