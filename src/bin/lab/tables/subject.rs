//! A network with its data, and how many pictures its tables take.

use super::plan::Job;
use foolscope::classifier::catalogue::Entry;
use serde::Deserialize;
use serde_json::{Map, Value, from_str, from_value};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    Full,
    Quick,
}

/// A network with its data.
pub struct Subject {
    reports: PathBuf,
    pub entry: &'static Entry,
    /// Pictures to learn a perturbation from, and pictures to attack.
    pub train: String,
    pub test: String,
    /// Seconds for the gradients of ten classes, on two cores.
    cost: f64,
    /// In grey levels: for the largest change, and for l2 the length of the same
    /// mean square as 2000 levels have on an ImageNet picture beside 10.
    pub radii: [f64; 2],
    pub counts: Counts,
}

/// How many pictures: a column of `counts.json`.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Counts {
    /// For attacks on one picture.
    pub each: usize,
    /// For those that take long.
    pub few: usize,
    pub own: usize,
    /// For the original method, which takes DeepFool's steps on every picture.
    pub original: usize,
    /// For each way of making one; none where it takes long.
    pub tried: usize,
    pub others: usize,
    pub passes: usize,
    /// For each of several perturbations.
    pub passes_each: usize,
    /// Taught to withstand perturbations; the rates are of `others`.
    pub taught: usize,
    /// For each perturbation that they are taught with.
    pub passes_taught: usize,
}

impl Counts {
    fn of(column: &str) -> Self {
        let rows: Map<String, Value> = from_str(include_str!("counts.json")).expect("an object");
        let rows = rows.into_iter();
        let column = rows.map(|(row, columns)| (row, columns[column].clone()));
        from_value(Value::Object(column.collect())).expect("a test reads each column")
    }
}

/// Multiply-adds a picture from which on a network is too large for thousands of
/// pictures.
const LARGE: u64 = 100_000_000;

/// From which on what takes long is measured on a quarter of the photographs.
const LARGEST: u64 = 500_000_000;

/// Bytes of a perturbation that a page downloads.
const MOST_BYTES: usize = 200_000;

/// What a network's classes are of, without how many they are.
pub fn data(entry: &Entry) -> &str {
    entry.data.split([' ', ',']).next().unwrap_or(entry.data)
}

impl Subject {
    pub fn new(entry: &'static Entry, folder: &Path, reports: &Path, scale: Scale) -> Option<Self> {
        let operations = entry.architecture().multiply_adds().ok()?;
        let (train, test, radii) = match data(entry) {
            "ImageNet" => ("imagenet-sample", "imagenet-sample", [10.0, 2000.0]),
            // A digit's pixels are black or white: ten levels fool nobody, and
            // with 51, a fifth of the range, everybody still reads it.
            "MNIST" => (
                "mnist/train-images-idx3-ubyte.gz",
                "mnist/t10k-images-idx3-ubyte.gz",
                [51.0, 736.0],
            ),
            "CIFAR-10" => ("cifar10/train.tar.gz", "cifar10/test.tar.gz", [10.0, 286.0]),
            _ => return None,
        };
        // Of ImageNet there are 800 photographs.
        let column = match (scale, data(entry) == "ImageNet") {
            (Scale::Quick, _) => "quick",
            (Scale::Full, true) if operations < LARGEST => "photographs",
            (Scale::Full, true) => "largest",
            (Scale::Full, false) if operations < LARGE => "small",
            (Scale::Full, false) => "large",
        };
        let path = |path: &str| folder.join(path).display().to_string();
        Some(Self {
            reports: reports.to_owned(),
            entry,
            train: path(train),
            test: path(test),
            cost: 0.001 + operations as f64 * 2.5e-10,
            radii,
            counts: Counts::of(column),
        })
    }

    /// A file, or folder, of this network's reports.
    pub fn file(&self, name: &str, ending: &str) -> String {
        let file = self
            .reports
            .join(format!("{name}-{}.{ending}", self.entry.id));
        file.display().to_string()
    }

    /// A command whose report, by default, is what it prints. `gradients` is how
    /// often it takes those of ten classes, about.
    pub fn job(&self, variant: &str, command: &str, gradients: f64) -> Job {
        let job = Job {
            network: self.entry,
            variant: variant.to_owned(),
            arguments: Vec::new(),
            report: PathBuf::from(self.file(variant, "json")),
            is_printed: true,
            is_means: false,
            seconds: self.cost * gradients,
        };
        job.words(command).words("--json")
    }

    /// The same, for commands that take one network.
    pub fn own_job(&self, variant: &str, command: &str, gradients: f64) -> Job {
        self.job(variant, command, gradients)
            .words(&format!("--network {}", self.entry.id))
    }

    /// The universal perturbation that several tables are about.
    pub fn main_perturbation(&self) -> Job {
        Job {
            is_means: true,
            ..self.perturbation("stochastic", "linf", self.counts.own)
        }
    }

    /// A universal perturbation from so many pictures.
    pub fn perturbation(&self, method: &str, norm: &str, own: usize) -> Job {
        self.named_perturbation(method, norm, own, "")
    }

    /// The same under a name of its own, for what is done otherwise.
    pub fn named_perturbation(&self, method: &str, norm: &str, own: usize, name: &str) -> Job {
        let passes = self.counts.passes;
        let radius = self.radii[usize::from(norm == "l2")];
        let variant = format!("{method} {norm} {own} {name}");
        let variant = variant.trim_end();
        let out = self.file(&format!("universal-{}", variant.replace(' ', "-")), "npy");
        let command = format!(
            "universal --method {method} --norm {norm} --radius {radius} --passes {passes}"
        );
        let a_picture = match method {
            "original" => 3.0,
            "random" => 0.05,
            _ => 0.6,
        };
        let job = self.own_job(variant, &command, a_picture * (own * passes) as f64);
        let job = self.learning(job.with("--out", &out), own);
        Job {
            is_printed: false,
            report: PathBuf::from(out).with_extension("json"),
            ..match method {
                // Only these are shipped; the original's steps are often smaller
                // than half a level, and would be rounded away.
                "stochastic" => self.shipped(job),
                _ => job,
            }
        }
    }

    /// With the pictures to learn from and those kept apart.
    pub fn learning(&self, job: Job, count: usize) -> Job {
        let Counts { own, others, .. } = self.counts;
        let draw = own + others;
        let words = format!("--draw {draw} --hold-out {others} --learn-from {count}");
        job.path(&self.train).words(&words)
    }

    /// With the numbers that a page may download.
    pub fn shipped(&self, job: Job) -> Job {
        let size: usize = self.entry.architecture().input.iter().product();
        let job = job.words(match 2 * size > MOST_BYTES {
            true => "--numbers i1",
            false => "--numbers f2",
        });
        self.seen(job)
    }

    /// With what may be done to a picture while a perturbation learns from it: a
    /// photograph's mirror image and its parts are photographs, a digit's are no
    /// digits.
    pub fn seen(&self, job: Job) -> Job {
        match data(self.entry) {
            "MNIST" => job.words("--no-mirror --crop 1"),
            _ => job,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_counts_is_whole() {
        for column in ["quick", "photographs", "largest", "large", "small"] {
            let counts = Counts::of(column);
            assert!(counts.few <= counts.each && counts.original <= counts.own);
        }
        assert_eq!(Counts::of("largest").few, 25);
    }
}
