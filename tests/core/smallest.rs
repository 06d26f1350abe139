//! The smallest noise within a budget, and the published methods that it is
//! measured against, where the answer is known.

use std::sync::Arc;

use foolscope::attack::decoupled_direction_norm::{self, decoupled_direction_norm};
use foolscope::attack::deepfool::{self, deepfool};
use foolscope::attack::fast_minimum_norm::{self, Distance, fast_minimum_norm};
use foolscope::attack::smallest::{self, Found, Range, smallest, smallest_until};
use foolscope::attack::{AttackError, Norm, Outcome, predictions};
use foolscope::classifier::Classifier;
use foolscope::photo::{self, Photo};
use foolscope::task::{StopFlag, Task, block_on};

use crate::affine::{Affine, pictures};
use crate::sphere::Sphere;

/// Two classes, and pictures from the middle of the box whose nearest boundary
/// lies within it.
fn near_the_middle(seed: u64) -> (Affine, Vec<Vec<f32>>) {
    let mut affine = Affine::random([3, 5, 4], 2, seed);
    let values = affine.values(&[0.5; 60]);
    affine.b[0] += (values[1] - values[0] + 1.0) as f32;
    let mut x = pictures(4, 60, seed + 1);
    x.iter_mut().flatten().for_each(|x| *x = 0.45 + 0.1 * *x);
    (affine, x)
}

fn fmn(
    classifier: &dyn Classifier,
    x: &[Vec<f32>],
    options: &fast_minimum_norm::Options,
) -> Vec<Outcome> {
    block_on(fast_minimum_norm(
        classifier,
        x,
        options,
        &mut Task::silent(),
    ))
    .unwrap()
}

fn least(classifier: &dyn Classifier, x: &[Vec<f32>], options: &smallest::Options) -> Vec<Outcome> {
    block_on(smallest(classifier, x, options, &mut Task::silent())).unwrap()
}

fn in_box(x: &[f32], outcome: &Outcome) -> bool {
    let sum = x.iter().zip(&outcome.perturbation).map(|(x, r)| x + r);
    sum.into_iter()
        .all(|value| (-1e-6..=1.0 + 1e-6).contains(&value))
}

#[test]
fn fast_minimum_norm_comes_near_the_distance_in_each_norm() {
    let (affine, x) = near_the_middle(31);
    for (distance, norm) in [
        (Distance::L1, Norm::L1),
        (Distance::L2, Norm::L2),
        (Distance::Linf, Norm::Linf),
    ] {
        let options = fast_minimum_norm::Options {
            distance,
            ..fast_minimum_norm::Options::default()
        };
        for (outcome, x) in fmn(&affine, &x, &options).iter().zip(&x) {
            assert!(outcome.fooled() && in_box(x, outcome), "{norm:?}");
            let found = norm.of(&outcome.perturbation);
            let ratio = found / affine.distance(x, norm);
            // One pixel cannot go further than its end of the box: in l1 it is not alone.
            let most = if norm == Norm::L1 { 1.6 } else { 1.03 };
            assert!((0.999..most).contains(&ratio), "{norm:?}: {ratio}");
        }
    }
}

#[test]
fn fast_minimum_norm_changes_few_values_in_l0() {
    // Three pixels of weight 4, the others of weight 1/8: two of the three from
    // the middle of the box to its end lead over the boundary, no one alone does.
    let mut w = vec![0.125f32; 20];
    w[..3].fill(4.0);
    let b = -(0.5 * w.iter().sum::<f32>() - 3.0);
    w.extend([0.0; 20]);
    let affine = Affine::new([1, 4, 5], w, vec![b, 0.0]);
    let options = fast_minimum_norm::Options {
        distance: Distance::L0,
        ..fast_minimum_norm::Options::default()
    };
    let outcome = &fmn(&affine, &[vec![0.5; 20]], &options)[0];
    assert!(outcome.fooled());
    assert_eq!(Distance::L0.of(&outcome.perturbation), 2.0);
    assert!(outcome.perturbation[3..].iter().all(|r| *r == 0.0));
}

