//! Any attack of the core's table, by its name.

use js_sys::Function;
use tsify::Ts;
use wasm_bindgen::prelude::*;
use web_time::Instant;

use super::messages::AttackOptions;
use crate::attack::methods::{METHODS, Method, Settings};
use crate::web::error::{Failure, Kind, from_js, to_js};
use crate::web::messages::Found;
use crate::web::session::{CancelToken, Session};

#[wasm_bindgen]
impl Session {
    /// What the attack of a name finds. Nothing is reported.
    pub async fn attack(
        &self,
        picture: &[u8],
        options: Ts<AttackOptions>,
        _report: Function,
        cancel: &CancelToken,
    ) -> Result<Ts<Found>, JsValue> {
        let begun = Instant::now();
        let x = self.planar(picture)?;
        let wish: AttackOptions = from_js(&options)?;
        let method = Method::find(&wish.name).ok_or_else(|| {
            let names: Vec<&str> = METHODS.iter().map(|method| method.name).collect();
            let sentence = format!(
                "no attack is called {}: there are {}",
                wish.name,
                names.join(", ")
            );
            Failure::new(Kind::BadRequest, sentence)
        })?;
        let usual = Settings::default();
        let settings = Settings {
            gradients: wish.gradients.unwrap_or(usual.gradients),
            seed: wish.seed.map_or(usual.seed, u64::from),
        };
        let attacked = method
            .run(&self.shared(), &[&x], settings, cancel.0.clone())
            .await
            .map_err(Failure::from)?
            .remove(0);
        Ok(to_js(self.found(&x, &attacked.outcome, begun)?)?)
    }
}
