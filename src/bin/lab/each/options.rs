//! The command line of every command that goes picture by picture.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

#[derive(clap::Args)]
pub struct Options {
    /// Files, folders, or quoted patterns
    #[arg(required = true)]
    pub(super) pictures: Vec<String>,
    /// Only the K-th of N parts of the pictures, as many in each: for several
    /// machines. `lab merge` makes one report of what all wrote with --out
    #[arg(long, value_name = "K/N", help_heading = FRAME)]
    pub(super) part: Option<Slice>,
    /// Pictures at a time on a GPU; on the CPU each core takes one
    #[arg(long, value_name = "COUNT", default_value_t = 4, help_heading = FRAME,
          value_parser = clap::value_parser!(u16).range(1..))]
    pub(super) batch: u16,
    /// Write what is found of each picture here, as it is found, a line of JSON
    /// each; the same command goes on from there when it was stopped, or with
    /// more pictures
    #[arg(long, short, value_name = "FILE.jsonl", help_heading = FRAME)]
    pub(super) out: Option<PathBuf>,
    /// JSON for a table
    #[arg(long, help_heading = FRAME)]
    pub(super) json: bool,
}

const FRAME: &str = "Pictures and report";

/// The K-th of N parts, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slice {
    pub index: usize,
    pub of: usize,
}

impl FromStr for Slice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(index, of)| {
            let number = |text: &str| text.trim().parse::<usize>().ok();
            Some((number(index)?, number(of)?))
        });
        match numbers {
            Some((index, of)) if (1..=of).contains(&index) => Ok(Self { index, of }),
            _ => Err(format!(
                "'{text}' is no part such as 3/16: the third of sixteen"
            )),
        }
    }
}

impl fmt::Display for Slice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl Slice {
    /// Parts have as many each, but for one; together they are all, in order.
    fn range(self, count: usize) -> std::ops::Range<usize> {
        let at = |index: usize| (index as u128 * count as u128 / self.of as u128) as usize;
        at(self.index - 1)..at(self.index)
    }
}

impl Options {
    /// Of these pictures, those of the part that was asked for.
    pub(super) fn part_of(&self, mut files: Vec<PathBuf>) -> Vec<PathBuf> {
        match self.part {
            Some(part) => files.drain(part.range(files.len())).collect(),
            None => files,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_all_pictures_once_in_order() {
        for (count, of) in [(10, 3), (16, 16), (5, 8), (0, 2)] {
            let parts = (1..=of).map(|index| Slice { index, of }.range(count));
            let all: Vec<usize> = parts.clone().flatten().collect();
            assert_eq!(all, (0..count).collect::<Vec<_>>());
            let sizes: Vec<usize> = parts.map(|part| part.len()).collect();
            let (least, most) = (sizes.iter().min(), sizes.iter().max());
            assert!(most <= least.map(|it| it + 1).as_ref());
        }
        let last = Slice {
            index: usize::MAX,
            of: usize::MAX,
        };
        assert_eq!(last.range(8), 7..8);
        assert_eq!("3/16".parse(), Ok(Slice { index: 3, of: 16 }));
        for no in ["0/2", "3/2", "3", "a/b", "/"] {
            assert!(no.parse::<Slice>().unwrap_err().contains("3/16"));
        }
    }
}
