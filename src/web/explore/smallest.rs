//! The smallest noise within a budget of gradients, shown as it gets smaller.

use js_sys::{Float32Array, Function, Uint8Array};
use tsify::Ts;
use wasm_bindgen::prelude::*;
use web_time::Instant;

use super::messages::{SmallestOptions, SmallestProgress};
use crate::attack::smallest::{self, Found as Smaller, Range, smallest_until};
use crate::attack::{Norm, Norms};
use crate::classifier::Classifier;
use crate::task::{StopFlag, Task};
use crate::universal::fooling::{Sum, add};
use crate::web::error::{Failure, from_js, to_js};
use crate::web::messages::{Answer, BallNorm, Found};
use crate::web::pictures::rgba;
use crate::web::session::{CancelToken, Session};

#[wasm_bindgen]
impl Session {
    /// The smallest perturbation that is found within a budget of gradients.
    /// `report` hears of it each time it got smaller. The token ends it with what
    /// it has.
    pub async fn smallest(
        &self,
        picture: &[u8],
        options: Ts<SmallestOptions>,
        report: Function,
        cancel: &CancelToken,
    ) -> Result<Ts<Found>, JsValue> {
        let begun = Instant::now();
        let x = self.planar(picture)?;
        let wish: SmallestOptions = from_js(&options)?;
        let usual = smallest::Options::default();
        let options = smallest::Options {
            norm: match wish.norm {
                Some(BallNorm::Linf) => Norm::Linf,
                Some(BallNorm::L2) | None => Norm::L2,
            },
            target: wish.target,
            gradients: wish.gradients.unwrap_or(usual.gradients),
            range: match (wish.rounded, wish.bounded.unwrap_or(true)) {
                (true, _) => Range::Saved,
                (false, true) => Range::Shown,
                (false, false) => Range::Unbounded,
            },
        };
        let mut last = f64::INFINITY;
        let mut task = Task::new(StopFlag::default(), |at: smallest::Progress| {
            let Some(best) = at.best.filter(|best| best.size < last) else {
                return;
            };
            last = best.size;
            let message = self.smaller(&x, &best, at.gradients, options.gradients);
            // A report that fails must not end the computation.
            if let Ok(Ok(message)) = message.map(to_js) {
                let _ = report.call1(&JsValue::UNDEFINED, &message.into());
            }
        });
        let outcome = smallest_until(&self.shared(), &[&x], &options, &cancel.0, &mut task)
            .await
            .map_err(Failure::from)?
            .remove(0);
        drop(task);
        Ok(to_js(self.found(&x, &outcome, begun)?)?)
    }
}

impl Session {
    fn smaller(
        &self,
        x: &[f32],
        best: &Smaller,
        gradients: usize,
        max_gradients: usize,
    ) -> Result<SmallestProgress, Failure> {
        let sum = add(x, &best.perturbation, Sum::Saved);
        let rgba = rgba(&sum, self.network.input_shape())?;
        Ok(SmallestProgress {
            perturbation: Float32Array::from(best.perturbation.as_slice()),
            perturbed_rgba: Uint8Array::from(rgba.as_slice()),
            adversarial: Answer::new(&best.answer, self.names),
            norms: Norms::of(&best.perturbation).into(),
            gradients,
            max_gradients,
        })
    }
}
