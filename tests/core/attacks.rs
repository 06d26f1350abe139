//! The attacks beside DeepFool against closed forms on affine functions, and
//! their promises.

use std::cell::Cell;

use burn::tensor::{Device, Tensor};
use foolscope::attack::decoupled_direction_norm::{self, decoupled_direction_norm};
use foolscope::attack::deepfool::{self, deepfool};
use foolscope::attack::fast_gradient::{self, fast_gradient};
use foolscope::attack::fast_minimum_norm::{self, fast_minimum_norm};
use foolscope::attack::lbfgs::{self, lbfgs};
use foolscope::attack::random_noise::{self, random_noise};
use foolscope::attack::smallest::{self, smallest};
use foolscope::attack::super_deepfool::{self, super_deepfool};
use foolscope::attack::{AttackError, Norm, Outcome, picture_seed, predictions, random_direction};
use foolscope::classifier::architecture::Shape;
use foolscope::classifier::{Classifier, ForwardPass, Waiting};
use foolscope::task::{StopFlag, Task, block_on};
use proptest::prelude::*;

use crate::affine::{Affine, pictures};
use crate::sphere::Sphere;

/// All attacks that go by gradients and fool whatever can be fooled, by name, with
/// their usual settings.
type Attack = fn(&dyn Classifier, &[Vec<f32>], &StopFlag) -> Result<Vec<Outcome>, AttackError>;

macro_rules! with_defaults {
    ($attack:ident) => {
        |classifier, x, stop| {
            let mut task = Task::new(stop.clone(), |_| ());
            block_on($attack(
                classifier,
                x,
                &$attack::Options::default(),
                &mut task,
            ))
        }
    };
}

const ALL: &[(&str, Attack)] = &[
    ("deepfool", with_defaults!(deepfool)),
    ("super_deepfool", with_defaults!(super_deepfool)),
    ("fast_gradient", with_defaults!(fast_gradient)),
    ("lbfgs", with_defaults!(lbfgs)),
    ("fast_minimum_norm", with_defaults!(fast_minimum_norm)),
    (
        "decoupled_direction_norm",
        with_defaults!(decoupled_direction_norm),
    ),
    ("smallest", with_defaults!(smallest)),
];

fn run(attack: Attack, classifier: &dyn Classifier, x: &[Vec<f32>]) -> Vec<Outcome> {
    attack(classifier, x, &StopFlag::default()).unwrap()
}

/// Two classes whose boundary is within reach of a picture in the box.
fn two_classes(seed: u64) -> (Affine, Vec<Vec<f32>>) {
    let mut affine = Affine::random([3, 5, 4], 2, seed);
    let x = pictures(4, 60, seed + 1);
    // The boundary goes near the middle of the box.
    let values = affine.values(&[0.5; 60]);
    affine.b[0] += (values[1] - values[0] + 0.4) as f32;
    (affine, x)
}

#[test]
fn every_attack_gives_each_picture_of_a_batch_what_it_gets_alone() {
    let network = crate::network::small();
    let x = pictures(3, network.input_shape().iter().product(), 11);
    for &(name, attack) in ALL {
        let together = run(attack, &network, &x);
        for (x, together) in x.iter().zip(&together) {
            let alone = &run(attack, &network, std::slice::from_ref(x))[0];
            assert_eq!(
                alone.adversarial.label, together.adversarial.label,
                "{name}"
            );
            for (a, b) in alone.perturbation.iter().zip(&together.perturbation) {
                assert!((a - b).abs() < 1e-5, "{name}: {a} {b}");
            }
            assert!(together.fooled(), "{name}");
            assert!(together.gradient_evaluations > 0, "{name}");
        }
    }
}

#[test]
fn no_attack_is_fooled_by_a_constant_classifier() {
    let affine = Affine::new([1, 2, 2], vec![0.0; 12], vec![1.0, 0.5, 0.2]);
    for &(name, attack) in ALL {
        let outcome = &run(attack, &affine, &[vec![0.5; 4]])[0];
        assert!(!outcome.fooled(), "{name}");
        assert!(outcome.perturbation.iter().all(|r| r.is_finite()), "{name}");
        assert!(outcome.rho.is_some_and(f64::is_finite), "{name}");
    }
    let mut task = Task::silent();
    let options = random_noise::Options::default();
    let found = block_on(random_noise(&affine, &[vec![0.5; 4]], &options, &mut task)).unwrap();
    assert_eq!(found[0].mean_size(), None);
    assert!(!found[0].smallest.fooled());
}

