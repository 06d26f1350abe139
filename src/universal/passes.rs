//! What both methods have in common: passes over the pictures, in an order that
//! is drawn anew for each, until there were enough or somebody wishes to stop.

use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

use super::trial::Trial;
use super::{Pictures, Progress, Universal, UniversalError, check_pictures};
use crate::attack::AttackError;
use crate::classifier::Classifier;
use crate::task::Task;

/// How v is updated.
pub(super) trait Method {
    /// Whether the fooling rate is counted anew when a pass is complete.
    const RECOUNTS: bool;

    /// Before the first pass.
    async fn begin(&mut self, _task: &Task<'_, Progress>) -> Result<(), UniversalError> {
        Ok(())
    }

    /// Updates v by some of the pictures. What is seen of them may be drawn by
    /// the generator of their order.
    async fn update(
        &mut self,
        pictures: &[usize],
        rng: &mut ChaCha8Rng,
        task: &Task<'_, Progress>,
    ) -> Result<(), UniversalError>;

    /// Reads what is still on its way from the device.
    async fn settle(&mut self) -> Result<(), UniversalError> {
        Ok(())
    }

    /// At the end of a pass: the fooling rate on the pictures, and whether that
    /// will do.
    async fn end_pass(&mut self) -> Result<(Option<f64>, bool), UniversalError>;

    /// The share of the pictures that came up last that v fooled.
    fn running_rate(&self) -> Option<f64>;

    /// Gradients that it took so far.
    fn gradients(&self) -> usize;

    /// v
    async fn perturbation(&self) -> Result<Vec<f32>, UniversalError>;
}

/// When things happen.
pub(super) struct Schedule {
    pub max_passes: usize,
    /// Pictures an update.
    pub batch: usize,
    /// Updates between two looks at v; 0 for none.
    pub show_every: usize,
    /// The class that v is measured by, where there is one.
    pub target: Option<usize>,
    /// Of the order of the pictures.
    pub seed: u64,
}

/// Whether v can be made from these pictures.
pub(super) fn check(
    classifier: &dyn Classifier,
    own: &[impl AsRef<[f32]>],
) -> Result<(), UniversalError> {
    if own.is_empty() {
        return Err(UniversalError::NoPictures);
    }
    if classifier.class_count() < 2 {
        return Err(AttackError::TooFewClasses(classifier.class_count()).into());
    }
    Ok(check_pictures(classifier, own)?)
}

/// v by a method, whole also where somebody wished to stop.
pub(super) async fn learn<P: AsRef<[f32]>>(
    classifier: &dyn Classifier,
    mut method: impl Method,
    pictures: Pictures<'_, P>,
    schedule: &Schedule,
    task: &mut Task<'_, Progress>,
) -> Result<Universal, UniversalError> {
    let mut made = Universal::default();
    match go_through(classifier, &mut method, pictures, schedule, task, &mut made).await {
        Err(UniversalError::Attack(AttackError::Stopped(_))) => made.stopped = true,
        ended => ended?,
    }
    method.settle().await?;
    made.gradient_evaluations = method.gradients();
    made.perturbation = method.perturbation().await?;
    Ok(made)
}

/// Goes on until it is done or somebody wishes to stop; `made` and the method are
/// whole at any time.
async fn go_through<M: Method, P: AsRef<[f32]>>(
    classifier: &dyn Classifier,
    method: &mut M,
    pictures: Pictures<'_, P>,
    schedule: &Schedule,
    task: &mut Task<'_, Progress>,
    made: &mut Universal,
) -> Result<(), UniversalError> {
    let Pictures { own, others } = pictures;
    method.begin(task).await?;
    let others = Trial::new(classifier, others, schedule.target, task.stop_flag()).await?;
    let mut rng = ChaCha8Rng::seed_from_u64(schedule.seed);
    let mut order: Vec<usize> = (0..own.len()).collect();
    let mut updates = 0;
    let mut progress = Progress {
        max_passes: schedule.max_passes,
        pictures_a_pass: own.len(),
        ..Progress::default()
    };
    while made.passes < schedule.max_passes {
        order.shuffle(&mut rng);
        for indices in order.chunks(schedule.batch) {
            method.update(indices, &mut rng, task).await?;
            updates += 1;
            progress.pictures += indices.len();
            progress.gradient_evaluations = method.gradients();
            progress.running_rate = method.running_rate();
            let is_shown = schedule.show_every > 0 && updates % schedule.show_every == 0;
            progress.perturbation = match is_shown {
                true => Some(method.perturbation().await?),
                false => None,
            };
            task.checkpoint(progress.clone()).await?;
        }
        method.settle().await?;
        let (rate, will_do) = method.end_pass().await?;
        made.passes += 1;
        made.rates.push(rate);
        made.gradients_by_pass.push(method.gradients());
        progress.passes = made.passes;
        progress.pictures = 0;
        progress.gradient_evaluations = method.gradients();
        progress.running_rate = rate;
        progress.perturbation = None;
        if !others.is_empty() {
            let v = method.perturbation().await?;
            progress.other_rate = others.rate(classifier, &v).await?;
            made.other_rates.push(progress.other_rate);
        }
        // Where nothing was counted anew there is nothing to tell.
        if M::RECOUNTS || !others.is_empty() {
            task.checkpoint(progress.clone()).await?;
        }
        if will_do {
            break;
        }
    }
    Ok(())
}
