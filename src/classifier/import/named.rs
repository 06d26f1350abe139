//! Weights that come without their layers, as PyTorch saves them: of networks
//! that are known by name, told by the names and shapes of the tensors.

use super::{ImportError, Imported};
use crate::classifier::architecture::Architecture;
use crate::classifier::weights::Weights;
use crate::classifier::{caffenet, googlenet, resnet, vgg};
use std::collections::HashMap;

/// A network that is known by name.
struct Named {
    title: &'static str,
    architecture: fn() -> Architecture,
}

const fn named(title: &'static str, architecture: fn() -> Architecture) -> Named {
    Named {
        title,
        architecture,
    }
}

static NAMED: &[Named] = &[
    named("VGG-16", vgg::vgg16),
    named("VGG-19", vgg::vgg19),
    named("GoogLeNet", googlenet::googlenet),
    named("ResNet-18", resnet::resnet18),
    named("ResNet-34", resnet::resnet34),
    named("ResNet-50", resnet::resnet50),
    named("ResNet-101", resnet::resnet101),
    named("ResNet-152", resnet::resnet152),
    named("CaffeNet", caffenet::caffenet),
    named("VGG-F", caffenet::vgg_f),
];

/// The network that weights are of; how pixels go in is that of its published
/// weights.
///
/// # Errors
/// When they are of no network that is known; a tensor that is damaged or
/// missing otherwise is named.
pub fn recognise(weights: Weights) -> Result<Imported, ImportError> {
    let fitting = NAMED.iter().filter_map(|named| {
        let architecture = (named.architecture)();
        is_of(&weights, &architecture).then_some((named.title, architecture))
    });
    // The tensors of ResNet-50 are all among those of ResNet-152: it is the
    // network that asks for most of them.
    let largest = fitting.max_by_key(|(_, architecture)| architecture.parameters());
    let Some((title, architecture)) = largest else {
        let known: Vec<&str> = NAMED.iter().map(|named| named.title).collect();
        return Err(ImportError::NotNamed {
            known: known.join(", "),
        });
    };
    let fitted = weights.fit(&architecture)?;
    let mut notes: Vec<String> = fitted.note().into_iter().collect();
    notes.insert(
        0,
        format!("its tensors are those of {title}, whose layers are known here"),
    );
    Ok(Imported {
        architecture,
        weights: fitted.weights,
        title: title.to_owned(),
        class_names: None,
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
    fn others_are_refused() {
        let mut weights = Weights::new();
        weights
            .insert("conv1.weight", &[2, 2, 1, 1], vec![0.0; 4])
            .unwrap();
        let error = recognise(weights).unwrap_err().to_string();
        assert!(error.contains("VGG-16, VGG-19, GoogLeNet"), "{error}");
    }
}
