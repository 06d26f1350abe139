//! How long a pass takes, for whoever chooses between two devices.

use wasm_bindgen::prelude::*;
use web_time::Instant;

use super::Session;
use super::session::answer;

#[wasm_bindgen]
impl Session {
    /// The milliseconds of one forward pass of the fixed picture, until its
    /// logits are back. The first passes on a device prepare it, and take longer.
    #[wasm_bindgen(js_name = timePass)]
    pub async fn time_pass(&self) -> Result<f64, JsValue> {
        let begun = Instant::now();
        answer(&self.network).await?;
        Ok(begun.elapsed().as_secs_f64() * 1e3)
    }
}
