//! DeepFool's iterations, on a batch of pictures.

use burn::tensor::Tensor;

use super::rows::{add_rows, points, put_row, rows, size_of_first};
use super::stall::{Next, random};
use super::state::{Ended, State};
use super::step::{Steps, averaged, normals, onto_nearest};
use super::{Options, Progress};
use crate::attack::bisection::shortened;
use crate::attack::label::{batch, read_predictions};
use crate::attack::subspace::{self, Subspace};
use crate::attack::{AttackError, Outcome, Prediction};
use crate::classifier::{Classifier, ForwardPass};
use crate::task::{Task, read, read_together};

/// How exactly a perturbation is shortened.
const TOLERANCE: f64 = 1e-3;

/// By steps that are shortest in the norm that the options say.
pub(super) async fn in_norm(
    classifier: &dyn Classifier,
    pictures: &[&[f32]],
    subspaces: &[Subspace],
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Vec<Outcome>, AttackError> {
    if pictures.is_empty() {
        return Ok(Vec::new());
    }
    let mut run = Run::new(classifier, pictures, subspaces, options).await?;
    let mut iteration = 0;
    while !run.active.is_empty() && iteration < options.max_iterations {
        iteration += 1;
        let size = run.iterate(iteration, task).await?;
        let states = &run.states;
        let progress = Progress {
            iteration,
            max_iterations: options.max_iterations,
            fooled: states.iter().filter(|state| state.is_fooled()).count(),
            pictures: pictures.len(),
            label: states[0].present.label,
            size,
        };
        task.checkpoint(progress).await?;
    }
    run.outcomes(task).await
}

/// A batch of pictures on their way.
struct Run<'a> {
    classifier: &'a dyn Classifier,
    pictures: &'a [&'a [f32]],
    subspaces: &'a [Subspace],
    options: &'a Options,
    /// `[N, C, H, W]`
    x: Tensor<4>,
    /// The sum of the steps so far, not stretched.
    r: Tensor<4>,
    states: Vec<State>,
    /// Of each picture's linearisations, where it goes by that.
    means: Vec<Option<Tensor<3>>>,
    /// The pictures that still take steps.
    active: Vec<usize>,
    /// The forward pass at the active pictures' points, where there is one.
    pass: Option<Box<dyn ForwardPass + 'a>>,
}

