//! The table of transfer, against fooling rates counted one by one.

use foolscope::attack::{Norm, predictions};
use foolscope::classifier::Classifier;
use foolscope::measure::{Network, Tally, TransferError};
use foolscope::photo::Perturbation;
use foolscope::task::{StopFlag, Task, block_on};
use foolscope::universal::fooling::Sum;
use foolscope::universal::resampled;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::affine::{Affine, pictures};

const SHAPE: [usize; 3] = [3, 5, 4];
const SIZE: usize = 60;

fn noise(size: f32, seed: u64) -> Perturbation {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let values = (0..SIZE).map(|_| rng.random_range(-size..size)).collect();
    Perturbation::new(SHAPE, values).unwrap()
}

fn begun(rows: &[&str], networks: &[Network<'_, Vec<f32>>]) -> Tally {
    let rows = rows.iter().map(|&name| name.to_owned());
    let networks = networks.iter().map(|network| network.name.to_owned());
    Tally::new(rows.collect(), networks.collect())
}

fn table(
    rows: &[&str],
    networks: &[Network<'_, Vec<f32>>],
    task: &mut Task<'_, usize>,
) -> Result<Tally, TransferError> {
    let mut tally = begun(rows, networks);
    block_on(tally.add(networks, Sum::Raw, task))?;
    Ok(tally)
}

/// Counted one by one.
fn rate(classifier: &dyn Classifier, x: &[Vec<f32>], v: &Perturbation) -> f64 {
    let fooled = x.iter().filter(|x| {
        let sum: Vec<f32> = x.iter().zip(v.values()).map(|(x, v)| x + v).collect();
        let answers = block_on(predictions(classifier, &[x.as_slice(), &sum])).unwrap();
        answers[0].label != answers[1].label
    });
    fooled.count() as f64 / x.len() as f64
}

#[test]
fn every_cell_is_the_fooling_rate_of_its_row_on_its_column() {
    // Each network may see the pictures in its own way, and at its own size.
    let shapes = [SHAPE, SHAPE, [3, 8, 7]];
    let classifiers = [(0, 3), (1, 10), (2, 4)]
        .map(|(i, classes): (usize, usize)| Affine::random(shapes[i], classes, classes as u64));
    let sets = [(1, SIZE), (1, SIZE), (9, 3 * 8 * 7)].map(|(seed, size)| pictures(19, size, seed));
    let names = ["a", "b", "c"];
    let given = [noise(0.1, 1), noise(1.0, 2)];
    let rows = shapes.map(|shape| {
        given
            .each_ref()
            .map(|v| resampled(v, shape, Norm::Linf).unwrap())
    });
    let networks: Vec<Network<'_, Vec<f32>>> = (0..3)
        .map(|i| Network {
            name: names[i],
            classifier: &classifiers[i],
            pictures: &sets[i],
            perturbations: &rows[i],
        })
        .collect();
    let mut seen = Vec::new();
    let mut task = Task::new(StopFlag::default(), |done| seen.push(done));
    let found = table(&["weak", "strong"], &networks, &mut task).unwrap();
    drop(task);
    assert_eq!(seen, [8, 16, 19]);
    assert_eq!(found.networks, names);
    assert_eq!(found.perturbations, ["weak", "strong"]);
    assert_eq!(found.pictures, 19);
    let mut different = std::collections::BTreeSet::new();
    for (i, row) in found.rates(1).iter().enumerate() {
        for (j, cell) in row.iter().enumerate() {
            let expected = rate(&classifiers[j], &sets[j], &rows[j][i]);
            assert!((cell.value.unwrap() - expected).abs() < 1e-12);
            assert!(cell.low <= Some(expected) && Some(expected) <= cell.high);
            assert_eq!(cell.count, 19);
            different.insert((expected * 19.0).round() as usize);
        }
    }
    assert!(different.len() > 2, "{different:?}");
}

#[test]
fn a_stopped_table_is_of_the_same_pictures_everywhere_and_goes_on() {
    let affine = Affine::random(SHAPE, 5, 1);
    let x = pictures(30, SIZE, 3);
    let v = noise(0.5, 4);
    let rows = std::slice::from_ref(&v);
    let network = |name| Network {
        name,
        classifier: &affine,
        pictures: x.as_slice(),
        perturbations: rows,
    };
    let stop = StopFlag::default();
    let mut task = Task::new(stop.clone(), |done| {
        if done == 16 {
            stop.stop();
        }
    });
    let networks = [network("a"), network("b")];
    let mut found = table(&["v"], &networks, &mut task).unwrap();
    assert_eq!(found.pictures, 16);
    assert_eq!(
        found.rates(1)[0][0].value,
        Some(rate(&affine, &x[..16], &v))
    );
    assert_eq!(found.fooled[0][0], found.fooled[0][1]);

    let rest = x[16..].to_vec();
    let left = ["a", "b"].map(|name| Network {
        name,
        classifier: &affine as &dyn Classifier,
        pictures: &rest,
        perturbations: rows,
    });
    block_on(found.add(&left, Sum::Raw, &mut Task::silent())).unwrap();
    let whole = table(&["v"], &networks, &mut Task::silent());
    assert_eq!(found, whole.unwrap());
}

#[test]
fn what_does_not_fit_together_is_said() {
    let affine = Affine::random(SHAPE, 5, 1);
    let wide = Affine::random([3, 5, 8], 5, 1);
    let (x, few) = (pictures(4, SIZE, 3), pictures(3, SIZE, 3));
    let large = pictures(4, 120, 3);
    let v = noise(0.5, 4);
    let rows = std::slice::from_ref(&v);
    let network = |name, classifier, pictures| Network {
        name,
        classifier,
        pictures,
        perturbations: rows,
    };
    let refused = |rows: &[&str], networks: &[Network<'_, Vec<f32>>]| {
        let error = table(rows, networks, &mut Task::silent()).unwrap_err();
        error.to_string()
    };
    let a = || network("a", &affine, &x);
    let shape = refused(&["v"], &[a(), network("b", &wide, &large)]);
    assert_eq!(
        shape,
        "the perturbation of v has shape [3, 5, 4], but b takes pictures of [3, 5, 8] \
         (channels, height, width)"
    );
    let count = refused(&["v"], &[a(), network("b", &affine, &few)]);
    assert!(count.contains("b has 3 pictures, but a has 4"), "{count}");
    assert!(refused(&[], &[a()]).contains("at least one perturbation"));
    assert!(refused(&["v"], &[]).contains("at least one network"));
    let mut other = begun(&["v"], &[network("b", &affine, &x)]);
    let error = block_on(other.add(&[a()], Sum::Raw, &mut Task::silent()));
    assert_eq!(error, Err(TransferError::OtherTable));
    assert_eq!(other.rates(0)[0][0].count, 0);
}
