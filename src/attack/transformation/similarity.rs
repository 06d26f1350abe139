//! Similarity transformations of the plane: a shift, a turn and a change of size.

use serde::{Deserialize, Serialize};

use crate::classifier::architecture::Shape;

/// What comes into view from beyond the picture's edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Beyond {
    /// The nearest pixel of the edge.
    #[default]
    Edge,
    Black,
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
    pub(super) fn along(direction: &[f64; 4], distance: f64, shape: Shape) -> Self {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
