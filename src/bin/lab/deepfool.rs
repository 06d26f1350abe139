//! `lab deepfool`

use crate::Ending;
use crate::each::saved::{Labels, Save, check_file, is_saved, save};
use crate::each::{self, At, Each, Piece, Report};
use crate::network::NetworkOptions;
use crate::output::{self, levels, percent, relative};
use anyhow::{Result, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use foolscope::attack::deepfool::{self, deepfool};
use foolscope::attack::smallest::{self, Range, smallest};
use foolscope::attack::super_deepfool::{self, super_deepfool};
use foolscope::attack::{AttackError, Norm, Outcome};
use foolscope::classifier::catalogue::Entry;
use foolscope::measure::{Fooled, Robustness};
use foolscope::statistics;
use foolscope::task::block_on;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The smallest perturbation of each picture that changes its answer.
///
/// DeepFool (Moosavi-Dezfooli, Fawzi and Frossard, CVPR 2016), with the paper's
/// settings. Where its steps lead no further, at an exact tie or around a kink,
/// it goes on otherwise and says so. Nothing is clipped, as in the paper;
/// whether the answer still differs when the sum is clipped to what a screen
/// shows, and when it is rounded to 8 bits as well, is reported beside.
///
/// --tighter finds smaller ones, --smallest the smallest within a budget of
/// gradients, and --eight-bit such that a saved file still fools.
///
/// Example: lab deepfool photo.jpg --save fooled/
#[derive(clap::Args)]
#[command(group(clap::ArgGroup::new("budgeted").multiple(true)))]
pub struct Options {
    #[command(flatten)]
    each: each::Options,
    #[command(flatten)]
    network: NetworkOptions,
    #[command(flatten)]
    deepfool: DeepfoolOptions,
    /// The class that each picture should become, by number or name; without,
    /// any other than its own
    #[arg(long, value_name = "CLASS")]
    target: Option<String>,
    /// Shorten each perturbation along itself to the boundary (not in the paper)
    #[arg(long)]
    bisect: bool,
    /// SuperDeepFool: DeepFool with projections on the boundary's normal, and
    /// shortened in the end. Finds smaller perturbations in l2
    #[arg(long, conflicts_with = "norm")]
    tighter: bool,
    /// --smallest in whole grey levels: the picture that --save writes fools from
    /// the file, which is read back to see
    #[arg(long, group = "budgeted", conflicts_with_all = ["tighter", "bisect", "candidates", "overshoot", "max_iterations"])]
    eight_bit: bool,
    /// The smallest that is found within a budget of gradients, l2 or linf; the
    /// sum stays within what a picture can show
    #[arg(long, group = "budgeted", conflicts_with_all = ["tighter", "bisect", "candidates", "overshoot", "max_iterations"])]
    smallest: bool,
    /// The budget of --smallest and --eight-bit for each picture
    #[arg(long, value_name = "COUNT", requires = "budgeted",
          default_value_t = smallest::Options::default().gradients as u32,
          value_parser = clap::value_parser!(u32).range(1..))]
    gradients: u32,
    /// Let the sum of --smallest leave what a picture can show, as DeepFool's does
    #[arg(long, requires = "smallest", conflicts_with = "eight_bit")]
    unbounded: bool,
    #[command(flatten)]
    save: Save,
}

/// The settings of DeepFool, here and where it is a part of something else.
#[derive(clap::Args)]
pub struct DeepfoolOptions {
    /// Classes whose boundaries are looked at
    #[arg(long, value_name = "COUNT", default_value_t = deepfool::Options::default().candidates)]
    candidates: usize,
    /// How far beyond the boundary to go, as a share of the way to it
    #[arg(long, value_name = "SHARE", default_value_t = deepfool::Options::default().overshoot)]
    overshoot: f64,
    #[arg(long, value_name = "COUNT", default_value_t = deepfool::Options::default().max_iterations)]
    max_iterations: usize,
    /// In which norm the perturbation should be small
    #[arg(long, default_value = "l2", value_parser = norms(["l2", "linf", "l1"]))]
    norm: Norm,
}

