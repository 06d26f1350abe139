//! What has numbers of its own for each channel.

use super::{Back, Level, Looks, Plain};

/// `scale · x + shift`
#[derive(Debug)]
pub(super) struct Affine {
    pub scale: Vec<f32>,
    pub shift: Vec<f32>,
}

impl Plain for Affine {
    fn forward(&self, inputs: &[&[f32]], y: &mut [f32], _: Level) {
        let pixels = y.len() / self.scale.len();
        let channels = y.chunks_exact_mut(pixels);
        let channels = channels.zip(inputs[0].chunks_exact(pixels));
        for ((y, x), (scale, shift)) in channels.zip(self.scale.iter().zip(&self.shift)) {
            for (y, x) in y.iter_mut().zip(x) {
                *y = scale * x + shift;
            }
        }
    }

    fn backward(&self, back: &Back<'_>, to: &mut [f32]) {
        let pixels = to.len() / self.scale.len();
        let channels = to.chunks_exact_mut(pixels).zip(back.g.chunks_exact(pixels));
        for ((to, g), scale) in channels.zip(&self.scale) {
            for (to, g) in to.iter_mut().zip(g) {
                *to += scale * g;
            }
        }
    }
}

/// x where positive, else the channel's slope times x.
#[derive(Debug)]
pub(super) struct ParametricRelu(pub Vec<f32>);

impl Plain for ParametricRelu {
    fn forward(&self, inputs: &[&[f32]], y: &mut [f32], _: Level) {
        let pixels = y.len() / self.0.len();
        let channels = y.chunks_exact_mut(pixels);
        let channels = channels.zip(inputs[0].chunks_exact(pixels));
        for ((y, x), slope) in channels.zip(&self.0) {
            for (y, x) in y.iter_mut().zip(x) {
                *y = if *x > 0.0 { *x } else { slope * x };
            }
        }
    }

    fn backward(&self, back: &Back<'_>, to: &mut [f32]) {
        let pixels = to.len() / self.0.len();
        for (at, (to, g)) in to.iter_mut().zip(back.g).enumerate() {
            let open = back.inputs[0][at] > 0.0;
            *to += if open { *g } else { self.0[at / pixels] * g };
        }
    }

    fn looks_at(&self) -> Looks {
        Looks::INPUTS
    }
}
