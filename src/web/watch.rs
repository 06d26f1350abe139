//! A camera's frames, one after the other: what a frame has in common with the
//! one before stays here, so that per frame only its pixels cross the border.

use std::cell::RefCell;

use js_sys::Uint8Array;
use tsify::Ts;
use wasm_bindgen::prelude::*;
use web_time::Instant;

use super::error::{Failure, Kind, to_js};
use super::messages::Classified;
use super::pictures::square;
use super::session::{Noise, Session};
use crate::classifier::Classifier;
use crate::photo::{Bitmap, Photo};
use crate::universal::fooling::{Sum, add};

/// The noise that is added to every frame, and room for one.
#[derive(Default)]
pub(super) struct Watch {
    noise: RefCell<Option<Noise>>,
    frame: RefCell<Vec<u8>>,
}

#[wasm_bindgen]
impl Session {
    /// From now on `strength` times this perturbation is added to the frames,
    /// or none.
    #[wasm_bindgen(js_name = watchWith)]
    pub fn watch_with(&self, perturbation: Option<Vec<f32>>, strength: f32) -> Result<(), JsValue> {
        let noise = match perturbation {
            Some(v) => {
                self.check_size(&v)?;
                Some(Noise::new(v, strength))
            }
            None => None,
        };
        self.watch.noise.replace(noise);
        Ok(())
    }

    /// As `classify`, of a whole frame: RGBA bytes of any size, of which the
    /// square that the network sees is cut. That square and its sum with the
    /// noise (where there is one) are written into the two arrays.
    pub async fn watch(
        &self,
        frame: Uint8Array,
        width: u32,
        height: u32,
        mirror: bool,
        picture: Uint8Array,
        sum: Uint8Array,
    ) -> Result<Ts<Classified>, JsValue> {
        let begun = Instant::now();
        let seen = self.see(&frame, [width, height], mirror)?;
        fill(&picture, &seen.picture)?;
        let bytes = match &seen.sum {
            Some(noisy) => {
                fill(&sum, &noisy.to_rgba())?;
                sum.into()
            }
            None => JsValue::NULL,
        };
        let noisy = seen.sum.as_ref().map(Photo::values);
        let answered = self.compare(seen.x.values(), noisy).await?;
        let norms = self.watch.noise.borrow().as_ref().map(|noise| noise.norms);
        Ok(to_js(answered.told(bytes, norms, begun))?)
    }
}

/// A frame's square as bytes, and planar, and its sum with the noise.
struct Seen {
    picture: Vec<u8>,
    x: Photo,
    sum: Option<Photo>,
}

impl Session {
    fn see(&self, frame: &Uint8Array, size: [u32; 2], mirror: bool) -> Result<Seen, Failure> {
        let [width, height] = size;
        Bitmap::check_size(width, height)?;
        let mut bytes = self.watch.frame.take();
        bytes.resize(frame.length() as usize, 0);
        frame.copy_to(&mut bytes);
        let bitmap = Bitmap::from_rgba(bytes, width, height)?;
        let square = square(self.entry, &bitmap, mirror)?;
        self.watch.frame.replace(bitmap.into_rgba());

        let shape = self.network.input_shape();
        let x = square.to_photo(shape[0])?;
        let sum = match &*self.watch.noise.borrow() {
            Some(noise) => Some(Photo::new(
                shape,
                add(x.values(), &noise.values, Sum::Saved),
            )?),
            None => None,
        };
        let picture = match shape[0] {
            1 => x.to_rgba(), // It sees no colours.
            _ => square.into_rgba(),
        };
        Ok(Seen { picture, x, sum })
    }
}

/// Fills an array of the page's with a picture.
fn fill(array: &Uint8Array, bytes: &[u8]) -> Result<(), Failure> {
    if array.length() as usize == bytes.len() {
        array.copy_from(bytes);
        return Ok(());
    }
    Err(Failure::new(
        Kind::BadRequest,
        format!(
            "a square of this network takes {} bytes, not {}",
            bytes.len(),
            array.length()
        ),
    ))
}
