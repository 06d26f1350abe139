//! A random subspace of a space too large for a matrix.
//!
//! A uniformly random S of dimension m would need d·m numbers: at 299 × 299
//! pixels and m/d = 1/4, 70 GB. Here an orthonormal d × d matrix is never
//! written down but applied: `Q = C P₂ S₂ · C P₁ S₁`, with random signs S, a
//! random permutation P and the orthonormal discrete cosine transform C. S is
//! spanned by m of its rows, drawn without replacement, so that
//! `P_S v = Qᵀ D Q v` with D the m ones. The share of ‖v‖² in S is m/d on
//! average whatever v is, exactly; two rounds bring its spread to that of a
//! uniform subspace for every v, also for one that is a single pixel or a
//! single wave.

use std::fmt;
use std::sync::Arc;

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rustdct::{DctPlanner, TransformType2And3};

/// S, as the signs, permutations and rows that define it: 11 bytes a dimension
/// of the space.
#[derive(Clone)]
pub struct RandomSubspace {
    dimension: usize,
    rounds: [Round; 2],
    /// Which coordinates after both rounds S consists of.
    kept: Vec<bool>,
    cosines: Arc<dyn TransformType2And3<f32>>,
}

/// `C P S`: value i, before the transform, is `sign[i] · v[source[i]]`.
#[derive(Clone)]
struct Round {
    source: Vec<u32>,
    is_negative: Vec<bool>,
}

impl fmt::Debug for RandomSubspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RandomSubspace")
            .field("space", &self.kept.len())
            .field("dimension", &self.dimension)
            .finish_non_exhaustive()
    }
}

impl RandomSubspace {
    /// Of dimension m in a space of dimension d; `1 ≤ m ≤ d < 2³²` is the
    /// caller's to see to.
    pub(super) fn new(d: usize, m: usize, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let indices = 0..u32::try_from(d).expect("a picture has fewer values than 2^32");
        let mut round = || {
            let mut source: Vec<u32> = indices.clone().collect();
            source.shuffle(&mut rng);
            let is_negative = (0..d).map(|_| rng.random()).collect();
            Round {
                source,
                is_negative,
            }
        };
        let rounds = [round(), round()];
        let mut kept = vec![false; d];
        for row in rand::seq::index::sample(&mut rng, d, m) {
            kept[row] = true;
        }
        Self {
            dimension: m,
            rounds,
            kept,
            cosines: DctPlanner::new().plan_dct2(d),
        }
    }

    /// m
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// d
    pub(super) fn space(&self) -> usize {
        self.kept.len()
    }

    /// P_S v, in place.
    pub(super) fn project(&self, v: &mut [f32]) {
        let mut other = vec![0.0; v.len()];
        let mut scratch = vec![0.0; self.cosines.get_scratch_len()];
        for round in &self.rounds {
            self.forth(round, v, &mut other, &mut scratch);
        }
        for (value, kept) in v.iter_mut().zip(&self.kept) {
            if !kept {
                *value = 0.0;
            }
        }
        for round in self.rounds.iter().rev() {
            self.back(round, v, &mut other, &mut scratch);
        }
    }

    /// `v ← C P S v`
    fn forth(&self, round: &Round, v: &mut [f32], other: &mut [f32], scratch: &mut [f32]) {
        for ((to, &from), &negative) in other.iter_mut().zip(&round.source).zip(&round.is_negative)
        {
            let value = v[from as usize];
            *to = if negative { -value } else { value };
        }
        self.cosines.process_dct2_with_scratch(other, scratch);
        let (first, rest) = scales(v.len());
        v.copy_from_slice(other);
        v[0] *= first;
        v[1..].iter_mut().for_each(|value| *value *= rest);
    }

    /// `v ← (C P S)ᵀ v`, which undoes [`Self::forth`].
    fn back(&self, round: &Round, v: &mut [f32], other: &mut [f32], scratch: &mut [f32]) {
        let (first, rest) = scales(v.len());
        // The library's transform halves the first value.
        v[0] *= 2.0 * first;
        v[1..].iter_mut().for_each(|value| *value *= rest);
        self.cosines.process_dct3_with_scratch(v, scratch);
        for ((&value, &to), &negative) in v.iter().zip(&round.source).zip(&round.is_negative) {
            other[to as usize] = if negative { -value } else { value };
        }
        v.copy_from_slice(other);
    }
}

