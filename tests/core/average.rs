//! The mean of several networks, against its definition.

use burn::tensor::Device;
use foolscope::attack::predictions;
use foolscope::classifier::architecture::{Architecture, Convolution, Layer};
use foolscope::classifier::catalogue;
use foolscope::classifier::network::Network;
use foolscope::classifier::weights::Weights;
use foolscope::task::block_on;
use foolscope::training::TrainingError;
use foolscope::training::average::average;
use foolscope::training::set::LabelledPictures;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::network::random_weights;

const CHANNELS: usize = 4;
/// Of what a channel gives.
const PIXELS: usize = 12 * 12;

/// Answers with what its batch norm gives.
fn one_norm() -> Architecture {
    Architecture {
        mean: vec![0.5],
        std: vec![0.3],
        ..Architecture::sequence(
            [1, 28, 28],
            vec![
                Convolution::new("a", 1, CHANNELS, 5)
                    .stride(2)
                    .batch_norm("an", 1e-5)
                    .into(),
                Layer::Flatten,
            ],
        )
    }
}

fn noise(count: usize) -> LabelledPictures {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let mut set = LabelledPictures::new([1, 28, 28]);
    for _ in 0..count {
        let picture: Vec<f32> = (0..784).map(|_| rng.random()).collect();
        set.push(&picture, 0).unwrap();
    }
    set
}

fn mean_of(
    architecture: &Architecture,
    networks: &[Weights],
    pictures: &LabelledPictures,
) -> Result<Weights, TrainingError> {
    block_on(average(
        architecture,
        networks,
        pictures,
        &Device::flex(),
        7,
    ))
}

/// Mean and deviation of what each channel gives for all pictures.
fn given(weights: &Weights, pictures: &LabelledPictures) -> Vec<(f64, f64)> {
    let network = Network::new(&one_norm(), weights, &Device::flex()).unwrap();
    let all: Vec<Vec<f32>> = (0..pictures.len()).map(|at| pictures.picture(at)).collect();
    let answers = block_on(predictions(&network, &all)).unwrap();
    let channels = (0..CHANNELS).map(|channel| {
        let of_channel = |logits: &[f32]| logits[channel * PIXELS..][..PIXELS].to_vec();
        let values = answers.iter().flat_map(|it| of_channel(&it.logits));
        let values: Vec<f64> = values.map(f64::from).collect();
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count;
        (mean, variance.sqrt())
    });
    channels.collect()
}

fn directions(weights: &Weights) -> Vec<Vec<f64>> {
    let filters = weights.get("a.weight", &[CHANNELS, 1, 5, 5]).unwrap();
    let filters = filters.chunks_exact(25);
    filters
        .map(|filter| {
            let squares: f64 = filter.iter().map(|&w| f64::from(w).powi(2)).sum();
            filter
                .iter()
                .map(|&w| f64::from(w) / squares.sqrt())
                .collect()
        })
        .collect()
}

/// A channel leaves the mean's batch norm with the mean of the means and the mean
/// of the deviations with which it leaves the others', and its filter points
/// between theirs.
#[test]
fn directions_means_and_deviations_are_averaged() {
    let set = noise(30);
    let networks = [1, 2].map(|seed| random_weights(&one_norm(), seed));
    let mean = mean_of(&one_norm(), &networks, &set).unwrap();

    let [one, two] = [0, 1].map(|at| given(&networks[at], &set));
    for ((found, one), two) in given(&mean, &set).iter().zip(&one).zip(&two) {
        assert!((found.0 - (one.0 + two.0) / 2.0).abs() < 1e-3, "{found:?}");
        assert!((found.1 - (one.1 + two.1) / 2.0).abs() < 1e-3, "{found:?}");
    }
    let [one, two] = [0, 1].map(|at| directions(&networks[at]));
    for ((found, one), two) in directions(&mean).iter().zip(&one).zip(&two) {
        let between: Vec<f64> = one.iter().zip(two).map(|(a, b)| a + b).collect();
        let length = between.iter().map(|x| x * x).sum::<f64>().sqrt();
        for (found, between) in found.iter().zip(&between) {
            assert!((found - between / length).abs() < 1e-5);
        }
    }
}

#[test]
fn a_network_and_itself_have_itself_as_their_mean() {
    let weights = random_weights(&one_norm(), 3);
    let mean = mean_of(&one_norm(), &[weights.clone(), weights.clone()], &noise(30)).unwrap();
    for (name, shape, values) in weights.iter() {
        for (old, new) in values.iter().zip(mean.get(name, shape).unwrap()) {
            assert!((old - new).abs() < 1e-4, "{name}: {old} became {new}");
        }
    }
}

#[test]
fn without_batch_norms_every_weight_is_averaged() {
    let architecture = catalogue::find("fc-mnist").unwrap().architecture();
    let networks = [1, 2, 3].map(|seed| random_weights(&architecture, seed));
    let none = LabelledPictures::new([1, 28, 28]);
    let mean = mean_of(&architecture, &networks, &none).unwrap();
    for (name, shape, values) in mean.iter() {
        let [a, b, c] = [0, 1, 2].map(|at| networks[at].get(name, shape).unwrap());
        for (at, found) in values.iter().enumerate() {
            assert!((found - (a[at] + b[at] + c[at]) / 3.0).abs() < 1e-6);
        }
    }
}

#[test]
fn what_cannot_be_averaged_is_refused() {
    let architecture = one_norm();
    let weights = random_weights(&architecture, 1);
    let refused = |networks: &[Weights], pictures: &LabelledPictures| {
        mean_of(&architecture, networks, pictures)
            .unwrap_err()
            .to_string()
    };
    let none = LabelledPictures::new([1, 28, 28]);
    assert!(refused(std::slice::from_ref(&weights), &none).contains("give some"));
    assert!(refused(&[], &noise(3)).contains("no network"));
    let other = LabelledPictures::new([3, 32, 32]);
    assert!(!refused(&[weights], &other).is_empty());
    assert!(refused(&[Weights::new()], &noise(3)).contains("a.weight"));
}
