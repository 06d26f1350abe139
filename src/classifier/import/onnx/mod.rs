//! ONNX: the format that most frameworks export.
//!
//! A file is a graph of operators (<https://onnx.ai/onnx/operators>) in one of
//! many versions. It is read for a batch of one picture, so that every tensor
//! has a known shape. Those that do not depend on the picture are computed while
//! reading, shapes above all; the others become layers. A reshape costs nothing:
//! a tensor of any axes is a value whose numbers lie in the same order.

mod call;
mod constant;
mod ends;
mod error;
mod files;
mod fold;
mod lower;
mod metadata;
mod net;
mod plan;
mod proto;
mod reader;
mod shape;
mod skeleton;

pub mod single;

#[cfg(test)]
mod tests;

pub use error::OnnxError;
pub use files::Beside;

use super::{ImportError, Imported, Source};
use files::Files;
use reader::{Constants, Given};

/// How a file is read.
#[derive(Debug, Clone)]
pub struct Options {
    /// Height and width of pictures, where the file takes any.
    pub size: [usize; 2],
    /// Whether the file is a classifier of pictures, rather than one operator.
    picture: bool,
    /// Of one operator: whether the first axis is a batch, which becomes 1.
    single: bool,
    constants: Constants,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            size: [224, 224],
            picture: true,
            single: true,
            constants: Constants::new(),
        }
    }
}

/// Whether a file begins like an ONNX file: with the version of its format,
/// then who made it, or the versions of its operators, or its graph.
pub fn begins_like(first: &[u8]) -> bool {
    begins_with_version(first) || matches!(first, [58, ..])
}

/// Whether it does so with the version, as nearly all do.
pub fn begins_with_version(first: &[u8]) -> bool {
    matches!(
        first,
        [8, 1..=20, 18 | 26 | 34 | 42 | 50 | 58 | 66 | 114, ..]
    )
}

/// Reads a classifier.
///
/// # Errors
/// When it is no ONNX file of a classifier whose operators are known here, or is
/// damaged.
pub fn read(
    file: &mut dyn Source,
    beside: Beside,
    options: &Options,
) -> Result<Imported, ImportError> {
    match reader::read(file, beside, options)? {
        Given::Network(imported, _) => Ok(*imported),
        Given::Constant(..) => Err(OnnxError::unfit("answers the same for every picture")),
    }
}
