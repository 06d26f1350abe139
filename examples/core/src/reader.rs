//! A reader of one's own: weights from a text, a tensor a line.

use anyhow::{Context, Result};
use foolscope::classifier::weights::Weights;

/// `name shape: values`, separated by spaces.
pub fn from_text(text: &str) -> Result<Weights> {
    let mut weights = Weights::new();
    for line in text.lines() {
        let (head, tail) = line.split_once(':').context("a line lacks its colon")?;
        let (name, shape) = head.split_once(' ').context("a line lacks its shape")?;
        let shape = numbers::<usize>(shape).with_context(|| name.to_owned())?;
        let values = numbers::<f32>(tail).with_context(|| name.to_owned())?;
        weights.insert(name, &shape, values)?;
    }
    Ok(weights)
}

fn numbers<T: std::str::FromStr>(text: &str) -> Result<Vec<T>>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    text.split_whitespace()
        .map(|word| {
            word.parse()
                .with_context(|| format!("{word} is not a number"))
        })
        .collect()
}
