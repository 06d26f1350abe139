//! What shape a layer's output has, and which inputs it takes.

use super::error::ShapeError;
use super::layer::{Layer, Padding};
use super::{LARGEST_VALUE, Shape};

impl Layer {
    /// The shape of the output for inputs of some shapes.
    ///
    /// # Errors
    /// Inputs that it cannot take, or that are too many or too few; a parameter that
    /// is not finite.
    pub fn output_shape(&self, inputs: &[Shape]) -> Result<Shape, ShapeError> {
        let refuse = |expected: String| ShapeError::new(self.label(), expected, inputs);
        if !self.parameters().iter().all(|it| it.is_finite()) {
            return Err(ShapeError::not_finite(self.label()));
        }
        let shape = match (self, inputs) {
            (Self::Constant { shape, .. }, []) => *shape,
            (Self::Add | Self::Subtract | Self::Multiply | Self::Divide, [a, b]) => {
                let mut shape = *a;
                for (axis, size) in shape.iter_mut().enumerate() {
                    *size = match (a[axis], b[axis]) {
                        (a, b) if a == b => a,
                        (1, other) | (other, 1) => other,
                        _ => return Err(refuse("two inputs of one shape".into())),
                    };
                }
                shape
            }
            (Self::Concatenate { axis }, [first, rest @ ..]) if *axis < 3 => {
                let mut shape = *first;
                for other in rest {
                    if (0..3).any(|at| at != *axis && other[at] != first[at]) {
                        return Err(refuse("inputs that differ along one axis only".into()));
                    }
                    shape[*axis] = shape[*axis].saturating_add(other[*axis]);
                }
                shape
            }
            (Self::MatrixProduct, [[a, m, k], [b, l, n]]) => {
                if k != l || (a != b && *a != 1 && *b != 1) {
                    return Err(refuse("[B, M, K] and [B, K, N]".into()));
                }
                [*a.max(b), *m, *n]
            }
            (layer, [input]) if layer.takes_one() => layer.of_one(*input)?,
            _ => {
                let count = match self {
                    Self::Constant { .. } => "no input",
                    Self::Concatenate { .. } => "an input or more",
                    layer if layer.takes_one() => "one input",
                    _ => "two inputs",
                };
                return Err(refuse(count.into()));
            }
        };
        let count = shape
            .iter()
            .try_fold(1usize, |n, &axis| n.checked_mul(axis));
        match count {
            Some(count @ 1..) if count <= LARGEST_VALUE => Ok(shape),
            _ => Err(refuse(format!(
                "inputs of which it makes some numbers, at most {}",
                LARGEST_VALUE
            ))),
        }
    }

    fn takes_one(&self) -> bool {
        !matches!(
            self,
            Self::Constant { .. }
                | Self::Add
                | Self::Subtract
                | Self::Multiply
                | Self::Divide
                | Self::Concatenate { .. }
                | Self::MatrixProduct
        )
    }

    fn of_one(&self, input: Shape) -> Result<Shape, ShapeError> {
        let [c, h, w] = input;
        let refuse = |expected: String| ShapeError::new(self.label(), expected, &[input]);
        let count = c * h * w;
        Ok(match self {
            Self::Convolution(conv) => {
                if !conv.is_whole() {
                    return Err(refuse("kernel, stride and groups that fit together".into()));
                }
                if c != conv.input {
                    return Err(refuse(format!("{} channels", conv.input)));
                }
                let Some([h, w]) = conv.output([h, w]) else {
                    return Err(refuse(format!(
                        "at least its kernel's {:?} pixels",
                        conv.span()
                    )));
                };
                [conv.output, h, w]
            }
            Self::Linear { input, output, .. } => {
                if count != *input {
                    return Err(refuse(format!("{input} values")));
                }
                [*output, 1, 1]
            }
            Self::LinearRows { input, output, .. } => {
                if w != *input {
                    return Err(refuse(format!("rows of {input} values")));
                }
                [c, h, *output]
            }
            Self::ChannelAffine { channels, .. } | Self::ParametricRelu { channels, .. } => {
                if c != *channels {
                    return Err(refuse(format!("{channels} channels")));
                }
                input
            }
            Self::MaxPool(window) | Self::AveragePool(window) => {
                let output = window.is_whole().then(|| window.output([h, w])).flatten();
                let Some([h, w]) = output else {
                    return Err(refuse(format!("at least {:?} pixels", window.kernel)));
                };
                [c, h, w]
            }
            Self::GlobalAverage | Self::GlobalMax => [c, 1, 1],
            Self::Mean { axes } => {
                let mut shape = input;
                for (size, mean) in shape.iter_mut().zip(axes) {
                    if *mean {
                        *size = 1;
                    }
                }
                shape
            }
            Self::LayerNorm { size, .. } => {
                if [w, w * h, count].contains(size) {
                    input
                } else {
                    return Err(refuse(format!("runs of {size} values")));
                }
            }
            Self::Softmax { axis } => {
                if *axis > 2 {
                    return Err(refuse(format!("an axis {axis}")));
                }
                input
            }
            Self::LocalResponse { size, .. } => {
                if *size == 0 {
                    return Err(refuse("a window of one channel or more".into()));
                }
                input
            }
            Self::Flatten => [count, 1, 1],
            Self::Reshape(shape) => {
                if super::count(shape) != Some(count) {
                    return Err(refuse(format!("as many values as {shape:?}")));
                }
                *shape
            }
            Self::Transpose { from, order, to } => {
                let mut axes = order.clone();
                axes.sort_unstable();
                let permutes = axes.into_iter().eq(0..from.len());
                if !permutes || super::count(from) != Some(count) || super::count(to) != Some(count)
                {
                    return Err(refuse(format!("as many values as {from:?}")));
                }
                *to
            }
            Self::Slice {
                axis,
                start,
                step,
                length,
            } => {
                let last = length
                    .checked_sub(1)
                    .and_then(|steps| steps.checked_mul(*step))
                    .and_then(|reach| reach.checked_add(*start));
                let mut shape = input;
                match (last, shape.get_mut(*axis)) {
                    (Some(last), Some(size)) if last < *size && *step > 0 => *size = *length,
                    _ => return Err(refuse(format!("{last:?} places or more on axis {axis}"))),
                }
                shape
            }
            Self::Pad {
                before,
                after,
                with,
            } => {
                let mut shape = input;
                for (axis, size) in shape.iter_mut().enumerate() {
                    let most = before[axis].max(after[axis]);
                    if *with == Padding::Reflect && most >= *size {
                        return Err(refuse(format!("more than {most} places on axis {axis}")));
                    }
                    *size = size
                        .saturating_add(before[axis])
                        .saturating_add(after[axis]);
                }
                shape
            }
            Self::Activation(_) => input,
            Self::Constant { .. }
            | Self::Add
            | Self::Subtract
            | Self::Multiply
            | Self::Divide
            | Self::Concatenate { .. }
            | Self::MatrixProduct => unreachable!("these do not take one input"),
        })
    }
}
