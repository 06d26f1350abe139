//! The ways in which pixels go into networks, and which of them a network was
//! trained with, to judge by its answers.
//!
//! A file of weights does not say whether its network saw red or blue first,
//! levels from 0 to 255 or numbers about 0. A network that sees something else
//! than in training still answers, only worse: so each way is tried on a few
//! photos ([`Preset::enter`]), and the answers compared ([`propose`]).

use super::entry::{self, Entry, Mean};
use super::{ImportError, Imported};
use std::fmt;

/// A way in which pixels go in, as a family of networks has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Preset {
    /// Short and stable: in files and on the command line.
    pub id: &'static str,
    pub title: &'static str,
    /// What it does to a pixel, for who chooses.
    pub about: &'static str,
    /// In levels from 0 to 255, red first.
    mean: [f32; 3],
    /// What a level less its mean is multiplied by, red first.
    scale: [f32; 3],
    blue_first: bool,
}

/// The first is what a network without any of them sees.
pub static PRESETS: &[Preset] = &[
    Preset {
        id: "none",
        title: "None",
        about: "red, green, blue from 0 to 1, as they are",
        mean: [0.0; 3],
        scale: [1.0 / 255.0; 3],
        blue_first: false,
    },
    Preset {
        id: "torchvision",
        title: "PyTorch (torchvision)",
        about: "red, green, blue from 0 to 1, less ImageNet's mean, divided by its deviation",
        mean: [0.485 * 255.0, 0.456 * 255.0, 0.406 * 255.0],
        scale: [
            1.0 / (255.0 * 0.229),
            1.0 / (255.0 * 0.224),
            1.0 / (255.0 * 0.225),
        ],
        blue_first: false,
    },
    Preset {
        id: "caffe",
        title: "Caffe",
        about: "blue, green, red from 0 to 255, less a mean of 104, 117, 123",
        mean: [123.0, 117.0, 104.0],
        scale: [1.0; 3],
        blue_first: true,
    },
    Preset {
        id: "tensorflow",
        title: "TensorFlow",
        about: "red, green, blue from -1 to 1",
        mean: [127.5; 3],
        scale: [1.0 / 127.5; 3],
        blue_first: false,
    },
    Preset {
        id: "lite",
        title: "EfficientNet-Lite",
        about: "red, green, blue from 0 to 255, less 127, divided by 128",
        mean: [127.0; 3],
        scale: [1.0 / 128.0; 3],
        blue_first: false,
    },
    Preset {
        id: "levels",
        title: "Levels",
        about: "red, green, blue from 0 to 255, as they are",
        mean: [0.0; 3],
        scale: [1.0; 3],
        blue_first: false,
    },
];

impl Preset {
    /// The preset of an id.
    pub fn find(id: &str) -> Option<&'static Self> {
        PRESETS.iter().find(|preset| preset.id == id)
    }

    /// Whether it is one for networks of pictures of so many channels.
    pub fn is_for(&self, channels: usize) -> bool {
        match channels {
            3 => true,
            1 => !self.blue_first && self.mean[0] == self.mean[2],
            _ => self.id == "none",
        }
    }

    /// What a network is to see of a picture, `[C, H, W]` in [0, 1]: a network
    /// without a preset answers to it as one with it would to the picture.
    pub fn enter(&self, picture: &[f32], channels: usize) -> Vec<f32> {
        let size = picture.len() / channels.max(1);
        let planes = (0..channels).flat_map(|channel| {
            let from = self.source(channel, channels);
            let (mean, scale) = (self.mean[from % 3], self.scale[from % 3]);
            let plane = &picture[from * size..(from + 1) * size];
            plane
                .iter()
                .map(move |value| (255.0 * value - mean) * scale)
        });
        planes.collect()
    }

    /// Which of a picture's channels a network takes as one of its own.
    fn source(&self, channel: usize, channels: usize) -> usize {
        match self.blue_first && channels == 3 {
            true => channels - 1 - channel,
            false => channel,
        }
    }

    /// Builds it into a network that sees pixels as they are.
    ///
    /// # Errors
    /// When it is for pictures of other channels, or the file itself says how
    /// pixels go in.
    pub fn apply(&self, imported: &mut Imported) -> Result<(), ImportError> {
        let channels = imported.architecture.input[0];
        if !self.is_for(channels) {
            return Err(ImportError::Channels {
                preset: self.title,
                channels,
            });
        }
        if entry::is_said(&imported.architecture) {
            return Err(ImportError::Said { preset: self.title });
        }
        if self.id == PRESETS[0].id {
            return Ok(());
        }
        let mean = (0..channels).map(|channel| self.mean[self.source(channel, channels)]);
        let entry = Entry {
            mean: Mean::Channels(mean.collect()),
            scale: (0..channels).map(|channel| self.scale[channel]).collect(),
            blue_first: self.blue_first && channels == 3,
        };
        entry.apply(imported)
    }
}