#[test]
fn decoupled_direction_and_norm_comes_near_and_survives_a_file() {
    let (affine, x) = near_the_middle(33);
    let exact = decoupled_direction_norm::Options {
        levels: None,
        ..decoupled_direction_norm::Options::default()
    };
    let found = block_on(decoupled_direction_norm(
        &affine,
        &x,
        &exact,
        &mut Task::silent(),
    ));
    for (outcome, x) in found.unwrap().iter().zip(&x) {
        let ratio = outcome.norms.l2 / affine.distance(x, Norm::L2);
        // Lengths change by 5 % a step.
        assert!((0.999..1.06).contains(&ratio), "{ratio}");
    }
    let network = crate::network::small();
    let x = pictures(2, network.input_shape().iter().product(), 21);
    let saved = decoupled_direction_norm::Options::default();
    let found = block_on(decoupled_direction_norm(
        &network,
        &x,
        &saved,
        &mut Task::silent(),
    ));
    for (outcome, x) in found.unwrap().iter().zip(&x) {
        assert!(outcome.fooled() && outcome.survives_rounding && in_box(x, outcome));
    }
}

#[test]
fn each_goes_to_the_class_that_it_is_told() {
    let affine = Affine::random([3, 5, 4], 6, 5);
    let x = pictures(1, 60, 6);
    let clean = block_on(predictions(&affine, &x)).unwrap().remove(0);
    for target in clean.top(6) {
        let options = fast_minimum_norm::Options {
            target: Some(target),
            ..fast_minimum_norm::Options::default()
        };
        let by_fmn = fmn(&affine, &x, &options).remove(0);
        let options = decoupled_direction_norm::Options {
            target: Some(target),
            ..decoupled_direction_norm::Options::default()
        };
        let by_ddn = block_on(decoupled_direction_norm(
            &affine,
            &x,
            &options,
            &mut Task::silent(),
        ));
        let by_ddn = by_ddn.unwrap().remove(0);
        let options = smallest::Options {
            target: Some(target),
            range: Range::Unbounded,
            ..smallest::Options::default()
        };
        let found = least(&affine, &x, &options).remove(0);
        assert_eq!(found.adversarial.label, target);
        if target == clean.label {
            for outcome in [by_fmn, by_ddn, found] {
                assert_eq!((outcome.norms.l2, outcome.gradient_evaluations), (0.0, 0));
            }
            continue;
        }
        // Within the box it may be out of reach.
        for outcome in [by_fmn, by_ddn] {
            let is_there = outcome.adversarial.label == target;
            assert!(is_there || outcome.norms.l2 == 0.0);
        }
        let values = affine.values(&x[0]);
        let w = affine.row(target).iter().zip(affine.row(clean.label));
        let w: Vec<f32> = w.map(|(a, b)| a - b).collect();
        let distance = (values[clean.label] - values[target]) / Norm::L2.of(&w);
        assert!(found.norms.l2 >= 0.999 * distance);
    }
}

#[test]
fn the_smallest_is_the_distance_of_flat_boundaries() {
    let affine = Affine::random([3, 5, 4], 10, 2);
    for norm in [Norm::L2, Norm::Linf] {
        let options = smallest::Options {
            norm,
            range: Range::Unbounded,
            ..smallest::Options::default()
        };
        let x = pictures(6, 60, 9);
        for (outcome, x) in least(&affine, &x, &options).iter().zip(&x) {
            let ratio = norm.of(&outcome.perturbation) / affine.distance(x, norm);
            assert!(outcome.fooled());
            assert!((0.9999..1.001).contains(&ratio), "{norm:?}: {ratio}");
            // There is nothing more to find: nine classes and some steps.
            assert!(
                outcome.gradient_evaluations < 60,
                "{}",
                outcome.gradient_evaluations
            );
        }
    }
}

#[test]
fn the_smallest_is_the_distance_of_curved_boundaries() {
    // The nearest point of a sphere lies on the line to its middle.
    let radius = 3.0;
    let sphere = Sphere::new([1, 6, 6], vec![0.5; 36], radius);
    for x in pictures(4, 36, 5) {
        let offset: Vec<f32> = x.iter().map(|x| x - 0.5).collect();
        let distance = radius - Norm::L2.of(&offset);
        let options = smallest::Options {
            range: Range::Unbounded,
            gradients: 30,
            ..smallest::Options::default()
        };
        let found = least(&sphere, &[x], &options).remove(0);
        let ratio = found.norms.l2 / distance;
        assert!((0.999..1.002).contains(&ratio), "{ratio}");
    }
}

