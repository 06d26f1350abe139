//! The face that the browser sees, and nothing else: bytes and options in,
//! answers out. Lives in a worker; see `www/engine`.
//!
//! Pictures cross this border as the square 8-bit RGBA crop that the classifier
//! sees, perturbations as planar f32 in pixel units, norms in grey levels.

mod bring;
mod error;
#[cfg(feature = "explore")]
mod explore;
mod found;
#[cfg(feature = "gpu")]
mod gpu;
mod helper;
mod messages;
mod pictures;
mod pool;
mod session;
mod source;
mod timing;
mod universal;
mod watch;

use std::sync::atomic::{AtomicU32, Ordering};

use wasm_bindgen::prelude::*;

pub use session::Session;

unsafe extern "C" {
    /// Made by the linker: runs every static constructor of the module, such as
    /// the thousands by which the shader compiler registers its operations.
    safe fn __wasm_call_ctors();
}

/// Runs once, when the module is started.
///
/// The constructors are called here because otherwise the linker takes the
/// module for a command, and wraps every export so that it runs them all at
/// each call (see `inventory`, "WebAssembly and constructors"). That one call is
/// seen here is what keeps it from doing so; `tests/unit/wasm.test.js` watches.
#[wasm_bindgen(start)]
pub fn start() {
    __wasm_call_ctors();
    // Panics say where they happened instead of `unreachable`.
    console_error_panic_hook::set_once();
}

static CONSTRUCTOR_RUNS: AtomicU32 = AtomicU32::new(0);

extern "C" fn count_constructors() {
    CONSTRUCTOR_RUNS.fetch_add(1, Ordering::Relaxed);
}

/// A constructor among the others, so that a test can see how often they ran.
#[used]
#[unsafe(link_section = ".init_array")]
static COUNTED: extern "C" fn() = count_constructors;

/// How often the static constructors have run: once in a module's life.
#[wasm_bindgen(js_name = constructorRuns)]
pub fn constructor_runs() -> u32 {
    CONSTRUCTOR_RUNS.load(Ordering::Relaxed)
}
