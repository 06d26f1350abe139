//! How a universal perturbation made for one network works on others
//! (Moosavi-Dezfooli, Fawzi, Fawzi and Frossard, CVPR 2017, table 2): it
//! fools across networks as it does across pictures.

use serde::Serialize;
use thiserror::Error;

use super::Estimate;
use crate::attack::{AttackError, Prediction, predictions};
use crate::classifier::Classifier;
use crate::classifier::architecture::Shape;
use crate::photo::Perturbation;
use crate::task::Task;
use crate::universal::fooling::{Sum, perturbed};

/// Why there is no table.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum TransferError {
    #[error(transparent)]
    Attack(#[from] AttackError),
    #[error("a table of transfer needs at least one {0}")]
    Nothing(&'static str),
    #[error(
        "the perturbation of {perturbation} has shape {found:?}, but {network} takes pictures of {expected:?} (channels, height, width)"
    )]
    Shape {
        perturbation: String,
        found: Shape,
        network: String,
        expected: Shape,
    },
    #[error("{network} has {found} pictures, but {first} has {expected}: each needs the same ones")]
    Pictures {
        network: String,
        found: usize,
        first: String,
        expected: usize,
    },
}

/// A network that is attacked.
pub struct Network<'a, P> {
    pub name: &'a str,
    pub classifier: &'a dyn Classifier,
    /// Planar `[C, H, W]`, as this network sees them; the same ones, in the
    /// same order, for all networks.
    pub pictures: &'a [P],
}

/// The fooling rate of each of some perturbations on each of some networks.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Transfer {
    pub perturbations: Vec<String>,
    pub networks: Vec<String>,
    /// On which every rate is.
    pub pictures: usize,
    /// `rates[i][j]` is that of perturbation i on network j.
    pub rates: Vec<Vec<Estimate>>,
    /// Whether somebody stopped it before all pictures were done.
    pub stopped: bool,
}

/// Pictures between two checkpoints.
const BATCH: usize = 8;

/// The table of perturbations, each with a name, and networks. `seed` is that
/// of the intervals. The task hears how many pictures are done; a wish to stop
/// ends it with those.
///
/// # Errors
/// When there is nothing to do, a perturbation has another shape than a
/// network's pictures, or the networks have different numbers of pictures.
pub async fn transfer<P: AsRef<[f32]>>(
    perturbations: &[(&str, &Perturbation)],
    networks: &[Network<'_, P>],
    sum: Sum,
    seed: u64,
    task: &mut Task<'_, usize>,
) -> Result<Transfer, TransferError> {
    let pictures = check(perturbations, networks)?;
    let mut fooled = vec![vec![0usize; networks.len()]; perturbations.len()];
    let mut done = 0;
    while done < pictures {
        let end = pictures.min(done + BATCH);
        for (j, network) in networks.iter().enumerate() {
            let chunk = &network.pictures[done..end];
            let clean = predictions(network.classifier, chunk).await?;
            for (row, (_, v)) in fooled.iter_mut().zip(perturbations) {
                let new = perturbed(network.classifier, chunk, v.values(), sum).await?;
                let differs = |(a, b): &(&Prediction, &Prediction)| a.label != b.label;
                row[j] += clean.iter().zip(&new).filter(differs).count();
            }
        }
        done = end;
        if task.checkpoint(done).await.is_err() {
            break;
        }
    }
    let share = |&fooled: &usize| Estimate::share(fooled, done, seed);
    Ok(Transfer {
        perturbations: perturbations.iter().map(|p| p.0.to_owned()).collect(),
        networks: networks.iter().map(|n| n.name.to_owned()).collect(),
        pictures: done,
        rates: fooled
            .iter()
            .map(|row| row.iter().map(share).collect())
            .collect(),
        stopped: done < pictures,
    })
}

/// How many pictures each network has.
fn check<P>(
    perturbations: &[(&str, &Perturbation)],
    networks: &[Network<'_, P>],
) -> Result<usize, TransferError> {
    let first = networks.first().ok_or(TransferError::Nothing("network"))?;
    if perturbations.is_empty() {
        return Err(TransferError::Nothing("perturbation"));
    }
    let expected = first.pictures.len();
    if expected == 0 {
        return Err(TransferError::Nothing("picture"));
    }
    for network in networks {
        if network.pictures.len() != expected {
            return Err(TransferError::Pictures {
                network: network.name.to_owned(),
                found: network.pictures.len(),
                first: first.name.to_owned(),
                expected,
            });
        }
        let shape = network.classifier.input_shape();
        if let Some((name, v)) = perturbations.iter().find(|(_, v)| v.shape() != shape) {
            return Err(TransferError::Shape {
                perturbation: (*name).to_owned(),
                found: v.shape(),
                network: network.name.to_owned(),
                expected: shape,
            });
        }
    }
    Ok(expected)
}