/// Below so many bits answers are all the same but for rounding.
const LEAST_INFORMATION: f64 = 1e-6;

/// How a network answers to the sample photos with a preset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trial {
    pub preset: &'static Preset,
    pub photos: usize,
    /// On how many photos a network that is known gives the same class; none
    /// where no such network knows these classes.
    pub agreement: Option<usize>,
    /// The mean probability of the class that is named.
    pub sureness: f64,
    /// How many different classes are named.
    pub different: usize,
    /// What a photo says of the class, in bits: the entropy of the mean of all
    /// answers less the mean of their entropies. One answer to everything,
    /// however sure, says nothing.
    pub information: f64,
}

impl Trial {
    /// Of the logits of each photo, and what a known network answers to them.
    pub fn new(preset: &'static Preset, logits: &[Vec<f32>], known: Option<&[usize]>) -> Self {
        let answers: Vec<Vec<f64>> = logits.iter().map(|logits| softmax(logits)).collect();
        let best: Vec<usize> = answers.iter().map(|answer| largest(answer)).collect();
        let photos = answers.len();
        let each = 1.0 / photos.max(1) as f64;
        let classes = answers.iter().map(Vec::len).max().unwrap_or(0);
        let mut mean = vec![0.0; classes];
        for answer in &answers {
            for (sum, value) in mean.iter_mut().zip(answer) {
                *sum += value * each;
            }
        }
        let entropies: f64 = answers.iter().map(|answer| entropy(answer)).sum();
        let sure = answers
            .iter()
            .zip(&best)
            .filter_map(|(answer, best)| answer.get(*best));
        let mut named = best.clone();
        named.sort_unstable();
        named.dedup();
        // A class of nothing comes first where there are 1001.
        let shift = usize::from(classes == 1001);
        let agrees = |known: &[usize]| {
            let pairs = best.iter().zip(known);
            pairs
                .filter(|(ours, known)| **ours == **known + shift)
                .count()
        };
        let is_broken = logits.iter().flatten().any(|logit| !logit.is_finite());
        Self {
            preset,
            photos,
            agreement: known.map(|known| if is_broken { 0 } else { agrees(known) }),
            sureness: if is_broken {
                0.0
            } else {
                sure.sum::<f64>() * each
            },
            different: named.len(),
            information: match is_broken {
                true => f64::NEG_INFINITY,
                false => entropy(&mean) - entropies * each,
            },
        }
    }
}

/// The preset whose answers are surest and agree: of those that agree with the
/// known network most often, the one whose answers say most. None where the photos
/// tell nothing.
pub fn propose(trials: &[Trial]) -> Option<&Trial> {
    let rank = |trial: &Trial| (trial.agreement.unwrap_or(0), trial.information);
    // The first of equal ones.
    let best = trials.iter().rev().max_by(|a, b| {
        let ((a, of_a), (b, of_b)) = (rank(a), rank(b));
        a.cmp(&b).then(of_a.total_cmp(&of_b))
    });
    best.filter(|trial| trial.tells())
}

impl Trial {
    /// Whether its answers say anything: they agree with the known network's on a
    /// photo; without one, they are not the same to all photos.
    fn tells(&self) -> bool {
        match self.agreement {
            Some(agreement) => agreement > 0,
            None => {
                let differ = self.different > 1 && self.information > LEAST_INFORMATION;
                self.photos == 1 || differ
            }
        }
    }
}

impl fmt::Display for Trial {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (title, photos) = (self.preset.title, self.photos);
        let sure = 100.0 * self.sureness;
        match self.agreement {
            Some(agreement) => write!(
                f,
                "{title}: it agrees with the known network on {agreement} of {photos} photos and \
                 is {sure:.0}% sure"
            ),
            None => write!(
                f,
                "{title}: it is {sure:.0}% sure and names {} {} on {photos} photos",
                self.different,
                if self.different == 1 {
                    "class"
                } else {
                    "classes"
                }
            ),
        }
    }
}

