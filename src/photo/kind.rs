//! What a file is, by its first bytes and not by its name. The one place that
//! decides what a picture is, for `lab` and for the page.

/// So many of a file's first bytes tell what it is.
pub const FIRST_BYTES: usize = 4096;

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// With its article, for a sentence: `a HEIC photo`.
    pub name: &'static str,
    pub sort: Sort,
}

/// What there is to do with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A picture that is read here.
    Read,
    /// A picture that must be saved as another kind first.
    NotRead,
    /// No picture.
    Other,
}

/// The endings of names that pictures which are read go by.
const ENDINGS: [&str; 17] = [
    "jpg", "jpeg", "jpe", "jfif", "jif", "jfi", "pjpeg", "pjp", "png", "apng", "webp", "gif",
    "bmp", "dib", "tif", "tiff", "mpo",
];

/// Whether a file is called as a picture that is read, whatever is in it.
pub fn has_picture_name(name: &str) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ENDINGS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(ending))
}

impl Kind {
    /// The kind of file that begins so, with [`FIRST_BYTES`] if it has as many.
    /// None for what has no such mark: a text, or nothing that is known.
    pub fn of(first: &[u8]) -> Option<Self> {
        let found = |(name, sort)| Self { name, sort };
        container(first)
            .or_else(|| text(first))
            .or_else(|| marked(first))
            .map(found)
    }
}

type Named = (&'static str, Sort);

/// Whatever says at its beginning what it is.
const MARKS: &[(&[u8], &str, Sort)] = &[
    (b"\xff\xd8\xff", "a JPEG picture", Sort::Read),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", Sort::Read),
    (b"GIF87a", "a GIF picture", Sort::Read),
    (b"GIF89a", "a GIF picture", Sort::Read),
    (b"\xff\x0a", "a JPEG XL picture", Sort::NotRead),
    (
        b"\0\0\0\x0cJXL \r\n\x87\n",
        "a JPEG XL picture",
        Sort::NotRead,
    ),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture", Sort::NotRead),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture", Sort::NotRead),
    (b"II\xbc\x01", "a JPEG XR picture", Sort::NotRead),
    (b"8BPS", "a Photoshop file", Sort::NotRead),
    (b"gimp xcf", "a GIMP file", Sort::NotRead),
    (b"\0\0\x01\0", "an icon file", Sort::NotRead),
    (b"\0\0\x02\0", "a cursor file", Sort::NotRead),
    (b"icns", "an icon file", Sort::NotRead),
    (b"DDS ", "a DDS texture", Sort::NotRead),
    (b"#?RADIANCE", "a Radiance HDR picture", Sort::NotRead),
    (b"v/1\x01", "an OpenEXR picture", Sort::NotRead),
    (b"qoif", "a QOI picture", Sort::NotRead),
    (b"farbfeld", "a farbfeld picture", Sort::NotRead),
    (b"SIMPLE  =", "a FITS picture", Sort::NotRead),
    (b"\x8aMNG", "an MNG animation", Sort::NotRead),
    (b"BPG\xfb", "a BPG picture", Sort::NotRead),
    (b"\xd7\xcd\xc6\x9a", "a Windows metafile", Sort::NotRead),
    (b"IIRO", "a camera's raw photo", Sort::NotRead),
    (b"IIRS", "a camera's raw photo", Sort::NotRead),
    (b"MMOR", "a camera's raw photo", Sort::NotRead),
    (b"IIU\0", "a camera's raw photo", Sort::NotRead),
    (b"FUJIFILMCCD-RAW", "a camera's raw photo", Sort::NotRead),
    (b"FOVb", "a camera's raw photo", Sort::NotRead),
    (
        b"II\x1a\0\0\0HEAPCCDR",
        "a camera's raw photo",
        Sort::NotRead,
    ),
    (b"%!PS", "a PostScript document", Sort::NotRead),
    (b"\xc5\xd0\xd3\xc6", "a PostScript document", Sort::NotRead),
    (b"%PDF", "a PDF document", Sort::Other),
    (b"\x1a\x45\xdf\xa3", "a video", Sort::Other),
    (b"FLV", "a video", Sort::Other),
    (b"OggS", "a sound or a video", Sort::Other),
    (b"\0\0\x01\xba", "a video", Sort::Other),
    (b"\0\0\x01\xb3", "a video", Sort::Other),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "a video", Sort::Other),
    (b"ID3", "a sound", Sort::Other),
    (b"fLaC", "a sound", Sort::Other),
    (b"PK\x03\x04", "an archive, to unpack first,", Sort::Other),
    (b"\x1f\x8b", "a packed file, to unpack first,", Sort::Other),
    (
        b"7z\xbc\xaf\x27\x1c",
        "an archive, to unpack first,",
        Sort::Other,
    ),
    (b"Rar!", "an archive, to unpack first,", Sort::Other),
    (
        b"\xfd7zXZ\0",
        "a packed file, to unpack first,",
        Sort::Other,
    ),
    (b"BZh", "a packed file, to unpack first,", Sort::Other),
    (
        b"\x28\xb5\x2f\xfd",
        "a packed file, to unpack first,",
        Sort::Other,
    ),
    (b"\xd0\xcf\x11\xe0", "an old Office document", Sort::Other),
    (b"\x93NUMPY", "an array of NumPy's", Sort::Other),
    (b"\x89HDF", "an HDF5 file", Sort::Other),
    (
        b"\0\x05\x16\x07",
        "what macOS keeps beside a file",
        Sort::Other,
    ),
    (
        b"version https://git-lfs",
        "a pointer of Git LFS, to replace with git lfs pull,",
        Sort::Other,
    ),
];

