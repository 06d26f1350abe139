//! `lab transfer`

use crate::Ending;
use crate::deepfool::norms;
use crate::each::saved::stem;
use crate::each::{self, At, Each, Piece, Report};
use crate::network::{self, Kind, NetworkOptions, Opened};
use crate::output::{self, estimate, percent};
use crate::pictures::Pictures;
use anyhow::{Context, Result, bail};
use foolscope::attack::Norm;
use foolscope::classifier::Classifier;
use foolscope::classifier::architecture::Shape;
use foolscope::classifier::catalogue::{self, CATALOGUE, Entry};
use foolscope::measure::{self, Estimate, Tally};
use foolscope::photo::Perturbation;
use foolscope::task::block_on;
use foolscope::universal::fooling::Sum;
use foolscope::universal::{Split, resampled};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// How perturbations made for one network work on others.
///
/// A table with a row for each perturbation and a column for each network: the
/// share of the pictures whose answer changes (Moosavi-Dezfooli, Fawzi, Fawzi
/// and Frossard, CVPR 2017, table 2), with its 95 % interval. Each network sees
/// the same pictures at its own size. A perturbation of another size takes for
/// each pixel the value of the nearest one, and is scaled to be as large as it
/// was by --norm.
///
/// Example: lab transfer photos/ --perturbation a.npy --perturbation b.npy
/// --network efficientnet-lite0 --network efficientnet-lite0=mine.safetensors
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    each: each::Options,
    /// A row; may be given several times
    #[arg(long, value_name = "FILE.npy", required = true)]
    perturbation: Vec<PathBuf>,
    /// A column, with the file of its weights where they are not those that
    /// `npm start` made, or a file that holds a network, with a preset of how pixels
    /// go in where it does not say that (those of --pixels of other commands: none,
    /// torchvision, caffe, tensorflow, lite or levels); may be given several times
    #[arg(long, value_name = "ID[=WEIGHTS] or FILE[=PIXELS]", default_value = CATALOGUE[0].id)]
    network: Vec<String>,
    /// Only the pictures that `lab universal --hold-out COUNT` keeps for measuring,
    /// of the same pictures and with the same --seed
    #[arg(long, value_name = "COUNT")]
    held_out: Option<usize>,
    /// By which norm a perturbation stays as large as it was where a network sees
    /// pictures of another size
    #[arg(long, default_value = "linf", value_parser = norms(["linf", "l2"]))]
    norm: Norm,
    /// What to compute on; `lab devices` lists what there is
    #[arg(long, value_enum, default_value_t = Kind::Cpu)]
    device: Kind,
    /// Clip and round the sum to 8 bits, as the page does and saving would
    #[arg(long)]
    saved: bool,
    /// Of the intervals, and of --held-out
    #[arg(long, default_value_t = 0)]
    seed: u64,
}

pub fn run(options: &Options) -> Result<Ending> {
    let named: Vec<Column> = options.network.iter().map(|it| Column::of(it)).collect();
    let open = |column: &Column| column.open(options.device);
    let mut names: Vec<String> = Vec::new();
    for column in &named {
        let is_one = named.iter().filter(|other| other.id == column.id).count() == 1;
        let name = match &column.with {
            Some(with) if !is_one => format!("{} {}", column.id, stem(Path::new(with))),
            _ => column.id.clone(),
        };
        if names.contains(&name) {
            bail!("two networks would both be called {name}: name each once");
        }
        names.push(name);
    }
    each::run(
        &options.each,
        || open(&named[0]),
        |first| {
            let others: Vec<Opened> = named[1..].iter().map(open).collect::<Result<_>>()?;
            let path = |path: &Path| path.display().to_string();
            let all = || std::iter::once(first).chain(&others);
            let rows = options.rows(&names, &all().collect::<Vec<_>>())?;
            Ok(Transfer {
                settings: Settings {
                    perturbation_hashes: rows[0].iter().map(each::perturbation_hash).collect(),
                    saved: options.saved,
                    norm: options.norm,
                    perturbation_files: options.perturbation.iter().map(|it| path(it)).collect(),
                    weight_files: all().map(|it| path(&it.weights)).collect(),
                    weight_hashes: all().map(Opened::hash).collect::<Result<_>>()?,
                    perturbations: options.perturbation.iter().map(|it| stem(it)).collect(),
                    networks: names,
                    seed: options.seed,
                },
                rows,
                others,
                held_out: options.held_out,
            })
        },
    )
}

