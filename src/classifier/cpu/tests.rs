//! Every level's walk against the tensor library's. (`tests/core/network.rs`
//! checks both against autodiff and finite differences.)

use super::CpuNetwork;
use super::lanes::Level;
use super::plan::Op;
use crate::classifier::architecture::{
    Activation, Architecture, Builder, Convolution, Layer, Window,
};
use crate::classifier::drawn::{random, random_weights, sequence};
use crate::classifier::network::Network;
use crate::classifier::vocabulary;
use crate::classifier::{Classifier, catalogue};
use crate::task::{block_on, read};
use burn::tensor::{Device, Tensor, TensorData};
use proptest::prelude::*;

/// Logits and gradients of all classes, by both walks, at every level.
fn check(architecture: &Architecture, n: usize) {
    check_by(architecture, n, close);
}

fn check_by(architecture: &Architecture, n: usize, close: impl Fn(&[f32], &[f32], Level)) {
    let weights = random_weights(architecture);
    let device = Device::flex();
    let [c, h, w] = architecture.input;
    let classes = architecture.classes().unwrap();
    let x: Vec<f32> = random(n * c * h * w, 0.5, 99)
        .iter()
        .map(|x| x + 0.5)
        .collect();
    let k = 3;
    let cotangents = random(n * k * classes, 1.0, 7);

    let layers = Network::by_layers(architecture, &weights, &device).unwrap();
    let batch = Tensor::from_data(TensorData::new(x.clone(), [n, c, h, w]), &device);
    let pass = block_on(layers.forward(batch));
    let expected = block_on(read(pass.logits())).unwrap();
    let seeds = TensorData::new(cotangents.clone(), [n, k, classes]);
    let gradients = block_on(pass.pull_back(Tensor::from_data(seeds, &device)));
    let gradients = block_on(read(gradients)).unwrap();

    for level in Level::all() {
        let cpu = CpuNetwork::at_level(architecture, &weights, level).unwrap();
        close(&cpu.logits(&x), &expected, level);
        let (logits, tapes) = cpu.forward(&x);
        close(&logits, &expected, level);
        close(&cpu.pull_back(&tapes, &cotangents), &gradients, level);
    }
}

#[track_caller]
fn close(found: &[f32], expected: &[f32], level: Level) {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0f32, |most, v| most.max(v.abs()));
    assert!(largest > 0.0);
    for (index, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!(
            (a - b).abs() <= 1e-5 * largest.max(1.0),
            "{level:?}, {index}: {a} {b}"
        );
    }
}

#[test]
fn depthwise_convolutions_of_every_stride_kernel_and_padding() {
    for kernel in [1, 2, 3, 5] {
        for stride in [1, 2, 3] {
            for (before, after) in [(0, 0), (0, 1), (1, 1), (2, 2), (1, 2), (3, 1)] {
                for size in [7, 8, 19] {
                    let conv = Convolution::new("deep", 3, 3, kernel)
                        .depthwise()
                        .stride(stride)
                        .padding(before, after);
                    let nodes = vec![conv.into(), Activation::Relu.into(), Layer::Flatten];
                    check(&sequence([3, size, size + 1], nodes), 2);
                }
            }
        }
    }
}

#[test]
fn groups_of_few_channels_of_every_stride_kernel_and_padding() {
    for (ins, outs) in [(2, 2), (4, 4), (1, 3), (8, 2)] {
        for (kernel, stride) in [(1, 1), (2, 3), (3, 1), (3, 2), (5, 2)] {
            for (before, after) in [(0, 0), (1, 1), (3, 1)] {
                let conv = Convolution {
                    groups: 3,
                    ..Convolution::new("few", 3 * ins, 3 * outs, kernel)
                        .stride(stride)
                        .padding(before, after)
                };
                let nodes = vec![conv.into(), Activation::Relu.into(), Layer::Flatten];
                check(&sequence([3 * ins, 9, 11], nodes), 2);
            }
        }
    }
}

#[test]
fn dense_convolutions_of_every_stride_kernel_padding_and_group() {
    for (kernel, stride) in [(1, 1), (1, 2), (2, 1), (3, 1), (3, 2), (5, 1), (4, 3)] {
        for (before, after) in [(0, 0), (0, 1), (2, 1), (1, 3)] {
            for (groups, input, output) in [(1, 4, 6), (2, 18, 20)] {
                let conv = Convolution {
                    groups,
                    ..Convolution::new("conv", input, output, kernel)
                        .stride(stride)
                        .padding(before, after)
                };
                let nodes = vec![conv.into(), Activation::Relu6.into(), Layer::Flatten];
                check(&sequence([input, 9, 11], nodes), 2);
            }
        }
    }
}

