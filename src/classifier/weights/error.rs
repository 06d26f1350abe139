//! What can be wrong with a file of weights, in sentences for whoever
//! supplied it.

use crate::classifier::architecture::ShapeError;
use crate::classifier::plain::{in_a_line, plain};
use thiserror::Error;

/// Why weights were refused. Wherever one tensor is at fault, it is named.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum WeightsError {
    #[error(
        "tensor {name} of shape {shape:?} is missing: these are the weights of another network",
        name = plain(.name)
    )]
    Missing { name: String, shape: Vec<usize> },

    #[error(
        "tensor {name} has shape {found:?}, but this network needs {expected:?}: \
         these are the weights of another network",
        name = plain(.name)
    )]
    Shape {
        name: String,
        expected: Vec<usize>,
        found: Vec<usize>,
    },

    #[error(
        "tensor {name} is not part of this network: these are the weights of another one",
        name = plain(.name)
    )]
    Unknown { name: String },

    #[error(
        "tensor {name} of shape {shape:?} has {found} values: the file is damaged",
        name = plain(.name)
    )]
    Count {
        name: String,
        shape: Vec<usize>,
        found: usize,
    },

    #[error(
        "tensor {name} holds {value}: the file is damaged, or its training failed",
        name = plain(.name)
    )]
    NotFinite { name: String, value: f32 },

    #[error(
        "tensor {name} has numbers of type {found}, but floats are read: convert it first",
        name = plain(.name)
    )]
    Type { name: String, found: String },

    #[error(
        "it holds these weights twice, under {first} and under {second}: keep one of them",
        first = plain(.first),
        second = plain(.second)
    )]
    Twice { first: String, second: String },

    #[error("tensor {name} holds {value}, which 16 bits cannot", name = plain(.name))]
    TooLargeForHalf { name: String, value: f32 },

    #[error(
        "the weights are not a whole safetensors file ({}): download or import them again",
        in_a_line(.0)
    )]
    NotSafetensors(String),

    #[error(
        "this cannot be read as a PyTorch file ({}): copy it again, or save a state_dict with \
         torch.save",
        in_a_line(.0)
    )]
    NotPytorch(String),

    #[error("this is not a whole burnpack file ({}): save it again", in_a_line(.0))]
    NotBurnpack(String),

    #[error("this is {0} and holds no weights: bring a safetensors, PyTorch or burnpack file")]
    Other(&'static str),

    #[error(
        "this is {0}, which holds a whole network with its layers: bring it as a network, and not \
         as the weights of another one"
    )]
    Network(&'static str),

    #[error("the file cannot be opened ({0})")]
    File(String),

    /// Any of the above, with the name of the file.
    #[error("{file}: {error}")]
    InFile {
        file: String,
        error: Box<WeightsError>,
    },

    #[error("no network is called {id}: there are {known}", id = plain(.id))]
    UnknownNetwork { id: String, known: String },

    #[error("the GPU's program has no {layer}: compute on the CPU")]
    NoKernel { layer: String },

    /// Not the weights' fault: a layer cannot take what the one before gives.
    #[error(transparent)]
    Architecture(#[from] ShapeError),
}
