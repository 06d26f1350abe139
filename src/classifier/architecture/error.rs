//! What does not fit together.

use super::Shape;
use thiserror::Error;

/// A layer was given an input that it cannot take.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{layer} takes {expected}, but its input is {found} (channels, height, width)")]
pub struct ShapeError {
    layer: String,
    expected: String,
    found: String,
}

impl ShapeError {
    pub(super) fn new(layer: &str, expected: impl Into<String>, found: &[Shape]) -> Self {
        let found: Vec<String> = found.iter().map(|shape| format!("{shape:?}")).collect();
        Self {
            layer: layer.to_owned(),
            expected: expected.into(),
            found: if found.is_empty() {
                "none".into()
            } else {
                found.join(" and ")
            },
        }
    }

    /// The same of a layer that has a name of its own.
    pub(super) fn of(mut self, name: Option<&str>) -> Self {
        if let Some(name) = name {
            self.layer = name.to_owned();
        }
        self
    }
}
