//! EfficientNet-Lite0 against an independent implementation with the same
//! weights: logits, first classes, DeepFool.

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use burn::tensor::Device;
use foolscope::attack::deepfool::{Options, deepfool};
use foolscope::attack::super_deepfool::{self, super_deepfool};
use foolscope::attack::{Norm, Prediction, predictions};
use foolscope::classifier::catalogue::Entry;
use foolscope::classifier::network::Network;
use foolscope::classifier::self_test;
use foolscope::classifier::weights::Weights;
use foolscope::npy;
use foolscope::photo;
use foolscope::task::{Task, block_on};
use foolscope::universal::fooling::{Sum, fooling};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;

use crate::{data, shared};

#[derive(Deserialize)]
struct Reference {
    file: String,
    top5: Vec<(usize, f32)>,
    logit_mean: f32,
    logit_std: f32,
    deepfool: ReferenceDeepfool,
}

#[derive(Deserialize)]
struct ReferenceDeepfool {
    iterations: usize,
    l2: f64,
    linf: f64,
    rho: f64,
    adversarial_label: usize,
}

fn network((entry, weights): (&'static Entry, Weights)) -> Network {
    Network::new(&entry.architecture(), &weights, &Device::flex()).unwrap()
}

/// The 40 photographs of the reference with what it says of them.
fn reference(test: &str) -> Option<Vec<(Reference, Vec<f32>)>> {
    let list = shared::file(test, "reference/lite0_reference.json")?;
    let list: Vec<Reference> = serde_json::from_slice(&fs::read(list).unwrap()).unwrap();
    assert_eq!(list.len(), 40);
    let folder = shared::file(test, "data/imagenet-sample")?;
    Some(
        list.into_iter()
            .map(|reference| {
                let picture = data::reference_crop(&folder.join(&reference.file), 224);
                (reference, picture)
            })
            .collect(),
    )
}

fn answers(network: &Network, photos: &[(Reference, Vec<f32>)]) -> Vec<Prediction> {
    let pictures: Vec<&[f32]> = photos
        .iter()
        .map(|(_, picture)| picture.as_slice())
        .collect();
    block_on(predictions(network, &pictures)).unwrap()
}

/// The largest difference of the five reported logits, over all photographs.
fn worst(answers: &[Prediction], photos: &[(Reference, Vec<f32>)]) -> f32 {
    let differences = answers
        .iter()
        .zip(photos)
        .flat_map(|(answer, (reference, _))| {
            reference
                .top5
                .iter()
                .map(|(class, logit)| (answer.logits[*class] - logit).abs())
        });
    differences.fold(0.0, f32::max)
}

fn numbers(path: PathBuf) -> npyz::NpyFile<std::io::Cursor<Vec<u8>>> {
    npyz::NpyFile::new(std::io::Cursor::new(fs::read(path).unwrap())).unwrap()
}

#[test]
fn logits_of_the_reference_crops() {
    let test = "logits_of_the_reference_crops";
    let (Some(pixels), Some(logits), Some(weights)) = (
        shared::file(test, "reference/lite0_crops_u8.npy"),
        shared::file(test, "reference/lite0_crops_logits_f32.npy"),
        data::lite0_f32(test),
    ) else {
        return;
    };
    let network = network(weights);
    // [8, 224, 224, 3] to [8, 3, 224, 224].
    let pixels: Vec<u8> = numbers(pixels).into_vec().unwrap();
    let pictures: Vec<Vec<f32>> = pixels
        .chunks_exact(224 * 224 * 3)
        .map(|picture| {
            let plane = |c: usize| {
                picture
                    .iter()
                    .skip(c)
                    .step_by(3)
                    .map(|&v| f32::from(v) / 255.0)
            };
            (0..3).flat_map(plane).collect()
        })
        .collect();
    let expected: Vec<f32> = numbers(logits).into_vec().unwrap();
    let found = block_on(predictions(&network, &pictures)).unwrap();
    assert_eq!(found.len(), 8);
    for (answer, expected) in found.iter().zip(expected.chunks_exact(1000)) {
        let difference = self_test::largest_difference(&answer.logits, expected);
        assert!(difference < 1e-3, "{difference}");
    }
}

#[test]
fn forty_photographs_with_the_published_weights() {
    let test = "forty_photographs_with_the_published_weights";
    let (Some(photos), Some(weights)) = (reference(test), data::lite0_f32(test)) else {
        return;
    };
    let answers = answers(&network(weights), &photos);
    for (answer, (reference, _)) in answers.iter().zip(&photos) {
        assert_eq!(answer.label, reference.top5[0].0, "{}", reference.file);
        let mean = answer.logits.iter().sum::<f32>() / 1000.0;
        let variance = answer
            .logits
            .iter()
            .map(|l| (l - mean).powi(2))
            .sum::<f32>()
            / 1000.0;
        assert!(
            (mean - reference.logit_mean).abs() < 0.01,
            "{}",
            reference.file
        );
        assert!(
            (variance.sqrt() - reference.logit_std).abs() < 0.01,
            "{}",
            reference.file
        );
    }
    let worst = worst(&answers, &photos);
    assert!(worst < 0.05, "{worst}");
}

#[test]
fn forty_photographs_with_the_shipped_weights() {
    let test = "forty_photographs_with_the_shipped_weights";
    let (Some(photos), Some(weights)) = (reference(test), data::lite0_shipped(test)) else {
        return;
    };
    let answers = answers(&network(weights), &photos);
    for (answer, (reference, _)) in answers.iter().zip(&photos) {
        assert_eq!(answer.label, reference.top5[0].0, "{}", reference.file);
    }
    let worst = worst(&answers, &photos);
    assert!(worst < 0.15, "{worst}");
}

#[test]
fn the_shipped_weights_pass_their_self_test() {
    let Some(weights) = data::lite0_shipped("the_shipped_weights_pass_their_self_test") else {
        return;
    };
    let stored = self_test::stored_logits(weights.0.self_test.unwrap());
    let network = network(weights);
    let picture = self_test::picture([3, 224, 224]);
    let answer = &block_on(predictions(&network, &[picture])).unwrap()[0];
    let difference = self_test::largest_difference(&answer.logits, &stored);
    assert!(difference < 1e-3, "{difference}");
}

/// How far our DeepFool is from the reference's, once for all tests below.
fn attacked() -> Option<&'static [(Reference, foolscope::attack::Outcome)]> {
    static ATTACKED: OnceLock<Option<Vec<(Reference, foolscope::attack::Outcome)>>> =
        OnceLock::new();
    ATTACKED
        .get_or_init(|| {
            let test = "deepfool_fools_as_the_reference_does";
            let (photos, weights) = (reference(test)?, data::lite0_f32(test)?);
            let network = network(weights);
            let mut attacked = Vec::new();
            for (reference, picture) in photos {
                let outcome = block_on(deepfool(
                    &network,
                    &[picture],
                    &Options::default(),
                    &mut Task::silent(),
                ));
                attacked.push((reference, outcome.unwrap().remove(0)));
            }
            Some(attacked)
        })
        .as_deref()
}

