//! Many pictures in one file: tar files and IDX files. A picture in one goes by
//! the file's name and its own, as if the file were a folder:
//! `test.tar.gz/cat/0001.jpg`, `t10k-images-idx3-ubyte.gz/00042`.

use crate::walk::{first_bytes, is_beside};
use anyhow::{Context, Result, bail};
use flate2::read::MultiGzDecoder;
use foolscope::classifier::catalogue::Entry;
use foolscope::data::DataError;
use foolscope::data::archive::{self, Member};
use foolscope::data::idx::{self, Holds};
use foolscope::photo::{self, Bitmap, Recovered};
use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

/// Those that were opened.
static OPENED: LazyLock<Mutex<HashMap<PathBuf, Arc<Set>>>> = LazyLock::new(Mutex::default);

/// An IDX file that is larger is not MNIST.
const MAX_IDX: u64 = 1 << 30;

pub enum Set {
    Archive(Vec<Member>),
    Idx {
        images: idx::Images,
        /// Of the file beside it.
        labels: Option<Vec<u8>>,
    },
}

/// Whether a file is one, by its name or by its content.
fn is_set(file: &Path) -> bool {
    file.is_file() && (is_archive(file) || is_idx(file) || contents(file).is_some())
}

/// Whether a file is one that a folder's pictures lie in: not their labels.
pub fn holds_pictures(file: &Path) -> bool {
    is_archive(file) || contents(file) == Some(Holds::Images)
}

fn is_archive(file: &Path) -> bool {
    let name = lower_name(file);
    [".tar", ".tar.gz", ".tgz"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

/// As files of this kind are called.
fn is_idx(file: &Path) -> bool {
    let name = lower_name(file);
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    name.ends_with("ubyte") || name.ends_with(".idx")
}

/// What an IDX file holds, packed or not; none of any other.
fn contents(file: &Path) -> Option<Holds> {
    let first = first_bytes(file).ok()?;
    let mut begin = [0; 4];
    if first.starts_with(&[0x1f, 0x8b]) {
        MultiGzDecoder::new(&*first).read_exact(&mut begin).ok()?;
    } else {
        begin.copy_from_slice(first.get(..4)?);
    }
    idx::holds(&begin)
}

fn lower_name(file: &Path) -> String {
    let name = file.file_name().unwrap_or_default();
    name.to_string_lossy().to_lowercase()
}

/// Files, and of those that are sets, the names of all pictures in them. A set
/// among others that holds no picture, or what an earlier one holds, such as the
/// packed one beside it, is left out, and that is said.
pub fn opened(files: Vec<PathBuf>) -> Result<Vec<PathBuf>> {
    let are_several = files.len() > 1;
    let mut earlier: Vec<(Arc<Set>, PathBuf)> = Vec::new();
    let mut pictures = Vec::new();
    for file in files {
        if !is_set(&file) {
            pictures.push(file);
            continue;
        }
        let set = match open(&file) {
            Err(error) if are_several && is_empty(&error) => {
                eprintln!("lab: {} holds no picture, and is left out", file.display());
                continue;
            }
            set => set.with_context(|| file.display().to_string())?,
        };
        if let Some((_, first)) = earlier.iter().find(|(other, _)| other.is_same(&set)) {
            let (file, first) = (file.display(), first.display());
            eprintln!("lab: {file} holds the pictures of {first} again, and is left out");
            continue;
        }
        pictures.extend(set.names(&file));
        earlier.push((set, file));
    }
    if are_several && pictures.is_empty() {
        bail!("there is no picture in any of these files");
    }
    Ok(pictures)
}

fn is_empty(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(DataError::Empty))
}

impl Set {
    /// The names of all pictures in it.
    fn names(&self, file: &Path) -> Vec<PathBuf> {
        match self {
            Set::Archive(members) => members.iter().map(|it| file.join(&it.path)).collect(),
            Set::Idx { images, .. } => {
                let all = 0..images.len();
                all.map(|index| file.join(format!("{index:05}"))).collect()
            }
        }
    }

    /// Whether another one holds the same pictures.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Set::Archive(a), Set::Archive(b)) => a == b,
            (Set::Idx { images: a, .. }, Set::Idx { images: b, .. }) => a == b,
            _ => false,
        }
    }
}

