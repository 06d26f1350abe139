//! SHA-256 of what comes in pieces, which browsers compute of whole files only,
//! and not on pages that are served over plain http.

use std::fmt::Write;

use sha2::{Digest as _, Sha256};
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
#[derive(Default)]
pub struct Digest(Sha256);

#[wasm_bindgen]
impl Digest {
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Ends it.
    pub fn hex(self) -> String {
        self.0.finalize().iter().fold(String::new(), |mut hex, it| {
            // Writing into a string does not fail.
            let _ = write!(hex, "{it:02x}");
            hex
        })
    }
}