impl<'a> Run<'a> {
    async fn new(
        classifier: &'a dyn Classifier,
        pictures: &'a [&'a [f32]],
        subspaces: &'a [Subspace],
        options: &'a Options,
    ) -> Result<Self, AttackError> {
        let x = batch(classifier, pictures)?;
        let pass = classifier.forward(x.clone()).await;
        let clean = read_predictions(pass.logits()).await?;
        let states: Vec<State> = clean
            .into_iter()
            .zip(pictures)
            .map(|(clean, picture)| State::new(picture, clean, options))
            .collect();
        // All but those that already have the label that they should become.
        let active: Vec<usize> = (0..pictures.len())
            .filter(|&index| !states[index].is_fooled())
            .collect();
        Ok(Self {
            classifier,
            pictures,
            subspaces,
            options,
            r: Tensor::zeros(x.dims(), classifier.device()),
            x,
            states,
            means: vec![None; pictures.len()],
            pass: (active.len() == pictures.len()).then_some(pass),
            active,
        })
    }

    /// One step of each active picture. Returns the size of the first picture's
    /// perturbation.
    async fn iterate(
        &mut self,
        iteration: usize,
        task: &Task<'_, Progress>,
    ) -> Result<f64, AttackError> {
        let steps = self.steps().await?;
        self.r = add_rows(self.r.clone(), &self.active, steps.sum);
        let next = self.classifier.forward(self.points(&self.active)).await;
        // A device is asked once an iteration: what it waits for is all read
        // together.
        let size = size_of_first(&self.r, self.options.norm) * self.states[0].way.stretch();
        let [logits, distances, longer, size] = read_together([
            next.logits().flatten(0, 1),
            steps.distances.flatten(0, 1),
            steps.was_longer,
            size,
        ])
        .await?;
        let present = logits
            .chunks_exact(self.classifier.class_count())
            .map(|row| Prediction::new(row.to_vec()));
        let distances = distances.chunks_exact(distances.len() / self.active.len());
        let (mut stalled, mut lost) = (Vec::new(), Vec::new());
        for (((&index, present), distances), longer) in
            self.active.iter().zip(present).zip(distances).zip(longer)
        {
            let state = &mut self.states[index];
            state.iterations = iteration;
            match state.note(distances, longer > 0.0, present?) {
                Next::GoOn => {}
                Next::Along => stalled.push(index),
                Next::Random => lost.push(index),
                Next::GiveUp => state.stuck = true,
            }
        }
        for index in stalled {
            self.look_along(index, task).await?;
        }
        for &index in &lost {
            self.set_off(index).await?;
        }
        let before = self.active.len();
        let (states, most) = (&self.states, self.options.max_iterations);
        self.active.retain(|&index| !states[index].is_done(most));
        // Where some pictures are done it is cheaper to pass forward again than
        // to walk back for them too.
        let is_current = self.active.len() == before && lost.is_empty();
        self.pass = is_current.then_some(next);
        Ok(size[0].into())
    }

    /// One forward pass gives both the answer at a point and, if the label has
    /// not changed there, the gradients.
    async fn steps(&mut self) -> Result<Steps, AttackError> {
        let pass = match self.pass.take() {
            Some(pass) => pass,
            None => self.classifier.forward(self.points(&self.active)).await,
        };
        let (states, active) = (&self.states, &self.active);
        let w = normals(&*pass, states, active, self.subspaces).await?;
        let w = averaged(w, states, active, &mut self.means);
        let shape = self.classifier.input_shape();
        Ok(onto_nearest(w, states, active, self.options.norm, shape))
    }

    fn points(&self, of: &[usize]) -> Tensor<4> {
        points(&self.x, &self.r, &self.states, of)
    }

    /// Looks for the boundary along the sum of a picture's steps.
    async fn look_along(
        &mut self,
        index: usize,
        task: &Task<'_, Progress>,
    ) -> Result<(), AttackError> {
        let sum = read(rows(&self.r, &[index])).await?;
        let x = self.pictures[index];
        let state = &mut self.states[index];
        let found = state
            .way
            .along(self.classifier, x, &sum, state.goal, None, task);
        if let Some((multiple, answer)) = found.await? {
            state.found = Some(multiple);
            state.present = answer;
        }
        Ok(())
    }

    /// Puts a picture that has nowhere to go a little way off, by chance.
    async fn set_off(&mut self, index: usize) -> Result<(), AttackError> {
        let mut direction = random(&self.states[index].way, self.pictures[index]);
        subspace::of(self.subspaces, index).project(&mut direction);
        self.r = put_row(self.r.clone(), index, direction);
        let point = self.points(&[index]);
        let answer = read_predictions(self.classifier.logits(point).await).await?;
        self.states[index].present = answer.into_iter().next().expect("one for the picture");
        Ok(())
    }

    async fn outcomes(self, task: &Task<'_, Progress>) -> Result<Vec<Outcome>, AttackError> {
        let (classifier, options) = (self.classifier, self.options);
        drop(self.pass);
        let size = self.r.dims()[1..].iter().product::<usize>();
        let sums = read(self.r).await?;
        let each = self.states.into_iter().zip(self.pictures);
        let mut outcomes = Vec::with_capacity(self.pictures.len());
        for ((mut state, picture), sum) in each.zip(sums.chunks_exact(size)) {
            if !state.is_fooled() && !state.way.has_moved() {
                // Random directions that led nowhere are not its perturbation.
                state.iterations = 0;
                state.present = state.clean.clone();
            }
            let Ended {
                perturbation: mut r,
                mut answer,
                stalls,
            } = state.end(classifier, picture, sum, task).await?;
            let goal = state.goal;
            if options.bisect && goal.is_met(answer.label) && state.iterations > 0 {
                (r, answer) =
                    shortened(classifier, picture, r, answer, goal, TOLERANCE, task).await?;
            }
            let gradients = state.iterations * (state.candidates.len() - 1);
            let outcome = Outcome::measure(
                classifier,
                picture,
                r,
                state.clean,
                answer,
                state.iterations,
                gradients,
            );
            outcomes.push(Outcome {
                stalls,
                ..outcome.await?
            });
        }
        Ok(outcomes)
    }
}
