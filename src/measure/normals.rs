//! What the normals of the boundaries near pictures have in common, against
//! chance (Moosavi-Dezfooli, Fawzi, Fawzi and Frossard, CVPR 2017, section 4,
//! figure 9). See [`crate::geometry::spectrum`] for the formulas.

use serde::{Deserialize, Serialize};

use super::Estimate;
use crate::attack::picture_seed;
use crate::geometry::spectrum::{Progress, Spectrum};
use crate::geometry::{GeometryError, random_direction};
use crate::statistics::ratio;
use crate::task::Task;

/// Of n unit normals in d dimensions, and of as many random unit vectors. Lists
/// have n entries.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Normals {
    /// n
    pub count: usize,
    /// d
    pub dimension: usize,
    /// Largest first. Were all normals the same, the first would be √n and the
    /// rest 0; were they orthogonal, all would be 1.
    pub singular_values: Vec<f64>,
    pub random_singular_values: Vec<f64>,
    /// The root of the mean squared cosine between two of the normals, and
    /// between two of the random vectors, about 1/√d; none of one alone.
    pub rms_cosine: Option<f64>,
    pub random_rms_cosine: Option<f64>,
    /// ‖P_k v‖₂ / ‖v‖₂ for k from 1 to n, where P_k projects on the span of the
    /// first k singular vectors of the normals; none where no v was given.
    pub shares: Option<Vec<f64>>,
    /// The mean of the same over random vectors in place of v: about √(k/d).
    pub random_shares: Vec<Estimate>,
}

impl Normals {
    /// `draws` random vectors, drawn by the seed, stand beside v. The task
    /// hears of the two spectra, one after the other.
    ///
    /// # Errors
    /// When there are no normals, sizes differ, v is zero or holds a value that
    /// is no number, or on a wish to stop.
    pub async fn of(
        normals: &[impl AsRef<[f32]>],
        v: Option<&[f32]>,
        draws: u64,
        seed: u64,
        task: &mut Task<'_, Progress>,
    ) -> Result<Self, GeometryError> {
        let spectrum = Spectrum::of(normals, task).await?;
        let (count, dimension) = (normals.len(), spectrum.dimension());
        let shares = v.map(|v| spectrum.shares(normals, v)).transpose()?;
        let random = Spectrum::of_random(count, dimension, seed, task).await?;
        let mut drawn = vec![Vec::new(); count];
        for draw in 0..draws {
            let direction = random_direction(dimension, picture_seed(seed, draw, &[]));
            let shares = spectrum.shares(normals, &direction)?;
            for (drawn, share) in drawn.iter_mut().zip(shares) {
                drawn.push(share);
            }
            task.pause().await?;
        }
        Ok(Self {
            count,
            dimension,
            rms_cosine: rms_cosine(spectrum.singular_values()),
            random_rms_cosine: rms_cosine(random.singular_values()),
            singular_values: spectrum.singular_values().to_vec(),
            random_singular_values: random.singular_values().to_vec(),
            shares,
            random_shares: drawn.iter().map(|it| Estimate::mean(it, seed)).collect(),
        })
    }
}

/// From the singular values of n unit vectors: the squares of all n² cosines
/// sum to ‖N Nᵀ‖² = σ₁⁴ + … + σ_n⁴, and n of them are 1.
fn rms_cosine(singular_values: &[f64]) -> Option<f64> {
    let n = singular_values.len() as f64;
    let squares: f64 = singular_values.iter().map(|sigma| sigma.powi(4)).sum();
    Some(ratio((squares - n).max(0.0), n * (n - 1.0))?.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::task::block_on;

    #[test]
    fn cosines_follow_from_singular_values() {
        // 60 degrees between the first two, right angles to the third.
        let vectors = [[1.0, 0.0, 0.0], [0.5, 0.75f32.sqrt(), 0.0], [0.0, 0.0, 1.0]];
        let mut task = Task::silent();
        let found = block_on(Normals::of(&vectors, None, 0, 0, &mut task)).unwrap();
        assert!((found.rms_cosine.unwrap() - (0.25f64 / 3.0).sqrt()).abs() < 1e-6);
        assert_eq!(rms_cosine(&[1.0]), None);
        assert!((rms_cosine(&[2.0, 0.0, 0.0, 0.0]).unwrap() - 1.0).abs() < 1e-12);
    }
}