#[test]
fn the_smallest_keeps_to_its_budget_and_is_smaller_than_deepfools() {
    let network = crate::network::small();
    let x = pictures(3, network.input_shape().iter().product(), 3);
    let plain = deepfool::Options::default();
    let plain = block_on(deepfool(&network, &x, &plain, &mut Task::silent())).unwrap();
    for gradients in [1, 7, 30, 100] {
        let options = smallest::Options {
            gradients,
            range: Range::Unbounded,
            ..smallest::Options::default()
        };
        for (outcome, plain) in least(&network, &x, &options).iter().zip(&plain) {
            assert!(outcome.gradient_evaluations <= gradients);
            if gradients >= 30 {
                assert!(outcome.fooled() && outcome.norms.l2 <= 1.0001 * plain.norms.l2);
            }
        }
    }
}

#[test]
fn what_lies_on_the_bounds_is_no_way_out() {
    // Down along the first component is steepest, but that is black already: only
    // the second is left.
    let affine = Affine::new([1, 1, 2], vec![10.0, 1.0, 0.0, 0.0], vec![-0.2, 0.0]);
    for norm in [Norm::L2, Norm::Linf] {
        let options = smallest::Options {
            norm,
            gradients: 10,
            ..smallest::Options::default()
        };
        let outcome = least(&affine, &[vec![0.0, 0.5]], &options).remove(0);
        assert!(outcome.fooled());
        assert_eq!(outcome.perturbation[0], 0.0);
        let moved = outcome.perturbation[1];
        assert!((moved + 0.3).abs() < 1e-3, "{moved}");
    }
}

/// Pictures of which most pixels are black or white, as drawn digits are.
fn nearly_black_or_white(size: usize) -> Vec<Vec<f32>> {
    let mut x = pictures(4, size, 77);
    for value in x.iter_mut().flatten() {
        *value = (4.0 * *value - 1.5).clamp(0.0, 1.0);
    }
    x
}

#[test]
fn what_is_found_can_be_shown_whatever_the_budget() {
    let affine = Affine::random([3, 5, 4], 10, 6);
    let network = crate::network::small();
    let classifiers: [&dyn Classifier; 2] = [&affine, &network];
    for classifier in classifiers {
        let x = nearly_black_or_white(classifier.input_shape().iter().product());
        for (norm, gradients) in [Norm::L2, Norm::Linf]
            .into_iter()
            .flat_map(|norm| [1, 2, 3, 5, 30, 100].map(|gradients| (norm, gradients)))
        {
            let options = smallest::Options {
                norm,
                gradients,
                ..smallest::Options::default()
            };
            for (outcome, x) in least(classifier, &x, &options).iter().zip(&x) {
                assert!(in_box(x, outcome), "{norm:?}, {gradients}");
                assert!(outcome.gradient_evaluations <= gradients);
                assert!(outcome.survives_clipping || !outcome.fooled());
                assert!(outcome.fooled() || gradients < 30, "{norm:?}, {gradients}");
            }
        }
    }
}

#[test]
fn where_nothing_that_can_be_shown_fools_nothing_is_found() {
    // f_1 − f_0 = −1 − Σ x: only values below black would do.
    let affine = Affine::new([1, 2, 2], [[0.0; 4], [-1.0; 4]].concat(), vec![0.0, -1.0]);
    for norm in [Norm::L2, Norm::Linf] {
        let options = smallest::Options {
            norm,
            gradients: 30,
            ..smallest::Options::default()
        };
        let outcome = least(&affine, &[vec![0.1; 4]], &options).remove(0);
        assert!(!outcome.fooled(), "{:?}", outcome.norms);
        let unbounded = smallest::Options {
            range: Range::Unbounded,
            ..options
        };
        assert!(least(&affine, &[vec![0.1; 4]], &unbounded)[0].fooled());
    }
}

