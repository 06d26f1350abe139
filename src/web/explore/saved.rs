//! A noise that survives being saved: in whole grey levels, as small as can be
//! found.

use js_sys::Function;
use tsify::Ts;
use wasm_bindgen::prelude::*;
use web_time::Instant;

use super::messages::{EightBitOptions, EightBitProgress};
use crate::attack::eight_bit::{self, eight_bit};
use crate::task::Task;
use crate::web::error::{Failure, from_js, to_js};
use crate::web::messages::Found;
use crate::web::session::{CancelToken, Session};

#[wasm_bindgen]
impl Session {
    /// The smallest change in whole grey levels that is found to change the
    /// answer: the sum fools from a file too. `report` hears of every direction
    /// that was tried.
    #[wasm_bindgen(js_name = eightBit)]
    pub async fn eight_bit(
        &self,
        picture: &[u8],
        options: Ts<EightBitOptions>,
        report: Function,
        cancel: &CancelToken,
    ) -> Result<Ts<Found>, JsValue> {
        let begun = Instant::now();
        let x = self.planar(picture)?;
        let wish: EightBitOptions = from_js(&options)?;
        let mut options = eight_bit::Options::default();
        options.direction.deepfool.target = wish.target;
        if let Some(projections) = wish.projections {
            options.direction.max_rounds = projections;
        }
        let mut task = Task::new(cancel.0.clone(), |at: eight_bit::Progress| {
            let message = EightBitProgress {
                steps: at.steps,
                max_steps: options.direction.max_rounds + options.direction.boundary_steps,
                rounds: at.rounds,
                max_rounds: options.rounds,
                l2: 255.0 * at.size,
            };
            // A report that fails must not end the computation.
            if let Ok(message) = to_js(message) {
                let _ = report.call1(&JsValue::UNDEFINED, &message.into());
            }
        });
        let outcome = eight_bit(&self.shared(), &[&x], &options, &mut task)
            .await
            .map_err(Failure::from)?
            .remove(0);
        Ok(to_js(self.found(&x, &outcome, begun)?)?)
    }
}
