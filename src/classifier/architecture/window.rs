//! Windows that slide over a channel: what pooling looks through.

use serde::{Deserialize, Serialize};

/// A window sliding over each channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Height and width.
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    /// (before, after) each of height and width. A maximum never takes it; a
    /// mean counts it if [`Window::counts_padding`].
    pub padding: [(usize, usize); 2],
    /// From one pixel of the window to the next.
    pub dilation: [usize; 2],
    /// Whether a last window that is only partly inside still counts (Caffe's
    /// rule) or is dropped (PyTorch's default).
    pub ceil: bool,
    /// Whether a mean divides by the padding's pixels too. What a partial last
    /// window has beyond the padding never counts.
    pub counts_padding: bool,
}

impl Window {
    /// A square window without padding.
    pub const fn new(kernel: usize, stride: usize) -> Self {
        Self {
            kernel: [kernel; 2],
            stride: [stride; 2],
            padding: [(0, 0); 2],
            dilation: [1; 2],
            ceil: false,
            counts_padding: false,
        }
    }

    pub const fn padding(mut self, padding: usize) -> Self {
        self.padding = [(padding, padding); 2];
        self
    }

    /// A last window that is only partly inside counts.
    pub const fn ceil(mut self) -> Self {
        self.ceil = true;
        self
    }

    /// Height and width of the output; none where the window does not fit.
    pub fn output(&self, input: [usize; 2]) -> Option<[usize; 2]> {
        Some([self.along(0, input[0])?, self.along(1, input[1])?])
    }

    fn along(&self, axis: usize, size: usize) -> Option<usize> {
        let (before, after) = self.padding[axis];
        let (kernel, stride) = (self.kernel[axis], self.stride[axis]);
        let reach = (kernel - 1) * self.dilation[axis] + 1;
        let padded = size.checked_add(before)?.checked_add(after)?;
        if !self.ceil {
            return Some(padded.checked_sub(reach)? / stride + 1);
        }
        let room = padded.checked_sub(reach.min(padded))?;
        let steps = room.div_ceil(stride);
        // A window must not begin in the padding after the picture.
        Some(if steps * stride >= size + before {
            steps
        } else {
            steps + 1
        })
        .filter(|&windows| windows > 0)
    }

    /// Whether its numbers make sense at all.
    pub(super) fn is_whole(&self) -> bool {
        let positive = |pair: [usize; 2]| pair.iter().all(|&value| (1..1 << 16).contains(&value));
        positive(self.kernel) && positive(self.stride) && positive(self.dilation)
    }

    /// Where the pixels of the window of an index lie along an axis, and how
    /// many of its places count for a mean.
    pub fn places(
        &self,
        axis: usize,
        index: usize,
        size: usize,
    ) -> (impl Iterator<Item = usize> + Clone + use<>, usize) {
        let (before, after) = self.padding[axis];
        let (kernel, dilation) = (self.kernel[axis], self.dilation[axis]);
        let start = index * self.stride[axis];
        let inside = (0..kernel)
            .map(move |tap| start + tap * dilation)
            .filter(move |at| (before..before + size).contains(at))
            .map(move |at| at - before);
        let count = if self.counts_padding {
            let end = before + size + after;
            (0..kernel)
                .filter(|tap| start + tap * dilation < end)
                .count()
        } else {
            inside.clone().count()
        };
        (inside, count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_last_window_counts_only_by_the_ceil_rule() {
        let floor = Window::new(3, 2);
        let ceil = floor.ceil();
        assert_eq!(floor.output([32, 32]), Some([15, 15]));
        assert_eq!(ceil.output([32, 33]), Some([16, 16]));
        assert_eq!(floor.output([2, 9]), None);
        // A padded pool whose last window would hold padding alone.
        assert_eq!(
            Window::new(2, 2).padding(1).ceil().output([3, 3]),
            Some([2, 2])
        );
    }

    #[test]
    fn a_mean_counts_padding_where_it_is_told_to() {
        let window = Window {
            counts_padding: true,
            ..Window::new(3, 2).padding(1).ceil()
        };
        // Of 4 pixels: windows at -1, 1, 3; the last one's third place is beyond
        // the padding.
        assert_eq!(window.output([4, 4]), Some([3, 3]));
        let (inside, count) = window.places(0, 0, 4);
        assert_eq!((inside.collect::<Vec<_>>(), count), (vec![0, 1], 3));
        let (inside, count) = window.places(0, 2, 4);
        assert_eq!((inside.collect::<Vec<_>>(), count), (vec![3], 2));
    }
}
