//! Which commands the tables need.

use super::Table;
use crate::network::shipped;
use anyhow::{Result, bail};
use foolscope::classifier::catalogue::{CATALOGUE, Entry};
use std::path::{Path, PathBuf};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    Full,
    Quick,
}

/// A command, and where its report is.
pub struct Job {
    pub table: Table,
    /// Of a table of transfer the first.
    pub network: &'static Entry,
    /// What tells it from the others of its network.
    pub variant: String,
    pub arguments: Vec<String>,
    pub report: PathBuf,
    /// Whether the report is what it prints, or a file of its own.
    pub is_printed: bool,
    /// What it takes, about.
    pub seconds: f64,
}

impl Job {
    pub fn name(&self) -> String {
        format!("{} of {}", self.variant, self.network.id)
    }
}

pub struct Plan {
    /// Some tables need the same perturbations: their jobs have one report.
    pub jobs: Vec<Job>,
    /// What cannot be measured, and why.
    pub missing: Vec<String>,
}

/// A network with its data.
pub struct Subject {
    reports: PathBuf,
    pub entry: &'static Entry,
    /// Pictures to learn a perturbation from, and pictures to attack.
    train: String,
    test: String,
    /// Seconds for the gradients of ten classes, on two cores.
    cost: f64,
    /// In grey levels: for the largest change, and for l2 the length of the same
    /// mean square as 2000 levels have on an ImageNet picture beside 10.
    radii: [f64; 2],
    counts: Counts,
}

/// Bytes of a perturbation that a page downloads.
const LARGEST: usize = 200_000;

/// How many pictures.
#[derive(Clone, Copy)]
struct Counts {
    /// For attacks on one picture.
    each: usize,
    /// For those that take long.
    few: usize,
    own: usize,
    /// For the original method, which takes DeepFool's steps on every picture.
    original: usize,
    others: usize,
    passes: usize,
    /// For each of several perturbations.
    passes_each: usize,
    /// Taught to withstand perturbations; the rates are of `others`.
    taught: usize,
    /// For each perturbation that they are taught with.
    passes_taught: usize,
}

/// Multiply-adds a picture from which on a network is too large for thousands of
/// pictures.
const LARGE: u64 = 100_000_000;

/// From which on what takes long is measured on a quarter of the photographs.
const LARGEST_OPERATIONS: u64 = 500_000_000;

impl Subject {
    fn new(entry: &'static Entry, data: &Path, reports: &Path, scale: Scale) -> Option<Self> {
        let path = |path: &str| data.join(path).display().to_string();
        let operations = entry.architecture().multiply_adds().ok()?;
        let is_small = operations < LARGE;
        let (train, test, radii) = match entry.data.split([' ', ',']).next()? {
            "ImageNet" => {
                let all = path("imagenet-sample");
                (all.clone(), all, [10.0, 2000.0])
            }
            // A digit's pixels are black or white: ten levels fool nobody, and
            // with 51, a fifth of the range, everybody still reads it.
            "MNIST" => (
                path("mnist/train-images-idx3-ubyte.gz"),
                path("mnist/t10k-images-idx3-ubyte.gz"),
                [51.0, 736.0],
            ),
            "CIFAR-10" => (
                path("cifar10/train.tar.gz"),
                path("cifar10/test.tar.gz"),
                [10.0, 286.0],
            ),
            _ => return None,
        };
        // Of ImageNet there are 800 photographs.
        let are_few = entry.data.starts_with("ImageNet");
        let counts = match (scale, are_few, is_small) {
            (Scale::Quick, ..) => Counts {
                each: 10,
                few: 3,
                own: 20,
                original: 20,
                others: 10,
                passes: 2,
                passes_each: 2,
                taught: 20,
                passes_taught: 2,
            },
            (Scale::Full, true, _) => Counts {
                each: 100,
                few: if operations < LARGEST_OPERATIONS {
                    100
                } else {
                    25
                },
                own: 600,
                original: 600,
                others: 200,
                passes: 10,
                passes_each: 2,
                taught: 200,
                passes_taught: 2,
            },
            (Scale::Full, false, false) => Counts {
                each: 500,
                few: 50,
                own: 1000,
                original: 500,
                others: 1000,
                passes: 10,
                passes_each: 3,
                taught: 500,
                passes_taught: 2,
            },
            (Scale::Full, false, true) => Counts {
                each: 1000,
                few: 100,
                own: 3000,
                original: 3000,
                others: 1000,
                passes: 10,
                passes_each: 10,
                taught: 3000,
                passes_taught: 5,
            },
        };
        Some(Self {
            reports: reports.to_owned(),
            entry,
            train,
            test,
            cost: 0.001 + operations as f64 * 2.5e-10,
            radii,
            counts,
        })
    }
}

