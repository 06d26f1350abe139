//! What does not fit together.

use super::Shape;
use thiserror::Error;

/// A layer was given an input that it cannot take, or is none that could take one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{layer} {why}")]
pub struct ShapeError {
    layer: String,
    why: String,
}

impl ShapeError {
    pub(super) fn new(layer: &str, expected: impl Into<String>, found: &[Shape]) -> Self {
        let shapes: Vec<String> = found.iter().map(|shape| format!("{shape:?}")).collect();
        let found = match shapes.is_empty() {
            true => "none".into(),
            false => shapes.join(" and "),
        };
        let expected = expected.into();
        Self {
            layer: layer.to_owned(),
            why: format!("takes {expected}, but its input is {found} (channels, height, width)"),
        }
    }

    /// A layer has NaN or an infinity for a parameter.
    pub(super) fn not_finite(layer: &str) -> Self {
        Self {
            layer: layer.to_owned(),
            why: "has a parameter that is not a finite number".into(),
        }
    }

    /// The same of a layer that has a name of its own.
    pub(in crate::classifier) fn of(mut self, name: Option<&str>) -> Self {
        if let Some(name) = name {
            self.layer = name.to_owned();
        }
        self
    }
}
