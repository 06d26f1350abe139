//! A patch or a move of a visitor's own choice, made by the code of the searches,
//! so that what was found is answered alike by hand.

use js_sys::{Function, Uint8Array};
use tsify::Ts;
use wasm_bindgen::prelude::*;

use super::messages::{Changed, Moved, PatchByHand};
use crate::attack::occlusion::Patch;
use crate::attack::predictions;
use crate::attack::transformation::{Beyond, Transformation};
use crate::classifier::Classifier;
use crate::universal::fooling::{Sum, add};
use crate::web::error::{Failure, Kind, from_js, to_js};
use crate::web::messages::Answer;
use crate::web::pictures::rgba;
use crate::web::session::{CancelToken, Session};

#[wasm_bindgen]
impl Session {
    /// The answer to a picture with a patch over it. Nothing is reported.
    #[wasm_bindgen(js_name = applyPatch)]
    pub async fn apply_patch(
        &self,
        picture: &[u8],
        options: Ts<PatchByHand>,
        _report: Function,
        _cancel: &CancelToken,
    ) -> Result<Ts<Changed>, JsValue> {
        let x = self.planar(picture)?;
        let PatchByHand {
            x: left,
            y,
            side,
            colour,
        } = from_js(&options)?;
        let patch = Patch { x: left, y, side };
        let covered = patch
            .cover(&x, self.network.input_shape(), &colour)
            .map_err(Failure::from)?;
        Ok(to_js(self.changed(&x, covered, 0.0).await?)?)
    }

    /// The answer to a picture that was shifted, turned and zoomed. What comes
    /// into view from beyond its edge repeats the edge. Nothing is reported.
    #[wasm_bindgen(js_name = applyMove)]
    pub async fn apply_move(
        &self,
        picture: &[u8],
        options: Ts<Moved>,
        _report: Function,
        _cancel: &CancelToken,
    ) -> Result<Ts<Changed>, JsValue> {
        let x = self.planar(picture)?;
        let moved: Moved = from_js(&options)?;
        let numbers = [moved.right, moved.down, moved.degrees, moved.scale];
        if !numbers.iter().all(|number| number.is_finite()) || moved.scale <= 0.0 {
            let message = "a move needs finite numbers, and a scale above 0";
            return Err(Failure::new(Kind::BadRequest, message).into());
        }
        let transformation = Transformation::from(moved);
        let shape = self.network.input_shape();
        let distance = transformation.distance(shape[1], shape[2]);
        let moved = transformation.apply(&x, shape, Beyond::default());
        Ok(to_js(self.changed(&x, moved, distance).await?)?)
    }
}

impl Session {
    /// The answers to a changed picture, exactly and in 8 bits.
    async fn changed(
        &self,
        x: &[f32],
        changed: Vec<f32>,
        distance: f64,
    ) -> Result<Changed, Failure> {
        let r: Vec<f32> = changed.iter().zip(x).map(|(to, from)| to - from).collect();
        let saved = add(x, &r, Sum::Saved);
        let bytes = rgba(&saved, self.network.input_shape())?;
        let pictures = [changed, saved];
        // A patch of an 8-bit colour loses nothing when it is saved.
        let differ = pictures[0] != pictures[1];
        let answers = predictions(&self.shared(), &pictures[..1 + usize::from(differ)]).await?;
        let answer = |index: usize| Answer::new(&answers[index], self.names);
        Ok(Changed {
            answer: answer(0),
            saved: answer(usize::from(differ)),
            rgba: Uint8Array::from(bytes.as_slice()),
            distance,
        })
    }
}
