//! DeepFool against the closed form, and its promises about batches, zero
//! gradients and cancelling.

use foolscope::attack::deepfool::{Options, deepfool};
use foolscope::attack::{AttackError, Norm, Outcome};
use foolscope::classifier::Classifier;
use foolscope::task::{StopFlag, Task, block_on};
use proptest::prelude::*;

use crate::affine::{Affine, pictures};

fn attack(classifier: &dyn Classifier, x: &[Vec<f32>], options: &Options) -> Vec<Outcome> {
    block_on(deepfool(classifier, x, options, &mut Task::silent())).unwrap()
}

/// On an affine function one step lands on the nearest boundary, so the norm is
/// the distance, stretched by the overshoot.
fn is_exact(classes: usize, norm: Norm) {
    let affine = Affine::random([3, 5, 4], classes, 7 + classes as u64);
    let options = Options {
        candidates: classes,
        norm,
        ..Options::default()
    };
    let x = pictures(6, 60, classes as u64);
    for (outcome, x) in attack(&affine, &x, &options).iter().zip(&x) {
        let expected = affine.distance(x, norm) * (1.0 + options.overshoot);
        let found = norm.of(&outcome.perturbation);
        assert!(
            (found / expected - 1.0).abs() < 1e-3,
            "{classes} classes, {norm:?}: {found} for {expected}"
        );
        assert!(outcome.fooled());
        assert_eq!(outcome.iterations, 1);
        assert_eq!(outcome.gradient_evaluations, classes - 1);
    }
}

#[test]
fn finds_the_exact_distance_on_affine_functions_of_2_to_1000_classes() {
    for classes in [2, 3, 10, 100, 1000] {
        for norm in [Norm::L2, Norm::Linf, Norm::L1] {
            is_exact(classes, norm);
        }
    }
}

#[test]
fn ten_candidates_never_find_less_than_the_distance() {
    let affine = Affine::random([3, 5, 4], 1000, 3);
    let x = pictures(6, 60, 5);
    for (outcome, x) in attack(&affine, &x, &Options::default()).iter().zip(&x) {
        assert!(outcome.fooled());
        assert!(outcome.norms.l2 >= affine.distance(x, Norm::L2));
    }
}

#[test]
fn rho_is_the_ratio_of_the_norms() {
    let affine = Affine::random([1, 4, 4], 5, 1);
    let x = pictures(1, 16, 2);
    let outcome = &attack(&affine, &x, &Options::default())[0];
    let ratio = Norm::L2.of(&outcome.perturbation) / Norm::L2.of(&x[0]);
    assert!((outcome.rho.unwrap() - ratio).abs() < 1e-9);
}

#[test]
fn what_survives_saving_is_what_survives_saving() {
    // A boundary at x = 0.5 that one grey level crosses, and half a one does
    // not once it is rounded.
    let affine = Affine::new([1, 1, 1], vec![1.0, 0.0], vec![-0.5, 0.0]);
    let options = Options::default();
    let near = vec![vec![128.0 / 255.0]];
    let outcome = &attack(&affine, &near, &options)[0];
    assert!(outcome.fooled());
    assert!(outcome.survives_clipping);
    // 0.5 - overshoot lies above 127.5 levels minus half: it rounds back up.
    let rounded = ((128.0 / 255.0 + f64::from(outcome.perturbation[0])) * 255.0).round();
    assert_eq!(outcome.survives_rounding, rounded < 127.5);

    // From 0.9, past a boundary at -0.1: clipping takes it back.
    let affine = Affine::new([1, 1, 1], vec![1.0, 0.0], vec![0.1, 0.0]);
    let outcome = &attack(&affine, &[vec![0.9]], &options)[0];
    assert!(outcome.fooled());
    assert!(!outcome.survives_clipping && !outcome.survives_rounding);
}

#[test]
fn each_picture_of_a_batch_gets_what_it_gets_alone() {
    let network = crate::network::small();
    // Of different contrast, so that they need different numbers of steps.
    let mut x = pictures(6, network.input_shape().iter().product(), 11);
    for (index, picture) in x.iter_mut().enumerate() {
        for value in picture {
            *value *= 0.1 + 0.5 * index as f32;
        }
    }
    let options = Options::default();
    let together = attack(&network, &x, &options);
    let mut iterations = Vec::new();
    for (x, together) in x.iter().zip(&together) {
        let alone = &attack(&network, std::slice::from_ref(x), &options)[0];
        assert_eq!(alone.iterations, together.iterations);
        assert_eq!(alone.adversarial.label, together.adversarial.label);
        for (a, b) in alone.perturbation.iter().zip(&together.perturbation) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
        assert!(together.fooled());
        iterations.push(alone.iterations);
    }
    // The batch had to go on for some after others were done.
    assert!(
        iterations.iter().any(|count| *count != iterations[0]),
        "{iterations:?}"
    );
}

