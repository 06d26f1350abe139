//! Exact ties, kinks and places without a gradient: where the published steps
//! lead no further, DeepFool and what is built on it go on, and say so.

use foolscope::attack::deepfool::{Options, deepfool};
use foolscope::attack::semi_random::semi_random;
use foolscope::attack::smallest::{self, smallest};
use foolscope::attack::subspace::Subspace;
use foolscope::attack::super_deepfool::{self, super_deepfool};
use foolscope::attack::{Norm, Outcome};
use foolscope::classifier::Classifier;
use foolscope::geometry::normals::{self, normals};
use foolscope::task::{Task, block_on};
use foolscope::universal::original::{self, original};
use proptest::prelude::*;

use crate::affine::{Affine, pictures};
use crate::piecewise::Piecewise;

const NORMS: [Norm; 3] = [Norm::L1, Norm::L2, Norm::Linf];

fn attack(classifier: &dyn Classifier, x: &[Vec<f32>], options: &Options) -> Vec<Outcome> {
    block_on(deepfool(classifier, x, options, &mut Task::silent())).unwrap()
}

fn on_one(classifier: &dyn Classifier, x: &[f32], options: &Options) -> Outcome {
    attack(classifier, &[x.to_vec()], options).remove(0)
}

fn in_norm(norm: Norm) -> Options {
    Options {
        norm,
        ..Options::default()
    }
}

/// `f_0 = 4 x₁` and `f_k = 4 x_k`: equal on a grey picture.
fn tie(classes: usize) -> Affine {
    let mut w = vec![0.0; classes * 4];
    for class in 0..classes {
        w[class * 4 + class] = 4.0;
    }
    Affine::new([1, 2, 2], w, vec![0.0; classes])
}

const GREY: [f32; 4] = [0.5; 4];

/// What a step over an exact boundary may measure: a few units in the last
/// place of the pixels and of the logits.
const A_FEW_ULPS: f64 = 4e-6;

#[test]
fn a_tie_is_crossed_in_one_step_in_every_norm() {
    for classes in [2, 3, 4] {
        for norm in NORMS {
            let outcome = on_one(&tie(classes), &GREY, &in_norm(norm));
            assert_eq!(outcome.clean.label, 0);
            assert!(outcome.fooled(), "{classes} classes, {norm:?}");
            assert_eq!((outcome.iterations, outcome.stalls), (1, 1));
            let size = norm.of(&outcome.perturbation);
            assert!(size > 0.0 && size < A_FEW_ULPS, "{norm:?}: {size:e}");
        }
    }
}

#[test]
fn a_tie_that_a_step_ends_at_is_crossed_by_the_next() {
    // From 0.75 to the boundary at 0.5, exactly, and no overshoot.
    let affine = Affine::new([1, 1, 1], vec![1.0, 0.0], vec![-0.5, 0.0]);
    for norm in NORMS {
        let options = Options {
            overshoot: 0.0,
            ..in_norm(norm)
        };
        let outcome = on_one(&affine, &[0.75], &options);
        assert!(outcome.fooled());
        assert_eq!((outcome.iterations, outcome.stalls), (2, 1));
        let beyond = -f64::from(outcome.perturbation[0]) - 0.25;
        assert!(beyond > 0.0 && beyond < A_FEW_ULPS, "{beyond:e}");
    }
}

#[test]
fn a_black_picture_at_a_tie_is_left_as_well() {
    // Nothing has a size here, neither pixels nor logits.
    for norm in NORMS {
        let outcome = on_one(&tie(3), &[0.0; 4], &in_norm(norm));
        assert!(outcome.fooled(), "{norm:?}");
        assert!(norm.of(&outcome.perturbation) < A_FEW_ULPS);
        assert_eq!(outcome.rho, None);
    }
}

#[test]
fn a_margin_below_what_numbers_resolve_is_crossed() {
    let mut affine = tie(2);
    affine.b[0] = 1e-40;
    for x in [[0.0; 4], GREY] {
        let outcome = on_one(&affine, &x, &Options::default());
        assert!(outcome.fooled(), "{x:?}");
        assert!(outcome.norms.l2 < A_FEW_ULPS);
    }
}

#[test]
fn a_class_that_never_differs_is_no_tie() {
    // Classes 0 and 1 are the same everywhere; class 2 is 0.25 away.
    let affine = Affine::new([1, 1, 1], vec![1.0, 1.0, 0.0], vec![-0.5, -0.5, 0.0]);
    for norm in NORMS {
        let outcome = on_one(&affine, &[0.75], &in_norm(norm));
        assert_eq!(outcome.adversarial.label, 2);
        assert_eq!((outcome.iterations, outcome.stalls), (1, 0));
        assert!((outcome.norms.l2 / (0.25 * 1.02) - 1.0).abs() < 1e-5);
    }
}

