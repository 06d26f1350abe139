//! A file of the browser's, read in pieces: it may be larger than what fits into
//! memory twice.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use crate::classifier::import::{ImportError, Source};

#[wasm_bindgen(typescript_custom_section)]
const PIECES: &str = r"
/** A file that is read in pieces, as a worker can. */
export interface Pieces {
  readonly name: string;
  readonly size: number;
  read(at: number, length: number): Uint8Array;
}
";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(typescript_type = "Pieces")]
    #[derive(Clone)]
    pub type Pieces;

    #[wasm_bindgen(method, getter)]
    pub fn name(this: &Pieces) -> String;

    #[wasm_bindgen(method, getter)]
    fn size(this: &Pieces) -> f64;

    #[wasm_bindgen(method, catch)]
    fn read(this: &Pieces, at: f64, length: f64) -> Result<Uint8Array, JsValue>;
}

/// Small reads are answered from so many bytes, since each call of the browser's
/// takes its time.
const AHEAD: usize = 1 << 18;

/// [`Pieces`] as the readers want them.
pub struct File {
    pieces: Pieces,
    size: u64,
    ahead: Vec<u8>,
    ahead_at: u64,
}

impl File {
    pub fn new(pieces: Pieces) -> Self {
        Self {
            size: pieces.size() as u64,
            pieces,
            ahead: Vec::new(),
            ahead_at: 0,
        }
    }

    fn fetch(&self, at: u64, into: &mut [u8]) -> Result<(), ImportError> {
        let bytes = self
            .pieces
            .read(at as f64, into.len() as f64)
            .map_err(|error| ImportError::Unreadable(said(&error)))?;
        if bytes.length() as usize != into.len() {
            return Err(ImportError::Short);
        }
        bytes.copy_to(into);
        Ok(())
    }
}

impl Source for File {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&mut self, at: u64, into: &mut [u8]) -> Result<(), ImportError> {
        let end = at.checked_add(into.len() as u64);
        if end.is_none_or(|end| end > self.size) {
            return Err(ImportError::Short);
        }
        if into.len() >= AHEAD {
            return self.fetch(at, into);
        }
        let has = |file: &Self| {
            let start = usize::try_from(at.checked_sub(file.ahead_at)?).ok()?;
            let end = start.checked_add(into.len())?;
            (end <= file.ahead.len()).then_some(start..end)
        };
        if has(self).is_none() {
            let length = (self.size - at).min(AHEAD as u64) as usize;
            let mut ahead = std::mem::take(&mut self.ahead);
            ahead.resize(length, 0);
            self.fetch(at, &mut ahead)?;
            (self.ahead, self.ahead_at) = (ahead, at);
        }
        let range = has(self).ok_or(ImportError::Short)?;
        into.copy_from_slice(&self.ahead[range]);
        Ok(())
    }
}

/// What an exception says.
pub fn said(error: &JsValue) -> String {
    let error = error.dyn_ref::<js_sys::Error>();
    error.map_or_else(String::new, |error| String::from(error.message()))
}
