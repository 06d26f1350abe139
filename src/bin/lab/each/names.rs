//! What the files of pictures are called that a command writes.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// Names that several of the pictures have: in several folders, or with several
/// endings.
pub struct Names(HashSet<String>);

fn stem(file: &Path) -> String {
    super::saved::stem(file)
}

impl Names {
    pub fn new(files: &[PathBuf]) -> Self {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for file in files {
            *counts.entry(stem(file)).or_default() += 1;
        }
        let shared = counts.into_iter().filter(|(_, count)| *count > 1);
        Self(shared.map(|(name, _)| name).collect())
    }

    /// The picture's own, and where it shares that, with a number that follows from
    /// its path.
    pub fn of(&self, file: &Path) -> String {
        let mut name = stem(file);
        if self.0.contains(&name) {
            let mut hasher = DefaultHasher::new();
            file.hash(&mut hasher);
            name += &format!("-{:016x}", hasher.finish());
        }
        name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_pictures_write_to_one_file() {
        let files: Vec<PathBuf> = ["a/x.jpg", "b/x.jpg", "a/x.png", "a/y.png"]
            .map(Into::into)
            .into();
        let names = Names::new(&files);
        let all: HashSet<String> = files.iter().map(|file| names.of(file)).collect();
        assert_eq!(all.len(), 4);
        assert!(all.contains("y") && !all.contains("x"));
    }
}
