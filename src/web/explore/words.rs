//! Words hidden in a picture. The page draws them, since it has the typefaces;
//! here they get their colours.

use js_sys::Function;
use tsify::Ts;
use wasm_bindgen::prelude::*;
use web_time::Instant;

use super::messages::{ScatterOptions, Scattered, WordsFound, WordsOptions, WordsProgress};
use crate::attack::words::{self, Layout, Stamp, words};
use crate::classifier::Classifier;
use crate::task::Task;
use crate::web::error::{Failure, Kind, from_js, to_js};
use crate::web::session::{CancelToken, Session};

#[wasm_bindgen]
impl Session {
    /// Where words lie. The first places of many are those of fewer. Nothing is
    /// reported, and of the picture nothing but its size matters.
    #[wasm_bindgen(js_name = scatterWords)]
    pub async fn scatter_words(
        &self,
        _picture: &[u8],
        options: Ts<ScatterOptions>,
        _report: Function,
        _cancel: &CancelToken,
    ) -> Result<Ts<Scattered>, JsValue> {
        let wish: ScatterOptions = from_js(&options)?;
        let usual = Layout::default();
        let layout = Layout {
            smallest: wish.smallest.unwrap_or(usual.smallest),
            largest: wish.largest.unwrap_or(usual.largest),
            tilt: wish.tilt.unwrap_or(usual.tilt),
            seed: wish.seed.map_or(usual.seed, u64::from),
        };
        let places = layout
            .places(self.network.input_shape(), wish.words, wish.count)
            .map_err(Failure::from)?;
        Ok(to_js(Scattered {
            places: places.into_iter().map(Into::into).collect(),
        })?)
    }

    /// Colours as many of the words as it takes, the first ones first, so that
    /// the answer changes, also when the sum is saved.
    #[wasm_bindgen(js_name = hideWords)]
    pub async fn hide_words(
        &self,
        picture: &[u8],
        options: Ts<WordsOptions>,
        report: Function,
        cancel: &CancelToken,
    ) -> Result<Ts<WordsFound>, JsValue> {
        let begun = Instant::now();
        let x = self.planar(picture)?;
        let wish: WordsOptions = from_js(&options)?;
        let stamps: Vec<Stamp> = wish
            .stamps
            .into_iter()
            .map(|stamp| {
                let coverage = stamp.coverage.to_vec().into_iter();
                let coverage = coverage.map(|share| f32::from(share) / 255.0).collect();
                Stamp::new(stamp.x, stamp.y, stamp.width, coverage)
                    .map_err(|error| Failure::new(Kind::BadRequest, error.to_string()))
            })
            .collect::<Result<_, Failure>>()?;
        let usual = words::Options::default();
        let options = words::Options {
            words: wish.words.unwrap_or(usual.words),
            ..usual
        };
        let mut task = Task::new(cancel.0.clone(), |progress: words::Progress| {
            let message = WordsProgress {
                words: progress.words,
                iteration: progress.iteration,
            };
            if let Ok(message) = to_js(message) {
                let _ = report.call1(&JsValue::UNDEFINED, &message.into());
            }
        });
        let hidden = words(&self.shared(), &[&x], &stamps, &options, &mut task)
            .await
            .map_err(Failure::from)?
            .remove(0);
        Ok(to_js(WordsFound {
            words: hidden.words,
            found: self.found(&x, &hidden.outcome, begun)?,
        })?)
    }
}
