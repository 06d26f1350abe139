//! Sections and curvatures against affine functions and spheres, where every
//! point's class and every boundary's bend is known.

use std::cell::Cell;

use foolscope::attack::deepfool::{self, deepfool};
use foolscope::attack::{AttackError, Norm};
use foolscope::classifier::Classifier;
use foolscope::geometry::curvature::{self, Curvature, curvature};
use foolscope::geometry::section::{self, Extent, Section, section};
use foolscope::geometry::{GeometryError, Plane, Refinement, random_direction};
use foolscope::task::{StopFlag, Task, block_on};
use proptest::prelude::*;

use crate::affine::{Affine, pictures};
use crate::sphere::Sphere;

const SHAPE: [usize; 3] = [3, 5, 4];
const SIZE: usize = 60;

fn cut(
    classifier: &dyn Classifier,
    x: &[f32],
    plane: &Plane,
    options: &section::Options,
) -> Result<Section, GeometryError> {
    block_on(section(classifier, x, plane, options, &mut Task::silent()))
}

fn bend(classifier: &dyn Classifier, x: &[f32], plane: &Plane) -> Result<Curvature, GeometryError> {
    let options = curvature::Options::default();
    block_on(curvature(
        classifier,
        x,
        plane,
        &options,
        &mut Task::silent(),
    ))
}

fn adversarial(classifier: &dyn Classifier, x: &[f32]) -> Vec<f32> {
    let options = deepfool::Options::default();
    let found = block_on(deepfool(classifier, &[x], &options, &mut Task::silent()));
    let outcome = found.unwrap().remove(0);
    assert!(outcome.fooled());
    outcome.perturbation
}

fn scaled(v: &[f32], factor: f64) -> Vec<f32> {
    v.iter().map(|&v| (f64::from(v) * factor) as f32).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter()
        .zip(b)
        .map(|(a, b)| f64::from(*a) * f64::from(*b))
        .sum()
}

#[test]
fn every_point_has_the_class_and_margins_that_the_formula_gives() {
    let affine = Affine::random(SHAPE, 7, 2);
    let x = &pictures(1, SIZE, 8)[0];
    let plane = Plane::new(&adversarial(&affine, x), &random_direction(SIZE, 3)).unwrap();
    let options = section::Options {
        points: 21,
        extent: Extent::Perturbations(40.0),
        batch: 5,
    };
    let found = cut(&affine, x, &plane, &options).unwrap();
    assert_eq!((found.labels.len(), found.stopped), (441, false));
    assert_eq!(found.coordinates[10], 0.0);
    assert!((found.coordinates[20] - 40.0 * plane.length()).abs() < 1e-12);
    for (i, &b) in found.coordinates.iter().enumerate() {
        for (j, &a) in found.coordinates.iter().enumerate() {
            let point: Vec<f32> = (0..SIZE)
                .map(|d| x[d] + a as f32 * plane.first()[d] + b as f32 * plane.second()[d])
                .collect();
            let mut values: Vec<(f64, usize)> =
                affine.values(&point).into_iter().zip(0..).collect();
            values.sort_by(|a, b| b.0.total_cmp(&a.0));
            let own = values
                .iter()
                .position(|v| v.1 == found.clean_label)
                .unwrap();
            let rival = values[usize::from(own == 0)].0;
            let at = i * 21 + j;
            let lead = values[0].0 - values[1].0;
            assert!((f64::from(found.leads[at]) - lead).abs() < 1e-4);
            assert!((f64::from(found.margins[at]) - (values[own].0 - rival)).abs() < 1e-4);
            // Nearer than rounding, either answer is right.
            if lead > 1e-4 {
                assert_eq!(found.labels[at], values[0].1);
            }
        }
    }
    assert_eq!(found.labels[10 * 21 + 10], found.clean_label);
    assert!(found.regions().len() > 2, "{:?}", found.regions());
}

