//! Files of one operator, as ONNX's own tests are: an input of any axes is the
//! picture, and further inputs are fixed.

use super::constant::Constant;
use super::files::{Beside, Files};
use super::proto;
use super::reader::{Constants, Given};
use super::{OnnxError, Options, reader, skeleton};
use crate::classifier::architecture::count;
use crate::classifier::import::{Bytes, ImportError, Imported, Source};
use prost::Message;

/// A tensor with its numbers.
#[derive(Debug, Clone)]
pub struct Numbers {
    pub dims: Vec<usize>,
    pub values: Vec<f32>,
    constant: Constant,
}

impl Numbers {
    /// Whether they are those that layers compute with.
    pub fn are_floats(&self) -> bool {
        self.constant.is_float()
    }
}

/// What a file of one operator gives.
#[derive(Debug)]
pub enum Part {
    /// Layers, and the shape of what they make.
    Network(Box<Imported>, Vec<usize>),
    /// What does not depend on the input.
    Constant(Vec<usize>, Vec<f32>),
}

/// A tensor in a file of its own.
///
/// # Errors
/// When it is none, or of numbers that are not read here.
pub fn tensor(bytes: &[u8]) -> Result<Numbers, ImportError> {
    let tensor = proto::Tensor::decode(bytes)
        .map_err(|error| OnnxError::damaged(format!("its tensor has an {error}")))?;
    let constant = Constant::stored(tensor)?;
    let mut none = |_: &str| None;
    let mut source = Bytes(&[]);
    let values = Files::new(&mut source, &mut none).floats(&constant)?;
    Ok(Numbers {
        dims: constant.dims.clone(),
        values,
        constant,
    })
}

/// Names of tensors, each with whether it is said to be of floats.
pub type Named = Vec<(String, bool)>;

/// A file's inputs and outputs, in order.
///
/// # Errors
/// As [`super::read`].
pub fn ends(file: &mut dyn Source) -> Result<(Named, Named), ImportError> {
    let graph = skeleton::read(file)?.graph.unwrap_or_default();
    let named = |values: Vec<proto::ValueInfo>| {
        let named = values.into_iter().map(|value| {
            let tensor = value.of.and_then(|of| of.tensor);
            let numbers = tensor.map_or(0, |tensor| tensor.numbers);
            (value.name, super::constant::is_float(numbers.into()))
        });
        named.collect()
    };
    Ok((named(graph.inputs), named(graph.outputs)))
}

/// Reads a file of one operator, some of whose inputs are fixed. `single`: the
/// first axis of the other input is a batch, which becomes 1.
///
/// # Errors
/// As [`super::read`].
pub fn read(
    file: &mut dyn Source,
    beside: Beside,
    fixed: &[(String, Numbers)],
    single: bool,
) -> Result<Part, ImportError> {
    let constants = fixed
        .iter()
        .map(|(name, numbers)| (name.clone(), numbers.constant.clone()));
    let options = Options {
        picture: false,
        single,
        constants: constants.collect::<Constants>(),
        ..Options::default()
    };
    let known = |values: &[usize]| count(values).unwrap_or(0);
    Ok(match reader::read(file, beside, &options)? {
        Given::Network(imported, dims) => Part::Network(imported, dims),
        Given::Constant(dims, values) if known(&dims) == values.len() => {
            Part::Constant(dims, values)
        }
        Given::Constant(..) => {
            return Err(OnnxError::damaged("a tensor lacks numbers".into()).into());
        }
    })
}
