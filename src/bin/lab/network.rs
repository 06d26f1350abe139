//! Which network, with which weights, on which device.

use crate::brought::Pixels;
use crate::each::line::hash_of;
use anyhow::{Context, Result, anyhow, bail};
use burn::tensor::Device;
use clap::ValueEnum;
use foolscope::classifier::Classifier;
use foolscope::classifier::architecture::Shape;
use foolscope::classifier::catalogue::{self, CATALOGUE, Entry};
#[cfg(feature = "gpu")]
use foolscope::classifier::gpu;
use foolscope::classifier::import::own::{Card, Own};
use foolscope::classifier::network::Network;
use foolscope::classifier::weights::{self, Weights};
use foolscope::npy::{self, NpyError};
use foolscope::photo::Perturbation;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

/// What a network computes on.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Kind {
    Cpu,
    Gpu,
}

#[derive(clap::Args)]
pub struct NetworkOptions {
    /// The classifier: one of the catalogue, or a file that holds one (ONNX,
    /// Caffe, safetensors or PyTorch of a known network, or what `lab import`
    /// wrote)
    #[arg(long, value_name = "ID or FILE", default_value = CATALOGUE[0].id)]
    network: String,
    /// Its weights: a safetensors, PyTorch or burnpack file
    /// [default: those that `npm start` made]
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// What to compute on; `lab devices` lists what there is
    #[arg(long, value_enum, default_value_t = Kind::Cpu)]
    device: Kind,
    #[command(flatten)]
    pixels: Pixels,
}

/// A network ready to answer.
pub struct Opened {
    pub entry: &'static Entry,
    pub network: Network,
    pub weights: PathBuf,
    pub device: String,
    /// Of one that the catalogue does not have.
    pub brought: Option<Brought>,
}

/// What a network became that somebody brought, of its file, of those beside it and
/// of what was chosen.
pub struct Brought {
    pub card: Card,
    /// Of the card and of all weights.
    hash: String,
}

impl NetworkOptions {
    /// Of a command that takes several networks.
    pub fn new(network: String, weights: Option<PathBuf>, device: Kind) -> Self {
        Self {
            network,
            weights,
            device,
            pixels: Pixels::default(),
        }
    }

    /// The same of a network from a file, with the preset of its pixels.
    pub fn of_file(file: String, pixels: Option<String>, device: Kind) -> Self {
        Self {
            pixels: Pixels {
                pixels,
                ..Pixels::default()
            },
            ..Self::new(file, None, device)
        }
    }

    pub fn open(&self) -> Result<Opened> {
        // A file may be there already, as another column of a table.
        let Some(entry) = CATALOGUE.iter().find(|it| it.id == self.network) else {
            return self.open_file();
        };
        if self.pixels.is_given() {
            bail!(
                "{} knows its pixels and classes: --pixels, --classes and --short-side are for a network \
                 from a file",
                entry.id
            );
        }
        let path = match (&self.weights, entry.weight_file) {
            (Some(path), _) => path.clone(),
            (None, Some(file)) => shipped(file),
            (None, None) => {
                return Err(anyhow!(
                    "{} has no weights of its own: name a file with --weights",
                    entry.id
                ));
            }
        };
        let weights = read(entry, &path, self.weights.is_none())?;
        let (device, name) = self.device.open()?;
        let network = Network::new(&entry.architecture(), &weights, &device)
            .with_context(|| path.display().to_string())?;
        Ok(Opened {
            entry,
            network,
            weights: path,
            device: name,
            brought: None,
        })
    }
}

