//! How curved a boundary is near an adversarial point (Fawzi, Moosavi-Dezfooli
//! and Frossard, NIPS 2016, section 4: the smaller the curvature times ‖r‖, the
//! closer random noise follows √(d/m)).
//!
//! In a plane through the picture, the boundary of the clean class y and the
//! class k that the perturbation leads to, `f_y = f_k`, is a curve. Where it
//! crosses r is found by bisection, and where it crosses the two parallels to r
//! at a distance t to either side. The curvature is that of the circle through
//! the three points,
//! `κ = 4 · area / (product of the three sides) = 1/R`,
//! exact for a circle and for a straight line whatever t is. A network of
//! rectified units is piecewise linear, so only a curvature at a stated scale
//! says anything, and t is that scale.

use serde::{Deserialize, Serialize};

use super::plane::Cut;
use super::section::check_batch;
use super::{GeometryError, Plane};
use crate::classifier::Classifier;
use crate::task::Task;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// The distances t, in multiples of ‖r‖₂, each positive.
    pub scales: Vec<f64>,
    /// How far along r the boundary is looked for on the parallels, to either
    /// side of where it crosses r, in multiples of ‖r‖₂.
    pub reach: f64,
    /// Halvings of the interval that holds a crossing. Single precision has
    /// nothing to say beyond some twenty.
    pub halvings: usize,
    /// Points that go through the classifier at a time.
    pub batch: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            scales: vec![0.25, 0.5, 1.0, 2.0],
            reach: 4.0,
            halvings: 20,
            batch: 16,
        }
    }
}

impl Options {
    /// # Errors
    /// The first setting that is out of its range.
    pub fn check(&self) -> Result<(), GeometryError> {
        let positive = |name, found: f64| {
            if found > 0.0 && found.is_finite() {
                return Ok(());
            }
            Err(GeometryError::Option {
                name,
                expected: "positive",
                found,
            })
        };
        for &scale in &self.scales {
            positive("the scale of a curvature", scale)?;
        }
        positive("the reach along the perturbation", self.reach)?;
        positive("the number of halvings", self.halvings as f64)?;
        check_batch(self.batch)
    }
}

/// The boundary's curve in a plane, and its curvature where it crosses r.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Curvature {
    /// y = k(x) and k = k(x + r).
    pub clean_label: usize,
    pub adversarial_label: usize,
    /// ‖r‖₂ in pixel units.
    pub length: f64,
    /// Where along r the boundary is crossed, in pixel units, at most ‖r‖₂.
    pub crossing: f64,
    pub at_scales: Vec<AtScale>,
}

/// The curvature by the points at a distance t to either side.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AtScale {
    /// t in multiples of ‖r‖₂.
    pub scale: f64,
    /// The points (a, b) of the boundary at b = −t and b = t, in pixel units
    /// along r and across; none where it is not met within the reach.
    pub points: [Option<[f64; 2]>; 2],
    /// κ, of 1 / (pixel unit): positive where the boundary bends towards the
    /// clean class, as a sphere does around a picture inside it.
    pub curvature: Option<f64>,
    /// κ‖r‖₂, which has no unit: how far the boundary is from flat for a
    /// perturbation of this length.
    pub relative: Option<f64>,
}

/// The curvature of the boundary between the clean class of a planar picture x
/// and the class of x + r, along the plane whose first direction is that of r.
/// It is the curvature of the plane's curve; the boundary's own normal
/// curvature is this times the cosine of the angle between the plane and the
/// boundary's normal, which is 1 where r is the shortest perturbation.
///
/// # Errors
/// Bad options, sizes that do not fit, a perturbation that does not change the
/// label, or a wish to stop.
pub async fn curvature(
    classifier: &dyn Classifier,
    x: &[f32],
    plane: &Plane,
    options: &Options,
    task: &mut Task<'_, ()>,
) -> Result<Curvature, GeometryError> {
    options.check()?;
    let cut = Cut::new(classifier, x, plane)?;
    let length = plane.length();
    let ends = cut.answers(&[[0.0, 0.0], [length, 0.0]]).await?;
    let boundary = Boundary {
        cut: &cut,
        classes: [ends[0].label, ends[1].label],
        batch: options.batch,
    };
    if boundary.classes[0] == boundary.classes[1] {
        return Err(GeometryError::NotFooled);
    }

    let along_r = Ray {
        across: 0.0,
        inside: 0.0,
        outside: length,
    };
    let crossing = boundary.bisect(&[along_r], options.halvings, task).await?[0];
    let across: Vec<f64> = options
        .scales
        .iter()
        .flat_map(|scale| [-scale * length, scale * length])
        .collect();
    let rays = boundary
        .bracket(&across, crossing, length, options, task)
        .await?;
    let found: Vec<Ray> = rays.iter().flatten().copied().collect();
    let mut crossings = boundary
        .bisect(&found, options.halvings, task)
        .await?
        .into_iter();
    let points: Vec<Option<[f64; 2]>> = rays
        .iter()
        .map(|ray| ray.map(|ray| [crossings.next().expect("one a ray"), ray.across]))
        .collect();
    let at_scale = |(&scale, pair): (&f64, &[Option<[f64; 2]>; 2])| {
        let curvature = match pair {
            [Some(before), Some(after)] => Some(through(*before, [crossing, 0.0], *after)),
            _ => None,
        };
        AtScale {
            scale,
            points: *pair,
            curvature,
            relative: curvature.map(|curvature| curvature * length),
        }
    };
    let (pairs, _) = points.as_chunks::<2>();
    Ok(Curvature {
        clean_label: boundary.classes[0],
        adversarial_label: boundary.classes[1],
        length,
        crossing,
        at_scales: options.scales.iter().zip(pairs).map(at_scale).collect(),
    })
}

