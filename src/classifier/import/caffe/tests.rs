//! Caffe's files in every state that they can be in. What the networks answer
//! is compared elsewhere, where they can be run.

use super::{read, text};
use crate::classifier::architecture::{Activation, Layer};
use crate::classifier::import::{Bytes, Imported};

const PICTURES: &[u8] = include_bytes!("../../../../tests/files/caffe/pictures.caffemodel");
const OLDER: &[u8] = include_bytes!("../../../../tests/files/caffe/older.caffemodel");
const TRAINED: &[u8] = include_bytes!("../../../../tests/files/caffe/trained.caffemodel");
const NUMBERS: &[u8] = include_bytes!("../../../../tests/files/caffe/numbers.caffemodel");
const TEXT: &str = include_str!("../../../../tests/files/caffe/pictures.prototxt");
const MEAN: &[u8] = include_bytes!("../../../../tests/files/caffe/mean.binaryproto");

fn refused(model: &[u8], prototxt: Option<&str>) -> String {
    read(&mut Bytes(model), prototxt, None)
        .unwrap_err()
        .to_string()
}

/// The text of the pictures' network with a part of it exchanged.
fn exchanged(old: &str, new: &str) -> String {
    assert!(TEXT.contains(old), "{old}");
    refused(PICTURES, Some(&TEXT.replacen(old, new, 1)))
}

fn is_sentence(error: &str) {
    assert!(
        !error.is_empty() && error.len() < 1000 && !error.contains('\n'),
        "{error}"
    );
}

fn kinds(imported: &Imported) -> Vec<&'static str> {
    let layers = imported.architecture.layers.iter();
    layers.map(|placed| placed.layer.kind()).collect()
}

#[test]
fn a_network_saved_in_training_loses_what_only_training_needs() {
    let imported = read(&mut Bytes(TRAINED), None, None).unwrap();
    let network = &imported.architecture;
    assert_eq!((network.input, network.classes()), ([3, 16, 16], Ok(7)));
    assert_eq!(
        kinds(&imported),
        [
            "convolution",
            "ReLU",
            "average pooling",
            "fully connected layer"
        ]
    );
    // Blue first, (level - mean) / 128.
    assert_eq!(network.mean, [123.0, 117.0, 104.0].map(|it| it / 255.0f32));
    assert!(
        network
            .std
            .iter()
            .all(|std| (std - 128.0 / 255.0).abs() < 1e-6)
    );
    assert_eq!(imported.title, "trained");
    assert!(imported.notes[0].starts_with("the file says how pixels go in"));
    imported.weights.check(network).unwrap();
}

#[test]
fn batch_norms_are_folded_and_the_softmax_is_left_out() {
    let imported = read(&mut Bytes(PICTURES), Some(TEXT), None).unwrap();
    let kinds = kinds(&imported);
    assert!(
        !kinds.contains(&"batch norm") && !kinds.contains(&"softmax"),
        "{kinds:?}"
    );
    assert_eq!(imported.architecture.classes(), Ok(10));
    assert!(imported.notes.iter().any(|note| note.contains("softmax")));
    let Layer::Convolution(conv) = &imported.architecture.layers[0].layer else {
        panic!("{kinds:?}");
    };
    assert_eq!((conv.stride, conv.padding), ([2, 2], [(1, 1), (1, 1)]));
    imported.weights.check(&imported.architecture).unwrap();
}

#[test]
fn a_size_that_no_file_says_is_guessed_aloud() {
    // The pictures' network without the layer that says it.
    let data = TEXT.find("layer {\n  name: \"conv1\"").unwrap();
    let text =
        format!("input: \"data\"\n{}", &TEXT[data..]).replace("num_output: 10", "num_output: 10");
    // Its fully connected layer fits none of the usual sizes.
    let error = refused(PICTURES, Some(&text));
    assert!(error.contains("fc"), "{error}");
    let last = text.find("layer {\n  name: \"flat\"").unwrap();
    let imported = read(&mut Bytes(PICTURES), Some(&text[..last]), None).unwrap();
    assert_eq!(imported.architecture.input, [3, 224, 224]);
    assert!(imported.notes[0].contains("224 × 224 pixels fit its layers"));
}

#[test]
fn what_cannot_be_read_is_named() {
    assert_eq!(
        exchanged("type: \"PReLU\"", "type: \"MVN\""),
        "layer prelu2 is of type MVN, which is not read here"
    );
    assert_eq!(
        exchanged("local_size: 5", "norm_region: WITHIN_CHANNEL"),
        "layer norm1 (LRN) cannot be read here: it normalises within channels, not across them"
    );
    assert_eq!(
        exchanged("bottom: \"norm1\"", "bottom: \"norm7\""),
        "layer conv2 reads norm7, which no layer before it makes"
    );
    assert_eq!(
        exchanged("num_output: 8", "num_output: 9"),
        "layer conv1 (Convolution) cannot be read here: it needs 243 numbers, but the caffemodel \
         has 216 for it"
    );
    assert_eq!(
        exchanged("name: \"conv2\"", "name: \"conv9\""),
        "layer conv9 has 0 arrays of weights, but needs 1: the caffemodel is of another network \
         than the prototxt"
    );
    assert_eq!(
        exchanged("num_output: 8", "num_output: eight"),
        "the prototxt does not fit Caffe's description of a network: eight is no number that \
         fits here"
    );
    assert_eq!(
        exchanged("pool: MAX", "pool: MIN"),
        "the prototxt does not fit Caffe's description of a network: MIN is none of MAX, AVE, \
         STOCHASTIC"
    );
    assert_eq!(
        refused(PICTURES, Some("name: \"a\"\nlayer {\n  name \"b\" }")),
        "line 3 of the prototxt cannot be read: a colon or an opening brace is expected"
    );
    assert_eq!(
        refused(PICTURES, Some("layer { name: \"b")),
        "line 1 of the prototxt cannot be read: a closing quote is missing"
    );
    assert!(refused(PICTURES, Some(&"a {".repeat(100))).contains("too deep"));
    // A layer of the oldest kind: name 4, then itself as field 1.
    let oldest = [18, 7, 34, 1, b'x', 10, 2, 10, 0];
    assert!(refused(&oldest, None).starts_with("layer x is in Caffe's oldest format"));
    assert!(refused(&[], None).contains("holds no layers"));
}

