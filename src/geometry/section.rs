//! 2-D sections of the decision regions (Fawzi, Moosavi-Dezfooli and Frossard,
//! NIPS 2016, section 5, where they show how flat the boundaries are): the
//! answers on a grid over the plane through a picture that an adversarial
//! perturbation and a second direction span.

use serde::{Deserialize, Serialize};

use super::plane::Cut;
use super::{GeometryError, Plane};
use crate::attack::Prediction;
use crate::classifier::Classifier;
use crate::task::Task;

/// How far a section reaches from the picture to each side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Extent {
    /// In multiples of ‖r‖₂.
    Perturbations(f64),
    /// ‖·‖₂ in pixel units.
    Pixels(f64),
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Options {
    /// n: the section has n × n points, from 2 to 2001. With an odd n the
    /// picture itself is the one in the middle.
    pub points: usize,
    pub extent: Extent,
    /// Points that go through the classifier at a time.
    pub batch: usize,
}

impl Default for Options {
    /// A boundary at ‖r‖ lies half way to the edge.
    fn default() -> Self {
        Self {
            points: 81,
            extent: Extent::Perturbations(2.0),
            batch: 16,
        }
    }
}

impl Options {
    /// # Errors
    /// The first setting that is out of its range.
    pub fn check(&self) -> Result<(), GeometryError> {
        if !(2..=2001).contains(&self.points) {
            return Err(GeometryError::Option {
                name: "the number of points along a side",
                expected: "between 2 and 2001",
                found: self.points as f64,
            });
        }
        let (Extent::Perturbations(extent) | Extent::Pixels(extent)) = self.extent;
        if !(extent > 0.0 && extent.is_finite()) {
            return Err(GeometryError::Option {
                name: "the extent of the section",
                expected: "positive",
                found: extent,
            });
        }
        check_batch(self.batch)
    }
}

pub(super) fn check_batch(batch: usize) -> Result<(), GeometryError> {
    if batch == 0 {
        return Err(GeometryError::Option {
            name: "the batch size",
            expected: "positive",
            found: 0.0,
        });
    }
    Ok(())
}

/// Points done, of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub points: usize,
    pub of: usize,
}

/// The answers on a grid x + a·u + b·w. Row by row, b growing from row to row
/// and a within each; both take the values of `coordinates`. One that was
/// stopped has fewer points than n × n.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Section {
    /// k(x)
    pub clean_label: usize,
    /// k(x + r)
    pub adversarial_label: usize,
    /// ‖r‖₂ in pixel units: x + r is the point (‖r‖₂, 0).
    pub length: f64,
    /// Of the n columns and of the n rows, ‖·‖₂ in pixel units; 0 is x.
    pub coordinates: Vec<f64>,
    /// The label of each of the n × n points.
    pub labels: Vec<usize>,
    /// `f_top − f_second` of each point, in logits: how firm the answer is.
    pub leads: Vec<f32>,
    /// `f_y − max_{j≠y} f_j` for y = k(x), in logits: positive where the answer
    /// is the clean one.
    pub margins: Vec<f32>,
    /// Whether somebody stopped it before it was finished.
    pub stopped: bool,
}

impl Section {
    /// The labels in the section and the share of its points that each has,
    /// the clean one first, then the adversarial one, then the largest; of
    /// equal ones the smaller label.
    pub fn regions(&self) -> Vec<(usize, f64)> {
        let mut counts = std::collections::BTreeMap::<usize, usize>::new();
        for &label in &self.labels {
            *counts.entry(label).or_default() += 1;
        }
        let mut regions: Vec<(usize, usize)> = counts.into_iter().collect();
        regions.sort_by_key(|&(label, count)| {
            let first = label == self.clean_label;
            let second = label == self.adversarial_label;
            (!first, !second, std::cmp::Reverse(count), label)
        });
        let all = self.labels.len() as f64;
        let share = |(label, count)| (label, count as f64 / all);
        regions.into_iter().map(share).collect()
    }

    /// Where the answer first changes on the way from the picture to the right,
    /// to the left, up and down, ‖·‖₂ in pixel units: half way between the last
    /// point with the clean label and the first without. None where it does not
    /// before the edge. The middle must be there, as in a [`super::Refinement`].
    pub fn first_changes(&self) -> [Option<f64>; 4] {
        let n = self.coordinates.len();
        let middle = (n - 1) / 2;
        let reach = self.coordinates[n - 1];
        let step = 2.0 * reach / (n - 1) as f64;
        [[0, 1], [0, -1], [1, 0], [-1, 0]].map(|[up, right]: [isize; 2]| {
            let label = |by: usize| {
                let row = middle.checked_add_signed(up * by as isize)?;
                let column = middle.checked_add_signed(right * by as isize)?;
                (row < n && column < n).then(|| self.labels[row * n + column])
            };
            let by = (1..n).find(|&by| label(by).is_none_or(|label| label != self.clean_label))?;
            label(by).map(|_| (by as f64 - 0.5) * step)
        })
    }
}

