//! Noise between the adversarial and the random: in a random subspace, and in
//! random directions.

use js_sys::Function;
use tsify::Ts;
use wasm_bindgen::prelude::*;
use web_time::Instant;

use super::messages::{RandomFound, RandomOptions, SemiRandomOptions};
use crate::attack::deepfool;
use crate::attack::random_noise::{self, random_noise};
use crate::attack::semi_random::semi_random;
use crate::attack::subspace::Subspace;
use crate::task::Task;
use crate::web::error::{Failure, from_js, to_js};
use crate::web::messages::Found;
use crate::web::session::{CancelToken, Session};

#[wasm_bindgen]
impl Session {
    /// The smallest perturbation within a random subspace of so many dimensions.
    /// `report` hears of each iteration, as DeepFool's does.
    #[wasm_bindgen(js_name = semiRandom)]
    pub async fn semi_random(
        &self,
        picture: &[u8],
        options: Ts<SemiRandomOptions>,
        report: Function,
        cancel: &CancelToken,
    ) -> Result<Ts<Found>, JsValue> {
        let begun = Instant::now();
        let x = self.planar(picture)?;
        let SemiRandomOptions { dimension, seed } = from_js(&options)?;
        let subspace = Subspace::random(x.len(), dimension, seed.unwrap_or_default().into())
            .map_err(|error| Failure::from(crate::attack::AttackError::from(error)))?;
        let options = deepfool::Options::default();
        let mut task = self.steps(&report, cancel);
        let outcome = semi_random(&self.shared(), &[&x], &[subspace], &options, &mut task)
            .await
            .map_err(Failure::from)?
            .remove(0);
        Ok(to_js(self.found(&x, &outcome, begun)?)?)
    }

    /// The smallest of some random noises, each as long as it has to be in its
    /// direction to change the answer. Nothing is reported.
    #[wasm_bindgen(js_name = smallestRandom)]
    pub async fn smallest_random(
        &self,
        picture: &[u8],
        options: Ts<RandomOptions>,
        _report: Function,
        cancel: &CancelToken,
    ) -> Result<Ts<RandomFound>, JsValue> {
        let begun = Instant::now();
        let x = self.planar(picture)?;
        let wish: RandomOptions = from_js(&options)?;
        let usual = random_noise::Options::default();
        let options = random_noise::Options {
            draws: wish.draws.unwrap_or(usual.draws),
            seed: wish.seed.map_or(usual.seed, u64::from),
            ..usual
        };
        let mut task = Task::new(cancel.0.clone(), |_| {});
        let noise = random_noise(&self.shared(), &[&x], &options, &mut task)
            .await
            .map_err(Failure::from)?
            .remove(0);
        let levels = |size: &Option<f64>| size.map(|size| 255.0 * size);
        Ok(to_js(RandomFound {
            sizes: noise.sizes.iter().map(levels).collect(),
            mean_size: levels(&noise.mean_size()),
            found: self.found(&x, &noise.smallest, begun)?,
        })?)
    }
}
