//! Classifiers with kinks, `f(x) = W₂ max(W₁ x + b₁, 0) + b₂`: affine between
//! them, so that distances have a closed form. At a kink itself the gradient is
//! that of the dead side, as in networks.

use burn::tensor::{Device, Tensor, TensorData};
use foolscope::classifier::architecture::Shape;
use foolscope::classifier::{Classifier, ForwardPass, Waiting, ready};

pub struct Piecewise {
    pub shape: Shape,
    /// Row by row, one a rectifier.
    pub w1: Vec<f32>,
    pub b1: Vec<f32>,
    /// Row by row, one a class.
    pub w2: Vec<f32>,
    pub b2: Vec<f32>,
    pub device: Device,
}

impl Piecewise {
    pub fn new(shape: Shape, [w1, b1]: [Vec<f32>; 2], [w2, b2]: [Vec<f32>; 2]) -> Self {
        Self {
            shape,
            w1,
            b1,
            w2,
            b2,
            device: Device::flex(),
        }
    }

    /// `f_0 − f_1 = a(|x₁| + … + |x_n|) + b x_{n+1} + c`, where class 1 is a
    /// spike whose tip is the nearest point to what lies above it, `c / b` below
    /// `x_{n+1} = 0`. The steps go from one side of the kinks to the other.
    /// `x_{n+1}` must be above −1.
    pub fn spike(kinks: usize, [a, b, c]: [f32; 3]) -> Self {
        let size = kinks + 1;
        let rectifiers = 2 * kinks + 1;
        let mut w1 = vec![0.0; rectifiers * size];
        for kink in 0..kinks {
            w1[2 * kink * size + kink] = 1.0;
            w1[(2 * kink + 1) * size + kink] = -1.0;
        }
        w1[2 * kinks * size + kinks] = 1.0;
        let mut b1 = vec![0.0; rectifiers];
        b1[2 * kinks] = 1.0;
        let mut w2 = vec![a; rectifiers];
        w2[2 * kinks] = b;
        w2.extend(vec![0.0; rectifiers]);
        Self::new([1, 1, size], [w1, b1], [w2, vec![c - b, 0.0]])
    }

    fn tensor<const D: usize>(&self, values: &[f32], shape: [usize; D]) -> Tensor<D> {
        Tensor::from_data(TensorData::new(values.to_vec(), shape), &self.device)
    }

    /// `W₁ x + b₁`, `[N, rectifiers]`
    fn hidden(&self, x: Tensor<4>) -> Tensor<2> {
        let (n, size) = (x.dims()[0], self.shape.iter().product());
        let w1 = self.tensor(&self.w1, [self.b1.len(), size]);
        x.reshape([n, size]).matmul(w1.transpose()) + self.tensor(&self.b1, [1, self.b1.len()])
    }
}

impl Classifier for Piecewise {
    fn input_shape(&self) -> Shape {
        self.shape
    }

    fn class_count(&self) -> usize {
        self.b2.len()
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn logits(&self, x: Tensor<4>) -> Waiting<'_, Tensor<2>> {
        let w2 = self.tensor(&self.w2, [self.b2.len(), self.b1.len()]);
        let live = self.hidden(x).clamp_min(0.0);
        ready(live.matmul(w2.transpose()) + self.tensor(&self.b2, [1, self.b2.len()]))
    }

    fn forward(&self, x: Tensor<4>) -> Waiting<'_, Box<dyn ForwardPass + '_>> {
        Box::pin(async {
            Box::new(Pass {
                of: self,
                is_live: self.hidden(x.clone()).greater_scalar(0.0).float(),
                logits: self.logits(x).await,
            }) as Box<dyn ForwardPass>
        })
    }
}

struct Pass<'a> {
    of: &'a Piecewise,
    is_live: Tensor<2>,
    logits: Tensor<2>,
}

impl ForwardPass for Pass<'_> {
    fn logits(&self) -> Tensor<2> {
        self.logits.clone()
    }

    fn pull_back(&self, cotangents: Tensor<3>) -> Waiting<'_, Tensor<5>> {
        let [n, k, classes] = cotangents.dims();
        let [c, h, w] = self.of.shape;
        let hidden = self.of.b1.len();
        let w2 = self.of.tensor(&self.of.w2, [classes, hidden]);
        let w1 = self.of.tensor(&self.of.w1, [hidden, c * h * w]);
        let at_hidden = cotangents.reshape([n * k, classes]).matmul(w2);
        let live = at_hidden.reshape([n, k, hidden]) * self.is_live.clone().reshape([n, 1, hidden]);
        let gradients = live.reshape([n * k, hidden]).matmul(w1);
        ready(gradients.reshape([n, k, c, h, w]))
    }
}
