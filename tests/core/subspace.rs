//! Semi-random noise against its closed form on affine functions, and the
//! subspaces themselves.

use foolscope::attack::deepfool::{Options, deepfool};
use foolscope::attack::semi_random::semi_random;
use foolscope::attack::subspace::{Subspace, SubspaceError};
use foolscope::attack::{AttackError, Norm, Outcome, picture_seed};
use foolscope::classifier::Classifier;
use foolscope::measure::semi_random::{self as measure, Beta, sizes};
use foolscope::task::{StopFlag, Task, block_on};
use proptest::prelude::*;

use crate::affine::{Affine, pictures};

fn attack(
    classifier: &dyn Classifier,
    x: &[Vec<f32>],
    subspaces: &[Subspace],
    options: &Options,
) -> Vec<Outcome> {
    block_on(semi_random(
        classifier,
        x,
        subspaces,
        options,
        &mut Task::silent(),
    ))
    .unwrap()
}

fn all_of(classes: usize) -> Options {
    Options {
        candidates: classes,
        ..Options::default()
    }
}

fn projected(subspace: &Subspace, v: &[f32]) -> Vec<f32> {
    let mut v = v.to_vec();
    subspace.project(&mut v);
    v
}

fn difference(a: &[f32], b: &[f32]) -> f64 {
    let difference: Vec<f32> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    Norm::L2.of(&difference)
}

/// The least |f_k − f_0| / ‖P_S (w_k − w_0)‖₂.
fn distance(affine: &Affine, x: &[f32], subspace: &Subspace) -> f64 {
    let values = affine.values(x);
    let own = (0..values.len())
        .max_by(|&a, &b| values[a].total_cmp(&values[b]))
        .unwrap();
    let others = (0..values.len()).filter(|class| *class != own);
    others
        .map(|class| {
            let w: Vec<f32> = (affine.row(class).iter().zip(affine.row(own)))
                .map(|(a, b)| a - b)
                .collect();
            (values[own] - values[class]) / Norm::L2.of(&projected(subspace, &w))
        })
        .fold(f64::INFINITY, f64::min)
}

#[test]
fn finds_the_exact_distance_within_random_and_spanned_subspaces() {
    let shape = [3, 8, 9];
    let d = 216;
    let x = pictures(5, d, 1);
    for classes in [2, 3, 10] {
        let affine = Affine::random(shape, classes, classes as u64);
        let options = all_of(classes);
        let mut spaces = vec![Subspace::spanned(&pictures(7, d, 9)).unwrap()];
        for m in [1, 6, 54, 216] {
            spaces.push(Subspace::random(d, m, 3).unwrap());
        }
        spaces.push(Subspace::coloured(&pictures(4, 72, 2), 3).unwrap());
        for space in &spaces {
            let outcomes = attack(&affine, &x, std::slice::from_ref(space), &options);
            for (outcome, x) in outcomes.iter().zip(&x) {
                let expected = distance(&affine, x, space) * (1.0 + options.overshoot);
                let found = outcome.norms.l2;
                let m = space.dimension(d);
                assert!(
                    (found / expected - 1.0).abs() < 1e-3,
                    "{classes} classes, {m} dimensions: {found} for {expected}"
                );
                assert!(outcome.fooled());
                assert_eq!(outcome.iterations, 1);
                // It lies in S.
                let inside = projected(space, &outcome.perturbation);
                assert!(difference(&inside, &outcome.perturbation) < 1e-4 * found);
            }
        }
    }
}

/// E ‖r_S*‖² / ‖r*‖² = E 1/B with B of the beta distribution (m/2, (d−m)/2):
/// exactly (d−2)/(m−2) for two classes, near the paper's d/m.
#[test]
fn the_mean_ratio_follows_the_root_of_d_over_m() {
    let d = 768;
    let affine = Affine::random([3, 16, 16], 2, 4);
    let x = pictures(400, d, 5);
    let adversarial = block_on(deepfool(
        &affine,
        &x,
        &Options::default(),
        &mut Task::silent(),
    ))
    .unwrap();
    for m in [192usize, 48, 12] {
        let subspaces: Vec<Subspace> = x
            .iter()
            .map(|x| Subspace::random(d, m, picture_seed(7, m as u64, x)).unwrap())
            .collect();
        let within = attack(&affine, &x, &subspaces, &Options::default());
        let squares: Vec<f64> = within
            .iter()
            .zip(&adversarial)
            .map(|(within, adversarial)| (within.norms.l2 / adversarial.norms.l2).powi(2))
            .collect();
        let n = squares.len() as f64;
        let mean = squares.iter().sum::<f64>() / n;
        let variance = squares.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let expected = (d as f64 - 2.0) / (m as f64 - 2.0);
        let error = 4.0 * (variance / n).sqrt();
        assert!(
            (mean - expected).abs() < error,
            "{m}: {mean} ± {error}, not {expected}"
        );
        // The error is small enough to tell √(d/m) from the next guess.
        assert!(error < 0.25 * expected, "{m}: ± {error}");
    }
}

