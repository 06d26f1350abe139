//! The GPU's walk against the tensor library's on the CPU, layer by layer and
//! network by network. Any driver will do, one made of software too.
//! (`tests/core/gpu.rs` attacks through it.)

use std::sync::OnceLock;

use burn::tensor::{Device, Tensor, TensorData};

use super::{GpuNetwork, device};
use crate::classifier::architecture::{
    Activation, Architecture, Builder, Convolution, Layer, Padding, Window,
};
use crate::classifier::drawn::{random, random_weights, sequence};
use crate::classifier::network::Network;
use crate::classifier::vocabulary;
use crate::classifier::{Classifier, catalogue};
use crate::task::{block_on, read};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// The GPU, opened once; or a line that says which test is skipped without it.
fn gpu(test: &str) -> Option<Device> {
    static GPU: OnceLock<Option<Device>> = OnceLock::new();
    let opened = GPU.get_or_init(|| device::open().ok().map(|(device, _)| device));
    if opened.is_none() {
        println!("skipped: {test} (needs a Vulkan driver, such as mesa-vulkan-drivers)");
    }
    opened.clone()
}

#[track_caller]
fn close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0f32, |most, v| most.max(v.abs()));
    assert!(largest > 0.0);
    for (index, (a, b)) in found.iter().zip(expected).enumerate() {
        assert!(
            (a - b).abs() <= 1e-4 * largest,
            "{index}: {a} {b} of {largest}"
        );
    }
}

/// Logits and pulled back cotangents of n pictures, k cotangents each, twice by
/// the same network, whose buffers the second pass finds used.
#[track_caller]
fn check(device: &Device, architecture: &Architecture, n: usize, k: usize) {
    check_by(device, architecture, n, k, close);
}

/// Within a share of their length: of a million rectifiers some are so near
/// their corner that rounding opens or shuts them.
#[track_caller]
fn near(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    let length = |v: &mut dyn Iterator<Item = f32>| v.map(|v| v * v).sum::<f32>().sqrt();
    let off = length(&mut found.iter().zip(expected).map(|(a, b)| a - b));
    let whole = length(&mut expected.iter().copied());
    assert!(off < 5e-3 * whole, "{off} of {whole}");
}

#[track_caller]
fn check_by(
    device: &Device,
    architecture: &Architecture,
    n: usize,
    k: usize,
    close: impl Fn(&[f32], &[f32]),
) {
    let weights = random_weights(architecture);
    let handles = device::handles(device).unwrap();
    let fast = GpuNetwork::new(architecture, &weights, handles).unwrap();
    let cpu = Device::flex();
    let layers = Network::by_layers(architecture, &weights, &cpu).unwrap();
    let [c, h, w] = architecture.input;
    let classes = architecture.classes().unwrap();
    for seed in [99, 100] {
        let x: Vec<f32> = random(n * c * h * w, 0.5, seed)
            .iter()
            .map(|x| x + 0.5)
            .collect();
        let x = TensorData::new(x, [n, c, h, w]);
        let cotangents = TensorData::new(random(n * k * classes, 1.0, seed + 7), [n, k, classes]);
        let expected = block_on(layers.forward(Tensor::from_data(x.clone(), &cpu)));
        let found = fast.forward(Tensor::from_data(x, device));
        close(
            &block_on(read(found.logits())).unwrap(),
            &block_on(read(expected.logits())).unwrap(),
        );
        let expected = block_on(expected.pull_back(Tensor::from_data(cotangents.clone(), &cpu)));
        let found = found.pull_back(Tensor::from_data(cotangents, device));
        close(
            &block_on(read(found)).unwrap(),
            &block_on(read(expected)).unwrap(),
        );
    }
}

#[test]
fn depthwise_convolutions_on_the_gpu() {
    let Some(gpu) = gpu("depthwise_convolutions_on_the_gpu") else {
        return;
    };
    for kernel in [1, 2, 3, 5] {
        for stride in [1, 2, 3] {
            for (before, after) in [(0, 0), (0, 1), (2, 2), (3, 1)] {
                let conv = Convolution::new("deep", 3, 3, kernel)
                    .depthwise()
                    .stride(stride)
                    .padding(before, after);
                let nodes = vec![conv.into(), Activation::Relu.into(), Layer::Flatten];
                check(&gpu, &sequence([3, 7, 9], nodes), 2, 3);
            }
        }
    }
}

#[test]
fn dense_convolutions_on_the_gpu() {
    let Some(gpu) = gpu("dense_convolutions_on_the_gpu") else {
        return;
    };
    for (kernel, stride) in [(1, 1), (1, 2), (2, 1), (3, 2), (5, 1), (4, 3)] {
        for (before, after) in [(0, 0), (0, 1), (2, 1)] {
            for groups in [1, 2] {
                let conv = Convolution {
                    groups,
                    ..Convolution::new("conv", 4, 6, kernel)
                        .stride(stride)
                        .padding(before, after)
                };
                let nodes = vec![conv.into(), Activation::Relu6.into(), Layer::Flatten];
                check(&gpu, &sequence([4, 9, 11], nodes), 2, 3);
            }
        }
    }
}

/// Each tile, with edges that it does not fill.
#[test]
fn products_in_every_tile_on_the_gpu() {
    let Some(gpu) = gpu("products_in_every_tile_on_the_gpu") else {
        return;
    };
    for (inputs, outputs, size) in [(70, 130, 37), (40, 35, 21), (5, 3, 50), (70, 30, 5)] {
        let nodes = vec![
            Convolution::new("first", 3, inputs, 1).into(),
            Convolution::new("second", inputs, outputs, 1).into(),
            Layer::GlobalAverage,
        ];
        check(&gpu, &sequence([3, size, size - 1], nodes), 1, 9);
    }
}

