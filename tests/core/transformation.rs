//! The smallest shift, turn and change of size, against classifiers that look
//! at one pixel of a picture with an edge: then it has a closed form.

use foolscope::attack::AttackError;
use foolscope::attack::transformation::{Moved, Options, Transformation, transformation};
use foolscope::classifier::Classifier;
use foolscope::measure::TransformationRobustness;
use foolscope::task::{StopFlag, Task, block_on};

use crate::affine::Affine;

fn attack(classifier: &dyn Classifier, x: &[Vec<f32>], options: &Options) -> Vec<Moved> {
    block_on(transformation(classifier, x, options, &mut Task::silent())).unwrap()
}

const SIDE: usize = 21;
/// ρ², the mean square of a pixel's distance from the centre.
const SPREAD: f64 = 2.0 * 440.0 / 12.0;

/// Label 1 where the pixel so far right of the centre is lighter than grey.
fn looks_at(right: usize) -> Affine {
    let area = SIDE * SIDE;
    let mut w = vec![0.0; 2 * area];
    w[area + SIDE / 2 * SIDE + SIDE / 2 + right] = 1.0;
    Affine::new([1, SIDE, SIDE], w, vec![0.5, 0.0])
}

/// White where `inside(right, down)` of the centre, else black.
fn picture(inside: impl Fn(i32, i32) -> bool) -> Vec<f32> {
    let centre = SIDE as i32 / 2;
    (0..SIDE as i32)
        .flat_map(|row| (0..SIDE as i32).map(move |column| (column - centre, row - centre)))
        .map(|(right, down)| f32::from(u8::from(inside(right, down))))
        .collect()
}

fn only(translation: bool, rotation: bool, scaling: bool) -> Options {
    Options {
        translation,
        rotation,
        scaling,
        precision: 0.005,
        ..Options::default()
    }
}

fn found(moved: &Moved) -> Transformation {
    assert!(moved.outcome.fooled());
    moved.transformation.unwrap()
}

/// Grey lies at 4.5 right of the centre, the pixel that is looked at at 6.
#[test]
fn finds_the_shift_and_the_change_of_size_that_bring_an_edge_to_a_pixel() {
    let classifier = looks_at(6);
    let x = [picture(|right, _| right <= 4)];

    let moved = &attack(&classifier, &x, &only(true, false, false))[0];
    let t = found(moved);
    assert!((t.right - 1.5).abs() < 0.01, "{t:?}");
    assert!(
        t.down.abs() < 0.2 && t.degrees == 0.0 && t.scale == 1.0,
        "{t:?}"
    );
    assert!((moved.distance - 1.5).abs() < 0.01);

    let moved = &attack(&classifier, &x, &only(false, false, true))[0];
    let t = found(moved);
    assert!((t.scale - 6.0 / 4.5).abs() < 0.005, "{t:?}");
    let expected = SPREAD.sqrt() * (6.0 / 4.5 - 1.0);
    assert!((moved.distance / expected - 1.0).abs() < 0.01);

    // Both at once are nearer. With t the shift, t + 4.5 s = 6, and t² + ρ²(s−1)²
    // is least at s = (4.5 · 6 + ρ²) / (4.5² + ρ²).
    let s = (27.0 + SPREAD) / (20.25 + SPREAD);
    let shift = 6.0 - 4.5 * s;
    let expected = (shift * shift + SPREAD * (s - 1.0) * (s - 1.0)).sqrt();
    let moved = &attack(&classifier, &x, &only(true, true, true))[0];
    found(moved);
    let ratio = moved.distance / expected;
    assert!((0.995..1.04).contains(&ratio), "{ratio}");
}

/// The edge lies 2.5 above the centre, and the pixel 8 right of it: it comes
/// from there when turned by θ with 8 sin θ = 2.5.
#[test]
fn finds_the_turn_that_brings_an_edge_to_a_pixel() {
    let classifier = looks_at(8);
    let x = [picture(|_, down| down <= -3)];
    let moved = &attack(&classifier, &x, &only(false, true, false))[0];
    let t = found(moved);
    let expected = (2.5f64 / 8.0).asin();
    assert!((t.degrees - expected.to_degrees()).abs() < 0.2, "{t:?}");
    let distance = SPREAD.sqrt() * 2.0 * (expected / 2.0).sin();
    assert!((moved.distance / distance - 1.0).abs() < 0.01);
    assert_eq!(moved.distance, t.distance(SIDE, SIDE));
}

#[test]
fn what_does_not_move_is_an_honest_no() {
    // All pictures of one grey look alike when moved.
    let x = [vec![0.25; SIDE * SIDE]];
    let moved = &attack(&looks_at(3), &x, &Options::default())[0];
    assert!(moved.transformation.is_none() && !moved.outcome.fooled());
    assert_eq!(moved.distance, 0.0);
    assert!(moved.outcome.perturbation.iter().all(|r| *r == 0.0));
    // The edge is farther off than one may look.
    let x = [picture(|right, _| right <= -5)];
    let near = Options {
        farthest: 0.1,
        ..only(true, false, false)
    };
    assert!(attack(&looks_at(6), &x, &near)[0].transformation.is_none());
}

#[test]
fn each_picture_of_a_batch_gets_what_it_gets_alone() {
    let classifier = looks_at(6);
    let x = [
        picture(|right, _| right <= 4),
        vec![0.25; SIDE * SIDE],
        picture(|right, down| right + down <= 3),
    ];
    let options = Options::default();
    let together = attack(&classifier, &x, &options);
    for (x, together) in x.iter().zip(&together) {
        // Neither company nor how many are tried at a time matters.
        let options = Options {
            batch: 3,
            ..Options::default()
        };
        let alone = &attack(&classifier, std::slice::from_ref(x), &options)[0];
        assert_eq!(alone.transformation, together.transformation);
        assert_eq!(alone.outcome.perturbation, together.outcome.perturbation);
    }
    let fooled: Vec<bool> = together.iter().map(|it| it.outcome.fooled()).collect();
    assert_eq!(fooled, [true, false, true]);
    let moved: Vec<_> = together
        .iter()
        .map(|it| (it.distance, it.transformation))
        .collect();
    let measured = TransformationRobustness::of(&moved, 0);
    assert_eq!(measured.median_distance.count, 2);
    assert_eq!(measured.fooled.count, 3);
}

#[test]
fn what_cannot_be_attacked_is_an_error() {
    let run = |classifier: &dyn Classifier, x: &[Vec<f32>], options: &Options| {
        block_on(transformation(classifier, x, options, &mut Task::silent())).unwrap_err()
    };
    let affine = Affine::random([1, 4, 4], 3, 1);
    let x = vec![vec![0.5; 16]];
    for bad in [
        only(false, false, false),
        Options {
            farthest: 0.5,
            ..Options::default()
        },
        Options {
            precision: f64::NAN,
            ..Options::default()
        },
    ] {
        let refused = run(&affine, &x, &bad);
        assert!(matches!(refused, AttackError::Option { .. }), "{refused}");
    }
    let options = Options::default();
    assert_eq!(
        run(&affine, &[vec![f32::INFINITY; 16]], &options),
        AttackError::PictureNotFinite
    );
    let one = Affine::random([1, 4, 4], 1, 1);
    assert_eq!(run(&one, &x, &options), AttackError::TooFewClasses(1));

    let stop = StopFlag::default();
    stop.stop();
    let mut task = Task::new(stop, |_| ());
    let result = block_on(transformation(&affine, &x, &options, &mut task));
    assert!(matches!(result, Err(AttackError::Stopped(_))));
}
