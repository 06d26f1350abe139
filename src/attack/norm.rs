//! Norms of a perturbation, and the step that is shortest in each.

use serde::{Deserialize, Serialize};

/// How a perturbation is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Norm {
    L1,
    #[default]
    L2,
    Linf,
}

impl Norm {
    /// ‖v‖ in this norm.
    pub fn of(self, v: &[f32]) -> f64 {
        let values = v.iter().map(|&value| f64::from(value));
        match self {
            Norm::L1 => values.map(f64::abs).sum(),
            Norm::L2 => values.map(|value| value * value).sum::<f64>().sqrt(),
            Norm::Linf => values.fold(0.0, |largest, value| largest.max(value.abs())),
        }
    }
}

/// What should be small: a norm, or how many values change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Distance {
    /// How many values change.
    L0,
    L1,
    #[default]
    L2,
    Linf,
}

impl Distance {
    pub fn of(self, v: &[f32]) -> f64 {
        match self {
            Self::L0 => v.iter().filter(|value| **value != 0.0).count() as f64,
            Self::L1 => Norm::L1.of(v),
            Self::L2 => Norm::L2.of(v),
            Self::Linf => Norm::Linf.of(v),
        }
    }

    /// The norm in which a gradient says how far the boundary is.
    pub(super) fn dual(self) -> Norm {
        match self {
            Self::L0 | Self::L1 => Norm::Linf,
            Self::L2 => Norm::L2,
            Self::Linf => Norm::L1,
        }
    }
}

/// A perturbation's norms, in the units that its values have.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Norms {
    pub l1: f64,
    pub l2: f64,
    pub linf: f64,
}

impl Norms {
    pub fn of(v: &[f32]) -> Self {
        Self {
            l1: Norm::L1.of(v),
            l2: Norm::L2.of(v),
            linf: Norm::Linf.of(v),
        }
    }

    /// In grey levels, 0 to 255, for a perturbation in pixel units.
    pub fn in_levels(self) -> Self {
        Self {
            l1: self.l1 * 255.0,
            l2: self.l2 * 255.0,
            linf: self.linf * 255.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_3_4_5_triangle() {
        let norms = Norms::of(&[3.0, -4.0]);
        assert_eq!((norms.l1, norms.l2, norms.linf), (7.0, 5.0, 4.0));
        assert_eq!(norms.in_levels().linf, 1020.0);
    }
}
