use super::*;
use crate::data::pictures_in;

fn opened(files: Vec<PathBuf>) -> Result<Vec<PathBuf>, DataError> {
    Sets::default().open(files).map(|(pictures, _)| pictures)
}

const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

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
    let mut sets = Sets::default();
    let (names, _) = sets.open(vec![images.clone()]).unwrap();
    assert_eq!(names, [images.join("00000"), images.join("00001")]);
    let second = sets.picture(&names[1]).unwrap().unwrap().picture;
    assert_eq!((second.width(), second.height()), (18, 16));
    assert_eq!(second.rgba()[..4], [5, 5, 5, 255]);
    assert_eq!(sets.class(&names[1], &DIGITS), Some(4));
    assert!(sets.picture(Path::new("elsewhere/00001")).is_none());
    assert!(sets.picture(&images.join("00002")).is_none());
}

#[test]
fn what_is_wrong_is_said_with_the_file() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("a-ubyte", &b"no"[..]), ("b.tar.gz", b"no"), ("c.tar", b"")] {
        let file = folder.path().join(name);
        fs::write(&file, bytes).unwrap();
        let error = opened(vec![file]).unwrap_err().to_string();
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
            let mut sets = Sets::default();
            let (found, _) = sets.open(vec![file]).unwrap();
            let case = format!("{of_images} {of_labels}");
            assert_eq!(sets.class(&found[1], &DIGITS), Some(3), "{case}");
            let walked = pictures_in(folder.path()).unwrap();
            assert_eq!(walked.len(), 2, "{case}");
        }
    }
}

#[test]
fn what_is_wrong_with_labels_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let refused = |name: &str| opened(vec![file(name)]).unwrap_err().to_string();
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
    let both = vec![file("notes.tar"), file("digits")];
    let (both, notes) = Sets::default().open(both).unwrap();
    assert_eq!(both, [file("digits/00000")]);
    assert!(notes[0].contains("notes.tar holds no picture"), "{notes:?}");
    let alone = opened(vec![file("notes.tar")]).unwrap_err().to_string();
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
