//! Labelled pictures in memory, and what is seen of one of them while training.

use rand::{Rng, RngExt};
use serde::{Deserialize, Serialize};

use super::TrainingError;
use crate::classifier::architecture::{Architecture, Shape};

/// Labelled pictures of one shape, of a byte a value.
#[derive(Debug, Clone, PartialEq)]
pub struct LabelledPictures {
    shape: Shape,
    levels: Vec<u8>,
    labels: Vec<usize>,
}

impl LabelledPictures {
    pub fn new(shape: Shape) -> Self {
        Self {
            shape,
            levels: Vec::new(),
            labels: Vec::new(),
        }
    }

    /// Adds a picture, planar `[C, H, W]` in pixel units; it is kept in 8 bits.
    ///
    /// # Errors
    /// When it has another size.
    pub fn push(&mut self, picture: &[f32], label: usize) -> Result<(), TrainingError> {
        let expected = self.shape.iter().product();
        if picture.len() != expected {
            let found = picture.len();
            return Err(TrainingError::Size { expected, found });
        }
        let levels = picture.iter().map(|x| (x * 255.0).round() as u8);
        self.levels.extend(levels);
        self.labels.push(label);
        Ok(())
    }

    pub fn len(&self) -> usize {
        self.labels.len()
    }

    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    pub fn shape(&self) -> Shape {
        self.shape
    }

    /// Of each picture.
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// A picture, planar `[C, H, W]` in pixel units.
    pub fn picture(&self, index: usize) -> Vec<f32> {
        let levels = self.levels(index).iter();
        levels.map(|&level| f32::from(level) / 255.0).collect()
    }

    fn levels(&self, index: usize) -> &[u8] {
        let size: usize = self.shape.iter().product();
        &self.levels[index * size..][..size]
    }

    /// Whether these pictures and labels are for a network.
    pub(super) fn check(&self, architecture: &Architecture) -> Result<(), TrainingError> {
        if self.is_empty() {
            return Err(TrainingError::NoPictures);
        }
        let [expected, found] = [architecture.input, self.shape].map(|it| it.iter().product());
        if architecture.input != self.shape {
            return Err(TrainingError::Size { expected, found });
        }
        let classes = architecture
            .classes()
            .map_err(crate::classifier::weights::WeightsError::from)?;
        let last = classes - 1;
        match self.labels.iter().find(|&&label| label > last) {
            Some(&found) => Err(TrainingError::Label { found, last }),
            None => Ok(()),
        }
    }

    /// Appends what is seen of a picture, `[C, side, side]` as the first layer
    /// sees it.
    pub(super) fn view(
        &self,
        index: usize,
        seen: Seen,
        architecture: &Architecture,
        out: &mut Vec<f32>,
    ) {
        let [_, height, width] = self.shape;
        let planes = self.levels(index).chunks_exact(height * width);
        for ((plane, mean), std) in planes.zip(&architecture.mean).zip(&architecture.std) {
            for y in 0..seen.size[0] {
                let row = seen.top + y as isize;
                for x in 0..seen.size[1] {
                    let x = if seen.is_mirrored {
                        seen.size[1] - 1 - x
                    } else {
                        x
                    };
                    let column = seen.left + x as isize;
                    let is_inside = (0..height as isize).contains(&row)
                        && (0..width as isize).contains(&column);
                    // Beyond the edge there is the mean, which is zero.
                    out.push(if is_inside {
                        let level = plane[row as usize * width + column as usize];
                        (f32::from(level) / 255.0 - mean) / std
                    } else {
                        0.0
                    });
                }
            }
        }
    }
}

/// What may be seen of a picture while training.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Augmentation {
    /// Half of the times its mirror image.
    pub mirror: bool,
    /// By how many pixels it may be shifted beyond each edge.
    pub shift: usize,
}

/// What is seen of one picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// Height and width.
    size: [usize; 2],
    top: isize,
    left: isize,
    is_mirrored: bool,
}

impl Seen {
    /// All of a picture, as it is.
    pub fn whole([_, height, width]: Shape) -> Self {
        Self {
            size: [height, width],
            top: 0,
            left: 0,
            is_mirrored: false,
        }
    }

    /// A part of that height and width, anywhere in a picture that has been
    /// widened by the shift on all sides.
    pub fn draw(
        augmentation: Augmentation,
        [_, height, width]: Shape,
        size: [usize; 2],
        rng: &mut impl Rng,
    ) -> Self {
        let shift = augmentation.shift as i64;
        let mut along = |whole: usize, part: usize| {
            let last = whole as i64 - part as i64 + shift;
            rng.random_range(-shift..=last.max(-shift)) as isize
        };
        Self {
            size,
            top: along(height, size[0]),
            left: along(width, size[1]),
            is_mirrored: augmentation.mirror && rng.random_bool(0.5),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::architecture::Layer;
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    fn architecture() -> Architecture {
        Architecture {
            mean: vec![0.2],
            std: vec![0.4],
            ..Architecture::sequence([1, 2, 3], vec![Layer::Flatten])
        }
    }

    fn set() -> LabelledPictures {
        let mut set = LabelledPictures::new([1, 2, 3]);
        set.push(&[0.0, 0.2, 0.4, 0.6, 0.8, 1.0], 5).unwrap();
        set
    }

    #[test]
    fn what_is_seen_is_shifted_mirrored_and_normalised() {
        let mut out = Vec::new();
        let seen = Seen {
            size: [2, 2],
            top: -1,
            left: 1,
            is_mirrored: true,
        };
        set().view(0, seen, &architecture(), &mut out);
        let expected = [0.0, 0.0, 0.5, 0.0];
        assert!(
            out.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-6),
            "{out:?}"
        );
    }

    #[test]
    fn without_augmentation_the_picture_is_seen() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let seen = Seen::draw(Augmentation::default(), [1, 2, 3], [2, 3], &mut rng);
        assert_eq!(seen, Seen::whole([1, 2, 3]));
        let mut out = Vec::new();
        set().view(0, seen, &architecture(), &mut out);
        let picture = set().picture(0);
        for (seen, x) in out.iter().zip(picture) {
            assert!((seen * 0.4 + 0.2 - x).abs() < 1e-6);
        }
    }

    #[test]
    fn every_part_within_the_shift_comes_up() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let augmentation = Augmentation {
            mirror: true,
            shift: 1,
        };
        let draws = (0..400).map(|_| Seen::draw(augmentation, [1, 2, 3], [2, 2], &mut rng));
        let mut seen: Vec<_> = draws.map(|it| (it.top, it.left, it.is_mirrored)).collect();
        seen.sort_unstable();
        seen.dedup();
        // Three rows by four columns, each way round.
        assert_eq!(seen.len(), 24);
        assert_eq!((seen[0].0, seen[23].0), (-1, 1));
    }

    #[test]
    fn what_does_not_fit_the_network_is_refused() {
        let architecture = architecture();
        assert_eq!(set().check(&architecture).ok(), Some(()));
        let mut wrong = set();
        wrong.push(&[0.0; 6], 6).unwrap();
        assert!(
            wrong
                .check(&architecture)
                .unwrap_err()
                .to_string()
                .contains("last class is 5")
        );
        assert!(wrong.push(&[0.0; 5], 0).is_err());
        let none = LabelledPictures::new([1, 2, 3]);
        assert!(none.check(&architecture).is_err());
    }
}