fn marked(first: &[u8]) -> Option<Named> {
    if first.is_empty() {
        return Some(("an empty file", Sort::Other));
    }
    if first.get(128..132) == Some(b"DICM") {
        return Some(("a DICOM picture", Sort::NotRead));
    }
    let mut marks = MARKS.iter();
    let found = marks.find(|(mark, ..)| first.starts_with(mark));
    found.map(|&(_, name, sort)| (name, sort))
}

/// Families of files that share a beginning.
fn container(first: &[u8]) -> Option<Named> {
    match first {
        [b'R', b'I', b'F', b'F', _, _, _, _, kind @ ..] => Some(match kind.get(..4)? {
            b"WEBP" => ("a WebP picture", Sort::Read),
            b"AVI " => ("a video", Sort::Other),
            b"WAVE" => ("a sound", Sort::Other),
            _ => return None,
        }),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some(iso_media(first)),
        // Its header's length is one of a few; texts begin so as well.
        [b'B', b'M', ..] => match first.get(14..18)? {
            [12 | 16 | 40 | 52 | 56 | 64 | 108 | 124, 0, 0, 0] => {
                Some(("a BMP picture", Sort::Read))
            }
            _ => None,
        },
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => Some(tiff(first)),
        [b'I', b'I', b'+', 0, ..] | [b'M', b'M', 0, b'+', ..] => {
            Some(("a BigTIFF picture", Sort::NotRead))
        }
        [b'P', b'1'..=b'7', space, ..] if space.is_ascii_whitespace() => {
            Some(("a Netpbm picture", Sort::NotRead))
        }
        _ => None,
    }
}

/// HEIC, AVIF and videos are all told by the brands that come first.
fn iso_media(first: &[u8]) -> Named {
    let length = u32::from_be_bytes([first[0], first[1], first[2], first[3]]) as usize;
    let brands = first.get(8..length.min(first.len())).unwrap_or_default();
    let (brands, _) = brands.as_chunks::<4>();
    let has = |some: &[&[u8; 4]]| brands.iter().any(|brand| some.contains(&brand));
    if has(&[b"avif", b"avis"]) {
        ("an AVIF picture", Sort::NotRead)
    } else if has(&[
        b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1",
    ]) {
        ("a HEIC photo", Sort::NotRead)
    } else if has(&[b"crx "]) {
        ("a camera's raw photo", Sort::NotRead)
    } else if has(&[b"jxl "]) {
        ("a JPEG XL picture", Sort::NotRead)
    } else {
        ("a video", Sort::Other)
    }
}

/// A TIFF picture; or a raw photo, which as TIFF would be read as the small
/// preview that comes first in it.
fn tiff(bytes: &[u8]) -> Named {
    let is_little = bytes[0] == b'I';
    let number = |at: usize, size: usize| -> Option<usize> {
        let bytes = bytes.get(at..at.checked_add(size)?)?.iter();
        let next = |n: usize, byte: &u8| n << 8 | usize::from(*byte);
        Some(match is_little {
            true => bytes.rev().fold(0, next),
            false => bytes.fold(0, next),
        })
    };
    let entries = || {
        let begin = number(4, 4)?;
        let count = number(begin, 2)?;
        Some((0..count).map_while(move |n| {
            let at = begin.checked_add(2 + 12 * n)?;
            Some((number(at, 2)?, number(at.checked_add(8)?, 4)?))
        }))
    };
    let is_raw = |(tag, value): (usize, usize)| match tag {
        // A smaller copy of another picture in the file.
        254 => value & 1 == 1,
        // DNG's version.
        50706 => true,
        _ => false,
    };
    let is_canons = bytes.get(8..10) == Some(b"CR");
    if is_canons || entries().is_some_and(|mut entries| entries.any(is_raw)) {
        ("a camera's raw photo", Sort::NotRead)
    } else {
        ("a TIFF picture", Sort::Read)
    }
}