#[test]
fn a_wanted_class_at_a_tie_is_reached() {
    // Of equal ones the first counts, so the last is the hardest to become.
    for norm in NORMS {
        let options = Options {
            target: Some(3),
            ..in_norm(norm)
        };
        let outcome = on_one(&tie(4), &GREY, &options);
        assert_eq!(outcome.adversarial.label, 3, "{norm:?}");
        assert!(norm.of(&outcome.perturbation) < 10.0 * A_FEW_ULPS);
    }
}

#[test]
fn what_is_built_on_deepfool_crosses_a_tie() {
    let (tie, x) = (tie(3), [GREY.to_vec()]);
    let options = super_deepfool::Options::default();
    let found = block_on(super_deepfool(&tie, &x, &options, &mut Task::silent())).unwrap();
    assert!(found[0].fooled() && found[0].stalls > 0);
    assert!(found[0].norms.l2 < A_FEW_ULPS);

    // One grey level is the least that a file can hold.
    let grey = [vec![128.0 / 255.0; 4]];
    let options = smallest::Options {
        range: smallest::Range::Saved,
        ..smallest::Options::default()
    };
    let found = block_on(smallest(&tie, &grey, &options, &mut Task::silent())).unwrap();
    assert!(found[0].fooled() && found[0].survives_rounding);
    assert!((found[0].norms.l2 * 255.0 - 1.0).abs() < 1e-4);

    // Within the line of the first two pixels' sum and difference.
    let line = Subspace::spanned(&[[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]).unwrap();
    let options = Options::default();
    let found = block_on(semi_random(
        &tie,
        &x,
        &[line],
        &options,
        &mut Task::silent(),
    ))
    .unwrap();
    assert!(found[0].fooled() && found[0].stalls > 0);
    assert!(found[0].norms.l2 < A_FEW_ULPS);
    assert_eq!(found[0].perturbation[2..], [0.0, 0.0]);

    let options = normals::Options::default();
    let found = block_on(normals(&tie, &x, &options, &mut Task::silent())).unwrap();
    let normal = &found[0].as_ref().expect("there is a boundary").normal;
    let half = 0.5f32.sqrt();
    let to = found[0].as_ref().map_or(0, |it| it.adversarial_label);
    for (pixel, value) in normal.iter().enumerate() {
        let expected = match pixel {
            0 => -half,
            _ if pixel == to => half,
            _ => 0.0,
        };
        assert!((value - expected).abs() < 1e-6, "{normal:?}");
    }

    let options = original::Options::default();
    let made = block_on(original(&tie, &x, None, &options, &mut Task::silent())).unwrap();
    assert_eq!(made.rates, [Some(1.0)]);
}

#[test]
fn the_size_of_logits_does_not_matter() {
    // Squares of these gradients are 0, or more than single precision holds.
    let x = pictures(3, 12, 4);
    for norm in NORMS {
        let plain = Affine::random([3, 2, 2], 4, 9);
        let expected = attack(&plain, &x, &in_norm(norm));
        for power in [-90, -40, 40, 90] {
            let factor = 2f32.powi(power);
            let scaled = |values: &[f32]| values.iter().map(|value| value * factor).collect();
            let other = Affine::new([3, 2, 2], scaled(&plain.w), scaled(&plain.b));
            let found = attack(&other, &x, &in_norm(norm));
            for (found, expected) in found.iter().zip(&expected) {
                assert_eq!(found.adversarial.label, expected.adversarial.label);
                assert_eq!((found.iterations, found.stalls), (1, 0));
                let ratio = norm.of(&found.perturbation) / norm.of(&expected.perturbation);
                assert!((ratio - 1.0).abs() < 1e-5, "2^{power}, {norm:?}: {ratio}");
            }
        }
    }
}

/// The published steps go back and forth for ever here, or for thousands of
/// iterations; the tip of the spike is `c / b` away in every norm.
#[test]
fn a_kink_is_left_near_its_nearest_point() {
    for (norm, a) in [
        (Norm::L1, 4.0),
        (Norm::L1, 100.0),
        (Norm::L2, 5.0),
        (Norm::L2, 10.0),
        (Norm::L2, 30.0),
        (Norm::L2, 100.0),
        (Norm::Linf, 30.0),
        (Norm::Linf, 100.0),
    ] {
        let spike = Piecewise::spike(1, [a, 1.0, 0.3]);
        let outcome = on_one(&spike, &[0.01, 0.5], &in_norm(norm));
        assert_eq!(outcome.clean.label, 0);
        let ratio = norm.of(&outcome.perturbation) / 0.8;
        println!(
            "{norm:?}, {a}: {ratio} in {} iterations, {} stalls",
            outcome.iterations, outcome.stalls
        );
        assert!(outcome.fooled(), "{norm:?}, {a}");
        assert!(outcome.stalls > 0);
        assert!((0.98..1.1).contains(&ratio), "{norm:?}, {a}: {ratio}");
    }
}

#[test]
fn where_several_kinks_meet_it_gets_out_in_every_norm() {
    let mut left = Vec::new();
    for norm in NORMS {
        for kinks in [2, 3, 5] {
            let spike = Piecewise::spike(kinks, [8.0, 1.0, 0.3]);
            let mut x: Vec<f32> = (0..kinks).map(|i| 0.01 + 0.003 * i as f32).collect();
            x.push(0.5);
            let outcome = on_one(&spike, &x, &in_norm(norm));
            let ratio = norm.of(&outcome.perturbation) / 0.8;
            if !outcome.fooled() || outcome.stalls == 0 || ratio > 2.0 {
                left.push((norm, kinks, ratio, outcome.iterations, outcome.stalls));
            }
        }
    }
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn where_no_logit_changes_yet_it_finds_the_way_out() {
    // f_0 = 1 and f_1 = 4|x₁|, whose gradient is nothing on a black picture: the
    // boundary is a quarter away.
    let w1 = vec![1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0];
    let dead = Piecewise::new(
        [1, 2, 2],
        [w1, vec![0.0; 2]],
        [vec![0.0, 0.0, 4.0, 4.0], vec![1.0, 0.0]],
    );
    for norm in NORMS {
        let outcome = on_one(&dead, &[0.0; 4], &in_norm(norm));
        assert!(outcome.fooled() && outcome.stalls > 0, "{norm:?}");
        let size = norm.of(&outcome.perturbation);
        assert!((size / 0.255 - 1.0).abs() < 1e-2, "{norm:?}: {size}");
    }
}

#[test]
fn where_no_logit_ever_changes_nothing_is_found_and_nothing_added() {
    let constant = Affine::new([1, 2, 2], vec![0.0; 12], vec![0.0; 3]);
    for norm in NORMS {
        for x in [GREY, [0.0; 4]] {
            let outcome = on_one(&constant, &x, &in_norm(norm));
            assert!(!outcome.fooled());
            assert_eq!(outcome.iterations, 0);
            assert_eq!(outcome.perturbation, [0.0; 4]);
        }
    }
}

#[test]
fn a_stall_changes_nothing_for_the_others_of_a_batch() {
    let spike = Piecewise::spike(1, [30.0, 1.0, 0.3]);
    let x = [
        vec![0.01, 0.5],
        vec![0.7, 0.1],
        vec![0.0, 0.25],
        vec![0.02, 0.4],
    ];
    for norm in NORMS {
        for (together, x) in attack(&spike, &x, &in_norm(norm)).iter().zip(&x) {
            assert_eq!(*together, on_one(&spike, x, &in_norm(norm)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Small whole numbers make ties of two and more classes at every turn.
    #[test]
    fn whole_numbers_never_stop_it(
        w in prop::collection::vec(-2i8..=2, 12),
        b in prop::collection::vec(-1i8..=1, 4),
        x in prop::collection::vec(0i8..=4, 3),
        norm in prop::sample::select(&NORMS),
    ) {
        let numbers = |values: &[i8], unit: f32| -> Vec<f32> {
            values.iter().map(|&value| f32::from(value) * unit).collect()
        };
        let affine = Affine::new([1, 1, 3], numbers(&w, 1.0), numbers(&b, 1.0));
        let x = numbers(&x, 0.25);
        let distance = affine.distance_of_first(&x, norm);
        let outcome = on_one(&affine, &x, &in_norm(norm));
        prop_assert_eq!(outcome.fooled(), distance.is_finite());
        if outcome.fooled() {
            let size = norm.of(&outcome.perturbation);
            prop_assert!(size >= distance && size <= 1.021 * distance + 10.0 * A_FEW_ULPS,
                "{} for {}", size, distance);
            prop_assert_eq!(outcome.iterations, 1);
        }
    }
}