/// A network as it was named.
struct Column {
    /// Of the catalogue, or its file.
    id: String,
    /// The file of its weights, or how pixels go into a network from a file.
    with: Option<String>,
    is_file: bool,
}

impl Column {
    fn of(argument: &str) -> Self {
        let is_file = |path: &str| Path::new(path).is_file();
        let whole = |is_file| Self {
            id: argument.to_owned(),
            with: None,
            is_file,
        };
        // A file's name, and its folders', may have the sign in them.
        if is_file(argument) {
            return whole(true);
        }
        let is_brought = |path: &str| catalogue::find(path).is_none() && is_file(path);
        let file = argument.rsplit_once('=').filter(|it| is_brought(it.0));
        match file.or_else(|| argument.split_once('=')) {
            Some((id, with)) => Self {
                id: id.to_owned(),
                with: Some(with.to_owned()),
                is_file: file.is_some(),
            },
            None => whole(false),
        }
    }

    fn open(&self, device: Kind) -> Result<Opened> {
        let id = self.id.clone();
        match self.is_file {
            true => NetworkOptions::of_file(id, self.with.clone(), device).open(),
            false => {
                let weights = self.with.as_ref().map(PathBuf::from);
                NetworkOptions::new(id, weights, device).open()
            }
        }
    }
}

impl Options {
    /// For each network every perturbation, at the size of its pictures.
    fn rows(&self, names: &[String], networks: &[&Opened]) -> Result<Vec<Vec<Perturbation>>> {
        let mut sizes: Vec<Shape> = Vec::new();
        let seen = networks.iter().map(|it| it.network.input_shape());
        let known = CATALOGUE.iter().map(|it| it.architecture().input);
        for shape in seen.chain(known) {
            if !sizes.contains(&shape) {
                sizes.push(shape);
            }
        }
        let all: Vec<Perturbation> = self
            .perturbation
            .iter()
            .map(|path| network::perturbation(path, &sizes))
            .collect::<Result<_>>()?;
        let fitted = |(name, opened): (&String, &&Opened)| {
            let shape = opened.network.input_shape();
            let fit = |(path, v): (&PathBuf, &Perturbation)| {
                resampled(v, shape, self.norm)
                    .with_context(|| format!("{} on {name}", path.display()))
            };
            self.perturbation.iter().zip(&all).map(fit).collect()
        };
        names.iter().zip(networks).map(fitted).collect()
    }
}

/// Whether each of some perturbations fools each of some networks.
pub struct Transfer {
    settings: Settings,
    /// All networks but the first.
    others: Vec<Opened>,
    /// For each network.
    rows: Vec<Vec<Perturbation>>,
    held_out: Option<usize>,
}

#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    saved: bool,
    /// That a perturbation kept on its way to another size.
    norm: Norm,
    /// One a row.
    perturbation_files: Vec<String>,
    /// Of the numbers of each, for the first network.
    perturbation_hashes: Vec<String>,
    perturbations: Vec<String>,
    /// One a column.
    weight_files: Vec<String>,
    #[serde(default)]
    weight_hashes: Vec<String>,
    networks: Vec<String>,
    seed: u64,
}

/// On one picture.
#[derive(Serialize, Deserialize)]
pub struct Found {
    /// Whether perturbation i fools network j, at `[i][j]`.
    fooled: Vec<Vec<bool>>,
}

