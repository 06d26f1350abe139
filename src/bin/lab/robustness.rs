//! `lab robustness`

use crate::Ending;
use crate::network::{NetworkOptions, Opened};
use crate::output::{self, Made, decimals, json, levels, percent, shown};
use crate::pictures::{self, Pictures};
use crate::progress::{Part, Progress, Together, stop_on_ctrl_c};
use crate::spread::{self, Spread};
use anyhow::{Context, Result, bail};
use clap::ValueEnum;
use foolscope::attack::decoupled_direction_norm::{self, decoupled_direction_norm};
use foolscope::attack::deepfool::{self, deepfool};
use foolscope::attack::fast_gradient::{self, fast_gradient};
use foolscope::attack::fast_minimum_norm::{self, Distance, fast_minimum_norm};
use foolscope::attack::lbfgs::{self, lbfgs};
use foolscope::attack::random_noise::{self, random_noise};
use foolscope::attack::smallest::{self, Range, smallest};
use foolscope::attack::super_deepfool::{self, super_deepfool};
use foolscope::attack::{AttackError, Norm};
use foolscope::measure::{Estimate, Needed, Row, centred_size};
use foolscope::task::{StopFlag, Task, block_on};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs;
use std::ops::Not;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// How far the boundary is by several attacks, side by side.
///
/// For each attack the mean and the median of its relative size |r|_2 / |x|_2
/// over the pictures that it fooled (rho_adv, the measure of DeepFool's table
/// 1), norms in grey levels, and what it cost; each with a 95 % bootstrap
/// interval and the number of pictures behind it. The report of --json also has
/// |r|_2 / |x - m|_2, with m the mean colour that the network subtracts. Each
/// core attacks a picture of its own, and seconds are what an attack took there.
///
/// With --out what each picture needed is written as it is measured, a line of
/// JSON a picture and attack, and the same command goes on from there when it
/// was stopped, or with more pictures or attacks.
///
/// Example: lab robustness photos/ --attacks deepfool,fast-gradient --out photos.jsonl
#[derive(clap::Args)]
pub struct Options {
    /// Files, folders, or quoted patterns
    #[arg(required = true)]
    pictures: Vec<String>,
    #[command(flatten)]
    network: NetworkOptions,
    /// Which attacks, separated by commas
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        value_enum,
        default_value = "deepfool,super-deepfool,fast-gradient,random"
    )]
    attacks: Vec<Attack>,
    /// Which fmn, ddn and smallest may take for each picture
    #[arg(long, value_name = "COUNT", default_value_t = smallest::Options::default().gradients as u32,
          value_parser = clap::value_parser!(u32).range(1..))]
    gradients: u32,
    /// Of the random directions and of the intervals
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Write what each picture needed here, and go on from it
    #[arg(long, short, value_name = "FILE.jsonl")]
    out: Option<PathBuf>,
    /// JSON for a table
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Attack {
    /// As published: l2, 10 classes, overshoot 0.02
    Deepfool,
    /// The same for the largest change
    DeepfoolLinf,
    /// DeepFool with projections on the normal; shorter in l2
    SuperDeepfool,
    /// The sign of the gradient, with the smallest epsilon
    FastGradient,
    /// Szegedy and others' search under the box constraint
    Lbfgs,
    /// A random direction: the mean of ten draws
    Random,
    /// Another name of smallest-eight-bit, as in older reports
    EightBit,
    /// Fast minimum-norm, l2, within [0, 1]
    Fmn,
    /// The same for the largest change
    FmnLinf,
    /// Decoupled direction and norm, in whole grey levels
    Ddn,
    /// The smallest that is found within the budget, l2, within [0, 1]
    Smallest,
    /// The same beyond [0, 1] too, as DeepFool's
    SmallestUnbounded,
    /// The same for the largest change
    SmallestLinf,
    /// The same in whole grey levels
    SmallestEightBit,
}

