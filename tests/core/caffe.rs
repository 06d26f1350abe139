//! Caffe's networks against what OpenCV's importer answers with them. The files
//! are made by `make_caffe.py`.

use burn::tensor::Device;
use foolscope::attack::predictions;
use foolscope::classifier::architecture::{Architecture, Builder, Convolution, Layer};
use foolscope::classifier::import::entry::{Entry, Mean};
use foolscope::classifier::import::preset::PRESETS;
use foolscope::classifier::import::{Bytes, Imported, caffe};
use foolscope::classifier::network::Network;
use foolscope::task::block_on;

use crate::network::random_weights;

/// A network's file, and a picture with OpenCV's answers to it.
macro_rules! files {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../files/caffe/", $name, ".caffemodel")).as_slice(),
            include_bytes!(concat!("../files/caffe/", $name, ".f32")).as_slice(),
        )
    };
}

const MEAN: &[u8] = include_bytes!("../files/caffe/mean.binaryproto");

fn read(model: &[u8], prototxt: Option<&str>) -> Imported {
    caffe::read(&mut Bytes(model), prototxt, None).unwrap()
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    let chunks = bytes.chunks_exact(4);
    chunks
        .map(|it| f32::from_le_bytes(it.try_into().unwrap()))
        .collect()
}

/// What a network answers, by the fast walk and by the tensor library's.
fn logits(imported: &Imported, picture: &[f32]) -> Vec<f32> {
    let device = Device::flex();
    let (architecture, weights) = (&imported.architecture, &imported.weights);
    let answer = |network: Network| {
        let answers = block_on(predictions(&network, &[picture.to_vec()])).unwrap();
        answers[0].logits.clone()
    };
    let fast = answer(Network::new(architecture, weights, &device).unwrap());
    let slow = answer(Network::by_layers(architecture, weights, &device).unwrap());
    assert_close(&fast, &slow, "fast");
    fast
}

fn assert_close(found: &[f32], expected: &[f32], case: &str) {
    assert_eq!(found.len(), expected.len(), "{case}");
    let largest = expected.iter().fold(0f32, |most, it| most.max(it.abs()));
    for (a, b) in found.iter().zip(expected) {
        assert!(
            (a - b).abs() <= 2e-5 * largest,
            "{case}: {found:?} {expected:?}"
        );
    }
}

#[test]
fn every_layer_answers_as_opencvs_does() {
    let pictures = include_str!("../files/caffe/pictures.prototxt");
    let numbers_text = include_str!("../files/caffe/numbers.prototxt");
    let older = include_str!("../files/caffe/older.prototxt");
    for ((name, model, answers), prototxt) in [
        (files!("pictures"), Some(pictures)),
        (files!("numbers"), Some(numbers_text)),
        (files!("older"), Some(older)),
        (files!("trained"), None),
    ] {
        let answers = numbers(answers);
        let mut found = vec![read(model, prototxt)];
        // What the file itself says is the same.
        if prototxt.is_some() {
            found.push(read(model, None));
            assert_eq!(found[0], found[1], "{name}");
        }
        let size = found[0].architecture.input.iter().product();
        let (picture, expected) = answers.split_at(size);
        assert_close(&logits(&found[0], picture), expected, name);
        let network = &found[0].architecture;
        let folded = |layer: &Layer| !matches!(layer, Layer::ChannelAffine { .. });
        assert!(network.layers.iter().all(|it| folded(&it.layer)), "{name}");
    }
}

/// A network that sees the picture in two places, or by a layer without weights.
fn small(with_pool: bool) -> Imported {
    let mut net = Builder::new([3, 8, 8]);
    let x = match with_pool {
        true => net.then(net.picture(), Layer::GlobalAverage),
        false => net.then(net.picture(), Convolution::new("a", 3, 3, 8)),
    };
    let y = net.then(net.picture(), Layer::linear("b", 192, 3));
    let x = net.add(Layer::Add, &[x, y]);
    let logits = net.then(x, Layer::linear("c", 3, 5));
    let architecture: Architecture = net.finish(logits);
    Imported {
        weights: random_weights(&architecture, 4),
        architecture,
        title: String::new(),
        class_names: None,
        short_side: None,
        notes: vec![],
    }
}

#[test]
fn a_preset_that_is_built_in_is_what_the_network_would_see() {
    let picture: Vec<f32> = (0..192).map(|at| (at * 37 % 101) as f32 / 100.0).collect();
    for with_pool in [false, true] {
        let raw = small(with_pool);
        for preset in PRESETS {
            let mut with = raw.clone();
            preset.apply(&mut with).unwrap();
            let expected = logits(&raw, &preset.enter(&picture, 3));
            assert_close(&logits(&with, &picture), &expected, preset.id);
        }
    }
}

#[test]
fn a_mean_image_is_taken_off_every_picture() {
    let picture: Vec<f32> = (0..192).map(|at| (at * 53 % 97) as f32 / 96.0).collect();
    let mean: Vec<f32> = (0..192).map(|at| (at * 29 % 83) as f32 + 80.0).collect();
    for with_pool in [false, true] {
        let raw = small(with_pool);
        let mut with = raw.clone();
        let entry = Entry {
            mean: Mean::Image(mean.clone()),
            scale: vec![0.5; 3],
            blue_first: true,
        };
        entry.apply(&mut with).unwrap();
        let seen: Vec<f32> = (0..192)
            .map(|at| {
                let red_first = (2 - at / 64) * 64 + at % 64;
                (picture[red_first] * 255.0 - mean[at]) * 0.5
            })
            .collect();
        assert_close(&logits(&with, &picture), &logits(&raw, &seen), "mean");
    }
}

#[test]
fn a_mean_file_is_cut_to_the_input() {
    let (_, model, answers) = files!("pictures");
    let imported = caffe::read(&mut Bytes(model), None, Some(MEAN)).unwrap();
    let raw = read(model, None);
    let picture = &numbers(answers)[..3 * 17 * 15];
    // The image has 20 by 18 pixels, and its numbers end the file.
    let mean = numbers(&MEAN[MEAN.len() - 4 * 3 * 20 * 18..]);
    let seen: Vec<f32> = (0..3 * 17 * 15)
        .map(|at| {
            let (channel, y, x) = (at / 255, at % 255 / 15, at % 15);
            let red_first = (2 - channel) * 255 + at % 255;
            picture[red_first] * 255.0 - mean[channel * 360 + (y + 1) * 18 + x + 1]
        })
        .collect();
    assert_close(&logits(&imported, picture), &logits(&raw, &seen), "mean");
}