#[test]
fn all_of_the_space_is_plain_deepfool() {
    let network = crate::network::small();
    let d = network.input_shape().iter().product();
    let x = pictures(3, d, 11);
    let options = Options::default();
    let plain = block_on(deepfool(&network, &x, &options, &mut Task::silent())).unwrap();
    let whole = Subspace::random(d, d, 1).unwrap();
    assert_eq!(attack(&network, &x, &[whole], &options), plain);
    // And so it is, but for rounding, when all of it is spanned by hand.
    let units: Vec<Vec<f32>> = (0..d)
        .map(|i| (0..d).map(|j| f32::from(u8::from(i == j))).collect())
        .collect();
    let spanned = Subspace::spanned(&units).unwrap();
    for (a, b) in attack(&network, &x, &[spanned], &options)
        .iter()
        .zip(&plain)
    {
        assert!(difference(&a.perturbation, &b.perturbation) < 1e-4 * b.norms.l2);
    }
}

#[test]
fn each_picture_of_a_batch_gets_what_it_gets_alone() {
    let network = crate::network::small();
    let d = network.input_shape().iter().product();
    let mut x = pictures(5, d, 11);
    for (index, picture) in x.iter_mut().enumerate() {
        picture
            .iter_mut()
            .for_each(|x| *x *= 0.1 + 0.5 * index as f32);
    }
    let subspaces: Vec<Subspace> = x
        .iter()
        .map(|x| Subspace::random(d, d / 4, picture_seed(1, 0, x)).unwrap())
        .collect();
    let options = Options::default();
    let together = attack(&network, &x, &subspaces, &options);
    // The same seed gives the same answer.
    assert_eq!(attack(&network, &x, &subspaces, &options), together);
    let mut iterations = Vec::new();
    for ((x, subspace), together) in x.iter().zip(&subspaces).zip(&together) {
        let alone = &attack(
            &network,
            std::slice::from_ref(x),
            std::slice::from_ref(subspace),
            &options,
        )[0];
        assert_eq!(alone.iterations, together.iterations);
        assert_eq!(alone.adversarial.label, together.adversarial.label);
        for (a, b) in alone.perturbation.iter().zip(&together.perturbation) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
        // Every step lies in S, so their sum does.
        let inside = projected(subspace, &together.perturbation);
        assert!(difference(&inside, &together.perturbation) < 1e-4 * together.norms.l2);
        iterations.push(alone.iterations);
    }
    assert!(
        iterations.iter().any(|count| *count != iterations[0]),
        "{iterations:?}"
    );
}

#[test]
fn gradients_at_right_angles_to_the_subspace_are_an_honest_no() {
    // Only the first value matters, and S is all but that.
    let mut w = vec![0.0; 8];
    w[0] = 1.0;
    let affine = Affine::new([1, 2, 2], w, vec![0.0, 0.1]);
    let units: Vec<Vec<f32>> = (1..4)
        .map(|i| (0..4).map(|j| f32::from(u8::from(i == j))).collect())
        .collect();
    let space = Subspace::spanned(&units).unwrap();
    let outcome = &attack(&affine, &[vec![0.5; 4]], &[space], &Options::default())[0];
    assert!(!outcome.fooled());
    assert!(outcome.perturbation.iter().all(|r| *r == 0.0));

    // A classifier that has no gradient at all.
    let constant = Affine::new([1, 2, 2], vec![0.0; 8], vec![1.0, 0.5]);
    let space = Subspace::random(4, 2, 0).unwrap();
    let outcome = &attack(&constant, &[vec![0.5; 4]], &[space], &Options::default())[0];
    assert!(!outcome.fooled() && outcome.norms.l2 == 0.0);
}

#[test]
fn dependent_pictures_are_dropped_and_nothing_spans_nothing() {
    let d = 60;
    let mut x = pictures(4, d, 3);
    let sum: Vec<f32> = (0..d).map(|i| 0.3 * x[0][i] - 2.0 * x[2][i]).collect();
    x.insert(1, x[0].clone());
    x.push(sum);
    x.push(vec![0.0; d]);
    let space = Subspace::spanned(&x).unwrap();
    assert_eq!(space.dimension(d), 4);
    for picture in &x {
        assert!(difference(&projected(&space, picture), picture) < 1e-4);
    }
    // Each mask gives one dimension a colour.
    let masks = Subspace::coloured(&pictures(4, 20, 3), 3).unwrap();
    assert_eq!(masks.dimension(60), 12);

    let none: [Vec<f32>; 0] = [];
    let refused = |x: &[Vec<f32>]| Subspace::spanned(x).unwrap_err();
    assert_eq!(refused(&none), SubspaceError::Nothing);
    assert_eq!(refused(&[vec![0.0; 4], vec![0.0; 4]]), SubspaceError::Zero);
    assert_eq!(refused(&[vec![f32::NAN; 4]]), SubspaceError::NotFinite);
    assert!(matches!(
        refused(&[vec![1.0; 4], vec![1.0; 5]]),
        SubspaceError::Size { .. }
    ));
    for m in [0, 61] {
        assert_eq!(
            Subspace::random(60, m, 0).unwrap_err(),
            SubspaceError::Dimension {
                space: 60,
                found: m
            }
        );
    }
}

