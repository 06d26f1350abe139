//! A function of each number.

use super::{Back, Level, Looks, Plain};
use crate::classifier::architecture::Activation;

#[derive(Debug)]
pub(super) struct Each(pub Activation);

impl Plain for Each {
    fn forward(&self, inputs: &[&[f32]], y: &mut [f32], _: Level) {
        for (y, x) in y.iter_mut().zip(inputs[0]) {
            *y = self.0.value(*x);
        }
    }

    fn backward(&self, back: &Back<'_>, to: &mut [f32]) {
        if let Activation::Affine { scale, .. } = self.0 {
            for (to, g) in to.iter_mut().zip(back.g) {
                *to += scale * g;
            }
            return;
        }
        for ((to, g), x) in to.iter_mut().zip(back.g).zip(back.inputs[0]) {
            // A slope that is infinite where nobody asks must not be heard.
            if *g != 0.0 {
                *to += g * self.0.slope(*x);
            }
        }
    }

    fn looks_at(&self) -> Looks {
        match self.0 {
            Activation::Affine { .. } => Looks::NOTHING,
            _ => Looks::INPUTS,
        }
    }
}
