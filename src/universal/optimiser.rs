//! How gradients become steps.

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use crate::attack::Norm;

/// The rule by which v moves.
///
/// In l2 Adam is a poor one: it lets all pixels move alike, also those that
/// matter little, and there goes most of v's length. Which one fools most goes by
/// more than that ([`Options::within`](super::stochastic::Options::within)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(
    all(feature = "lab", not(target_family = "wasm")),
    derive(clap::ValueEnum)
)]
pub enum Rule {
    /// Kingma and Ba 2015, algorithm 1.
    #[default]
    Adam,
    /// Gradients of mean size 1 add up, older ones fading, and v takes the
    /// step that is longest in the ball's norm along the sum: its signs for the
    /// maximum norm (Dong et al., CVPR 2018).
    Momentum,
    /// Stochastic gradient aggregation (Liu et al., ICCV 2023): steps of signs
    /// look ahead, and after a few of them v takes one step along their
    /// gradients' sum.
    ///
    /// Not in all as published: the steps ahead go through batches as they come, in
    /// place of parts of one large batch, and may leave the ball; each gradient is
    /// scaled to a mean size of 1 before it is added; and v takes as long a step as
    /// all steps ahead together.
    Aggregate,
}

/// The state of a rule.
pub(super) struct Optimiser {
    rule: Rule,
    norm: Norm,
    mean: Tensor<4>,
    square: Tensor<4>,
    ahead: Tensor<4>,
    /// 1 − β₁ᵗ and 1 − β₂ᵗ, `[1, 1, 1, 1]`: how much of the means is there. On the
    /// device, since only it knows which steps count.
    mean_weight: Tensor<4>,
    square_weight: Tensor<4>,
    steps: i32,
    /// How far v would step for the gradients since it last did, which are fewer
    /// than it waits for.
    due: f64,
}

impl Optimiser {
    const BETA_1: f64 = 0.9;
    const BETA_2: f64 = 0.999;
    const INNER: i32 = 4;

    pub fn new(rule: Rule, norm: Norm, like: &Tensor<4>) -> Self {
        Self {
            rule,
            norm,
            mean: like.zeros_like(),
            square: like.zeros_like(),
            ahead: like.zeros_like(),
            mean_weight: Tensor::zeros([1, 1, 1, 1], &like.device()),
            square_weight: Tensor::zeros([1, 1, 1, 1], &like.device()),
            steps: 0,
            due: 0.0,
        }
    }

    /// Where v is if it no longer waits for more gradients before it steps.
    pub fn arrived(&self, v: Tensor<4>) -> Tensor<4> {
        match self.rule {
            Rule::Aggregate => v - self.mean.clone().sign() * self.due as f32,
            _ => v,
        }
    }

    /// Where the next gradient should be taken.
    pub fn point(&self, v: Tensor<4>) -> Tensor<4> {
        match self.rule {
            Rule::Aggregate => v - self.ahead.clone(),
            _ => v,
        }
    }

    /// What to subtract. One entry moves by about `rate`. Where `counts`,
    /// `[1, 1, 1, 1]`, is 0 and not 1 there was no gradient, and nothing moves: neither v
    /// nor what is remembered of earlier gradients.
    pub fn step(&mut self, gradient: Tensor<4>, counts: Tensor<4>, rate: f64) -> Tensor<4> {
        self.steps += 1;
        let before = [&self.mean, &self.square, &self.ahead].map(Tensor::clone);
        let weights = [&self.mean_weight, &self.square_weight].map(Tensor::clone);
        let step = match self.rule {
            Rule::Adam => self.adam(gradient) * rate as f32,
            Rule::Momentum => self.momentum(gradient) * rate as f32,
            Rule::Aggregate => self.aggregate(gradient, rate),
        };
        let counts_not = counts.clone() * -1.0 + 1.0;
        // One of the two is nothing, and the other as it was.
        let kept = |old: Tensor<4>, new: &Tensor<4>| {
            old * counts_not.clone() + new.clone() * counts.clone()
        };
        let [mean, square, ahead] = before;
        let [mean_weight, square_weight] = weights;
        self.mean = kept(mean, &self.mean);
        match self.rule {
            Rule::Adam => {
                self.square = kept(square, &self.square);
                self.mean_weight = kept(mean_weight, &self.mean_weight);
                self.square_weight = kept(square_weight, &self.square_weight);
            }
            Rule::Momentum => {}
            Rule::Aggregate => self.ahead = kept(ahead, &self.ahead),
        }
        step * counts
    }

    fn aggregate(&mut self, gradient: Tensor<4>, rate: f64) -> Tensor<4> {
        let size = gradient.clone().abs().mean().reshape([1, 1, 1, 1]) + 1e-20;
        self.mean = self.mean.clone() + gradient.clone() / size;
        self.ahead = self.ahead.clone() + gradient.sign() * rate as f32;
        if self.steps % Self::INNER != 0 {
            self.due += rate;
            return self.mean.zeros_like();
        }
        self.due = 0.0;
        let step = self.mean.clone().sign() * (rate * f64::from(Self::INNER)) as f32;
        self.mean = self.mean.zeros_like();
        self.ahead = self.ahead.zeros_like();
        step
    }

    fn adam(&mut self, gradient: Tensor<4>) -> Tensor<4> {
        fn blend(old: &Tensor<4>, new: Tensor<4>, beta: f64) -> Tensor<4> {
            old.clone() * beta as f32 + new * (1.0 - beta) as f32
        }
        let one = self.mean_weight.ones_like();
        self.mean = blend(&self.mean, gradient.clone(), Self::BETA_1);
        self.mean_weight = blend(&self.mean_weight, one.clone(), Self::BETA_1);
        self.square = blend(&self.square, gradient.clone() * gradient, Self::BETA_2);
        self.square_weight = blend(&self.square_weight, one, Self::BETA_2);
        let mean = self.mean.clone() / self.mean_weight.clone();
        let square = self.square.clone() / self.square_weight.clone();
        mean / (square.sqrt() + 1e-8)
    }

    fn momentum(&mut self, gradient: Tensor<4>) -> Tensor<4> {
        let size = gradient.clone().abs().mean().reshape([1, 1, 1, 1]);
        self.mean = self.mean.clone() * Self::BETA_1 as f32 + gradient / (size + 1e-20);
        match self.norm {
            Norm::Linf => self.mean.clone().sign(),
            _ => {
                let square = (self.mean.clone() * self.mean.clone()).mean();
                self.mean.clone() / (square.sqrt().reshape([1, 1, 1, 1]) + 1e-20)
            }
        }
    }
}