#[test]
fn a_constant_classifier_is_not_fooled_and_nothing_is_nan() {
    let affine = Affine::new([1, 2, 2], vec![0.0; 12], vec![1.0, 0.5, 0.2]);
    for norm in [Norm::L1, Norm::L2, Norm::Linf] {
        let options = Options {
            norm,
            ..Options::default()
        };
        let outcome = &attack(&affine, &[vec![0.5; 4]], &options)[0];
        assert!(!outcome.fooled());
        assert!(outcome.perturbation.iter().all(|r| *r == 0.0));
        assert_eq!(outcome.rho, Some(0.0));
    }
    // A black picture has no norm to divide by.
    let affine = Affine::random([1, 2, 2], 3, 1);
    assert_eq!(
        attack(&affine, &[vec![0.0; 4]], &Options::default())[0].rho,
        None
    );
}

#[test]
fn the_iterations_are_capped() {
    let network = crate::network::small();
    let x = pictures(4, network.input_shape().iter().product(), 11);
    let options = Options {
        max_iterations: 1,
        overshoot: 0.0,
        ..Options::default()
    };
    assert!(
        attack(&network, &x, &options)
            .iter()
            .all(|outcome| outcome.iterations == 1)
    );
}

#[test]
fn what_cannot_be_attacked_is_an_error() {
    let run = |classifier: &dyn Classifier, x: &[Vec<f32>], options: &Options| {
        block_on(deepfool(classifier, x, options, &mut Task::silent())).unwrap_err()
    };
    let affine = Affine::random([1, 2, 2], 3, 1);
    let options = Options::default();
    assert!(matches!(
        run(&affine, &[vec![0.0; 5]], &options),
        AttackError::PictureSize {
            expected: 4,
            found: 5,
            ..
        }
    ));
    assert_eq!(
        run(&affine, &[vec![f32::NAN; 4]], &options),
        AttackError::PictureNotFinite
    );
    let one = Affine::random([1, 2, 2], 1, 1);
    assert_eq!(
        run(&one, &[vec![0.0; 4]], &options),
        AttackError::TooFewClasses(1)
    );
    let broken = Affine::new([1, 1, 1], vec![f32::NAN, 1.0], vec![0.0, 0.0]);
    assert_eq!(
        run(&broken, &[vec![0.5]], &options),
        AttackError::LogitsNotFinite
    );
    let too_few = Options {
        candidates: 1,
        ..options.clone()
    };
    assert!(matches!(
        run(&affine, &[vec![0.0; 4]], &too_few),
        AttackError::Option { .. }
    ));
    let backwards = Options {
        overshoot: -0.5,
        ..options
    };
    assert!(matches!(
        run(&affine, &[vec![0.0; 4]], &backwards),
        AttackError::Option { .. }
    ));
}

#[test]
fn it_stops_when_asked_and_says_where_it_is() {
    let network = crate::network::small();
    let x = pictures(1, network.input_shape().iter().product(), 11);
    let stop = StopFlag::default();
    let mut reports = Vec::new();
    let mut task = Task::new(
        stop.clone(),
        |progress: foolscope::attack::deepfool::Progress| {
            reports.push(progress.iteration);
            stop.stop();
        },
    );
    let result = block_on(deepfool(&network, &x, &Options::default(), &mut task));
    assert!(matches!(result, Err(AttackError::Stopped(_))));
    drop(task);
    assert_eq!(reports, [1]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn no_perturbation_of_a_smaller_norm_crosses_the_boundary(
        seed: u64, classes in 2usize..20, h in 1usize..6, w in 1usize..6,
    ) {
        let affine = Affine::random([3, h, w], classes, seed);
        let x = pictures(1, 3 * h * w, seed ^ 1);
        let options = Options { candidates: classes, ..Options::default() };
        let outcome = &attack(&affine, &x, &options)[0];
        prop_assert!(outcome.fooled());
        // Shrunk to below the exact distance, it fools no more.
        let shrink = (0.99 / (1.0 + options.overshoot)) as f32;
        let inside: Vec<f32> =
            x[0].iter().zip(&outcome.perturbation).map(|(x, r)| x + r * shrink).collect();
        let values = affine.values(&inside);
        let label = (0..classes).max_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap();
        prop_assert_eq!(label, outcome.clean.label);
    }
}
