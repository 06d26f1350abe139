//! Which of some files holds the network, and what the others are.

use super::caffe::{self, CaffeError};
use super::own::{self, Card, Own};
use super::{ImportError, Imported, Source, named, names, onnx};
use crate::classifier::plain::in_a_line;
use crate::classifier::weights::{Weights, WeightsError, other, pytorch};
use crate::photo::FIRST_BYTES;

/// A file by its name, to be opened as often as it is looked at.
pub trait Named {
    fn name(&self) -> &str;

    /// # Errors
    /// When it cannot be opened any more.
    fn open(&self) -> Result<Box<dyn Source>, ImportError>;
}

/// A network, and what its file is.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    pub imported: Imported,
    /// What the format is called.
    pub format: &'static str,
    /// The name of the file that holds the network.
    pub file: String,
    /// What a file of our own format says.
    pub card: Option<Card>,
}

/// A file of which the first bytes are known.
struct Begun<'a> {
    file: &'a dyn Named,
    first: Vec<u8>,
}

/// A description, a mean image or names are not larger.
const MOST_BESIDE: u64 = 64 << 20;

/// What a file that holds a network may be, surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Format {
    Ours,
    Onnx,
    Safetensors,
    Caffe,
    PyTorch,
    /// Of a file that begins with its graph only the first byte is known, which
    /// numbers may have too.
    PerhapsOnnx,
}

/// Reads the network that is in one of the files: in our own format, ONNX's,
/// Caffe's, or, of networks that are known by name, PyTorch's or safetensors. The
/// others belong to it: numbers, a description, a mean image, names of classes.
///
/// # Errors
/// When none of them holds a network that is read here, or more than one does, or
/// what it holds is damaged; the file at fault is named.
pub fn read(files: &[&dyn Named]) -> Result<Found, ImportError> {
    let begun = files.iter().map(|&file| begun(file));
    let begun = begun.collect::<Result<Vec<Begun>, _>>()?;
    let formats = begun.iter().filter_map(|file| Some((file.format()?, file)));
    let mut formats: Vec<(Format, &Begun)> = formats.collect();
    formats.sort_by_key(|(format, _)| *format);
    let (format, main) = match formats[..] {
        [] => return Err(ImportError::Nothing(nothing(&begun))),
        [(_, one), (second, other), ..] if second != Format::PerhapsOnnx => {
            let (one, other) = (one.file.name(), other.file.name());
            return Err(ImportError::Nothing(format!(
                "{one} and {other} are two networks: bring one at a time"
            )));
        }
        [first, ..] => first,
    };
    let others = begun.iter().filter(|file| !std::ptr::eq(*file, main));
    let others: Vec<&dyn Named> = others.map(|file| file.file).collect();
    of_format(main, format, &others)
}

/// The same of a file that is known to hold it. Of the others those are opened
/// that it names, or that are the description, the mean image or the names.
///
/// # Errors
/// As [`read`].
pub fn read_main(main: &dyn Named, others: &[&dyn Named]) -> Result<Found, ImportError> {
    let main = begun(main)?;
    match main.format() {
        Some(format) => of_format(&main, format, others),
        None => Err(ImportError::Nothing(nothing(&[main]))),
    }
}

fn of_format(
    main: &Begun<'_>,
    format: Format,
    others: &[&dyn Named],
) -> Result<Found, ImportError> {
    let with = |ending: &str| others.iter().find(|file| ends_with(file.name(), ending));
    let model = || main.named(main.file.open());
    let plain = |imported, format| Found {
        imported,
        format,
        file: main.file.name().to_owned(),
        card: None,
    };
    let mut found = match format {
        Format::Ours => main.named(of_ours(main))?,
        Format::Onnx | Format::PerhapsOnnx => {
            let mut beside = |name: &str| -> Option<Box<dyn Source>> {
                let name = last_part(name);
                let file = others.iter().find(|file| last_part(file.name()) == name)?;
                Some(Box::new(OfFile {
                    source: file.open().ok()?,
                    file: file.name().to_owned(),
                }))
            };
            let options = onnx::Options::default();
            let imported = onnx::read(&mut *model()?, &mut beside, &options);
            plain(main.named(imported)?, "ONNX")
        }
        Format::Safetensors => {
            let weights = Weights::from_safetensors_source(&mut *model()?);
            plain(main.recognised(weights)?, "safetensors")
        }
        Format::PyTorch => {
            let weights = Weights::from_pytorch(&mut *model()?);
            plain(main.recognised(weights)?, "PyTorch")
        }
        Format::Caffe => {
            let (prototxt, mean) = (with(".prototxt"), with(".binaryproto"));
            let text = prototxt.map(|&file| text(file)).transpose()?;
            let image = mean.map(|&file| bytes(file)).transpose()?;
            let imported = caffe::read(&mut *model()?, text.as_deref(), image.as_deref());
            let at_fault = |error: &CaffeError| match error {
                CaffeError::Text { .. } | CaffeError::Field(_) => prototxt,
                CaffeError::Mean(_) => mean,
                _ => None,
            };
            let mut imported = match &imported {
                Err(ImportError::Caffe(error)) if let Some(file) = at_fault(error) => {
                    of_file(file.name(), imported)?
                }
                _ => main.named(imported)?,
            };
            let beside = [("layers", prototxt), ("mean", mean)];
            for (what, file) in beside
                .into_iter()
                .filter_map(|(what, it)| Some((what, it?)))
            {
                let file = file.name();
                imported
                    .notes
                    .push(format!("what is said of its {what} is that of {file}"));
            }
            plain(imported, "Caffe")
        }
    };
    if let Some(&file) = with(".txt").or_else(|| with(".json")) {
        let classes = found.imported.architecture.classes()?;
        let names = names::read(&text(file)?, classes);
        found.imported.class_names = Some(of_file(file.name(), names)?);
    }
    Ok(found)
}