#[derive(Serialize)]
pub struct Summary {
    pictures: usize,
    /// How many of them perturbation i fools on network j, at `[i][j]`.
    fooled: Vec<Vec<usize>>,
    rates: Vec<Vec<Estimate>>,
}

impl Settings {
    fn tally(&self) -> Tally {
        Tally::new(self.perturbations.clone(), self.networks.clone())
    }
}

impl Each for Transfer {
    const COMMAND: &'static str = "transfer";
    const DOING: &'static str = "classifying";
    type Settings = Settings;
    type Found = Found;
    type Summary = Summary;

    fn settings(&self) -> Settings {
        self.settings.clone()
    }

    fn listed(_: &Settings) -> Option<&'static str> {
        None
    }

    /// The seed is the intervals'.
    fn is_same(one: &Settings, other: &Settings) -> bool {
        let seed = one.seed;
        *one == Settings {
            seed,
            ..other.clone()
        }
    }

    fn choose(&self, files: Vec<PathBuf>) -> Result<Vec<PathBuf>> {
        match self.held_out {
            Some(count) => {
                let split = Split::drawn(files.len(), count, None, self.settings.seed)?;
                let [_, others] = split.in_order().of(&files);
                Ok(others)
            }
            None => Ok(files),
        }
    }

    fn find(&self, at: &At<'_>) -> Result<Vec<Found>> {
        // Each network sees the pictures at its own size.
        let files: Vec<PathBuf> = at.files.iter().map(|it| it.to_path_buf()).collect();
        let read = |opened: &Opened| {
            let read = Pictures::read(&files, opened.entry);
            match read.unreadable.first() {
                Some(error) => bail!("{error}"),
                None => Ok(read.values),
            }
        };
        let other: Vec<Vec<Vec<f32>>> = self.others.iter().map(read).collect::<Result<_>>()?;
        let mut pictures: Vec<Vec<&[f32]>> = vec![at.x.clone()];
        for values in &other {
            pictures.push(values.iter().map(Vec::as_slice).collect());
        }
        let opened = std::iter::once(at.opened).chain(&self.others);
        let networks = opened.enumerate().map(|(index, opened)| measure::Network {
            name: &self.settings.networks[index],
            classifier: &opened.network,
            pictures: &pictures[index],
            perturbations: &self.rows[index],
        });
        let sum = Sum::new(self.settings.saved);
        let networks: Vec<_> = networks.collect();
        let fooled = block_on(self.settings.tally().fooled(&networks, sum))?;
        Ok(fooled.into_iter().map(|fooled| Found { fooled }).collect())
    }

    fn summary(settings: &Settings, _: &Entry, found: &[Piece<Found>]) -> Result<Summary> {
        let mut tally = settings.tally();
        let each = found.iter().map(|piece| piece.found.fooled.clone());
        tally.count(&each.collect::<Vec<_>>());
        Ok(Summary {
            pictures: tally.pictures,
            rates: tally.rates(settings.seed),
            fooled: tally.fooled,
        })
    }

    fn text(report: &Report<Self>) -> String {
        let named = report.settings.perturbations.iter();
        let rows = named.zip(&report.summary.rates).map(|(name, rates)| {
            let cells = rates.iter().map(|rate| estimate(rate, percent));
            std::iter::once(name.clone()).chain(cells).collect()
        });
        let rows: Vec<Vec<String>> = rows.collect();
        let rows: Vec<&[String]> = rows.iter().map(Vec::as_slice).collect();
        let mut headings = vec!["perturbation"];
        headings.extend(report.settings.networks.iter().map(String::as_str));
        let mut text = output::columns(&headings, &rows);
        text += &format!(
            "\nShare of {} pictures whose answer changes, and its 95 % interval; {:.1} s on {}\n",
            report.summary.pictures, report.made.seconds, report.made.device
        );
        text
    }
}
