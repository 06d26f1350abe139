//! Pooling, channel by channel.

use super::{Back, Level, Looks, Plain};
use crate::classifier::architecture::{Shape, Window};

/// What a window becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of equal ones the first.
    Max,
    Average,
}

#[derive(Debug)]
pub(super) struct Pool {
    kind: Kind,
    input: [usize; 2],
    /// Of each row of windows, and of each column.
    rows: Vec<Span>,
    columns: Vec<Span>,
}

/// Which places along an axis a window has.
#[derive(Debug)]
struct Span {
    first: usize,
    step: usize,
    taps: usize,
    /// How many of them a mean divides by.
    count: usize,
}

impl Pool {
    pub fn new(kind: Kind, window: &Window, [_, h, w]: Shape, [_, oh, ow]: Shape) -> Self {
        let spans = |axis: usize, size: usize, count: usize| -> Vec<Span> {
            let span = |index: usize| {
                let (mut places, count) = window.places(axis, index, size);
                let taps = places.clone().count();
                Span {
                    first: places.next().unwrap_or(0),
                    step: window.dilation[axis],
                    taps,
                    count,
                }
            };
            (0..count).map(span).collect()
        };
        Self {
            kind,
            input: [h, w],
            rows: spans(0, h, oh),
            columns: spans(1, w, ow),
        }
    }

    /// The first largest place of a window, if it has any.
    fn largest(&self, x: &[f32], row: &Span, column: &Span) -> Option<usize> {
        let mut most: Option<usize> = None;
        for y in row.places() {
            for z in column.places() {
                let at = y * self.input[1] + z;
                if most.is_none_or(|most| x[at] > x[most]) {
                    most = Some(at);
                }
            }
        }
        most
    }
}

impl Span {
    #[inline]
    fn places(&self) -> impl Iterator<Item = usize> + use<> {
        let (first, step) = (self.first, self.step);
        (0..self.taps).map(move |tap| first + tap * step)
    }
}

impl Plain for Pool {
    fn forward(&self, inputs: &[&[f32]], y: &mut [f32], _: Level) {
        let [h, w] = self.input;
        let (rows, columns) = (self.rows.len(), self.columns.len());
        let channels = inputs[0].chunks_exact(h * w);
        for (x, y) in channels.zip(y.chunks_exact_mut(rows * columns)) {
            for (row, y) in self.rows.iter().zip(y.chunks_exact_mut(columns)) {
                // Row by row of the picture, which lies in order.
                let start = match self.kind {
                    Kind::Max => f32::NEG_INFINITY,
                    Kind::Average => 0.0,
                };
                y.fill(start);
                for line in row.places() {
                    let x = &x[line * w..(line + 1) * w];
                    for (y, column) in y.iter_mut().zip(&self.columns) {
                        match self.kind {
                            Kind::Max => {
                                *y = column.places().fold(*y, |most, at| most.max(x[at]));
                            }
                            Kind::Average => {
                                *y += column.places().map(|at| x[at]).sum::<f32>();
                            }
                        }
                    }
                }
                if self.kind == Kind::Average {
                    for (y, column) in y.iter_mut().zip(&self.columns) {
                        *y /= (row.count * column.count) as f32;
                    }
                }
            }
        }
    }

    fn backward(&self, back: &Back<'_>, to: &mut [f32]) {
        let [h, w] = self.input;
        let windows = self.rows.len() * self.columns.len();
        let channels = back.g.chunks_exact(windows).enumerate();
        for ((channel, g), to) in channels.zip(to.chunks_exact_mut(h * w)) {
            let mut g = g.iter();
            for row in &self.rows {
                for (column, g) in self.columns.iter().zip(g.by_ref()) {
                    if *g == 0.0 {
                        continue;
                    }
                    match self.kind {
                        Kind::Max => {
                            let x = &back.inputs[0][channel * h * w..(channel + 1) * h * w];
                            if let Some(at) = self.largest(x, row, column) {
                                to[at] += g;
                            }
                        }
                        Kind::Average => {
                            let share = g / (row.count * column.count) as f32;
                            for y in row.places() {
                                for z in column.places() {
                                    to[y * w + z] += share;
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    fn looks_at(&self) -> Looks {
        match self.kind {
            Kind::Max => Looks::INPUTS,
            Kind::Average => Looks::NOTHING,
        }
    }
}