#[test]
fn the_extent_is_in_perturbations_or_in_pixels_and_tiles_do_not_show() {
    let affine = Affine::random(SHAPE, 4, 5);
    let x = &pictures(1, SIZE, 1)[0];
    let plane = Plane::new(&adversarial(&affine, x), &random_direction(SIZE, 9)).unwrap();
    let options = |extent, batch| section::Options {
        points: 10,
        extent,
        batch,
    };
    let perturbations = options(Extent::Perturbations(3.0), 100);
    let pixels = options(Extent::Pixels(3.0 * plane.length()), 7);
    let one = cut(&affine, x, &plane, &perturbations).unwrap();
    let other = cut(&affine, x, &plane, &pixels).unwrap();
    assert_eq!(one.labels, other.labels);
    for (a, b) in one.margins.iter().zip(&other.margins) {
        assert!((a - b).abs() < 1e-5);
    }
}

#[test]
fn a_stopped_section_has_its_first_points() {
    let affine = Affine::random(SHAPE, 4, 5);
    let x = &pictures(1, SIZE, 1)[0];
    let plane = Plane::new(&random_direction(SIZE, 1), &random_direction(SIZE, 9)).unwrap();
    let options = section::Options {
        points: 10,
        batch: 8,
        ..section::Options::default()
    };
    let whole = cut(&affine, x, &plane, &options).unwrap();
    let stop = StopFlag::default();
    let seen = Cell::new(0);
    let mut task = Task::new(stop.clone(), |progress: section::Progress| {
        seen.set(progress.points);
        assert_eq!(progress.of, 100);
        if progress.points == 24 {
            stop.stop();
        }
    });
    let part = block_on(section(&affine, x, &plane, &options, &mut task)).unwrap();
    assert_eq!(
        (seen.get(), part.labels.len(), part.stopped),
        (24, 24, true)
    );
    assert_eq!(part.margins, whole.margins[..24]);
    assert_eq!(part.coordinates, whole.coordinates);
}

#[test]
fn a_section_that_grows_ends_as_the_same_and_is_whole_on_the_way() {
    let affine = Affine::random(SHAPE, 7, 2);
    let x = &pictures(1, SIZE, 8)[0];
    let plane = Plane::new(&adversarial(&affine, x), &random_direction(SIZE, 3)).unwrap();
    let options = section::Options {
        points: 41,
        extent: Extent::Perturbations(40.0),
        ..section::Options::default()
    };
    let whole = cut(&affine, x, &plane, &options).unwrap();
    let mut growing = block_on(Refinement::begin(&affine, x, &plane, &options)).unwrap();
    assert!(growing.section().is_none());
    // The first round: every fourth point of every fourth row.
    assert!(block_on(growing.step(121)).unwrap());
    let coarse = growing.section().unwrap().clone();
    assert!(coarse.stopped);
    for (row, column) in (0..41).flat_map(|row| (0..41).map(move |column| (row, column))) {
        let nearest = |i: usize| (i + 2) / 4 * 4;
        let from = nearest(row).min(40) * 41 + nearest(column).min(40);
        assert_eq!(coarse.labels[row * 41 + column], whole.labels[from]);
    }
    while block_on(growing.step(50)).unwrap() {}
    assert_eq!((growing.done(), growing.of()), (41 * 41, 41 * 41));
    let grown = growing.section().unwrap();
    assert_eq!(grown.labels, whole.labels);
    for (a, b) in grown.margins.iter().zip(&whole.margins) {
        assert!((a - b).abs() < 1e-5);
    }
    assert_eq!(grown.regions(), whole.regions());
    assert!(grown.regions().len() > 2 && !grown.stopped);
}

#[test]
fn points_of_a_plane_have_the_coordinates_that_they_were_made_with() {
    let plane = Plane::new(&random_direction(SIZE, 1), &random_direction(SIZE, 2)).unwrap();
    let [a, b] = plane.coordinates(&plane.vector([0.5, -2.0])).unwrap();
    assert!((a - 0.5).abs() < 1e-6 && (b + 2.0).abs() < 1e-6);
    assert!(plane.coordinates(&[0.0]).is_err());
}

