//! Sets of pictures in one file, as data for training and measuring comes.

#[cfg(not(target_family = "wasm"))]
pub mod archive;
pub mod idx;

use thiserror::Error;

/// Whether a file or folder of this name is what a system keeps beside
/// pictures: hidden ones (`._a.jpg`, `.DS_Store`, `.thumbnails`), and those that
/// are called as nothing else is.
pub fn is_companion(name: &str) -> bool {
    let is_hidden = name.starts_with('.') && !matches!(name, "." | "..");
    let known = [
        "__MACOSX",
        "@eaDir",
        "$RECYCLE.BIN",
        "Thumbs.db",
        "desktop.ini",
    ];
    is_hidden || known.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// What is wrong with such a file.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DataError {
    #[error("this is not an IDX file of bytes, which begins 0 0 8 and the number of dimensions")]
    NotIdx,
    #[error("expected an IDX file of {expected} dimension(s), but this has {found}")]
    Dimensions { expected: usize, found: usize },
    #[error("its header promises {expected} bytes, but there are {found}: it is incomplete")]
    Length { expected: u64, found: usize },
    #[error("its pictures are {0} by {1} pixels, which is none, or more than there can be")]
    Size(u64, u64),
    #[error("it cannot be unpacked ({0}): it is incomplete or damaged")]
    Damaged(String),
    #[error("there is no picture in it")]
    Empty,
    #[error("it unpacks to more than {0} bytes: unpack it into a folder, and name that")]
    TooLarge(u64),
}