#[test]
fn pooling_branches_shortcuts_and_what_is_between() {
    let conv = Convolution::new;
    let window = Window::new;
    let mut net = Builder::new([3, 17, 14]).normalised(&[0.45; 3], &[0.25; 3]);
    let x = net.then(net.picture(), conv("a", 3, 8, 3).padding(1, 1));
    let x = net.then(x, Activation::Relu6);
    let y = net.chain(
        x,
        [
            conv("b", 8, 8, 3).depthwise().padding(1, 1).into(),
            Activation::Relu.into(),
            conv("c", 8, 8, 1).into(),
        ],
    );
    let x = net.add(Layer::Add, &[y, x]);
    let x = net.then(x, Activation::Relu);
    let x = net.then(x, Layer::MaxPool(window(3, 2).padding(1).ceil()));
    let y = net.then(x, Activation::Relu);
    let x = net.add(Layer::Add, &[y, x]);
    let d = net.then(x, conv("d", 8, 5, 1));
    let f = net.chain(
        x,
        [
            conv("e", 8, 70, 1).into(),
            Activation::Relu.into(),
            conv("f", 70, 4, 3).padding(1, 1).into(),
        ],
    );
    let pooled = net.then(x, Layer::AveragePool(window(3, 1).padding(1)));
    let x = net.add(Layer::Concatenate { axis: 0 }, &[d, f, pooled]);
    let x = net.then(x, Layer::AveragePool(window(2, 2).ceil()));
    let flat = net.then(x, Layer::Flatten);
    let mean = net.then(x, Layer::GlobalAverage);
    let x = net.add(Layer::Concatenate { axis: 0 }, &[flat, mean]);
    let x = net.chain(
        x,
        [
            Layer::linear("g", 17 * 5 * 4 + 17, 35),
            Activation::Relu.into(),
            Layer::linear("h", 35, 7),
        ],
    );
    check(&net.finish(x), 3);
}

#[test]
fn the_networks_of_the_catalogue() {
    // Of a million rectifiers some are so near their corner that rounding opens
    // or shuts them: the walks then differ, but little in all.
    // The large ones are tried with weights of theirs (`tests/core`).
    let small = catalogue::CATALOGUE.iter();
    for entry in small.filter(|entry| entry.weight_file.is_some()) {
        check_by(&entry.architecture(), 1, |found, expected, level| {
            let length = |v: &mut dyn Iterator<Item = f32>| v.map(|v| v * v).sum::<f32>().sqrt();
            let off = length(&mut found.iter().zip(expected).map(|(a, b)| a - b));
            let whole = length(&mut expected.iter().copied());
            assert!(
                off < 5e-3 * whole,
                "{}, {level:?}: {off} of {whole}",
                entry.id
            );
        });
    }
}

#[test]
fn a_fully_connected_layer_shares_its_weights_with_who_gave_them() {
    let architecture = catalogue::find("fc-mnist").unwrap().architecture();
    let weights = random_weights(&architecture);
    for level in Level::all() {
        let cpu = CpuNetwork::at_level(&architecture, &weights, level).unwrap();
        let steps = cpu.plan.steps.iter();
        let held: Vec<*const f32> = steps
            .filter_map(|step| match &step.op {
                Op::Linear { weight, .. } => Some(weight.as_ptr()),
                _ => None,
            })
            .collect();
        assert_eq!(held.len(), 3);
        for pointer in held {
            let given = |(_, _, values): (_, _, &[f32])| values.as_ptr() == pointer;
            assert!(weights.iter().any(given));
        }
    }
}

#[test]
fn every_activation() {
    vocabulary::every_activation(&mut |architecture| check(architecture, 2));
}

#[test]
fn every_layer_of_one_input() {
    vocabulary::every_layer_of_one_input(&mut |architecture| check(architecture, 2));
}

#[test]
fn pooling_of_every_kind() {
    vocabulary::pooling_of_every_kind(&mut |architecture| check(architecture, 2));
}

#[test]
fn dilated_convolutions() {
    vocabulary::dilated_convolutions(&mut |architecture| check(architecture, 2));
}

#[test]
fn layers_of_two_inputs() {
    vocabulary::layers_of_two_inputs(&mut |architecture| check(architecture, 2));
}

#[test]
fn attention() {
    vocabulary::attention(&mut |architecture| check(architecture, 2));
}

#[test]
fn squeeze_and_excite_with_a_channel_shuffle() {
    vocabulary::squeeze_and_excite_with_a_channel_shuffle(&mut |architecture| {
        check(architecture, 2)
    });
}

#[test]
fn what_does_not_reach_the_logits_or_the_picture_costs_nothing_and_harms_nothing() {
    vocabulary::what_does_not_reach_the_logits_or_the_picture_costs_nothing_and_harms_nothing(
        &mut |architecture| check(architecture, 2),
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn networks_put_together_by_chance(
        choices in proptest::collection::vec((any::<u8>(), any::<usize>(), any::<usize>()), 1..12),
    ) {
        check(&vocabulary::by_chance(&choices), 2);
    }
}
