//! `lab semi-random`

use crate::Ending;
use crate::each::{self, At, Each, Piece, Report};
use crate::network::NetworkOptions;
use crate::output::{self, decimals, estimate, shown};
use anyhow::Result;
use foolscope::classifier::catalogue::Entry;
use foolscope::measure::semi_random::{self, Beta, Sizes, sizes};
use foolscope::task::block_on;
use serde::{Deserialize, Serialize};

/// How far the boundary is within random subspaces.
///
/// For each picture the smallest perturbation r* (DeepFool), and the smallest
/// r_S* within a random subspace S of m of the d dimensions of a picture. The
/// table's beta is sqrt(m/d) times the mean of |r_S*| / |r*|, with its 95 %
/// bootstrap interval and the standard deviation over the pictures (Fawzi,
/// Moosavi-Dezfooli and Frossard, NIPS 2016, table 1); rho is |r_S*| / |x|. Near
/// 1 it says that the boundary is locally flat, so that
/// noise in a few random dimensions is nearly as bad as its number lets expect.
///
/// The paper has, for VGG-19 on ImageNet at m/d = 1, 1/4, 1/16, 1/36, 1/64 and
/// 1/100: 1.00, 1.00 ± 0.01, 1.02 ± 0.03, 1.02 ± 0.05, 1.03 ± 0.06 and
/// 1.04 ± 0.08.
///
/// Example: lab semi-random photos/ --draws 2 --out semi-random.jsonl
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    each: each::Options,
    #[command(flatten)]
    network: NetworkOptions,
    /// m/d of each column, as numbers or fractions
    #[arg(long, value_name = "M/D", value_delimiter = ',', value_parser = fraction,
          default_value = "1,1/4,1/16,1/36,1/64,1/100")]
    ratios: Vec<f64>,
    /// Subspaces drawn for each picture and ratio
    #[arg(long, value_name = "COUNT", default_value_t = semi_random::Options::default().draws)]
    draws: usize,
    /// Of the subspaces
    #[arg(long, default_value_t = semi_random::Options::default().seed)]
    seed: u64,
}

fn fraction(text: &str) -> Result<f64, String> {
    let number = |text: &str| {
        let parsed = text.trim().parse::<f64>();
        parsed.map_err(|_| format!("'{text}' is neither a number nor a fraction like 1/16"))
    };
    match text.split_once('/') {
        Some((above, below)) => Ok(number(above)? / number(below)?),
        None => number(text),
    }
}

pub fn run(options: &Options) -> Result<Ending> {
    let settings = Settings {
        options: semi_random::Options {
            ratios: options.ratios.clone(),
            draws: options.draws,
            seed: options.seed,
            ..semi_random::Options::default()
        },
    };
    let open = || options.network.open();
    each::run(&options.each, open, |_| Ok(SemiRandom { settings }))
}

/// The smallest perturbation of each picture in random subspaces.
pub struct SemiRandom {
    settings: Settings,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    options: semi_random::Options,
}

#[derive(Serialize)]
pub struct Summary {
    beta: Vec<Beta>,
}

impl Each for SemiRandom {
    const COMMAND: &'static str = "semi-random";
    const DOING: &'static str = "measuring";
    type Settings = Settings;
    type Found = Sizes;
    type Summary = Summary;

    fn settings(&self) -> Settings {
        self.settings.clone()
    }

    fn find(&self, at: &At<'_>) -> Result<Vec<Sizes>> {
        let mut task = at.task(|step: semi_random::Progress| {
            (0, format!("attack {} of {}", step.attacks, step.of))
        });
        let (network, options) = (&at.opened.network, &self.settings.options);
        Ok(block_on(sizes(network, &at.x, options, &mut task))?)
    }

    fn summary(settings: &Settings, entry: &Entry, found: &[Piece<Sizes>]) -> Result<Summary> {
        let d = entry.architecture().input.iter().product();
        let sizes: Vec<Sizes> = found.iter().map(|it| it.found.clone()).collect();
        let semi_random::Options { ratios, seed, .. } = &settings.options;
        Ok(Summary {
            beta: Beta::columns(ratios, d, &sizes, *seed),
        })
    }

    fn text(report: &Report<Self>) -> String {
        let rows: Vec<[String; 7]> = report
            .summary
            .beta
            .iter()
            .map(|column| {
                [
                    format!("1/{:.4}", 1.0 / column.ratio)
                        .trim_end_matches('0')
                        .trim_end_matches('.')
                        .to_owned(),
                    column.dimension.to_string(),
                    column.beta.count.to_string(),
                    estimate(&column.beta, decimals(3)),
                    shown(column.deviation, decimals(3)),
                    estimate(&column.median_l2, decimals(2)),
                    shown(column.rho.value, |rho| format!("{rho:.2e}")),
                ]
            })
            .collect();
        let headings = [
            "m/d",
            "m",
            "pictures",
            "beta",
            "deviation",
            "median l2",
            "mean rho",
        ];
        let mut text = output::table(headings, &rows);
        let pieces = &report.pieces;
        let gradients = pieces.iter().map(|it| it.found.gradient_evaluations);
        text += &format!(
            "\n{} pictures, {} draw(s) each, {} gradients {}\n",
            pieces.len(),
            report.settings.options.draws,
            gradients.sum::<usize>(),
            report.took()
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_numbers_or_fractions() {
        assert_eq!(fraction("1/4"), Ok(0.25));
        assert_eq!(fraction("0.5"), Ok(0.5));
        assert!(fraction("quarter").unwrap_err().contains("1/16"));
    }
}
