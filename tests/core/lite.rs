//! EfficientNet-Lite1 and Lite2 against an independent implementation with the
//! same weights, whose answers `tests/files/make_lite_reference.py` wrote down.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use foolscope::attack::{Prediction, predictions};
use foolscope::classifier::Classifier;
use foolscope::classifier::catalogue::Entry;
use foolscope::classifier::network::Network;
use foolscope::classifier::self_test;
use foolscope::classifier::weights::Weights;
use foolscope::task::block_on;
use serde::Deserialize;

use crate::{data, shared};

/// Their ids, with the hash in the name of the published file.
const NETWORKS: [(&str, &str); 2] = [
    ("efficientnet-lite1", "77cc7160"),
    ("efficientnet-lite2", "9656183e"),
];

#[derive(Deserialize)]
struct Reference {
    /// All logits of the self-test's picture.
    fixed: Vec<f32>,
    photographs: Vec<Photograph>,
}

#[derive(Deserialize)]
struct Photograph {
    file: String,
    top5: Vec<(usize, f32)>,
    /// Of all logits.
    mean: f32,
    deviation: f32,
}

fn reference(id: &str) -> Reference {
    let text = include_str!("../files/efficientnet-lite-reference.json");
    let mut all: BTreeMap<String, Reference> = serde_json::from_str(text).unwrap();
    all.remove(id).unwrap()
}

fn network((entry, weights): (&'static Entry, Weights)) -> Network {
    Network::new(&entry.architecture(), &weights, &Device::flex()).unwrap()
}

fn folder(test: &str) -> Option<PathBuf> {
    shared::file(test, "data/imagenet-sample")
}

/// The answers to the photographs, of which the square in the middle is seen.
fn answers(network: &Network, photographs: &[Photograph], folder: &Path) -> Vec<Prediction> {
    let [_, side, _] = network.input_shape();
    let see = |it: &Photograph| data::reference_crop(&folder.join(&it.file), side);
    let pictures: Vec<Vec<f32>> = photographs.iter().map(see).collect();
    block_on(predictions(network, &pictures)).unwrap()
}

#[test]
fn all_logits_of_a_fixed_picture() {
    let test = "all_logits_of_a_fixed_picture";
    for (id, hash) in NETWORKS {
        let Some(weights) = data::published(test, id, hash) else {
            return;
        };
        let picture = self_test::picture(weights.0.architecture().input);
        let found = block_on(predictions(&network(weights), &[picture])).unwrap();
        let away = self_test::largest_difference(&found[0].logits, &reference(id).fixed);
        assert!(away < 1e-3, "{id}: {away}");
    }
}

#[test]
fn forty_photographs_with_the_published_weights_of_lite1_and_lite2() {
    let test = "forty_photographs_with_the_published_weights_of_lite1_and_lite2";
    let Some(folder) = folder(test) else {
        return;
    };
    for (id, hash) in NETWORKS {
        let Some(weights) = data::published(test, id, hash) else {
            return;
        };
        let photographs = reference(id).photographs;
        assert_eq!(photographs.len(), 40);
        let answers = answers(&network(weights), &photographs, &folder);
        for (answer, of) in answers.iter().zip(&photographs) {
            let logits = &answer.logits;
            for (class, logit) in &of.top5 {
                let away = (logits[*class] - logit).abs();
                assert!(away < 1e-3, "{id}, {}, class {class}: {away}", of.file);
            }
            assert_eq!(answer.label, of.top5[0].0, "{id}, {}", of.file);
            let mean = logits.iter().sum::<f32>() / 1000.0;
            let square = |logit: &f32| (logit - mean).powi(2);
            let deviation = (logits.iter().map(square).sum::<f32>() / 1000.0).sqrt();
            assert!((mean - of.mean).abs() < 1e-3, "{id}, {}", of.file);
            assert!((deviation - of.deviation).abs() < 1e-3, "{id}, {}", of.file);
        }
    }
}

#[test]
fn forty_photographs_with_the_shipped_weights_of_lite1_and_lite2() {
    let test = "forty_photographs_with_the_shipped_weights_of_lite1_and_lite2";
    let Some(folder) = folder(test) else {
        return;
    };
    for (id, _) in NETWORKS {
        let Some(weights) = data::shipped(test, id) else {
            return;
        };
        let stored = self_test::stored_logits(weights.0.self_test.unwrap());
        let network = network(weights);
        let picture = self_test::picture(network.input_shape());
        let found = block_on(predictions(&network, &[picture])).unwrap();
        let away = self_test::largest_difference(&found[0].logits, &stored);
        assert!(away < 1e-3, "{id}: {away}");
        let photographs = reference(id).photographs;
        let answers = answers(&network, &photographs, &folder);
        for (answer, of) in answers.iter().zip(&photographs) {
            assert_eq!(answer.label, of.top5[0].0, "{id}, {}", of.file);
            for (class, logit) in &of.top5 {
                let away = (answer.logits[*class] - logit).abs();
                assert!(away < 0.15, "{id}, {}, class {class}: {away}", of.file);
            }
        }
    }
}
