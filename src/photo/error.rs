//! What can be wrong with a picture, in sentences for whoever supplied it.

use super::{MAX_PIXELS, MIN_SIDE};
use thiserror::Error;

/// Why a picture or a perturbation was refused.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum PhotoError {
    #[error(
        "the picture has {width} × {height} pixels; the smallest that can be named has \
         {MIN_SIDE} × {MIN_SIDE}: take a larger one"
    )]
    TooSmall { width: u32, height: u32 },

    #[error(
        "the picture has {width} × {height} pixels, more than {} million: make it smaller first",
        MAX_PIXELS / 1_000_000
    )]
    TooLarge { width: u32, height: u32 },

    #[error("{width} × {height} pixels of RGBA need {expected} bytes, but there are {found}")]
    ByteCount {
        width: u32,
        height: u32,
        expected: u64,
        found: usize,
    },

    #[error("a square of {side} pixels cannot be cut from a short side of {short_side}")]
    Crop { side: usize, short_side: usize },

    #[error("a picture has 3 channels (red, green, blue) or 1 (grey), but this has {0} channels")]
    Channels(usize),

    #[error(
        "{} × {} × {} (channels, height, width) needs {} values, but there are {found}",
        .shape[0], .shape[1], .shape[2],
        .shape.iter().fold(1, |n: u128, &axis| n.saturating_mul(axis as u128))
    )]
    ValueCount { shape: [usize; 3], found: usize },

    #[error("value {index} is {value}, but every value must be a finite number")]
    NotFinite { index: usize, value: f32 },

    #[error("this is not a picture: use a JPEG, PNG, WebP, GIF, BMP or TIFF file")]
    NotAPicture,

    #[error("this is {0} and not a picture: use a JPEG, PNG, WebP, GIF, BMP or TIFF file")]
    OtherKind(&'static str),

    #[error("this is {0}, which is not read here: save it as JPEG or PNG first")]
    NotRead(&'static str),

    #[error("the picture is of a rare kind ({0}): save it again as JPEG or PNG")]
    Rare(String),

    #[error("the picture cannot be read ({0}): the file is damaged; get it again")]
    Damaged(String),

    #[error("the picture is wholly transparent, so there is nothing to see: use another")]
    Transparent,

    #[error("the file is cut short, so a part of the picture is missing: get the whole file")]
    CutShort,

    #[error("the file is larger than any picture that is read: make the picture smaller first")]
    FileTooLarge,

    #[error("the file cannot be {action} ({reason})")]
    File {
        action: &'static str,
        reason: String,
    },

    /// Any of the above, with the name of the file.
    #[error("{file}: {error}")]
    InFile {
        file: String,
        error: Box<PhotoError>,
    },
}
