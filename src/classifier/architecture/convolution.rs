//! A two-dimensional convolution as a value.

use serde::{Deserialize, Serialize};

/// A two-dimensional convolution with a bias. Weights: `NAME.weight`
/// `[out, in / groups, kh, kw]` and `NAME.bias` `[out]`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Convolution {
    pub name: String,
    pub input: usize,
    pub output: usize,
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    /// Zeros added (before, after) each of height and width. The two sides
    /// differ where the weights come from TensorFlow's `SAME`.
    pub padding: [(usize, usize); 2],
    /// From one tap of the kernel to the next, in pixels.
    pub dilation: [usize; 2],
    pub groups: usize,
    /// The batch norm that follows in the file the weights come from. It is
    /// folded into weight and bias on import and does not exist afterwards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch_norm: Option<BatchNorm>,
}

/// Where to find the batch norm to fold: `NAME.weight`, `NAME.bias`,
/// `NAME.running_mean`, `NAME.running_var`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchNorm {
    pub name: String,
    pub epsilon: f64,
}

impl Convolution {
    /// A dense convolution of stride 1 without padding.
    pub fn new(name: impl Into<String>, input: usize, output: usize, kernel: usize) -> Self {
        Self {
            name: name.into(),
            input,
            output,
            kernel: [kernel; 2],
            stride: [1; 2],
            padding: [(0, 0); 2],
            dilation: [1; 2],
            groups: 1,
            batch_norm: None,
        }
    }

    pub fn stride(mut self, stride: usize) -> Self {
        self.stride = [stride; 2];
        self
    }

    pub fn padding(mut self, before: usize, after: usize) -> Self {
        self.padding = [(before, after); 2];
        self
    }

    pub fn dilation(mut self, dilation: usize) -> Self {
        self.dilation = [dilation; 2];
        self
    }

    pub fn groups(mut self, groups: usize) -> Self {
        self.groups = groups;
        self
    }

    /// One filter a channel.
    pub fn depthwise(mut self) -> Self {
        self.groups = self.input;
        self
    }

    pub fn batch_norm(mut self, name: impl Into<String>, epsilon: f64) -> Self {
        self.batch_norm = Some(BatchNorm {
            name: name.into(),
            epsilon,
        });
        self
    }

    /// How many pixels the kernel reaches over, of height and of width.
    pub fn span(&self) -> [usize; 2] {
        [0, 1].map(|axis| (self.kernel[axis] - 1) * self.dilation[axis] + 1)
    }

    /// Height and width of the output; none where the kernel does not fit.
    pub(super) fn output(&self, input: [usize; 2]) -> Option<[usize; 2]> {
        let span = self.span();
        let size = |axis: usize| {
            let (before, after) = self.padding[axis];
            let padded = input[axis].checked_add(before)?.checked_add(after)?;
            let room = padded.checked_sub(span[axis])?;
            Some(room / self.stride[axis] + 1)
        };
        Some([size(0)?, size(1)?])
    }

    /// Whether its numbers make sense at all.
    pub(super) fn is_whole(&self) -> bool {
        let positive = |pair: [usize; 2]| pair.iter().all(|&value| (1..1 << 16).contains(&value));
        positive(self.kernel)
            && positive(self.stride)
            && positive(self.dilation)
            && self.groups > 0
            && self.input.is_multiple_of(self.groups)
            && self.output.is_multiple_of(self.groups)
            && self.input > 0
            && self.output > 0
    }
}