#[test]
fn what_cannot_be_attacked_is_an_error() {
    let space = || Subspace::random(4, 2, 0).unwrap();
    let run = |classifier: &dyn Classifier, x: &[Vec<f32>], spaces: &[Subspace], o: &Options| {
        block_on(semi_random(classifier, x, spaces, o, &mut Task::silent())).unwrap_err()
    };
    let affine = Affine::random([1, 2, 2], 3, 1);
    let options = Options::default();
    let x = vec![vec![0.5; 4]; 3];
    assert_eq!(
        run(&affine, &x, &[space(), space()], &options),
        AttackError::Subspace(SubspaceError::Count {
            pictures: 3,
            subspaces: 2
        })
    );
    assert_eq!(
        run(&affine, &x, &[Subspace::random(5, 2, 0).unwrap()], &options),
        AttackError::Subspace(SubspaceError::Size {
            expected: 4,
            found: 5
        })
    );
    assert_eq!(
        run(&affine, &[vec![f32::NAN; 4]], &[space()], &options),
        AttackError::PictureNotFinite
    );
    let one = Affine::random([1, 2, 2], 1, 1);
    assert_eq!(
        run(&one, &x, &[space()], &options),
        AttackError::TooFewClasses(1)
    );
    let other_norm = Options {
        norm: Norm::Linf,
        ..options
    };
    assert!(matches!(
        run(&affine, &x, &[space()], &other_norm),
        AttackError::Option { .. }
    ));
}

#[test]
fn it_stops_when_asked() {
    let network = crate::network::small();
    let d = network.input_shape().iter().product();
    let stop = StopFlag::default();
    stop.stop();
    let x = pictures(1, d, 11);
    let space = [Subspace::random(d, 5, 0).unwrap()];
    let mut task = Task::new(stop.clone(), |_| ());
    let options = Options::default();
    let result = semi_random(&network, &x, &space, &options, &mut task);
    assert!(matches!(block_on(result), Err(AttackError::Stopped(_))));
    let mut task = Task::new(stop, |_| ());
    let options = measure::Options::default();
    let result = sizes(&network, &x, &options, &mut task);
    assert!(matches!(block_on(result), Err(AttackError::Stopped(_))));
}

#[test]
fn beta_of_a_flat_boundary_is_one() {
    let d = 768;
    let affine = Affine::random([3, 16, 16], 2, 4);
    let x = pictures(100, d, 5);
    let options = measure::Options {
        ratios: vec![1.0, 0.25, 1.0 / 16.0],
        draws: 2,
        ..measure::Options::default()
    };
    let mut steps = Vec::new();
    let found = {
        let mut task = Task::new(StopFlag::default(), |step: measure::Progress| {
            steps.push(step.attacks);
        });
        block_on(sizes(&affine, &x, &options, &mut task)).unwrap()
    };
    assert_eq!(steps, [1, 2, 3, 4, 5, 6]);
    // A picture alone gets what it gets in company.
    let mut task = Task::silent();
    let alone = block_on(sizes(&affine, &x[3..4], &options, &mut task)).unwrap();
    for (a, b) in alone[0].within.iter().zip(&found[3].within) {
        assert!((a[1].unwrap() / b[1].unwrap() - 1.0).abs() < 1e-4);
    }
    let columns = Beta::columns(&options.ratios, d, &found, options.seed);
    assert_eq!(columns[0].beta.value, Some(1.0));
    assert_eq!(columns[0].deviation, Some(0.0));
    for column in &columns[1..] {
        assert_eq!((column.pictures, column.beta.count), (100, 100));
        // β itself has a bias of 3/(4m) here, below its error.
        let deviation = column.deviation.unwrap();
        let error = 4.0 * deviation / 10.0;
        let bias = 1.0 / column.dimension as f64;
        assert!(deviation > 0.0);
        assert!(
            (column.beta.value.unwrap() - 1.0).abs() < error + bias,
            "{column:?}"
        );
    }
    for bad in [vec![0.0], vec![1.5], vec![f64::NAN]] {
        let options = measure::Options {
            ratios: bad,
            ..options.clone()
        };
        let result = block_on(sizes(&affine, &x[..1], &options, &mut Task::silent()));
        assert!(matches!(result, Err(AttackError::Option { .. })));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn projections_are_orthogonal(seed: u64, d in 1usize..200, share in 0.0f64..1.0) {
        let m = measure::dimension(share, d);
        let count = m.min(6);
        for space in [
            Subspace::random(d, m, seed).unwrap(),
            Subspace::spanned(&pictures(count, d, seed)).unwrap(),
        ] {
            let v = &pictures(1, d, seed ^ 1)[0];
            let inside = projected(&space, v);
            prop_assert!(difference(&projected(&space, &inside), &inside) < 1e-4);
            // What is left out is at right angles to what is left in.
            let angle: f64 = inside.iter().zip(v).map(|(p, v)| f64::from(*p * (v - p))).sum();
            prop_assert!(angle.abs() < 1e-4, "{}", angle);
            prop_assert!(Norm::L2.of(&inside) <= Norm::L2.of(v) * (1.0 + 1e-5));
        }
    }
}