#[test]
fn the_text_format_is_read_as_people_write_it() {
    let net = text::read(
        "# A comment\nname: 'one' 'two' # another\ninput_dim: [1, 3, 8, 8]\nlayer < name: \"a\"; \
         relu_param { negative_slope: 1e-1f }, unknown { deep: 3 } > layer: { type: \"ReLU\" }",
    )
    .unwrap();
    assert_eq!(net.name.as_deref(), Some("onetwo"));
    assert_eq!(net.input_dim, [1, 3, 8, 8]);
    assert_eq!(net.layer.len(), 2);
    let slope = net.layer[0].relu_param.as_ref().unwrap().negative_slope;
    assert_eq!(slope, Some(0.1));
}

#[test]
fn layers_of_one_number_are_their_formulas() {
    let imported = read(&mut Bytes(NUMBERS), None, None).unwrap();
    let steps: Vec<Activation> = imported
        .architecture
        .layers
        .iter()
        .filter_map(|placed| match placed.layer {
            Layer::Activation(activation) => Some(activation),
            _ => None,
        })
        .collect();
    let affine = |scale, shift| Activation::Affine { scale, shift };
    let two = 2f32.ln();
    for expected in [
        affine(0.5, 0.25),
        Activation::Power { exponent: 3.0 },
        affine(2.0, -0.5),
        affine(0.5 * two, 0.25 * two),
        Activation::Exponential,
        affine(0.5, 0.0),
        affine(-2.0, 0.0),
    ] {
        assert!(steps.contains(&expected), "{expected:?} {steps:?}");
    }
}

#[test]
fn the_normalisation_of_a_text_is_taken_whole() {
    let text = TEXT.replacen("local_size: 5", "local_size: 3 k: 2", 1);
    let imported = read(&mut Bytes(PICTURES), Some(&text), None).unwrap();
    let normalisation = Layer::LocalResponse {
        size: 3,
        alpha: 0.5,
        beta: 0.75,
        k: 2.0,
    };
    let layers = &imported.architecture.layers;
    assert!(layers.iter().any(|placed| placed.layer == normalisation));
}

#[test]
fn a_mean_image_must_cover_the_pictures() {
    let with = |mean: &[u8]| read(&mut Bytes(PICTURES), Some(TEXT), Some(mean));
    assert!(matches!(
        with(MEAN).unwrap().architecture.layers[0].layer,
        Layer::Constant { .. }
    ));
    for length in 0..MEAN.len() {
        is_sentence(&with(&MEAN[..length]).unwrap_err().to_string());
    }
    let error = read(&mut Bytes(OLDER), None, Some(&[8, 1])).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the mean image cannot be used")
    );
}

#[test]
fn damaged_files_are_one_sentence() {
    for model in [PICTURES, OLDER, TRAINED, NUMBERS] {
        for length in (0..model.len()).step_by(17) {
            // What was cut off may have been nothing but the last layers.
            if let Err(error) = read(&mut Bytes(&model[..length]), None, None) {
                is_sentence(&error.to_string());
            }
        }
        for at in (0..model.len()).step_by(13) {
            for bit in [1, 7] {
                let mut damaged = model.to_vec();
                damaged[at] ^= 1 << bit;
                match read(&mut Bytes(&damaged), None, None) {
                    Ok(found) => found.weights.check(&found.architecture).unwrap(),
                    Err(error) => is_sentence(&error.to_string()),
                }
            }
        }
    }
    for length in (0..TEXT.len()).step_by(5) {
        if let Err(error) = read(&mut Bytes(PICTURES), Some(&TEXT[..length]), None) {
            is_sentence(&error.to_string());
        }
    }
    // A layer that claims ten billion bytes, and an input that claims as many.
    let claims = [0xa2, 0x06, 0x80, 0xc8, 0xaf, 0xa0, 0x25];
    assert_eq!(
        refused(&claims, None),
        "the file ends too early: it was not copied or downloaded whole"
    );
    let huge = TEXT.replacen("dim: 17", "dim: 1700000000", 1);
    is_sentence(&refused(PICTURES, Some(&huge)));
}

#[test]
fn the_files_are_told_by_their_first_bytes() {
    let files = [PICTURES, OLDER, TRAINED, NUMBERS];
    assert!(files.into_iter().all(super::begins_like));
    // An ONNX file, a zip archive and a pickle are none.
    for other in [&[8, 7, 18, 0][..], b"PK\x03\x04", &[0x80, 2]] {
        assert!(!super::begins_like(other));
    }
}
