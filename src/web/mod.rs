//! The face that the browser sees, and nothing else: bytes and options in,
//! answers out. Lives in a worker; see `www/engine`.
//!
//! Pictures cross this border as the square 8-bit RGBA crop that the classifier
//! sees, perturbations as planar f32 in pixel units, norms in grey levels.

mod error;
mod gpu;
mod messages;
mod pictures;
mod session;
mod universal;

use wasm_bindgen::prelude::*;

pub use session::Session;

/// Panics say where they happened instead of `unreachable`.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}
