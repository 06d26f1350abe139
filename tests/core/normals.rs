//! Normals of boundaries, and the singular values of sets of directions.

use foolscope::attack::predictions;
use foolscope::classifier::Classifier;
use foolscope::geometry::normals::{self, BoundaryNormal, normals};
use foolscope::geometry::spectrum::{Progress, Spectrum, random_share};
use foolscope::geometry::{GeometryError, random_direction};
use foolscope::measure::Normals;
use foolscope::task::{StopFlag, Stopped, Task, block_on};
use proptest::prelude::*;

use crate::affine::{Affine, pictures};
use crate::sphere::Sphere;

const SHAPE: [usize; 3] = [3, 5, 4];
const SIZE: usize = 60;

fn of(
    classifier: &dyn Classifier,
    x: &[Vec<f32>],
    options: &normals::Options,
) -> Vec<Option<BoundaryNormal>> {
    block_on(normals(classifier, x, options, &mut Task::silent())).unwrap()
}

fn spectrum(vectors: &[Vec<f32>]) -> Spectrum {
    block_on(Spectrum::of(vectors, &mut Task::silent())).unwrap()
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| f64::from(*a) * f64::from(*b))
        .sum()
}

/// e_i in `size` dimensions.
fn axis(i: usize, size: usize) -> Vec<f32> {
    let mut v = vec![0.0; size];
    v[i] = 1.0;
    v
}

#[test]
fn the_normals_of_an_affine_function_are_differences_of_its_rows() {
    let affine = Affine::random(SHAPE, 6, 3);
    let x = pictures(7, SIZE, 2);
    let clean = block_on(predictions(&affine, &x)).unwrap();
    let found = of(&affine, &x, &normals::Options::default());
    for ((found, x), clean) in found.iter().zip(&x).zip(&clean) {
        let found = found.as_ref().unwrap();
        assert_eq!(found.clean_label, clean.label);
        assert_ne!(found.adversarial_label, clean.label);
        let row = affine.row(found.adversarial_label).iter();
        let w: Vec<f32> = row
            .zip(affine.row(clean.label))
            .map(|(k, y)| k - y)
            .collect();
        let length = dot(&w, &w).sqrt();
        for (found, w) in found.normal.iter().zip(&w) {
            assert!((f64::from(*found) - f64::from(*w) / length).abs() < 1e-6);
        }
        let distance = affine.distance(x, foolscope::attack::Norm::L2);
        assert!((found.length / distance - 1.02).abs() < 1e-3);
    }
}

#[test]
fn the_normals_of_a_sphere_point_outwards() {
    let centre = vec![0.5; SIZE];
    let sphere = Sphere::new(SHAPE, centre.clone(), 3.0);
    let x = pictures(3, SIZE, 2);
    for (found, x) in of(&sphere, &x, &normals::Options::default()).iter().zip(&x) {
        let found = found.as_ref().unwrap();
        assert_eq!((found.clean_label, found.adversarial_label), (0, 1));
        let outwards: Vec<f32> = x.iter().zip(&centre).map(|(x, c)| x - c).collect();
        let cosine = dot(&found.normal, &outwards) / dot(&outwards, &outwards).sqrt();
        assert!(cosine > 1.0 - 1e-5, "{cosine}");
        assert!((dot(&found.normal, &found.normal) - 1.0).abs() < 1e-6);
    }
}

#[test]
fn batches_do_not_show_and_what_is_not_fooled_has_none() {
    let network = crate::network::small();
    let x = pictures(5, network.input_shape().iter().product(), 4);
    let options = |batch| normals::Options {
        batch,
        ..normals::Options::default()
    };
    let (one, all) = (of(&network, &x, &options(1)), of(&network, &x, &options(5)));
    for (one, all) in one.iter().zip(&all) {
        let (one, all) = (one.as_ref().unwrap(), all.as_ref().unwrap());
        assert_eq!(one.adversarial_label, all.adversarial_label);
        for (a, b) in one.normal.iter().zip(&all.normal) {
            assert!((a - b).abs() < 1e-5, "{a} {b}");
        }
    }
    let constant = Affine::new([1, 2, 2], vec![0.0; 12], vec![1.0, 0.5, 0.2]);
    assert_eq!(of(&constant, &pictures(2, 4, 1), &options(2)), [None, None]);
    assert_eq!(of(&constant, &[], &options(2)), []);
}

