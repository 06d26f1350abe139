//! Weights that come without their layers, as PyTorch saves them: of networks
//! that are known by name, told by the names and shapes of the tensors.

use super::{ImportError, Imported};
use crate::classifier::architecture::Architecture;
use crate::classifier::catalogue::{CATALOGUE, Layers};
use crate::classifier::class_names::{self, ClassNames};
use crate::classifier::resnet;
use crate::classifier::weights::Weights;
use std::collections::HashMap;

/// A network that is known by name.
struct Named {
    title: &'static str,
    architecture: fn() -> Architecture,
    names: fn() -> ClassNames,
    short_side: usize,
    /// What its classes are of, where another of its title has others.
    data: &'static str,
}

type Make = fn() -> Architecture;

/// Beside the catalogue's.
const MORE: [(&str, Make); 4] = [
    ("ResNet-18", resnet::resnet18),
    ("ResNet-34", resnet::resnet34),
    ("ResNet-50", resnet::resnet50),
    ("ResNet-101", resnet::resnet101),
];

fn all() -> Vec<Named> {
    let ours = CATALOGUE.iter().filter_map(|entry| match entry.layers {
        Layers::Ours {
            architecture,
            names,
        } => Some(Named {
            title: entry.title,
            architecture,
            names,
            short_side: entry.short_side,
            data: entry.data,
        }),
        Layers::Theirs { .. } => None,
    });
    let more = MORE.map(|(title, architecture)| Named {
        title,
        architecture,
        names: class_names::imagenet,
        short_side: 256,
        data: "",
    });
    ours.chain(more).collect()
}

impl Named {
    /// Its title, and for small pictures what they are of: `LeNet (MNIST)`.
    fn full_title(&self) -> String {
        match (self.is_of_imagenet(), self.data.split_once(',')) {
            (false, Some((data, _))) => format!("{} ({data})", self.title),
            _ => self.title.to_owned(),
        }
    }

    fn is_of_imagenet(&self) -> bool {
        (self.names)() == class_names::imagenet()
    }
}

/// The network that weights are of; how pixels go in is that of its published
/// weights.
///
/// # Errors
/// When they are of no network that is known; a tensor that is damaged or
/// missing otherwise is named.
pub fn recognise(weights: Weights) -> Result<Imported, ImportError> {
    let all = all();
    let fitting = all.iter().filter_map(|named| {
        let architecture = (named.architecture)();
        is_of(&weights, &architecture).then_some((named, architecture))
    });
    // The tensors of ResNet-50 are all among those of ResNet-152: it is the
    // network that asks for most of them.
    let largest = fitting.max_by_key(|(_, architecture)| architecture.parameters());
    let Some((named, architecture)) = largest else {
        let known: Vec<String> = all.iter().map(Named::full_title).collect();
        return Err(ImportError::NotNamed {
            known: known.join(", "),
        });
    };
    let fitted = weights.fit(&architecture)?;
    let title = named.full_title();
    let mut notes: Vec<String> = fitted.note().into_iter().collect();
    notes.insert(
        0,
        format!("its tensors are those of {title}, whose layers are known here"),
    );
    // ImageNet's are told by their count.
    let names = (!named.is_of_imagenet()).then(|| (named.names)());
    Ok(Imported {
        architecture,
        weights: fitted.weights,
        title,
        class_names: names.map(|names| names.iter().map(|&name| name.to_owned()).collect()),
        short_side: Some(named.short_side),
        notes,
    })
}

/// Whether all matrices and kernels that a network needs are there under one
/// prefix, with its shapes.
fn is_of(weights: &Weights, architecture: &Architecture) -> bool {
    let mut needed = architecture.weights();
    needed.retain(|weight| weight.shape.len() > 1);
    let shapes: HashMap<&str, &[usize]> = weights
        .iter()
        .map(|(name, shape, _)| (name, shape))
        .collect();
    let Some(first) = needed.first() else {
        return false;
    };
    let mut prefixes = shapes
        .keys()
        .filter_map(|name| name.strip_suffix(&*first.name));
    prefixes.any(|prefix| {
        needed.iter().all(|weight| {
            let name = format!("{prefix}{}", weight.name);
            shapes
                .get(&*name)
                .is_some_and(|shape| *shape == weight.shape)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::architecture::Layer;
    use crate::classifier::drawn::random_weights;
    use crate::classifier::{googlenet, lenet};

    /// All zero weights of a network as PyTorch has them, under a prefix.
    fn state(architecture: &Architecture, prefix: &str) -> Weights {
        let mut weights = Weights::new();
        let mut add = |name: String, shape: &[usize]| {
            let count = shape.iter().product();
            weights
                .insert(format!("{prefix}{name}"), shape, vec![0.5; count])
                .unwrap();
        };
        for placed in &architecture.layers {
            let norm = match &placed.layer {
                Layer::Convolution(conv) => conv.batch_norm.as_ref(),
                _ => None,
            };
            for (index, weight) in placed.layer.weights().into_iter().enumerate() {
                match norm {
                    Some(norm) if index == 1 => {
                        for part in ["weight", "bias", "running_mean", "running_var"] {
                            add(format!("{}.{part}", norm.name), &weight.shape);
                        }
                    }
                    _ => add(weight.name, &weight.shape),
                }
            }
        }
        weights
    }

    #[test]
    fn networks_are_told_by_their_tensors() {
        for (title, architecture) in [
            ("ResNet-18", resnet::resnet18()),
            ("ResNet-34", resnet::resnet34()),
            ("ResNet-50", resnet::resnet50()),
            ("GoogLeNet", googlenet::googlenet()),
        ] {
            let mut weights = state(&architecture, "module.");
            let (kernel, norm) = ("module.aux1.conv.conv.weight", "module.aux1.conv.bn");
            weights.insert(kernel, &[2, 2, 1, 1], vec![0.0; 4]).unwrap();
            for part in ["weight", "running_mean"] {
                weights
                    .insert(format!("{norm}.{part}"), &[2], vec![0.0; 2])
                    .unwrap();
            }
            let found = recognise(weights).unwrap();
            assert_eq!(found.title, title);
            found.weights.check(&found.architecture).unwrap();
            assert!(found.notes[1].contains("passed over"), "{:?}", found.notes);
        }
    }

    #[test]
    fn small_networks_bring_their_classes() {
        let digits = recognise(random_weights(&lenet::lenet_mnist())).unwrap();
        assert_eq!(
            (&*digits.title, digits.short_side),
            ("LeNet (MNIST)", Some(28))
        );
        let colours = recognise(random_weights(&lenet::lenet_cifar10())).unwrap();
        assert_eq!(colours.title, "LeNet (CIFAR-10)");
        assert_eq!(colours.class_names.unwrap()[9], "truck");
        assert!(colours.architecture.mean[0] > 0.4);
    }

    #[test]
    fn others_are_refused() {
        let mut weights = Weights::new();
        weights
            .insert("conv1.weight", &[2, 2, 1, 1], vec![0.0; 4])
            .unwrap();
        let error = recognise(weights).unwrap_err().to_string();
        assert!(error.contains("VGG-16, VGG-19, GoogLeNet"), "{error}");
        assert!(error.len() < 1000, "{error}");
    }
}
