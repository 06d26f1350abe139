//! Fine-tuning against a closed form, and what feedback promises.

use burn::tensor::Device;
use foolscope::attack::predictions;
use foolscope::classifier::architecture::{Activation, Architecture, Convolution, Layer};
use foolscope::classifier::catalogue;
use foolscope::classifier::network::Network;
use foolscope::classifier::weights::Weights;
use foolscope::task::{StopFlag, Task, block_on};
use foolscope::training::TrainingError;
use foolscope::training::fine_tuning::{Options, fine_tune};
use foolscope::training::from_scratch::{self, Optimiser, Training};
use foolscope::training::set::{Augmentation, LabelledPictures};

use crate::affine::pictures;
use crate::network::random_weights;

/// One linear layer: `softmax(W x + b)`.
fn linear(size: usize, classes: usize) -> Architecture {
    Architecture::sequence(
        [1, 1, size],
        vec![Layer::Flatten, Layer::linear("fc", size, classes)],
    )
}

fn tuned(
    architecture: &Architecture,
    weights: &Weights,
    data: &[(Vec<f32>, usize)],
    perturbations: &[Vec<f32>],
    options: &Options,
) -> Result<Weights, TrainingError> {
    let device = Device::flex();
    let mut task = Task::silent();
    block_on(fine_tune(
        architecture,
        weights,
        &device,
        data,
        perturbations,
        options,
        &mut task,
    ))
}

/// `∂J/∂W = (softmax − one-hot) xᵀ`, in f64.
#[test]
fn one_step_goes_down_the_gradient_of_the_cross_entropy() {
    let architecture = linear(5, 3);
    let weights = random_weights(&architecture, 4);
    let x = pictures(1, 5, 7).remove(0);
    let label = 2;
    let options = Options {
        rate: 0.5,
        momentum: 0.0,
        ..Options::default()
    };
    let new = tuned(
        &architecture,
        &weights,
        &[(x.clone(), label)],
        &[],
        &options,
    )
    .unwrap();

    let w = weights.get("fc.weight", &[3, 5]).unwrap();
    let b = weights.get("fc.bias", &[3]).unwrap();
    let logits: Vec<f64> = (0..3)
        .map(|k| {
            let row = w[k * 5..(k + 1) * 5].iter().zip(&x);
            row.map(|(w, x)| f64::from(w * x)).sum::<f64>() + f64::from(b[k])
        })
        .collect();
    let total: f64 = logits.iter().map(|logit| logit.exp()).sum();
    for k in 0..3 {
        let error = logits[k].exp() / total - f64::from(k == label);
        let bias = f64::from(b[k]) - 0.5 * error;
        assert!((f64::from(new.get("fc.bias", &[3]).unwrap()[k]) - bias).abs() < 1e-5);
        for (i, x) in x.iter().enumerate() {
            let expected = f64::from(w[k * 5 + i]) - 0.5 * error * f64::from(*x);
            let found = new.get("fc.weight", &[3, 5]).unwrap()[k * 5 + i];
            assert!(
                (f64::from(found) - expected).abs() < 1e-5,
                "{found} {expected}"
            );
        }
    }
}

/// Two kinds of pictures with a line between them, and labels that begin wrong.
fn separable() -> Vec<(Vec<f32>, usize)> {
    let x = pictures(40, 784, 3);
    let data = x.into_iter().enumerate().map(|(index, mut x)| {
        let label = index % 2;
        for (pixel, value) in x.iter_mut().enumerate() {
            *value *= if (pixel < 392) == (label == 0) {
                1.0
            } else {
                0.2
            };
        }
        (x, label)
    });
    data.collect()
}

#[test]
fn a_network_learns_what_can_be_told_apart() {
    let architecture = catalogue::find("lenet-mnist").unwrap().architecture();
    let weights = random_weights(&architecture, 5);
    let data = separable();
    let right = |weights: &Weights| {
        let network = Network::new(&architecture, weights, &Device::flex()).unwrap();
        let x: Vec<&[f32]> = data.iter().map(|(x, _)| x.as_slice()).collect();
        let answers = block_on(predictions(&network, &x)).unwrap();
        let pairs = answers.iter().zip(&data);
        pairs
            .filter(|(answer, (_, label))| answer.label == *label)
            .count()
    };
    let options = Options {
        epochs: 5,
        batch: 8,
        rate: 0.01,
        ..Options::default()
    };
    let before = right(&weights);
    let new = tuned(&architecture, &weights, &data, &[], &options).unwrap();
    assert!(before < 30, "{before}");
    assert_eq!(right(&new), 40);
    new.check(&architecture).unwrap();
    assert_eq!(
        tuned(&architecture, &weights, &data, &[], &options).unwrap(),
        new
    );
}

