//! Normals of the boundaries near pictures (Moosavi-Dezfooli, Fawzi, Fawzi and
//! Frossard, CVPR 2017, section 4).
//!
//! DeepFool leads from a picture x to a point x + r just beyond the nearest
//! boundary, from class y to class k. There the boundary `f_k = f_y` has the
//! normal `∇f_k − ∇f_y`, which is r itself for an affine function; here the
//! gradient is taken anew at x + r and brought to length 1. It points away from
//! the picture's class.

use burn::tensor::{Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::section::check_batch;
use super::{GeometryError, unit};
use crate::attack::{AttackError, batch, deepfool};
use crate::classifier::Classifier;
use crate::task::{Task, read};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// How a picture's boundary is found.
    pub deepfool: deepfool::Options,
    /// Pictures attacked at a time.
    pub batch: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            deepfool: deepfool::Options::default(),
            batch: 4,
        }
    }
}

/// The boundary nearest to a picture.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundaryNormal {
    /// Of length 1, planar `[C, H, W]`.
    pub normal: Vec<f32>,
    /// y = k(x) and k = k(x + r).
    pub clean_label: usize,
    pub adversarial_label: usize,
    /// ‖r‖₂ in pixel units.
    pub length: f64,
}

/// The unit normals at the boundary points of planar pictures `[C, H, W]`, in
/// their order; none for a picture that DeepFool does not fool or at whose
/// boundary the gradients vanish. The task hears how many pictures are done.
///
/// # Errors
/// As DeepFool's.
pub async fn normals(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    options: &Options,
    task: &mut Task<'_, usize>,
) -> Result<Vec<Option<BoundaryNormal>>, GeometryError> {
    check_batch(options.batch)?;
    let mut found = Vec::with_capacity(pictures.len());
    for chunk in pictures.chunks(options.batch) {
        let mut inner = Task::new(task.stop_flag(), |_| ());
        let outcomes = deepfool::deepfool(classifier, chunk, &options.deepfool, &mut inner).await?;
        let mut points = Vec::new();
        let mut labels = Vec::new();
        for (x, outcome) in chunk.iter().zip(&outcomes).filter(|(_, o)| o.fooled()) {
            let sum = x.as_ref().iter().zip(&outcome.perturbation);
            points.push(sum.map(|(x, r)| x + r).collect::<Vec<f32>>());
            labels.push([outcome.clean.label, outcome.adversarial.label]);
        }
        let mut gradients = gradients(classifier, &points, &labels).await?.into_iter();
        for outcome in outcomes {
            if !outcome.fooled() {
                found.push(None);
                continue;
            }
            let gradient = gradients.next().expect("one for each that was fooled");
            let normal = match unit(&gradient, "the gradient at a boundary") {
                Ok((normal, _)) => Some(BoundaryNormal {
                    normal,
                    clean_label: outcome.clean.label,
                    adversarial_label: outcome.adversarial.label,
                    length: outcome.norms.l2,
                }),
                Err(GeometryError::Zero(_)) => None,
                Err(error) => return Err(error),
            };
            found.push(normal);
        }
        task.checkpoint(found.len()).await?;
    }
    Ok(found)
}

/// `∇f_k − ∇f_y` at each of some points, for its labels `[y, k]`.
async fn gradients(
    classifier: &dyn Classifier,
    points: &[Vec<f32>],
    labels: &[[usize; 2]],
) -> Result<Vec<Vec<f32>>, AttackError> {
    if points.is_empty() {
        return Ok(Vec::new());
    }
    let pass = classifier.forward(batch(classifier, points)?).await;
    let classes = classifier.class_count();
    let mut cotangents = vec![0f32; points.len() * classes];
    for (cotangent, [own, other]) in cotangents.chunks_exact_mut(classes).zip(labels) {
        cotangent[*own] = -1.0;
        cotangent[*other] = 1.0;
    }
    let cotangents = TensorData::new(cotangents, [points.len(), 1, classes]);
    let cotangents = Tensor::from_data(cotangents, classifier.device());
    let gradients = pass.pull_back(cotangents).await;
    let values = read(gradients).await?;
    Ok(values
        .chunks_exact(points[0].len())
        .map(<[f32]>::to_vec)
        .collect())
}
