//! Which commands the tables need.

use super::Table;
use super::subject::{Scale, Subject};
use crate::network::shipped;
use anyhow::{Result, bail};
use foolscope::classifier::catalogue::{CATALOGUE, Entry};
use std::path::{Path, PathBuf};

/// A command, and where its report is.
pub struct Job {
    /// Of a table of transfer the first.
    pub network: &'static Entry,
    /// What tells it from the others of its network.
    pub variant: String,
    /// Its command line in parts: names of files may have spaces.
    pub arguments: Vec<String>,
    pub report: PathBuf,
    /// Whether the report is what it prints, or a file of its own.
    pub is_printed: bool,
    /// Whether it is only what another one of the table needs: it has no figures
    /// of its own there.
    pub is_means: bool,
    /// What it takes, about.
    pub seconds: f64,
}

impl Job {
    pub fn name(&self) -> String {
        format!("{} of {}", self.variant, self.network.id)
    }

    /// With more words, none of which has spaces in it.
    pub fn words(mut self, words: &str) -> Self {
        let words = words.split_whitespace().map(str::to_owned);
        self.arguments.extend(words);
        self
    }

    pub fn path(mut self, path: &str) -> Self {
        self.arguments.push(path.to_owned());
        self
    }

    pub fn with(self, option: &str, path: &str) -> Self {
        self.path(option).path(path)
    }

    /// The perturbation that it makes.
    pub fn npy(&self) -> String {
        self.report.with_extension("npy").display().to_string()
    }
}

pub struct Plan {
    /// With the table that each is for. Some tables need the same perturbations:
    /// their jobs have one report.
    pub jobs: Vec<(&'static Table, Job)>,
    /// What cannot be measured, and why.
    pub missing: Vec<String>,
}

impl Plan {
    pub fn new(
        data: &Path,
        reports: &Path,
        networks: &[String],
        only: &[&'static Table],
        scale: Scale,
    ) -> Result<Self> {
        let is_known = |id: &&String| CATALOGUE.iter().any(|entry| entry.id == **id);
        if let Some(unknown) = networks.iter().find(|id| !is_known(id)) {
            bail!("no network is called {unknown}");
        }
        let (mut missing, mut subjects) = (Vec::new(), Vec::new());
        for entry in CATALOGUE {
            if !networks.is_empty() && !networks.iter().any(|id| id == entry.id) {
                continue;
            }
            let Some(subject) = Subject::new(entry, data, reports, scale) else {
                continue;
            };
            let has_weights = entry.weight_file.is_some_and(|file| shipped(file).exists());
            let sets = [subject.train.clone(), subject.test.clone()];
            let absent = sets.into_iter().find(|set| !Path::new(set).exists());
            let id = entry.id;
            if !has_weights {
                missing.push(format!("skipped: {id}, whose weights are not there"));
            } else if let Some(set) = absent {
                missing.push(format!("skipped: {id}, for there is no {set}"));
            } else {
                subjects.push(subject);
            }
        }
        let mut jobs = Vec::new();
        for &table in only {
            for subject in &subjects {
                let own = (table.jobs)(subject, &subjects);
                jobs.extend(own.into_iter().map(|job| (table, job)));
            }
        }
        Ok(Self { jobs, missing })
    }
}
