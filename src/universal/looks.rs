//! What the stochastic method sees of its own work: which pictures v fooled as
//! they came up, and how many gradients that took.
//!
//! The method itself needs none of it. What it costs to know is waiting for the
//! device, so a look is read only after the next one was asked for: the device
//! always has work.

use std::collections::VecDeque;
use std::rc::Rc;

use burn::tensor::Tensor;

use super::loss::{Rivals, Slope};
use super::views::{Chance, PARTS, View};
use crate::attack::{AttackError, Prediction};
use crate::statistics::share;
use crate::task::read;

/// A batch as it came up.
pub(super) struct Look {
    /// `[N, 3]`: by how much the target, or else the clean label, leads; whether
    /// the loss counts the picture; and something that is finite only if all
    /// logits are.
    seen: Tensor<2>,
    /// Whether the picture came up whole, and is not the target already.
    tells: Vec<bool>,
}

impl Look {
    pub fn new(
        logits: Tensor<2>,
        rivals: &Rivals,
        slope: &Slope,
        views: &[(usize, View)],
        clean: &[Rc<Prediction>],
        target: Option<usize>,
    ) -> Self {
        // Zero times what is no number is none either.
        let finite = (logits * 0.0).sum_dim(1);
        let pairs = views.iter().zip(clean);
        Self {
            seen: Tensor::cat(vec![rivals.margin.clone(), slope.counts.clone(), finite], 1),
            // The answer to a part may be another one without v as well.
            tells: pairs
                .map(|((_, view), clean)| view.is_whole() && target != Some(clean.label))
                .collect(),
        }
    }
}

/// All looks so far.
pub(super) struct Looks {
    targeted: bool,
    recent: Recent,
    /// The one that was not read yet.
    late: Option<Look>,
    /// Pictures that the loss counted.
    pub gradients: usize,
    /// Of the pictures of the look that was read last, how many counted.
    counted: f64,
    /// Of all that came up since somebody asked, and of those fooled.
    shown: usize,
    fooled: usize,
}

impl Looks {
    pub fn new(pictures: usize, chance: Chance, targeted: bool) -> Self {
        Self {
            targeted,
            recent: Recent::new(pictures, chance),
            late: None,
            gradients: 0,
            counted: 1.0,
            shown: 0,
            fooled: 0,
        }
    }

    /// Keeps this look for later and reads the one before.
    pub async fn add(&mut self, look: Look) -> Result<(), AttackError> {
        match self.late.replace(look) {
            Some(look) => self.read(look).await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// Whether it pays to wait for this look before the walk back, since there
    /// may be nothing to walk back for.
    pub fn pays_to_wait(&self) -> bool {
        self.counted < 0.5
    }

    /// Reads this look at once. Whether the loss counted any picture.
    pub async fn read_now(&mut self, look: Look) -> Result<bool, AttackError> {
        self.settle().await?;
        Ok(self.read(look).await? > 0)
    }

    /// Reads what is still to be read.
    pub async fn settle(&mut self) -> Result<(), AttackError> {
        match self.late.take() {
            Some(look) => self.read(look).await.map(|_| ()),
            None => Ok(()),
        }
    }

    /// The share of the pictures that came up last, whole, that v fooled.
    pub fn rate(&self) -> Option<f64> {
        self.recent.rate()
    }

    /// The share of all that came up since this was asked last, parts as well,
    /// that v fooled. Parts may have another answer without v, and no less so for
    /// another v: to compare it is as good, and of four times as many.
    pub fn take_score(&mut self) -> f64 {
        let score = share(self.fooled, self.shown).unwrap_or(0.0);
        (self.fooled, self.shown) = (0, 0);
        score
    }

    async fn read(&mut self, look: Look) -> Result<usize, AttackError> {
        let mut counted = 0;
        let rows = read(look.seen).await?;
        for (row, tells) in rows.chunks_exact(3).zip(&look.tells) {
            if !row[2].is_finite() {
                return Err(AttackError::LogitsNotFinite);
            }
            counted += usize::from(row[1] > 0.0);
            let fooled = (row[0] < 0.0) != self.targeted;
            self.shown += 1;
            self.fooled += usize::from(fooled);
            if *tells {
                self.recent.add(fooled);
            }
        }
        self.gradients += counted;
        self.counted = counted as f64 / look.tells.len() as f64;
        Ok(counted)
    }
}

/// Whether v fooled the pictures that came up last, as many as come up whole in
/// a pass.
struct Recent {
    looks: VecDeque<bool>,
    most: usize,
}

/// Of fewer looks a share says little.
const FEWEST_LOOKS: usize = 16;

impl Recent {
    fn new(pictures: usize, chance: Chance) -> Self {
        let most = if chance.crop < 1.0 {
            let whole = (1.0 - PARTS) * pictures as f64;
            (whole as usize).max(FEWEST_LOOKS)
        } else {
            pictures
        };
        Self {
            looks: VecDeque::new(),
            most,
        }
    }

    fn add(&mut self, fooled: bool) {
        if self.looks.len() == self.most {
            self.looks.pop_front();
        }
        self.looks.push_back(fooled);
    }

    fn rate(&self) -> Option<f64> {
        let fooled = self.looks.iter().filter(|fooled| **fooled).count();
        share(fooled, self.looks.len())
    }
}