/// Norms by name.
pub fn norms<const N: usize>(names: [&'static str; N]) -> impl TypedValueParser<Value = Norm> {
    PossibleValuesParser::new(names).map(|name| match name.as_str() {
        "l1" => Norm::L1,
        "linf" => Norm::Linf,
        _ => Norm::L2,
    })
}

pub fn run(options: &Options) -> Result<Ending> {
    let is_smallest = options.smallest || options.eight_bit;
    let budget = is_smallest.then_some(Budget {
        gradients: options.gradients as usize,
        range: match (options.eight_bit, options.unbounded) {
            (true, _) => Range::Saved,
            (_, true) => Range::Unbounded,
            _ => Range::Shown,
        },
    });
    let method = match options.tighter {
        _ if is_smallest => Method::Smallest,
        true => Method::Super,
        false => Method::DeepFool,
    };
    if is_smallest && options.deepfool.norm == Norm::L1 {
        bail!("--smallest and --eight-bit measure in l2 and linf, not in l1");
    }
    let save = options.save.folder()?;
    each::run(
        &options.each,
        || options.network.open(),
        |opened| {
            let target = options.target.as_deref();
            let target = target.map(|target| opened.class(target)).transpose()?;
            Ok(Deepfool {
                method,
                settings: Settings {
                    method: method.name().to_owned(),
                    options: deepfool::Options {
                        candidates: options.deepfool.candidates,
                        overshoot: options.deepfool.overshoot,
                        max_iterations: options.deepfool.max_iterations,
                        norm: options.deepfool.norm,
                        target,
                        bisect: options.bisect,
                    },
                    budget,
                    target: target.map(|target| opened.entry.class_names()[target].to_owned()),
                },
                is_checked: options.eight_bit,
                save,
            })
        },
    )
}

/// The smallest perturbation of each picture.
pub struct Deepfool {
    method: Method,
    settings: Settings,
    save: Option<PathBuf>,
    /// Whether what was saved is read back.
    is_checked: bool,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    method: String,
    options: deepfool::Options,
    /// Of the smallest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    budget: Option<Budget>,
    /// The name of the class that the pictures should become.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub struct Found {
    clean: String,
    adversarial: String,
    #[serde(flatten)]
    fooled: Fooled,
}

#[derive(Serialize)]
pub struct Summary {
    robustness: Robustness,
}

impl Each for Deepfool {
    const COMMAND: &'static str = "deepfool";
    const DOING: &'static str = "fooling";
    type Settings = Settings;
    type Found = Found;
    type Summary = Summary;

    fn settings(&self) -> Settings {
        self.settings.clone()
    }

    fn find(&self, at: &At<'_>) -> Result<Vec<Found>> {
        let Settings {
            options, budget, ..
        } = &self.settings;
        let outcomes = self.method.on(at, options, *budget)?;
        save(self.save.as_deref(), at, &outcomes)?;
        if let Some(folder) = self.save.as_deref().filter(|_| self.is_checked) {
            for (file, outcome) in at.files.iter().zip(&outcomes) {
                if outcome.fooled() {
                    check_file(folder, &at.name(file), outcome, at.opened)?;
                }
            }
        }
        let found = outcomes.iter().map(|outcome| {
            let Labels {
                clean, adversarial, ..
            } = Labels::of(outcome, at.opened.entry);
            Found {
                clean,
                adversarial,
                fooled: Fooled::of(outcome, options.target),
            }
        });
        Ok(found.collect())
    }

    fn is_saved(&self, name: &str) -> bool {
        is_saved(self.save.as_deref(), name)
    }

    fn summary(settings: &Settings, _: &Entry, found: &[Piece<Found>]) -> Result<Summary> {
        let fooled = found.iter().map(|it| &it.found.fooled);
        Ok(Summary {
            robustness: Robustness::of(fooled, settings.options.target),
        })
    }

    fn text(report: &Report<Self>) -> String {
        let settings = &report.settings;
        let rows = report.pieces.iter().map(|piece| {
            let Found {
                clean,
                adversarial,
                fooled,
            } = &piece.found;
            // What did not fool has no size that matters.
            let size = |size| levels(fooled.fooled.then_some(size));
            [
                Report::<Self>::name(piece),
                clean.clone(),
                adversarial.clone(),
                fooled.iterations.to_string(),
                size(fooled.l2),
                size(fooled.linf),
                relative(fooled.rho.filter(|_| fooled.fooled)),
            ]
        });
        let headings = [
            "picture",
            "answer",
            "fooled",
            "iterations",
            "l2",
            "linf",
            "rho",
        ];
        let mut text = output::table(headings, &rows.collect::<Vec<_>>());
        let r = &report.summary.robustness;
        let fooled = match r.fooled {
            0 => format!("None of {} was fooled", r.pictures),
            fooled => format!("{fooled} of {} fooled", r.pictures),
        };
        text += &format!("\n{fooled} by {} {}\n", settings.method, report.took());
        if let (Some(target), true) = (&settings.target, r.already > 0) {
            text += &format!(
                "{} of {} called {target} already: there is nothing to change\n",
                r.already, r.pictures
            );
        }
        if r.fooled == 0 {
            return text;
        }
        text += &format!(
            "rho_adv, the mean of the relative sizes: {}\n",
            relative(r.rho_adv)
        );
        if r.without_rho > 0 {
            text += &output::without_length(r.without_rho);
        }
        text += &format!(
            "Medians: l2 {} levels, linf {} levels\n",
            levels(r.median_l2),
            levels(r.median_linf)
        );
        let share = |count: usize| percent(statistics::share(count, r.fooled));
        text += &format!(
            "Still fooled when clipped: {}; when rounded to 8 bits as well: {}\n",
            share(r.survive_clipping),
            share(r.survive_rounding)
        );
        if r.stalled > 0 {
            text += &format!(
                "Past a tie or a kink, where the published steps lead no further: {}\n",
                r.stalled
            );
        }
        text
    }
}

/// What the smallest may take, and where its sum may be.
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    gradients: usize,
    range: Range,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    DeepFool,
    Super,
    Smallest,
}

