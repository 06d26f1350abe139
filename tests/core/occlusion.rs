//! The smallest patch, against classifiers that look at one block, and against
//! trying everything.

use foolscope::attack::occlusion::{Occlusion, Options, Patch, Search, occlusion};
use foolscope::attack::{AttackError, argmax};
use foolscope::classifier::Classifier;
use foolscope::measure::OcclusionRobustness;
use foolscope::task::{StopFlag, Task, block_on};

use crate::affine::{Affine, pictures};

fn attack(classifier: &dyn Classifier, x: &[Vec<f32>], options: &Options) -> Vec<Occlusion> {
    block_on(occlusion(classifier, x, options, &mut Task::silent())).unwrap()
}

/// Label 0 as long as a square block of a picture, from `x` and `y` on, is
/// lighter than half of white.
fn block([channels, height, width]: [usize; 3], x: usize, y: usize, side: usize) -> Affine {
    let mut w = vec![0.0; channels * height * width];
    let share = 1.0 / (channels * side * side) as f32;
    for channel in 0..channels {
        for row in y..y + side {
            let start = (channel * height + row) * width + x;
            w[start..start + side].fill(share);
        }
    }
    w.extend(vec![0.0; channels * height * width]);
    Affine::new([channels, height, width], w, vec![-0.5, 0.0])
}

fn dark(stride: usize, search: Search) -> Options {
    Options {
        stride,
        colour: vec![0.0],
        search,
        ..Options::default()
    }
}

#[test]
fn finds_the_one_block_that_matters() {
    // More than half of 16 pixels must be covered: a patch of 3 × 3 inside of
    // the block. The first of them is at its corner.
    let shape = [3, 10, 12];
    let classifier = block(shape, 5, 2, 4);
    let white = vec![vec![1.0; 360]];
    for search in [Search::Bisection, Search::Ascending] {
        let found = &attack(&classifier, &white, &dark(1, search))[0];
        let patch = Patch {
            x: 5,
            y: 2,
            side: 3,
        };
        assert_eq!(found.patch, Some(patch), "{search:?}");
        assert!(found.outcome.fooled() && found.outcome.survives_rounding);
        // 9 pixels of 3 channels, each darker by 1.
        assert!((found.outcome.norms.l2 - 27f64.sqrt()).abs() < 1e-6);
        assert_eq!(found.outcome.norms.l1, 27.0);
    }
    // A patch of the picture's own colour, and one that makes it lighter.
    for colour in [vec![1.0], vec![2.0, 1.5, 1.0]] {
        let options = Options {
            colour,
            ..dark(1, Search::Bisection)
        };
        let found = &attack(&classifier, &white, &options)[0];
        assert!(found.patch.is_none() && !found.outcome.fooled());
        assert!(found.outcome.perturbation.iter().all(|r| *r == 0.0));
    }
}

#[test]
fn where_the_bare_colour_has_the_label_too_a_smaller_patch_is_found() {
    // Label 0 as long as the left upper block is not much darker than the right
    // lower one: a patch over all of the picture changes nothing.
    let shape = [1, 8, 8];
    let [first, second] = [block(shape, 0, 0, 3), block(shape, 5, 5, 3)];
    let mut w: Vec<f32> = Vec::new();
    for pixel in 0..64 {
        let mut one = vec![0.0; 64];
        one[pixel] = 1.0;
        w.push((first.values(&one)[0] - second.values(&one)[0]) as f32);
    }
    w.extend([0.0; 64]);
    let classifier = Affine::new(shape, w, vec![0.5, 0.0]);
    let white = vec![vec![1.0; 64]];
    let found = &attack(&classifier, &white, &dark(1, Search::Bisection))[0];
    let least = attack(&classifier, &white, &dark(1, Search::Ascending))[0].patch;
    assert!(found.outcome.fooled());
    assert_eq!(found.patch.map(|patch| patch.side), Some(3));
    assert_eq!(found.patch, least);
}

