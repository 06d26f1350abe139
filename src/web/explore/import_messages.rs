//! What is said of an import, as JavaScript and TypeScript see it.

use serde::{Deserialize, Serialize};
use tsify::Tsify;

use crate::classifier::import::preset::Trial;

/// What a file is that somebody brings.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct ImportAbout {
    pub title: String,
    /// `ONNX`, `Caffe`, `PyTorch`, `safetensors`, `Foolscope`.
    pub format: &'static str,
    /// Of the file that holds the network.
    pub file: String,
    /// Width and height of the picture that it takes.
    pub side: usize,
    pub channels: usize,
    pub classes: usize,
    pub parameters: usize,
    /// Of one pass.
    pub multiply_adds: f64,
    /// A sentence each, of what was left out or taken for granted.
    pub notes: Vec<String>,
    /// Whether the file itself says how pixels go in.
    pub knows_pixels: bool,
    /// What that is called, in a file of our own: a preset's id, or `numbers`.
    pub preset: Option<String>,
    /// Where the names of the classes come from unless somebody says.
    pub names: NameSource,
    pub short_side: usize,
    /// The most that may be chosen for it.
    pub most_short_side: usize,
    /// Letters of a title, which is cut off beyond.
    pub longest_title: usize,
    /// Those that are for such pictures.
    pub presets: Vec<PresetInfo>,
    pub licence: String,
}

/// A way in which pixels go in.
#[derive(Serialize, Tsify)]
pub struct PresetInfo {
    pub id: &'static str,
    pub title: &'static str,
    pub about: &'static str,
}

/// Where the names of classes come from.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Tsify)]
#[serde(rename_all = "lowercase")]
pub enum NameSource {
    /// The file, or one that came with it.
    File,
    /// ImageNet's, by their count.
    Imagenet,
    Numbers,
    /// A text that came later.
    Text,
}

/// How a network answered to the photos with a preset.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
#[serde(rename_all = "camelCase")]
pub struct PresetTrial {
    pub preset: &'static str,
    pub photos: usize,
    /// On how many photos the known network says the same; null where there is
    /// none for these classes.
    pub agreement: Option<usize>,
    /// The mean probability of the class that is named.
    pub sureness: f64,
    /// How many different classes are named.
    pub different: usize,
}

impl From<&Trial> for PresetTrial {
    fn from(trial: &Trial) -> Self {
        Self {
            preset: trial.preset.id,
            photos: trial.photos,
            agreement: trial.agreement,
            sureness: trial.sureness,
            different: trial.different,
        }
    }
}

/// What the answers propose.
#[derive(Serialize, Tsify)]
#[tsify(missing_as_null)]
pub struct PresetProposal {
    /// The id of a preset; null where none was tried.
    pub proposed: Option<&'static str>,
    pub trials: Vec<PresetTrial>,
}

/// How a network is kept.
#[derive(Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct KeepOptions {
    pub title: String,
    pub names: NameSource,
    /// The text of a file of names, where that is their source.
    #[serde(default)]
    #[tsify(optional)]
    pub names_text: Option<String>,
    /// To how many pixels a picture's short side is scaled.
    pub short_side: usize,
    /// How pixels go in; as the file says, or as they are, where nothing is said.
    #[serde(default)]
    #[tsify(optional)]
    pub preset: Option<String>,
    /// The same in numbers.
    #[serde(default)]
    #[tsify(optional)]
    pub pixels: Option<PixelNumbers>,
    #[serde(default)]
    #[tsify(optional)]
    pub licence: Option<String>,
    #[serde(default)]
    #[tsify(optional)]
    pub source: Option<String>,
}

/// What is done to a pixel's levels, from 0 to 255, red first.
#[derive(Deserialize, Tsify)]
#[serde(rename_all = "camelCase")]
pub struct PixelNumbers {
    /// Is subtracted.
    pub mean: Vec<f32>,
    /// Divides what is left.
    pub deviation: Vec<f32>,
    /// Whether the network takes blue, green, red.
    pub blue_first: bool,
}
