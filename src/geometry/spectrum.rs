//! What directions have in common: the singular values of n vectors against
//! those of random ones, and how much of a perturbation lies in their span
//! (Moosavi-Dezfooli, Fawzi, Fawzi and Frossard, CVPR 2017, section 4, figure 9,
//! where the vectors are the normals of the boundaries near n pictures).
//!
//! For N with the vectors as rows, `N = U Σ Vᵀ`, all follows from the n × n
//! Gram matrix `N Nᵀ = U Σ² Uᵀ`: nothing of the size of N is stored beside it.
//! In double precision a singular value is good to about 1e-14 σ₁²/σ, and one
//! of zero comes out as at most 1e-7 σ₁, which is also what the vectors'
//! single precision leaves.

use std::ops::Range;

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use super::{GeometryError, dot};
use crate::attack::Gaussian;
use crate::task::Task;

/// Columns of N that are multiplied at a time.
const BLOCK: usize = 1024;

/// A singular value below this part of the largest is taken for zero: its
/// singular vector is rounding.
const NEGLIGIBLE: f64 = 1e-6;

/// Entries of each vector done, of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub entries: usize,
    pub of: usize,
}

/// Singular values of n vectors, and their left singular vectors.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum {
    dimension: usize,
    /// Largest first.
    values: Vec<f64>,
    /// u_i in column i.
    left: DMatrix<f64>,
}

impl Spectrum {
    /// Of some vectors of equal length.
    ///
    /// # Errors
    /// When there are none, their lengths differ, a value is not finite, or on
    /// a wish to stop.
    pub async fn of(
        vectors: &[impl AsRef<[f32]>],
        task: &mut Task<'_, Progress>,
    ) -> Result<Self, GeometryError> {
        let first = vectors.first().ok_or(GeometryError::NoPictures)?;
        let dimension = first.as_ref().len();
        for vector in vectors {
            check_size("a vector", dimension, vector.as_ref())?;
        }
        let block = |columns: Range<usize>| {
            DMatrix::from_fn(vectors.len(), columns.len(), |row, column| {
                f64::from(vectors[row].as_ref()[columns.start + column])
            })
        };
        let gram = gram(vectors.len(), dimension, block, task).await?;
        Ok(Self::of_gram(gram, dimension))
    }

    /// Of `count` random unit vectors in `dimension` dimensions, uniform on the
    /// sphere, of which none is stored. For many dimensions the singular values
    /// lie in 1 ± √(count / dimension) (Marchenko and Pastur).
    ///
    /// # Errors
    /// When there are none, or on a wish to stop.
    pub async fn of_random(
        count: usize,
        dimension: usize,
        seed: u64,
        task: &mut Task<'_, Progress>,
    ) -> Result<Self, GeometryError> {
        if count == 0 || dimension == 0 {
            return Err(GeometryError::NoPictures);
        }
        let mut gaussian = Gaussian::new(seed);
        let block =
            |columns: Range<usize>| DMatrix::from_fn(count, columns.len(), |_, _| gaussian.draw());
        let mut gram = gram(count, dimension, block, task).await?;
        let lengths = gram.diagonal().map(f64::sqrt);
        for (row, a) in lengths.iter().enumerate() {
            for (column, b) in lengths.iter().enumerate() {
                gram[(row, column)] /= a * b;
            }
        }
        Ok(Self::of_gram(gram, dimension))
    }

    fn of_gram(gram: DMatrix<f64>, dimension: usize) -> Self {
        let eigen = SymmetricEigen::new(gram);
        let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
        order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
        // Rounding may leave a zero below itself.
        let root = |&index: &usize| eigen.eigenvalues[index].max(0.0).sqrt();
        Self {
            dimension,
            values: order.iter().map(root).collect(),
            left: eigen.eigenvectors.select_columns(&order),
        }
    }

    /// σ₁ ≥ σ₂ ≥ …, one a vector.
    pub fn singular_values(&self) -> &[f64] {
        &self.values
    }

    /// Entries of each vector.
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The share of v in the span of the first k right singular vectors,
    /// `‖P_k v‖₂ / ‖v‖₂`, for k from 1 to n. `vectors` are those that this is
    /// of: `P_k v` has the coefficients `u_iᵀ N v / σ_i`. A random v has
    /// [`random_share`].
    ///
    /// # Errors
    /// When the sizes are not those, or v is zero or not finite.
    pub fn shares(
        &self,
        vectors: &[impl AsRef<[f32]>],
        v: &[f32],
    ) -> Result<Vec<f64>, GeometryError> {
        if vectors.len() != self.values.len() {
            return Err(GeometryError::Size {
                what: "the set of vectors",
                expected: self.values.len(),
                found: vectors.len(),
            });
        }
        check_size("the perturbation", self.dimension, v)?;
        let square = dot(v, v);
        if square == 0.0 {
            return Err(GeometryError::Zero("the perturbation"));
        }
        for vector in vectors {
            check_size("a vector", self.dimension, vector.as_ref())?;
        }
        let products = vectors.iter().map(|vector| dot(vector.as_ref(), v));
        let products = DVector::from_iterator(vectors.len(), products);
        let coefficients = self.left.tr_mul(&products);
        let mut inside = 0.0;
        let add = |(&coefficient, &sigma): (&f64, &f64)| {
            if sigma > NEGLIGIBLE * self.values[0] {
                inside += (coefficient / sigma).powi(2);
            }
            // At most 1 but for the vectors' single precision.
            (inside / square).min(1.0).sqrt()
        };
        Ok(coefficients.iter().zip(&self.values).map(add).collect())
    }
}

/// What a random direction in d dimensions has in the span of any k: √(k/d),
/// the root of the mean of the squared share.
pub fn random_share(k: usize, dimension: usize) -> f64 {
    (k as f64 / dimension as f64).min(1.0).sqrt()
}

fn check_size(what: &'static str, expected: usize, values: &[f32]) -> Result<(), GeometryError> {
    if values.len() != expected {
        return Err(GeometryError::Size {
            what,
            expected,
            found: values.len(),
        });
    }
    if values.iter().any(|value| !value.is_finite()) {
        return Err(GeometryError::NotFinite(what));
    }
    Ok(())
}

/// `N Nᵀ` of a matrix that comes in blocks of columns.
async fn gram(
    rows: usize,
    columns: usize,
    mut block: impl FnMut(Range<usize>) -> DMatrix<f64>,
    task: &mut Task<'_, Progress>,
) -> Result<DMatrix<f64>, GeometryError> {
    let mut sum = DMatrix::zeros(rows, rows);
    for start in (0..columns).step_by(BLOCK) {
        let end = columns.min(start + BLOCK);
        let part = block(start..end);
        sum.gemm(1.0, &part, &part.transpose(), 1.0);
        let progress = Progress {
            entries: end,
            of: columns,
        };
        task.checkpoint(progress).await?;
    }
    Ok(sum)
}
