//! What the papers published: facts to stand beside ours.

use serde::Serialize;

/// A figure of a paper.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Published {
    /// As the paper calls it.
    pub network: &'static str,
    pub measure: &'static str,
    pub value: f64,
    /// The standard deviation over pictures, where it is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deviation: Option<f64>,
    pub source: &'static str,
    /// Which of our networks is the same one; empty for none.
    #[serde(skip)]
    pub ours: &'static str,
}

const DEEPFOOL: &str = "Moosavi-Dezfooli et al., CVPR 2016, arXiv 1511.04599, table 1";
const RANDOM: &str = "Fawzi et al., NIPS 2016, arXiv 1608.08967, table 1";
const UNIVERSAL: &str = "Moosavi-Dezfooli et al., CVPR 2017, arXiv 1610.08401, table 1";
const FEEDBACK: &str = "Moosavi-Dezfooli et al., CVPR 2017, arXiv 1610.08401, section 4";
const TRANSFER: &str = "Moosavi-Dezfooli et al., CVPR 2017, arXiv 1610.08401, table 2";

const fn of(
    source: &'static str,
    ours: &'static str,
    network: &'static str,
    measure: &'static str,
    value: f64,
) -> Published {
    Published {
        network,
        measure,
        value,
        deviation: None,
        source,
        ours,
    }
}

/// Of DeepFool's table 1: test errors and rho_adv by three attacks.
pub fn robustness() -> Vec<Published> {
    // Network, ours, test error, DeepFool, L-BFGS, fast gradient sign.
    let rows: [(_, _, f64, f64, Option<f64>, f64); 6] = [
        (
            "LeNet (MNIST)",
            "lenet-mnist",
            0.010,
            2.0e-1,
            Some(2.5e-1),
            1.0,
        ),
        (
            "FC500-150-10 (MNIST)",
            "fc-mnist",
            0.017,
            1.1e-1,
            Some(1.2e-1),
            3.9e-1,
        ),
        (
            "NIN (CIFAR-10)",
            "nin-cifar10",
            0.115,
            2.3e-2,
            Some(2.4e-2),
            1.2e-1,
        ),
        (
            "LeNet (CIFAR-10)",
            "lenet-cifar10",
            0.226,
            3.0e-2,
            Some(3.9e-2),
            1.3e-1,
        ),
        ("CaffeNet (ILSVRC 2012)", "", 0.426, 2.7e-3, None, 3.5e-2),
        ("GoogLeNet (ILSVRC 2012)", "", 0.313, 1.9e-3, None, 4.7e-2),
    ];
    let mut all = Vec::new();
    for (network, ours, error, deepfool, lbfgs, sign) in rows {
        all.push(of(DEEPFOOL, ours, network, "test error", error));
        all.push(of(DEEPFOOL, ours, network, "rho_adv, deepfool", deepfool));
        all.extend(lbfgs.map(|value| of(DEEPFOOL, ours, network, "rho_adv, lbfgs", value)));
        all.push(of(DEEPFOOL, ours, network, "rho_adv, fast-gradient", sign));
    }
    all
}

/// What a column of [`semi_random`] is called.
pub fn beta(ratio: f64) -> &'static str {
    let columns = [1.0, 4.0, 16.0, 36.0, 64.0, 100.0];
    let names = [
        "beta, m/d = 1",
        "beta, m/d = 1/4",
        "beta, m/d = 1/16",
        "beta, m/d = 1/36",
        "beta, m/d = 1/64",
        "beta, m/d = 1/100",
    ];
    let found = columns
        .iter()
        .position(|of| (ratio * of - 1.0).abs() < 1e-9);
    found.map_or("beta", |index| names[index])
}

