//! Small changes that are not noise: a patch, and a shift, turn or zoom.

use js_sys::Function;
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;
use web_time::Instant;

use super::messages::{
    MoveFound, MoveOptions, MoveProgress, PatchFound, PatchOptions, PatchProgress,
};
use crate::attack::occlusion::{self, occlusion};
use crate::attack::transformation::{self, transformation};
use crate::task::Task;
use crate::web::error::{Failure, from_js, to_js};
use crate::web::session::{CancelToken, Session};

#[wasm_bindgen]
impl Session {
    /// The smallest square patch of one colour that changes the answer.
    #[wasm_bindgen(js_name = smallestPatch)]
    pub async fn smallest_patch(
        &self,
        picture: &[u8],
        options: Ts<PatchOptions>,
        report: Function,
        cancel: &CancelToken,
    ) -> Result<Ts<PatchFound>, JsValue> {
        let begun = Instant::now();
        let x = self.planar(picture)?;
        let wish: PatchOptions = from_js(&options)?;
        let usual = occlusion::Options::default();
        let options = occlusion::Options {
            stride: wish.stride.unwrap_or(usual.stride),
            colour: wish.colour.unwrap_or(usual.colour.clone()),
            ..usual
        };
        let mut task = Task::new(cancel.0.clone(), |progress: occlusion::Progress| {
            tell(
                &report,
                PatchProgress {
                    side: progress.side,
                    best: progress.best.map(Into::into),
                },
            );
        });
        let found = occlusion(&self.shared(), &[&x], &options, &mut task)
            .await
            .map_err(Failure::from)?
            .remove(0);
        Ok(to_js(PatchFound {
            patch: found.patch.map(Into::into),
            found: self.found(&x, &found.outcome, begun)?,
        })?)
    }

    /// The smallest shift, turn and zoom that changes the answer.
    #[wasm_bindgen(js_name = smallestMove)]
    pub async fn smallest_move(
        &self,
        picture: &[u8],
        options: Ts<MoveOptions>,
        report: Function,
        cancel: &CancelToken,
    ) -> Result<Ts<MoveFound>, JsValue> {
        let begun = Instant::now();
        let x = self.planar(picture)?;
        let wish: MoveOptions = from_js(&options)?;
        let usual = transformation::Options::default();
        let options = transformation::Options {
            translation: wish.translation.unwrap_or(usual.translation),
            rotation: wish.rotation.unwrap_or(usual.rotation),
            scaling: wish.scaling.unwrap_or(usual.scaling),
            ..usual
        };
        let mut task = Task::new(cancel.0.clone(), |progress: transformation::Progress| {
            let message = MoveProgress {
                distance: progress.distance,
                best: progress.best.map(Into::into),
            };
            tell(&report, message);
        });
        let found = transformation(&self.shared(), &[&x], &options, &mut task)
            .await
            .map_err(Failure::from)?
            .remove(0);
        Ok(to_js(MoveFound {
            moved: found.transformation.map(Into::into),
            distance: found.distance,
            found: self.found(&x, &found.outcome, begun)?,
        })?)
    }
}

/// A report that fails must not end the computation.
fn tell<T: Tsify + serde::Serialize>(report: &Function, message: T) {
    if let Ok(message) = to_js(message) {
        let _ = report.call1(&JsValue::UNDEFINED, &message.into());
    }
}