/// Pictures and pages that are written as text.
fn text(first: &[u8]) -> Option<Named> {
    let first = &first[..first.len().min(FIRST_BYTES)];
    let text = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first);
    let text = text.trim_ascii_start();
    if !text.starts_with(b"<") {
        return None;
    }
    let text = text.to_ascii_lowercase();
    let has = |part: &[u8]| text.windows(part.len()).any(|bytes| bytes == part);
    if text.starts_with(b"<!doctype html") || has(b"<html") {
        Some(("a web page", Sort::Other))
    } else if has(b"<svg") {
        Some(("an SVG drawing", Sort::NotRead))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kind(first: &[u8]) -> Option<(&'static str, Sort)> {
        Kind::of(first).map(|kind| (kind.name, kind.sort))
    }

    #[test]
    fn kinds_are_told_by_content() {
        for (first, name, sort) in [
            (
                &b"\xff\xd8\xff\xe0\0\x10JFIF"[..],
                "a JPEG picture",
                Sort::Read,
            ),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "a WebP picture", Sort::Read),
            (b"RIFF\x10\0\0\0AVI LIST", "a video", Sort::Other),
            (
                b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
                "a HEIC photo",
                Sort::NotRead,
            ),
            (
                b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic",
                "a HEIC photo",
                Sort::NotRead,
            ),
            (
                b"\0\0\0\x1cftypavif\0\0\0\0avifmif1",
                "an AVIF picture",
                Sort::NotRead,
            ),
            (
                b"\0\0\0\x1cftypmif1\0\0\0\0avifmif1",
                "an AVIF picture",
                Sort::NotRead,
            ),
            (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "a video", Sort::Other),
            (
                b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom",
                "a camera's raw photo",
                Sort::NotRead,
            ),
            (b"\xff\x0a\x00\x01", "a JPEG XL picture", Sort::NotRead),
            (b"%PDF-1.7", "a PDF document", Sort::Other),
            (
                b"\xef\xbb\xbf <?xml version='1.0'?>\n<SVG>",
                "an SVG drawing",
                Sort::NotRead,
            ),
            (b"<!DOCTYPE html><svg>", "a web page", Sort::Other),
            (b"P6\n2 2\n255\n", "a Netpbm picture", Sort::NotRead),
            (b"II+\0\x08\0\0\0", "a BigTIFF picture", Sort::NotRead),
            (b"", "an empty file", Sort::Other),
        ] {
            assert_eq!(kind(first), Some((name, sort)));
        }
        for first in [
            &b"BMW and other cars"[..],
            b"<note>",
            b"P6 is a processor"[..2].as_ref(),
            b"these are notes",
            &[0; 4096],
            b"RIFF",
        ] {
            assert_eq!(kind(first), None);
        }
    }

    /// As cameras write it: a small preview first.
    #[test]
    fn a_raw_photo_is_not_taken_for_its_preview() {
        let file = |tag: u16, value: u32| {
            let mut bytes = b"II*\0\x08\0\0\0\x01\0".to_vec();
            bytes.extend(tag.to_le_bytes());
            bytes.extend([4, 0, 1, 0, 0, 0]);
            bytes.extend(value.to_le_bytes());
            bytes
        };
        assert_eq!(kind(&file(254, 0)), Some(("a TIFF picture", Sort::Read)));
        for bytes in [
            file(254, 1),
            file(50706, 0x0401),
            b"II*\0\x10\0\0\0CR\x02\0".to_vec(),
        ] {
            assert_eq!(kind(&bytes), Some(("a camera's raw photo", Sort::NotRead)));
        }
        let big = b"MM\0*\0\0\0\x08\0\x01\0\xfe\0\x04\0\0\0\x01\0\0\0\x01";
        assert_eq!(kind(big), Some(("a camera's raw photo", Sort::NotRead)));
    }

    #[test]
    fn names_are_known_in_any_case() {
        for name in ["a.jpg", "b.JFIF", "c.Jpe", "d.jif", "e.tar.PNG", ".tiff"] {
            assert!(has_picture_name(name), "{name}");
        }
        for name in ["jpg", "a.jpg.txt", "b.npy", "", "c."] {
            assert!(!has_picture_name(name), "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_beginning_is_survived(
            mark in prop::sample::select(vec![&b"II*\0"[..], b"MM\0*", b"RIFF", b"\0\0\0\xffftyp", b"<", b""]),
            rest in prop::collection::vec(any::<u8>(), 0..64),
        ) {
            let _ = Kind::of(&[mark, &rest].concat());
        }
    }
}