fn open(file: &Path) -> Result<Arc<Set>> {
    let mut opened = OPENED.lock().expect("nobody fails while holding it");
    if let Some(set) = opened.get(file) {
        return Ok(set.clone());
    }
    let bytes = fs::read(file)?;
    let set = if is_archive(file) {
        Set::Archive(archive::pictures(&bytes)?)
    } else {
        let bytes = unpacked(bytes)?;
        if idx::holds(&bytes) == Some(Holds::Labels) {
            bail!(
                "this file holds labels and no pictures: name the pictures' file, and it is \
                 found beside that"
            );
        }
        let images = idx::Images::from_bytes(&bytes)?;
        if images.is_empty() {
            return Err(DataError::Empty.into());
        }
        Set::Idx {
            labels: labels_beside(file, images.len())?,
            images,
        }
    };
    let set = Arc::new(set);
    opened.insert(file.to_owned(), set.clone());
    Ok(set)
}

fn unpacked(bytes: Vec<u8>) -> Result<Vec<u8>> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    MultiGzDecoder::new(&*bytes)
        .take(MAX_IDX + 1)
        .read_to_end(&mut unpacked)
        .map_err(|error| DataError::Damaged(error.to_string()))?;
    if unpacked.len() as u64 > MAX_IDX {
        return Err(DataError::TooLarge(MAX_IDX).into());
    }
    Ok(unpacked)
}

/// The labels of pictures, of the file beside theirs that is called alike, as
/// `train-labels-idx1-ubyte.gz` beside `train-images.idx3-ubyte`; or of the one
/// file of labels in the folder, if theirs are the only pictures.
fn labels_beside(file: &Path, count: usize) -> Result<Option<Vec<u8>>> {
    let folder = match file.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let entries = fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let entries = entries.with_context(|| format!("cannot list {}", folder.display()))?;
    let mut beside: Vec<PathBuf> = entries.iter().map(fs::DirEntry::path).collect();
    beside.retain(|path| path.is_file() && !is_beside(path));
    beside.sort_unstable();
    let [images, labels] = [Holds::Images, Holds::Labels].map(|kind| {
        let of_kind = beside
            .iter()
            .filter(move |path| contents(path) == Some(kind));
        of_kind.collect::<Vec<_>>()
    });
    let own = subject(file);
    let mut named: Vec<&PathBuf> = labels.clone();
    named.retain(|path| subject(path) == own);
    if named.is_empty() && images.iter().all(|path| subject(path) == own) {
        let subjects: HashSet<String> = labels.iter().map(|path| subject(path)).collect();
        if subjects.len() == 1 {
            named = labels;
        }
    }
    let mut found: Option<(Vec<u8>, &PathBuf)> = None;
    for path in named {
        let name = || path.display().to_string();
        let bytes = unpacked(fs::read(path).with_context(name)?).with_context(name)?;
        let labels = idx::labels(&bytes).with_context(name)?;
        if labels.len() != count {
            bail!(
                "{} has {} labels for {count} pictures",
                name(),
                labels.len()
            );
        }
        match &found {
            Some((first, other)) if *first != labels => {
                let other = other.display();
                bail!("{} has other labels than {other}: keep one of them", name());
            }
            _ => found = Some((labels, path)),
        }
    }
    Ok(found.map(|(labels, _)| labels))
}

/// What is left of an IDX file's name without what says its format and whether
/// it is of pictures or labels: `train` of `train-images.idx3-ubyte.gz`.
fn subject(file: &Path) -> String {
    let mut name = lower_name(file);
    for part in [
        ".gz", "idx1", "idx3", ".idx", "ubyte", "images", "image", "labels", "label",
    ] {
        name = name.replace(part, "");
    }
    name.retain(char::is_alphanumeric);
    name
}

