//! Pictures and perturbations as vectors of R^d.

/// x + r
pub(super) fn sum(x: &[f32], r: &[f32]) -> Vec<f32> {
    x.iter().zip(r).map(|(x, r)| x + r).collect()
}

/// The inner product.
pub(super) fn inner(a: &[f32], b: &[f32]) -> f64 {
    let products = a.iter().zip(b);
    products.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}