impl Method {
    fn on(
        self,
        at: &At<'_>,
        settings: &deepfool::Options,
        budget: Option<Budget>,
    ) -> Result<Vec<Outcome>, AttackError> {
        let (network, pictures) = (&at.opened.network, &at.x);
        match self {
            Method::DeepFool => {
                let mut task = at.task(|step: deepfool::Progress| {
                    (step.fooled, format!("iteration {}", step.iteration))
                });
                block_on(deepfool(network, pictures, settings, &mut task))
            }
            Method::Super => {
                let options = super_deepfool::Options {
                    deepfool: settings.clone(),
                    ..super_deepfool::Options::default()
                };
                let mut task = at.task(|step: super_deepfool::Progress| {
                    (step.picture, format!("projection {}", step.round))
                });
                block_on(super_deepfool(network, pictures, &options, &mut task))
            }
            Method::Smallest => {
                let mut options = smallest::Options {
                    norm: settings.norm,
                    target: settings.target,
                    ..smallest::Options::default()
                };
                if let Some(budget) = budget {
                    (options.gradients, options.range) = (budget.gradients, budget.range);
                }
                let mut task = at.task(|step: smallest::Progress| {
                    let size = step.best.map_or(String::new(), |best| {
                        format!(": {:.1} levels", 255.0 * best.size)
                    });
                    (step.picture, format!("gradient {}{size}", step.gradients))
                });
                block_on(smallest(network, pictures, &options, &mut task))
            }
        }
    }

    fn name(self) -> &'static str {
        match self {
            Method::DeepFool => "DeepFool",
            Method::Super => "SuperDeepFool",
            Method::Smallest => "smallest",
        }
    }
}
