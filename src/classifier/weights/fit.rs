//! A network's own weights among all that a file holds.
//!
//! People save networks under a name (`state_dict`, `model`), wrapped
//! (`module.`, as for several GPUs), with counters and optimisers beside them,
//! and with their batch norms. What the layers ask for is found by its name,
//! and the rest is passed over.

use super::{Weights, WeightsError};
use crate::classifier::architecture::{Architecture, Layer, WeightShape};
use crate::classifier::plain::plain;
use std::collections::BTreeSet;

/// Weights that are an architecture's, all of them and nothing else.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    pub weights: Weights,
    /// The names of the tensors that no layer asked for.
    pub passed_over: Vec<String>,
}

impl Fitted {
    /// What a person is told of those, if there are any.
    pub fn note(&self) -> Option<String> {
        let first = plain(self.passed_over.first()?);
        Some(match self.passed_over.len() {
            1 => format!("one tensor that no layer asks for is passed over: {first}"),
            count => format!("{count} tensors that no layer asks for are passed over: {first}, …"),
        })
    }
}

impl Weights {
    /// Takes what an architecture's layers ask for. All names may have a prefix,
    /// such as `module.` or `state_dict.model.`; batch norms are folded into
    /// the convolutions before them, unless that was done before.
    ///
    /// # Errors
    /// A tensor that is missing, has another shape, or is of other numbers than
    /// floats is named. So is a batch norm that this network has not: without
    /// it, the answers would be others.
    pub fn fit(mut self, architecture: &Architecture) -> Result<Fitted, WeightsError> {
        let mut passed_over = self.take_prefix(architecture)?;
        for layer in architecture.layers.iter().map(|placed| &placed.layer) {
            if self.has_batch_norm(layer) {
                self.fold_batch_norm(layer)?;
            }
        }
        let mut weights = Weights::new();
        for weight in architecture.weights() {
            self.get(&weight.name, &weight.shape)?;
            if let Some(tensor) = self.tensors.remove(&weight.name) {
                weights.tensors.insert(weight.name, tensor);
            }
        }
        let needed = architecture.weights();
        let is_needed_batch_norm = |name: &&String| {
            let is_statistic = name.ends_with(".running_mean") || name.ends_with(".running_var");
            is_statistic && !self.is_of_branch(name, &needed)
        };
        if let Some(name) = self.tensors.keys().find(is_needed_batch_norm) {
            return Err(WeightsError::Unknown { name: name.clone() });
        }
        passed_over.extend(self.tensors.into_keys());
        passed_over.extend(self.others.into_keys());
        Ok(Fitted {
            weights,
            passed_over,
        })
    }

    /// Whether a tensor belongs to a branch of which the network has nothing, and
    /// which has layers of its own: a classifier at the side, for training.
    fn is_of_branch(&self, name: &str, needed: &[WeightShape]) -> bool {
        let Some((branch, _)) = name.split_once('.') else {
            return false;
        };
        let is_inside = |name: &str| name.split_once('.').is_some_and(|(it, _)| it == branch);
        let mut tensors = self.tensors.iter();
        tensors.any(|(name, (shape, _))| shape.len() > 1 && is_inside(name))
            && !needed.iter().any(|weight| is_inside(&weight.name))
    }

    /// Takes the prefix off every name under which the architecture's layers
    /// are found, and puts aside what has it not.
    fn take_prefix(&mut self, architecture: &Architecture) -> Result<Vec<String>, WeightsError> {
        let layers = architecture.layers.iter().map(|placed| &placed.layer);
        let asked = layers.filter_map(|layer| {
            let first = layer.weights().into_iter().next()?;
            Some(first.name)
        });
        let asked: Vec<String> = asked.collect();
        let has = |prefix: &str, name: &String| {
            let name = format!("{prefix}{name}");
            self.tensors.contains_key(&name) || self.others.contains_key(&name)
        };
        let found = |prefix: &str| asked.iter().filter(|name| has(prefix, name)).count();
        let prefixes: BTreeSet<&str> = self
            .names()
            .flat_map(|name| asked.iter().filter_map(|asked| name.strip_suffix(&**asked)))
            .filter(|prefix| prefix.is_empty() || prefix.ends_with('.'))
            .collect();
        let whole: Vec<&str> = prefixes
            .iter()
            .copied()
            .filter(|prefix| found(prefix) == asked.len())
            .collect();
        let prefix = match whole[..] {
            // Where nothing fits whole, what is missing where most does is said.
            [] => prefixes.iter().copied().max_by_key(|prefix| found(prefix)),
            [first, second, ..] if !first.is_empty() => {
                return Err(WeightsError::Twice {
                    first: first.trim_end_matches('.').to_owned(),
                    second: second.trim_end_matches('.').to_owned(),
                });
            }
            [first, ..] => Some(first),
        };
        let Some(prefix) = prefix.filter(|prefix| !prefix.is_empty()) else {
            return Ok(Vec::new());
        };
        let prefix = prefix.to_owned();
        let mut aside = Vec::new();
        let mut under = |name: String| match name.strip_prefix(&prefix) {
            Some(rest) => Some(rest.to_owned()),
            None => {
                aside.push(name);
                None
            }
        };
        let tensors = std::mem::take(&mut self.tensors).into_iter();
        self.tensors = tensors
            .filter_map(|(name, tensor)| Some((under(name)?, tensor)))
            .collect();
        let others = std::mem::take(&mut self.others).into_iter();
        self.others = others
            .filter_map(|(name, kind)| Some((under(name)?, kind)))
            .collect();
        Ok(aside)
    }

    /// Whether there is a batch norm for a layer that is to have one.
    fn has_batch_norm(&self, layer: &Layer) -> bool {
        let Layer::Convolution(convolution) = layer else {
            return false;
        };
        let Some(norm) = &convolution.batch_norm else {
            return false;
        };
        let is_there = |part| self.tensors.contains_key(&format!("{}.{part}", norm.name));
        ["weight", "bias", "running_mean", "running_var"]
            .into_iter()
            .any(is_there)
    }
}
