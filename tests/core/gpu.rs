//! The GPU path natively against the CPU, on a small network: any Vulkan driver
//! will do, one made of software too.

use std::sync::OnceLock;

use burn::tensor::{Device, Tensor, TensorData};
use foolscope::attack::Outcome;
use foolscope::attack::deepfool::{self, deepfool};
use foolscope::classifier::Classifier;
use foolscope::classifier::network::Network;
use foolscope::task::{Task, block_on, read};
use foolscope::universal::stochastic::{self, stochastic};

use crate::affine::pictures;
use crate::network::small_on;

/// The GPU, opened once; or a line that says which test is skipped without it.
fn gpu(test: &str) -> Option<Device> {
    static GPU: OnceLock<Option<Device>> = OnceLock::new();
    let opened = GPU.get_or_init(|| {
        let opened = foolscope::classifier::gpu::open();
        opened.ok().map(|(device, _)| device)
    });
    if opened.is_none() {
        println!("skipped: {test} (needs a Vulkan driver, such as mesa-vulkan-drivers)");
    }
    opened.clone()
}

/// The same network on the GPU and on the CPU, and pictures for it.
fn both(test: &str, count: usize) -> Option<([Network; 2], Vec<Vec<f32>>)> {
    let networks = [gpu(test)?, Device::flex()].map(|device| small_on(&device));
    let size = networks[0].input_shape().iter().product();
    Some((networks, pictures(count, size, 11)))
}

fn agree(gpu: &[f32], cpu: &[f32]) {
    assert_eq!(gpu.len(), cpu.len());
    let scale = cpu.iter().fold(0f32, |scale, value| scale.max(value.abs()));
    for (a, b) in gpu.iter().zip(cpu) {
        assert!((a - b).abs() <= 1e-3 * scale, "{a} {b} of {scale}");
    }
}

#[test]
fn logits_and_gradients_are_those_of_the_cpu() {
    let test = "logits_and_gradients_are_those_of_the_cpu";
    let Some((networks, x)) = both(test, 3) else {
        return;
    };
    let [gpu, cpu] = networks.map(|network| {
        let [c, h, w] = network.input_shape();
        let data = TensorData::new(x.concat(), [x.len(), c, h, w]);
        let pass = block_on(network.forward(Tensor::from_data(data, network.device())));
        let gradients = block_on(pass.class_gradients(&[vec![0, 7], vec![3, 1], vec![9, 2]]));
        [
            block_on(read(pass.logits())).unwrap(),
            block_on(read(gradients)).unwrap(),
        ]
    });
    agree(&gpu[0], &cpu[0]);
    agree(&gpu[1], &cpu[1]);
}

#[test]
fn deepfool_finds_on_the_gpu_what_it_finds_on_the_cpu() {
    let Some((networks, x)) = both("deepfool_finds_on_the_gpu_what_it_finds_on_the_cpu", 3) else {
        return;
    };
    let options = deepfool::Options::default();
    let [gpu, cpu]: [Vec<Outcome>; 2] = networks
        .map(|network| block_on(deepfool(&network, &x, &options, &mut Task::silent())).unwrap());
    for (gpu, cpu) in gpu.iter().zip(&cpu) {
        assert!(gpu.fooled());
        assert_eq!(gpu.adversarial.label, cpu.adversarial.label);
        assert_eq!(gpu.iterations, cpu.iterations);
        assert!((gpu.norms.l2 / cpu.norms.l2 - 1.0).abs() < 0.01);
    }
}

#[test]
fn a_universal_perturbation_takes_the_same_step_on_the_gpu() {
    let test = "a_universal_perturbation_takes_the_same_step_on_the_gpu";
    let Some((networks, x)) = both(test, 4) else {
        return;
    };
    let options = stochastic::Options {
        max_passes: 1,
        batch: 4,
        mirror: false,
        ..stochastic::Options::default()
    };
    let [gpu, cpu] = networks.map(|network| {
        let mut task = Task::silent();
        let made = stochastic(&network, &x[..], None, &options, &mut task);
        block_on(made).unwrap().perturbation
    });
    // The first step goes by the sign of the gradient: where that is nearly
    // zero, rounding may turn it.
    let same = gpu
        .iter()
        .zip(&cpu)
        .filter(|(a, b)| (**a - **b).abs() < 1e-4);
    assert!(same.count() * 100 >= 99 * cpu.len());
    assert!(cpu.iter().any(|v| *v != 0.0));
}
