//! Universal perturbations: the ball is never left, the rate is what it says,
//! and no random noise of that norm does as well.

use std::cell::RefCell;

use foolscope::attack::{AttackError, Norm};
use foolscope::classifier::Classifier;
use foolscope::task::{StopFlag, Task, block_on};
use foolscope::universal::artificial::jigsaws;
use foolscope::universal::fooling::{Sum, fooling};
use foolscope::universal::{
    Ball, Loss, Pictures, Progress, Rule, Universal, UniversalError, original, stochastic,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::affine::{Affine, pictures};
use crate::network::small;

const BALLS: [Ball; 2] = [
    Ball {
        norm: Norm::Linf,
        radius: 0.15,
    },
    Ball {
        norm: Norm::L2,
        radius: 1.2,
    },
];

fn rate(classifier: &dyn Classifier, x: &[Vec<f32>], v: &[f32]) -> f64 {
    block_on(fooling(classifier, x, v, Sum::Raw, &mut Task::silent()))
        .unwrap()
        .rate()
        .unwrap()
}

/// An affine classifier and pictures of most of its classes.
fn ten_classes() -> (Affine, Vec<Vec<f32>>) {
    let affine = Affine::random([3, 5, 4], 10, 4);
    (affine, pictures(24, 60, 3))
}

/// The best of a few noises of random signs and the largest allowed norm.
fn random_rate(classifier: &dyn Classifier, x: &[Vec<f32>], ball: &Ball) -> f64 {
    let mut rng = ChaCha8Rng::seed_from_u64(9);
    (0..5)
        .map(|_| {
            let mut v: Vec<f32> = (0..x[0].len())
                .map(|_| if rng.random_bool(0.5) { 10.0 } else { -10.0 })
                .collect();
            ball.project_values(&mut v);
            rate(classifier, x, &v)
        })
        .fold(0.0, f64::max)
}

#[test]
fn the_original_stays_in_its_ball_and_beats_random_noise() {
    let (network, x) = ten_classes();
    for ball in BALLS {
        let options = original::Options {
            ball,
            delta: 0.1,
            max_passes: 3,
            ..original::Options::default()
        };
        let made = block_on(original::original(
            &network,
            &x,
            None,
            &options,
            &mut Task::silent(),
        ))
        .unwrap();
        assert!(ball.contains(&made.perturbation), "{ball:?}");
        assert!(!made.stopped);
        let found = rate(&network, &x, &made.perturbation);
        assert_eq!(Some(found), *made.rates.last().unwrap());
        assert!(
            found > random_rate(&network, &x, &ball),
            "{ball:?}: {found}"
        );
        assert!(found >= 0.5, "{ball:?}: {found}");
    }
}

#[test]
fn the_original_stays_in_its_ball_after_every_update() {
    // Each run is stopped one picture later; where it stops is where it was.
    let network = small();
    let x = pictures(6, 28 * 28, 3);
    for ball in BALLS {
        let options = original::Options {
            ball: Ball {
                radius: ball.radius / 8.0,
                ..ball
            },
            max_passes: 1,
            ..original::Options::default()
        };
        let mut moved = 0;
        for after in 1..=6 {
            let stop = StopFlag::default();
            let mut task = Task::new(stop.clone(), |progress: Progress| {
                if progress.pictures == after {
                    stop.stop();
                }
            });
            let made =
                block_on(original::original(&network, &x, None, &options, &mut task)).unwrap();
            assert!(made.stopped);
            assert!(options.ball.contains(&made.perturbation), "after {after}");
            moved += usize::from(made.perturbation.iter().any(|v| *v != 0.0));
        }
        assert!(moved >= 5);
    }
}

#[test]
fn the_stochastic_one_stays_in_its_ball_and_beats_random_noise() {
    let (network, x) = ten_classes();
    for ball in BALLS {
        let options = stochastic::Options {
            ball,
            max_passes: 20,
            mirror: false,
            crop: 1.0,
            ..stochastic::Options::default()
        };
        let updates = RefCell::new(0);
        let mut task = Task::new(StopFlag::default(), |_: Progress| {
            *updates.borrow_mut() += 1
        });
        let made = block_on(stochastic::stochastic(
            &network, &x, None, &options, &mut task,
        ))
        .unwrap();
        drop(task);
        assert_eq!(updates.into_inner(), 20 * 3);
        assert!(ball.contains(&made.perturbation), "{ball:?}");
        let found = rate(&network, &x, &made.perturbation);
        assert!(
            found > random_rate(&network, &x, &ball),
            "{ball:?}: {found}"
        );
        assert!(found >= 0.8, "{ball:?}: {found}");
    }
}

#[test]
fn the_stochastic_one_stays_in_its_ball_after_every_update() {
    let network = small();
    let x = pictures(6, 28 * 28, 3);
    for ball in BALLS {
        let ball = Ball {
            radius: ball.radius / 8.0,
            ..ball
        };
        for after in 1..=6 {
            let stop = StopFlag::default();
            let mut seen = 0;
            let mut task = Task::new(stop.clone(), |_: Progress| {
                seen += 1;
                if seen == after {
                    stop.stop();
                }
            });
            let options = stochastic::Options {
                ball,
                batch: 1,
                step: 2.0,
                ..Default::default()
            };
            let made = block_on(stochastic::stochastic(
                &network, &x, None, &options, &mut task,
            ))
            .unwrap();
            assert!(made.stopped);
            assert!(ball.contains(&made.perturbation), "after {after}");
            assert!(made.perturbation.iter().any(|v| *v != 0.0));
        }
    }
}

/// Options that change how v moves, on top of the defaults.
fn ways() -> Vec<stochastic::Options> {
    let mut ways = Vec::new();
    for loss in [
        Loss::Margin,
        Loss::Sigmoid,
        Loss::Odds,
        Loss::Logit,
        Loss::Cosine,
    ] {
        for rule in [Rule::Adam, Rule::Momentum, Rule::Aggregate] {
            ways.push(stochastic::Options {
                loss,
                rule,
                ..Default::default()
            });
        }
    }
    let with = |way: fn(&mut stochastic::Options)| {
        let mut options = stochastic::Options::default();
        way(&mut options);
        options
    };
    ways.push(with(|options| options.crop = 0.5));
    ways.push(with(|options| options.target = Some(1)));
    ways
}

fn run(
    classifier: &dyn Classifier,
    x: &[Vec<f32>],
    others: &[Vec<f32>],
    options: &stochastic::Options,
) -> (Universal, Vec<Progress>) {
    let mut seen = Vec::new();
    let mut task = Task::new(StopFlag::default(), |progress| seen.push(progress));
    let pictures = Pictures { own: x, others };
    let made = stochastic::stochastic(classifier, pictures, None, options, &mut task);
    let made = block_on(made).unwrap();
    drop(task);
    (made, seen)
}

#[test]
fn every_way_stays_in_its_ball_after_every_update_and_shows_v_as_it_grows() {
    let network = small();
    let x = pictures(5, 28 * 28, 3);
    for ball in BALLS {
        for way in ways() {
            let options = stochastic::Options {
                ball,
                batch: 2,
                max_passes: 2,
                step: 2.0,
                show_every: 1,
                ..way
            };
            let (made, seen) = run(&network, &x, &[], &options);
            assert_eq!(seen.len(), 6);
            let mut shown = seen.iter().map(|step| step.perturbation.as_ref().unwrap());
            assert!(shown.clone().all(|v| ball.contains(v)), "{options:?}");
            assert_eq!(shown.next_back(), Some(&made.perturbation));
            assert!(made.perturbation.iter().any(|v| *v != 0.0), "{options:?}");
            assert_eq!(run(&network, &x, &[], &options).0, made, "{options:?}");
        }
    }
}

#[test]
fn every_way_beats_random_noise() {
    let (network, x) = ten_classes();
    for ball in BALLS {
        for way in ways().into_iter().filter(|way| way.target.is_none()) {
            let options = stochastic::Options {
                ball,
                max_passes: 20,
                mirror: false,
                crop: 1.0,
                ..way
            };
            let (made, _) = run(&network, &x, &[], &options);
            let found = rate(&network, &x, &made.perturbation);
            let random = random_rate(&network, &x, &ball);
            assert!(found > random, "{options:?}: {found} {random}");
        }
    }
}

#[test]
fn all_pictures_become_the_target() {
    let (network, x) = ten_classes();
    for target in [2, 7] {
        for loss in [Loss::Margin, Loss::Sigmoid, Loss::Odds, Loss::Logit] {
            let options = stochastic::Options {
                ball: Ball {
                    norm: Norm::Linf,
                    radius: 0.6,
                },
                loss,
                target: Some(target),
                max_passes: 30,
                step: 0.1,
                bound: 5.0,
                mirror: false,
                crop: 1.0,
                ..Default::default()
            };
            let (made, _) = run(&network, &x, &x, &options);
            let task = &mut Task::silent();
            let found = fooling(&network, &x, &made.perturbation, Sum::Raw, task);
            let found = block_on(found).unwrap();
            let became = found.labels.iter().filter(|(_, new)| *new == target);
            assert_eq!(became.count(), x.len(), "{loss:?} {target}");
            assert_eq!(found.rate_to(Some(target)), Some(1.0));
            assert_eq!(made.other_rates.last(), Some(&Some(1.0)));
        }
    }
}

#[test]
fn the_rate_to_a_target_leaves_out_what_was_there_before() {
    let found = foolscope::universal::Fooling {
        labels: vec![(1, 1), (0, 1), (2, 0), (3, 3), (0, 1)],
    };
    assert_eq!(found.rate_to(Some(1)), Some(0.5));
    assert_eq!(found.rate_to(None), Some(0.6));
    assert_eq!(found.rate_to(Some(3)), Some(0.0));
    let all = foolscope::universal::Fooling {
        labels: vec![(1, 1)],
    };
    // There is none that could become it.
    assert_eq!(all.rate_to(Some(1)), None);
}

#[test]
fn rates_on_others_are_a_recount_after_every_pass() {
    let (network, x) = ten_classes();
    let (own, others) = x.split_at(12);
    let ball = BALLS[0];
    // One pass fewer each time: what was reported then is what is counted now.
    for passes in 1..=3 {
        let options = stochastic::Options {
            ball,
            max_passes: passes,
            mirror: false,
            crop: 1.0,
            ..Default::default()
        };
        let (made, seen) = run(&network, own, others, &options);
        assert_eq!(made.other_rates.len(), passes);
        assert_eq!(made.gradients_by_pass.len(), passes);
        let found = rate(&network, others, &made.perturbation);
        assert_eq!(*made.other_rates.last().unwrap(), Some(found));
        let last = seen.last().unwrap();
        assert_eq!((last.other_rate, last.passes), (Some(found), passes));

        let options = original::Options {
            ball,
            delta: 0.0,
            max_passes: passes,
            ..Default::default()
        };
        let pictures = Pictures { own, others };
        let task = &mut Task::silent();
        let made = original::original(&network, pictures, None, &options, task);
        let made = block_on(made).unwrap();
        for (rates, set) in [(&made.rates, own), (&made.other_rates, others)] {
            let found = rate(&network, set, &made.perturbation);
            assert_eq!(*rates.last().unwrap(), Some(found));
        }
        assert_eq!(
            made.gradients_by_pass.last(),
            Some(&made.gradient_evaluations)
        );
    }
}

#[test]
fn a_larger_overshoot_takes_the_original_further_a_step() {
    // One picture and a ball that is never left: v is DeepFool's step, which on
    // an affine function is (1 + η) times the way to the boundary.
    let (network, x) = ten_classes();
    let run = |overshoot| {
        let mut options = original::Options {
            ball: Ball {
                norm: Norm::L2,
                radius: 100.0,
            },
            max_passes: 1,
            show_every: 1,
            ..Default::default()
        };
        options.deepfool.overshoot = overshoot;
        let mut shown = Vec::new();
        let mut task = Task::new(StopFlag::default(), |progress: Progress| {
            shown.extend(progress.perturbation);
        });
        let made = original::original(&network, &x[..1], None, &options, &mut task);
        let made = block_on(made).unwrap();
        drop(task);
        assert_eq!(shown.as_slice(), std::slice::from_ref(&made.perturbation));
        assert_eq!(made.rates, [Some(1.0)]);
        Norm::L2.of(&made.perturbation)
    };
    let (small, large) = (run(0.02), run(1.0));
    assert!((large / small - 2.0 / 1.02).abs() < 1e-3, "{small} {large}");
}

#[test]
fn a_part_that_has_another_answer_anyway_is_not_fooled() {
    // The left half decides: a part of the right half is of the other class.
    let weight = (0..64).map(|i| if i % 8 < 4 { 1.0 } else { -1.0 });
    let affine = Affine::new([1, 8, 8], weight.chain([0.0; 64]).collect(), vec![0.0; 2]);
    let bright_left = |n: usize| (0..64).map(move |i| if i % 8 < 4 { 1.0 } else { n as f32 / 9.0 });
    let x: Vec<Vec<f32>> = (0..8).map(|n| bright_left(n).collect()).collect();
    let options = stochastic::Options {
        ball: Ball {
            norm: Norm::Linf,
            radius: 1e-6,
        },
        mirror: false,
        crop: 0.1,
        max_passes: 5,
        ..Default::default()
    };
    let (made, seen) = run(&affine, &x, &[], &options);
    assert_eq!(rate(&affine, &x, &made.perturbation), 0.0);
    assert_eq!(made.rates, [Some(0.0); 5]);
    // The first update is told before its answers are read.
    assert_eq!(seen[0].running_rate, None);
    assert!(seen[1..].iter().all(|step| step.running_rate == Some(0.0)));
}

#[test]
fn a_picture_beyond_the_bound_needs_no_gradient() {
    let (network, x) = ten_classes();
    let run = |bound| {
        let options = stochastic::Options {
            ball: Ball {
                norm: Norm::Linf,
                radius: 0.4,
            },
            bound,
            mirror: false,
            crop: 1.0,
            ..Default::default()
        };
        run(&network, &x, &[], &options).0
    };
    let (near, far) = (run(0.01), run(1e6));
    let every = far.passes * x.len();
    assert_eq!(far.gradient_evaluations, every);
    assert!(near.gradient_evaluations < every / 2);
    assert!(near.rates.last().unwrap().unwrap() > 0.8);
}

/// The first pixel moves the margin; all of the others together move it as much
/// again, each by little.
fn one_pixel_that_matters() -> (Affine, Vec<Vec<f32>>) {
    let mut slopes = vec![0.1; 101];
    slopes[0] = 1.0;
    let affine = Affine::new([1, 1, 101], [vec![0.0; 101], slopes].concat(), vec![0.0; 2]);
    (affine, vec![[vec![-1.0], vec![0.0; 100]].concat(); 4])
}

#[test]
fn in_l2_v_goes_where_the_gradient_does() {
    let (affine, x) = one_pixel_that_matters();
    let ball = Ball {
        norm: Norm::L2,
        radius: 0.5,
    };
    let learnt = |options: stochastic::Options| {
        let options = stochastic::Options {
            max_passes: 20,
            mirror: false,
            crop: 1.0,
            ..options
        };
        let v = run(&affine, &x, &[], &options).0.perturbation;
        assert!(ball.contains(&v));
        let along: f32 = v[0] + v[1..].iter().sum::<f32>() * 0.1;
        // The cosine with the gradient, whose length is the root of two.
        f64::from(along) / Norm::L2.of(&v) / 2f64.sqrt()
    };
    let usual = learnt(stochastic::Options::default().within(ball, &affine, x.len()));
    assert!(usual > 0.999, "{usual}");
    // With Adam all pixels move alike.
    let adam = learnt(stochastic::Options {
        ball,
        ..Default::default()
    });
    assert!(adam < 0.9, "{adam}");
}

#[test]
fn in_l2_v_is_spent_on_pictures_within_its_reach() {
    // Two pictures are near class 1 one way; one is near class 2 the other way, where
    // it is steep, but farther away than v is long.
    let affine = Affine::new([1, 1, 1], vec![0.0, 1.0, -3.0], vec![0.0, 0.0, -20.0]);
    let x = [vec![-0.3], vec![-0.4], vec![-5.2]];
    let ball = Ball {
        norm: Norm::L2,
        radius: 1.0,
    };
    let fooled = |loss| {
        let options = stochastic::Options {
            max_passes: 20,
            mirror: false,
            crop: 1.0,
            loss,
            width: 1.0,
            ..stochastic::Options::default().within(ball, &affine, x.len())
        };
        let (made, _) = run(&affine, &x, &[], &options);
        rate(&affine, &x, &made.perturbation)
    };
    assert_eq!(fooled(Loss::Sigmoid), 2.0 / 3.0);
    // The mean margin falls most where nobody is fooled.
    assert_eq!(fooled(Loss::Margin), 0.0);
}

#[test]
fn the_class_that_fools_most_is_found_where_another_is_nearer() {
    // Class 1 is near some pictures, and nearer than class 2 to all; but v is long
    // enough to bring all of them to class 2.
    let affine = Affine::new([1, 1, 2], vec![0.0, 0.0, 1.0, 0.0, 0.0, 4.0], vec![0.0; 3]);
    let x: Vec<Vec<f32>> = (0..64)
        .map(|at| vec![if at < 26 { -0.5 } else { -3.0 }, -0.875])
        .collect();
    let ball = Ball {
        norm: Norm::L2,
        radius: 1.0,
    };
    let made = |starts, max_passes| {
        let options = stochastic::Options {
            max_passes,
            mirror: false,
            crop: 1.0,
            starts,
            ..stochastic::Options::default().within(ball, &affine, x.len())
        };
        let (made, seen) = run(&affine, &x, &[], &options);
        assert!(ball.contains(&made.perturbation));
        assert!(made.gradient_evaluations <= 64 * max_passes);
        let gradients = seen.iter().map(|step| step.gradient_evaluations);
        assert!(gradients.is_sorted());
        rate(&affine, &x, &made.perturbation)
    };
    assert_eq!(made(1, 60), 26.0 / 64.0);
    assert_eq!(made(3, 60), 1.0);
    // More than there are classes.
    assert_eq!(made(10, 60), 1.0);
    // Too few updates to tell them apart.
    assert_eq!(made(3, 5), 26.0 / 64.0);
}

#[test]
fn what_is_descended_goes_by_the_classes_the_ball_and_the_pictures() {
    let tuned = |target, ball, (classes, side), pictures| {
        let options = stochastic::Options {
            target,
            ..Default::default()
        };
        let classifier = Affine::random([1, side, 1], classes, 1);
        let tuned = options.within(ball, &classifier, pictures);
        assert_eq!(tuned.rule == Rule::Momentum, ball.norm == Norm::L2);
        let looks_ahead = ball.norm == Norm::Linf && classes <= 100 && target.is_none();
        assert_eq!(tuned.rule == Rule::Aggregate, looks_ahead);
        (tuned.loss, tuned.starts, tuned.crop)
    };
    let [linf, l2] = BALLS;
    for ball in [linf, l2] {
        assert_eq!(tuned(None, ball, (10, 32), 200), (Loss::Sigmoid, 10, 1.0));
        assert_eq!(tuned(None, ball, (100, 28), 600), (Loss::Sigmoid, 16, 1.0));
        assert_eq!(tuned(None, ball, (10, 224), 600), (Loss::Sigmoid, 10, 0.3));
        for classes in [10, 1000] {
            let led = tuned(Some(0), ball, (classes, 32), 600);
            assert_eq!(led, (Loss::Margin, 1, 0.3));
        }
    }
    for pictures in [32, 600] {
        let many = |ball| tuned(None, ball, (1000, 224), pictures);
        assert_eq!(many(linf), (Loss::Margin, 1, 0.3));
        assert_eq!(many(l2), (Loss::Odds, 1, 0.3));
    }
    assert_eq!(tuned(None, l2, (10, 32), 199), (Loss::Sigmoid, 10, 0.3));
    assert_eq!(tuned(None, linf, (10, 32), 199), (Loss::Margin, 1, 0.3));
    // In the default ball, of many classes, the defaults are as they were.
    let usual = stochastic::Options::default();
    let affine = Affine::random([1, 32, 1], 1000, 1);
    assert_eq!(usual.clone().within(usual.ball, &affine, 8), usual);
}

#[test]
fn every_rule_moves_by_a_single_gradient() {
    let (network, x) = ten_classes();
    for ball in BALLS {
        for rule in [Rule::Adam, Rule::Momentum, Rule::Aggregate] {
            let options = stochastic::Options {
                ball,
                rule,
                max_passes: 1,
                batch: x.len(),
                ..Default::default()
            };
            let (made, _) = run(&network, &x, &[], &options);
            let largest = made
                .perturbation
                .iter()
                .fold(0f32, |most, v| most.max(v.abs()));
            assert!(largest > 0.0, "{rule:?}");
        }
    }
}

#[test]
fn few_pictures_come_up_more_often() {
    for count in [8, 32, 64] {
        let few = stochastic::Options::few_pictures(count);
        assert_eq!(few.max_passes * count, 640);
    }
    assert_eq!(stochastic::Options::few_pictures(5000).max_passes, 1);
}

#[test]
fn what_was_learnt_from_no_picture_works_on_pictures() {
    let (network, x) = ten_classes();
    let made_up = jigsaws([3, 5, 4], 24, 1);
    for ball in BALLS {
        let options = stochastic::Options {
            ball,
            max_passes: 20,
            crop: 1.0,
            ..Default::default()
        };
        let (made, _) = run(&network, &made_up, &x, &options);
        let found = made.other_rates.last().unwrap().unwrap();
        assert!(found > random_rate(&network, &x, &ball), "{found}");
    }
}

#[test]
fn a_wish_to_stop_is_heard_while_others_are_tried() {
    let (network, x) = ten_classes();
    let stop = StopFlag::default();
    stop.stop();
    let options = stochastic::Options::default();
    let pictures = Pictures {
        own: &x,
        others: &x,
    };
    let start = vec![1.0; 60];
    let mut task = Task::new(stop, |_| panic!("nothing is to be said"));
    let made = stochastic::stochastic(&network, pictures, Some(&start), &options, &mut task);
    let made = block_on(made).unwrap();
    assert!(made.stopped && made.gradient_evaluations == 0);
    assert!(options.ball.contains(&made.perturbation));
    assert!(made.perturbation.iter().all(|v| *v > 0.0));
}

#[test]
fn the_same_seed_gives_the_same_perturbation_and_another_another() {
    let network = small();
    let x = pictures(10, 28 * 28, 3);
    let run = |seed| {
        let options = stochastic::Options {
            seed,
            max_passes: 2,
            batch: 4,
            ..Default::default()
        };
        let mut task = Task::silent();
        let made = stochastic::stochastic(&network, &x, None, &options, &mut task);
        block_on(made).unwrap().perturbation
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn it_goes_on_from_where_it_is_told_to() {
    let network = small();
    let x = pictures(4, 28 * 28, 3);
    let start = vec![0.5f32; 28 * 28];
    let options = original::Options {
        max_passes: 0,
        ..original::Options::default()
    };
    let made = block_on(original::original(
        &network,
        &x,
        Some(&start),
        &options,
        &mut Task::silent(),
    ));
    let v = made.unwrap().perturbation;
    assert!(v.iter().all(|v| (v - 10.0 / 255.0).abs() < 1e-7));
}

#[test]
fn the_fooling_rate_counts_changed_labels() {
    // One pixel decides: class 0 above 0.5, class 1 below.
    let affine = Affine::new([1, 1, 1], vec![1.0, 0.0], vec![-0.5, 0.0]);
    let x: Vec<Vec<f32>> = [0.1, 0.4, 0.6, 0.9].iter().map(|v| vec![*v]).collect();
    assert_eq!(rate(&affine, &x, &[-0.2]), 0.25);
    assert_eq!(rate(&affine, &x, &[0.0]), 0.0);
    let none = foolscope::universal::Fooling { labels: vec![] };
    assert_eq!(none.rate(), None);
    // A sum is clipped before it is saved: at 1 there is nothing to cross.
    let affine = Affine::new([1, 1, 1], vec![1.0, 0.0], vec![-1.05, 0.0]);
    let raw = block_on(fooling(
        &affine,
        &[vec![0.9]],
        &[0.2],
        Sum::Raw,
        &mut Task::silent(),
    ));
    let saved = block_on(fooling(
        &affine,
        &[vec![0.9]],
        &[0.2],
        Sum::Saved,
        &mut Task::silent(),
    ));
    assert_eq!((raw.unwrap().fooled(), saved.unwrap().fooled()), (1, 0));
}

#[test]
fn what_cannot_be_computed_is_an_error() {
    let network = small();
    let none: [Vec<f32>; 0] = [];
    let options = stochastic::Options::default();
    let run = |x: &[Vec<f32>], start: Option<&[f32]>, options: &stochastic::Options| {
        block_on(stochastic::stochastic(
            &network,
            x,
            start,
            options,
            &mut Task::silent(),
        ))
        .unwrap_err()
    };
    assert_eq!(run(&none, None, &options), UniversalError::NoPictures);
    let x = pictures(1, 28 * 28, 1);
    assert_eq!(
        run(&x, Some(&[0.0; 3]), &options),
        UniversalError::PerturbationSize {
            expected: 784,
            found: 3
        }
    );
    let ball = Ball {
        radius: 0.0,
        ..Ball::default()
    };
    let zero = stochastic::Options {
        ball,
        ..options.clone()
    };
    assert!(matches!(
        run(&x, None, &zero),
        UniversalError::Option { .. }
    ));
    let ball = Ball {
        norm: Norm::L1,
        ..Ball::default()
    };
    let l1 = stochastic::Options {
        ball,
        ..options.clone()
    };
    assert!(matches!(run(&x, None, &l1), UniversalError::Option { .. }));
    let empty = stochastic::Options {
        batch: 0,
        ..options.clone()
    };
    let nothing = stochastic::Options {
        crop: 0.0,
        ..options.clone()
    };
    let nowhere = stochastic::Options {
        loss: Loss::Cosine,
        target: Some(0),
        ..options.clone()
    };
    for bad in [nothing, nowhere] {
        assert!(matches!(run(&x, None, &bad), UniversalError::Option { .. }));
    }
    let absent = stochastic::Options {
        target: Some(10),
        ..options.clone()
    };
    assert_eq!(
        run(&x, None, &absent),
        UniversalError::Target {
            target: 10,
            classes: 10
        }
    );
    let of_another_size = pictures(2, 28 * 28 + 1, 1);
    assert!(matches!(
        run(&of_another_size, None, &options),
        UniversalError::Attack(AttackError::PictureSize { found: 785, .. })
    ));
    assert!(matches!(
        run(&x, None, &empty),
        UniversalError::Option { .. }
    ));
}
