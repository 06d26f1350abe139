//! What is measured, in the order of the table, and what is said of it. The
//! names are those of the page's benchmark.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Row {
    /// Start to the first answer
    Load,
    /// The first answer
    FirstForward,
    /// The first gradients of ten classes
    FirstGradients,
    /// An answer, once warm
    Forward,
    /// Gradients of ten classes, once warm
    #[value(name = "gradients-10")]
    #[serde(rename = "gradients-10")]
    Gradients,
    /// DeepFool on five photos
    #[value(name = "deepfool-5")]
    #[serde(rename = "deepfool-5")]
    Deepfool,
    /// A universal perturbation of 8 photos, 640 gradients
    #[value(name = "universal-640")]
    #[serde(rename = "universal-640")]
    Universal,
    /// The most memory that was held
    Memory,
}

/// How a row is measured.
pub struct Measuring {
    pub unit: &'static str,
    /// So often at most.
    pub repeats: usize,
    /// After so many seconds it is given up; after half of them it is not
    /// measured again.
    pub limit: f64,
}

impl Row {
    /// What only a program that has just begun can say.
    pub fn is_first(self) -> bool {
        matches!(self, Self::Load | Self::FirstForward | Self::FirstGradients)
    }

    pub fn measuring(self) -> Measuring {
        let (unit, repeats, limit) = match self {
            Self::Load | Self::FirstForward | Self::FirstGradients => ("ms", 3, 120.0),
            Self::Forward => ("ms", 40, 30.0),
            Self::Gradients => ("ms", 15, 90.0),
            Self::Deepfool => ("ms", 3, 180.0),
            Self::Universal => ("ms", 1, 240.0),
            Self::Memory => ("MB", 1, 120.0),
        };
        Measuring {
            unit,
            repeats,
            limit,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Column {
    /// One core of the CPU
    #[value(name = "cpu-1")]
    #[serde(rename = "cpu-1")]
    One,
    /// All of them
    #[value(name = "cpu-all")]
    #[serde(rename = "cpu-all")]
    All,
    /// The GPU
    Gpu,
}

/// A value as the command line and JSON have it.
pub fn id(value: &impl ValueEnum) -> String {
    let value = value.to_possible_value();
    value.map_or_else(String::new, |value| value.get_name().to_owned())
}

/// One row in one column. Of a row that could not be measured there are no
/// numbers, but a note.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    pub row: Row,
    pub column: Column,
    pub unit: String,
    pub median: Option<f64>,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub runs: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Cell {
    pub fn new(row: Row, column: Column, values: &[f64], note: Option<String>) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let median = match sorted.len() % 2 {
            1 => Some(sorted[middle]),
            _ => (middle > 0).then(|| f64::midpoint(sorted[middle - 1], sorted[middle])),
        };
        Self {
            row,
            column,
            unit: row.measuring().unit.to_owned(),
            median: median.map(four_digits),
            min: sorted.first().copied().map(four_digits),
            max: sorted.last().copied().map(four_digits),
            runs: sorted.len(),
            note,
        }
    }

    /// As a table has it: `24.1 (23.8 to 26.0)`.
    pub fn text(&self) -> String {
        let show = |value: f64| match value {
            _ if value < 10.0 => format!("{value:.2}"),
            _ if value < 100.0 => format!("{value:.1}"),
            _ => format!("{value:.0}"),
        };
        match (self.median, self.min, self.max) {
            (Some(median), Some(min), Some(max)) if self.runs > 1 => {
                format!("{} ({} to {})", show(median), show(min), show(max))
            }
            (Some(median), ..) => show(median),
            _ => "none".to_owned(),
        }
    }
}

/// More say nothing.
fn four_digits(value: f64) -> f64 {
    format!("{value:.3e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_has_the_middle_and_both_ends() {
        let cell = |values: &[f64]| Cell::new(Row::Forward, Column::One, values, None);
        let odd = cell(&[3.0, 1.0, 24.123_456]);
        assert_eq!(
            (odd.median, odd.min, odd.max),
            (Some(3.0), Some(1.0), Some(24.12))
        );
        assert_eq!(odd.text(), "3.00 (1.00 to 24.1)");
        assert_eq!(cell(&[4.0, 1.0, 2.0, 9.0]).median, Some(3.0));
        assert_eq!(cell(&[123.4]).text(), "123");
        let none = cell(&[]);
        assert_eq!(
            (none.median, none.runs, none.text()),
            (None, 0, "none".to_owned())
        );
    }

    #[test]
    fn names_are_those_of_the_pages_benchmark() {
        fn check<T: ValueEnum + Serialize>() {
            for value in T::value_variants() {
                assert_eq!(serde_json::to_value(value).unwrap(), id(value));
            }
        }
        check::<Row>();
        check::<Column>();
        assert_eq!(id(&Row::Gradients), "gradients-10");
        assert_eq!(id(&Row::FirstForward), "first-forward");
    }
}
