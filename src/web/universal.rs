//! Universal perturbations in the browser: made from a few pictures, counted
//! on others, and random noise of the same size to compare them with.

use js_sys::{Float32Array, Function};
use tsify::Ts;
use wasm_bindgen::prelude::*;
use web_time::Instant;

use super::error::{Failure, Kind, from_js, to_js};
use super::messages::{
    BallNorm, FoolingCount, UniversalOptions, UniversalProgress, UniversalResult,
};
use super::pictures::{find, shape};
use super::session::{CancelToken, Session};
use crate::attack::Norms;
use crate::classifier::Classifier;
use crate::task::Task;
use crate::universal::fooling::{Sum, fooling};
use crate::universal::stochastic::{self, stochastic};
use crate::universal::{Pictures, Progress, random_noise};

/// Updates between two looks at a perturbation that grows.
const SHOW_EVERY: usize = 4;

#[wasm_bindgen]
impl Session {
    /// One perturbation for all pictures, by the stochastic method, from zero or
    /// from `start`. `own` are the pictures that it is made from, `others` those
    /// that it is only tried on after every pass, each as RGBA bytes of one
    /// picture after the other. `report` hears of each update; a cancelled token
    /// ends it with what there is.
    pub async fn universal(
        &self,
        own: &[u8],
        others: &[u8],
        start: Option<Vec<f32>>,
        options: Ts<UniversalOptions>,
        report: Function,
        cancel: &CancelToken,
    ) -> Result<Ts<UniversalResult>, JsValue> {
        let begun = Instant::now();
        let own = self.many(own)?;
        let others = self.many(others)?;
        let options: UniversalOptions = from_js(&options)?;
        let norm = options.norm.unwrap_or(BallNorm::Linf);
        let radius = options.radius.unwrap_or(norm.usual_radius());
        let usual = stochastic::Options::few_pictures(own.len());
        let options = stochastic::Options {
            ball: norm.ball(radius),
            max_passes: options.max_passes.unwrap_or(usual.max_passes),
            target: options.target,
            show_every: options.show_every.unwrap_or(SHOW_EVERY),
            seed: options.seed.map_or(usual.seed, u64::from),
            ..usual
        };
        let mut task = Task::new(cancel.0.clone(), |progress: Progress| {
            // A report that fails must not end the computation.
            if let Ok(message) = to_js(UniversalProgress::from(progress)) {
                let _ = report.call1(&JsValue::UNDEFINED, &message.into());
            }
        });
        let pictures = Pictures {
            own: own.as_slice(),
            others: others.as_slice(),
        };
        let made = stochastic(
            &self.shared(),
            pictures,
            start.as_deref(),
            &options,
            &mut task,
        )
        .await
        .map_err(Failure::from)?;
        let result = UniversalResult {
            norms: Norms::of(&made.perturbation).into(),
            perturbation: Float32Array::from(made.perturbation.as_slice()),
            norm,
            radius,
            passes: made.passes,
            gradient_evaluations: made.gradient_evaluations,
            rates: made.rates,
            other_rates: made.other_rates,
            stopped: made.stopped,
            milliseconds: begun.elapsed().as_secs_f64() * 1e3,
        };
        Ok(to_js(result)?)
    }

    /// Whom a perturbation fools, of pictures given one after the other as RGBA
    /// bytes; the sums are clipped and rounded to 8 bits, as they are shown.
    /// `report` hears how many are done.
    pub async fn fooling(
        &self,
        pictures: &[u8],
        perturbation: Vec<f32>,
        report: Function,
        cancel: &CancelToken,
    ) -> Result<Ts<FoolingCount>, JsValue> {
        self.check_size(&perturbation)?;
        let pictures = self.many(pictures)?;
        let mut task = Task::new(cancel.0.clone(), |done: usize| {
            let _ = report.call1(&JsValue::UNDEFINED, &JsValue::from_f64(done as f64));
        });
        let found = fooling(
            &self.shared(),
            &pictures,
            &perturbation,
            Sum::Saved,
            &mut task,
        )
        .await
        .map_err(Failure::from)?;
        Ok(to_js(FoolingCount {
            fooled: found.fooled(),
            rate: found.rate(),
            labels: found.labels,
        })?)
    }
}

impl Session {
    /// Pictures of RGBA bytes, one after the other, each as planar pixels.
    pub(super) fn many(&self, pictures: &[u8]) -> Result<Vec<Vec<f32>>, Failure> {
        let [_, height, width] = self.network.input_shape();
        let size = 4 * height * width;
        if !pictures.len().is_multiple_of(size) {
            return Err(Failure::new(
                Kind::BadPicture,
                format!(
                    "expected pictures of {size} bytes each, but found {} bytes",
                    pictures.len()
                ),
            ));
        }
        pictures
            .chunks_exact(size)
            .map(|picture| self.planar(picture))
            .collect()
    }
}

/// Random noise of a norm in grey levels, for a network's pictures.
#[wasm_bindgen(js_name = randomNoise)]
pub fn random(network: &str, norm: &str, radius: f64, seed: u32) -> Result<Vec<f32>, JsValue> {
    let norm = match norm {
        "l2" => BallNorm::L2,
        "linf" => BallNorm::Linf,
        _ => {
            let message = format!("there is no norm '{norm}' here; there are l2 and linf");
            return Err(Failure::new(Kind::BadRequest, message).into());
        }
    };
    if !(radius >= 0.0 && radius.is_finite()) {
        let message = format!("the radius must be a number from 0 on, not {radius}");
        return Err(Failure::new(Kind::BadRequest, message).into());
    }
    let size = shape(find(network)?).iter().product();
    Ok(random_noise(&norm.ball(radius), size, seed.into()))
}

impl From<Progress> for UniversalProgress {
    fn from(progress: Progress) -> Self {
        Self {
            passes: progress.passes,
            max_passes: progress.max_passes,
            pictures: progress.pictures,
            pictures_a_pass: progress.pictures_a_pass,
            gradient_evaluations: progress.gradient_evaluations,
            running_rate: progress.running_rate,
            other_rate: progress.other_rate,
            perturbation: match progress.perturbation {
                Some(v) => Float32Array::from(v.as_slice()).into(),
                None => JsValue::NULL,
            },
        }
    }
}