impl Attack {
    /// Whether it takes the gradients that it is given.
    fn has_budget(self) -> bool {
        self.by_minimum_norm() || self.range().is_some()
    }

    fn by_minimum_norm(self) -> bool {
        matches!(self, Self::Fmn | Self::FmnLinf | Self::Ddn)
    }

    /// Of those that look for the smallest.
    fn range(self) -> Option<Range> {
        match self {
            Self::Smallest | Self::SmallestLinf => Some(Range::Shown),
            Self::SmallestUnbounded => Some(Range::Unbounded),
            Self::EightBit | Self::SmallestEightBit => Some(Range::Saved),
            _ => None,
        }
    }

    fn name(self) -> String {
        let value = self.to_possible_value();
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// What it needs on one picture. Time is that of the attack alone, beside
    /// those on other pictures.
    fn on(
        self,
        opened: &Opened,
        x: &[f32],
        options: &Options,
        stop: &StopFlag,
    ) -> Result<Needed, AttackError> {
        let Options {
            seed, gradients, ..
        } = *options;
        let gradients = gradients as usize;
        let network = &opened.network;
        let begun = Instant::now();
        let seconds = || begun.elapsed().as_secs_f64();
        let centred = centred_size(x, &opened.entry.architecture().mean);
        if self == Attack::Random {
            let options = random_noise::Options {
                seed,
                ..random_noise::Options::default()
            };
            let found = block_on(random_noise(network, &[x], &options, &mut silent(stop)))?;
            return Ok(Needed::random(&found[0], centred, seconds()));
        }
        if let Some(range) = self.range() {
            let options = smallest::Options {
                norm: match self {
                    Self::SmallestLinf => Norm::Linf,
                    _ => Norm::L2,
                },
                gradients,
                range,
                ..smallest::Options::default()
            };
            let found = block_on(smallest(network, &[x], &options, &mut silent(stop)))?;
            return Ok(Needed::new(&found[0], centred, seconds()));
        }
        let found = match self {
            Attack::Deepfool => {
                let options = deepfool::Options::default();
                block_on(deepfool(network, &[x], &options, &mut silent(stop)))
            }
            Attack::DeepfoolLinf => {
                let options = deepfool::Options {
                    norm: Norm::Linf,
                    ..deepfool::Options::default()
                };
                block_on(deepfool(network, &[x], &options, &mut silent(stop)))
            }
            Attack::SuperDeepfool => {
                let options = super_deepfool::Options::default();
                block_on(super_deepfool(network, &[x], &options, &mut silent(stop)))
            }
            Attack::FastGradient => {
                let options = fast_gradient::Options::default();
                block_on(fast_gradient(network, &[x], &options, &mut silent(stop)))
            }
            Attack::Lbfgs => {
                let options = lbfgs::Options::default();
                block_on(lbfgs(network, &[x], &options, &mut silent(stop)))
            }
            Attack::Fmn | Attack::FmnLinf => {
                let options = fast_minimum_norm::Options {
                    distance: match self {
                        Self::FmnLinf => Distance::Linf,
                        _ => Distance::L2,
                    },
                    steps: gradients,
                    ..fast_minimum_norm::Options::default()
                };
                block_on(fast_minimum_norm(
                    network,
                    &[x],
                    &options,
                    &mut silent(stop),
                ))
            }
            Attack::Ddn => {
                let options = decoupled_direction_norm::Options {
                    steps: gradients,
                    seed,
                    ..decoupled_direction_norm::Options::default()
                };
                block_on(decoupled_direction_norm(
                    network,
                    &[x],
                    &options,
                    &mut silent(stop),
                ))
            }
            Attack::Random
            | Attack::EightBit
            | Attack::Smallest
            | Attack::SmallestUnbounded
            | Attack::SmallestLinf
            | Attack::SmallestEightBit => unreachable!("done above"),
        }?;
        Ok(Needed::new(&found[0], centred, seconds()))
    }
}

fn silent<'a, P>(stop: &StopFlag) -> Task<'a, P> {
    Task::new(stop.clone(), |_| ())
}

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    file: String,
    #[serde(default, skip_serializing_if = "Not::not")]
    cut_short: bool,
    network: String,
    weights: String,
    attack: Attack,
    /// Of the random directions.
    seed: u64,
    /// Of those that have a budget.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gradients: Option<u32>,
    #[serde(flatten)]
    needed: Needed,
}