#[test]
fn deepfool_fools_as_the_reference_does() {
    let Some(attacked) = attacked() else {
        return;
    };
    let mut near = 0;
    let mut same_label = 0;
    let mut as_many_steps = 0;
    for (reference, outcome) in attacked {
        assert!(outcome.fooled(), "{}", reference.file);
        let theirs = &reference.deepfool;
        near += usize::from((outcome.norms.l2 / theirs.l2 - 1.0).abs() < 0.005);
        same_label += usize::from(outcome.adversarial.label == theirs.adversarial_label);
        // Where a step ends just on the boundary, rounding decides whether
        // there is another.
        let steps = [outcome.iterations, theirs.iterations];
        println!("{}: {steps:?} steps", reference.file);
        as_many_steps += usize::from(steps[0].abs_diff(steps[1]) <= 2);
        assert!(
            (outcome.rho.unwrap() / theirs.rho - 1.0).abs() < 0.02,
            "{}",
            reference.file
        );
        assert!(
            (outcome.norms.linf / theirs.linf - 1.0).abs() < 0.05,
            "{}",
            reference.file
        );
    }
    assert!(same_label >= 38, "{same_label} of 40");
    assert!(as_many_steps >= 38, "{as_many_steps} of 40");
    assert!(near >= 38, "{near} of 40");
}