/// What makes the cosine transform of length d orthonormal: √(1/d) for the
/// constant, √(2/d) for the waves.
fn scales(d: usize) -> (f32, f32) {
    let d = d as f64;
    ((1.0 / d).sqrt() as f32, (2.0 / d).sqrt() as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(a: &[f32], b: &[f32]) -> f64 {
        a.iter()
            .zip(b)
            .map(|(a, b)| f64::from(*a) * f64::from(*b))
            .sum()
    }

    /// Qᵀ e_i
    fn row(subspace: &RandomSubspace, i: usize) -> Vec<f32> {
        let d = subspace.space();
        let mut v = vec![0.0; d];
        v[i] = 1.0;
        let mut other = vec![0.0; d];
        let mut scratch = vec![0.0; subspace.cosines.get_scratch_len()];
        for round in subspace.rounds.iter().rev() {
            subspace.back(round, &mut v, &mut other, &mut scratch);
        }
        v
    }

    #[test]
    fn the_rows_are_orthonormal() {
        // Powers of two, odd, prime, one.
        for d in [1, 2, 3, 64, 75, 97, 147] {
            let subspace = RandomSubspace::new(d, d, 5);
            let rows: Vec<Vec<f32>> = (0..d).map(|i| row(&subspace, i)).collect();
            for (i, a) in rows.iter().enumerate() {
                for (j, b) in rows.iter().enumerate() {
                    let expected = f64::from(u8::from(i == j));
                    let found = dot(a, b);
                    assert!((found - expected).abs() < 1e-5, "{d}: {i} {j} {found}");
                }
            }
        }
    }

    #[test]
    fn at_the_largest_size_rows_are_orthonormal_and_norms_are_kept() {
        let d = 3 * 299 * 299;
        let subspace = RandomSubspace::new(d, d / 36, 1);
        let rows: Vec<Vec<f32>> = [0, 1, 2, d / 2, d - 1]
            .into_iter()
            .map(|i| row(&subspace, i))
            .collect();
        for (i, a) in rows.iter().enumerate() {
            for (j, b) in rows.iter().enumerate() {
                let expected = f64::from(u8::from(i == j));
                assert!((dot(a, b) - expected).abs() < 1e-5, "{i} {j} {}", dot(a, b));
            }
        }
        // Parseval: Q keeps the norm of any v, and Qᵀ takes it back.
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        let v: Vec<f32> = (0..d).map(|_| rng.random_range(-1.0f32..1.0)).collect();
        let mut there = v.clone();
        let mut other = vec![0.0; d];
        let mut scratch = vec![0.0; subspace.cosines.get_scratch_len()];
        for round in &subspace.rounds {
            subspace.forth(round, &mut there, &mut other, &mut scratch);
        }
        assert!((dot(&there, &there) / dot(&v, &v) - 1.0).abs() < 1e-5);
        for round in subspace.rounds.iter().rev() {
            subspace.back(round, &mut there, &mut other, &mut scratch);
        }
        let worst = v
            .iter()
            .zip(&there)
            .fold(0f32, |worst, (a, b)| worst.max((a - b).abs()));
        assert!(worst < 1e-5, "{worst}");
    }

    /// The share of ‖v‖² in a uniform S is of the beta distribution with m/2
    /// and (d−m)/2: mean m/d, variance 2m(d−m)/(d²(d+2)). Held against pictures
    /// that one round alone would betray.
    #[test]
    fn shares_have_the_moments_of_a_uniform_subspace() {
        let d = 300;
        let pixel: Vec<f32> = (0..d).map(|i| f32::from(u8::from(i == 7))).collect();
        let flat = vec![1.0; d];
        let wave: Vec<f32> = (0..d)
            .map(|i| ((i as f32 + 0.5) * 40.0 * std::f32::consts::PI / d as f32).cos())
            .collect();
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let noise: Vec<f32> = (0..d).map(|_| rng.random_range(-1.0f32..1.0)).collect();
        for m in [3, 75] {
            for (name, v) in [
                ("pixel", &pixel),
                ("flat", &flat),
                ("wave", &wave),
                ("noise", &noise),
            ] {
                let draws = 3000;
                let shares: Vec<f64> = (0..draws)
                    .map(|seed| {
                        let mut projected = v.clone();
                        RandomSubspace::new(d, m, seed).project(&mut projected);
                        dot(&projected, &projected) / dot(v, v)
                    })
                    .collect();
                let (d, m, n) = (d as f64, m as f64, draws as f64);
                let mean = shares.iter().sum::<f64>() / n;
                let variance = shares.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / n;
                let expected = 2.0 * m * (d - m) / (d * d * (d + 2.0));
                // Five standard errors; the variance's own is that of a
                // distribution with the beta's heavier than normal tail.
                let error = 5.0 * (expected / n).sqrt();
                assert!((mean - m / d).abs() < error, "{name} {m}: mean {mean}");
                let ratio = variance / expected;
                let kurtosis = 3.0 + 12.0 / m;
                let error = 5.0 * ((kurtosis - 1.0) / n).sqrt();
                assert!(
                    (ratio - 1.0).abs() < error,
                    "{name} {m}: variance × {ratio}"
                );
            }
        }
    }
}