/// Whether some patch of this side changes the label, at positions of a grid.
fn fools(affine: &Affine, x: &[f32], side: usize, stride: usize) -> bool {
    let [channels, height, width] = affine.input_shape();
    let label = |x: &[f32]| {
        let values: Vec<f32> = affine.values(x).iter().map(|v| *v as f32).collect();
        argmax(&values)
    };
    let starts =
        |length: usize| (0..=length - side).filter(move |i| i % stride == 0 || *i == length - side);
    starts(height).any(|top| {
        starts(width).any(|left| {
            let mut covered = x.to_vec();
            for channel in 0..channels {
                for row in top..top + side {
                    for column in left..left + side {
                        covered[(channel * height + row) * width + column] = 0.0;
                    }
                }
            }
            label(&covered) != label(x)
        })
    })
}

#[test]
fn nothing_smaller_on_the_grid_changes_the_label() {
    let shape = [2, 9, 11];
    let affine = Affine::random(shape, 6, 3);
    let x = pictures(6, 198, 8);
    let mut sides = Vec::new();
    for stride in [1, 3] {
        let ascending = attack(&affine, &x, &dark(stride, Search::Ascending));
        let bisection = attack(&affine, &x, &dark(stride, Search::Bisection));
        for ((x, ascending), bisection) in x.iter().zip(&ascending).zip(&bisection) {
            let least = (1..=9).find(|side| fools(&affine, x, *side, stride));
            assert_eq!(ascending.patch.map(|patch| patch.side), least);
            if let Some(patch) = bisection.patch {
                assert!(patch.side >= least.unwrap());
                assert!(patch.side == 1 || !fools(&affine, x, patch.side - 1, stride));
                assert!(bisection.outcome.fooled());
                sides.push(patch.side);
            }
        }
    }
    assert!(sides.iter().any(|side| *side != sides[0]), "{sides:?}");
}

#[test]
fn each_picture_of_a_batch_gets_what_it_gets_alone() {
    let affine = Affine::random([1, 8, 8], 5, 3);
    let x = pictures(4, 64, 8);
    let together = attack(&affine, &x, &dark(2, Search::Ascending));
    for (x, together) in x.iter().zip(&together) {
        // Neither company nor how many patches are tried at a time matters.
        let options = Options {
            batch: 3,
            ..dark(2, Search::Ascending)
        };
        let alone = &attack(&affine, std::slice::from_ref(x), &options)[0];
        assert_eq!(alone.patch, together.patch);
        assert_eq!(alone.outcome.perturbation, together.outcome.perturbation);
    }
    let patches: Vec<_> = together.iter().map(|it| it.patch).collect();
    let found = OcclusionRobustness::of(&patches, [1, 8, 8], 0);
    assert_eq!(
        found.median_side.count,
        together.iter().filter(|it| it.patch.is_some()).count()
    );
    let side = found.mean_side;
    assert!(side.low <= side.value && side.value <= side.high);
}

#[test]
fn what_cannot_be_attacked_is_an_error() {
    let run = |classifier: &dyn Classifier, x: &[Vec<f32>], options: &Options| {
        block_on(occlusion(classifier, x, options, &mut Task::silent())).unwrap_err()
    };
    let affine = Affine::random([3, 2, 2], 3, 1);
    let x = vec![vec![0.5; 12]];
    let options = Options::default();
    for bad in [
        Options {
            stride: 0,
            ..options.clone()
        },
        Options {
            colour: vec![0.1, 0.2],
            ..options.clone()
        },
        Options {
            colour: vec![f32::NAN],
            ..options.clone()
        },
    ] {
        let refused = run(&affine, &x, &bad);
        assert!(matches!(refused, AttackError::Option { .. }), "{refused}");
    }
    assert_eq!(
        run(&affine, &[vec![f32::NAN; 12]], &options),
        AttackError::PictureNotFinite
    );
    let one = Affine::random([3, 2, 2], 1, 1);
    assert_eq!(run(&one, &x, &options), AttackError::TooFewClasses(1));

    let stop = StopFlag::default();
    stop.stop();
    let mut task = Task::new(stop, |_| ());
    let result = block_on(occlusion(&affine, &x, &options, &mut task));
    assert!(matches!(result, Err(AttackError::Stopped(_))));
}
