//! The networks that the project trained: what is in their files is what their
//! reports say.

use flate2::read::GzDecoder;
use foolscope::attack::predictions;
use foolscope::classifier::Classifier;
use foolscope::classifier::catalogue::{self, CATALOGUE, Entry};
use foolscope::classifier::network::Network;
use foolscope::classifier::self_test;
use foolscope::classifier::weights::Weights;
use foolscope::data::{archive, idx};
use foolscope::photo;
use foolscope::task::block_on;
use std::fs;
use std::io::Read;
use std::path::PathBuf;

use crate::data::in_checkout;
use crate::shared;

fn trained() -> impl Iterator<Item = (&'static Entry, PathBuf)> {
    CATALOGUE.iter().filter_map(|entry| {
        let file = in_checkout("www/models").join(entry.weight_file?);
        file.exists().then_some((entry, file))
    })
}

fn network(entry: &Entry, file: &PathBuf) -> Network {
    let weights = Weights::from_safetensors(&fs::read(file).unwrap()).unwrap();
    let architecture = entry.architecture();
    weights.check(&architecture).unwrap();
    let device = burn::tensor::Device::flex();
    Network::new(&architecture, &weights, &device).unwrap()
}

#[test]
fn they_are_there_and_pass_their_self_tests() {
    assert!(trained().count() >= 2);
    for (entry, file) in trained() {
        let network = network(entry, &file);
        let picture = self_test::picture(network.input_shape());
        let answers = block_on(predictions(&network, &[picture])).unwrap();
        let stored = self_test::stored_logits(entry.self_test.expect("one is stored"));
        let difference = self_test::largest_difference(&answers[0].logits, &stored);
        assert!(difference < 1e-3, "{}: {difference}", entry.id);
    }
}

/// The pictures of a set to test with, and their labels; none where it is missing.
fn test_set(test: &str, data: &str) -> Option<(Vec<Vec<f32>>, Vec<usize>)> {
    if data.starts_with("MNIST") {
        let unpacked = |name: &str| {
            let mut bytes = Vec::new();
            let file = shared::file(test, name)?;
            GzDecoder::new(&*fs::read(file).unwrap())
                .read_to_end(&mut bytes)
                .unwrap();
            Some(bytes)
        };
        let images = unpacked("data/mnist/t10k-images-idx3-ubyte.gz")?;
        let images = idx::Images::from_bytes(&images).unwrap();
        let labels = idx::labels(&unpacked("data/mnist/t10k-labels-idx1-ubyte.gz")?).unwrap();
        let pixels = |index| {
            images
                .get(index)
                .unwrap()
                .iter()
                .map(|&x| f32::from(x) / 255.0)
        };
        let pictures = (0..images.len()).map(|index| pixels(index).collect());
        Some((
            pictures.collect(),
            labels.into_iter().map(usize::from).collect(),
        ))
    } else {
        let file = shared::file(test, "data/cifar10/test.tar.gz")?;
        let members = archive::pictures(&fs::read(file).unwrap()).unwrap();
        let names = foolscope::classifier::class_names::cifar10();
        let labelled = members.iter().map(|member| {
            let picture = photo::decode(&member.bytes).unwrap();
            let picture = picture.crop(32, 32).unwrap().to_photo(3).unwrap();
            let class = member.class().unwrap();
            let label = names.iter().position(|name| *name == class).unwrap();
            (picture.into_values(), label)
        });
        Some(labelled.unzip())
    }
}

#[test]
fn the_reported_test_errors_are_those_of_the_files() {
    let test = "the_reported_test_errors_are_those_of_the_files";
    for (entry, file) in trained() {
        let Some((pictures, labels)) = test_set(test, entry.data) else {
            return;
        };
        let report = fs::read(file.with_extension("json")).unwrap();
        let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
        let reported = &report["testError"];
        assert_eq!(reported["count"].as_u64(), Some(labels.len() as u64));
        let network = network(entry, &file);
        let mut wrong = 0;
        for (pictures, labels) in pictures.chunks(500).zip(labels.chunks(500)) {
            let answers = block_on(predictions(&network, pictures)).unwrap();
            let pairs = answers.iter().zip(labels);
            wrong += pairs
                .filter(|(answer, label)| answer.label != **label)
                .count();
        }
        let error = wrong as f64 / labels.len() as f64;
        let value = reported["value"].as_f64().unwrap();
        // Two pictures may lie so near to a boundary that rounding decides.
        assert!(
            (error - value).abs() <= 2.0 / labels.len() as f64,
            "{} {error}",
            entry.id
        );
        let most = match entry.id {
            "lenet-mnist" => 0.010,
            "fc-mnist" => 0.017,
            "lenet-cifar10" => 0.226,
            "nin-cifar10" => 0.115,
            other => panic!("what is {other} to reach?"),
        };
        assert!(error <= most, "{}: {error}", entry.id);
    }
}

#[test]
fn a_file_of_another_network_is_refused() {
    let [(_, lenet), (_, fc)] = [trained().next().unwrap(), trained().nth(1).unwrap()];
    let weights = Weights::from_safetensors(&fs::read(lenet).unwrap()).unwrap();
    let other = catalogue::find("fc-mnist").unwrap();
    let error = weights.check(&other.architecture()).unwrap_err();
    assert!(error.to_string().contains("another network"), "{error}");
    drop(fc);
}
