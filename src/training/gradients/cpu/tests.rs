//! The CPU's gradients against burn's autodiff.

use std::fs;
use std::time::Duration;

use burn::tensor::Device;

use super::{Buffers, gradients};
use crate::classifier::architecture::{
    Activation, Architecture, Builder, Convolution, Layer, Window,
};
use crate::classifier::catalogue::{CATALOGUE, find};
use crate::task::block_on;
use crate::training::descent::{Descent, Rule};
use crate::training::from_scratch::{Optimiser, ways};
use crate::training::gradients::{Batch, Gradients, tape};
use crate::training::learned::initial;

/// Both on `count` pictures of noise, within a share of the length of a gradient.
fn agree(name: &str, architecture: &Architecture, count: usize, tolerance: f64) {
    let classes = architecture.classes().unwrap();
    let labels: Vec<usize> = (0..count).map(|index| index * 7 % classes).collect();
    let size: usize = architecture.input.iter().product();
    let mut learned = initial(architecture, 3);
    // Biases and shifts that are not zero.
    for (index, values) in learned.iter_mut().flatten().enumerate() {
        *values += 0.1 * ((index % 13) as f32 / 13.0 - 0.5);
    }
    let batch = Batch {
        x: (0..count)
            .flat_map(|index| crate::attack::random_direction(size, index as u64))
            .map(|x| x * (size as f32).sqrt())
            .collect(),
        shape: architecture.input,
        labels: &labels,
        smoothing: 0.1,
    };
    let ours = gradients(architecture, &learned, &batch, &Buffers::default());
    let device = Device::flex();
    let burns = block_on(tape::gradients(architecture, &learned, &batch, &device)).unwrap();
    assert!(
        (ours.loss - burns.loss).abs() < 1e-4,
        "{name}: {} {}",
        ours.loss,
        burns.loss
    );
    assert_eq!(ours.right, burns.right, "{name}");
    assert_eq!(ours.of.len(), learned.len());
    let close = |what: &str, ours: &[f32], burns: &[f32]| {
        assert_eq!(ours.len(), burns.len(), "{name}: {what}");
        let length = |of: &mut dyn Iterator<Item = f32>| {
            of.map(|v| f64::from(v).powi(2)).sum::<f64>().sqrt()
        };
        let apart = length(&mut ours.iter().zip(burns).map(|(a, b)| a - b));
        let whole = length(&mut burns.iter().copied()).max(1e-3);
        assert!(
            apart < tolerance * whole,
            "{name}: {what}: {apart} of {whole}"
        );
    };
    for (index, (ours, burns)) in ours.of.iter().zip(&burns.of).enumerate() {
        close(&format!("tensor {index}"), ours, burns);
    }
    assert_eq!(ours.moments.len(), burns.moments.len());
    for (ours, burns) in ours.moments.iter().zip(&burns.moments) {
        close("mean", &ours.mean, &burns.mean);
        close("variance", &ours.variance, &burns.variance);
    }
}

#[test]
fn every_layer_agrees_with_burns_tape() {
    let pool = |ceil, padding| Window {
        ceil,
        ..Window::new(3, 2).padding(padding)
    };
    let linear = |input| Layer::linear("fc", input, 5);
    let mut grouped = Convolution::new("grouped", 4, 6, 3).padding(1, 1).stride(2);
    grouped.groups = 2;
    let bodies: Vec<(&str, Vec<Layer>)> = vec![
        ("linear", vec![Layer::Flatten, linear(4 * 81)]),
        (
            "plain",
            vec![
                Convolution::new("a", 4, 7, 3).into(),
                Activation::Relu.into(),
                Convolution::new("b", 7, 5, 1).into(),
                Layer::GlobalAverage,
            ],
        ),
        (
            "strides, uneven padding, groups",
            vec![
                grouped.into(),
                Activation::Relu6.into(),
                Convolution::new("b", 6, 8, 5)
                    .padding(1, 3)
                    .stride(2)
                    .into(),
                Convolution::new("c", 8, 8, 3)
                    .padding(1, 1)
                    .depthwise()
                    .into(),
                Layer::Flatten,
                linear(8 * 9),
            ],
        ),
        (
            "kernels of three and of five",
            vec![
                Convolution::new("a", 4, 16, 1).into(),
                Convolution::new("b", 16, 17, 3).padding(1, 0).into(),
                Activation::Relu.into(),
                Convolution::new("c", 17, 16, 5).padding(2, 2).into(),
                Activation::Relu.into(),
                Convolution::new("d", 16, 18, 5).padding(3, 0).into(),
                Activation::Relu.into(),
                Convolution::new("e", 18, 16, 3).into(),
                Layer::Flatten,
                linear(16 * 25),
            ],
        ),
        (
            "pools",
            vec![
                Convolution::new("a", 4, 4, 1).into(),
                Layer::MaxPool(pool(true, 0)),
                Convolution::new("b", 4, 6, 1).into(),
                Layer::AveragePool(pool(false, 1)),
                Layer::Flatten,
                linear(6 * 4),
            ],
        ),
        (
            "batch norms",
            vec![
                Convolution::new("a", 4, 6, 3).batch_norm("an", 1e-3).into(),
                Activation::Relu.into(),
                Convolution::new("b", 6, 5, 1).batch_norm("bn", 1e-3).into(),
                Layer::GlobalAverage,
            ],
        ),
    ];
    for (name, body) in bodies {
        // More pictures than parts, and fewer.
        for count in [11, 3] {
            agree(
                name,
                &Architecture::sequence([4, 9, 9], body.clone()),
                count,
                1e-4,
            );
        }
    }
}