#[test]
fn every_wish_keeps_to_the_budget() {
    let network = crate::network::small();
    let x = pictures(2, network.input_shape().iter().product(), 3);
    let wishes = [Norm::L2, Norm::Linf].into_iter().flat_map(|norm| {
        let ranges = [Range::Unbounded, Range::Shown, Range::Saved];
        ranges.map(|range| (norm, range))
    });
    for (norm, range) in wishes {
        for (target, gradients) in [(None, 2), (None, 25), (Some(2), 1), (Some(2), 25)] {
            let options = smallest::Options {
                norm,
                range,
                target,
                gradients,
            };
            for outcome in least(&network, &x, &options) {
                let taken = outcome.gradient_evaluations;
                assert!(taken <= gradients, "{options:?}: {taken}");
            }
        }
    }
}

#[test]
fn a_file_of_the_smallest_still_fools() {
    let network = crate::network::small();
    let shape = network.input_shape();
    let x = pictures(2, shape.iter().product(), 21);
    let options = smallest::Options {
        range: Range::Saved,
        ..smallest::Options::default()
    };
    for (outcome, x) in least(&network, &x, &options).iter().zip(&x) {
        assert!(outcome.fooled() && outcome.survives_rounding && outcome.survives_clipping);
        let mut sum = x.clone();
        photo::round_to_8_bits(&mut sum);
        sum.iter_mut()
            .zip(&outcome.perturbation)
            .for_each(|(x, r)| *x += r);
        for value in &sum {
            let level = value * 255.0;
            assert!((level - level.round()).abs() < 1e-3 && (0.0..=1.0).contains(value));
        }
        let rgba = Photo::new(shape, sum).unwrap().to_rgba();
        let [channels, height, width] = shape;
        let file = photo::png(&rgba, width as u32, height as u32).unwrap();
        let read = photo::decode(&file).unwrap().to_photo(channels).unwrap();
        let label = block_on(predictions(&network, &[read.values()])).unwrap()[0].label;
        assert_eq!(label, outcome.adversarial.label);
    }
}

/// Where the way is straight one gradient leads to it, and rounding must not take it
/// back.
#[test]
fn in_whole_levels_a_budget_of_one_is_enough_where_it_is_without() {
    for seed in [51, 53, 55, 57] {
        let (affine, x) = near_the_middle(seed);
        let one = |range| {
            let options = smallest::Options {
                gradients: 1,
                range,
                ..Default::default()
            };
            let found = least(&affine, &x, &options);
            found.into_iter().map(|found| found.fooled())
        };
        let shown: Vec<bool> = one(Range::Shown).collect();
        assert!(shown.iter().all(|is_fooled| *is_fooled));
        assert_eq!(one(Range::Saved).collect::<Vec<_>>(), shown);
    }
}

#[test]
fn in_whole_levels_the_strongest_pixel_moves_most() {
    // Seventeen pixels at level 100, the first with four times the weight of each
    // other, 19.5 weighted levels above the boundary. In whole levels, two of the
    // first and one of each other (24, l2² = 20) are shorter than five of the
    // first alone (20, l2² = 25).
    let mut w = vec![1.0f32; 17];
    w[0] = 4.0;
    w.extend([0.0; 17]);
    let affine = Affine::new([1, 1, 17], w, vec![-(2000.0 - 19.5) / 255.0, 0.0]);
    let options = smallest::Options {
        range: Range::Saved,
        ..smallest::Options::default()
    };
    let found = &least(&affine, &[vec![100.0 / 255.0; 17]], &options)[0];
    let levels: Vec<f32> = found
        .perturbation
        .iter()
        .map(|r| (r * 255.0).round())
        .collect();
    assert!(found.fooled());
    assert_eq!(levels[0], -2.0);
    assert!(levels[1..].iter().all(|level| *level == -1.0), "{levels:?}");
}

#[test]
fn whoever_watches_sees_it_shrink_and_may_have_enough() {
    let network = crate::network::small();
    let x = pictures(1, network.input_shape().iter().product(), 3);
    let options = smallest::Options::default();
    let mut seen: Vec<Arc<Found>> = Vec::new();
    let enough = StopFlag::default();
    let mut task = Task::new(StopFlag::default(), |at: smallest::Progress| {
        if let Some(best) = at.best {
            seen.push(best);
        }
        if at.gradients == 20 {
            enough.stop();
        }
    });
    let found = block_on(smallest_until(&network, &x, &options, &enough, &mut task)).unwrap();
    drop(task);
    assert_eq!(found[0].gradient_evaluations, 20);
    assert!(found[0].fooled());
    assert!(seen.windows(2).all(|pair| pair[1].size <= pair[0].size));
    let last = seen.last().unwrap();
    assert_eq!(last.perturbation, found[0].perturbation);
    assert_eq!(last.answer, found[0].adversarial);
    // With enough before it began, there is nothing, and no error.
    let found = block_on(smallest_until(
        &network,
        &x,
        &options,
        &enough,
        &mut Task::silent(),
    ));
    assert!(!found.unwrap()[0].fooled());
}

