//! `lab robustness`

use crate::Ending;
use crate::each::{self, At, Each, Piece, Report};
use crate::network::NetworkOptions;
use crate::output::{self, decimals, interval, levels, percent, shown};
use anyhow::Result;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use foolscope::attack::methods::{METHODS, Method, Settings as Told};
use foolscope::classifier::catalogue::Entry;
use foolscope::measure::{Needed, Row, centred_size};
use foolscope::task::block_on;
use serde::{Deserialize, Serialize};
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
/// With --out, the same command goes on from there also with more attacks.
///
/// Example: lab robustness photos/ --attacks deepfool,fast-gradient --out photos.jsonl
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    each: each::Options,
    #[command(flatten)]
    network: NetworkOptions,
    /// Which attacks, separated by commas
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        value_parser = names(),
        default_value = "deepfool,super-deepfool,fast-gradient,random"
    )]
    attacks: Vec<String>,
    /// Which fmn, ddn and smallest may take for each picture
    #[arg(long, value_name = "COUNT", default_value_t = Told::default().gradients as u32,
          value_parser = clap::value_parser!(u32).range(1..))]
    gradients: u32,
    /// Of the random directions and of the intervals
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

/// The attacks of the core's table.
fn names() -> impl TypedValueParser<Value = String> {
    let value = |method: &Method| PossibleValue::new(method.name).help(method.about);
    PossibleValuesParser::new(METHODS.iter().map(value))
}

pub fn run(options: &Options) -> Result<Ending> {
    let methods = options.attacks.iter().filter_map(|name| Method::find(name));
    let methods: Vec<&Method> = methods.collect();
    let told = Told {
        gradients: options.gradients as usize,
        seed: options.seed,
    };
    let open = || options.network.open();
    each::run(&options.each, open, |_| Ok(Attacks { methods, told }))
}

/// Some attacks, each on each picture.
pub struct Attacks {
    methods: Vec<&'static Method>,
    told: Told,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    seed: u64,
    /// The budget of those attacks that have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gradients: Option<usize>,
}

/// What an attack needed on a picture.
#[derive(Serialize, Deserialize)]
pub struct Found {
    attack: String,
    #[serde(flatten)]
    needed: Needed,
}

#[derive(Serialize)]
pub struct Summary {
    /// That the attacks were tried on.
    pictures: usize,
    attacks: Vec<Row>,
}

impl Each for Attacks {
    const COMMAND: &'static str = "robustness";
    const DOING: &'static str = "attacking";
    type Settings = Settings;
    type Found = Found;
    type Summary = Summary;

    fn settings(&self) -> Settings {
        let has_budget = self.methods.iter().any(|method| method.takes.gradients());
        Settings {
            seed: self.told.seed,
            gradients: has_budget.then_some(self.told.gradients),
        }
    }

    fn listed(_: &Settings) -> Option<&'static str> {
        None
    }

    /// What an attack was told is said with each finding.
    fn is_same(_: &Settings, _: &Settings) -> bool {
        true
    }

    fn variants(&self) -> Vec<String> {
        let variant = |method: &&Method| {
            let mut variant = method.name.to_owned();
            if method.takes.gradients() {
                variant += &format!(", {} gradients", self.told.gradients);
            }
            if method.takes.seed() {
                variant += &format!(", seed {}", self.told.seed);
            }
            variant
        };
        self.methods.iter().map(variant).collect()
    }

    /// Time is that of the attack alone, beside those on other pictures.
    fn find(&self, at: &At<'_>) -> Result<Vec<Found>> {
        let name = at.variant.split(',').next().unwrap_or_default();
        let method = Method::find(name).expect("it is one of the variants");
        let begun = Instant::now();
        let attack = method.run(&at.opened.network, &at.x, self.told, at.stop.clone());
        let attacked = block_on(attack)?;
        let seconds = begun.elapsed().as_secs_f64() / at.x.len() as f64;
        let architecture = at.opened.entry.architecture();
        let found = at.x.iter().zip(&attacked).map(|(x, attacked)| Found {
            attack: name.to_owned(),
            needed: Needed::new(attacked, centred_size(x, &architecture.mean), seconds),
        });
        Ok(found.collect())
    }

    fn summary(settings: &Settings, _: &Entry, found: &[Piece<Found>]) -> Result<Summary> {
        let mut variants: Vec<&str> = Vec::new();
        for piece in found {
            if !variants.contains(&piece.variant.as_str()) {
                variants.push(&piece.variant);
            }
        }
        let row = |variant: &&str| {
            let of = found.iter().filter(|piece| piece.variant == *variant);
            let needed: Vec<Needed> = of.map(|piece| piece.found.needed.clone()).collect();
            let name = variant.split(',').next().unwrap_or_default();
            Row::new(name, &needed, settings.seed)
        };
        let attacks: Vec<Row> = variants.iter().map(row).collect();
        Ok(Summary {
            pictures: attacks
                .iter()
                .map(|row| row.fooled.count)
                .max()
                .unwrap_or(0),
            attacks,
        })
    }

    fn text(report: &Report<Self>) -> String {
        let rows = report.summary.attacks.iter().map(|row| {
            [
                row.attack.clone(),
                percent(row.fooled.value),
                interval(&row.rho_adv, |rho| format!("{rho:.2e}")),
                shown(row.median_rho.value, |rho| format!("{rho:.2e}")),
                shown(row.median_l2.value, decimals(1)),
                levels(row.median_linf.value),
                shown(row.gradient_evaluations.value, decimals(1)),
                percent(row.survive_rounding.value),
                shown(row.seconds.value, decimals(2)),
            ]
        });
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
        let mut text = output::table(headings, &rows.collect::<Vec<_>>());
        text += &format!(
            "\n{} {}\n",
            output::pictures(report.summary.pictures),
            report.took()
        );
        text += "Norms are medians, in grey levels; gradients and seconds are means a picture\n";
        let without = |row: &Row| row.median_l2.count - row.rho_adv.count;
        let without = report
            .summary
            .attacks
            .iter()
            .map(without)
            .max()
            .unwrap_or(0);
        if without > 0 {
            text += &output::without_length(without);
        }
        text
    }
}