impl Plan {
    pub fn new(
        data: &Path,
        reports: &Path,
        networks: &[String],
        only: &[Table],
        scale: Scale,
    ) -> Result<Self> {
        if let Some(unknown) = networks
            .iter()
            .find(|id| !CATALOGUE.iter().any(|entry| entry.id == **id))
        {
            bail!("no network is called {unknown}");
        }
        let mut missing = Vec::new();
        let mut subjects = Vec::new();
        let wanted =
            |entry: &Entry| networks.is_empty() || networks.iter().any(|id| id == entry.id);
        for entry in CATALOGUE.iter().filter(|entry| wanted(entry)) {
            let Some(subject) = Subject::new(entry, data, reports, scale) else {
                continue;
            };
            let has_weights = entry.weight_file.is_some_and(|file| shipped(file).exists());
            if !has_weights {
                missing.push(format!(
                    "skipped: {}, whose weights are not there",
                    entry.id
                ));
            } else if let Some(set) = [&subject.train, &subject.test]
                .into_iter()
                .find(|set| !Path::new(set).exists())
            {
                missing.push(format!("skipped: {}, for there is no {set}", entry.id));
            } else {
                subjects.push(subject);
            }
        }
        let mut jobs = Vec::new();
        for table in only {
            for subject in &subjects {
                jobs.extend(subject.jobs(*table, &subjects));
            }
        }
        Ok(Self { jobs, missing })
    }
}

/// A command line in parts: names of files may have spaces.
macro_rules! words {
    ($($word:expr),* $(,)?) => { vec![$($word.to_string()),*] };
}

/// How a universal perturbation is made.
#[derive(Clone, Copy)]
struct Recipe {
    method: &'static str,
    norm: &'static str,
    own: usize,
}

impl Subject {
    fn jobs(&self, table: Table, subjects: &[Subject]) -> Vec<Job> {
        let Counts {
            each,
            few,
            own,
            original,
            others,
            passes_each,
            taught,
            passes_taught,
            ..
        } = self.counts;
        let radius = self.radii[0];
        let id = self.entry.id;
        let test = &self.test;
        // The one that other tables are about.
        let recipe = Recipe {
            method: "stochastic",
            norm: "linf",
            own,
        };
        let mut jobs = match table {
            Table::Robustness => vec![
                self.printed("error", words!["classify", test, "--summary"], 300.0),
                self.attacks("deepfool,deepfool-linf,fast-gradient", each, 8.0),
                self.attacks("lbfgs", few, 40.0),
            ],
            Table::SemiRandom => {
                let state = self.file("semi-random", "state");
                let words = words!["semi-random", test, "--draw", few, "--out", state];
                vec![self.printed("semi-random", words, 40.0 * few as f64)]
            }
            Table::Universal => ["linf", "l2"]
                .into_iter()
                .flat_map(|norm| {
                    [("stochastic", own), ("original", original), ("random", own)]
                        .map(|(method, own)| self.universal(Recipe { method, norm, own }))
                })
                .collect(),
            Table::Pictures => [10, 30, 100, 300, 600, 1000, 3000]
                .into_iter()
                .filter(|&count| count <= own)
                .map(|own| self.universal(Recipe { own, ..recipe }))
                .collect(),
            Table::Transfer => self.transfer(recipe, subjects),
            Table::Diversity => {
                let mut words = words!["diversity", "--radius", radius, "--passes", passes_each];
                words.extend(words!["--count", 5, "--out", self.file("diversity", "d")]);
                words.extend(self.numbers());
                words.extend(self.views());
                words.extend(self.learning(own));
                vec![self.printed("diversity", words, 3.0 * (own * passes_each) as f64)]
            }
            Table::Feedback => {
                let mut words = words!["feedback", self.train, "--draw", taught + others];
                words.extend(words!["--hold-out", others, "--radius", radius]);
                words.extend(words!["--passes", passes_taught, "--rounds", 5]);
                words.extend(words!["--out", self.file("feedback", "d")]);
                words.extend(self.views());
                vec![self.printed("feedback", words, 20.0 * (taught * passes_taught) as f64)]
            }
            Table::Graph => {
                let v = self.universal(recipe);
                let count = (own + others).min(2000);
                let words = words!["graph", test, "--draw", count, "--perturbation", npy(&v)];
                vec![v, self.printed("graph", words, 0.2 * count as f64)]
            }
            Table::Normals => {
                let v = self.universal(recipe);
                let mut words = words!["normals", test, "--draw", each];
                words.extend(words!["--perturbation", npy(&v)]);
                words.extend(words!["--out", self.file("normals", "d")]);
                vec![v, self.printed("normals", words, 5.0 * each as f64)]
            }
            Table::Sections => {
                let folder = self.file("section", "d");
                let words = words!["section", test, "--draw", 3, "--out", folder];
                vec![self.printed("section", words, 600.0)]
            }
        };
        for job in &mut jobs {
            job.table = table;
            // A table of transfer names its networks itself.
            if !job.arguments.iter().any(|word| word == "--network") {
                job.arguments.extend(words!["--network", id]);
            }
        }
        jobs
    }