#[test]
fn normals_and_spectra_stop_when_asked() {
    let affine = Affine::random(SHAPE, 6, 3);
    let x = pictures(4, SIZE, 2);
    let stop = StopFlag::default();
    stop.stop();
    let mut task = Task::new(stop.clone(), |_: usize| ());
    let found = block_on(normals(
        &affine,
        &x,
        &normals::Options::default(),
        &mut task,
    ));
    assert_eq!(found, Err(Stopped.into()));
    let mut task = Task::new(stop, |_: Progress| ());
    let found = block_on(Spectrum::of_random(3, 10, 0, &mut task));
    assert_eq!(found.unwrap_err(), Stopped.into());
}

#[test]
fn singular_values_of_orthonormal_and_of_equal_vectors() {
    // More entries than are multiplied at a time.
    let size = 2500;
    let orthonormal: Vec<Vec<f32>> = (0..9).map(|i| axis(i * 277, size)).collect();
    for &value in spectrum(&orthonormal).singular_values() {
        assert!((value - 1.0).abs() < 1e-12, "{value}");
    }
    let equal = vec![random_direction(size, 1); 9];
    let found = spectrum(&equal);
    let (first, rest) = found.singular_values().split_first().unwrap();
    assert!((first - 3.0).abs() < 1e-5, "{first}");
    assert!(rest.iter().all(|&value| value < 1e-6), "{rest:?}");
    assert_eq!(found.dimension(), size);
}

