//! The published algorithm (Moosavi-Dezfooli et al. 2017, algorithm 1): go
//! through the pictures; wherever v does not fool the classifier yet, add
//! DeepFool's smallest step that does, and project back onto the ball.

use rand_chacha::ChaCha8Rng;
use serde::{Deserialize, Serialize};

use super::fooling::{Sum, add};
use super::passes::{Method, Schedule, check, learn};
use super::trial::Trial;
use super::{Ball, Pictures, Progress, Universal, UniversalError, first};
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

impl Options {
    fn check(&self) -> Result<(), UniversalError> {
        self.ball.check()?;
        match self.delta {
            0.0..1.0 => Ok(()),
            delta => Err(UniversalError::Option {
                name: "delta, the share that may stay unfooled,",
                expected: "at least 0 and less than 1",
                found: delta,
            }),
        }
    }
}

/// A universal perturbation for planar pictures `[C, H, W]`, from `start` or
/// from zero. A wish to stop ends it with what there is.
///
/// # Errors
/// Bad options, no picture, one of another size or with a value that is no number, or a
/// classifier of one class.
pub async fn original<'a, P: AsRef<[f32]> + 'a>(
    classifier: &dyn Classifier,
    pictures: impl Into<Pictures<'a, P>>,
    start: Option<&[f32]>,
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Universal, UniversalError> {
    options.check()?;
    let pictures = pictures.into();
    check(classifier, pictures.own)?;
    let size = classifier.input_shape().iter().product();
    let method = Original {
        classifier,
        pictures: pictures.own,
        options,
        trial: None,
        v: first(start, size, &options.ball)?,
        gradients: 0,
        looks: (0, 0),
    };
    let schedule = Schedule {
        max_passes: options.max_passes,
        batch: 1,
        show_every: options.show_every,
        target: None,
        seed: options.seed,
    };
    learn(classifier, method, pictures, &schedule, task).await
}

struct Original<'a, P> {
    classifier: &'a dyn Classifier,
    pictures: &'a [P],
    options: &'a Options,
    /// On the pictures themselves.
    trial: Option<Trial<'a, P>>,
    v: Vec<f32>,
    gradients: usize,
    /// Of the pictures that came up in this pass, how many v had fooled.
    looks: (usize, usize),
}

impl<'a, P: AsRef<[f32]>> Method for Original<'a, P> {
    const RECOUNTS: bool = true;

    async fn begin(&mut self, task: &Task<'_, Progress>) -> Result<(), UniversalError> {
        let trial = Trial::new(self.classifier, self.pictures, None, task.stop_flag()).await?;
        self.trial = Some(trial);
        Ok(())
    }

    async fn update(
        &mut self,
        pictures: &[usize],
        _rng: &mut ChaCha8Rng,
        task: &Task<'_, Progress>,
    ) -> Result<(), UniversalError> {
        for &index in pictures {
            let sum = add(self.pictures[index].as_ref(), &self.v, Sum::Raw);
            let label = predictions(self.classifier, &[&sum]).await?[0].label;
            if label == self.trial().clean(index) {
                self.step(sum, task).await?;
            } else {
                self.looks.0 += 1;
            }
            self.looks.1 += 1;
        }
        Ok(())
    }

    async fn end_pass(&mut self) -> Result<(Option<f64>, bool), UniversalError> {
        self.looks = (0, 0);
        let rate = self.trial().rate(self.classifier, &self.v).await?;
        let enough = 1.0 - self.options.delta;
        Ok((rate, rate.is_none_or(|rate| rate >= enough)))
    }

    fn running_rate(&self) -> Option<f64> {
        share(self.looks.0, self.looks.1)
    }

    fn gradients(&self) -> usize {
        self.gradients
    }

    async fn perturbation(&self) -> Result<Vec<f32>, UniversalError> {
        Ok(self.v.clone())
    }
}

impl<'a, P> Original<'a, P> {
    fn trial(&self) -> &Trial<'a, P> {
        self.trial.as_ref().expect("made before the first pass")
    }

    /// Adds the step that DeepFool takes from x + v.
    async fn step(
        &mut self,
        sum: Vec<f32>,
        task: &Task<'_, Progress>,
    ) -> Result<(), UniversalError> {
        let mut inner = Task::new(task.stop_flag(), |_| ());
        let options = &self.options.deepfool;
        let outcomes = deepfool::deepfool(self.classifier, &[sum], options, &mut inner).await?;
        for step in outcomes {
            self.gradients += step.gradient_evaluations;
            // The authors' program takes a step only where DeepFool came to an end:
            // an unfinished one leads nowhere in particular.
            if step.fooled() {
                for (v, r) in self.v.iter_mut().zip(&step.perturbation) {
                    *v += r;
                }
                self.options.ball.project_values(&mut self.v);
            }
        }
        Ok(())
    }
}