impl NetworkOptions {
    /// A network that the catalogue does not have.
    fn open_file(&self) -> Result<Opened> {
        let path = Path::new(&self.network);
        if !path.is_file() {
            let known: Vec<&str> = CATALOGUE.iter().map(|entry| entry.id).collect();
            bail!(
                "no network is called {0}, and there is no file {0}: there are {1}",
                self.network,
                known.join(", ")
            );
        }
        if self.weights.is_some() {
            bail!("a network from a file has its weights with it: leave out --weights");
        }
        let (entry, Own { card, weights }) = self.pixels.open(path)?;
        let (device, name) = self.device.open()?;
        let network = Network::new(&entry.architecture(), &weights, &device)
            .with_context(|| path.display().to_string())?;
        let hash = hash_of_own(&card, &weights)?;
        Ok(Opened {
            entry,
            network,
            weights: path.to_owned(),
            device: name,
            brought: Some(Brought { card, hash }),
        })
    }
}

/// Of all but what its file is called.
fn hash_of_own(card: &Card, weights: &Weights) -> Result<String> {
    let nameless = Card {
        title: String::new(),
        source: String::new(),
        ..card.clone()
    };
    let mut hasher = DefaultHasher::new();
    serde_json::to_string(&nameless)?.hash(&mut hasher);
    for (name, shape, values) in weights.iter() {
        (name, shape).hash(&mut hasher);
        values.iter().for_each(|it| hasher.write_u32(it.to_bits()));
    }
    Ok(format!("{:016x}", hasher.finish()))
}

/// The photos that the page offers, if they were fetched.
pub fn samples() -> Vec<PathBuf> {
    let files = fs::read_dir("www/assets/samples").into_iter().flatten();
    let mut photos: Vec<PathBuf> = files
        .filter_map(|file| Some(file.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|it| it == "png" || it == "jpg")
        })
        .collect();
    photos.sort();
    photos
}

/// Weights that were trained here are part of the project; others are fetched
/// when it is set up.
pub fn shipped(file: &str) -> PathBuf {
    let trained = Path::new("www/models").join(file);
    if trained.exists() {
        trained
    } else {
        Path::new("www/assets/models").join(file)
    }
}

impl Opened {
    /// Whether it is the CPU, whose cores can each attack a picture.
    pub fn is_on_cpu(&self) -> bool {
        *self.network.device() == Device::flex()
    }

    /// Of all that it was made of: a file's name says little.
    pub fn hash(&self) -> Result<String> {
        if let Some(brought) = &self.brought {
            return Ok(brought.hash.clone());
        }
        let bytes = fs::read(&self.weights).with_context(|| self.weights.display().to_string())?;
        Ok(hash_of(&bytes))
    }

    /// How many pictures are attacked together: on a GPU as many as were asked
    /// for.
    pub fn at_a_time(&self, on_gpu: usize) -> usize {
        if self.is_on_cpu() { 1 } else { on_gpu }
    }

    /// The weights that this network was opened with.
    pub fn read_weights(&self) -> Result<Weights> {
        if matches!(self.entry.layers, catalogue::Layers::Theirs { .. }) {
            bail!("only networks of the catalogue are trained on: name one of them");
        }
        Ok(weights::read(&self.entry.architecture(), &self.weights)?.weights)
    }

    /// A class by its number or by its name, or a part of it that no other
    /// class's name has.
    pub fn class(&self, text: &str) -> Result<usize> {
        class(text, self.entry.class_names())
    }

    /// The perturbation in a `.npy` file, of this network's pictures' shape.
    pub fn perturbation(&self, path: &Path) -> Result<Perturbation> {
        perturbation(path, self.network.input_shape())
    }
}

/// The perturbation in a `.npy` file, of a shape.
pub fn perturbation(path: &Path, shape: Shape) -> Result<Perturbation> {
    read_perturbation(path, |bytes| npy::read(bytes, shape))
}

