//! The reference data beside the repository, for tests that check the real
//! thing. Where it is not, such a test says so and passes.

// Each test that includes this uses a part of it.
#![allow(dead_code)]

use foolscope::photo::Bitmap;
use std::path::{Path, PathBuf};

/// `../shared/<path>`, or a line that says which test is skipped without it.
pub fn file(test: &str, path: &str) -> Option<PathBuf> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared")
        .join(path);
    if file.exists() {
        Some(file)
    } else {
        println!("skipped: {test} (needs ../shared)");
        None
    }
}

/// The square in the middle as the reference cut it: without resizing, and
/// over black where a photograph is smaller than the square. (Most have a
/// short side of 256 pixels, for which [`Bitmap::crop`] does the same.)
pub fn reference_crop(picture: &Bitmap, side: usize) -> Bitmap {
    let margin = |size: u32| ((f64::from(size) - side as f64) / 2.0).round_ties_even() as i64;
    let (left, top) = (margin(picture.width()), margin(picture.height()));
    let (rows, columns) = (i64::from(picture.height()), i64::from(picture.width()));
    let mut rgba = Vec::new();
    for y in top..top + side as i64 {
        for x in left..left + side as i64 {
            if (0..rows).contains(&y) && (0..columns).contains(&x) {
                let start = (y * columns + x) as usize * 4;
                rgba.extend(&picture.rgba()[start..start + 4]);
            } else {
                rgba.extend([0, 0, 0, 255]);
            }
        }
    }
    Bitmap::from_rgba(rgba, side as u32, side as u32).expect("a square of the wanted size")
}
