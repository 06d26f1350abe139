//! Why it works: what the boundaries between the classes look like near
//! pictures, and what they have in common.
//!
//! [`section`] cuts the decision regions with a plane, [`Refinement`] does so
//! coarse to fine, [`curvature`] says how
//! far the boundary there is from a straight line, [`normals`] compares its
//! directions at many pictures, and [`label_graph`] says where a universal
//! perturbation sends the classes.

pub mod curvature;
pub mod drawing;
pub mod label_graph;
pub mod normals;
mod plane;
mod refinement;
pub mod section;
pub mod spectrum;

use thiserror::Error;

pub use crate::attack::random_direction;
pub use plane::Plane;
pub use refinement::Refinement;

use crate::attack::AttackError;
use crate::task::{ReadError, Stopped};

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum GeometryError {
    #[error(transparent)]
    Attack(#[from] AttackError),
    #[error("{what} has {found} values, but {expected} are needed")]
    Size {
        what: &'static str,
        expected: usize,
        found: usize,
    },
    #[error("{0} holds a value that is not a number")]
    NotFinite(&'static str),
    #[error("{0} is zero, and so has no direction")]
    Zero(&'static str),
    #[error("the two directions of a section are parallel, so that they span no plane")]
    Parallel,
    #[error("the perturbation does not change the label, so that it does not point at a boundary")]
    NotFooled,
    #[error("there are no pictures to measure")]
    NoPictures,
    #[error("class {class} has no name: there are {names} names")]
    ClassWithoutName { class: usize, names: usize },
    #[error("{name} must be {expected}, not {found}")]
    Option {
        name: &'static str,
        expected: &'static str,
        found: f64,
    },
}

impl From<ReadError> for GeometryError {
    fn from(error: ReadError) -> Self {
        Self::Attack(error.into())
    }
}

impl From<Stopped> for GeometryError {
    fn from(error: Stopped) -> Self {
        Self::Attack(error.into())
    }
}

/// `⟨a, b⟩` in double precision.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    // Several sums side by side: one alone would wait for itself.
    let mut sums = [0f64; 8];
    let (a, a_rest) = a.as_chunks::<8>();
    let (b, b_rest) = b.as_chunks::<8>();
    for (a, b) in a.iter().zip(b) {
        for (sum, (a, b)) in sums.iter_mut().zip(a.iter().zip(b)) {
            *sum += f64::from(*a) * f64::from(*b);
        }
    }
    let rest = a_rest.iter().zip(b_rest);
    sums.iter().sum::<f64>()
        + rest
            .map(|(a, b)| f64::from(*a) * f64::from(*b))
            .sum::<f64>()
}

/// v / ‖v‖₂, and ‖v‖₂.
///
/// # Errors
/// When it is zero or not finite; `what` names it.
fn unit(v: &[f32], what: &'static str) -> Result<(Vec<f32>, f64), GeometryError> {
    if v.iter().any(|value| !value.is_finite()) {
        return Err(GeometryError::NotFinite(what));
    }
    let length = dot(v, v).sqrt();
    if length == 0.0 {
        return Err(GeometryError::Zero(what));
    }
    let scaled = v.iter().map(|&value| (f64::from(value) / length) as f32);
    Ok((scaled.collect(), length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inner_products_take_every_entry() {
        for count in [0usize, 1, 7, 8, 9, 31] {
            let a: Vec<f32> = (0..count).map(|i| i as f32).collect();
            let expected: usize = (0..count).map(|i| i * i).sum();
            assert_eq!(dot(&a, &a), expected as f64);
        }
    }

    #[test]
    fn what_has_no_direction_is_named() {
        assert_eq!(unit(&[0.0; 3], "it"), Err(GeometryError::Zero("it")));
        let nan = unit(&[f32::NAN], "it").unwrap_err();
        assert_eq!(nan, GeometryError::NotFinite("it"));
        let (v, length) = unit(&[3.0, -4.0], "it").unwrap();
        assert_eq!((v, length), (vec![0.6, -0.8], 5.0));
    }
}
