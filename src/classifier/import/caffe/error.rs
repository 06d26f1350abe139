//! What can be wrong with Caffe's files, in sentences for whoever brought them.

use crate::classifier::plain::{in_a_line, plain};
use thiserror::Error;

/// Why Caffe's files give no network.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CaffeError {
    #[error("the caffemodel is damaged at byte {at}: copy or download it again")]
    Damaged { at: u64 },

    #[error(
        "the caffemodel's layer {layer} is damaged ({reason}): copy or download it again",
        layer = plain(.layer),
        reason = in_a_line(.reason)
    )]
    Layer { layer: String, reason: String },

    #[error("line {line} of the prototxt cannot be read: {reason}", reason = in_a_line(.reason))]
    Text { line: usize, reason: String },

    #[error("the prototxt does not fit Caffe's description of a network: {}", in_a_line(.0))]
    Field(String),

    #[error(
        "the caffemodel holds no layers: bring the file of trained weights, not a solver's state"
    )]
    Empty,

    #[error(
        "layer {layer} is in Caffe's oldest format: upgrade the file with Caffe's \
         upgrade_net_proto_binary first",
        layer = plain(.layer)
    )]
    Oldest { layer: String },

    #[error(
        "layer {layer} is of type {kind}, which is not read here",
        layer = plain(.layer),
        kind = plain(.kind)
    )]
    Unknown { layer: String, kind: String },

    #[error(
        "layer {layer} ({kind}) cannot be read here: {reason}",
        layer = plain(.layer),
        kind = plain(.kind),
        reason = in_a_line(.reason)
    )]
    Unsupported {
        layer: String,
        kind: String,
        reason: String,
    },

    #[error(
        "layer {layer} reads {blob}, which no layer before it makes",
        layer = plain(.layer),
        blob = plain(.blob)
    )]
    NoSuchBlob { layer: String, blob: String },

    #[error(
        "layer {layer} has {found} arrays of weights, but needs {expected}: the caffemodel is \
         of another network than the prototxt",
        layer = plain(.layer)
    )]
    Blobs {
        layer: String,
        expected: usize,
        found: usize,
    },

    #[error("neither file says how large a picture is: bring the deploy.prototxt too")]
    NoInput,

    #[error(
        "a picture of {shape:?} (channels, height, width) is larger than any that is seen here"
    )]
    Input { shape: [usize; 3] },

    #[error("the network ends in no value that could be logits")]
    NoLogits,

    #[error("the mean image cannot be used: {}", in_a_line(.0))]
    Mean(String),
}

impl CaffeError {
    pub(super) fn unsupported(layer: &str, kind: &str, reason: impl Into<String>) -> Self {
        Self::Unsupported {
            layer: layer.to_owned(),
            kind: kind.to_owned(),
            reason: reason.into(),
        }
    }
}
