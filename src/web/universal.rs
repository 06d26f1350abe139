//! Universal perturbations in the browser: counted on pictures, and random noise
//! of the same size to compare them with.

use js_sys::Function;
use tsify::Ts;
use wasm_bindgen::prelude::*;

use super::error::{Failure, Kind, to_js};
use super::messages::{BallNorm, FoolingCount};
use super::pictures::{find, shape};
use super::session::{CancelToken, Session};
use crate::classifier::Classifier;
use crate::task::Task;
use crate::universal::fooling::{Sum, fooling};
use crate::universal::random_noise;

#[wasm_bindgen]
impl Session {
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
    let norm = BallNorm::named(norm)?;
    if !(radius >= 0.0 && radius.is_finite()) {
        let message = format!("the radius must be a number from 0 on, not {radius}");
        return Err(Failure::new(Kind::BadRequest, message).into());
    }
    let size = shape(find(network)?).iter().product();
    Ok(random_noise(&norm.ball(radius), size, seed.into()))
}