/// The set that a picture's name begins with, and the rest of it.
fn find(picture: &Path) -> Option<(Arc<Set>, String)> {
    let opened = OPENED.lock().expect("nobody fails while holding it");
    let mut folders = picture.ancestors().skip(1);
    let (file, set) = folders.find_map(|folder| opened.get_key_value(folder))?;
    let rest = picture.strip_prefix(file).ok()?;
    Some((set.clone(), rest.to_str()?.to_owned()))
}

/// What a picture is called within its set, for a table.
pub fn name(name: &Path) -> Option<String> {
    find(name).map(|(_, rest)| rest)
}

/// A picture by its name; none if it lies in no set.
pub fn picture(name: &Path) -> Option<Result<Recovered>> {
    let (set, rest) = find(name)?;
    let found = match &*set {
        Set::Archive(members) => {
            let index = members
                .binary_search_by(|it| it.path.as_str().cmp(&rest))
                .ok()?;
            photo::recover_bytes(&members[index].bytes)
        }
        Set::Idx { images, .. } => {
            let grey = images.get(rest.parse().ok()?)?;
            let rgba = grey.iter().flat_map(|&level| [level, level, level, 255]);
            let size = [images.width, images.height].map(|side| side as u32);
            let picture = Bitmap::from_rgba(rgba.collect(), size[0], size[1]);
            picture.map(|picture| Recovered {
                picture,
                is_whole: true,
            })
        }
    };
    Some(found.with_context(|| name.display().to_string()))
}