#[test]
fn perturbations_are_learnt_with_their_share() {
    let architecture = linear(6, 2);
    let weights = random_weights(&architecture, 4);
    let data: Vec<_> = pictures(8, 6, 1).into_iter().map(|x| (x, 0)).collect();
    let v = vec![vec![0.3f32; 6]];
    let with = |perturbed, v: &[Vec<f32>]| {
        let options = Options {
            perturbed,
            rate: 0.1,
            ..Options::default()
        };
        tuned(&architecture, &weights, &data, v, &options).unwrap()
    };
    // Always perturbed is the same as perturbed before.
    let moved: Vec<_> = data
        .iter()
        .map(|(x, label)| (x.iter().map(|x| x + 0.3).collect::<Vec<f32>>(), *label))
        .collect();
    let options = Options {
        rate: 0.1,
        ..Options::default()
    };
    let expected = tuned(&architecture, &weights, &moved, &[], &options).unwrap();
    let found = with(1.0, &v);
    for ((_, _, a), (_, _, b)) in found.iter().zip(expected.iter()) {
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5));
    }
    assert_eq!(with(0.0, &v), with(0.7, &[]));
    assert_ne!(with(0.5, &v), with(1.0, &v));
}

#[test]
fn what_cannot_be_learnt_from_is_an_error() {
    let architecture = linear(4, 3);
    let weights = random_weights(&architecture, 4);
    let x = vec![0.5f32; 4];
    let run = |data: &[(Vec<f32>, usize)], v: &[Vec<f32>], options: &Options| {
        tuned(&architecture, &weights, data, v, options)
            .unwrap_err()
            .to_string()
    };
    let usual = Options::default();
    assert!(run(&[], &[], &usual).contains("no picture"));
    assert!(run(&[(x.clone(), 3)], &[], &usual).contains("last class is 2"));
    assert!(run(&[(vec![0.0; 5], 0)], &[], &usual).contains("5 values"));
    assert!(run(&[(x.clone(), 0)], &[vec![0.0; 3]], &usual).contains("3 values"));
    let wild = Options {
        rate: f64::NAN,
        ..usual.clone()
    };
    assert!(run(&[(x.clone(), 0)], &[], &wild).contains("positive"));
    let never = Options {
        perturbed: 1.5,
        ..usual.clone()
    };
    assert!(run(&[(x.clone(), 0)], &[], &never).contains("from 0 to 1"));

    let stop = StopFlag::default();
    stop.stop();
    let mut task = Task::new(stop, |_| ());
    let device = Device::flex();
    let none: &[Vec<f32>] = &[];
    let data = [(x, 0)];
    let tuning = fine_tune(
        &architecture,
        &weights,
        &device,
        &data,
        none,
        &usual,
        &mut task,
    );
    assert!(matches!(block_on(tuning), Err(TrainingError::Stopped(_))));
}

fn from_nothing(
    architecture: &Architecture,
    options: &from_scratch::Options,
    set: &LabelledPictures,
) -> Vec<u8> {
    let mut training = Training::new(architecture, set, options, &Device::flex()).unwrap();
    while !training.is_done() {
        block_on(training.step()).unwrap();
    }
    training.weights().unwrap().to_safetensors_f32(&[]).unwrap()
}

fn small_set() -> LabelledPictures {
    let mut set = LabelledPictures::new([1, 28, 28]);
    for (x, label) in separable() {
        set.push(&x, label).unwrap();
    }
    set
}

#[test]
fn an_interrupted_training_ends_with_the_same_weights() {
    let fc = catalogue::find("fc-mnist").unwrap().architecture();
    interrupt(&fc, Optimiser::Sgd);
    interrupt(&with_batch_norms(), Optimiser::Muon);
}

fn interrupt(architecture: &Architecture, optimiser: Optimiser) {
    let set = small_set();
    let options = from_scratch::Options {
        epochs: 3,
        batch: 12,
        augmentation: Augmentation {
            mirror: true,
            shift: 2,
        },
        seed: 5,
        optimiser,
        smoothing: 0.1,
        ..from_scratch::Options::default()
    };
    let whole = from_nothing(architecture, &options, &set);
    let device = Device::flex();
    // Three steps an epoch: interrupted at the beginning, between two epochs,
    // and within one.
    for interrupted in [0, 3, 4] {
        let mut first = Training::new(architecture, &set, &options, &device).unwrap();
        for _ in 0..interrupted {
            block_on(first.step()).unwrap();
        }
        let kept = first.checkpoint().unwrap();
        let resumed = Training::resumed(architecture, &set, &options, &device, &kept);
        let mut second = resumed.unwrap();
        assert_eq!(second.done(), interrupted);
        while !second.is_done() {
            block_on(second.step()).unwrap();
        }
        let weights = second.weights().unwrap().to_safetensors_f32(&[]).unwrap();
        assert!(weights == whole, "interrupted after {interrupted} steps");

        let others = from_scratch::Options {
            seed: 6,
            ..options.clone()
        };
        let refused = Training::resumed(architecture, &set, &others, &device, &kept);
        assert!(matches!(refused.err(), Some(TrainingError::OtherTraining)));
        let refused = Training::resumed(architecture, &set, &options, &device, &kept[1..]);
        assert!(refused.is_err());
    }
    let other = from_scratch::Options { seed: 6, ..options };
    assert!(from_nothing(architecture, &other, &set) != whole);
}