#[test]
fn the_boundary_of_an_affine_function_is_straight() {
    for classes in [2, 5] {
        let affine = Affine::random(SHAPE, classes, 6);
        let x = &pictures(1, SIZE, 4)[0];
        let r = adversarial(&affine, x);
        for seed in 0..3 {
            let plane = Plane::new(&r, &random_direction(SIZE, seed)).unwrap();
            let found = bend(&affine, x, &plane).unwrap();
            // DeepFool's overshoot is 2 %.
            let crossing = found.crossing / found.length;
            assert!((crossing - 1.0 / 1.02).abs() < 1e-3, "{crossing}");
            for at in &found.at_scales {
                let relative = at.relative.unwrap();
                assert!(relative.abs() < 1e-3, "{} at {}", relative, at.scale);
            }
        }
    }
}

/// A picture at 0.6 R from the centre of a sphere, and r straight outwards,
/// to 1.05 R.
fn in_a_sphere(radius: f64) -> (Sphere, Vec<f32>, Vec<f32>, Vec<f32>) {
    let centre = pictures(1, SIZE, 3).remove(0);
    let outwards = random_direction(SIZE, 11);
    let x = centre
        .iter()
        .zip(&outwards)
        .map(|(c, o)| c + (0.6 * radius) as f32 * o)
        .collect();
    let r = scaled(&outwards, 0.45 * radius);
    (Sphere::new(SHAPE, centre.clone(), radius), x, r, centre)
}

#[test]
fn the_curvature_of_a_sphere_is_one_over_its_radius() {
    for radius in [0.5, 3.0] {
        let (sphere, x, r, _) = in_a_sphere(radius);
        for seed in 0..3 {
            let plane = Plane::new(&r, &random_direction(SIZE, seed)).unwrap();
            let found = bend(&sphere, &x, &plane).unwrap();
            assert!((found.crossing - 0.4 * radius).abs() < 1e-4 * radius);
            for at in &found.at_scales {
                let curvature = at.curvature.unwrap() * radius;
                assert!(
                    (curvature - 1.0).abs() < 2e-3,
                    "{curvature} at {}",
                    at.scale
                );
                let relative = at.relative.unwrap();
                assert!((relative - 0.45).abs() < 1e-3, "{relative}");
            }
        }
    }
}

#[test]
fn from_outside_a_sphere_is_hollow() {
    let centre = pictures(1, SIZE, 3).remove(0);
    let outwards = random_direction(SIZE, 11);
    let x: Vec<f32> = centre
        .iter()
        .zip(&outwards)
        .map(|(c, o)| c + 3.0 * o)
        .collect();
    let sphere = Sphere::new(SHAPE, centre, 2.0).hollow();
    let plane = Plane::new(&scaled(&outwards, -1.1), &random_direction(SIZE, 1)).unwrap();
    let found = bend(&sphere, &x, &plane).unwrap();
    for at in found.at_scales.iter().filter(|at| at.scale < 1.5) {
        let curvature = at.curvature.unwrap();
        assert!(
            (curvature + 0.5).abs() < 1e-3,
            "{curvature} at {}",
            at.scale
        );
    }
    // 2.2 to the side the sphere is no longer met.
    let far = found.at_scales.iter().find(|at| at.scale == 2.0).unwrap();
    assert_eq!((far.curvature, far.points), (None, [None, None]));
}

#[test]
fn a_plane_beside_the_centre_cuts_a_smaller_circle() {
    let (sphere, x, r, centre) = in_a_sphere(1.0);
    // Not towards the nearest boundary.
    let aside = random_direction(SIZE, 20);
    let tilted: Vec<f32> = r
        .iter()
        .zip(&aside)
        .map(|(r, a)| 2.0 * r + 0.4 * a)
        .collect();
    let plane = Plane::new(&tilted, &random_direction(SIZE, 21)).unwrap();
    let to_centre: Vec<f32> = centre.iter().zip(&x).map(|(c, x)| c - x).collect();
    let inside = dot(&to_centre, plane.first()).powi(2) + dot(&to_centre, plane.second()).powi(2);
    let distance = dot(&to_centre, &to_centre) - inside;
    let expected = 1.0 / (1.0 - distance).sqrt();
    assert!(expected > 1.02, "{expected}");
    let found = bend(&sphere, &x, &plane).unwrap();
    for at in found.at_scales.iter().filter(|at| at.scale < 1.0) {
        let curvature = at.curvature.unwrap();
        assert!(
            (curvature / expected - 1.0).abs() < 2e-3,
            "{curvature} for {expected}"
        );
    }
}