/// What the attacks needed on one picture, until one failed or somebody stopped
/// them.
#[derive(Default)]
struct Measured {
    lines: Vec<Line>,
    error: Option<AttackError>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(flatten)]
    made: Made,
    seed: u64,
    /// The budget of those that have one.
    #[serde(skip_serializing_if = "Option::is_none")]
    gradients: Option<u32>,
    pictures: usize,
    attacks: Vec<Row>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unreadable: Vec<String>,
}

pub fn run(options: &Options) -> Result<Ending> {
    let begun = Instant::now();
    let files = pictures::expand(&options.pictures)?;
    let opened = options.network.open()?;
    let mut lines = match &options.out {
        Some(out) => earlier(out)?,
        None => Vec::new(),
    };
    let stop = stop_on_ctrl_c()?;

    let attacks = &options.attacks;
    let is_left =
        |file: &Path, attack: Attack| find(&lines, &opened, file, attack, options).is_none();
    let left_of = |file: &PathBuf| {
        let left = attacks.iter().filter(|attack| is_left(file, **attack));
        (file.clone(), left.copied().collect::<Vec<Attack>>())
    };
    let mut left: HashMap<PathBuf, Vec<Attack>> = files.iter().map(left_of).collect();
    left.retain(|_, attacks| !attacks.is_empty());
    let of_these = |file: &&PathBuf| left.contains_key(*file);
    let left_files: Vec<PathBuf> = files.iter().filter(of_these).cloned().collect();
    let done = (files.len() - left_files.len()) * attacks.len();
    let all = Progress::new("attacking", files.len() * attacks.len());
    let spread = Spread {
        opened: &opened,
        files: &left_files,
        batch: 1,
        progress: Together::new(all, done),
        steps: attacks.len(),
        stop: &stop,
    };
    let measure = |pictures: &Pictures, part: &Part<'_>| {
        let named = pictures.files.iter().zip(&pictures.values);
        let measured = named.map(|(file, x)| {
            let left = &left[file];
            let before = attacks.len() - left.len();
            let mut measured = Measured::default();
            for (index, &attack) in left.iter().enumerate() {
                part.at(before + index, &attack.name());
                let needed = match attack.on(&opened, x, options, &stop) {
                    Ok(needed) => needed,
                    Err(AttackError::Stopped(_)) => break,
                    Err(error) => {
                        measured.error = Some(error);
                        break;
                    }
                };
                measured.lines.push(Line {
                    file: file.display().to_string(),
                    cut_short: pictures::is_cut_short(file),
                    network: opened.entry.id.to_owned(),
                    weights: opened.weights.display().to_string(),
                    attack,
                    seed: options.seed,
                    gradients: attack.has_budget().then_some(options.gradients),
                    needed,
                });
            }
            measured
        });
        Ok(measured.collect())
    };
    let mut new = Vec::new();
    let unreadable = spread::pictures(&spread, measure, |done| {
        let Measured { lines, error } = done.result;
        for line in lines {
            if let Some(out) = &options.out {
                append(out, &line)?;
            }
            new.push(line);
        }
        match error {
            Some(error) => Err(error).with_context(|| done.file.display().to_string()),
            None => Ok(()),
        }
    })?;
    drop(spread);
    lines.append(&mut new);

    let rows: Vec<Row> = options
        .attacks
        .iter()
        .map(|&attack| {
            let needed: Vec<Needed> = files
                .iter()
                .filter_map(|file| find(&lines, &opened, file, attack, options))
                .map(|line| line.needed.clone())
                .collect();
            Row::new(&attack.name(), &needed, options.seed)
        })
        .collect();
    let most = rows.iter().map(|row| row.fooled.count).max().unwrap_or(0);
    if most == 0 && !stop.is_stopped() {
        bail!("none of the pictures could be read");
    }
    let report = Report {
        made: Made::new(&opened, begun),
        seed: options.seed,
        gradients: attacks
            .iter()
            .any(|attack| attack.has_budget())
            .then_some(options.gradients),
        pictures: most,
        attacks: rows,
        unreadable,
    };
    output::print(&if options.json {
        json(&report)?
    } else {
        text(&report)
    })?;
    Ok(Ending::of(&stop, &report.unreadable))
}

