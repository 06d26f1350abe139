//! The walk back against burn's autodiff and against finite differences.

use burn::tensor::{Device, Tensor, TensorData};
use foolscope::classifier::architecture::{
    Activation, Architecture, Builder, Convolution, Layer, Window,
};
use foolscope::classifier::catalogue;
use foolscope::classifier::network::Network;
use foolscope::classifier::weights::{Weights, WeightsError};
use foolscope::classifier::{Classifier, Waiting, one_hot};
use foolscope::task::{block_on, read};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::affine::pictures;

/// Seeded weights at the scale that keeps activations alive.
pub fn random_weights(architecture: &Architecture, seed: u64) -> Weights {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut weights = Weights::new();
    for needed in architecture.weights() {
        let inputs: usize = needed.shape[1..].iter().product();
        let reach = (3.0 / inputs.max(1) as f32).sqrt();
        let count: usize = needed.shape.iter().product();
        let values = (0..count)
            .map(|_| rng.random_range(-reach..reach))
            .collect();
        weights.insert(needed.name, &needed.shape, values).unwrap();
    }
    weights
}

/// What convolutional networks are made of, every way of padding.
fn everything() -> Architecture {
    let conv = Convolution::new;
    let mut net = Builder::new([3, 15, 14]).normalised(&[0.4, 0.5, 0.6], &[0.2, 0.25, 0.3]);
    let x = net.chain(
        net.picture(),
        [
            conv("stem", 3, 8, 3).stride(2).padding(0, 1).into(),
            Activation::Relu6.into(),
            Layer::LocalResponse {
                size: 5,
                alpha: 0.5,
                beta: 0.75,
                k: 1.0,
            },
        ],
    );
    let y = net.chain(
        x,
        [
            conv("deep", 8, 8, 5).depthwise().padding(2, 2).into(),
            Activation::Relu.into(),
            conv("point", 8, 8, 1).into(),
        ],
    );
    let x = net.add(Layer::Add, &[y, x]);
    let x = net.then(x, Layer::MaxPool(Window::new(3, 2).padding(1).ceil()));
    let left = net.then(x, conv("left", 8, 4, 1));
    let right = net.then(x, conv("right", 8, 6, 3).groups(2).padding(1, 1));
    let right = net.then(right, Activation::Relu);
    let pooled = net.then(x, Layer::AveragePool(Window::new(3, 1).padding(1)));
    let x = net.add(Layer::Concatenate { axis: 0 }, &[left, right, pooled]);
    let x = net.chain(
        x,
        [
            conv("thin", 18, 18, 5)
                .depthwise()
                .stride(2)
                .padding(1, 2)
                .into(),
            conv("wide", 18, 12, 2).padding(1, 1).into(),
            Layer::AveragePool(Window::new(2, 2).ceil()),
        ],
    );
    let flat = net.then(x, Layer::Flatten);
    let mean = net.then(x, Layer::GlobalAverage);
    let x = net.add(Layer::Concatenate { axis: 0 }, &[flat, mean]);
    let x = net.chain(
        x,
        [
            Layer::linear("fc1", 12 * 2 * 2 + 12, 20),
            Activation::Relu.into(),
            Layer::linear("fc2", 20, 7),
        ],
    );
    net.finish(x)
}

/// A network that DeepFool needs a few steps for.
pub fn small() -> Network {
    small_on(&Device::flex())
}

pub fn small_on(device: &Device) -> Network {
    let architecture = catalogue::find("lenet-mnist").unwrap().architecture();
    let weights = random_weights(&architecture, 5);
    Network::new(&architecture, &weights, device).unwrap()
}

fn batch(x: &[Vec<f32>], [c, h, w]: [usize; 3], device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(x.concat(), [x.len(), c, h, w]), device)
}

/// What is computed, once it is there.
fn values<const D: usize>(tensor: Waiting<'_, Tensor<D>>) -> Vec<f32> {
    block_on(async { read(tensor.await).await }).unwrap()
}

type Make = fn(&Architecture, &Weights, &Device) -> Result<Network, WeightsError>;

/// Gradients by hand, `[N·K·C·H·W]`, and by burn's tape.
fn by_hand_and_by_tape(
    make: Make,
    architecture: &Architecture,
    n: usize,
    classes: &[usize],
) -> [Vec<f32>; 2] {
    let weights = random_weights(architecture, 1);
    let size: usize = architecture.input.iter().product();
    let x = pictures(n, size, 2);
    let device = Device::flex();
    let network = make(architecture, &weights, &device).unwrap();
    let pass = block_on(network.forward(batch(&x, architecture.input, &device)));
    let by_hand = values(pass.class_gradients(&vec![classes.to_vec(); n]));

    let tape = Device::flex().autodiff();
    let network = Network::new(architecture, &weights, &tape).unwrap();
    let mut by_tape = Vec::new();
    for x in &x {
        for &class in classes {
            let x = batch(std::slice::from_ref(x), architecture.input, &tape).require_grad();
            let gradients = block_on(network.logits(x.clone()))
                .narrow(1, class, 1)
                .sum()
                .backward();
            by_tape.extend(block_on(read(x.grad(&gradients).unwrap())).unwrap());
        }
    }
    [by_hand, by_tape]
}

fn agree(by_hand: &[f32], by_tape: &[f32]) {
    assert_eq!(by_hand.len(), by_tape.len());
    let scale = by_tape
        .iter()
        .fold(0f32, |scale, value| scale.max(value.abs()));
    assert!(scale > 1e-9, "the gradients vanish: {scale}");
    for (a, b) in by_hand.iter().zip(by_tape) {
        assert!((a - b).abs() <= 1e-4 * scale, "{a} {b} of {scale}");
    }
}

