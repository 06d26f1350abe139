//! Two classes with a sphere between them: the boundary's distance and
//! curvature are known everywhere.

use burn::tensor::{Device, Tensor, TensorData};
use foolscope::classifier::architecture::Shape;
use foolscope::classifier::{Classifier, ForwardPass, Waiting, ready};

/// `f_0 = radius² − ‖x − centre‖²` and `f_1 = 0`: class 0 is the ball.
pub struct Sphere {
    shape: Shape,
    centre: Vec<f32>,
    radius: f64,
    /// −1 exchanges inside and outside.
    sign: f32,
    device: Device,
}

impl Sphere {
    pub fn new(shape: Shape, centre: Vec<f32>, radius: f64) -> Self {
        Self {
            shape,
            centre,
            radius,
            sign: 1.0,
            device: Device::flex(),
        }
    }

    /// Class 0 is what lies around the ball.
    pub fn hollow(mut self) -> Self {
        self.sign = -1.0;
        self
    }

    /// `x − centre`, `[N, d]`
    fn offset(&self, x: Tensor<4>) -> Tensor<2> {
        let [n, ..] = x.dims();
        let size = self.centre.len();
        let centre = TensorData::new(self.centre.clone(), [1, size]);
        x.reshape([n, size]) - Tensor::from_data(centre, &self.device)
    }
}

impl Classifier for Sphere {
    fn input_shape(&self) -> Shape {
        self.shape
    }

    fn class_count(&self) -> usize {
        2
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn logits(&self, x: Tensor<4>) -> Waiting<'_, Tensor<2>> {
        let offset = self.offset(x);
        let square = (offset.clone() * offset).sum_dim(1);
        let inside = (square * -1.0 + (self.radius * self.radius) as f32) * self.sign;
        let none = inside.zeros_like();
        ready(Tensor::cat(vec![inside, none], 1))
    }

    fn forward(&self, x: Tensor<4>) -> Waiting<'_, Box<dyn ForwardPass + '_>> {
        Box::pin(async {
            Box::new(SpherePass {
                sphere: self,
                offset: self.offset(x.clone()),
                logits: self.logits(x).await,
            }) as Box<dyn ForwardPass>
        })
    }
}

struct SpherePass<'a> {
    sphere: &'a Sphere,
    offset: Tensor<2>,
    logits: Tensor<2>,
}

impl ForwardPass for SpherePass<'_> {
    fn logits(&self) -> Tensor<2> {
        self.logits.clone()
    }

    fn pull_back(&self, cotangents: Tensor<3>) -> Waiting<'_, Tensor<5>> {
        let [n, k, _] = cotangents.dims();
        let [c, h, w] = self.sphere.shape;
        let [_, size] = self.offset.dims();
        let gradient = self.offset.clone() * (-2.0 * self.sphere.sign);
        ready(
            cotangents
                .narrow(2, 0, 1)
                .matmul(gradient.reshape([n, 1, size]))
                .reshape([n, k, c, h, w]),
        )
    }
}
