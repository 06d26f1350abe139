//! Pictures in a tar file, packed by gzip or not, in a folder for each class.

use std::io::{Cursor, Read};

use flate2::read::MultiGzDecoder;

use super::{DataError, is_companion};
use crate::photo::{FIRST_BYTES, Kind, Sort, has_picture_name};

/// All pictures together, still as JPEG or PNG.
const MAX_BYTES: u64 = 4 << 30;

/// A picture's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// With its folders, as in `cat/0001.jpg`.
    pub path: String,
    pub bytes: Vec<u8>,
}

impl Member {
    /// The folder that it lies in: its class. None at the top.
    pub fn class(&self) -> Option<&str> {
        let (folders, _) = self.path.rsplit_once('/')?;
        Some(folders.rsplit_once('/').map_or(folders, |(_, last)| last))
    }
}

/// The pictures in the bytes of a `.tar` or `.tar.gz`, by path: what is called
/// as one, or is one by its content. What systems keep beside pictures is
/// passed over. Of several with one path, the last counts, as when unpacked.
///
/// # Errors
/// When it is damaged, cut short, too large, or holds no picture.
pub fn pictures(bytes: &[u8]) -> Result<Vec<Member>, DataError> {
    let mut members = if bytes.starts_with(&[0x1f, 0x8b]) {
        read(MultiGzDecoder::new(bytes))?
    } else {
        read(Cursor::new(bytes))?
    };
    if members.is_empty() {
        return Err(DataError::Empty);
    }
    // The sort keeps the order of equal ones.
    members.sort_by(|a, b| b.path.cmp(&a.path));
    members.reverse();
    members.dedup_by(|later, earlier| later.path == earlier.path);
    Ok(members)
}

fn read(source: impl Read) -> Result<Vec<Member>, DataError> {
    let damaged = |error: std::io::Error| DataError::Damaged(error.to_string());
    let mut archive = tar::Archive::new(source);
    let mut members = Vec::new();
    let mut total = 0u64;
    for entry in archive.entries().map_err(damaged)? {
        let entry = entry.map_err(damaged)?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = entry
            .path()
            .map_err(damaged)?
            .to_string_lossy()
            .into_owned();
        let path = path.trim_start_matches("./").to_owned();
        if path.split('/').any(is_companion) {
            continue;
        }
        let size = entry.size();
        let mut entry = entry.take(size);
        // Grows as bytes come: a header may promise what is not there.
        let mut bytes = Vec::new();
        entry
            .by_ref()
            .take(FIRST_BYTES as u64)
            .read_to_end(&mut bytes)
            .map_err(damaged)?;
        let is_picture = Kind::of(&bytes).is_some_and(|kind| kind.sort != Sort::Other);
        if !is_picture && !has_picture_name(&path) {
            continue;
        }
        total = total.saturating_add(size);
        if total > MAX_BYTES {
            return Err(DataError::TooLarge(MAX_BYTES));
        }
        entry.read_to_end(&mut bytes).map_err(damaged)?;
        if bytes.len() as u64 != size {
            return Err(DataError::Damaged(format!("{path} is cut short")));
        }
        members.push(Member { path, bytes });
    }
    Ok(members)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;
    use std::io::Write;

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            builder.append_data(&mut header, path, *bytes).unwrap();
        }
        builder.into_inner().unwrap()
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn pictures_come_by_path_with_their_classes() {
        let tar = tar(&[
            ("dog/2.JPG", b"two"),
            ("readme.txt", b"no"),
            ("./cat/1.png", b"one"),
        ]);
        for bytes in [tar.clone(), gzip(&tar)] {
            let found = pictures(&bytes).unwrap();
            let paths: Vec<_> = found
                .iter()
                .map(|it| (it.path.as_str(), it.class()))
                .collect();
            assert_eq!(
                paths,
                [("cat/1.png", Some("cat")), ("dog/2.JPG", Some("dog"))]
            );
            assert_eq!(found[0].bytes, b"one");
        }
        let top = Member {
            path: "a.png".into(),
            bytes: vec![],
        };
        assert_eq!(top.class(), None);
        let deep = Member {
            path: "train/cat/a.png".into(),
            bytes: vec![],
        };
        assert_eq!(deep.class(), Some("cat"));
    }

    #[test]
    fn companions_are_passed_over_and_content_counts() {
        let jpeg = b"\xff\xd8\xff\xe0 and so on";
        let tar = tar(&[
            ("cat/._1.jpg", b"\0\x05\x16\x07"),
            ("cat/.DS_Store", b"\0\0\0\x01Bud1"),
            ("__MACOSX/cat/2.jpg", jpeg),
            ("cat/1.jfif", jpeg),
            ("cat/no-ending", jpeg),
            ("cat/list.txt", b"1.jfif"),
            ("cat/3.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"),
            ("cat/4.png", b"old"),
            ("cat/4.png", b"new"),
        ]);
        let found = pictures(&tar).unwrap();
        let paths: Vec<&str> = found.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(
            paths,
            ["cat/1.jfif", "cat/3.heic", "cat/4.png", "cat/no-ending"]
        );
        assert_eq!(found[0].bytes, jpeg);
        assert_eq!(found[2].bytes, b"new");
    }

    #[test]
    fn what_is_damaged_is_refused() {
        let whole = tar(&[("a.png", &[7; 2000])]);
        let cut = pictures(&whole[..1000]);
        assert!(matches!(cut, Err(DataError::Damaged(_))), "{cut:?}");
        let packed = gzip(&whole);
        let cut = pictures(&packed[..packed.len() / 2]);
        assert!(matches!(cut, Err(DataError::Damaged(_))), "{cut:?}");
        assert_eq!(pictures(&tar(&[("a.txt", b"x")])), Err(DataError::Empty));
        assert!(pictures(b"this is a text and no archive, whatever it is called").is_err());
    }

    proptest! {
        #[test]
        fn any_damage_is_survived(at in 0usize..2048, value: u8) {
            let mut bytes = tar(&[("c/a.png", &[7; 300]), ("d/b.png", &[9; 10])]);
            let at = at.min(bytes.len() - 1);
            bytes[at] = value;
            let _ = pictures(&bytes);
            let mut packed = gzip(&bytes);
            let at = at % packed.len();
            packed[at] ^= value;
            let _ = pictures(&packed);
        }
    }
}
