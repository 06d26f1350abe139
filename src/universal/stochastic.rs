//! Universal perturbations by stochastic gradients of a bounded loss (Shafahi
//! et al., AAAI 2020), with Adam as the optimiser.
//!
//! v descends the mean over a batch of `max(f_y(x + v) − max_{j≠y} f_j(x + v),
//! −κ)` with y = k(x): the margin by which the clean label still wins. The
//! bound κ keeps pictures that are already fooled from drowning the others.
//! After each step v is projected onto the ball.

use burn::tensor::{Tensor, TensorData};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{Ball, Progress, Universal, UniversalError, first};
use crate::attack::{AttackError, Prediction, predictions};
use crate::classifier::{Classifier, ForwardPass};
use crate::task::{Task, read};

/// The settings that the shipped perturbation was made with; they were not
/// tuned.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    pub ball: Ball,
    pub max_passes: usize,
    pub batch: usize,
    /// Adam's step, as a share of the largest value that v can have in a pixel
    /// (for the maximum norm, the radius). It falls to zero along a half
    /// cosine.
    pub step: f64,
    /// κ, in logits.
    pub bound: f64,
    /// Whether each picture is mirrored half of the times it comes up.
    pub mirror: bool,
    /// Of the order of the pictures and of what is mirrored.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            ball: Ball::default(),
            max_passes: 10,
            batch: 8,
            step: 0.1,
            bound: 5.0,
            mirror: true,
            seed: 0,
        }
    }
}

impl Options {
    fn check(&self) -> Result<(), UniversalError> {
        self.ball.check()?;
        let positive = |name, found: f64| {
            if found > 0.0 && found.is_finite() {
                Ok(())
            } else {
                Err(UniversalError::Option {
                    name,
                    expected: "positive",
                    found,
                })
            }
        };
        positive("the batch size", self.batch as f64)?;
        positive("the step", self.step)?;
        positive("the bound of the loss", self.bound)
    }
}

/// A universal perturbation for planar pictures `[C, H, W]`, from `start` or
/// from zero. A wish to stop ends it with what there is.
pub async fn stochastic(
    classifier: &dyn Classifier,
    pictures: &[impl AsRef<[f32]>],
    start: Option<&[f32]>,
    options: &Options,
    task: &mut Task<'_, Progress>,
) -> Result<Universal, UniversalError> {
    options.check()?;
    if pictures.is_empty() {
        return Err(UniversalError::NoPictures);
    }
    if classifier.class_count() < 2 {
        return Err(AttackError::TooFewClasses(classifier.class_count()).into());
    }
    let [c, h, w] = classifier.input_shape();
    let size = c * h * w;
    let first = first(start, size, &options.ball)?;
    let mut v = Tensor::<4>::from_data(TensorData::new(first, [1, c, h, w]), classifier.device());
    let mut adam = Adam::new(&v);

    let labels = Labels::new(classifier, pictures, w, options.mirror).await?;
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
    let mut order: Vec<usize> = (0..pictures.len()).collect();
    let updates = options.max_passes * pictures.len().div_ceil(options.batch);
    // The most that one pixel of a flat v of that length can have.
    let reach = match options.ball.norm {
        crate::attack::Norm::Linf => options.ball.radius,
        _ => options.ball.radius / (size as f64).sqrt(),
    };
    let mut made = Universal::default();
    let mut update = 0;
    'passes: while made.passes < options.max_passes {
        order.shuffle(&mut rng);
        let (mut fooled, mut seen) = (0, 0);
        for indices in order.chunks(options.batch) {
            let mirrored: Vec<bool> = indices
                .iter()
                .map(|_| options.mirror && rng.random_bool(0.5))
                .collect();
            let x = labels.batch(classifier, pictures, indices, &mirrored);
            let pass = classifier.forward(x + v.clone());
            let wanted: Vec<usize> = indices
                .iter()
                .zip(&mirrored)
                .map(|(&index, &mirrored)| labels.label(index, mirrored))
                .collect();
            let (gradient, count, wrong) = gradient(&*pass, &wanted, options.bound).await?;
            drop(pass);
            fooled += wrong;
            seen += indices.len();
            made.gradient_evaluations += count;
            if let Some(gradient) = gradient {
                let rate = reach * options.step * half_cosine(update, updates);
                v = options.ball.project(v - adam.step(gradient, rate)).await?;
            }
            update += 1;
            let progress = Progress {
                passes: made.passes,
                max_passes: options.max_passes,
                pictures: seen,
                pictures_a_pass: pictures.len(),
                gradient_evaluations: made.gradient_evaluations,
                running_rate: fooled as f64 / seen as f64,
            };
            if task.checkpoint(progress).await.is_err() {
                made.stopped = true;
                break 'passes;
            }
        }
        made.passes += 1;
        made.rates.push(fooled as f64 / seen as f64);
    }
    made.perturbation = read(v).await?;
    Ok(made)
}

