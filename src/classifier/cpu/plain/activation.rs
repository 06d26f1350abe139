//! A function of each number.

use super::{Back, Level, Looks, Plain};
use crate::classifier::architecture::Activation;

#[derive(Debug)]
pub(super) struct Each(pub Activation);

/// A loop for each function that large networks have after every layer, so
/// that the compiler knows it and takes several numbers at a time; one for all
/// others.
macro_rules! of_each {
    ($activation:expr, |$f:ident| $walk:expr) => {
        match $activation {
            Activation::Silu => of_each!(Activation::Silu, $f, $walk),
            Activation::HardSwish => of_each!(Activation::HardSwish, $f, $walk),
            other => of_each!(other, $f, $walk),
        }
    };
    ($known:expr, $f:ident, $walk:expr) => {{
        let $f = $known;
        $walk
    }};
}

impl Plain for Each {
    fn forward(&self, inputs: &[&[f32]], y: &mut [f32], _: Level) {
        let pairs = y.iter_mut().zip(inputs[0]);
        of_each!(self.0, |f| pairs.for_each(|(y, x)| *y = f.value(*x)));
    }

    fn backward(&self, back: &Back<'_>, to: &mut [f32]) {
        if let Activation::Affine { scale, .. } = self.0 {
            for (to, g) in to.iter_mut().zip(back.g) {
                *to += scale * g;
            }
            return;
        }
        let all = to.iter_mut().zip(back.g).zip(back.inputs[0]);
        of_each!(self.0, |f| all.for_each(|((to, g), x)| {
            // A slope that is infinite where nobody asks must not be heard.
            *to += if *g == 0.0 { 0.0 } else { g * f.slope(*x) };
        }));
    }

    fn looks_at(&self) -> Looks {
        match self.0 {
            Activation::Affine { .. } => Looks::NOTHING,
            _ => Looks::INPUTS,
        }
    }
}