/// A picture's class: its label, or the class that is called like its folder.
pub fn class(name: &Path, entry: &Entry) -> Option<usize> {
    let (set, rest) = find(name)?;
    let names = entry.class_names();
    match &*set {
        Set::Archive(members) => {
            let index = members
                .binary_search_by(|it| it.path.as_str().cmp(&rest))
                .ok()?;
            let folder = members[index].class()?;
            names
                .iter()
                .position(|name| name.eq_ignore_ascii_case(folder))
        }
        Set::Idx { labels, .. } => {
            let index: usize = rest.parse().ok()?;
            let label = usize::from(*labels.as_ref()?.get(index)?);
            (label < names.len()).then_some(label)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use foolscope::classifier::catalogue;

    #[test]
    fn pictures_in_an_idx_file_go_by_number_and_have_the_labels_beside() {
        let folder = tempfile::tempdir().unwrap();
        let images = folder.path().join("t-images-idx3-ubyte");
        let mut bytes = vec![0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 16, 0, 0, 0, 18];
        bytes.extend([1; 16 * 18]);
        bytes.extend([5; 16 * 18]);
        fs::write(&images, bytes).unwrap();
        fs::write(
            folder.path().join("t-labels-idx1-ubyte"),
            [0, 0, 8, 1, 0, 0, 0, 2, 9, 4],
        )
        .unwrap();
        let names = opened(vec![images.clone()]).unwrap();
        assert_eq!(names, [images.join("00000"), images.join("00001")]);
        let second = picture(&names[1]).unwrap().unwrap().picture;
        assert_eq!((second.width(), second.height()), (18, 16));
        assert_eq!(second.rgba()[..4], [5, 5, 5, 255]);
        let entry = catalogue::find("lenet-mnist").unwrap();
        assert_eq!(class(&names[1], entry), Some(4));
        assert!(picture(Path::new("elsewhere/00001")).is_none());
        assert!(picture(&images.join("00002")).is_none());
    }

    #[test]
    fn what_is_wrong_is_said_with_the_file() {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in [("a-ubyte", &b"no"[..]), ("b.tar.gz", b"no"), ("c.tar", b"")] {
            let file = folder.path().join(name);
            fs::write(&file, bytes).unwrap();
            let error = format!("{:#}", opened(vec![file]).unwrap_err());
            assert!(error.contains(name), "{error}");
        }
    }

    fn images(count: u8) -> Vec<u8> {
        let header = [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 8, 0, 0, 0, 8];
        let pixels = (0..count).flat_map(|n| [n; 64]);
        header.into_iter().chain(pixels).collect()
    }

    fn labels(labels: &[u8]) -> Vec<u8> {
        let header = [0, 0, 8, 1, 0, 0, 0, labels.len() as u8];
        [&header[..], labels].concat()
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        use std::io::Write;
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn labels_belong_to_the_pictures_however_both_are_called() {
        let entry = catalogue::find("lenet-mnist").unwrap();
        let names = |what: &str, digit: u8| {
            let of = |separator: char, before: char| {
                format!("train{before}{what}{separator}idx{digit}-ubyte")
            };
            let gz = |name: String| format!("{name}.gz");
            [
                of('-', '-'),
                of('.', '-'),
                of('_', '_'),
                gz(of('-', '-')),
                gz(of('.', '-')),
                format!("train-{what}.idx"),
                format!("train_{what}"),
            ]
        };
        for of_images in names("images", 3) {
            for of_labels in names("labels", 1) {
                let folder = tempfile::tempdir().unwrap();
                let write = |name: &str, bytes: Vec<u8>| {
                    let bytes = match name.ends_with(".gz") {
                        true => packed(&bytes),
                        false => bytes,
                    };
                    fs::write(folder.path().join(name), bytes).unwrap();
                };
                write(&of_images, images(2));
                write(&of_labels, labels(&[7, 3]));
                // Of others, which do not matter.
                write("t10k-images-idx3-ubyte", images(3));
                write("t10k-labels.idx1-ubyte", labels(&[1, 1, 1]));
                let file = folder.path().join(&of_images);
                let found = opened(vec![file]).unwrap();
                let case = format!("{of_images} {of_labels}");
                assert_eq!(class(&found[1], entry), Some(3), "{case}");
                let walked = crate::walk::Walk::default().folder(folder.path()).unwrap();
                assert_eq!(walked.len(), 2, "{case}");
            }
        }
    }

    #[test]
    fn what_is_wrong_with_labels_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let refused = |name: &str| format!("{:#}", opened(vec![file(name)]).unwrap_err());
        fs::write(file("a-labels-idx1-ubyte"), labels(&[1, 2])).unwrap();
        let sentence = refused("a-labels-idx1-ubyte");
        assert!(
            sentence.contains("holds labels and no pictures"),
            "{sentence}"
        );

        fs::write(file("a-images-idx3-ubyte"), images(3)).unwrap();
        let sentence = refused("a-images-idx3-ubyte");
        assert!(
            sentence.contains("has 2 labels for 3 pictures"),
            "{sentence}"
        );

        fs::write(file("b-images-idx3-ubyte"), images(2)).unwrap();
        fs::write(file("b-labels-idx1-ubyte"), labels(&[1, 2])).unwrap();
        fs::write(file("b-labels-idx1-ubyte.gz"), packed(&labels(&[1, 3]))).unwrap();
        let sentence = refused("b-images-idx3-ubyte");
        assert!(sentence.contains("has other labels than"), "{sentence}");
        fs::write(file("b-labels-idx1-ubyte.gz"), packed(&labels(&[1, 2]))).unwrap();
        assert_eq!(opened(vec![file("b-images-idx3-ubyte")]).unwrap().len(), 2);
    }

    #[test]
    fn an_archive_of_other_things_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(5);
        header.set_cksum();
        tar.append_data(&mut header, "notes.txt", &b"notes"[..])
            .unwrap();
        fs::write(file("notes.tar"), tar.into_inner().unwrap()).unwrap();
        fs::write(file("digits"), images(1)).unwrap();
        let both = opened(vec![file("notes.tar"), file("digits")]).unwrap();
        assert_eq!(both, [file("digits/00000")]);
        let alone = format!("{:#}", opened(vec![file("notes.tar")]).unwrap_err());
        assert!(
            alone.contains("notes.tar: there is no picture in it"),
            "{alone}"
        );
    }

    #[test]
    fn a_set_and_the_packed_one_beside_it_count_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        fs::write(file("digits"), images(2)).unwrap();
        fs::write(file("digits.gz"), packed(&images(2))).unwrap();
        let found = opened(vec![file("digits"), file("digits.gz")]).unwrap();
        assert_eq!(found, [file("digits/00000"), file("digits/00001")]);
    }
}