/// A classifier at whose n-th pass somebody wishes to stop.
struct Stopping<'a> {
    classifier: &'a dyn Classifier,
    stop: StopFlag,
    at: usize,
    passes: Cell<usize>,
}

impl<'a> Stopping<'a> {
    fn new(classifier: &'a dyn Classifier, at: usize) -> Self {
        Self {
            classifier,
            stop: StopFlag::default(),
            at,
            passes: Cell::new(0),
        }
    }

    fn count(&self) {
        self.passes.update(|passes| passes + 1);
        if self.passes.get() == self.at {
            self.stop.stop();
        }
    }
}

impl Classifier for Stopping<'_> {
    fn input_shape(&self) -> Shape {
        self.classifier.input_shape()
    }

    fn class_count(&self) -> usize {
        self.classifier.class_count()
    }

    fn device(&self) -> &Device {
        self.classifier.device()
    }

    fn logits(&self, x: Tensor<4>) -> Waiting<'_, Tensor<2>> {
        self.count();
        self.classifier.logits(x)
    }

    fn forward(&self, x: Tensor<4>) -> Waiting<'_, Box<dyn ForwardPass + '_>> {
        self.count();
        self.classifier.forward(x)
    }
}

#[test]
fn every_attack_that_takes_steps_stops_between_them() {
    let network = crate::network::small();
    let x = pictures(1, network.input_shape().iter().product(), 11);
    for &(name, attack) in ALL.iter().filter(|(name, _)| *name != "fast_gradient") {
        let whole = Stopping::new(&network, usize::MAX);
        run(attack, &whole, &x);
        let half = Stopping::new(&network, whole.passes.get() / 2);
        let stopped = attack(&half, &x, &half.stop);
        assert!(matches!(stopped, Err(AttackError::Stopped(_))), "{name}");
        assert!(half.passes.get() < whole.passes.get(), "{name}");
    }
}

#[test]
fn every_attack_refuses_one_class_and_stops_when_asked() {
    let one = Affine::random([1, 2, 2], 1, 1);
    let network = crate::network::small();
    let x = pictures(1, network.input_shape().iter().product(), 11);
    for &(name, attack) in ALL {
        let refused = attack(&one, &[vec![0.5; 4]], &StopFlag::default());
        assert_eq!(refused, Err(AttackError::TooFewClasses(1)), "{name}");
        let stop = StopFlag::default();
        stop.stop();
        let stopped = attack(&network, &x, &stop);
        assert!(matches!(stopped, Err(AttackError::Stopped(_))), "{name}");
        assert!(
            attack(&network, &[], &StopFlag::default())
                .unwrap()
                .is_empty(),
            "{name}"
        );
    }
}

#[test]
fn deepfool_goes_to_the_class_that_it_is_told() {
    // Two classes: the target's boundary is the only one, at a known distance.
    let (affine, x) = two_classes(3);
    for norm in [Norm::L1, Norm::L2, Norm::Linf] {
        for x in &x {
            let own = block_on(predictions(&affine, &[x])).unwrap()[0].label;
            let options = deepfool::Options {
                norm,
                target: Some(1 - own),
                ..deepfool::Options::default()
            };
            let found = block_on(deepfool(&affine, &[x], &options, &mut Task::silent())).unwrap();
            assert_eq!(found[0].adversarial.label, 1 - own);
            let expected = affine.distance(x, norm) * (1.0 + options.overshoot);
            assert!((norm.of(&found[0].perturbation) / expected - 1.0).abs() < 1e-3);
        }
    }
    // Many: the label is reached, by no less than the distance to its boundary.
    let affine = Affine::random([3, 5, 4], 12, 5);
    for x in pictures(3, 60, 6) {
        let clean = block_on(predictions(&affine, &[&x])).unwrap().remove(0);
        for target in clean.top(12) {
            let options = deepfool::Options {
                target: Some(target),
                ..deepfool::Options::default()
            };
            let found = block_on(deepfool(&affine, &[&x], &options, &mut Task::silent())).unwrap();
            assert_eq!(found[0].adversarial.label, target);
            assert_eq!(found[0].fooled(), target != clean.label);
            let w: Vec<f32> = affine
                .row(target)
                .iter()
                .zip(affine.row(clean.label))
                .map(|(a, b)| a - b)
                .collect();
            if target != clean.label {
                let values = affine.values(&x);
                let distance = (values[clean.label] - values[target]) / Norm::L2.of(&w);
                assert!(found[0].norms.l2 >= distance);
            }
        }
    }
    let beyond = deepfool::Options {
        target: Some(12),
        ..deepfool::Options::default()
    };
    let refused = block_on(deepfool(
        &affine,
        &[vec![0.5; 60]],
        &beyond,
        &mut Task::silent(),
    ));
    assert!(matches!(refused, Err(AttackError::Option { .. })));
}

