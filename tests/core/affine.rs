//! Affine classifiers, `f(x) = W x + b`: every attack has a closed form on
//! them.

use burn::tensor::{Device, Tensor, TensorData};
use foolscope::attack::Norm;
use foolscope::classifier::architecture::Shape;
use foolscope::classifier::{Classifier, ForwardPass, Waiting, ready};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub struct Affine {
    shape: Shape,
    classes: usize,
    device: Device,
    /// Row by row, one a class.
    pub w: Vec<f32>,
    pub b: Vec<f32>,
}

impl Affine {
    pub fn new(shape: Shape, w: Vec<f32>, b: Vec<f32>) -> Self {
        Self {
            shape,
            classes: b.len(),
            device: Device::flex(),
            w,
            b,
        }
    }

    pub fn random(shape: Shape, classes: usize, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let size: usize = shape.iter().product();
        let mut draw = |count: usize| -> Vec<f32> {
            (0..count).map(|_| rng.random_range(-1.0f32..1.0)).collect()
        };
        let w = draw(classes * size);
        let b = draw(classes);
        Self::new(shape, w, b)
    }

    fn size(&self) -> usize {
        self.shape.iter().product()
    }

    pub fn row(&self, class: usize) -> &[f32] {
        &self.w[class * self.size()..(class + 1) * self.size()]
    }

    pub fn values(&self, x: &[f32]) -> Vec<f64> {
        (0..self.classes)
            .map(|class| {
                let row = self.row(class);
                let product: f64 = row
                    .iter()
                    .zip(x)
                    .map(|(w, x)| f64::from(*w) * f64::from(*x))
                    .sum();
                product + f64::from(self.b[class])
            })
            .collect()
    }

    /// The exact distance to the nearest boundary of x's label, in a norm: the
    /// least `|f_k − f_0| / ‖w_k − w_0‖_q` over the other classes.
    pub fn distance(&self, x: &[f32], norm: Norm) -> f64 {
        let values = self.values(x);
        let own = (0..self.classes)
            .max_by(|&a, &b| values[a].total_cmp(&values[b]))
            .unwrap();
        self.distance_from(own, x, norm)
    }

    /// The same where of equal logits the first counts, and classes that never
    /// differ are no boundary; infinite where there is none.
    pub fn distance_of_first(&self, x: &[f32], norm: Norm) -> f64 {
        let values = self.values(x);
        let first = (0..self.classes).rev();
        let own = first
            .max_by(|&a, &b| values[a].total_cmp(&values[b]))
            .unwrap();
        self.distance_from(own, x, norm)
    }

    fn distance_from(&self, own: usize, x: &[f32], norm: Norm) -> f64 {
        let values = self.values(x);
        let dual = match norm {
            Norm::L1 => Norm::Linf,
            Norm::L2 => Norm::L2,
            Norm::Linf => Norm::L1,
        };
        (0..self.classes)
            .filter(|&class| class != own)
            .map(|class| {
                let w: Vec<f32> = self
                    .row(class)
                    .iter()
                    .zip(self.row(own))
                    .map(|(a, b)| a - b)
                    .collect();
                (values[own] - values[class]) / dual.of(&w)
            })
            // 0 / 0: the same class under another number.
            .filter(|distance| !distance.is_nan())
            .fold(f64::INFINITY, f64::min)
    }
}

impl Classifier for Affine {
    fn input_shape(&self) -> Shape {
        self.shape
    }

    fn class_count(&self) -> usize {
        self.classes
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn logits(&self, x: Tensor<4>) -> Waiting<'_, Tensor<2>> {
        let [n, ..] = x.dims();
        let w = Tensor::<2>::from_data(
            TensorData::new(self.w.clone(), [self.classes, self.size()]),
            &self.device,
        );
        let b = Tensor::<2>::from_data(
            TensorData::new(self.b.clone(), [1, self.classes]),
            &self.device,
        );
        ready(x.reshape([n, self.size()]).matmul(w.transpose()) + b)
    }

    fn forward(&self, x: Tensor<4>) -> Waiting<'_, Box<dyn ForwardPass + '_>> {
        Box::pin(async {
            Box::new(AffinePass {
                affine: self,
                logits: self.logits(x).await,
            }) as Box<dyn ForwardPass>
        })
    }
}

struct AffinePass<'a> {
    affine: &'a Affine,
    logits: Tensor<2>,
}

impl ForwardPass for AffinePass<'_> {
    fn logits(&self) -> Tensor<2> {
        self.logits.clone()
    }

    fn pull_back(&self, cotangents: Tensor<3>) -> Waiting<'_, Tensor<5>> {
        let [n, k, classes] = cotangents.dims();
        let [c, h, w] = self.affine.shape;
        let weight = Tensor::<2>::from_data(
            TensorData::new(self.affine.w.clone(), [classes, self.affine.size()]),
            &self.affine.device,
        );
        ready(
            cotangents
                .reshape([n * k, classes])
                .matmul(weight)
                .reshape([n, k, c, h, w]),
        )
    }
}

/// Pictures with values in [0, 1].
pub fn pictures(count: usize, size: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    (0..count)
        .map(|_| (0..size).map(|_| rng.random_range(0.0f32..1.0)).collect())
        .collect()
}
