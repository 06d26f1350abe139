//! The published algorithm (Moosavi-Dezfooli et al. 2017, algorithm 1): go
//! through the pictures; wherever v does not fool the classifier yet, add
//! DeepFool's smallest step that does, and project back onto the ball.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::fooling::{Sum, add};
use super::{
    Ball, Pictures, Progress, Trial, Universal, UniversalError, check_pictures, first,
    unless_stopped,
};
use crate::attack::{deepfool, predictions};
use crate::classifier::Classifier;
use crate::statistics::share;
use crate::task::Task;

/// The paper's settings, and the caps of the authors' program.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    pub ball: Ball,
    /// δ: done when the fooling rate on the pictures reaches 1 − δ.
    pub delta: f64,
    pub max_passes: usize,
    pub deepfool: deepfool::Options,
    /// Pictures between two looks at v in [`Progress::perturbation`]; 0 for
    /// none.
    pub show_every: usize,
    /// Of the order in which pictures come, anew in each pass.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ball: Ball::default(),
            delta: 0.2,
            max_passes: 10,
            deepfool: deepfool::Options {
                max_iterations: 10,
                ..deepfool::Options::default()
            },
            show_every: 0,
            seed: 0,
        }
    }
}

/// A universal perturbation for planar pictures `[C, H, W]`, from `start` or
/// from zero. A wish to stop ends it with what there is.
pub async fn original<'a, P: AsRef<[f32]> + 'a>(
    classifier: &dyn Classifier,
    pictures: impl Into<Pictures<'a, P>>,
    start: Option<&[f32]>,
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Universal, UniversalError> {
    options.ball.check()?;
    let Pictures { own, others } = pictures.into();
    if own.is_empty() {
        return Err(UniversalError::NoPictures);
    }
    check_pictures(classifier, own)?;
    let size = classifier.input_shape().iter().product();
    let mut made = Universal {
        perturbation: first(start, size, &options.ball)?,
        ..Universal::default()
    };
    let learnt = learn(classifier, own, others, options, task, &mut made).await;
    made.stopped = unless_stopped(learnt)?.is_none();
    Ok(made)
}

/// Goes on until it is done or somebody wishes to stop; `made` is whole at any
/// time.
async fn learn<P: AsRef<[f32]>>(
    classifier: &dyn Classifier,
    own: &[P],
    others: &[P],
    options: &Options,
    task: &mut Task<'_, Progress>,
    made: &mut Universal,
) -> Result<(), UniversalError> {
    let own = Trial::new(classifier, own, None, task.stop_flag()).await?;
    let others = Trial::new(classifier, others, None, task.stop_flag()).await?;
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
    let mut order: Vec<usize> = (0..own.pictures.len()).collect();
    let mut progress = Progress {
        max_passes: options.max_passes,
        pictures_a_pass: own.pictures.len(),
        ..Progress::default()
    };
    while made.passes < options.max_passes {
        order.shuffle(&mut rng);
        let mut fooled = 0;
        for (seen, &index) in order.iter().enumerate() {
            let sum = add(own.pictures[index].as_ref(), &made.perturbation, Sum::Raw);
            let label = predictions(classifier, &[&sum]).await?[0].label;
            if label == own.clean[index] {
                step(classifier, sum, options, task, made).await?;
            } else {
                fooled += 1;
            }
            progress.pictures = seen + 1;
            progress.gradient_evaluations = made.gradient_evaluations;
            progress.running_rate = share(fooled, seen + 1);
            let is_shown = options.show_every > 0 && (seen + 1) % options.show_every == 0;
            progress.perturbation = is_shown.then(|| made.perturbation.clone());
            task.checkpoint(progress.clone()).await?;
        }
        let rate = own.rate(classifier, &made.perturbation).await?;
        made.passes += 1;
        made.rates.push(rate);
        made.gradients_by_pass.push(made.gradient_evaluations);
        if !others.pictures.is_empty() {
            let rate = others.rate(classifier, &made.perturbation).await?;
            made.other_rates.push(rate);
            progress.other_rate = rate;
        }
        progress.passes = made.passes;
        progress.pictures = 0;
        progress.running_rate = rate;
        progress.perturbation = None;
        task.checkpoint(progress.clone()).await?;
        if rate.is_none_or(|rate| rate >= 1.0 - options.delta) {
            break;
        }
    }
    Ok(())
}

/// Adds the step that DeepFool takes from x + v.
async fn step(
    classifier: &dyn Classifier,
    sum: Vec<f32>,
    options: &Options,
    task: &Task<'_, Progress>,
    made: &mut Universal,
) -> Result<(), UniversalError> {
    let mut inner = Task::new(task.stop_flag(), |_| ());
    let outcomes = deepfool::deepfool(classifier, &[sum], &options.deepfool, &mut inner).await?;
    for step in outcomes {
        made.gradient_evaluations += step.gradient_evaluations;
        // The authors' program takes a step only where DeepFool came to an end:
        // an unfinished one leads nowhere in particular.
        if step.fooled() {
            for (v, r) in made.perturbation.iter_mut().zip(&step.perturbation) {
                *v += r;
            }
            options.ball.project_values(&mut made.perturbation);
        }
    }
    Ok(())
}