#[test]
fn the_walk_back_agrees_with_autodiff_for_every_layer() {
    for make in [Network::new as Make, Network::by_layers] {
        let [by_hand, by_tape] = by_hand_and_by_tape(make, &everything(), 3, &[0, 6, 3]);
        agree(&by_hand, &by_tape);
    }
}

#[test]
fn the_walk_back_agrees_with_autodiff_for_efficientnet() {
    let architecture = catalogue::find("efficientnet-lite0")
        .unwrap()
        .architecture();
    let [by_hand, by_tape] = by_hand_and_by_tape(Network::by_layers, &architecture, 1, &[17, 3]);
    agree(&by_hand, &by_tape);

    // The CPU's own walk adds in another order: of a million rectifiers some
    // are so near their corner that this opens or shuts them.
    let [by_hand, by_tape] = by_hand_and_by_tape(Network::new, &architecture, 1, &[17, 3]);
    let length = |v: &mut dyn Iterator<Item = f32>| v.map(|v| v * v).sum::<f32>().sqrt();
    let off = length(&mut by_hand.iter().zip(&by_tape).map(|(a, b)| a - b));
    let whole = length(&mut by_tape.iter().copied());
    assert!(off < 2e-2 * whole, "{off} of {whole}");
}

#[test]
fn the_walk_back_agrees_with_finite_differences() {
    // A picture may lie on the very corner of a rectifier, where there is no
    // derivative to find.
    let good = (4..7).map(|seed| directions_that_agree(&everything(), seed));
    let good: Vec<usize> = good.collect();
    assert!(good.iter().any(|good| *good >= 17), "{good:?} of 20");
}

/// Of 20 directions, along how many the gradient is the difference quotient.
fn directions_that_agree(architecture: &Architecture, seed: u64) -> usize {
    let device = Device::flex();
    let weights = random_weights(architecture, 1);
    let network = Network::new(architecture, &weights, &device).unwrap();
    let size: usize = architecture.input.iter().product();
    let x = pictures(1, size, seed);
    let pass = block_on(network.forward(batch(&x, architecture.input, &device)));
    let gradient = values(pass.class_gradients(&[vec![2]]));
    // Along random directions: single precision sees one pixel badly. A long
    // step may cross the corner of a rectifier, and a short one drowns in
    // rounding, so one of three has to agree, to a twentieth of what such a
    // product usually is; and a few directions may have no step that does.
    let length = |v: &[f32]| v.iter().map(|v| f64::from(v * v)).sum::<f64>().sqrt();
    let mut good = 0;
    for seed in 0..20 {
        let direction: Vec<f32> = pictures(1, size, 100 + seed)[0]
            .iter()
            .map(|v| v - 0.5)
            .collect();
        let at = |step: f32| -> f64 {
            let moved = x[0]
                .iter()
                .zip(&direction)
                .map(|(x, d)| x + step * d)
                .collect();
            let logits = network.logits(batch(&[moved], architecture.input, &device));
            f64::from(values(logits)[2])
        };
        let product: f64 = gradient
            .iter()
            .zip(&direction)
            .map(|(g, d)| f64::from(*g) * f64::from(*d))
            .sum();
        let agrees = |step: f32| {
            let difference = (at(step) - at(-step)) / (2.0 * f64::from(step));
            let usual = length(&gradient) * length(&direction) / (size as f64).sqrt();
            (difference - product).abs() < 0.05 * usual
        };
        good += usize::from([3e-4, 1e-3, 3e-3].into_iter().any(agrees));
    }
    good
}

#[test]
fn cotangents_pull_back_linearly_and_a_pass_can_be_used_again() {
    let architecture = everything();
    let device = Device::flex();
    let network = Network::new(&architecture, &random_weights(&architecture, 1), &device).unwrap();
    let x = pictures(2, architecture.input.iter().product(), 2);
    let pass = block_on(network.forward(batch(&x, architecture.input, &device)));
    let a = one_hot(&[vec![0], vec![1]], 7, &device);
    let b = one_hot(&[vec![5], vec![2]], 7, &device);
    let pull_back = |cotangents| block_on(pass.pull_back(cotangents));
    let apart = pull_back(a.clone()) * 2.0 - pull_back(b.clone());
    let together = pull_back(a * 2.0 - b);
    let [apart, together] = [apart, together].map(|g| block_on(read(g)).unwrap());
    for (a, b) in apart.iter().zip(&together) {
        assert!((a - b).abs() < 1e-4, "{a} {b}");
    }
}

#[test]
fn a_kept_pass_gives_the_logits_of_an_unkept_one() {
    let architecture = everything();
    let device = Device::flex();
    let network = Network::new(&architecture, &random_weights(&architecture, 1), &device).unwrap();
    let x = batch(
        &pictures(2, architecture.input.iter().product(), 2),
        architecture.input,
        &device,
    );
    let kept = block_on(async { read(network.forward(x.clone()).await.logits()).await }).unwrap();
    let unkept = values(network.logits(x));
    assert_eq!(kept, unkept);
}

#[test]
fn weights_that_do_not_fit_are_named() {
    let architecture = everything();
    let weights = random_weights(&architecture, 1);
    let other = Architecture::sequence(
        architecture.input,
        [
            Convolution::new("stem", 3, 4, 3).into(),
            Layer::GlobalAverage,
        ],
    );
    let error = Network::new(&other, &weights, &Device::flex()).unwrap_err();
    assert!(error.to_string().contains("stem.weight"), "{error}");
    let error = Network::new(&architecture, &Weights::new(), &Device::flex()).unwrap_err();
    assert!(matches!(error, WeightsError::Missing { .. }), "{error:?}");
}