#[test]
fn bisection_takes_the_overshoot_back() {
    let affine = Affine::random([3, 5, 4], 10, 2);
    let options = deepfool::Options {
        bisect: true,
        ..deepfool::Options::default()
    };
    for x in pictures(4, 60, 9) {
        let found = block_on(deepfool(&affine, &[&x], &options, &mut Task::silent())).unwrap();
        let ratio = found[0].norms.l2 / affine.distance(&x, Norm::L2);
        assert!((1.0..1.003).contains(&ratio), "{ratio}");
        assert!(found[0].fooled());
    }
}

#[test]
fn super_deepfool_finds_the_distance_of_flat_and_of_curved_boundaries() {
    let affine = Affine::random([3, 5, 4], 10, 2);
    let x = pictures(4, 60, 9);
    for (outcome, x) in run(ALL[1].1, &affine, &x).iter().zip(&x) {
        let ratio = outcome.norms.l2 / affine.distance(x, Norm::L2);
        assert!((0.9999..1.003).contains(&ratio), "{ratio}");
    }
    // The nearest point of a sphere lies on the line to its middle.
    let radius = 3.0;
    let sphere = Sphere::new([1, 6, 6], vec![0.5; 36], radius);
    for x in pictures(4, 36, 5) {
        let offset: Vec<f32> = x.iter().map(|x| x - 0.5).collect();
        let distance = radius - Norm::L2.of(&offset);
        let found = run(ALL[1].1, &sphere, &[x]);
        let ratio = found[0].norms.l2 / distance;
        assert!((0.999..1.01).contains(&ratio), "{ratio}");
    }
    let options = super_deepfool::Options {
        deepfool: deepfool::Options {
            norm: Norm::Linf,
            ..deepfool::Options::default()
        },
        ..super_deepfool::Options::default()
    };
    let refused = block_on(super_deepfool(&affine, &x, &options, &mut Task::silent()));
    assert_eq!(refused, Err(AttackError::OnlyL2("SuperDeepFool")));
}

#[test]
fn super_deepfool_is_never_longer_than_deepfool() {
    let network = crate::network::small();
    let x = pictures(4, network.input_shape().iter().product(), 3);
    let (plain, tighter) = (run(ALL[0].1, &network, &x), run(ALL[1].1, &network, &x));
    for (plain, tighter) in plain.iter().zip(&tighter) {
        assert!(tighter.fooled());
        assert!(tighter.norms.l2 <= plain.norms.l2 * 1.0001);
    }
}

#[test]
fn fast_gradient_finds_the_exact_epsilon_of_two_classes() {
    // |f| / ‖w‖₁ is the distance in the maximum norm.
    let (affine, x) = two_classes(7);
    for (outcome, x) in run(ALL[2].1, &affine, &x).iter().zip(&x) {
        let ratio = outcome.norms.linf / affine.distance(x, Norm::Linf);
        assert!((1.0..1.011).contains(&ratio), "{ratio}");
        assert!(outcome.fooled());
        // Every component is ±ε.
        let epsilon = outcome.norms.linf as f32;
        assert!(
            outcome
                .perturbation
                .iter()
                .all(|r| (r.abs() - epsilon).abs() < 1e-6)
        );
    }
}

#[test]
fn a_very_sure_classifier_still_has_a_gradient_sign() {
    // The softmax of a gap of 500 is 1 in any precision.
    let affine = Affine::new([1, 1, 2], vec![1000.0, 0.0, 0.0, 0.0], vec![0.0, 0.0]);
    let outcome = &run(ALL[2].1, &affine, &[vec![0.5, 0.5]])[0];
    assert!(outcome.fooled());
    assert!(
        (outcome.norms.linf - 0.5).abs() < 0.006,
        "{}",
        outcome.norms.linf
    );
}

