//! A section that grows while somebody watches: first a few points far apart,
//! then those between them, and so on to the last; within each round those
//! nearest the picture first. Wherever it is stopped, it is a picture of the
//! whole square, of which a part is finer.

use super::plane::Cut;
use super::section::{Extent, Options, Section, margin};
use super::{GeometryError, Plane};
use crate::classifier::Classifier;

/// The first points stand so many times in half a side, about.
const FIRST_IN_HALF: usize = 5;

/// A point of the grid, and the side of the square that it stands for until
/// there are finer ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Point {
    row: usize,
    column: usize,
    side: usize,
}

/// A section in the making. To go on, take another [`step`](Self::step); to
/// stop, take none.
pub struct Refinement<'a> {
    cut: Cut<'a>,
    section: Section,
    order: Vec<Point>,
    done: usize,
}

impl<'a> Refinement<'a> {
    /// With the answers at x and at x + r.
    ///
    /// # Errors
    /// As [`super::section::section`]'s.
    pub async fn begin(
        classifier: &'a dyn Classifier,
        x: &[f32],
        plane: &Plane,
        options: &Options,
    ) -> Result<Self, GeometryError> {
        options.check()?;
        let cut = Cut::new(classifier, x, plane)?;
        let n = options.points;
        let reach = match options.extent {
            Extent::Perturbations(extent) => extent * plane.length(),
            Extent::Pixels(extent) => extent,
        };
        let ends = cut.answers(&[[0.0, 0.0], [plane.length(), 0.0]]).await?;
        let clean = ends[0].label;
        let section = Section {
            clean_label: clean,
            adversarial_label: ends[1].label,
            length: plane.length(),
            coordinates: super::section::coordinates(n, reach),
            labels: vec![clean; n * n],
            leads: vec![0.0; n * n],
            margins: vec![0.0; n * n],
            stopped: true,
        };
        Ok(Self {
            cut,
            section,
            order: order(n),
            done: 0,
        })
    }

    /// Classifies the next points, at most so many. Gives whether there are more.
    ///
    /// # Errors
    /// When the device fails.
    pub async fn step(&mut self, points: usize) -> Result<bool, GeometryError> {
        let rest = &self.order[self.done..];
        let tile = &rest[..rest.len().min(points)];
        let at = |i: usize| self.section.coordinates[i];
        let points: Vec<[f64; 2]> = tile.iter().map(|p| [at(p.column), at(p.row)]).collect();
        if !points.is_empty() {
            let n = self.section.coordinates.len();
            for (point, answer) in tile.iter().zip(self.cut.answers(&points).await?) {
                let top = answer.top(2);
                let lead = answer.logits[top[0]] - answer.logits[top[1]];
                let margin = margin(&answer, self.section.clean_label);
                for cell in point.cells(n) {
                    self.section.labels[cell] = answer.label;
                    self.section.leads[cell] = lead;
                    self.section.margins[cell] = margin;
                }
            }
        }
        self.done += points.len();
        self.section.stopped = self.done < self.order.len();
        Ok(self.section.stopped)
    }

    /// As far as it is: of each point that has not been classified, it says what
    /// the coarser one says in whose square it lies. None before the first round
    /// is done.
    pub fn section(&self) -> Option<&Section> {
        let coarsest = self.order[0].side;
        let next = self.order.get(self.done);
        next.is_none_or(|next| next.side < coarsest)
            .then_some(&self.section)
    }

    /// Points classified so far.
    pub fn done(&self) -> usize {
        self.done
    }

    /// All points.
    pub fn of(&self) -> usize {
        self.order.len()
    }
}

impl Point {
    /// The cells of its square, as far as they are inside.
    fn cells(self, n: usize) -> impl Iterator<Item = usize> {
        let span = move |middle: usize| {
            // What is left over at the edge goes to the last one.
            let from = middle.saturating_sub(self.side / 2);
            let to = (middle + self.side.div_ceil(2)).min(n);
            let from = if middle < self.side { 0 } else { from };
            let to = if middle + self.side >= n { n } else { to };
            from..to
        };
        let columns = span(self.column);
        span(self.row).flat_map(move |row| columns.clone().map(move |column| row * n + column))
    }
}

/// All points of an n × n grid, coarse to fine.
fn order(n: usize) -> Vec<Point> {
    let middle = (n - 1) / 2;
    let mut side = 1;
    while middle / (2 * side) >= FIRST_IN_HALF {
        side *= 2;
    }
    let coarsest = side;
    let mut order = Vec::with_capacity(n * n);
    while side > 0 {
        let lies = |i: usize, side: usize| i.abs_diff(middle).is_multiple_of(side);
        let mut round: Vec<Point> = (0..n * n)
            .map(|i| Point {
                row: i / n,
                column: i % n,
                side,
            })
            .filter(|p| lies(p.row, side) && lies(p.column, side))
            .filter(|p| side == coarsest || !(lies(p.row, 2 * side) && lies(p.column, 2 * side)))
            .collect();
        round.sort_by_key(|p| p.row.abs_diff(middle).max(p.column.abs_diff(middle)));
        order.extend(round);
        side /= 2;
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_point_comes_once_and_what_it_stands_for_hides_no_other() {
        for n in [2, 3, 10, 21, 81, 100] {
            let order = order(n);
            let mut seen = vec![false; n * n];
            let mut shown = vec![None; n * n];
            for (place, point) in order.iter().enumerate() {
                let own = point.row * n + point.column;
                assert!(!std::mem::replace(&mut seen[own], true));
                for cell in point.cells(n) {
                    assert!(cell == own || !seen[cell], "{n}: {point:?} hides {cell}");
                    shown[cell] = Some(place);
                }
                if order
                    .get(place + 1)
                    .is_none_or(|next| next.side < point.side)
                {
                    assert!(
                        shown.iter().all(Option::is_some),
                        "{n}: {point:?} is the last"
                    );
                }
            }
            assert!(seen.iter().all(|&seen| seen));
            assert_eq!((order[0].row, order[0].column), ((n - 1) / 2, (n - 1) / 2));
        }
    }
}
