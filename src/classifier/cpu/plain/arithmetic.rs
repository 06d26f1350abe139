//! Sums, differences, products and quotients of two values, of which one may be
//! repeated along the other's axes.

use super::{Back, Level, Looks, Plain};
use crate::classifier::architecture::Shape;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Debug)]
struct Arithmetic {
    kind: Kind,
    to: Shape,
    /// Of each input, how far apart two neighbours along an axis lie: 0 where it
    /// is repeated.
    strides: [Shape; 2],
}

pub(super) fn of(kind: Kind, from: &[Shape], to: Shape) -> Box<dyn Plain> {
    let strides = |[c, h, w]: Shape| {
        let along = |size: usize, stride: usize| if size == 1 { 0 } else { stride };
        [along(c, h * w), along(h, w), along(w, 1)]
    };
    Box::new(Arithmetic {
        kind,
        to,
        strides: [strides(from[0]), strides(from[1])],
    })
}

impl Arithmetic {
    /// For each row of results: where it begins, and where those of the inputs do.
    fn rows(&self, mut visit: impl FnMut(usize, [usize; 2])) {
        let [c, h, w] = self.to;
        for channel in 0..c {
            for row in 0..h {
                let start = |of: Shape| channel * of[0] + row * of[1];
                let starts = self.strides.map(start);
                visit((channel * h + row) * w, starts);
            }
        }
    }
}

impl Plain for Arithmetic {
    fn forward(&self, inputs: &[&[f32]], y: &mut [f32], _: Level) {
        let [_, _, w] = self.to;
        let [a, b] = [inputs[0], inputs[1]];
        let steps = self.strides.map(|[_, _, step]| step);
        self.rows(|start, [first, second]| {
            let y = &mut y[start..start + w];
            let pairs = y.iter_mut().enumerate();
            let pairs =
                pairs.map(|(at, y)| (y, a[first + at * steps[0]], b[second + at * steps[1]]));
            match self.kind {
                Kind::Add => pairs.for_each(|(y, a, b)| *y = a + b),
                Kind::Subtract => pairs.for_each(|(y, a, b)| *y = a - b),
                Kind::Multiply => pairs.for_each(|(y, a, b)| *y = a * b),
                Kind::Divide => pairs.for_each(|(y, a, b)| *y = a / b),
            }
        });
    }

    fn backward(&self, back: &Back<'_>, to: &mut [f32]) {
        let [_, _, w] = self.to;
        let steps = self.strides.map(|[_, _, step]| step);
        self.rows(|start, starts| {
            for at in 0..w {
                let g = back.g[start + at];
                let place = |which: usize| starts[which] + at * steps[which];
                let value = |which: usize| back.inputs[which][place(which)];
                to[place(back.which)] += match (self.kind, back.which) {
                    (Kind::Add, _) | (Kind::Subtract, 0) => g,
                    (Kind::Subtract, _) => -g,
                    (Kind::Multiply, which) => g * value(1 - which),
                    (Kind::Divide, 0) => g / value(1),
                    (Kind::Divide, _) => -g * value(0) / (value(1) * value(1)),
                };
            }
        });
    }

    fn looks_at(&self) -> Looks {
        match self.kind {
            Kind::Add | Kind::Subtract => Looks::NOTHING,
            Kind::Multiply | Kind::Divide => Looks::INPUTS,
        }
    }
}
