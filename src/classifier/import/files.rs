//! Which of some files holds the network, and what the others are.

use super::own::{self, Card, Own};
use super::{ImportError, Imported, Source, caffe, named, names, onnx};
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

/// Reads the network that is in the files: in our own format, ONNX's, Caffe's,
/// or, of networks that are known by name, PyTorch's or safetensors. The others
/// belong to it: numbers, a description, a mean image, names of classes.
///
/// # Errors
/// When none of them holds a network that is read here, or what it holds is
/// damaged; the file at fault is named.
pub fn read(files: &[&dyn Named]) -> Result<Found, ImportError> {
    let files: Vec<Begun> = files
        .iter()
        .map(|&file| begun(file))
        .collect::<Result<_, _>>()?;
    let with = |ending: &str| files.iter().find(|file| file.ends_with(ending));
    let plain = |imported, format, main: &Begun| Found {
        imported,
        format,
        file: main.file.name().to_owned(),
        card: None,
    };
    let mut found = if let Some(main) = files.iter().find(|file| own::is_own(&file.first)) {
        main.named(of_ours(main))?
    } else if let Some(main) = files.iter().find(|file| onnx::begins_like(&file.first)) {
        let mut beside = |name: &str| {
            let name = last_part(name);
            let file = files
                .iter()
                .find(|file| last_part(file.file.name()) == name)?;
            file.file.open().ok()
        };
        let options = onnx::Options::default();
        let model = &mut *main.file.open()?;
        let imported = main.named(onnx::read(model, &mut beside, &options))?;
        plain(imported, "ONNX", main)
    } else if let Some(main) = files.iter().find(|file| is_safetensors(&file.first)) {
        let weights = Weights::from_safetensors_source(&mut *main.file.open()?);
        plain(main.recognised(weights)?, "safetensors", main)
    } else if let Some(main) = with(".caffemodel") {
        let prototxt = with(".prototxt").map(Begun::text).transpose()?;
        let mean = with(".binaryproto").map(Begun::bytes).transpose()?;
        let model = &mut *main.file.open()?;
        let imported = caffe::read(model, prototxt.as_deref(), mean.as_deref());
        plain(main.named(imported)?, "Caffe", main)
    } else if let Some(main) = files.iter().find(|file| file.is_pytorch()) {
        let weights = Weights::from_pytorch(&mut *main.file.open()?);
        plain(main.recognised(weights)?, "PyTorch", main)
    } else {
        return Err(ImportError::Nothing(nothing(&files)));
    };
    if let Some(file) = with(".txt").or_else(|| with(".json")) {
        let classes = found.imported.architecture.classes()?;
        let names = file.named(names::read(&file.text()?, classes))?;
        found.imported.class_names = Some(names);
    }
    Ok(found)
}

/// A length, then JSON.
fn is_safetensors(first: &[u8]) -> bool {
    first.get(8) == Some(&b'{')
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
            notes: card.notes.clone(),
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

impl Begun<'_> {
    /// What went wrong is said of this file.
    fn named<T>(&self, result: Result<T, ImportError>) -> Result<T, ImportError> {
        result.map_err(|error| match error {
            error @ (ImportError::Nothing(_) | ImportError::InFile { .. }) => error,
            error => ImportError::InFile {
                file: self.file.name().to_owned(),
                error: Box::new(error),
            },
        })
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
        self.file.name().to_lowercase().ends_with(ending)
    }

    /// All of it, where it is one of the small ones.
    fn bytes(&self) -> Result<Vec<u8>, ImportError> {
        let mut source = self.file.open()?;
        if source.size() > MOST_BESIDE {
            let name = self.file.name();
            let message = format!("{name} is too large for what it should be");
            return Err(ImportError::Nothing(message));
        }
        let mut bytes = vec![0; source.size() as usize];
        source.read_at(0, &mut bytes)?;
        Ok(bytes)
    }

    fn text(&self) -> Result<String, ImportError> {
        String::from_utf8(self.bytes()?).map_err(|_| {
            let name = self.file.name();
            ImportError::Nothing(format!("{name} is not a text: choose another file"))
        })
    }
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
    }

    #[test]
    fn weights_of_any_name_are_told_by_their_first_bytes() {
        let nothing = Held("weights.bin", b"\x02\0\0\0\0\0\0\0{}");
        let error = read(&[&nothing]).unwrap_err().to_string();
        assert!(error.contains("none that is known by name"), "{error}");
    }
}