#[test]
fn pooling_branches_shortcuts_and_what_is_between_on_the_gpu() {
    let test = "pooling_branches_shortcuts_and_what_is_between_on_the_gpu";
    let Some(gpu) = gpu(test) else {
        return;
    };
    let conv = Convolution::new;
    let window = Window::new;
    let mut net = Builder::new([3, 17, 14]).normalised(&[0.45; 3], &[0.25; 3]);
    let x = net.then(net.picture(), conv("a", 3, 8, 3).padding(1, 1));
    let x = net.then(x, Layer::MaxPool(window(3, 2).padding(1).ceil()));
    let x = net.then(x, Activation::Relu);
    // A shortcut around a rectifier, and one around a sum.
    let y = net.then(x, conv("b", 8, 8, 1));
    let y = net.then(y, Activation::Relu6);
    let z = net.then(y, conv("c", 8, 8, 3).padding(1, 1));
    let y = net.add(Layer::Add, &[z, y]);
    let x = net.add(Layer::Add, &[y, x]);
    let x = net.then(x, Activation::Relu);
    let d = net.then(x, conv("d", 8, 4, 1));
    let d = net.then(d, Activation::Relu);
    let pooled = net.then(x, Layer::AveragePool(window(3, 1).padding(1)));
    let x = net.add(Layer::Concatenate { axis: 0 }, &[d, pooled, x]);
    let x = net.then(x, Layer::AveragePool(window(2, 2)));
    let x = net.then(x, Layer::linear("fc", 20 * 16, 7));
    // More pictures than walk together.
    check(&gpu, &net.finish(x), 11, 3);
}

#[test]
fn logits_that_end_in_a_rectifier_on_the_gpu() {
    let Some(gpu) = gpu("logits_that_end_in_a_rectifier_on_the_gpu") else {
        return;
    };
    let nodes = vec![
        Layer::Flatten,
        Layer::linear("fc", 12, 5),
        Activation::Relu.into(),
    ];
    // More cotangents than walk together.
    check(&gpu, &sequence([3, 2, 2], nodes), 3, 50);
}

/// All of the catalogue, the large one with one picture: software is slow.
#[test]
fn every_network_of_the_catalogue_on_the_gpu() {
    let Some(gpu) = gpu("every_network_of_the_catalogue_on_the_gpu") else {
        return;
    };
    let small = catalogue::CATALOGUE.iter();
    for entry in small.filter(|entry| entry.weight_file.is_some()) {
        let architecture = entry.architecture();
        let is_large = architecture.input[1] > 100;
        let (n, k) = if is_large { (1, 2) } else { (3, 4) };
        if is_large {
            check_by(&gpu, &architecture, n, k, near);
        } else {
            check(&gpu, &architecture, n, k);
        }
    }
}

/// What a GPU has no kernel for: padding that repeats the picture.
fn is_left_out(architecture: &Architecture) -> bool {
    architecture.layers.iter().any(|placed| {
        let with = match placed.layer {
            Layer::Pad { with, .. } => with,
            _ => return false,
        };
        matches!(with, Padding::Edge | Padding::Reflect)
    })
}

#[test]
fn the_vocabulary_on_the_gpu() {
    let Some(gpu) = gpu("the_vocabulary_on_the_gpu") else {
        return;
    };
    let check = &mut |architecture: &Architecture| {
        if !is_left_out(architecture) {
            check(&gpu, architecture, 2, 3);
        }
    };
    vocabulary::every_activation(check);
    vocabulary::every_layer_of_one_input(check);
    vocabulary::pooling_of_every_kind(check);
    vocabulary::dilated_convolutions(check);
    vocabulary::layers_of_two_inputs(check);
    vocabulary::attention(check);
    vocabulary::squeeze_and_excite_with_a_channel_shuffle(check);
    vocabulary::what_does_not_reach_the_logits_or_the_picture_costs_nothing_and_harms_nothing(
        check,
    );
}

#[test]
fn networks_put_together_by_chance_on_the_gpu() {
    let Some(gpu) = gpu("networks_put_together_by_chance_on_the_gpu") else {
        return;
    };
    let choice = (any::<u8>(), any::<usize>(), any::<usize>());
    let choices = proptest::collection::vec(choice, 1..12);
    let mut runner = TestRunner::new(ProptestConfig::with_cases(24));
    let result = runner.run(&choices, |choices| {
        check(&gpu, &vocabulary::by_chance(&choices), 2, 3);
        Ok(())
    });
    result.unwrap();
}

#[test]
fn a_layer_without_a_kernel_is_named() {
    let Some(gpu) = gpu("a_layer_without_a_kernel_is_named") else {
        return;
    };
    let mut net = Builder::new([1, 4, 4]);
    let pad = Layer::Pad {
        before: [0, 1, 1],
        after: [0, 1, 1],
        with: Padding::Reflect,
    };
    let x = net.named("Pad_3", pad, &[net.picture()]);
    let x = net.then(x, Layer::GlobalAverage);
    let network = net.finish(x);
    let handles = device::handles(&gpu).unwrap();
    let error = GpuNetwork::new(&network, &random_weights(&network), handles).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the GPU's program has no padding (Pad_3): compute on the CPU"
    );
    // Natively the tensor library does it.
    let whole = Network::new(&network, &random_weights(&network), &gpu);
    assert_eq!(whole.unwrap().class_count(), 1);
}
