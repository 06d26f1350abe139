//! Our own format: one safetensors file, which any of its readers opens, with
//! the network itself and what is known of it as JSON in its metadata.

use super::{ImportError, Imported, Source, check_short_side};
use crate::classifier::architecture::Architecture;
use crate::classifier::weights::{Weights, WeightsError, header};
use half::f16;
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// What the metadata's entry is called.
const KEY: &str = "foolscope";

/// Of the JSON; goes up when an older reader would read a newer file wrongly.
const FORMAT: u32 = 1;

/// So many numbers are written at a time.
const PIECE: usize = 1 << 18;

/// What a file says beside the weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Card {
    pub title: String,
    /// Names of the classes; empty where they have none.
    #[serde(default)]
    pub classes: Vec<String>,
    /// To how many pixels a picture's short side is scaled before the centre is
    /// cut out.
    pub short_side: usize,
    /// The preset that is built in: how pixels go in.
    #[serde(default)]
    pub preset: String,
    #[serde(default)]
    pub source: String,
    #[serde(default)]
    pub licence: String,
    /// What was left out or taken for granted when it was read.
    #[serde(default)]
    pub notes: Vec<String>,
    pub architecture: Architecture,
}

/// A network of our own format.
#[derive(Debug, Clone, PartialEq)]
pub struct Own {
    pub card: Card,
    pub weights: Weights,
}

impl From<Own> for Imported {
    fn from(own: Own) -> Self {
        let Card {
            title,
            classes,
            short_side,
            notes,
            architecture,
            ..
        } = own.card;
        Self {
            architecture,
            weights: own.weights,
            title,
            class_names: (!classes.is_empty()).then_some(classes),
            short_side: Some(short_side),
            notes,
        }
    }
}

/// How many bits a weight has in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    F16,
    F32,
}

#[derive(Serialize, Deserialize)]
struct Whole<T> {
    format: u32,
    #[serde(flatten)]
    card: T,
}

#[derive(Deserialize)]
struct Nothing {}

/// Whether the bytes at the beginning of a file may be of our own format.
pub fn is_own(first: &[u8]) -> bool {
    // A length, then JSON, where the metadata comes first.
    let mark = format!("{{\"__metadata__\":{{\"{KEY}\":");
    first
        .get(8..)
        .is_some_and(|json| json.starts_with(mark.as_bytes()))
}

impl Own {
    /// Writes the file, piece by piece.
    ///
    /// # Errors
    /// Weights that are not the network's, or that 16 bits cannot hold, are
    /// named; so is what `put` refuses.
    pub fn write(
        &self,
        precision: Precision,
        mut put: impl FnMut(&[u8]) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        self.card.architecture.shapes()?;
        self.weights.check(&self.card.architecture)?;
        let (dtype, size) = match precision {
            Precision::F16 => (Dtype::F16, 2),
            Precision::F32 => (Dtype::F32, 4),
        };
        let mut at = 0;
        let infos = self.weights.iter().map(|(name, shape, values)| {
            let begin = at;
            at += values.len() * size;
            let info = TensorInfo {
                dtype,
                shape: shape.to_vec(),
                data_offsets: (begin, at),
            };
            (name.to_owned(), info)
        });
        let infos = infos.collect();
        let card = serde_json::to_string(&Whole {
            format: FORMAT,
            card: &self.card,
        });
        let refuse = |reason: String| ImportError::Own(reason);
        let card = card.map_err(|error| refuse(error.to_string()))?;
        let notes = HashMap::from([(KEY.to_owned(), card)]);
        let header =
            Metadata::new(Some(notes), infos).map_err(|error| refuse(error.to_string()))?;
        let mut header = serde_json::to_vec(&header).map_err(|error| refuse(error.to_string()))?;
        // Blanks up to where numbers lie well.
        header.resize(header.len().next_multiple_of(8), b' ');
        put(&(header.len() as u64).to_le_bytes())?;
        put(&header)?;
        let mut bytes = Vec::with_capacity(PIECE * size);
        for (name, _, values) in self.weights.iter() {
            for piece in values.chunks(PIECE) {
                bytes.clear();
                match precision {
                    Precision::F32 => bytes.extend(piece.iter().flat_map(|it| it.to_le_bytes())),
                    Precision::F16 => {
                        for &value in piece {
                            let half = f16::from_f32(value);
                            if !half.is_finite() {
                                let name = name.to_owned();
                                return Err(WeightsError::TooLargeForHalf { name, value }.into());
                            }
                            bytes.extend(half.to_le_bytes());
                        }
                    }
                }
                put(&bytes)?;
            }
        }
        Ok(())
    }

    /// Reads a file, piece by piece.
    ///
    /// # Errors
    /// A file that is cut short or damaged, or of a later version; a network
    /// whose layers do not fit together; weights that are not its own.
    pub fn read(source: &mut dyn Source) -> Result<Self, ImportError> {
        let card = Card::parse(&card(source)?)?;
        let weights = weights(source)?;
        weights.check(&card.architecture)?;
        Ok(Self { card, weights })
    }
}

impl Card {
    /// Reads the JSON of a file's metadata.
    ///
    /// # Errors
    /// When it is damaged, or of a later version; when the layers do not fit
    /// together, or classes and sizes are not the network's.
    pub fn parse(json: &str) -> Result<Self, ImportError> {
        let refuse = |reason: String| ImportError::Own(reason);
        let whole: Whole<Nothing> =
            serde_json::from_str(json).map_err(|error| refuse(error.to_string()))?;
        if whole.format > FORMAT {
            return Err(ImportError::Later {
                format: whole.format,
                known: FORMAT,
            });
        }
        let whole: Whole<Self> =
            serde_json::from_str(json).map_err(|error| refuse(error.to_string()))?;
        let card = whole.card;
        let classes = card.architecture.classes()?;
        if !card.classes.is_empty() && card.classes.len() != classes {
            return Err(ImportError::NameCount {
                classes,
                found: card.classes.len(),
            });
        }
        check_short_side(&card.architecture, card.short_side)
            .map_err(|error| refuse(error.to_string()))?;
        Ok(card)
    }
}