#[test]
fn bad_wishes_are_refused() {
    let affine = Affine::random([1, 2, 2], 3, 1);
    let x = [vec![0.5; 4]];
    let refused = |options: smallest::Options, x: &[Vec<f32>]| {
        block_on(smallest(&affine, x, &options, &mut Task::silent())).unwrap_err()
    };
    let usual = smallest::Options::default;
    let l1 = smallest::Options {
        norm: Norm::L1,
        ..usual()
    };
    assert_eq!(refused(l1, &x), AttackError::NotL1("the smallest noise"));
    let none = smallest::Options {
        gradients: 0,
        ..usual()
    };
    assert!(matches!(refused(none, &x), AttackError::Option { .. }));
    let beyond = smallest::Options {
        target: Some(3),
        ..usual()
    };
    assert!(matches!(refused(beyond, &x), AttackError::Option { .. }));
    assert_eq!(refused(usual(), &[vec![1.5; 4]]), AttackError::OutsideBox);
    assert_eq!(
        refused(usual(), &[vec![f32::NAN; 4]]),
        AttackError::PictureNotFinite
    );
    assert!(matches!(
        refused(usual(), &[vec![0.5; 3]]),
        AttackError::PictureSize { .. }
    ));

    type Fmn = fast_minimum_norm::Options;
    for options in [
        Fmn {
            steps: 0,
            ..Fmn::default()
        },
        Fmn {
            step_size: f64::NAN,
            ..Fmn::default()
        },
        Fmn {
            first_share: 1.0,
            ..Fmn::default()
        },
        Fmn {
            last_share: 0.0,
            ..Fmn::default()
        },
    ] {
        let refused = block_on(fast_minimum_norm(
            &affine,
            &x,
            &options,
            &mut Task::silent(),
        ));
        assert!(matches!(refused, Err(AttackError::Option { .. })));
    }
    type Ddn = decoupled_direction_norm::Options;
    for options in [
        Ddn {
            steps: 0,
            ..Ddn::default()
        },
        Ddn {
            share: f64::INFINITY,
            ..Ddn::default()
        },
        Ddn {
            first: -1.0,
            ..Ddn::default()
        },
        Ddn {
            levels: Some(1),
            ..Ddn::default()
        },
    ] {
        let refused = block_on(decoupled_direction_norm(
            &affine,
            &x,
            &options,
            &mut Task::silent(),
        ));
        assert!(matches!(refused, Err(AttackError::Option { .. })));
    }
}

#[test]
fn a_seed_gives_the_same_where_there_is_no_gradient() {
    // Nothing to follow in the middle of a ball: the direction is drawn.
    let sphere = Sphere::new([1, 2, 2], vec![0.5; 4], 0.2);
    let x = [vec![0.5; 4]];
    let run = |seed| {
        let options = decoupled_direction_norm::Options {
            seed,
            ..decoupled_direction_norm::Options::default()
        };
        let task = &mut Task::silent();
        let found = block_on(decoupled_direction_norm(&sphere, &x, &options, task));
        found.unwrap().remove(0)
    };
    assert_eq!(run(1), run(1));
    assert!(run(1).fooled() && run(2).fooled());
    assert_ne!(run(1).perturbation, run(2).perturbation);
}

#[test]
fn an_exact_tie_is_left() {
    // Both logits are equal at the picture: the first counts, and any step fools.
    let affine = Affine::new([1, 1, 2], vec![1.0, 0.0, 0.0, 1.0], vec![0.0, 0.0]);
    let x = [vec![0.5, 0.5]];
    let found = least(&affine, &x, &smallest::Options::default()).remove(0);
    assert!(found.fooled() && found.norms.l2 < 1e-4, "{:?}", found.norms);
    let found = fmn(&affine, &x, &fast_minimum_norm::Options::default()).remove(0);
    assert!(found.fooled(), "{:?}", found.norms);
}