#[test]
fn what_spans_no_plane_or_does_not_fool_is_said() {
    let affine = Affine::random(SHAPE, 3, 5);
    let x = &pictures(1, SIZE, 1)[0];
    let r = random_direction(SIZE, 1);
    let refused = |r: &[f32], second: &[f32]| Plane::new(r, second).unwrap_err().to_string();
    assert!(refused(&r, &scaled(&r, -3.0)).contains("parallel"));
    assert!(refused(&r, &vec![0.0; SIZE]).contains("the second direction is zero"));
    assert!(refused(&vec![0.0; SIZE], &r).contains("the first direction is zero"));
    assert!(refused(&r, &r[1..]).contains("59 values, but 60"));
    assert!(refused(&r, &[f32::NAN; SIZE]).contains("not a number"));

    let plane = Plane::new(&scaled(&r, 1e-6), &random_direction(SIZE, 2)).unwrap();
    assert_eq!(bend(&affine, x, &plane), Err(GeometryError::NotFooled));
    let small = Plane::new(&r[..4], &random_direction(4, 2)).unwrap();
    let size = cut(&affine, x, &small, &section::Options::default()).unwrap_err();
    assert!(size.to_string().contains("4 values, but 60"), "{size}");
    let none = section::Options {
        extent: Extent::Pixels(0.0),
        ..section::Options::default()
    };
    let extent = cut(&affine, x, &plane, &none).unwrap_err();
    assert!(extent.to_string().contains("extent"), "{extent}");
    let one_class = Affine::random(SHAPE, 1, 5);
    let error = cut(&one_class, x, &plane, &section::Options::default()).unwrap_err();
    assert_eq!(error, GeometryError::Attack(AttackError::TooFewClasses(1)));
}

#[test]
fn a_constant_function_has_one_region_and_no_boundary() {
    let affine = Affine::new([1, 2, 2], vec![0.0; 12], vec![1.0, 0.5, 0.2]);
    let x = &pictures(1, 4, 1)[0];
    let plane = Plane::new(&random_direction(4, 1), &random_direction(4, 2)).unwrap();
    let found = cut(&affine, x, &plane, &section::Options::default()).unwrap();
    assert_eq!(found.regions(), [(0, 1.0)]);
    assert!(found.margins.iter().all(|&margin| margin == 0.5));
    assert_eq!(bend(&affine, x, &plane), Err(GeometryError::NotFooled));
}

proptest! {
    #[test]
    fn a_plane_is_orthonormal_and_contains_both_directions(
        r in prop::collection::vec(-1f32..1.0, 12),
        second in prop::collection::vec(-1f32..1.0, 12),
        factor in 1e-4f32..1e3,
    ) {
        let second: Vec<f32> = second.iter().map(|v| v * factor).collect();
        let Ok(plane) = Plane::new(&r, &second) else {
            return Ok(());
        };
        let (u, w) = (plane.first(), plane.second());
        prop_assert!((dot(u, u) - 1.0).abs() < 1e-5);
        prop_assert!((dot(w, w) - 1.0).abs() < 1e-5);
        prop_assert!(dot(u, w).abs() < 1e-5);
        prop_assert!((plane.length() - Norm::L2.of(&r)).abs() < 1e-5);
        for given in [&r, &second] {
            let [a, b] = [dot(given, u), dot(given, w)];
            let inside = (a * a + b * b) / dot(given, given);
            prop_assert!((inside - 1.0).abs() < 1e-4, "{inside}");
        }
        // The second direction is on w's side.
        prop_assert!(dot(&second, w) > 0.0);
    }
}