/// The section through a planar picture x, `[C, H, W]`, along a plane whose
/// first direction is the perturbation's.
///
/// # Errors
/// Bad options, a picture or plane of another size, or a classifier of one
/// class. A wish to stop ends it with what there is.
pub async fn section(
    classifier: &dyn Classifier,
    x: &[f32],
    plane: &Plane,
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Section, GeometryError> {
    options.check()?;
    let cut = Cut::new(classifier, x, plane)?;
    let n = options.points;
    let reach = match options.extent {
        Extent::Perturbations(extent) => extent * plane.length(),
        Extent::Pixels(extent) => extent,
    };
    let coordinates = coordinates(n, reach);

    let ends = cut.answers(&[[0.0, 0.0], [plane.length(), 0.0]]).await?;
    let clean = ends[0].label;
    let mut section = Section {
        clean_label: clean,
        adversarial_label: ends[1].label,
        length: plane.length(),
        labels: Vec::with_capacity(n * n),
        leads: Vec::with_capacity(n * n),
        margins: Vec::with_capacity(n * n),
        stopped: false,
        coordinates,
    };
    let points: Vec<[f64; 2]> = (0..n * n)
        .map(|i| [section.coordinates[i % n], section.coordinates[i / n]])
        .collect();
    for tile in points.chunks(options.batch) {
        for answer in cut.answers(tile).await? {
            let top = answer.top(2);
            section.labels.push(answer.label);
            section
                .leads
                .push(answer.logits[top[0]] - answer.logits[top[1]]);
            section.margins.push(margin(&answer, clean));
        }
        let progress = Progress {
            points: section.labels.len(),
            of: n * n,
        };
        if task.checkpoint(progress).await.is_err() {
            section.stopped = section.labels.len() < n * n;
            break;
        }
    }
    Ok(section)
}

/// n numbers from −reach to reach, symmetric to the last bit, so that the middle
/// one of an odd number is 0.
pub(super) fn coordinates(n: usize, reach: f64) -> Vec<f64> {
    let step = reach / (n - 1) as f64;
    (0..n)
        .map(|i| step * (2.0 * i as f64 - (n - 1) as f64))
        .collect()
}

/// `f_y − max_{j≠y} f_j`
pub(super) fn margin(answer: &Prediction, class: usize) -> f32 {
    let rival = answer.top(2).into_iter().find(|&other| other != class);
    answer.logits[class] - answer.logits[rival.expect("there are at least two classes")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_changes_on_the_way_from_the_picture() {
        #[rustfmt::skip]
        let labels = vec![
            0, 0, 4, 0, 0,
            0, 0, 0, 0, 0,
            0, 0, 0, 5, 6,
            0, 0, 0, 0, 0,
            0, 0, 0, 0, 0,
        ];
        let section = Section {
            clean_label: 0,
            adversarial_label: 5,
            length: 1.0,
            coordinates: coordinates(5, 4.0),
            leads: vec![0.0; labels.len()],
            margins: vec![0.0; labels.len()],
            labels,
            stopped: false,
        };
        assert_eq!(section.coordinates, [-4.0, -2.0, 0.0, 2.0, 4.0]);
        // The first row is the lowest.
        assert_eq!(section.first_changes(), [Some(1.0), None, None, Some(3.0)]);
    }

    #[test]
    fn regions_begin_with_the_clean_and_the_adversarial_label() {
        let section = Section {
            clean_label: 7,
            adversarial_label: 3,
            length: 1.0,
            coordinates: vec![-1.0, 0.0, 1.0],
            labels: vec![9, 9, 9, 9, 3, 7, 7, 5, 5],
            leads: vec![0.0; 9],
            margins: vec![0.0; 9],
            stopped: false,
        };
        let labels: Vec<usize> = section.regions().iter().map(|region| region.0).collect();
        assert_eq!(labels, [7, 3, 9, 5]);
        let total: f64 = section.regions().iter().map(|region| region.1).sum();
        assert!((total - 1.0).abs() < 1e-12);
    }
}