#[test]
fn shortcuts_and_branches_agree_with_burns_tape() {
    let mut net = Builder::new([4, 9, 9]);
    let x = net.then(net.picture(), Convolution::new("a", 4, 4, 1));
    let y = net.then(x, Convolution::new("b", 4, 4, 3).padding(1, 1));
    let y = net.then(y, Activation::Relu);
    let x = net.add(Layer::Add, &[y, x]);
    let c = net.then(x, Convolution::new("c", 4, 2, 1));
    let d = net.then(x, Convolution::new("d", 4, 3, 3).padding(1, 1));
    let x = net.add(Layer::Concatenate { axis: 0 }, &[c, d]);
    let x = net.then(x, Layer::GlobalAverage);
    let network = net.finish(x);
    for count in [11, 3] {
        agree("shortcuts and branches", &network, count, 1e-4);
    }
}

#[test]
fn the_small_networks_of_the_catalogue_agree_with_burns_tape() {
    for entry in CATALOGUE.iter().filter(|entry| entry.short_side < 64) {
        // Rounding may close a rectifier, and NIN's eight batch norms spread that.
        agree(entry.id, &entry.architecture(), 4, 5e-3);
    }
}

#[test]
fn a_seed_gives_the_same_whatever_the_number_of_threads() {
    let network = CATALOGUE[1].architecture();
    let size: usize = network.input.iter().product();
    let labels = [1, 2, 3, 4, 5, 6, 7, 8, 9];
    let x: Vec<f32> = crate::attack::random_direction(size * labels.len(), 1);
    let learned = initial(&network, 1);
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        let batch = Batch {
            x: x.clone(),
            shape: network.input,
            labels: &labels,
            smoothing: 0.1,
        };
        pool.unwrap()
            .install(|| gradients(&network, &learned, &batch, &Buffers::default()).of)
    };
    assert_eq!(with(1), with(3));
}

/// Processor time that this process took so far: unlike the time of day the same
/// whatever else the machine does.
fn processor_time() -> Option<Duration> {
    let mut spent = 0;
    for thread in fs::read_dir("/proc/self/task").ok()? {
        let times = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        spent += times.split(' ').next()?.parse::<u64>().ok()?;
    }
    Some(Duration::from_nanos(spent))
}

/// What the first lines of this module say it saves: `cargo test --lib
/// a_step_of_training -- --ignored --nocapture`, on Linux.
#[test]
#[ignore = "a measurement, which cannot fail"]
fn a_step_of_training_costs() {
    // As `lab train` made the shipped weights.
    for (id, count, side, optimiser) in [
        ("lenet-cifar10", 64, 32, Optimiser::Sgd),
        ("nin-cifar10", 128, 24, Optimiser::Muon),
    ] {
        let network = find(id).unwrap().architecture();
        let labels: Vec<usize> = (0..count).map(|index| index % 10).collect();
        let batch = Batch {
            x: crate::attack::random_direction(3 * side * side * count, 1),
            shape: [3, side, side],
            labels: &labels,
            smoothing: 0.0,
        };
        let (buffers, device) = (Buffers::default(), Device::flex());
        let least = |gradients: &dyn Fn(&[Vec<f32>]) -> Gradients| {
            let mut learned = initial(&network, 1);
            let rule = Rule {
                momentum: 0.9,
                looks_ahead: true,
                decay: 5e-4,
            };
            let mut descent = Descent::new(rule, ways(&network, optimiser));
            let steps = (0..9).map(|_| {
                let begun = processor_time().expect("this is not Linux");
                let of = gradients(&learned).of;
                block_on(descent.step(1e-3, &mut learned, of)).unwrap();
                processor_time().expect("it was there before") - begun
            });
            steps.min().unwrap().as_secs_f64() * 1e3
        };
        let ours = least(&|learned| gradients(&network, learned, &batch, &buffers));
        let burns = least(&|learned| {
            block_on(tape::gradients(&network, learned, &batch, &device)).unwrap()
        });
        println!("{id}, {count} of {side} × {side}: {ours:.0} ms, by the tape {burns:.0} ms");
    }
}