/// What a file says beside the weights, as the JSON that it is.
///
/// # Errors
/// A file that is cut short or damaged, or not of our own format.
pub fn card(source: &mut dyn Source) -> Result<String, ImportError> {
    let (metadata, _) = header(source).map_err(refused)?;
    let notes = metadata.metadata().as_ref();
    let card = notes.and_then(|notes| notes.get(KEY));
    card.cloned()
        .ok_or_else(|| ImportError::Own("it holds weights, but no network".into()))
}

/// A file's weights, piece by piece, whatever network they are of.
///
/// # Errors
/// A file that is cut short or damaged; numbers that are not finite.
pub fn weights(source: &mut dyn Source) -> Result<Weights, ImportError> {
    Weights::from_safetensors_source(source).map_err(refused)
}

/// Said of a network, and not of weights alone.
fn refused(error: WeightsError) -> ImportError {
    match error {
        WeightsError::NotSafetensors(reason) => ImportError::Own(reason),
        WeightsError::File(reason) => ImportError::Unreadable(reason),
        error => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::architecture::{Activation, Builder, Convolution, Layer};
    use crate::classifier::drawn::random_weights;
    use crate::classifier::import::Bytes;

    fn small() -> Own {
        let mut net = Builder::new([3, 6, 6]).normalised(&[0.5; 3], &[0.25; 3]);
        let x = net.then(net.picture(), Convolution::new("conv", 3, 4, 3));
        let x = net.then(x, Activation::LeakyRelu { slope: 0.1 });
        let x = net.then(x, Layer::GlobalAverage);
        let architecture = net.finish(x);
        Own {
            weights: random_weights(&architecture),
            card: Card {
                title: "Small \"one\"".into(),
                classes: ["a", "b", "c", "d"].map(str::to_owned).to_vec(),
                short_side: 8,
                preset: "tensorflow".into(),
                source: "drawn".into(),
                licence: "CC0".into(),
                notes: vec![],
                architecture,
            },
        }
    }

    fn written(own: &Own, precision: Precision) -> Vec<u8> {
        let mut file = Vec::new();
        own.write(precision, |bytes| {
            file.extend_from_slice(bytes);
            Ok(())
        })
        .unwrap();
        file
    }

    fn refused(file: &[u8]) -> String {
        Own::read(&mut Bytes(file)).unwrap_err().to_string()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let own = small();
        let file = written(&own, Precision::F32);
        assert!(is_own(&file));
        assert_eq!(file, written(&own, Precision::F32));
        assert_eq!(Own::read(&mut Bytes(&file)).unwrap(), own);
        // Every reader of the format finds the weights.
        assert_eq!(Weights::from_safetensors(&file).unwrap(), own.weights);
        let half = Own::read(&mut Bytes(&written(&own, Precision::F16))).unwrap();
        assert_eq!(half.card, own.card);
        let pairs = half.weights.iter().zip(own.weights.iter());
        for ((_, _, ours), (_, _, exact)) in pairs {
            let close = |(a, b): (&f32, &f32)| (a - b).abs() <= b.abs() / 2048.0 + 1e-7;
            assert!(ours.iter().zip(exact).all(close));
        }
    }

    #[test]
    fn a_later_format_is_told_from_a_damaged_one() {
        let file = written(&small(), Precision::F32);
        let exchanged = |old: &str, new: &str| {
            assert_eq!(old.len(), new.len());
            let old = old.as_bytes();
            let at = file.windows(old.len()).position(|it| it == old).unwrap();
            let mut file = file.clone();
            file[at..at + new.len()].copy_from_slice(new.as_bytes());
            refused(&file)
        };
        assert_eq!(
            exchanged(r#"\"format\":1"#, r#"\"format\":2"#),
            "this network was written by a later version (its format is 2, and 1 is known here): \
             bring this program or page up to date"
        );
        let error = exchanged("LeakyRelu", "LeakyRelv");
        assert!(
            error.starts_with("this is not a whole network of ours"),
            "{error}"
        );
        let error = exchanged(r#"\"input\":3,\"output\":4"#, r#"\"input\":3,\"output\":5"#);
        assert!(
            error.contains("needs [5, 3, 3, 3]") || error.contains("but the network"),
            "{error}"
        );
        let error = exchanged(r#"\"short_side\":8"#, r#"\"short_side\":2"#);
        assert!(error.contains("at least the 6 pixels"), "{error}");
    }

    #[test]
    fn cuts_and_flips_are_one_sentence() {
        let file = written(&small(), Precision::F16);
        for length in 0..file.len() {
            assert!(!refused(&file[..length]).contains('\n'), "{length}");
        }
        for at in 0..file.len() {
            for bit in [0, 3, 7] {
                let mut damaged = file.clone();
                damaged[at] ^= 1 << bit;
                if let Err(error) = Own::read(&mut Bytes(&damaged)) {
                    let error = error.to_string();
                    assert!(!error.contains('\n') && error.len() < 1000, "{error}");
                }
            }
        }
        let mut huge = file.clone();
        huge[..8].copy_from_slice(&10_000_000_000u64.to_le_bytes());
        let error = refused(&huge);
        assert!(error.contains("it ends too early"), "{error}");
    }
}
