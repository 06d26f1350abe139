//! The published algorithm (Moosavi-Dezfooli et al. 2017, algorithm 1): go
//! through the pictures; wherever v does not fool the classifier yet, add
//! DeepFool's smallest step that does, and project back onto the ball.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::{Ball, Progress, Universal, UniversalError, first};
use crate::attack::{deepfool, predictions};
use crate::classifier::Classifier;
use crate::task::Task;

/// The paper's settings, and the caps of the authors' program.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    pub ball: Ball,
    /// δ: done when the fooling rate on the pictures reaches 1 − δ.
    pub delta: f64,
    pub max_passes: usize,
    pub deepfool: deepfool::Options,
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
            seed: 0,
        }
    }
}

/// A universal perturbation for planar pictures `[C, H, W]`, from `start` or
/// from zero. A wish to stop ends it with what there is.
pub async fn original(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    start: Option<&[f32]>,
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Universal, UniversalError> {
    options.ball.check()?;
    if pictures.is_empty() {
        return Err(UniversalError::NoPictures);
    }
    let size = classifier.input_shape().iter().product();
    let mut v = first(start, size, &options.ball)?;

    let clean: Vec<usize> = predictions(classifier, pictures)
        .await?
        .into_iter()
        .map(|answer| answer.label)
        .collect();
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
    let mut order: Vec<usize> = (0..pictures.len()).collect();
    let mut made = Universal::default();
    'passes: while made.passes < options.max_passes {
        order.shuffle(&mut rng);
        let mut fooled = 0;
        for (seen, &index) in order.iter().enumerate() {
            let sum = sum(pictures[index].as_ref(), &v);
            let label = predictions(classifier, &[&sum]).await?[0].label;
            if label == clean[index] {
                let mut inner = Task::new(task.stop_flag(), |_| ());
                let sums = [sum];
                let step = deepfool::deepfool(classifier, &sums, &options.deepfool, &mut inner);
                let step = match step.await {
                    Ok(mut outcomes) => outcomes.remove(0),
                    Err(crate::attack::AttackError::Stopped(_)) => {
                        made.stopped = true;
                        break 'passes;
                    }
                    Err(error) => return Err(error.into()),
                };
                made.gradient_evaluations += step.gradient_evaluations;
                // The authors' program takes a step only where DeepFool came to
                // an end: an unfinished one leads nowhere in particular.
                if step.fooled() {
                    for (v, r) in v.iter_mut().zip(&step.perturbation) {
                        *v += r;
                    }
                    options.ball.project_values(&mut v);
                }
            } else {
                fooled += 1;
            }
            let progress = Progress {
                passes: made.passes,
                max_passes: options.max_passes,
                pictures: seen + 1,
                pictures_a_pass: pictures.len(),
                gradient_evaluations: made.gradient_evaluations,
                running_rate: fooled as f64 / (seen + 1) as f64,
            };
            if task.checkpoint(progress).await.is_err() {
                made.stopped = true;
                break 'passes;
            }
        }
        made.passes += 1;
        let rate = rate(classifier, pictures, &clean, &v).await?;
        made.rates.push(rate);
        if rate >= 1.0 - options.delta {
            break;
        }
    }
    made.perturbation = v;
    Ok(made)
}

fn sum(picture: &[f32], v: &[f32]) -> Vec<f32> {
    picture.iter().zip(v).map(|(x, v)| x + v).collect()
}

/// The share of the pictures whose label v changes.
async fn rate(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    clean: &[usize],
    v: &[f32],
) -> Result<f64, UniversalError> {
    let mut fooled = 0;
    for (picture, &clean) in pictures.iter().zip(clean) {
        let answer = predictions(classifier, &[sum(picture.as_ref(), v)]).await?;
        fooled += usize::from(answer[0].label != clean);
    }
    Ok(fooled as f64 / pictures.len() as f64)
}