/// A part of a parallel to r, from the clean class's side of the boundary to
/// the other.
#[derive(Debug, Clone, Copy)]
struct Ray {
    across: f64,
    inside: f64,
    outside: f64,
}

/// `f_y = f_k` in a plane.
struct Boundary<'a> {
    cut: &'a Cut<'a>,
    classes: [usize; 2],
    batch: usize,
}

impl Boundary<'_> {
    /// Whether `f_y > f_k` at some points.
    async fn is_inside(
        &self,
        points: &[[f64; 2]],
        task: &Task<'_, ()>,
    ) -> Result<Vec<bool>, GeometryError> {
        let [own, other] = self.classes;
        let mut inside = Vec::with_capacity(points.len());
        for tile in points.chunks(self.batch) {
            let answers = self.cut.answers(tile).await?;
            inside.extend(
                answers
                    .iter()
                    .map(|answer| answer.logits[own] > answer.logits[other]),
            );
            task.pause().await?;
        }
        Ok(inside)
    }

    /// For each distance across, a part of the parallel around `middle` with
    /// the two sides at its ends, the shortest of those that grow by doubling;
    /// none within the reach where there is none.
    async fn bracket(
        &self,
        across: &[f64],
        middle: f64,
        length: f64,
        options: &Options,
        task: &Task<'_, ()>,
    ) -> Result<Vec<Option<Ray>>, GeometryError> {
        let mut rays = vec![None; across.len()];
        let reach = options.reach * length;
        let mut half = reach / 64.0;
        loop {
            let open: Vec<usize> = (0..across.len()).filter(|&i| rays[i].is_none()).collect();
            let ends = |&i: &usize| [[middle - half, across[i]], [middle + half, across[i]]];
            let points: Vec<[f64; 2]> = open.iter().flat_map(ends).collect();
            let sides = self.is_inside(&points, task).await?;
            for (&i, sides) in open.iter().zip(sides.as_chunks::<2>().0) {
                if *sides == [true, false] {
                    rays[i] = Some(Ray {
                        across: across[i],
                        inside: middle - half,
                        outside: middle + half,
                    });
                }
            }
            if half >= reach || rays.iter().all(Option::is_some) {
                return Ok(rays);
            }
            half = (2.0 * half).min(reach);
        }
    }

    /// Where each ray crosses, in pixel units along r.
    async fn bisect(
        &self,
        rays: &[Ray],
        halvings: usize,
        task: &Task<'_, ()>,
    ) -> Result<Vec<f64>, GeometryError> {
        let mut rays = rays.to_vec();
        let middle = |ray: &Ray| f64::midpoint(ray.inside, ray.outside);
        for _ in 0..halvings {
            let points: Vec<[f64; 2]> = rays.iter().map(|ray| [middle(ray), ray.across]).collect();
            let inside = self.is_inside(&points, task).await?;
            for ((ray, point), inside) in rays.iter_mut().zip(points).zip(inside) {
                if inside {
                    ray.inside = point[0];
                } else {
                    ray.outside = point[0];
                }
            }
        }
        Ok(rays.iter().map(middle).collect())
    }
}

/// The curvature of the circle through three points (a, b), p before q before s
/// in b: positive where q lies on the side of larger a.
fn through(p: [f64; 2], q: [f64; 2], s: [f64; 2]) -> f64 {
    let sub = |v: [f64; 2], w: [f64; 2]| [v[0] - w[0], v[1] - w[1]];
    let (before, after, chord) = (sub(q, p), sub(s, q), sub(s, p));
    // Twice the triangle's area.
    let doubled = before[0] * after[1] - before[1] * after[0];
    let length = |v: [f64; 2]| v[0].hypot(v[1]);
    2.0 * doubled / (length(before) * length(after) * length(chord))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_points_of_a_circle_give_its_curvature() {
        let on = |radius: f64, angle: f64| [radius * angle.cos(), radius * angle.sin()];
        let found = through(on(2.0, -0.3), on(2.0, 0.1), on(2.0, 0.9));
        assert!((found - 0.5).abs() < 1e-12, "{found}");
        // Seen from the other side it is hollow.
        let hollow = |angle| [-on(2.0, angle)[0], on(2.0, angle)[1]];
        let found = through(hollow(-0.3), hollow(0.1), hollow(0.9));
        assert!((found + 0.5).abs() < 1e-12, "{found}");
        assert_eq!(through([1.0, -1.0], [2.0, 0.0], [3.0, 1.0]), 0.0);
    }
}
