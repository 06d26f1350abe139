//! Hidden words, against the closed form on affine functions, and letters
//! against what they look like.

use foolscope::attack::subspace::Subspace;
use foolscope::attack::words::{Hidden, Options, Placement, Stamp, Typeface, TypefaceError, words};
use foolscope::attack::{AttackError, Norm};
use foolscope::classifier::Classifier;
use foolscope::task::{StopFlag, Task, block_on};
use std::fs;
use std::path::Path;

use crate::affine::{Affine, pictures};

fn attack(
    classifier: &dyn Classifier,
    x: &[Vec<f32>],
    stamps: &[Stamp],
    options: &Options,
) -> Vec<Hidden> {
    block_on(words(classifier, x, stamps, options, &mut Task::silent())).unwrap()
}

/// Boxes of different coverage, some of which overlap.
fn boxes(count: i32) -> Vec<Stamp> {
    let stamp = |i: i32| {
        let coverage = (0..12).map(|j| ((i + j) % 5) as f32 / 4.0).collect();
        Stamp::new((3 * i) % 7, (2 * i) % 5, 4, coverage).unwrap()
    };
    (0..count).map(stamp).collect()
}

fn unsaved(words: usize) -> Options {
    Options {
        words,
        saved: false,
        ..Options::default()
    }
}

#[test]
fn colours_add_up_to_the_smallest_perturbation_within_the_words() {
    let shape = [3, 8, 9];
    let affine = Affine::random(shape, 2, 4);
    let x = pictures(3, 216, 5);
    let stamps = boxes(6);
    let masks: Vec<Vec<f32>> = stamps.iter().map(|stamp| stamp.mask(shape)).collect();
    let space = Subspace::coloured(&masks, 3).unwrap();
    let mut w: Vec<f32> = (affine.row(1).iter().zip(affine.row(0)))
        .map(|(a, b)| a - b)
        .collect();
    space.project(&mut w);
    for (hidden, x) in attack(&affine, &x, &stamps, &unsaved(6)).iter().zip(&x) {
        let values = affine.values(x);
        let expected = 1.02 * (values[1] - values[0]).abs() / Norm::L2.of(&w);
        assert!((hidden.outcome.norms.l2 / expected - 1.0).abs() < 1e-3);
        assert!(hidden.outcome.fooled());
        assert_eq!(hidden.words, 6);
        // r = Σ colour × mask, channel by channel.
        for (channel, plane) in hidden.outcome.perturbation.chunks_exact(72).enumerate() {
            for (pixel, r) in plane.iter().enumerate() {
                let colours = hidden.colours.iter().zip(&masks);
                let sum: f32 = colours.map(|(c, mask)| c[channel] * mask[pixel]).sum();
                assert!((sum - r).abs() < 1e-4 * expected as f32, "{sum} {r}");
            }
        }
    }
}

/// A classifier that looks at one pixel only, which the third word is the first
/// to cover.
#[test]
fn words_are_doubled_until_they_suffice() {
    let mut w = vec![0.0; 32];
    w[16 + 6] = 1.0;
    let affine = Affine::new([1, 4, 4], w, vec![0.6, 0.0]);
    let pixel = |x, y| Stamp::new(x, y, 1, vec![1.0]).unwrap();
    let stamps = [
        pixel(0, 0),
        pixel(1, 0),
        pixel(2, 1),
        pixel(3, 3),
        pixel(0, 3),
    ];
    let mut already = vec![0.5; 16];
    already[6] = 0.9;
    let x = [vec![0.5; 16], already];
    let found = attack(
        &affine,
        &x,
        &stamps,
        &Options {
            words: 1,
            ..Options::default()
        },
    );
    for hidden in &found {
        assert_eq!(hidden.words, 4);
        assert!(hidden.outcome.survives_rounding);
        assert_eq!(hidden.colours[0], [0.0]);
    }
    assert!((found[0].colours[2][0] - 0.102).abs() < 1e-5);
    assert!((found[1].colours[2][0] + 0.306).abs() < 1e-5);
    // Without it they never do, and the answer is that with all.
    let hidden = &attack(&affine, &x[..1], &stamps[3..], &unsaved(1))[0];
    assert!(!hidden.outcome.fooled());
    assert_eq!(hidden.words, 2);
    assert!(hidden.colours.iter().flatten().all(|colour| *colour == 0.0));
}

/// A change below half a level is lost on saving, however many words share it.
#[test]
fn a_change_that_would_be_lost_on_saving_is_not_enough() {
    let pixel = |x| Stamp::new(x, 0, 1, vec![1.0]).unwrap();
    let stamps = [pixel(0), pixel(1)];
    let x = [vec![128.0 / 255.0; 4]];
    // The second is saved by stronger colours.
    for (short, saved) in [(0.1, false), (0.4, true), (2.7, true)] {
        // Label 1, as long as the sum is not so many levels lower.
        let mut w = vec![0.0; 8];
        w[4..].fill(1.0);
        let bound = (4.0 * 128.0 - short) / 255.0;
        let affine = Affine::new([1, 2, 2], w, vec![bound, 0.0]);
        let options = Options {
            words: 1,
            ..Options::default()
        };
        let raw = &attack(&affine, &x, &stamps, &unsaved(1))[0];
        assert_eq!((raw.words, raw.outcome.fooled()), (1, true));
        let found = &attack(&affine, &x, &stamps, &options)[0];
        assert_eq!(found.words, if saved { 1 } else { 2 });
        assert!(found.outcome.fooled());
        assert_eq!(found.outcome.survives_rounding, saved);
    }
}