#[test]
fn singular_values_are_those_of_a_matrix_made_from_them() {
    // N = U Σ with plane rotations for U: its singular values are Σ's.
    let expected = [5.0, 2.0, 1.0, 0.25];
    let mut rows: Vec<Vec<f64>> = (0..4)
        .map(|i| {
            (0..6)
                .map(|j| if i == j { expected[i] } else { 0.0 })
                .collect()
        })
        .collect();
    for (i, j, angle) in [(0, 1, 0.4f64), (2, 3, 1.1), (1, 2, -0.7), (0, 3, 2.0)] {
        let (sin, cos) = angle.sin_cos();
        let [a, b] = rows.get_disjoint_mut([i, j]).unwrap();
        for (a, b) in a.iter_mut().zip(b) {
            (*a, *b) = (cos * *a - sin * *b, sin * *a + cos * *b);
        }
    }
    let rows: Vec<Vec<f32>> = rows
        .iter()
        .map(|row| row.iter().map(|&v| v as f32).collect())
        .collect();
    let found = spectrum(&rows);
    for (found, expected) in found.singular_values().iter().zip(expected) {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
    // The right singular vectors are the axes.
    let shares = found
        .shares(&rows, &[3.0, 4.0, 0.0, 0.0, 12.0, 0.0])
        .unwrap();
    for (share, expected) in shares.iter().zip([3.0, 5.0, 5.0, 5.0]) {
        assert!((share - expected / 13.0).abs() < 1e-6, "{shares:?}");
    }
}

#[test]
fn random_vectors_lie_between_marchenko_and_pasturs_edges() {
    let (count, dimension) = (40, 4000);
    let width = (count as f64 / dimension as f64).sqrt();
    let found = block_on(Spectrum::of_random(
        count,
        dimension,
        7,
        &mut Task::silent(),
    ))
    .unwrap();
    let values = found.singular_values();
    assert_eq!(values.len(), count);
    // The edges, and what a finite number strays beyond them.
    assert!(
        values[0] < 1.0 + 1.1 * width && values[0] > 1.0 + 0.7 * width,
        "{values:?}"
    );
    let last = values[count - 1];
    assert!(
        last > 1.0 - 1.1 * width && last < 1.0 - 0.7 * width,
        "{values:?}"
    );
    // n unit vectors have σ₁² + … = n.
    let squares: f64 = values.iter().map(|value| value * value).sum();
    assert!((squares - count as f64).abs() < 1e-9);

    // Those drawn one by one are no different.
    let stored: Vec<Vec<f32>> = (0..40)
        .map(|seed| random_direction(dimension, seed))
        .collect();
    let stored = spectrum(&stored);
    for (a, b) in stored.singular_values().iter().zip(values) {
        assert!((a - b).abs() < 0.2 * width, "{a} {b}");
    }
    let again = block_on(Spectrum::of_random(
        count,
        dimension,
        7,
        &mut Task::silent(),
    ));
    assert_eq!(again.unwrap().singular_values(), values);
}

#[test]
fn the_span_holds_all_of_what_is_in_it_and_its_part_of_the_rest() {
    let size = 3000;
    let count = 30;
    let vectors: Vec<Vec<f32>> = (0..count)
        .map(|seed| random_direction(size, seed))
        .collect();
    let found = spectrum(&vectors);
    let mix: Vec<f32> = (0..size)
        .map(|d| vectors.iter().zip(1..).map(|(v, i)| v[d] * i as f32).sum())
        .collect();
    let shares = found.shares(&vectors, &mix).unwrap();
    assert_eq!(shares.len(), count as usize);
    assert!(shares.is_sorted());
    assert!((shares[29] - 1.0).abs() < 1e-6, "{}", shares[29]);
    assert!(shares[0] < 0.9);

    let mut mean = [0.0; 2];
    let trials = 40;
    for seed in 0..trials {
        let v = random_direction(size, 1000 + seed);
        let shares = found.shares(&vectors, &v).unwrap();
        mean[0] += shares[9].powi(2) / trials as f64;
        mean[1] += shares[29].powi(2) / trials as f64;
    }
    for (mean, k) in mean.iter().zip([10usize, 30]) {
        let expected = random_share(k, size).powi(2);
        // Each trial is χ²_k / d, whose relative deviation is √(2/k).
        let error = expected * (2.0 / k as f64 / trials as f64).sqrt();
        assert!((mean - expected).abs() < 4.0 * error, "{mean} {expected}");
    }
}

#[test]
fn two_affine_classes_have_one_normal_and_chance_has_many() {
    let affine = Affine::random(SHAPE, 2, 3);
    let x = pictures(9, SIZE, 2);
    let found = of(&affine, &x, &normals::Options::default());
    // Whichever of the two classes a picture is of, up to the sign.
    let found: Vec<Vec<f32>> = found.into_iter().map(|it| it.unwrap().normal).collect();
    let v: Vec<f32> = found[0].iter().map(|value| -7.0 * value).collect();
    let mut task = Task::silent();
    let measured = block_on(Normals::of(&found, Some(&v), 30, 5, &mut task)).unwrap();
    assert_eq!((measured.count, measured.dimension), (9, SIZE));
    let (first, rest) = measured.singular_values.split_first().unwrap();
    assert!((first - 3.0).abs() < 1e-5, "{first}");
    assert!(rest.iter().all(|&value| value < 1e-5), "{rest:?}");
    assert!((measured.shares.unwrap()[0] - 1.0).abs() < 1e-6);
    assert!((measured.rms_cosine.unwrap() - 1.0).abs() < 1e-5);
    let chance = (SIZE as f64).sqrt().recip();
    assert!((measured.random_rms_cosine.unwrap() / chance - 1.0).abs() < 0.5);
    // Nine random vectors in sixty dimensions are far from one.
    let random = &measured.random_singular_values;
    assert!(random[0] < 1.7 && random[8] > 0.4, "{random:?}");
    // One direction holds about 1/√60 of a random vector, |cos| with the mean
    // √(2/π)/√60; eight more of length zero add nothing.
    let shares = &measured.random_shares;
    let expected = (2.0 / std::f64::consts::PI / SIZE as f64).sqrt();
    assert_eq!(shares[0].count, 30);
    assert!(
        shares[0].low < Some(expected) && Some(expected) < shares[0].high,
        "{shares:?}"
    );
    assert!(
        (shares[8].value.unwrap() - shares[0].value.unwrap()).abs() < 1e-3,
        "{shares:?}"
    );
}

#[test]
fn without_a_perturbation_there_is_no_share_of_it() {
    let vectors = vec![axis(0, 5), axis(1, 5)];
    let found = block_on(Normals::of(&vectors, None, 0, 0, &mut Task::silent())).unwrap();
    assert_eq!(found.shares, None);
    assert_eq!(
        (found.random_shares.len(), found.random_shares[0].count),
        (2, 0)
    );
    let mut task = Task::silent();
    let zero = block_on(Normals::of(&vectors, Some(&[0.0; 5]), 0, 0, &mut task));
    assert_eq!(zero.unwrap_err(), GeometryError::Zero("the perturbation"));
}

#[test]
fn a_direction_that_occurs_twice_counts_once() {
    let vectors = vec![axis(0, 5), axis(0, 5), axis(1, 5)];
    let shares = spectrum(&vectors)
        .shares(&vectors, &[3.0, 4.0, 0.0, 0.0, 0.0])
        .unwrap();
    let expected = [0.6, 1.0, 1.0];
    for (share, expected) in shares.iter().zip(expected) {
        assert!((share - expected).abs() < 1e-12, "{shares:?}");
    }
}

#[test]
fn sizes_that_differ_and_vectors_without_direction_are_said() {
    let vectors = vec![axis(0, 5), axis(1, 5)];
    let found = spectrum(&vectors);
    let refused = |v: &[f32]| found.shares(&vectors, v).unwrap_err().to_string();
    assert!(refused(&[1.0; 4]).contains("the perturbation has 4 values, but 5"));
    assert!(refused(&[0.0; 5]).contains("zero"));
    assert!(refused(&[f32::NAN; 5]).contains("not a number"));
    let none: [Vec<f32>; 0] = [];
    let none = block_on(Spectrum::of(&none, &mut Task::silent()));
    assert_eq!(none.unwrap_err(), GeometryError::NoPictures);
    let uneven = block_on(Spectrum::of(&[axis(0, 5), axis(0, 4)], &mut Task::silent()));
    assert!(uneven.unwrap_err().to_string().contains("4 values, but 5"));
}

proptest! {
    #[test]
    fn squares_of_singular_values_sum_to_the_squares_of_all_entries(
        count in 1usize..6,
        values in prop::collection::vec(-2f32..2.0, 6 * 9),
        v in prop::collection::vec(-2f32..2.0, 9),
    ) {
        let vectors: Vec<Vec<f32>> = values.chunks(9).take(count).map(<[f32]>::to_vec).collect();
        let found = spectrum(&vectors);
        let all: f64 = vectors.iter().map(|v| dot(v, v)).sum();
        let squares: f64 = found.singular_values().iter().map(|s| s * s).sum();
        prop_assert!((squares - all).abs() <= 1e-9 * all.max(1.0));
        prop_assert!(found.singular_values().is_sorted_by(|a, b| a >= b));
        prop_assert!(found.singular_values().iter().all(|s| *s >= 0.0));
        if dot(&v, &v) > 0.0 {
            let shares = found.shares(&vectors, &v).unwrap();
            prop_assert_eq!(shares.len(), count);
            prop_assert!(shares.is_sorted());
            prop_assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)));
        }
    }
}