/// Two convolutions with batch norms, and a linear layer.
fn with_batch_norms() -> Architecture {
    Architecture {
        mean: vec![0.5],
        std: vec![0.3],
        ..Architecture::sequence(
            [1, 28, 28],
            vec![
                Convolution::new("a", 1, 6, 5)
                    .stride(2)
                    .batch_norm("an", 1e-5)
                    .into(),
                Activation::Relu.into(),
                Convolution::new("b", 6, 8, 3)
                    .stride(2)
                    .batch_norm("bn", 1e-5)
                    .into(),
                Activation::Relu.into(),
                Layer::Flatten,
                Layer::linear("c", 200, 2),
            ],
        )
    }
}

/// Batch norms are folded by the moments that were followed, so the network
/// that classifies answers nearly as it did while training.
#[test]
fn a_network_with_batch_norms_learns_and_is_folded() {
    let architecture = with_batch_norms();
    let set = small_set();
    let device = Device::flex();
    for optimiser in [Optimiser::Sgd, Optimiser::Muon] {
        let options = from_scratch::Options {
            epochs: 12,
            batch: 10,
            rate: 0.05,
            optimiser,
            ..from_scratch::Options::default()
        };
        let mut training = Training::new(&architecture, &set, &options, &device).unwrap();
        let mut last = None;
        while !training.is_done() {
            last = Some(block_on(training.step()).unwrap());
        }
        assert_eq!(last.unwrap().error, 0.0);
        let weights = training.weights().unwrap();
        weights.check(&architecture).unwrap();
        let network = Network::new(&architecture, &weights, &device).unwrap();
        let x: Vec<Vec<f32>> = (0..set.len()).map(|index| set.picture(index)).collect();
        let answers = block_on(predictions(&network, &x)).unwrap();
        let pairs = answers.iter().zip(set.labels());
        assert_eq!(
            pairs
                .filter(|(answer, label)| answer.label != **label)
                .count(),
            0
        );
    }
}

/// Before its first step, a training that begins with a network's weights is
/// that network, filters as long as those that a training begins with. One of its
/// channels is always dark, and another sees nothing else: it has no variance.
#[test]
fn another_cycle_begins_with_the_very_network() {
    let architecture = with_batch_norms();
    let set = small_set();
    let device = Device::flex();
    let mut weights = Weights::new();
    for (name, shape, values) in random_weights(&architecture, 8).iter() {
        let mut values = values.to_vec();
        match name {
            "a.bias" => values[2] = -100.0,
            "b.weight" => {
                let seen = values[18..27].to_vec();
                values[..54].fill(0.0);
                values[18..27].copy_from_slice(&seen);
            }
            _ => (),
        }
        weights.insert(name, shape, values).unwrap();
    }
    let options = from_scratch::Options::default();
    let begin = |weights: &Weights| {
        let training = Training::from_weights(&architecture, weights, &set, &options, &device);
        block_on(training)
    };
    let training = begin(&weights).unwrap();
    let again = training.weights().unwrap();
    for (name, shape, values) in weights.iter() {
        let found = again.get(name, shape).unwrap();
        for (old, new) in values.iter().zip(found) {
            assert!((old - new).abs() < 1e-4, "{name}: {old} became {new}");
        }
    }
    let kept = Weights::from_safetensors(&training.checkpoint().unwrap()).unwrap();
    let filters = kept.get("learned.b.weight", &[8, 6, 3, 3]).unwrap();
    for filter in filters.chunks_exact(54) {
        let squares: f32 = filter.iter().map(|w| w * w).sum();
        assert!((squares - 2.0).abs() < 1e-4, "{squares}");
    }
    assert!(begin(&Weights::new()).is_err());
}

#[test]
fn options_that_cannot_be_are_refused() {
    let architecture = catalogue::find("nin-cifar10").unwrap().architecture();
    let mut set = LabelledPictures::new([3, 32, 32]);
    set.push(&[0.5; 3072], 9).unwrap();
    let refused = |change: &dyn Fn(&mut from_scratch::Options)| {
        let mut options = from_scratch::Options::default();
        change(&mut options);
        let made = Training::new(&architecture, &set, &options, &Device::flex());
        made.err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    assert_eq!(refused(&|_| ()), "");
    assert!(refused(&|it| it.epochs = 0).contains("at least 1"));
    assert!(refused(&|it| it.batch = 1).contains("at least 2"));
    assert!(refused(&|it| it.rate = f64::NAN).contains("above 0"));
    assert!(refused(&|it| it.momentum = 1.0).contains("below 1"));
    assert!(refused(&|it| it.smoothing = 1.0).contains("label smoothing"));
    assert!(refused(&|it| it.warm_up = -0.1).contains("warm-up"));
    assert!(refused(&|it| it.weight_decay = -1.0).contains("0 or more"));
    assert!(refused(&|it| it.part = 33).contains("the network takes"));
    let grey = LabelledPictures::new([1, 28, 28]);
    let options = from_scratch::Options::default();
    assert!(Training::new(&architecture, &grey, &options, &Device::flex()).is_err());
}
