//! Which of some files holds the network, and what the others are.

use super::own::{self, Card, Own};
use super::{ImportError, Imported, Source, caffe, named, names, onnx};
use crate::classifier::weights::Weights;

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

/// What is looked at to tell formats apart.
const FIRST: usize = 64;

/// A description, a mean image or names are not larger.
const MOST_BESIDE: u64 = 64 << 20;

/// Reads the network that is in the files: in our own format, ONNX's, Caffe's,
/// or, of networks that are known by name, safetensors. The others belong to it:
/// numbers, a description, a mean image, names of classes.
///
/// # Errors
/// When none of them holds a network that is read here, or what it holds is
/// damaged.
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
        of_ours(main)?
    } else if let Some(main) = files.iter().find(|file| onnx::begins_like(&file.first)) {
        let mut beside = |name: &str| {
            let name = last_part(name);
            let file = files
                .iter()
                .find(|file| last_part(file.file.name()) == name)?;
            file.file.open().ok()
        };
        let options = onnx::Options::default();
        let imported = onnx::read(&mut *main.file.open()?, &mut beside, &options)?;
        plain(imported, "ONNX", main)
    } else if let Some(main) = files.iter().find(|file| is_safetensors(&file.first)) {
        let imported = named::recognise(Weights::from_safetensors(&main.all()?)?)?;
        plain(imported, "safetensors", main)
    } else if let Some(main) = with(".caffemodel") {
        let prototxt = with(".prototxt").map(Begun::text).transpose()?;
        let mean = with(".binaryproto").map(Begun::bytes).transpose()?;
        let model = &mut *main.file.open()?;
        let imported = caffe::read(model, prototxt.as_deref(), mean.as_deref())?;
        plain(imported, "Caffe", main)
    } else {
        return Err(ImportError::Nothing(nothing(&files)));
    };
    if let Some(file) = with(".txt").or_else(|| with(".json")) {
        let classes = found.imported.architecture.classes()?;
        found.imported.class_names = Some(names::read(&file.text()?, classes)?);
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
            notes: card.notes.clone(),
        },
        format: "Foolscope",
        file: main.file.name().to_owned(),
        card: Some(card),
    })
}

fn begun(file: &dyn Named) -> Result<Begun<'_>, ImportError> {
    let mut source = file.open()?;
    let length = source.size().min(FIRST as u64) as usize;
    let mut first = vec![0; length];
    source.read_at(0, &mut first)?;
    Ok(Begun { file, first })
}

/// A file's name without its folders, of any system.
fn last_part(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

impl Begun<'_> {
    fn ends_with(&self, ending: &str) -> bool {
        self.file.name().to_lowercase().ends_with(ending)
    }

    /// All of it, where it is one of the small ones.
    fn bytes(&self) -> Result<Vec<u8>, ImportError> {
        if self.file.open()?.size() > MOST_BESIDE {
            let name = self.file.name();
            let message = format!("{name} is too large for what it should be");
            return Err(ImportError::Nothing(message));
        }
        self.all()
    }

    fn all(&self) -> Result<Vec<u8>, ImportError> {
        let mut source = self.file.open()?;
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
    } else if ends(&[".pt", ".pth", ".bin", ".ckpt"]) {
        format!(
            "{name} is PyTorch's, and holds weights without the network: export it as ONNX \
             (torch.onnx.export), and bring that file"
        )
    } else if ends(&[".h5", ".keras", ".pb", ".tflite"]) {
        format!("{name} is TensorFlow's: export it as ONNX (tf2onnx), and bring that file")
    } else {
        format!("{name} holds no network that is read here: bring an ONNX file, or Caffe's")
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
        assert!(error.to_string().contains("no network that is read here"));
    }

    #[test]
    fn weights_of_any_name_are_told_by_their_first_bytes() {
        let nothing = Held("weights.bin", b"\x02\0\0\0\0\0\0\0{}");
        let error = read(&[&nothing]).unwrap_err().to_string();
        assert!(error.contains("none that is known by name"), "{error}");
    }
}