/// On some of the photographs, because it takes several DeepFools each; all 40
/// are measured by `lab robustness`.
#[test]
fn super_deepfool_is_shorter_by_a_sixth() {
    let test = "super_deepfool_is_shorter_by_a_sixth";
    let (Some(photos), Some(weights)) = (reference(test), data::lite0_f32(test)) else {
        return;
    };
    let network = network(weights);
    let some = &photos[..4];
    let pictures: Vec<&[f32]> = some.iter().map(|(_, picture)| picture.as_slice()).collect();
    let options = super_deepfool::Options::default();
    let mut task = Task::silent();
    let outcomes = block_on(super_deepfool(&network, &pictures, &options, &mut task)).unwrap();
    let mut ratios: Vec<f64> = some
        .iter()
        .zip(&outcomes)
        .map(|((reference, _), outcome)| {
            assert!(outcome.fooled(), "{}", reference.file);
            outcome.norms.l2 / reference.deepfool.l2
        })
        .collect();
    ratios.sort_unstable_by(f64::total_cmp);
    println!("{ratios:?}");
    assert!(f64::midpoint(ratios[1], ratios[2]) < 0.85, "{ratios:?}");
}

#[test]
fn deepfools_perturbations_die_when_saved() {
    let Some(attacked) = attacked() else {
        return;
    };
    let survivors = attacked
        .iter()
        .filter(|(_, outcome)| outcome.survives_rounding)
        .count();
    assert!(survivors <= 1, "{survivors} of 40 survive 8-bit rounding");
}

/// What is read of an entry of the catalogue of perturbations.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shipped {
    file: String,
    radius: f64,
    seed: u64,
    fooling_rate: Rates,
    pictures: Counts,
}

#[derive(Deserialize)]
struct Rates {
    own: f64,
    others: f64,
}

#[derive(Deserialize)]
struct Counts {
    own: usize,
    others: usize,
}

/// On some of the photographs that it was not made from, which are drawn here as
/// its command drew them.
#[test]
fn the_shipped_perturbation_fools_as_many_as_its_entry_says() {
    let test = "the_shipped_perturbation_fools_as_many_as_its_entry_says";
    let (Some(folder), Some(weights)) = (
        shared::file(test, "data/imagenet-sample"),
        data::lite0_shipped(test),
    ) else {
        return;
    };
    let network = network(weights);
    let perturbations = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("www/perturbations");
    let list = fs::read(perturbations.join("catalogue.json")).unwrap();
    let list: Vec<Shipped> = serde_json::from_slice(&list).unwrap();
    let shipped = &list[0];
    for (rate, count) in [
        (shipped.fooling_rate.own, shipped.pictures.own),
        (shipped.fooling_rate.others, shipped.pictures.others),
    ] {
        let fooled = rate * count as f64;
        assert!((fooled - fooled.round()).abs() < 1e-6, "{rate} of {count}");
    }
    let v = fs::read(perturbations.join(&shipped.file)).unwrap();
    let v = npy::from_bytes(&v, [3, 224, 224]).unwrap();
    // In numbers of 16 bits.
    assert!(Norm::Linf.of(v.values()) * 255.0 <= shipped.radius * (1.0 + 1.0 / 2048.0));

    let files = fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "jpg"));
    files.sort_unstable();
    assert_eq!(files.len(), shipped.pictures.own + shipped.pictures.others);
    files.shuffle(&mut ChaCha8Rng::seed_from_u64(shipped.seed));
    let pictures: Vec<Vec<f32>> = files[..shipped.pictures.others.min(40)]
        .iter()
        .map(|file| {
            let square = photo::open(file).unwrap().crop(256, 224).unwrap();
            square.to_photo(3).unwrap().into_values()
        })
        .collect();
    let task = &mut Task::silent();
    let found = block_on(fooling(&network, &pictures, v.values(), Sum::Raw, task));
    // Three deviations of a share of 40.
    let rate = shipped.fooling_rate.others;
    let doubt = 3.0 * (rate * (1.0 - rate) / 40.0).sqrt();
    let found = found.unwrap().rate().unwrap();
    assert!((found - rate).abs() < doubt, "{found} {rate}");
}