#[test]
fn each_picture_of_a_batch_gets_what_it_gets_alone() {
    let network = crate::network::small();
    let d = network.input_shape().iter().product();
    let x = pictures(4, d, 11);
    let stamps = boxes(12);
    let together = attack(&network, &x, &stamps, &unsaved(3));
    assert_eq!(attack(&network, &x, &stamps, &unsaved(3)), together);
    for (x, together) in x.iter().zip(&together) {
        let alone = &attack(&network, std::slice::from_ref(x), &stamps, &unsaved(3))[0];
        assert_eq!(alone.words, together.words);
        let pairs = alone.outcome.perturbation.iter();
        for (a, b) in pairs.zip(&together.outcome.perturbation) {
            assert!((a - b).abs() < 1e-5 && a.is_finite(), "{a} {b}");
        }
    }
}

#[test]
fn what_cannot_be_hidden_is_an_error() {
    let affine = Affine::random([1, 8, 8], 3, 1);
    let x = pictures(1, 64, 1);
    let run = |stamps: &[Stamp], options: &Options| {
        block_on(words(&affine, &x, stamps, options, &mut Task::silent())).unwrap_err()
    };
    let nothing = run(&boxes(3), &unsaved(0));
    assert!(matches!(nothing, AttackError::Option { .. }));
    assert!(matches!(run(&[], &unsaved(3)), AttackError::Subspace(_)));
    let outside = Stamp::new(9, 9, 1, vec![1.0]).unwrap();
    assert!(matches!(
        run(&[outside], &unsaved(1)),
        AttackError::Subspace(_)
    ));

    let stop = StopFlag::default();
    stop.stop();
    let mut task = Task::new(stop, |_| ());
    let result = block_on(words(&affine, &x, &boxes(3), &unsaved(3), &mut task));
    assert!(matches!(result, Err(AttackError::Stopped(_))));
}

/// The font that set-up cuts out; without it a test says so and passes.
fn typeface(test: &str) -> Option<Typeface> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/assets/fonts/DejaVuSans-Bold.ttf");
    let Ok(bytes) = fs::read(file) else {
        println!("skipped: {test} (needs www/assets/fonts, which `npm start` makes)");
        return None;
    };
    Some(Typeface::read(bytes).unwrap())
}

/// Total coverage, and its middle.
fn mass(mask: &[f32], width: usize) -> [f64; 3] {
    let mut sums = [0.0; 3];
    for (index, share) in mask.iter().enumerate() {
        let share = f64::from(*share);
        sums[0] += share;
        sums[1] += share * ((index % width) as f64 + 0.5);
        sums[2] += share * ((index / width) as f64 + 0.5);
    }
    [sums[0], sums[1] / sums[0], sums[2] / sums[0]]
}

#[test]
fn letters_look_as_they_should() {
    let Some(typeface) = typeface("letters_look_as_they_should") else {
        return;
    };
    let side = 120;
    let draw = |word: &str, degrees: f64, size: f64| {
        let place = Placement {
            word: 0,
            x: 61.3,
            y: 58.8,
            size,
            degrees,
        };
        typeface.stamp(word, &place).unwrap().mask([3, side, side])
    };
    // I has the place for its middle, however it is turned, and keeps its area;
    // twice the size is four times the area.
    let [upright, ..] = mass(&draw("I", 0.0, 40.0), side);
    for degrees in [0.0, 90.0, -30.0] {
        let [area, x, y] = mass(&draw("I", degrees, 40.0), side);
        assert!((area / upright - 1.0).abs() < 0.01, "{area} {upright}");
        assert!((x - 61.3).abs() < 0.2 && (y - 58.8).abs() < 0.2, "{x} {y}");
    }
    let [large, ..] = mass(&draw("I", 0.0, 80.0), side);
    assert!((large / upright - 4.0).abs() < 0.04);
    // L leans to the left and down; turned by a quarter, up and to the left.
    let [_, x, y] = mass(&draw("L", 0.0, 60.0), side);
    assert!(x < 59.0 && y > 61.0, "{x} {y}");
    let [_, x, y] = mass(&draw("L", 90.0, 60.0), side);
    assert!(x < 59.0 && y < 57.0, "{x} {y}");
    // O has a hole in the middle and I has none.
    let middle = 58 * side + 61;
    assert!(draw("O", 0.0, 60.0)[middle] < 1e-3);
    assert!(draw("I", 0.0, 60.0)[middle] > 0.999);
    // Letters stand side by side.
    let [two, ..] = mass(&draw("II", 0.0, 40.0), side);
    assert!((two / upright - 2.0).abs() < 0.02);

    let place = Placement {
        word: 0,
        x: 5.0,
        y: 5.0,
        size: 9.0,
        degrees: 0.0,
    };
    let refused = |word| typeface.stamp(word, &place).unwrap_err();
    assert_eq!(refused("漢"), TypefaceError::NoLetter('漢'));
    assert_eq!(refused(" "), TypefaceError::Blank(" ".to_owned()));
}

#[test]
fn what_is_no_font_is_refused() {
    let refused = Typeface::read(b"no font".to_vec()).err();
    assert_eq!(refused, Some(TypefaceError::NotAFont));
}