    /// A file, or folder, of this network's reports.
    fn file(&self, name: &str, ending: &str) -> String {
        let file = self
            .reports
            .join(format!("{name}-{}.{ending}", self.entry.id));
        file.display().to_string()
    }

    fn attacks(&self, attacks: &str, count: usize, gradients: f64) -> Job {
        let first = attacks.split(',').next().unwrap_or_default();
        let mut words = words!["robustness", self.test, "--draw", count];
        words.extend(words![
            "--attacks",
            attacks,
            "--out",
            self.file(first, "jsonl")
        ]);
        self.printed(first, words, gradients * count as f64)
    }

    /// The pictures to learn from and those kept apart, as arguments.
    fn learning(&self, count: usize) -> Vec<String> {
        let Counts { own, others, .. } = self.counts;
        let mut words = words![self.train, "--draw", own + others];
        words.extend(words!["--hold-out", others, "--learn-from", count]);
        words
    }

    /// How a perturbation is written so that a page may download it.
    fn numbers(&self) -> Vec<String> {
        let size: usize = self.entry.architecture().input.iter().product();
        words!["--numbers", if 2 * size > LARGEST { "i1" } else { "f2" }]
    }

    /// What may be done to a picture while a perturbation learns from it: a
    /// photograph's mirror image and its parts are photographs, a digit's are
    /// no digits.
    fn views(&self) -> Vec<String> {
        match self.entry.data.starts_with("MNIST") {
            true => words!["--no-mirror", "--crop", 1],
            false => Vec::new(),
        }
    }

    fn universal(&self, recipe: Recipe) -> Job {
        let Recipe { method, norm, own } = recipe;
        let passes = self.counts.passes;
        let radius = self.radii[usize::from(norm == "l2")];
        let out = self.file(&format!("universal-{method}-{norm}-{own}"), "npy");
        let mut words = words!["universal", "--method", method, "--norm", norm];
        words.extend(words!["--radius", radius, "--passes", passes, "--out", out]);
        if method == "stochastic" {
            // Only these are shipped; the original's steps are often smaller
            // than half a level, and would be rounded away.
            words.extend(self.numbers());
            words.extend(self.views());
        }
        words.extend(self.learning(own));
        let a_picture = match method {
            "original" => 3.0,
            "random" => 0.05,
            _ => 0.6,
        };
        Job {
            variant: format!("{method} {norm} {own}"),
            is_printed: false,
            report: PathBuf::from(out).with_extension("json"),
            ..self.printed("universal", words, a_picture * (own * passes) as f64)
        }
    }

    /// With every other network of the same data; each sees it at its own size.
    fn transfer(&self, recipe: Recipe, subjects: &[Subject]) -> Vec<Job> {
        let data = |it: &Subject| it.entry.data.split([' ', ',']).next();
        let alike = subjects.iter().filter(|other| data(other) == data(self));
        let alike: Vec<&Subject> = alike.collect();
        // One table for each group, with the first of it.
        if alike.len() < 2 || alike[0].entry.id != self.entry.id {
            return Vec::new();
        }
        let Counts { own, others, .. } = self.counts;
        let mut words = words!["transfer", self.test];
        if self.train == self.test {
            // The pictures that none of the perturbations was made from.
            words.extend(words!["--draw", own + others, "--held-out", others]);
        } else {
            words.extend(words!["--draw", others]);
        }
        let mut jobs = Vec::new();
        for subject in alike {
            // Of a large network from fewer pictures.
            let own = subject.counts.own;
            let mut v = subject.universal(Recipe { own, ..recipe });
            words.extend(words![
                "--perturbation",
                npy(&v),
                "--network",
                subject.entry.id
            ]);
            v.arguments.extend(words!["--network", subject.entry.id]);
            jobs.push(v);
        }
        jobs.push(self.printed("transfer", words, self.counts.others as f64));
        jobs
    }

    /// A command whose report is what it prints. `gradients` is how often it
    /// takes those of ten classes.
    fn printed(&self, variant: &str, mut arguments: Vec<String>, gradients: f64) -> Job {
        arguments.push("--json".to_owned());
        Job {
            table: Table::Robustness,
            network: self.entry,
            variant: variant.to_owned(),
            arguments,
            report: PathBuf::from(self.file(variant, "json")),
            is_printed: true,
            seconds: self.cost * gradients,
        }
    }
}

/// The perturbation that a job makes.
fn npy(job: &Job) -> String {
    job.report.with_extension("npy").display().to_string()
}