/// From 1 to 0.
fn half_cosine(step: usize, steps: usize) -> f64 {
    0.5 * (1.0 + (std::f64::consts::PI * step as f64 / steps.max(1) as f64).cos())
}

/// The gradient of the mean loss by v, `[1, C, H, W]` (none where the bound has
/// silenced every picture), how many pictures it is of, and on how many the
/// label has changed.
async fn gradient(
    pass: &dyn ForwardPass,
    labels: &[usize],
    bound: f64,
) -> Result<(Option<Tensor<4>>, usize, usize), UniversalError> {
    let logits = pass.logits();
    let device = logits.device();
    let [n, classes] = logits.dims();
    let mut cotangents = vec![0f32; n * classes];
    let (mut count, mut fooled) = (0, 0);
    for ((row, &label), cotangent) in read(logits)
        .await?
        .chunks_exact(classes)
        .zip(labels)
        .zip(cotangents.chunks_exact_mut(classes))
    {
        let answer = Prediction::new(row.to_vec())?;
        let rival = answer
            .top(2)
            .into_iter()
            .find(|&class| class != label)
            .expect("there are at least two classes");
        let margin = f64::from(row[label] - row[rival]);
        if answer.label != label {
            fooled += 1;
        }
        if margin > -bound {
            cotangent[label] = 1.0 / n as f32;
            cotangent[rival] = -1.0 / n as f32;
            count += 1;
        }
    }
    if count == 0 {
        return Ok((None, 0, fooled));
    }
    let g = pass.pull_back(Tensor::from_data(
        TensorData::new(cotangents, [n, 1, classes]),
        &device,
    ));
    let [_, _, c, h, w] = g.dims();
    Ok((Some(g.reshape([n, c, h, w]).sum_dim(0)), count, fooled))
}

/// Adam (Kingma and Ba 2015, algorithm 1) on one tensor.
struct Adam {
    mean: Tensor<4>,
    square: Tensor<4>,
    steps: i32,
}

impl Adam {
    const BETA_1: f64 = 0.9;
    const BETA_2: f64 = 0.999;

    fn new(like: &Tensor<4>) -> Self {
        Self {
            mean: like.zeros_like(),
            square: like.zeros_like(),
            steps: 0,
        }
    }

    /// What to subtract.
    fn step(&mut self, gradient: Tensor<4>, rate: f64) -> Tensor<4> {
        self.steps += 1;
        let blend = |old: Tensor<4>, new: Tensor<4>, beta: f64| {
            old * beta as f32 + new * (1.0 - beta) as f32
        };
        self.mean = blend(self.mean.clone(), gradient.clone(), Self::BETA_1);
        self.square = blend(
            self.square.clone(),
            gradient.clone() * gradient,
            Self::BETA_2,
        );
        let mean = self.mean.clone() / (1.0 - Self::BETA_1.powi(self.steps)) as f32;
        let square = self.square.clone() / (1.0 - Self::BETA_2.powi(self.steps)) as f32;
        mean * rate as f32 / (square.sqrt() + 1e-8)
    }
}

/// The clean labels of pictures and, where they are used, of their mirror
/// images: a classifier may answer differently.
struct Labels {
    width: usize,
    clean: Vec<usize>,
    mirrored: Vec<usize>,
}

impl Labels {
    async fn new(
        classifier: &dyn Classifier,
        pictures: &[impl AsRef<[f32]>],
        width: usize,
        mirror: bool,
    ) -> Result<Self, UniversalError> {
        let mut clean = Vec::with_capacity(pictures.len());
        let mut mirrored = Vec::new();
        for picture in pictures {
            let picture = picture.as_ref();
            clean.push(predictions(classifier, &[picture]).await?[0].label);
            if mirror {
                let image = mirror_image(picture, width);
                mirrored.push(predictions(classifier, &[image]).await?[0].label);
            }
        }
        Ok(Self {
            width,
            clean,
            mirrored,
        })
    }

    fn label(&self, index: usize, mirrored: bool) -> usize {
        if mirrored {
            self.mirrored[index]
        } else {
            self.clean[index]
        }
    }

    /// Some pictures as one batch. They were checked when they were labelled.
    fn batch(
        &self,
        classifier: &dyn Classifier,
        pictures: &[impl AsRef<[f32]>],
        indices: &[usize],
        mirrored: &[bool],
    ) -> Tensor<4> {
        let [c, h, w] = classifier.input_shape();
        let mut values = Vec::with_capacity(indices.len() * c * h * w);
        for (&index, &mirrored) in indices.iter().zip(mirrored) {
            let picture = pictures[index].as_ref();
            if mirrored {
                values.extend(mirror_image(picture, self.width));
            } else {
                values.extend_from_slice(picture);
            }
        }
        Tensor::from_data(
            TensorData::new(values, [indices.len(), c, h, w]),
            classifier.device(),
        )
    }
}

/// Each row from right to left.
fn mirror_image(picture: &[f32], width: usize) -> Vec<f32> {
    picture
        .chunks_exact(width)
        .flat_map(|row| row.iter().rev().copied())
        .collect()
}
