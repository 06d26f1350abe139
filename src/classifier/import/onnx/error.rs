//! Why an ONNX file gives no network.

use crate::classifier::import::ImportError;
pub use crate::classifier::plain::plain;
use thiserror::Error;

/// Why an ONNX file gives no network.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OnnxError {
    #[error("the ONNX file is damaged: {0}")]
    Damaged(String),
    /// The file is whole, but not a classifier of pictures that is known here.
    #[error("the ONNX file {0}")]
    Unfit(String),
    #[error("the operator {operator} (node {node}) is not known here{}", and_others(.others))]
    Operator {
        operator: String,
        node: String,
        /// Further operators of the file that are not known.
        others: Vec<String>,
    },
    #[error(
        "the ONNX file is quantised (its operator {operator} works with whole numbers): \
         use the file from before quantisation, in which numbers have 16 or 32 bits"
    )]
    Quantised { operator: String },
    #[error("the operator {operator} (node {node}) {why}")]
    Node {
        operator: String,
        node: String,
        why: String,
    },
    #[error(
        "the numbers of this ONNX file are in the file {0}, which is not beside it: \
         give both files together"
    )]
    Beside(String),
}

impl OnnxError {
    pub(super) fn damaged(what: String) -> Self {
        Self::Damaged(what)
    }

    pub(super) fn unfit(what: impl Into<String>) -> ImportError {
        Self::Unfit(what.into()).into()
    }
}

fn and_others(others: &[String]) -> String {
    match others {
        [] => String::new(),
        [one] => format!(", and {one} is not either"),
        [first, ..] => format!(
            ", and {} others are not either ({first} for one)",
            others.len()
        ),
    }
}
