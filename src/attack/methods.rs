//! The attacks on one picture by name, each as published but for `smallest`, which
//! is ours: what `lab robustness` and `lab tables` measure and what the engine
//! offers.
//!
//! A new attack is a file beside this one and a row in [`METHODS`].

use std::pin::Pin;

use super::decoupled_direction_norm::{self, decoupled_direction_norm};
use super::deepfool::{self, deepfool};
use super::fast_gradient::{self, fast_gradient};
use super::fast_minimum_norm::{self, fast_minimum_norm};
use super::lbfgs::{self, lbfgs};
use super::random_noise::{self, RandomNoise, random_noise};
use super::smallest::{self, Range, smallest};
use super::super_deepfool::{self, super_deepfool};
use super::{AttackError, Distance, Norm, Outcome};
use crate::classifier::Classifier;
use crate::task::{StopFlag, Task};

/// An attack that is asked for by name.
pub struct Method {
    pub name: &'static str,
    /// What it is, in a few words.
    pub about: &'static str,
    /// What its answer follows from beside the picture, if anything.
    pub takes: Takes,
    /// In which pictures of the papers' tables it stands.
    pub table: InTables,
    run: Run,
}

/// What an attack's answer follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    Nothing,
    /// At most so many gradients.
    Gradients,
    /// As many, and something is drawn by chance.
    GradientsAndSeed,
    Seed,
}

impl Takes {
    pub fn gradients(self) -> bool {
        matches!(self, Self::Gradients | Self::GradientsAndSeed)
    }

    pub fn seed(self) -> bool {
        matches!(self, Self::Seed | Self::GradientsAndSeed)
    }
}

/// Whether the papers' tables have an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InTables {
    No,
    /// On as many pictures as the others.
    All,
    /// On fewer, for it takes long.
    Few,
}

/// What is told to an attack; each takes of it what it knows.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// At most so many for a picture.
    pub gradients: usize,
    /// Of what is drawn by chance.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            gradients: smallest::Options::default().gradients,
            seed: 0,
        }
    }
}

/// What an attack by name found on one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Attacked {
    /// Of several draws, that of the smallest.
    pub outcome: Outcome,
    /// The mean size of all draws by that of the smallest; else 1.
    pub mean_by_smallest: f64,
}

impl From<Outcome> for Attacked {
    fn from(outcome: Outcome) -> Self {
        Self {
            outcome,
            mean_by_smallest: 1.0,
        }
    }
}

impl From<RandomNoise> for Attacked {
    fn from(noise: RandomNoise) -> Self {
        let smallest = noise.smallest.norms.l2;
        Self {
            mean_by_smallest: match noise.mean_size() {
                Some(mean) if smallest > 0.0 => mean / smallest,
                _ => 1.0,
            },
            outcome: noise.smallest,
        }
    }
}

type Found<'a> = Pin<Box<dyn Future<Output = Result<Vec<Attacked>, AttackError>> + 'a>>;
type Run = for<'a> fn(&'a dyn Classifier, &'a [&'a [f32]], Settings, StopFlag) -> Found<'a>;

/// Rows of the table: name, what it takes, in which tables, what it is, and the
/// attack's function with its options.
macro_rules! methods {
    ($($name:literal, $takes:ident, $table:ident, $about:literal,
       |$settings:pat_param| $attack:ident($options:expr);)*) => {
        /// All of them.
        pub const METHODS: &[Method] = &[$(Method {
            name: $name,
            about: $about,
            takes: Takes::$takes,
            table: InTables::$table,
            run: |classifier, pictures, $settings, stop| Box::pin(async move {
                let mut task = Task::new(stop, |_| ());
                let found = $attack(classifier, pictures, &$options, &mut task).await?;
                Ok(found.into_iter().map(Attacked::from).collect())
            }),
        }),*];
    };
}

methods! {
    "deepfool", Nothing, All, "As published: l2, 10 classes, overshoot 0.02",
        |_| deepfool(deepfool::Options::default());
    "deepfool-linf", Nothing, All, "The same for the largest change",
        |_| deepfool(deepfool::Options { norm: Norm::Linf, ..Default::default() });
    "super-deepfool", Nothing, No, "DeepFool with projections on the normal; shorter in l2",
        |_| super_deepfool(super_deepfool::Options::default());
    "fast-gradient", Nothing, All, "The sign of the gradient, with the smallest epsilon",
        |_| fast_gradient(fast_gradient::Options::default());
    "lbfgs", Nothing, Few, "Szegedy and others' search under the box constraint",
        |_| lbfgs(lbfgs::Options::default());
    "random", Seed, No, "A random direction: the mean of ten draws",
        |Settings { seed, .. }| random_noise(random_noise::Options { seed, ..Default::default() });
    "fmn", Gradients, No, "Fast minimum-norm, l2, within [0, 1]",
        |settings| fast_minimum_norm(minimum_norm(Distance::L2, settings));
    "fmn-linf", Gradients, No, "The same for the largest change",
        |settings| fast_minimum_norm(minimum_norm(Distance::Linf, settings));
    "ddn", GradientsAndSeed, No, "Decoupled direction and norm, in whole grey levels",
        |Settings { gradients, seed }| decoupled_direction_norm(
            decoupled_direction_norm::Options { steps: gradients, seed, ..Default::default() });
    "smallest", Gradients, No, "The smallest that is found within the budget, l2, within [0, 1]",
        |settings| smallest(within(Norm::L2, Range::Shown, settings));
    "smallest-unbounded", Gradients, No, "The same beyond [0, 1] too, as DeepFool's",
        |settings| smallest(within(Norm::L2, Range::Unbounded, settings));
    "smallest-linf", Gradients, No, "The same for the largest change",
        |settings| smallest(within(Norm::Linf, Range::Shown, settings));
    "smallest-eight-bit", Gradients, No, "The same in whole grey levels: it survives saving",
        |settings| smallest(within(Norm::L2, Range::Saved, settings));
}

fn minimum_norm(distance: Distance, settings: Settings) -> fast_minimum_norm::Options {
    fast_minimum_norm::Options {
        distance,
        steps: settings.gradients,
        ..Default::default()
    }
}

fn within(norm: Norm, range: Range, settings: Settings) -> smallest::Options {
    smallest::Options {
        norm,
        range,
        gradients: settings.gradients,
        ..Default::default()
    }
}

impl Method {
    /// The one of a name.
    pub fn find(name: &str) -> Option<&'static Self> {
        METHODS.iter().find(|method| method.name == name)
    }

    /// Attacks each of some pictures, planar `[C, H, W]` in pixel units.
    ///
    /// # Errors
    /// The attack's own, or on a wish to stop.
    pub async fn run(
        &self,
        classifier: &dyn Classifier,
        pictures: &[&[f32]],
        settings: Settings,
        stop: StopFlag,
    ) -> Result<Vec<Attacked>, AttackError> {
        (self.run)(classifier, pictures, settings, stop).await
    }
}