#[test]
fn more_of_the_sign_fools_no_less() {
    let (affine, x) = two_classes(8);
    for (outcome, x) in run(ALL[2].1, &affine, &x).iter().zip(&x) {
        for share in [0.5f32, 0.95, 1.0, 1.5, 4.0] {
            let point: Vec<f32> = x
                .iter()
                .zip(&outcome.perturbation)
                .map(|(x, r)| x + share * r)
                .collect();
            let label = block_on(predictions(&affine, &[point])).unwrap()[0].label;
            assert_eq!(label != outcome.clean.label, share >= 1.0, "{share}");
        }
    }
}

#[test]
fn lbfgs_comes_near_the_distance_and_stays_in_the_box() {
    let (affine, x) = two_classes(9);
    for (outcome, x) in run(ALL[3].1, &affine, &x).iter().zip(&x) {
        assert!(outcome.fooled());
        let sum = x.iter().zip(&outcome.perturbation);
        assert!(
            sum.clone()
                .all(|(x, r)| (-1e-6..=1.0 + 1e-6).contains(&(x + r)))
        );
        // The box may cut the shortest way off; it is never shorter.
        let ratio = outcome.norms.l2 / affine.distance(x, Norm::L2);
        assert!((0.9999..1.25).contains(&ratio), "{ratio}");
    }
    let refused = ALL[3].1(&affine, &[vec![1.5; 60]], &StopFlag::default());
    assert_eq!(refused, Err(AttackError::OutsideBox));
}

#[test]
fn lbfgs_holds_what_lies_on_the_bounds() {
    // Down along the first component is shortest, but that is black already:
    // only the second is left.
    let affine = Affine::new([1, 1, 2], vec![10.0, 1.0, 0.0, 0.0], vec![-0.2, 0.0]);
    let outcome = &run(ALL[3].1, &affine, &[vec![0.0, 0.5]])[0];
    assert!(outcome.fooled());
    assert!(
        outcome.perturbation[0].abs() < 1e-6,
        "{:?}",
        outcome.perturbation
    );
    assert!(
        (outcome.perturbation[1] + 0.3).abs() < 0.05,
        "{:?}",
        outcome.perturbation
    );
}

#[test]
fn random_noise_needs_what_each_direction_says() {
    let (affine, x) = two_classes(4);
    let options = random_noise::Options {
        draws: 6,
        seed: 3,
        largest: 100.0,
        ..random_noise::Options::default()
    };
    let found = block_on(random_noise(&affine, &x, &options, &mut Task::silent())).unwrap();
    let w: Vec<f32> = affine
        .row(0)
        .iter()
        .zip(affine.row(1))
        .map(|(a, b)| a - b)
        .collect();
    for (found, x) in found.iter().zip(&x) {
        let values = affine.values(x);
        for (draw, size) in found.sizes.iter().enumerate() {
            let v = random_direction(60, picture_seed(3, draw as u64, x));
            let slope: f64 = v.iter().zip(&w).map(|(v, w)| f64::from(v * w)).sum();
            let expected = (values[0] - values[1]).abs() / slope.abs();
            let ratio = size.unwrap() / expected;
            assert!((0.9999..1.011).contains(&ratio), "{ratio}");
        }
        let least = found
            .sizes
            .iter()
            .flatten()
            .copied()
            .fold(f64::INFINITY, f64::min);
        assert!((found.smallest.norms.l2 / least - 1.0).abs() < 1e-4);
        assert!(found.smallest.fooled());
        // No random direction is shorter than the shortest of all.
        assert!(least >= affine.distance(x, Norm::L2));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn no_attack_finds_less_than_the_distance(
        seed: u64, classes in 2usize..8, h in 1usize..5, w in 1usize..5,
    ) {
        let affine = Affine::random([3, h, w], classes, seed);
        let x = pictures(1, 3 * h * w, seed ^ 1);
        for &(name, attack) in ALL {
            let outcome = &run(attack, &affine, &x)[0];
            if outcome.fooled() {
                for norm in [Norm::L1, Norm::L2, Norm::Linf] {
                    let found = norm.of(&outcome.perturbation);
                    prop_assert!(found >= affine.distance(&x[0], norm) * 0.999, "{name}");
                }
            }
        }
    }
}
