//! How much several universal perturbations have in common. The paper made
//! some with the pictures in different orders: they fool alike, and their
//! normalised inner products never exceeded 0.1, so there are many directions.

use serde::Serialize;

use crate::attack::Norm;
use crate::statistics::{mean, ratio};

/// Normalised inner products of perturbations, each with each.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diversity {
    /// ⟨v_i, v_j⟩ / (‖v_i‖₂ ‖v_j‖₂), row by row; 1 on the diagonal, none with a
    /// perturbation that is zero, and so has no direction.
    pub products: Vec<Vec<Option<f64>>>,
    /// The mean and the largest of their absolute values over pairs of
    /// different perturbations; none where there are no two with a direction.
    pub mean: Option<f64>,
    pub largest: Option<f64>,
}

impl Diversity {
    /// Of perturbations of one size.
    ///
    /// # Panics
    /// When their sizes differ.
    pub fn of(perturbations: &[impl AsRef<[f32]>]) -> Self {
        let values: Vec<&[f32]> = perturbations.iter().map(AsRef::as_ref).collect();
        let products: Vec<Vec<Option<f64>>> = values
            .iter()
            .map(|a| values.iter().map(|b| cosine(a, b)).collect())
            .collect();
        let pairs = products.iter().enumerate().flat_map(|(row, products)| {
            products[..row]
                .iter()
                .flatten()
                .map(|product| product.abs())
        });
        let pairs: Vec<f64> = pairs.collect();
        Self {
            products,
            largest: pairs.iter().copied().reduce(f64::max),
            mean: mean(pairs),
        }
    }
}

/// The mean absolute normalised inner product of two independent random vectors
/// of so many dimensions, whose directions are all equally likely:
/// Γ(d/2) / (√π Γ((d + 1)/2)), about √(2 / (π d)). None have 0 dimensions.
pub fn mean_of_random(dimensions: usize) -> f64 {
    // q(d) = Γ(d/2) / Γ((d + 1)/2) has q(d) q(d + 1) = 2/d, and q(1) = √π.
    let first = std::f64::consts::PI.sqrt();
    let q = (1..dimensions).fold(first, |q, d| 2.0 / (d as f64 * q));
    q / first
}

fn cosine(a: &[f32], b: &[f32]) -> Option<f64> {
    assert_eq!(a.len(), b.len(), "perturbations of different sizes");
    let product: f64 = a
        .iter()
        .zip(b)
        .map(|(a, b)| f64::from(*a) * f64::from(*b))
        .sum();
    ratio(product, Norm::L2.of(a) * Norm::L2.of(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_of_known_vectors() {
        let found = Diversity::of(&[[1.0f32, 0.0], [-2.0, 0.0], [3.0, 3.0], [0.0, 0.0]]);
        let half = 0.5f64.sqrt();
        let expected = [[1.0, -1.0, half], [-1.0, 1.0, -half], [half, -half, 1.0]];
        for (found, expected) in found.products.iter().zip(expected) {
            for (found, expected) in found.iter().zip(expected) {
                assert!((found.unwrap() - expected).abs() < 1e-12);
            }
            assert_eq!(found[3], None);
        }
        assert_eq!(found.products[3], [None; 4]);
        // The pairs with what has no direction have no part in it.
        assert!((found.mean.unwrap() - (1.0 + 2.0 * half) / 3.0).abs() < 1e-12);
        assert!((found.largest.unwrap() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn random_vectors_of_more_dimensions_have_less_in_common() {
        // On a line they agree or oppose; in the plane the mean of |cos| is 2/π; in
        // space the cosine is uniform.
        let known = [1.0, 2.0 / std::f64::consts::PI, 0.5];
        for (d, expected) in (1..).zip(known) {
            assert!((mean_of_random(d) - expected).abs() < 1e-12, "{d}");
        }
        let many = 150_528;
        let about = (2.0 / (std::f64::consts::PI * many as f64)).sqrt();
        assert!((mean_of_random(many) / about - 1.0).abs() < 1e-5);

        // And so have those that are drawn.
        let d = 400;
        let drawn: Vec<Vec<f32>> = (0..40)
            .map(|seed| crate::geometry::random_direction(d, seed))
            .collect();
        let found = Diversity::of(&drawn).mean.unwrap();
        assert!((found / mean_of_random(d) - 1.0).abs() < 0.1, "{found}");
    }

    #[test]
    fn without_two_directions_there_is_nothing_to_compare() {
        let none: [[f32; 2]; 0] = [];
        for found in [
            Diversity::of(&none),
            Diversity::of(&[[1.0f32, 0.0]]),
            Diversity::of(&[[1.0f32, 0.0], [0.0, 0.0]]),
        ] {
            assert_eq!((found.mean, found.largest), (None, None));
        }
    }
}
