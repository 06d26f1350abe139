//! What the boundaries near several pictures have in common.

use js_sys::{Float32Array, Function};
use serde::{Deserialize, Serialize};
use tsify::{Ts, Tsify};
use wasm_bindgen::prelude::*;

use super::messages::preserved;
use crate::geometry::normals::{self, normals};
use crate::measure::Normals;
use crate::task::Task;
use crate::web::error::{Failure, from_js, to_js};
use crate::web::session::{CancelToken, Session};

/// Random vectors whose share in the span is averaged.
const DRAWS: u64 = 10;

#[derive(Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct NormalsOptions {
    /// Whose share in the span of the normals is asked for, planar, in pixel
    /// units.
    #[serde(default, with = "preserved")]
    #[tsify(optional, type = "Float32Array")]
    pub perturbation: Option<Float32Array>,
    /// Of the random vectors.
    #[serde(default)]
    #[tsify(optional)]
    pub seed: Option<u32>,
}

#[derive(Serialize, Tsify)]
pub struct NormalsProgress {
    /// Pictures that are done.
    pub pictures: usize,
    pub of: usize,
    /// At how many of them there was a boundary.
    pub found: usize,
}

/// Of n unit normals, and of as many random unit vectors. Lists have n entries.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct NormalsFound {
    /// n
    pub count: usize,
    /// Pictures that were looked at.
    pub pictures: usize,
    /// Entries of each vector.
    pub dimension: usize,
    /// Largest first.
    pub singular_values: Vec<f64>,
    pub random_singular_values: Vec<f64>,
    /// The root of the mean squared cosine between two of them; null of one.
    pub rms_cosine: Option<f64>,
    pub random_rms_cosine: Option<f64>,
    /// Of the perturbation, in the span of the first 1, 2, … singular vectors;
    /// null where none was given.
    pub shares: Option<Vec<f64>>,
    /// Of random vectors, on average.
    pub random_shares: Vec<f64>,
    pub stopped: bool,
}

#[wasm_bindgen]
impl Session {
    /// The singular values of the unit normals at the boundaries nearest to some
    /// pictures, given one after the other as RGBA bytes. `report` hears of each;
    /// a cancelled token ends it with the normals that there are.
    pub async fn normals(
        &self,
        pictures: &[u8],
        options: Ts<NormalsOptions>,
        report: Function,
        cancel: &CancelToken,
    ) -> Result<Ts<NormalsFound>, JsValue> {
        let pictures = self.many(pictures)?;
        let wish: NormalsOptions = from_js(&options)?;
        let v = wish.perturbation.map(|v| v.to_vec());
        if let Some(v) = &v {
            self.check_size(v)?;
        }
        let usual = normals::Options::default();
        let mut found = Vec::new();
        let mut done = 0;
        let mut task = Task::new(cancel.0.clone(), |_| ());
        for picture in &pictures {
            // One at a time: what is begun when somebody stops it is lost.
            match normals(&self.shared(), &[picture], &usual, &mut task).await {
                Ok(one) => found.extend(one.into_iter().flatten().map(|one| one.normal)),
                Err(_) if cancel.0.is_stopped() => break,
                Err(error) => return Err(Failure::from(error).into()),
            }
            done += 1;
            let message = NormalsProgress {
                pictures: done,
                of: pictures.len(),
                found: found.len(),
            };
            if let Ok(message) = to_js(message) {
                let _ = report.call1(&JsValue::UNDEFINED, &message.into());
            }
        }
        let seed = wish.seed.unwrap_or_default().into();
        let common = Normals::of(&found, v.as_deref(), DRAWS, seed, &mut Task::silent())
            .await
            .map_err(Failure::from)?;
        Ok(to_js(NormalsFound {
            count: common.count,
            pictures: done,
            dimension: common.dimension,
            random_shares: common
                .random_shares
                .iter()
                .filter_map(|share| share.value)
                .collect(),
            singular_values: common.singular_values,
            random_singular_values: common.random_singular_values,
            rms_cosine: common.rms_cosine,
            random_rms_cosine: common.random_rms_cosine,
            shares: common.shares,
            stopped: done < pictures.len(),
        })?)
    }
}