/// A length, which those that read it let be so large at most, then JSON.
fn is_safetensors(first: &[u8]) -> bool {
    const MOST_HEADER: u64 = 100_000_000;
    let length = first
        .first_chunk()
        .map(|length| u64::from_le_bytes(*length));
    length.is_some_and(|length| length <= MOST_HEADER) && first.get(8) == Some(&b'{')
}

/// Of a file beside the network's: what goes wrong is said of it.
struct OfFile {
    source: Box<dyn Source>,
    file: String,
}

impl Source for OfFile {
    fn size(&self) -> u64 {
        self.source.size()
    }

    fn read_at(&mut self, at: u64, into: &mut [u8]) -> Result<(), ImportError> {
        of_file(&self.file, self.source.read_at(at, into))
    }
}

fn of_ours(main: &Begun<'_>) -> Result<Found, ImportError> {
    let Own { card, weights } = Own::read(&mut *main.file.open()?)?;
    Ok(Found {
        imported: Imported {
            architecture: card.architecture.clone(),
            weights,
            title: card.title.clone(),
            class_names: (!card.classes.is_empty()).then(|| card.classes.clone()),
            short_side: Some(card.short_side),
            notes: card.notes.iter().map(|note| in_a_line(note)).collect(),
        },
        format: "Foolscope",
        file: main.file.name().to_owned(),
        card: Some(card),
    })
}

fn begun(file: &dyn Named) -> Result<Begun<'_>, ImportError> {
    let mut begun = Begun {
        file,
        first: Vec::new(),
    };
    let read = || -> Result<Vec<u8>, ImportError> {
        let mut source = file.open()?;
        let mut first = vec![0; source.size().min(FIRST_BYTES as u64) as usize];
        source.read_at(0, &mut first)?;
        Ok(first)
    };
    begun.first = begun.named(read())?;
    Ok(begun)
}

/// A file's name without its folders, of any system.
fn last_part(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// What went wrong is said of a file.
fn of_file<T>(file: &str, result: Result<T, ImportError>) -> Result<T, ImportError> {
    result.map_err(|error| match error {
        error @ (ImportError::Nothing(_) | ImportError::InFile { .. }) => error,
        error => ImportError::InFile {
            file: file.to_owned(),
            error: Box::new(error),
        },
    })
}

impl Begun<'_> {
    fn format(&self) -> Option<Format> {
        let first = &*self.first;
        Some(if own::is_own(first) {
            Format::Ours
        } else if onnx::begins_with_version(first)
            || onnx::begins_like(first) && self.ends_with(".onnx")
        {
            Format::Onnx
        } else if is_safetensors(first) {
            Format::Safetensors
        } else if self.ends_with(".caffemodel") && other(first).is_none() {
            Format::Caffe
        } else if self.is_pytorch() {
            Format::PyTorch
        } else if onnx::begins_like(first) {
            Format::PerhapsOnnx
        } else {
            return None;
        })
    }

    fn named<T>(&self, result: Result<T, ImportError>) -> Result<T, ImportError> {
        of_file(self.file.name(), result)
    }

    /// A network that is known by name, by its weights.
    fn recognised(&self, weights: Result<Weights, WeightsError>) -> Result<Imported, ImportError> {
        self.named(weights.map_err(Into::into).and_then(named::recognise))
    }

    fn is_pytorch(&self) -> bool {
        // Keras keeps networks in zip files too.
        pytorch::begins_like(&self.first) && !self.ends_with(".keras")
    }

    fn ends_with(&self, ending: &str) -> bool {
        ends_with(self.file.name(), ending)
    }
}

