//! A network out of a file, made whole by what a person chose where the file does
//! not say it.

use super::files::Found;
use super::own::{Card, Own};
use super::preset::Preset;
use super::{ImportError, check_pictures, check_short_side, entry, names};
use crate::classifier::catalogue::Brought;
use crate::photo::Crop;

/// What a file may leave open. None of it need be chosen.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Chosen {
    /// How pixels go in; where neither this nor the file says it, they go in as
    /// they are.
    pub preset: Option<&'static Preset>,
    /// Names of the classes; by default the file's own, ImageNet's by their count,
    /// or numbers.
    pub classes: Option<Vec<String>>,
    /// To how many pixels a picture's short side is scaled before the centre is
    /// cut out; by default [`usual_short_side`].
    pub short_side: Option<usize>,
}

/// What most networks' pictures are scaled to: 256 for 224 pixels; small pictures
/// are whole.
pub fn usual_short_side(side: usize) -> usize {
    match side {
        0..64 => side,
        _ => (side * 8).div_ceil(7),
    }
}

impl Found {
    /// Whether the file says how pixels go in.
    pub fn says_pixels(&self) -> bool {
        self.imported.knows_pixels()
    }

    /// Takes out again what the file says of how pixels go in.
    ///
    /// # Errors
    /// Weights that are not the network's.
    pub fn forget_pixels(&mut self) -> Result<(), ImportError> {
        // What Caffe says of them turns the channels round.
        let is_blue_first = self.format == "Caffe" && self.imported.architecture.input[0] == 3;
        entry::forget(&mut self.imported, is_blue_first)
    }

    /// What the network sees of a picture if nobody chooses otherwise.
    pub fn crop(&self) -> Crop {
        let [channels, side, _] = self.imported.architecture.input;
        let said = self.imported.short_side;
        Crop {
            short_side: said.unwrap_or_else(|| usual_short_side(side)),
            side,
            channels,
        }
    }

    /// The network as our own format has it. `stem` is its title where the file
    /// has none.
    ///
    /// # Errors
    /// When the network sees no pictures, the preset is not for such ones or not
    /// needed, the names are not as many as the classes, or the short side is less
    /// than the network sees.
    pub fn finish(mut self, chosen: Chosen, stem: &str) -> Result<Own, ImportError> {
        let crop = self.crop();
        let short_side = chosen.short_side.unwrap_or(crop.short_side);
        check_pictures(&self.imported.architecture)?;
        check_short_side(&self.imported.architecture, short_side)?;
        if let Some(preset) = chosen.preset {
            preset.apply(&mut self.imported)?;
        }
        let imported = self.imported;
        let count = imported.architecture.classes()?;
        let classes = chosen.classes.or(imported.class_names);
        let classes = classes.or_else(|| names::by_count(count));
        let classes = classes.unwrap_or_else(|| names::numbers(count));
        if classes.len() != count {
            return Err(ImportError::NameCount {
                classes: count,
                found: classes.len(),
            });
        }
        let (given_preset, source, licence) = match self.card {
            Some(card) => (card.preset, card.source, card.licence),
            None => (String::new(), self.file, String::new()),
        };
        let title = match imported.title.trim() {
            "" => stem,
            title => title,
        };
        Ok(Own {
            card: Card {
                title: title.to_owned(),
                classes,
                short_side,
                preset: chosen
                    .preset
                    .map_or(given_preset, |preset| preset.id.to_owned()),
                source,
                licence,
                notes: imported.notes,
                architecture: imported.architecture,
            },
            weights: imported.weights,
        })
    }
}

impl Card {
    /// For the catalogue, under an id.
    pub fn brought(self, id: String) -> Brought {
        let or_unknown = |text: String| match text.as_str() {
            "" => "unknown".to_owned(),
            _ => text,
        };
        Brought {
            id,
            title: self.title,
            data: format!("{} classes", self.classes.len()),
            licence: or_unknown(self.licence),
            source: or_unknown(self.source),
            short_side: self.short_side,
            architecture: self.architecture,
            class_names: self.classes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::architecture::Architecture;
    use crate::classifier::drawn::random_weights;
    use crate::classifier::import::Imported;
    use crate::classifier::lenet::lenet_cifar10;

    fn found(architecture: Architecture) -> Found {
        Found {
            imported: Imported {
                weights: random_weights(&architecture),
                architecture: Architecture {
                    mean: vec![0.0; 3],
                    std: vec![1.0; 3],
                    ..architecture
                },
                title: " ".to_owned(),
                class_names: None,
                short_side: None,
                notes: Vec::new(),
            },
            format: "ONNX",
            file: "small.onnx".to_owned(),
            card: None,
        }
    }

    #[test]
    fn what_nobody_chose_has_a_default() {
        let own = found(lenet_cifar10())
            .finish(Chosen::default(), "small")
            .unwrap();
        assert_eq!((&*own.card.title, own.card.short_side), ("small", 32));
        assert_eq!(own.card.classes[9], "9");
        let brought = own.card.brought("a/small.onnx".to_owned());
        assert_eq!(
            (&*brought.licence, &*brought.source),
            ("unknown", "small.onnx")
        );
        assert_eq!([28, 224, 299].map(usual_short_side), [28, 256, 342]);
    }

    #[test]
    fn what_was_chosen_is_taken_or_refused() {
        let chosen = Chosen {
            preset: Preset::find("torchvision"),
            classes: Some(vec!["one".to_owned(); 10]),
            short_side: Some(40),
        };
        let card = found(lenet_cifar10())
            .finish(chosen.clone(), "")
            .unwrap()
            .card;
        assert_eq!((&*card.preset, card.short_side), ("torchvision", 40));
        let refused = |chosen: Chosen| found(lenet_cifar10()).finish(chosen, "").unwrap_err();
        let few = refused(Chosen {
            classes: Some(vec![String::new()]),
            ..chosen.clone()
        });
        assert!(matches!(few, ImportError::NameCount { found: 1, .. }));
        let small = refused(Chosen {
            short_side: Some(31),
            ..chosen
        });
        assert!(matches!(small, ImportError::ShortSide { side: 32, .. }));
    }
}
