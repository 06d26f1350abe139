//! Linear subspaces S of R^d, the space of pictures, and projection onto them.

mod random;
mod spanned;

use burn::tensor::{Tensor, TensorData};
use thiserror::Error;

pub use random::RandomSubspace;
pub use spanned::Spanned;

use super::Norm;
use crate::task::{ReadError, read};

/// What a gradient has left in S below this share of its length is rounding,
/// not a direction.
const ROUNDING: f64 = 1e-5;

/// A linear subspace of R^d, the space of pictures of d values.
#[derive(Debug, Clone)]
pub enum Subspace {
    /// R^d itself.
    Whole,
    /// Of a random direction.
    Random(RandomSubspace),
    /// Spanned by given vectors.
    Spanned(Spanned),
}

/// Why there is no such subspace.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SubspaceError {
    #[error("a subspace of pictures of {space} values has 1 to {space} dimensions, not {found}")]
    Dimension { space: usize, found: usize },
    #[error("a subspace must be spanned by at least one picture")]
    Nothing,
    #[error("the pictures that span a subspace are all zero")]
    Zero,
    #[error("a picture that spans a subspace holds a value that is not a number")]
    NotFinite,
    #[error("a subspace of pictures of {found} values does not fit those of {expected}")]
    Size { expected: usize, found: usize },
    #[error("{pictures} pictures need one subspace or one each, not {subspaces}")]
    Count { pictures: usize, subspaces: usize },
}

impl Subspace {
    /// A random one of dimension m in a space of dimension d, close to
    /// uniformly distributed; the same for the same seed.
    ///
    /// # Errors
    /// When m is not between 1 and d.
    pub fn random(d: usize, m: usize, seed: u64) -> Result<Self, SubspaceError> {
        if m == 0 || m > d {
            return Err(SubspaceError::Dimension { space: d, found: m });
        }
        if m == d {
            return Ok(Self::Whole);
        }
        Ok(Self::Random(RandomSubspace::new(d, m, seed)))
    }

    /// The one that some pictures span. Those that are combinations of others
    /// add nothing; [`Self::dimension`] says how many remain.
    ///
    /// # Errors
    /// When there are none, all are zero, their sizes differ, or a value is no
    /// number.
    pub fn spanned(pictures: &[impl AsRef<[f32]>]) -> Result<Self, SubspaceError> {
        Spanned::new(pictures, 1).map(Self::Spanned)
    }

    /// The one that some masks `[H, W]` span when each may have any colour of
    /// `channels` numbers: each mask gives that many dimensions.
    ///
    /// # Errors
    /// As [`Self::spanned`].
    pub fn coloured(masks: &[impl AsRef<[f32]>], channels: usize) -> Result<Self, SubspaceError> {
        Spanned::new(masks, channels).map(Self::Spanned)
    }

    /// m, in a space of dimension d.
    pub fn dimension(&self, d: usize) -> usize {
        match self {
            Self::Whole => d,
            Self::Random(random) => random.dimension(),
            Self::Spanned(spanned) => spanned.dimension(),
        }
    }

    /// P_S v, in place.
    ///
    /// # Panics
    /// When v is of another space.
    pub fn project(&self, v: &mut [f32]) {
        if let Some(space) = self.space() {
            assert_eq!(v.len(), space, "a vector of another space");
        }
        match self {
            Self::Whole => (),
            Self::Random(random) => random.project(v),
            Self::Spanned(spanned) => spanned.project(v),
        }
    }

    /// d; none where it fits any.
    pub(super) fn space(&self) -> Option<usize> {
        match self {
            Self::Whole => None,
            Self::Random(random) => Some(random.space()),
            Self::Spanned(spanned) => Some(spanned.space()),
        }
    }
}

/// A picture's own, or the one for all.
pub(super) fn of(subspaces: &[Subspace], picture: usize) -> &Subspace {
    subspaces.get(picture).unwrap_or(&subspaces[0])
}

/// The gradients `[A, K, d]` of some of the pictures, each projected onto its
/// picture's subspace. They are read for that: a transform of any length is not
/// a thing that a GPU's tensor library has.
pub(super) async fn project_rows(
    w: Tensor<3>,
    subspaces: &[Subspace],
    pictures: &[usize],
) -> Result<Tensor<3>, ReadError> {
    if pictures
        .iter()
        .all(|&picture| matches!(of(subspaces, picture), Subspace::Whole))
    {
        return Ok(w);
    }
    let device = w.device();
    let dims = w.dims();
    let [_, k, d] = dims;
    let mut values = read(w).await?;
    for (gradients, &picture) in values.chunks_exact_mut(k * d).zip(pictures) {
        for gradient in gradients.chunks_exact_mut(d) {
            let whole = Norm::L2.of(gradient);
            of(subspaces, picture).project(gradient);
            if Norm::L2.of(gradient) <= ROUNDING * whole {
                gradient.fill(0.0);
            }
        }
    }
    Ok(Tensor::from_data(TensorData::new(values, dims), &device))
}