/// The same of one for pictures of any size; of some shapes if it can be.
pub fn perturbation_of_any_size(path: &Path, shapes: &[Shape]) -> Result<Perturbation> {
    read_perturbation(path, |bytes| {
        let mut misfit = None;
        for &shape in shapes {
            match npy::read(bytes, shape) {
                // What it says of the first shape is what is told if none fits.
                Err(error @ NpyError::Shape { .. }) => {
                    misfit.get_or_insert(error);
                }
                read => return read,
            }
        }
        let mut channels = shapes.iter().map(|shape| shape[0]);
        match channels.find_map(|channels| npy::picture_shape(bytes, channels)) {
            Some(own) => npy::read(bytes, own),
            None => Err(misfit.expect("one is asked for")),
        }
    })
}

fn read_perturbation(
    path: &Path,
    read: impl FnOnce(&[u8]) -> Result<npy::Found, NpyError>,
) -> Result<Perturbation> {
    let name = || path.display().to_string();
    let bytes = fs::read(path).with_context(name)?;
    let found = read(&bytes).with_context(name)?;
    if let Some(note) = found.note {
        eprintln!("lab: {}: {note}", name());
    }
    Ok(found.perturbation)
}

fn class(text: &str, names: &[&str]) -> Result<usize> {
    if let Ok(number) = text.parse::<usize>() {
        return if number < names.len() {
            Ok(number)
        } else {
            Err(anyhow!(
                "there is no class {number}: the last is {}",
                names.len() - 1
            ))
        };
    }
    let wanted = text.to_lowercase();
    let which = |fits: &dyn Fn(&str) -> bool| -> Vec<usize> {
        let lower = names.iter().map(|name| name.to_lowercase());
        lower
            .enumerate()
            .filter(|(_, name)| fits(name))
            .map(|(index, _)| index)
            .collect()
    };
    let exact = which(&|name| name == wanted);
    let found = if exact.is_empty() {
        which(&|name| name.contains(&wanted))
    } else {
        exact
    };
    match found[..] {
        [one] => Ok(one),
        [] => Err(anyhow!("no class is called {text}")),
        _ => {
            let some = found
                .iter()
                .take(5)
                .map(|&index| format!("{index} {}", names[index]));
            let some: Vec<String> = some.collect();
            Err(anyhow!(
                "{text} may be any of {}: name it by number",
                some.join(", ")
            ))
        }
    }
}

/// The weights in a file of any kind; what in it is not theirs is said.
pub fn read(entry: &Entry, path: &Path, is_default: bool) -> Result<Weights> {
    let name = path.display();
    if is_default && !path.exists() {
        return Err(anyhow!(
            "{name} is not there: run `npm start` once in this folder, or name a file with --weights"
        ));
    }
    let fitted = weights::read(&entry.architecture(), path)?;
    if let Some(note) = fitted.note() {
        eprintln!("lab: {name}: {note}");
    }
    Ok(fitted.weights)
}

impl Kind {
    /// The device and what it is called.
    pub fn open(self) -> Result<(Device, String)> {
        match self {
            Kind::Cpu => Ok((Device::flex(), "CPU".to_owned())),
            #[cfg(not(feature = "gpu"))]
            Kind::Gpu => Err(anyhow!(
                "this lab was built without the feature `gpu`: use --device cpu"
            )),
            #[cfg(feature = "gpu")]
            Kind::Gpu => {
                let (device, setup) = gpu::open().map_err(|error| {
                    anyhow!("no GPU could be opened ({error}): use --device cpu")
                })?;
                let info = setup.adapter.get_info();
                Ok((device, format!("{} ({})", info.name, info.backend)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_go_by_number_name_or_a_part_that_only_one_has() {
        let names = ["tabby, tabby cat", "tiger cat", "tiger"];
        assert_eq!(class("1", &names).unwrap(), 1);
        assert_eq!(class("Tiger", &names).unwrap(), 2);
        assert_eq!(class("tabby", &names).unwrap(), 0);
        let refused = |text| class(text, &names).unwrap_err().to_string();
        assert!(refused("cat").contains("0 tabby, tabby cat, 1 tiger cat"));
        assert!(refused("dog").contains("dog"));
        assert!(refused("3").contains("the last is 2"));
    }
}
