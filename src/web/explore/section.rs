//! The plane through a picture: which answers lie around it.

use js_sys::{Function, Uint8Array};
use tsify::Ts;
use wasm_bindgen::prelude::*;

use super::messages::{PointsProgress, Region, SectionDrawing, SectionOptions};
use crate::geometry::section::{self, Extent, section};
use crate::geometry::{Plane, drawing, random_direction};
use crate::task::Task;
use crate::web::error::{Failure, from_js, to_js};
use crate::web::session::{CancelToken, Session};

#[wasm_bindgen]
impl Session {
    /// The answers on a grid over the plane that a perturbation spans with a
    /// second one, or with a random direction. A cancelled token ends it with
    /// the points that there are.
    pub async fn section(
        &self,
        picture: &[u8],
        options: Ts<SectionOptions>,
        report: Function,
        cancel: &CancelToken,
    ) -> Result<Ts<SectionDrawing>, JsValue> {
        let x = self.planar(picture)?;
        let wish: SectionOptions = from_js(&options)?;
        let r = wish.perturbation.to_vec();
        self.check_size(&r)?;
        let second = match wish.second {
            Some(second) => second.to_vec(),
            None => random_direction(x.len(), wish.seed.unwrap_or_default().into()),
        };
        self.check_size(&second)?;
        let plane = Plane::new(&r, &second).map_err(Failure::from)?;
        let usual = section::Options::default();
        let options = section::Options {
            points: wish.points.unwrap_or(usual.points),
            extent: wish.extent.map_or(usual.extent, Extent::Perturbations),
            ..usual
        };
        let mut task = Task::new(cancel.0.clone(), |progress: section::Progress| {
            let message = PointsProgress {
                points: progress.points,
                of: progress.of,
            };
            if let Ok(message) = to_js(message) {
                let _ = report.call1(&JsValue::UNDEFINED, &message.into());
            }
        });
        let section = section(&self.shared(), &x, &plane, &options, &mut task)
            .await
            .map_err(Failure::from)?;
        let regions = section.regions().into_iter().enumerate();
        Ok(to_js(SectionDrawing {
            rgba: Uint8Array::from(drawing::draw(&section, 1).as_slice()),
            regions: regions
                .map(|(rank, (label, share))| Region {
                    label,
                    name: self.names[label].to_owned(),
                    share,
                    colour: drawing::colour(rank).1,
                })
                .collect(),
            length: 255.0 * section.length,
            reach: 255.0 * section.coordinates.last().copied().unwrap_or(0.0),
            points: section.coordinates.len(),
            stopped: section.stopped,
            labels: section.labels,
        })?)
    }
}
