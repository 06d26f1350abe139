//! How a universal perturbation made for one network works on others
//! (Moosavi-Dezfooli, Fawzi, Fawzi and Frossard, CVPR 2017, table 2): it
//! fools across networks as it does across pictures.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Estimate;
use crate::attack::{AttackError, predictions};
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
    #[error("the perturbations or networks are not those that the table was begun with")]
    OtherTable,
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
    /// Of the shape of this network's pictures (see
    /// [`resampled`](crate::universal::resampled)); the same ones, in the same
    /// order, for all networks.
    pub perturbations: &'a [Perturbation],
}

/// How many pictures each of some perturbations fooled on each of some
/// networks, so far: what a run that was stopped goes on from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub perturbations: Vec<String>,
    pub networks: Vec<String>,
    pub pictures: usize,
    /// `fooled[i][j]` of them by perturbation i on network j.
    pub fooled: Vec<Vec<usize>>,
}

/// Pictures between two checkpoints.
const BATCH: usize = 8;

impl Tally {
    /// Of no picture yet.
    pub fn new(perturbations: Vec<String>, networks: Vec<String>) -> Self {
        Self {
            pictures: 0,
            fooled: vec![vec![0; networks.len()]; perturbations.len()],
            perturbations,
            networks,
        }
    }

    /// Counts what [`fooled`](Self::fooled) says of some pictures.
    pub fn count(&mut self, pictures: &[Vec<Vec<bool>>]) {
        self.pictures += pictures.len();
        for picture in pictures {
            for (counts, fooled) in self.fooled.iter_mut().zip(picture) {
                for (count, &fooled) in counts.iter_mut().zip(fooled) {
                    *count += usize::from(fooled);
                }
            }
        }
    }

    /// Of each picture, whether perturbation i fools network j, at `[i][j]`.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub async fn fooled<P: AsRef<[f32]>>(
        &self,
        networks: &[Network<'_, P>],
        sum: Sum,
    ) -> Result<Vec<Vec<Vec<bool>>>, TransferError> {
        let pictures = self.check(networks)?;
        let none = vec![vec![false; networks.len()]; self.perturbations.len()];
        let mut fooled = vec![none; pictures];
        for (j, network) in networks.iter().enumerate() {
            let clean = predictions(network.classifier, network.pictures).await?;
            for (i, v) in network.perturbations.iter().enumerate() {
                let new = perturbed(network.classifier, network.pictures, v.values(), sum).await?;
                for (picture, (a, b)) in fooled.iter_mut().zip(clean.iter().zip(&new)) {
                    picture[i][j] = a.label != b.label;
                }
            }
        }
        Ok(fooled)
    }

    /// Counts further pictures. The task hears how many there are by then; a
    /// wish to stop ends it with those, and every network has seen the same.
    ///
    /// # Errors
    /// When perturbations and networks are not those that this is of, a
    /// perturbation has another shape than its network's pictures, or the
    /// networks have different numbers of pictures.
    pub async fn add<P: AsRef<[f32]>>(
        &mut self,
        networks: &[Network<'_, P>],
        sum: Sum,
        task: &mut Task<'_, usize>,
    ) -> Result<(), TransferError> {
        let pictures = self.check(networks)?;
        for start in (0..pictures).step_by(BATCH) {
            let end = pictures.min(start + BATCH);
            let some = networks.iter().map(|network| Network {
                pictures: &network.pictures[start..end],
                ..*network
            });
            let fooled = self.fooled(&some.collect::<Vec<_>>(), sum).await?;
            self.count(&fooled);
            if task.checkpoint(self.pictures).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    /// The fooling rates: `rates[i][j]` is that of perturbation i on network j.
    /// `seed` is that of the intervals.
    pub fn rates(&self, seed: u64) -> Vec<Vec<Estimate>> {
        let share = |&fooled: &usize| Estimate::share(fooled, self.pictures, seed);
        let row = |row: &Vec<usize>| row.iter().map(share).collect();
        self.fooled.iter().map(row).collect()
    }

    /// How many pictures each network has.
    fn check<P>(&self, networks: &[Network<'_, P>]) -> Result<usize, TransferError> {
        let first = networks.first().ok_or(TransferError::Nothing("network"))?;
        if self.perturbations.is_empty() {
            return Err(TransferError::Nothing("perturbation"));
        }
        let rows = self.perturbations.len();
        let has_all = |network: &Network<'_, P>| network.perturbations.len() == rows;
        let names = networks.iter().map(|network| network.name);
        if !networks.iter().all(has_all) || !names.eq(&self.networks) {
            return Err(TransferError::OtherTable);
        }
        let expected = first.pictures.len();
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
            let mut named = self.perturbations.iter().zip(network.perturbations);
            if let Some((name, v)) = named.find(|(_, v)| v.shape() != shape) {
                return Err(TransferError::Shape {
                    perturbation: name.clone(),
                    found: v.shape(),
                    network: network.name.to_owned(),
                    expected: shape,
                });
            }
        }
        Ok(expected)
    }
}
