//! Why a file gives no network.

use super::onnx::OnnxError;
use crate::classifier::architecture::ShapeError;
use crate::classifier::weights::WeightsError;
use thiserror::Error;

/// Why a file gives no network: one sentence, which names the first thing at
/// fault.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ImportError {
    #[error("the file ends too early: it was not copied or downloaded whole")]
    Short,
    #[error("the file cannot be read any more: {0}")]
    Unreadable(String),
    #[error("the file is no network in a format that is read here")]
    Format,
    #[error(transparent)]
    Onnx(#[from] OnnxError),
    #[error(transparent)]
    Shape(#[from] ShapeError),
    #[error(transparent)]
    Weights(#[from] WeightsError),
}