fn ends_with(name: &str, ending: &str) -> bool {
    name.to_lowercase().ends_with(ending)
}

/// All of a file, where it is one of the small ones.
fn bytes(file: &dyn Named) -> Result<Vec<u8>, ImportError> {
    let name = file.name();
    let read = || {
        let mut source = file.open()?;
        if source.size() > MOST_BESIDE {
            let message = format!("{name} is too large for what it should be");
            return Err(ImportError::Nothing(message));
        }
        let mut bytes = vec![0; source.size() as usize];
        source.read_at(0, &mut bytes)?;
        Ok(bytes)
    };
    of_file(name, read())
}

fn text(file: &dyn Named) -> Result<String, ImportError> {
    String::from_utf8(bytes(file)?).map_err(|_| {
        let name = file.name();
        ImportError::Nothing(format!("{name} is not a text: choose another file"))
    })
}

/// Why there is no network in some files.
fn nothing(files: &[Begun<'_>]) -> String {
    let Some(file) = files.first() else {
        return "there is no file".to_owned();
    };
    let name = file.file.name();
    let ends = |endings: &[&str]| endings.iter().any(|ending| file.ends_with(ending));
    if file.first.is_empty() {
        format!("{name} is empty: copy or download it again")
    } else if ends(&[".prototxt"]) {
        format!("{name} describes a network without its weights: bring the .caffemodel too")
    } else if ends(&[".h5", ".keras", ".pb", ".tflite"]) {
        format!("{name} is TensorFlow's: export it as ONNX (tf2onnx), and bring that file")
    } else {
        let is = match other(&file.first) {
            Some(what) => format!("is {what} and "),
            None if ends(&[".pt", ".pth", ".ckpt"]) => "is no file of torch.save and ".to_owned(),
            None => String::new(),
        };
        format!("{name} {is}holds no network: bring an ONNX, Caffe or PyTorch file")
    }
}

#[cfg(test)]
mod tests {
    use super::super::Bytes;
    use super::*;

    struct Held(&'static str, &'static [u8]);

    impl Named for Held {
        fn name(&self) -> &str {
            self.0
        }

        fn open(&self) -> Result<Box<dyn Source>, ImportError> {
            Ok(Box::new(Bytes(self.1)))
        }
    }

    macro_rules! committed {
        ($name:literal) => {
            include_bytes!(concat!("../../../tests/files/", $name))
        };
    }

    #[test]
    fn the_file_with_the_network_is_told_from_what_belongs_to_it() {
        let weights = Held(
            "pictures.caffemodel",
            committed!("caffe/pictures.caffemodel"),
        );
        let layers = Held("deploy.prototxt", committed!("caffe/pictures.prototxt"));
        let names = Held("names.txt", b"a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n");
        let found = read(&[&names, &layers, &weights]).unwrap();
        assert_eq!(
            (found.format, &*found.file),
            ("Caffe", "pictures.caffemodel")
        );
        assert_eq!(found.imported.title, "pictures");
        assert_eq!(found.imported.class_names.unwrap()[1], "b");
        let error = read(&[&layers]).unwrap_err().to_string();
        assert!(error.contains("bring the .caffemodel too"), "{error}");
        let error = read(&[&Held("notes.onnx", b"something else")]).unwrap_err();
        assert!(error.to_string().contains("notes.onnx holds no network"));
        let picture = Held("net.caffemodel", committed!("bring/small.png"));
        let error = read(&[&picture]).unwrap_err().to_string();
        assert!(error.contains("net.caffemodel is a PNG picture"), "{error}");
    }

    #[test]
    fn one_network_at_a_time_and_numbers_are_none() {
        let small = Held("small.onnx", committed!("bring/small.onnx"));
        // As a file does that begins with its graph, and one number in 256.
        let numbers = Held("numbers.bin", b":numbers of a network");
        assert_eq!(read(&[&numbers, &small]).unwrap().file, "small.onnx");
        let odd = Held("odd.onnx", committed!("bring/odd.onnx"));
        let error = read(&[&small, &odd]).unwrap_err().to_string();
        assert_eq!(
            error,
            "small.onnx and odd.onnx are two networks: bring one at a time"
        );
        // One that is named is the one, whatever else there is.
        let found = read_main(&small, &[&odd, &numbers]).unwrap();
        assert_eq!(found.file, "small.onnx");
    }

    #[test]
    fn weights_of_any_name_are_told_by_their_first_bytes() {
        let nothing = Held("weights.bin", b"\x02\0\0\0\0\0\0\0{}");
        let error = read(&[&nothing]).unwrap_err().to_string();
        assert!(error.contains("none that is known by name"), "{error}");
    }
}
