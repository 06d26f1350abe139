//! Pictures as they lie on a disk: in folders, in sets that are one file, with
//! their labels beside them.
//!
//! [`Library`] finds them and reads them as a network sees them; [`archive`] and
//! [`idx`] read the files that many pictures come in.

#[cfg(not(target_family = "wasm"))]
pub mod archive;
mod error;
pub mod idx;
#[cfg(not(target_family = "wasm"))]
mod idx_file;
#[cfg(not(target_family = "wasm"))]
mod library;
#[cfg(not(target_family = "wasm"))]
mod sets;
#[cfg(not(target_family = "wasm"))]
mod walk;

pub use error::DataError;
#[cfg(not(target_family = "wasm"))]
pub use library::{Found, Library, Pictures, Selection};
#[cfg(not(target_family = "wasm"))]
pub use walk::pictures_in;

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
