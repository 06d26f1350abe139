//! What can be wrong with files that pictures come in.

use crate::photo::PhotoError;
use std::io;
#[cfg(not(target_family = "wasm"))]
use std::path::Path;
use thiserror::Error;

/// Why pictures, or what lies beside them, cannot be taken.
#[derive(Debug, Clone, PartialEq, Error)]
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
    #[error(
        "this file holds labels and no pictures: name the pictures' file, and it is found beside \
         that"
    )]
    OnlyLabels,
    #[error("{file} has {labels} labels for {pictures} pictures")]
    LabelCount {
        file: String,
        labels: usize,
        pictures: usize,
    },
    #[error("{file} has other labels than {other}: keep one of them")]
    OtherLabels { file: String, other: String },
    #[error("there is no picture in the folder {0}")]
    EmptyFolder(String),
    #[error("there is no picture in any of these files")]
    NoPicture,
    #[error("cannot list {folder}: {reason}")]
    List { folder: String, reason: String },
    #[error("{0}")]
    Unreadable(String),
    #[error(transparent)]
    Photo(#[from] PhotoError),
    /// Any of the above, with the name of the file.
    #[error("{file}: {error}")]
    InFile { file: String, error: Box<DataError> },
}

#[cfg(not(target_family = "wasm"))]
impl DataError {
    /// The same, of a file; a picture's error may know its own.
    pub(super) fn of(self, file: &Path) -> Self {
        match self {
            Self::Photo(PhotoError::InFile { .. }) => self,
            error => Self::InFile {
                file: file.display().to_string(),
                error: Box::new(error),
            },
        }
    }

    /// Whether it is only that there is no picture in a file.
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::InFile { error, .. } => error.is_empty(),
            _ => false,
        }
    }
}

impl From<io::Error> for DataError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}
