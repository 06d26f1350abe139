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
use foolscope::classifier::import::preset::Preset;
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
    if options.held_out == Some(0) {
        bail!("--held-out 0 keeps no picture: leave it out, or name how many there were");
    }
    let named: Vec<Column> = options.network.iter().map(|it| Column::of(it)).collect();
    let open = |column: &Column| column.open(options.device);
    let mut names: Vec<String> = Vec::new();
    for column in &named {
        let is_one = named.iter().filter(|other| other.id == column.id).count() == 1;
        let name = column.name(is_one);
        if names.contains(&name) {
            bail!("two networks would both be called {name}: name each once");
        }
        names.push(name);
    }
    let perturbations = options.names()?;
    each::run(
        &options.each,
        || open(&named[0]),
        |first| {
            let others: Vec<Opened> = named[1..].iter().map(open).collect::<Result<_>>()?;
            let path = |path: &Path| path.display().to_string();
            let all = || std::iter::once(first).chain(&others);
            let networks: Vec<&Opened> = all().collect();
            let read = options.read(&networks)?;
            let rows = options.rows(&read, &names, &networks)?;
            Ok(Transfer {
                settings: Settings {
                    perturbation_hashes: read.iter().map(each::perturbation_hash).collect(),
                    saved: options.saved,
                    norm: options.norm,
                    perturbation_files: options.perturbation.iter().map(|it| path(it)).collect(),
                    weight_files: all().map(|it| path(&it.weights)).collect(),
                    weight_hashes: all().map(Opened::hash).collect::<Result<_>>()?,
                    perturbations,
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
        let is_brought = |path: &str| catalogue::find(path).is_none() && Path::new(path).is_file();
        // A file's name, and its folders', may have the sign in them.
        let mut heads = argument.rmatch_indices('=').map(|(at, _)| at);
        let at_file = heads.find(|&at| is_brought(&argument[..at]));
        let at_id = argument.find('=');
        let at_id = at_id.filter(|&at| catalogue::find(&argument[..at]).is_some());
        let is_whole_file = is_brought(argument);
        match at_file.or(at_id).filter(|_| !is_whole_file) {
            Some(at) => Self {
                id: argument[..at].to_owned(),
                with: Some(argument[at + 1..].to_owned()),
                is_file: at_file.is_some(),
            },
            None => Self {
                id: argument.to_owned(),
                with: None,
                is_file: is_whole_file,
            },
        }
    }

    /// What heads its column: of several of one network, each with what is its own.
    fn name(&self, is_one: bool) -> String {
        match &self.with {
            Some(preset) if self.is_file => format!("{}={preset}", self.id),
            Some(weights) if !is_one => format!("{} {}", self.id, stem(Path::new(weights))),
            _ => self.id.clone(),
        }
    }

    fn open(&self, device: Kind) -> Result<Opened> {
        let id = self.id.clone();
        let is_preset = |with: &str| Preset::find(with).is_some() && !Path::new(with).is_file();
        match self.with.as_deref() {
            Some("") => bail!("nothing follows the = of {id}=: leave it out, or say what follows"),
            preset if self.is_file => {
                NetworkOptions::of_file(id, preset.map(str::to_owned), device).open()
            }
            Some(with) if is_preset(with) => bail!(
                "{id} knows how pixels go in: what may follow its = is the file of its weights"
            ),
            weights => NetworkOptions::new(id, weights.map(PathBuf::from), device).open(),
        }
    }
}

impl Options {
    /// What the rows are called: files by the end of their path, where that tells them apart.
    fn names(&self) -> Result<Vec<String>> {
        let files = &self.perturbation;
        let mut names: Vec<String> = Vec::new();
        for file in files {
            let is_one = files.iter().filter(|it| stem(it) == stem(file)).count() == 1;
            let name = match is_one {
                true => stem(file),
                false => file.display().to_string(),
            };
            if names.contains(&name) {
                bail!("two perturbations would both be called {name}: name each once");
            }
            names.push(name);
        }
        Ok(names)
    }

    /// Every perturbation as its file has it, of whatever size.
    fn read(&self, networks: &[&Opened]) -> Result<Vec<Perturbation>> {
        let mut sizes: Vec<Shape> = Vec::new();
        let seen = networks.iter().map(|it| it.network.input_shape());
        let known = CATALOGUE.iter().map(|it| it.architecture().input);
        for shape in seen.chain(known) {
            if !sizes.contains(&shape) {
                sizes.push(shape);
            }
        }
        let read = |path: &PathBuf| network::perturbation_of_any_size(path, &sizes);
        self.perturbation.iter().map(read).collect()
    }

    /// For each network every perturbation, at the size of its pictures.
    fn rows(
        &self,
        all: &[Perturbation],
        names: &[String],
        networks: &[&Opened],
    ) -> Result<Vec<Vec<Perturbation>>> {
        let fitted = |(name, opened): (&String, &&Opened)| {
            let shape = opened.network.input_shape();
            let fit = |(path, v): (&PathBuf, &Perturbation)| {
                let at = || format!("{} on {name}", path.display());
                let fitted = resampled(v, shape, self.norm).with_context(at)?;
                let is_nothing = |v: &Perturbation| v.values().iter().all(|value| *value == 0.0);
                if is_nothing(&fitted) && !is_nothing(v) {
                    bail!("{}: at its size nothing is left of the perturbation", at());
                }
                Ok(fitted)
            };
            self.perturbation.iter().zip(all).map(fit).collect()
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
    /// Of the numbers of each, as its file has them.
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

    /// The seed is the intervals', and where files lie does not matter, only what is
    /// in them.
    fn is_same(one: &Settings, other: &Settings) -> bool {
        one.saved == other.saved
            && one.norm == other.norm
            && one.perturbation_hashes == other.perturbation_hashes
            && one.weight_hashes == other.weight_hashes
    }

    fn is_of_one_report(one: &Settings, other: &Settings) -> bool {
        one.seed == other.seed && Self::is_same(one, other)
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