fn softmax(logits: &[f32]) -> Vec<f64> {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers = logits.iter().map(|&it| f64::from(it - most).exp());
    let powers: Vec<f64> = powers.collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

fn largest(values: &[f64]) -> usize {
    let first = values.iter().enumerate().rev();
    first
        .max_by(|(_, a), (_, b)| a.total_cmp(b))
        .map_or(0, |(index, _)| index)
}

/// In bits.
fn entropy(probabilities: &[f64]) -> f64 {
    let terms = probabilities.iter().filter(|&&p| p > 0.0);
    -terms.map(|p| p * p.log2()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(id: &str) -> &'static Preset {
        Preset::find(id).unwrap()
    }

    #[test]
    fn each_preset_is_what_its_family_sees() {
        // A pixel of 102 red, 51 green, 204 blue.
        let pixel = [0.4, 0.2, 0.8];
        for (id, seen) in [
            ("none", [0.4, 0.2, 0.8]),
            ("torchvision", [-0.371179, -1.142857, 1.751111]),
            ("caffe", [100.0, -66.0, -21.0]),
            ("tensorflow", [-0.2, -0.6, 0.6]),
            ("lite", [-0.1953125, -0.59375, 0.6015625]),
            ("levels", [102.0, 51.0, 204.0]),
        ] {
            for (found, expected) in of(id).enter(&pixel, 3).iter().zip(seen) {
                assert!((found - expected).abs() < 1e-4, "{id}: {found} {expected}");
            }
        }
        assert!(of("tensorflow").is_for(1) && !of("caffe").is_for(1));
    }

    #[test]
    fn the_one_that_agrees_is_proposed_however_sure_another_is() {
        let known = [1, 2, 0];
        let sure = vec![vec![0.0, 0.0, 90.0]; 3];
        let right = vec![
            vec![0.0, 3.0, 0.0],
            vec![0.0, 0.0, 3.0],
            vec![3.0, 0.0, 0.0],
        ];
        let trials = [
            Trial::new(of("levels"), &sure, Some(&known)),
            Trial::new(of("caffe"), &right, Some(&known)),
        ];
        let best = propose(&trials).unwrap();
        assert_eq!(best.preset.id, "caffe");
        assert_eq!((best.agreement, best.different), (Some(3), 3));
        assert_eq!(
            best.to_string(),
            "Caffe: it agrees with the known network on 3 of 3 photos and is 91% sure"
        );
        // Without a known network one answer to everything does not win either.
        let trials = [
            Trial::new(of("levels"), &sure, None),
            Trial::new(of("caffe"), &right, None),
        ];
        assert_eq!(propose(&trials).unwrap().preset.id, "caffe");
        assert!(trials[0].sureness > 0.999 && trials[0].information.abs() < 1e-9);
        assert_eq!(propose(&[]), None);
    }

    #[test]
    fn what_tells_nothing_is_not_proposed() {
        let dead = vec![vec![0.0; 3]; 3];
        let broken = vec![vec![f32::NAN; 3]; 3];
        for logits in [&dead, &broken] {
            assert_eq!(propose(&[Trial::new(of("none"), logits, None)]), None);
        }
        let other = vec![vec![3.0, 0.0, 0.0], vec![0.0, 3.0, 0.0]];
        let trial = |known| [Trial::new(of("none"), &other, known)];
        assert_eq!(propose(&trial(Some(&[2, 2]))), None);
        assert!(propose(&trial(Some(&[2, 1]))).is_some());
        assert!(propose(&trial(None)).is_some());
    }

    #[test]
    fn a_class_of_nothing_shifts_the_others() {
        let mut logits = vec![0.0; 1001];
        logits[18] = 5.0;
        let trial = Trial::new(of("none"), &[logits], Some(&[17]));
        assert_eq!(trial.agreement, Some(1));
    }

    #[test]
    fn logits_that_are_no_numbers_are_not_proposed() {
        let broken = Trial::new(of("levels"), &[vec![f32::NAN; 3]], None);
        let whole = Trial::new(of("none"), &[vec![1.0, 0.0, 0.0]], None);
        assert_eq!(propose(&[broken, whole]).unwrap().preset.id, "none");
    }
}
