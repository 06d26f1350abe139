//! Along a line: how far to go from a picture in one direction until the answer
//! changes. What attacks that choose a direction, and not a length, have in
//! common.

use super::label::{batch, read_predictions};
use super::{AttackError, Prediction};
use crate::classifier::Classifier;
use crate::task::Task;

/// How many points go through a classifier at a time.
const POINTS: usize = 16;

/// What the answer should become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goal {
    /// Any class but this.
    Not(usize),
    /// This class.
    Class(usize),
}

impl Goal {
    /// The named class, or any other than the picture's own.
    pub fn new(own: usize, target: Option<usize>) -> Self {
        target.map_or(Self::Not(own), Self::Class)
    }

    pub fn is_met(self, label: usize) -> bool {
        match self {
            Self::Not(own) => label != own,
            Self::Class(target) => label == target,
        }
    }
}

/// A line from a picture, and the interval that holds the change of answer.
pub(super) struct Line<'a> {
    x: &'a [f32],
    direction: &'a [f32],
    goal: Goal,
    /// Multiples of the direction: at `low` the goal is not met.
    pub low: f64,
    /// At `high` it is, with this answer.
    pub high: Option<(f64, Prediction)>,
}

impl<'a> Line<'a> {
    pub fn new(x: &'a [f32], direction: &'a [f32], goal: Goal) -> Self {
        Self {
            x,
            direction,
            goal,
            low: 0.0,
            high: None,
        }
    }

    /// From a multiple of the direction at which the goal is known to be met.
    pub fn until(mut self, high: f64, answer: Prediction) -> Self {
        self.high = Some((high, answer));
        self
    }

    /// The point at a multiple of the direction.
    pub fn point(&self, multiple: f64) -> Vec<f32> {
        let multiple = multiple as f32;
        let sum = self.x.iter().zip(self.direction);
        sum.map(|(x, d)| x + multiple * d).collect()
    }

    fn is_narrow(&self, tolerance: f64) -> bool {
        self.high
            .as_ref()
            .is_none_or(|(high, _)| high - self.low <= tolerance * high)
    }
}

/// Doubles each line's multiple, beginning with `first`, until its goal is met
/// or `largest` is reached. A change that undoes itself between two doublings
/// is not seen.
pub(super) async fn bracket<P>(
    classifier: &dyn Classifier,
    lines: &mut [Line<'_>],
    first: f64,
    largest: f64,
    task: &Task<'_, P>,
) -> Result<(), AttackError> {
    let mut multiple = first;
    loop {
        let mut open: Vec<&mut Line<'_>> =
            lines.iter_mut().filter(|it| it.high.is_none()).collect();
        if open.is_empty() || multiple > largest * (1.0 + 1e-9) {
            return Ok(());
        }
        let places = vec![multiple; open.len()];
        try_at(classifier, &mut open, &places, task).await?;
        multiple *= 2.0;
        if multiple > largest && multiple < 2.0 * largest {
            multiple = largest;
        }
    }
}

/// Halves each line's interval until it is narrower than `tolerance` times its
/// upper end. Lines without one stay as they are.
pub(super) async fn bisect<P>(
    classifier: &dyn Classifier,
    lines: &mut [Line<'_>],
    tolerance: f64,
    task: &Task<'_, P>,
) -> Result<(), AttackError> {
    loop {
        let wide = lines.iter_mut().filter(|line| !line.is_narrow(tolerance));
        let mut wide: Vec<&mut Line<'_>> = wide.collect();
        if wide.is_empty() {
            return Ok(());
        }
        let high = |line: &Line<'_>| line.high.as_ref().map_or(line.low, |(high, _)| *high);
        let places: Vec<f64> = wide
            .iter()
            .map(|line| f64::midpoint(line.low, high(line)))
            .collect();
        try_at(classifier, &mut wide, &places, task).await?;
    }
}

/// Asks the classifier at one place of each line.
async fn try_at<P>(
    classifier: &dyn Classifier,
    lines: &mut [&mut Line<'_>],
    places: &[f64],
    task: &Task<'_, P>,
) -> Result<(), AttackError> {
    for (lines, places) in lines.chunks_mut(POINTS).zip(places.chunks(POINTS)) {
        task.pause().await?;
        let points: Vec<Vec<f32>> = lines
            .iter()
            .zip(places)
            .map(|(line, &place)| line.point(place))
            .collect();
        let answers = classifier.logits(batch(classifier, &points)?).await;
        let answers = read_predictions(answers).await?;
        for ((line, &place), answer) in lines.iter_mut().zip(places).zip(answers) {
            if line.goal.is_met(answer.label) {
                line.high = Some((place, answer));
            } else {
                line.low = place;
            }
        }
    }
    Ok(())
}
