//! The subspace that given vectors span.

use super::SubspaceError;

/// A vector of which less than this share lies outside the span of those
/// before it is taken for a combination of them: single precision says no more.
const DEPENDENT: f64 = 1e-5;

/// An orthonormal basis, found by Gram and Schmidt's way in double precision.
///
/// The vectors may be shorter than the space: each then counts once in every
/// plane of it, as a grey mask does in each of a picture's colours.
#[derive(Debug, Clone)]
pub struct Spanned {
    basis: Vec<Vec<f32>>,
    planes: usize,
}

impl Spanned {
    pub(super) fn new(vectors: &[impl AsRef<[f32]>], planes: usize) -> Result<Self, SubspaceError> {
        let first = vectors.first().ok_or(SubspaceError::Nothing)?;
        let expected = first.as_ref().len();
        let mut basis: Vec<Vec<f32>> = Vec::new();
        for vector in vectors {
            let vector = vector.as_ref();
            if vector.len() != expected {
                return Err(SubspaceError::Size {
                    expected,
                    found: vector.len(),
                });
            }
            if vector.iter().any(|value| !value.is_finite()) {
                return Err(SubspaceError::NotFinite);
            }
            let mut rest: Vec<f64> = vector.iter().map(|&value| f64::from(value)).collect();
            let size = length(&rest);
            // Twice is enough: what rounding leaves of the basis in the rest
            // the first time, the second takes out.
            for _ in 0..2 {
                for known in &basis {
                    let amount = dot(&rest, known);
                    for (rest, &known) in rest.iter_mut().zip(known) {
                        *rest -= amount * f64::from(known);
                    }
                }
            }
            let left = length(&rest);
            if left > DEPENDENT * size {
                basis.push(rest.iter().map(|value| (value / left) as f32).collect());
            }
        }
        if basis.is_empty() {
            return Err(SubspaceError::Zero);
        }
        Ok(Self { basis, planes })
    }

    /// How many of the vectors were independent, times the planes.
    pub fn dimension(&self) -> usize {
        self.basis.len() * self.planes
    }

    pub(super) fn space(&self) -> usize {
        self.basis[0].len() * self.planes
    }

    /// P_S v, in place.
    pub(super) fn project(&self, v: &mut [f32]) {
        for plane in v.chunks_exact_mut(self.basis[0].len()) {
            let from: Vec<f64> = plane.iter().map(|&value| f64::from(value)).collect();
            plane.fill(0.0);
            for known in &self.basis {
                let amount = dot(&from, known) as f32;
                for (value, &known) in plane.iter_mut().zip(known) {
                    *value += amount * known;
                }
            }
        }
    }
}

fn dot(a: &[f64], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, &b)| a * f64::from(b)).sum()
}

fn length(v: &[f64]) -> f64 {
    v.iter().map(|value| value * value).sum::<f64>().sqrt()
}
