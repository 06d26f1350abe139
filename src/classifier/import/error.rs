//! Why a file gives no network.

use super::caffe::CaffeError;
use super::onnx::OnnxError;
use crate::classifier::architecture::ShapeError;
use crate::classifier::plain::in_a_line;
use crate::classifier::weights::WeightsError;
use thiserror::Error;

/// Why a file gives no network: one sentence, which names the first thing at
/// fault.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ImportError {
    #[error("the file ends too early: it was not copied or downloaded whole")]
    Short,
    #[error("the file cannot be read ({0})")]
    Unreadable(String),
    #[error(
        "the preset {preset} is not for pictures with {channels} numbers a pixel: choose another one"
    )]
    Channels {
        preset: &'static str,
        channels: usize,
    },
    #[error("the preset {preset} is not needed: the file itself says how pixels go in")]
    Said { preset: &'static str },
    #[error(
        "the file does not name each of {classes} classes: bring one name a line, or JSON with a \
         number for each"
    )]
    Names { classes: usize },
    #[error(
        "the file names {found} classes, but the network has {classes}: bring the names of its own"
    )]
    NameCount { classes: usize, found: usize },
    #[error(
        "the short side must be at least the {side} pixels that the network sees and at most {most}, \
         not {short_side}"
    )]
    ShortSide {
        short_side: usize,
        side: usize,
        most: usize,
    },
    #[error(
        "the network sees {channels} × {height} × {width} numbers, and here it has to be a square \
         picture, in colours or in grey"
    )]
    NoPicture {
        channels: usize,
        height: usize,
        width: usize,
    },
    #[error(
        "the network sees pictures of {side} × {side} pixels, and here they have {least} to {most} \
         a side: bring another network"
    )]
    Side {
        side: usize,
        least: usize,
        most: usize,
    },
    #[error("the network has one answer only, and here it has to tell classes apart")]
    OneAnswer,
    #[error(
        "these weights come without their network, and are of none that is known by name \
         ({known}): export the network as ONNX (torch.onnx.export), and bring that file"
    )]
    NotNamed { known: String },
    #[error("this is not a whole network of ours ({}): import it again", in_a_line(.0))]
    Own(String),
    #[error(
        "this network was written by a later version (its format is {format}, and {known} is \
         known here): bring this program or page up to date"
    )]
    Later { format: u32, known: u32 },
    #[error(transparent)]
    Caffe(#[from] CaffeError),
    /// Any of these, with the name of the file.
    #[error("{file}: {error}")]
    InFile {
        file: String,
        error: Box<ImportError>,
    },
    /// Of some files, which hold no network.
    #[error("{0}")]
    Nothing(String),
    #[error(transparent)]
    Onnx(#[from] OnnxError),
    #[error(transparent)]
    Shape(#[from] ShapeError),
    #[error(transparent)]
    Weights(#[from] WeightsError),
}
