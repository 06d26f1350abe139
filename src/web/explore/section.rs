//! The plane through a picture: which answers lie around it, and a point of it.

use std::time::Duration;

use js_sys::{Float32Array, Function, Uint8Array, Uint16Array};
use tsify::Ts;
use wasm_bindgen::prelude::*;
use web_time::Instant;

use super::plane_messages::{
    FirstChanges, PlanePoint, PointOptions, Region, SectionAnswers, SectionOptions, SectionProgress,
};
use crate::attack::Norms;
use crate::attack::predictions;
use crate::classifier::Classifier;
use crate::geometry::section::{self, Extent, Section};
use crate::geometry::{Plane, Refinement, random_direction};
use crate::task::{Stopped, Task};
use crate::universal::fooling::{Sum, add};
use crate::web::error::{Failure, from_js, to_js};
use crate::web::messages::Answer;
use crate::web::pictures::rgba;
use crate::web::session::{CancelToken, Session};

/// Between two looks at a section that grows.
const SHOW_EVERY: Duration = Duration::from_millis(200);

/// A step that takes less time may take more points.
const SHORT: Duration = Duration::from_millis(60);

const MOST_AT_A_TIME: usize = 256;

#[wasm_bindgen]
impl Session {
    /// The answers on a grid over the plane that a perturbation spans with a
    /// second one, or with a random direction; coarse to fine. `report` hears
    /// how far it is. A cancelled token ends it with the points that there are.
    pub async fn section(
        &self,
        picture: &[u8],
        options: Ts<SectionOptions>,
        report: Function,
        cancel: &CancelToken,
    ) -> Result<Ts<SectionAnswers>, JsValue> {
        let x = self.planar(picture)?;
        let wish: SectionOptions = from_js(&options)?;
        let second = wish.second.as_ref().map(Float32Array::to_vec);
        let plane = self.plane(&wish.perturbation, second.as_deref(), wish.seed)?;
        let end = second.map(|second| plane.coordinates(&second));
        let end = end.transpose().map_err(Failure::from)?;
        let usual = section::Options::default();
        let reach = wish.reach.map(|reach| Extent::Pixels(reach / 255.0));
        let options = section::Options {
            points: wish.points.unwrap_or(usual.points),
            extent: reach.unwrap_or(wish.extent.map_or(usual.extent, Extent::Perturbations)),
            ..usual
        };
        let classifier = self.shared();
        let mut growing = Refinement::begin(&classifier, &x, &plane, &options)
            .await
            .map_err(Failure::from)?;
        let task = Task::new(cancel.0.clone(), |()| ());
        let mut shown = Instant::now();
        let mut batch = options.batch;
        loop {
            let begun = Instant::now();
            let goes_on = growing.step(batch).await.map_err(Failure::from)?;
            // Small networks would spend their time on pauses.
            if begun.elapsed() < SHORT && batch < MOST_AT_A_TIME {
                batch *= 2;
            }
            let mut now = None;
            if shown.elapsed() >= SHOW_EVERY {
                shown = Instant::now();
                now = growing
                    .section()
                    .map(|section| self.answers(section, growing.done(), end));
            }
            let message = SectionProgress {
                points: growing.done(),
                of: growing.of(),
                section: now,
            };
            if let Ok(message) = to_js(message) {
                let _ = report.call1(&JsValue::UNDEFINED, &message.into());
            }
            if task.pause().await.is_err() || !goes_on {
                break;
            }
        }
        let section = growing
            .section()
            .ok_or(Stopped)
            .map_err(|stopped| Failure::from(crate::geometry::GeometryError::from(stopped)))?;
        Ok(to_js(self.answers(section, growing.done(), end))?)
    }

    /// The picture at a point of such a plane, and what the classifier says to it.
    #[wasm_bindgen(js_name = planePoint)]
    pub async fn plane_point(
        &self,
        picture: &[u8],
        options: Ts<PointOptions>,
        _report: Function,
        _cancel: &CancelToken,
    ) -> Result<Ts<PlanePoint>, JsValue> {
        let x = self.planar(picture)?;
        let wish: PointOptions = from_js(&options)?;
        let second = wish.second.as_ref().map(Float32Array::to_vec);
        let plane = self.plane(&wish.perturbation, second.as_deref(), wish.seed)?;
        let noise = plane.vector([wish.right / 255.0, wish.up / 255.0]);
        let exact: Vec<f32> = x.iter().zip(&noise).map(|(x, v)| x + v).collect();
        let saved = add(&x, &noise, Sum::Saved);
        let bytes = rgba(&saved, self.network.input_shape())?;
        let answers = predictions(&self.network, &[exact, saved])
            .await
            .map_err(Failure::from)?;
        Ok(to_js(PlanePoint {
            perturbation: Float32Array::from(noise.as_slice()),
            norms: Norms::of(&noise).into(),
            answer: Answer::new(&answers[0], self.names),
            saved: Answer::new(&answers[1], self.names),
            rgba: Uint8Array::from(bytes.as_slice()),
        })?)
    }
}

impl Session {
    /// Along a perturbation and a second direction, or one drawn by a seed.
    fn plane(
        &self,
        perturbation: &Float32Array,
        second: Option<&[f32]>,
        seed: Option<u32>,
    ) -> Result<Plane, Failure> {
        let r = perturbation.to_vec();
        self.check_size(&r)?;
        match second {
            Some(second) => {
                self.check_size(second)?;
                Ok(Plane::new(&r, second)?)
            }
            None => {
                let drawn = random_direction(r.len(), seed.unwrap_or_default().into());
                Ok(Plane::new(&r, &drawn)?)
            }
        }
    }

    fn answers(
        &self,
        section: &Section,
        classified: usize,
        second: Option<[f64; 2]>,
    ) -> SectionAnswers {
        let labels: Vec<u16> = section.labels.iter().map(|&label| label as u16).collect();
        let levels = |length: f64| 255.0 * length;
        let [right, left, up, down] = section.first_changes().map(|change| change.map(levels));
        let region = |(label, share): (usize, f64)| Region {
            label,
            name: self.names[label].to_owned(),
            share,
        };
        SectionAnswers {
            labels: Uint16Array::from(labels.as_slice()),
            points: section.coordinates.len(),
            classified,
            regions: section.regions().into_iter().map(region).collect(),
            length: levels(section.length),
            reach: levels(section.coordinates.last().copied().unwrap_or(0.0)),
            second: second.map(|end| end.map(levels)),
            changes: FirstChanges {
                right,
                left,
                up,
                down,
            },
            stopped: section.stopped,
        }
    }
}
