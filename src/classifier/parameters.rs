//! A network's weights as leaves of a tape, for training. Natively only.

use burn::tensor::{Gradients, Tensor};

/// One weight tensor, in whatever form its layer keeps it.
pub(crate) enum Parameter<'a> {
    /// A convolution's, as in the file.
    Filters(&'a mut Tensor<4>),
    /// A linear layer's: `[input, output]`, which is transposed in the file.
    Matrix(&'a mut Tensor<2>),
    /// A convolution's bias.
    Bias(&'a mut Tensor<1>),
    /// A linear layer's: `[1, output]`.
    Row(&'a mut Tensor<2>),
}

impl Parameter<'_> {
    /// Begins to follow it.
    pub fn follow(self) {
        fn follow<const D: usize>(tensor: &mut Tensor<D>) {
            *tensor = tensor.clone().inner().autodiff().require_grad();
        }
        match self {
            Self::Filters(tensor) => follow(tensor),
            Self::Matrix(tensor) | Self::Row(tensor) => follow(tensor),
            Self::Bias(tensor) => follow(tensor),
        }
    }

    /// Puts what `step` makes of its values and their gradient, both flat, in
    /// its place. Nothing happens where the loss does not depend on it.
    pub fn replace(
        self,
        gradients: &Gradients,
        step: impl FnOnce(Tensor<1>, Tensor<1>) -> Tensor<1>,
    ) {
        fn replace<const D: usize>(
            tensor: &mut Tensor<D>,
            gradients: &Gradients,
            step: impl FnOnce(Tensor<1>, Tensor<1>) -> Tensor<1>,
        ) {
            let Some(gradient) = tensor.grad(gradients) else {
                return;
            };
            let shape = tensor.dims();
            let count = shape.iter().product::<usize>();
            let values = tensor.clone().inner().reshape([count]);
            let values = step(values, gradient.reshape([count]));
            *tensor = values.reshape(shape).autodiff().require_grad();
        }
        match self {
            Self::Filters(tensor) => replace(tensor, gradients, step),
            Self::Matrix(tensor) | Self::Row(tensor) => replace(tensor, gradients, step),
            Self::Bias(tensor) => replace(tensor, gradients, step),
        }
    }

    /// Its values as a file has them, flat.
    pub fn values(self) -> Tensor<1> {
        match self {
            Self::Filters(tensor) => flat(tensor.clone()),
            Self::Matrix(tensor) => flat(tensor.clone().transpose()),
            Self::Row(tensor) => flat(tensor.clone()),
            Self::Bias(tensor) => flat(tensor.clone()),
        }
    }
}

fn flat<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    let count = tensor.dims().iter().product::<usize>();
    tensor.inner().reshape([count])
}