/// What was measured in the same way.
fn find<'a>(
    lines: &'a [Line],
    opened: &Opened,
    file: &Path,
    attack: Attack,
    options: &Options,
) -> Option<&'a Line> {
    let (file, weights) = (
        file.display().to_string(),
        opened.weights.display().to_string(),
    );
    lines.iter().find(|line| {
        line.attack == attack
            && line.file == file
            && line.network == opened.entry.id
            && line.weights == weights
            && (line.seed == options.seed || attack != Attack::Random)
            && (line.gradients == Some(options.gradients) || !attack.has_budget())
    })
}

/// The lines of an earlier run; a last one that was cut off does not count.
fn earlier(out: &Path) -> Result<Vec<Line>> {
    if !out.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(out).with_context(|| out.display().to_string())?;
    let mut lines = Vec::new();
    let count = text.lines().count();
    for (index, line) in text.lines().enumerate() {
        match serde_json::from_str(line) {
            Ok(line) => lines.push(line),
            Err(_) if index + 1 == count && !text.ends_with('\n') => {}
            Err(error) => {
                return Err(error).with_context(|| {
                    format!(
                        "line {} of {} is not of lab robustness: name another file",
                        index + 1,
                        out.display()
                    )
                });
            }
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        fs::write(out, &text[..whole])
            .with_context(|| format!("cannot write {}", out.display()))?;
    }
    Ok(lines)
}

fn append(out: &Path, line: &Line) -> Result<()> {
    use std::io::Write;
    let name = || format!("cannot write {}", out.display());
    let mut file = fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(out)
        .with_context(name)?;
    let text = serde_json::to_string(line)? + "\n";
    file.write_all(text.as_bytes()).with_context(name)
}

fn text(report: &Report) -> String {
    let rows: Vec<[String; 9]> = report
        .attacks
        .iter()
        .map(|row| {
            [
                row.attack.clone(),
                percent(row.fooled.value),
                relative(&row.rho_adv),
                shown(row.median_rho.value, |rho| format!("{rho:.2e}")),
                shown(row.median_l2.value, decimals(1)),
                levels(row.median_linf.value),
                shown(row.gradient_evaluations.value, decimals(1)),
                percent(row.survive_rounding.value),
                shown(row.seconds.value, decimals(2)),
            ]
        })
        .collect();
    let headings = [
        "attack",
        "fooled",
        "rho_adv [95 %]",
        "median",
        "l2",
        "linf",
        "gradients",
        "in 8 bits",
        "seconds",
    ];
    let mut text = output::table(headings, &rows);
    text += &format!(
        "\n{} pictures in {:.1} s ({} on {})\n",
        report.pictures, report.made.seconds, report.made.network, report.made.device
    );
    text += "Norms are medians, in grey levels; gradients and seconds are means a picture\n";
    let without = |row: &Row| row.median_l2.count - row.rho_adv.count;
    let without = report.attacks.iter().map(without).max().unwrap_or(0);
    if without > 0 {
        text += &output::without_length(without);
    }
    text
}

fn relative(estimate: &Estimate) -> String {
    match (estimate.value, estimate.low, estimate.high) {
        (Some(value), Some(low), Some(high)) => format!("{value:.2e} [{low:.2e}, {high:.2e}]"),
        _ => shown(None, decimals(2)),
    }
}
