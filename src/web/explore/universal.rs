//! Making one noise for all pictures, by the stochastic method and by the
//! published one, and what such noises have to tell: how much several noises have in common, and where
//! a noise sends the classes.

use js_sys::{Float32Array, Function};
use tsify::Ts;
use wasm_bindgen::prelude::*;
use web_time::Instant;

use super::making::{UniversalOptions, UniversalProgress, UniversalResult};
use super::messages::{DiversityFound, LabelGraphFound, OriginalOptions, OriginalResult};
use crate::attack::Norms;
use crate::classifier::Classifier;
use crate::geometry::label_graph::{self, LabelGraph};
use crate::task::Task;
use crate::universal::diversity::{Diversity, mean_of_random};
use crate::universal::original::{self, original};
use crate::universal::stochastic::{self, stochastic};
use crate::universal::{Fooling, Pictures, Progress};
use crate::web::error::{Failure, Kind, from_js, to_js};
use crate::web::messages::BallNorm;
use crate::web::session::{CancelToken, Session};

/// Pictures between two looks at a perturbation that grows: each takes many
/// gradients.
const SHOW_EVERY: usize = 1;

/// Updates of the stochastic method between two looks.
const UPDATES_A_LOOK: usize = 4;

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
        let usual = stochastic::Options {
            target: options.target,
            ..stochastic::Options::few_pictures(own.len())
        }
        .within(norm.ball(radius), &self.network, own.len());
        let options = stochastic::Options {
            max_passes: options.max_passes.unwrap_or(usual.max_passes),
            show_every: options.show_every.unwrap_or(UPDATES_A_LOOK),
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

    /// One perturbation for all pictures, by the published algorithm, which
    /// takes DeepFool's step on one picture after the other. Pictures, `report`
    /// and token as in `universal`.
    #[wasm_bindgen(js_name = universalOriginal)]
    pub async fn universal_original(
        &self,
        own: &[u8],
        others: &[u8],
        start: Option<Vec<f32>>,
        options: Ts<OriginalOptions>,
        report: Function,
        cancel: &CancelToken,
    ) -> Result<Ts<OriginalResult>, JsValue> {
        let begun = Instant::now();
        let own = self.many(own)?;
        let others = self.many(others)?;
        let wish: OriginalOptions = from_js(&options)?;
        let norm = wish.norm.unwrap_or(BallNorm::Linf);
        let radius = wish.radius.unwrap_or(norm.usual_radius());
        let usual = original::Options::default();
        let options = original::Options {
            ball: norm.ball(radius),
            delta: wish.delta.unwrap_or(usual.delta),
            max_passes: wish.max_passes.unwrap_or(usual.max_passes),
            show_every: wish.show_every.unwrap_or(SHOW_EVERY),
            seed: wish.seed.map_or(usual.seed, u64::from),
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
        let shared = self.shared();
        let made = original(&shared, pictures, start.as_deref(), &options, &mut task)
            .await
            .map_err(Failure::from)?;
        Ok(to_js(OriginalResult {
            norms: Norms::of(&made.perturbation).into(),
            perturbation: Float32Array::from(made.perturbation.as_slice()),
            norm,
            radius,
            passes: made.passes,
            gradient_evaluations: made.gradient_evaluations,
            gradients_by_pass: made.gradients_by_pass,
            rates: made.rates,
            other_rates: made.other_rates,
            stopped: made.stopped,
            milliseconds: begun.elapsed().as_secs_f64() * 1e3,
        })?)
    }

    /// The normalised inner products of some perturbations for this network,
    /// given one after the other.
    pub fn diversity(&self, perturbations: &[f32]) -> Result<Ts<DiversityFound>, JsValue> {
        let size = self.network.input_shape().iter().product();
        if !perturbations.len().is_multiple_of(size) {
            self.check_size(perturbations)?;
        }
        let each: Vec<&[f32]> = perturbations.chunks_exact(size).collect();
        for perturbation in &each {
            self.check_size(perturbation)?;
        }
        let found = Diversity::of(&each);
        Ok(to_js(DiversityFound {
            products: found.products,
            mean: found.mean,
            largest: found.largest,
            dimension: size,
            mean_of_random: mean_of_random(size),
        })?)
    }

    /// The graph of labels: where pictures of each class go, given the label of
    /// each picture without and with a perturbation, two numbers a picture.
    #[wasm_bindgen(js_name = labelGraph)]
    pub fn label_graph(&self, labels: &[u32]) -> Result<Ts<LabelGraphFound>, JsValue> {
        let pairs = labels.chunks_exact(2);
        if !pairs.remainder().is_empty() {
            let message = "each picture has two labels, one without and one with the noise";
            return Err(Failure::new(Kind::BadRequest, message.to_owned()).into());
        }
        let fooling = Fooling {
            labels: pairs.map(|at| (at[0] as usize, at[1] as usize)).collect(),
        };
        let options = label_graph::Options::default();
        let graph = LabelGraph::new(&fooling, self.names, &options).map_err(Failure::from)?;
        Ok(to_js(LabelGraphFound {
            dot: graph.to_dot(),
            take_half: graph.labels_that_take(0.5),
            pictures: graph.pictures,
            fooled: graph.fooled,
            vertices: graph.vertices.into_iter().map(Into::into).collect(),
            edges: graph.edges.into_iter().map(Into::into).collect(),
            dominant: graph.dominant.into_iter().map(Into::into).collect(),
        })?)
    }
}