/// beta(f; m) with its standard deviation.
pub fn semi_random() -> Vec<Published> {
    type Row = (&'static str, &'static str, [(f64, f64); 6]);
    let rows: [Row; 4] = [
        (
            "LeNet (MNIST)",
            "lenet-mnist",
            [
                (1.00, 0.0),
                (1.00, 0.06),
                (1.01, 0.12),
                (1.03, 0.20),
                (1.01, 0.26),
                (1.05, 0.34),
            ],
        ),
        (
            "LeNet (CIFAR-10)",
            "lenet-cifar10",
            [
                (1.00, 0.0),
                (1.01, 0.03),
                (1.02, 0.07),
                (1.04, 0.10),
                (1.06, 0.14),
                (1.10, 0.19),
            ],
        ),
        (
            "VGG-F (ILSVRC 2012)",
            "",
            [
                (1.00, 0.0),
                (1.00, 0.01),
                (1.02, 0.02),
                (1.03, 0.04),
                (1.03, 0.05),
                (1.04, 0.06),
            ],
        ),
        (
            "VGG-19 (ILSVRC 2012)",
            "",
            [
                (1.00, 0.0),
                (1.00, 0.01),
                (1.02, 0.03),
                (1.02, 0.05),
                (1.03, 0.06),
                (1.04, 0.08),
            ],
        ),
    ];
    let ratios = [
        1.0,
        1.0 / 4.0,
        1.0 / 16.0,
        1.0 / 36.0,
        1.0 / 64.0,
        1.0 / 100.0,
    ];
    let mut all = Vec::new();
    for (network, ours, values) in rows {
        for (ratio, (value, deviation)) in ratios.into_iter().zip(values) {
            all.push(Published {
                deviation: (deviation > 0.0).then_some(deviation),
                ..of(RANDOM, ours, network, beta(ratio), value)
            });
        }
    }
    all
}

/// Fooling rates on the validation set.
pub fn universal() -> Vec<Published> {
    let rows = [
        ("CaffeNet", 0.933, 0.856),
        ("VGG-F", 0.937, 0.870),
        ("VGG-16", 0.783, 0.903),
        ("VGG-19", 0.778, 0.845),
        ("GoogLeNet", 0.789, 0.820),
        ("ResNet-152", 0.840, 0.885),
    ];
    let pairs = rows.into_iter().flat_map(|(network, linf, l2)| {
        [
            ("fooling rate on others, linf", linf),
            ("fooling rate on others, l2", l2),
        ]
        .map(|(measure, value)| of(UNIVERSAL, "", network, measure, value))
    });
    pairs.collect()
}

/// What a row's perturbation does to a column's network.
pub fn transfer() -> Vec<Published> {
    const NETWORKS: [&str; 6] = [
        "VGG-F",
        "CaffeNet",
        "GoogLeNet",
        "VGG-16",
        "VGG-19",
        "ResNet-152",
    ];
    const RATES: [[f64; 6]; 6] = [
        [0.937, 0.718, 0.484, 0.421, 0.421, 0.474],
        [0.740, 0.933, 0.477, 0.399, 0.399, 0.480],
        [0.462, 0.438, 0.789, 0.392, 0.398, 0.455],
        [0.634, 0.558, 0.565, 0.783, 0.731, 0.634],
        [0.640, 0.572, 0.536, 0.735, 0.778, 0.580],
        [0.463, 0.463, 0.505, 0.470, 0.455, 0.840],
    ];
    const MEASURES: [&str; 6] = [
        "fools VGG-F",
        "fools CaffeNet",
        "fools GoogLeNet",
        "fools VGG-16",
        "fools VGG-19",
        "fools ResNet-152",
    ];
    let pairs = NETWORKS.into_iter().zip(RATES);
    let all = pairs.flat_map(|(network, rates)| {
        let columns = MEASURES.into_iter().zip(rates);
        columns.map(move |(measure, value)| of(TRANSFER, "", network, measure, value))
    });
    all.collect()
}

/// Feedback: VGG-F before and after a round, and after five more.
pub fn feedback() -> Vec<Published> {
    let rows = [
        ("fooling rate, round 0", 0.937),
        ("fooling rate, round 1", 0.762),
    ];
    let all = rows.map(|(measure, value)| of(FEEDBACK, "", "VGG-F", measure, value));
    all.to_vec()
}
