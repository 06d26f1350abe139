//! Semi-random noise (Fawzi, Moosavi-Dezfooli and Frossard, NIPS 2016,
//! arXiv 1608.08967, section 3): the smallest perturbation within a subspace S,
//! `r_S*(x) = argmin_{r ∈ S} ‖r‖₂ with k(x + r) ≠ k(x)`.
//!
//! With S all of R^d that is the adversarial perturbation, with S a random line
//! it is random noise. In between, for a random S of dimension m, the paper
//! proves that the size of r_S* is √(d/m) times that of r*, but for a factor
//! near 1. It is found by DeepFool with the gradients projected onto S: the
//! step onto a boundary becomes `r = |f| / ‖P_S w‖₂² · P_S w`.

use super::deepfool::{Options, Progress, within};
use super::subspace::{Subspace, SubspaceError};
use super::{AttackError, Norm, Outcome};
use crate::classifier::Classifier;
use crate::task::Task;

/// The smallest perturbation in S for each of some pictures, planar
/// `[C, H, W]` in pixel units; S is one subspace for all, or one for each. The
/// norm is l2.
///
/// # Errors
/// As [`deepfool()`](super::deepfool::deepfool)'s, or when the subspaces do not fit
/// the pictures, or for another norm. A picture all of whose gradients are at
/// right angles to S is no error: its outcome is not fooled.
pub async fn semi_random(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    subspaces: &[Subspace],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Outcome>, AttackError> {
    if options.norm != Norm::L2 {
        return Err(AttackError::Option {
            name: "the norm of semi-random noise",
            expected: "2",
            found: match options.norm {
                Norm::L1 => 1.0,
                _ => f64::INFINITY,
            },
        });
    }
    if subspaces.len() != 1 && subspaces.len() != pictures.len() {
        return Err(SubspaceError::Count {
            pictures: pictures.len(),
            subspaces: subspaces.len(),
        }
        .into());
    }
    let expected = classifier.input_shape().iter().product();
    for found in subspaces.iter().filter_map(Subspace::space) {
        if found != expected {
            return Err(SubspaceError::Size { expected, found }.into());
        }
    }
    let pictures: Vec<&[f32]> = pictures.iter().map(AsRef::as_ref).collect();
    within(classifier, &pictures, subspaces, options, task).await
}
