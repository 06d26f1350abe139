//! Pooling, channel by channel.

use crate::classifier::architecture::Window;

/// What a window becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Max,
    /// The mean of what is inside the picture.
    Average,
}

#[derive(Debug)]
pub(super) struct Pool {
    pub kind: Kind,
    pub window: Window,
    /// Height and width.
    pub input: [usize; 2],
    pub output: [usize; 2],
}

impl Pool {
    /// The rows (or columns) of the picture in a window.
    fn span(&self, axis: usize, index: usize) -> std::ops::Range<usize> {
        let start = index * self.window.stride;
        let end = (start + self.window.kernel).saturating_sub(self.window.padding);
        start.saturating_sub(self.window.padding)..end.min(self.input[axis])
    }

    /// For each window of one channel: its number, and the pixels in it.
    fn each(&self, mut visit: impl FnMut(usize, &mut dyn Iterator<Item = usize>)) {
        let width = self.input[1];
        for row in 0..self.output[0] {
            for column in 0..self.output[1] {
                let columns = self.span(1, column);
                let mut pixels = self
                    .span(0, row)
                    .flat_map(|y| columns.clone().map(move |x| y * width + x));
                visit(row * self.output[1] + column, &mut pixels);
            }
        }
    }

    pub fn forward(&self, x: &[f32], y: &mut [f32]) {
        self.channels(x, y, |x, y| {
            self.each(|window, pixels| {
                y[window] = match self.kind {
                    Kind::Max => pixels.fold(f32::NEG_INFINITY, |most, at| most.max(x[at])),
                    Kind::Average => {
                        let (sum, count) =
                            pixels.fold((0.0, 0), |(sum, count), at| (sum + x[at], count + 1));
                        sum / count as f32
                    }
                };
            });
        });
    }

    /// Adds the cotangents of the windows to those of the pixels; of equal
    /// largest ones the first has been the largest. A mean does not look at x.
    pub fn backward(&self, x: &[f32], g: &[f32], to: &mut [f32]) {
        let [inputs, outputs] = [self.input, self.output].map(|[h, w]| h * w);
        let channels = g
            .chunks_exact(outputs)
            .zip(to.chunks_exact_mut(inputs))
            .enumerate();
        for (channel, (g, to)) in channels {
            self.each(|window, pixels| match self.kind {
                Kind::Max => {
                    let x = &x[channel * inputs..];
                    let most = pixels.fold(None, |most: Option<usize>, at| match most {
                        Some(most) if x[most] >= x[at] => Some(most),
                        _ => Some(at),
                    });
                    if let Some(most) = most {
                        to[most] += g[window];
                    }
                }
                Kind::Average => {
                    let pixels: Vec<usize> = pixels.collect();
                    for at in &pixels {
                        to[*at] += g[window] / pixels.len() as f32;
                    }
                }
            });
        }
    }

    fn channels(&self, x: &[f32], y: &mut [f32], one: impl Fn(&[f32], &mut [f32])) {
        let x = x.chunks_exact(self.input[0] * self.input[1]);
        let y = y.chunks_exact_mut(self.output[0] * self.output[1]);
        for (x, y) in x.zip(y) {
            one(x, y);
        }
    }
}
