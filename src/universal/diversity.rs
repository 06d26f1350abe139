//! How much several universal perturbations have in common. The paper made
//! some with the pictures in different orders: they fool alike, and their
//! normalised inner products never exceeded 0.1, so there are many directions.

use serde::Serialize;

use crate::attack::Norm;

/// Normalised inner products of perturbations, each with each.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diversity {
    /// ⟨v_i, v_j⟩ / (‖v_i‖₂ ‖v_j‖₂), row by row; 1 on the diagonal, 0 with a
    /// perturbation that is zero.
    pub products: Vec<Vec<f64>>,
    /// The mean and the largest of their absolute values over pairs of
    /// different perturbations; 0 where there are no two.
    pub mean: f64,
    pub largest: f64,
}

impl Diversity {
    /// Of perturbations of one size.
    ///
    /// # Panics
    /// When their sizes differ.
    pub fn of(perturbations: &[impl AsRef<[f32]>]) -> Self {
        let values: Vec<&[f32]> = perturbations.iter().map(AsRef::as_ref).collect();
        let products: Vec<Vec<f64>> = values
            .iter()
            .map(|a| values.iter().map(|b| cosine(a, b)).collect())
            .collect();
        let pairs = products
            .iter()
            .enumerate()
            .flat_map(|(row, products)| products[..row].iter().map(|product| product.abs()));
        let (count, sum, largest) = pairs.fold((0u32, 0.0, 0.0), |(count, sum, largest), value| {
            (count + 1, sum + value, f64::max(largest, value))
        });
        Self {
            products,
            mean: sum / f64::from(count.max(1)),
            largest,
        }
    }
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len(), "perturbations of different sizes");
    let lengths = Norm::L2.of(a) * Norm::L2.of(b);
    if lengths == 0.0 {
        return 0.0;
    }
    let product: f64 = a
        .iter()
        .zip(b)
        .map(|(a, b)| f64::from(*a) * f64::from(*b))
        .sum();
    product / lengths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_of_known_vectors() {
        let found = Diversity::of(&[[1.0f32, 0.0], [-2.0, 0.0], [3.0, 3.0], [0.0, 0.0]]);
        let half = 0.5f64.sqrt();
        let expected = [
            [1.0, -1.0, half, 0.0],
            [-1.0, 1.0, -half, 0.0],
            [half, -half, 1.0, 0.0],
            [0.0, 0.0, 0.0, 0.0],
        ];
        for (found, expected) in found.products.iter().zip(expected) {
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-12);
            }
        }
        assert!((found.mean - (1.0 + 2.0 * half) / 6.0).abs() < 1e-12);
        assert_eq!(found.largest, 1.0);
        let none: [[f32; 2]; 0] = [];
        assert_eq!(Diversity::of(&none).mean, 0.0);
    }
}
