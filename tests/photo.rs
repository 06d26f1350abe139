//! Pictures as they come: files of every kind, damaged ones, and Pillow's
//! numbers.

mod shared;

use foolscope::photo::{self, Bitmap, Photo, PhotoError};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageBuffer, ImageEncoder, ImageFormat, Luma, LumaA, Rgb};
use std::io::Cursor;
use std::path::Path;

/// A formula that NumPy and Rust agree on, with edges that wrap around.
fn synthetic(width: u32, height: u32) -> Bitmap {
    let pixel = |x, y| [x * 9, y * 13, x * x + 3 * x * y, 255].map(|v| (v % 256) as u8);
    let rgba = (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| pixel(x, y)))
        .collect();
    Bitmap::from_rgba(rgba, width, height).unwrap()
}

fn rgb(picture: &Bitmap) -> Vec<u8> {
    let pixels = picture.rgba().chunks_exact(4);
    pixels.flat_map(|pixel| pixel[..3].to_vec()).collect()
}

/// The largest difference of two pictures' bytes, and how many differ.
fn differences(a: &[u8], b: &[u8]) -> (u8, usize) {
    assert_eq!(a.len(), b.len());
    let each = a.iter().zip(b).map(|(a, b)| a.abs_diff(*b));
    (
        each.clone().max().unwrap_or(0),
        each.filter(|&difference| difference > 0).count(),
    )
}

/// The numbers are what Pillow 12.2 gave, once, for `synthetic` by
/// `resize(…, BILINEAR)` and a centre crop. The library's weights have fewer
/// bits than Pillow's, which now and then turns a rounding: on pictures of 13
/// shapes, noise among them, 0.26 % of the bytes at most, by one level. (Pillow
/// 13 begins with the vertical pass for some shapes, and differs more.)
#[test]
fn resizing_gives_pillows_numbers() {
    #[rustfmt::skip]
    let smaller = [
        55, 12, 56, 80, 12, 105, 104, 12, 163, 127, 12, 144, 152, 12, 87, 176, 12, 144,
        55, 41, 97, 80, 41, 161, 104, 41, 168, 127, 41, 108, 152, 41, 147, 176, 41, 112,
        55, 72, 141, 80, 72, 168, 104, 72, 106, 127, 72, 153, 152, 72, 124, 176, 72, 154,
        55, 104, 161, 80, 104, 90, 104, 104, 137, 127, 104, 115, 152, 104, 145, 176, 104, 142,
        55, 136, 148, 80, 136, 104, 104, 136, 140, 127, 136, 128, 152, 136, 123, 176, 136, 135,
        55, 167, 123, 80, 167, 135, 104, 167, 109, 127, 167, 139, 152, 167, 124, 176, 167, 119,
    ];
    #[rustfmt::skip]
    let larger = [
        28, 57, 52, 33, 57, 64, 39, 57, 75, 44, 57, 88,
        28, 65, 57, 33, 65, 70, 39, 65, 83, 44, 65, 96,
        28, 73, 63, 33, 73, 76, 39, 73, 91, 44, 73, 105,
        28, 80, 68, 33, 80, 83, 39, 80, 98, 44, 80, 113,
    ];
    let crop = |w, h, short_side, side| rgb(&synthetic(w, h).crop(short_side, side).unwrap());
    for (found, expected) in [
        (crop(24, 17, 7, 6), &smaller[..]),
        (crop(9, 11, 16, 4), &larger[..]),
    ] {
        let (largest, count) = differences(&found, expected);
        assert!(largest <= 1 && count <= 2, "{count} bytes: {found:?}");
    }
}

fn encoded(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.into().write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn grey_deep_and_transparent_files_are_read() {
    let first = |bytes: &[u8]| photo::decode(bytes).unwrap().rgba()[..4].to_vec();
    let png = ImageFormat::Png;

    let grey = ImageBuffer::from_pixel(9, 9, Luma([77u8]));
    assert_eq!(first(&encoded(grey, png)), [77, 77, 77, 255]);

    let deep = ImageBuffer::from_pixel(9, 9, Rgb([0u16, 100 * 257, 65_535]));
    assert_eq!(first(&encoded(deep, png)), [0, 100, 255, 255]);

    let deep_grey = ImageBuffer::from_pixel(9, 9, Luma([50u16 * 257]));
    assert_eq!(
        first(&encoded(deep_grey, ImageFormat::Tiff)),
        [50, 50, 50, 255]
    );

    let transparent = ImageBuffer::from_pixel(9, 9, LumaA([0u8, 51]));
    assert_eq!(first(&encoded(transparent, png)), [204, 204, 204, 255]);

    for format in [ImageFormat::WebP, ImageFormat::Gif, ImageFormat::Bmp] {
        let white = ImageBuffer::from_pixel(9, 9, Rgb([255u8; 3]));
        let picture = if format == ImageFormat::Gif {
            DynamicImage::from(white).to_rgba8().into()
        } else {
            DynamicImage::from(white)
        };
        assert_eq!(first(&encoded(picture, format)), [255; 4], "{format:?}");
    }
}

/// Exif with one entry: the orientation.
fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    exif
}

#[test]
fn a_photo_taken_upright_stands_upright() {
    // Black above white, 16 wide and 32 high, as the phone saw it.
    let upright = |y: u32| if y < 16 { 0 } else { 255 };
    // What is stored where, so that each orientation turns it upright.
    for (orientation, [width, height]) in
        [(1, [16, 32]), (3, [16, 32]), (6, [32, 16]), (8, [32, 16])]
    {
        let row = |x: u32, y: u32| match orientation {
            1 => y,
            3 => 31 - y,
            6 => x,
            _ => 31 - x,
        };
        let pixels: Vec<u8> = (0..height)
            .flat_map(|y| (0..width).map(move |x| upright(row(x, y))))
            .collect();
        let mut bytes = Vec::new();
        let mut encoder = JpegEncoder::new_with_quality(&mut bytes, 95);
        encoder.set_exif_metadata(exif(orientation)).unwrap();
        let kind = image::ExtendedColorType::L8;
        encoder.write_image(&pixels, width, height, kind).unwrap();

        let picture = photo::decode(&bytes).unwrap();
        assert_eq!(
            (picture.width(), picture.height()),
            (16, 32),
            "{orientation}"
        );
        let level = |y: usize| picture.rgba()[(y * 16 + 8) * 4];
        assert!(level(3) < 10, "{orientation}: {}", level(3));
        assert!(level(28) > 245, "{orientation}: {}", level(28));
    }
}

#[test]
fn what_is_no_picture_is_refused_with_its_name_and_advice() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let sentence = photo::open(&path).unwrap_err().to_string();
        assert!(sentence.contains(name), "{sentence}");
        sentence
    };
    assert!(refused("notes.jpg", b"not a picture").contains("this is not a picture: use a JPEG"));
    assert!(refused("empty.png", b"").contains("this is an empty file and not a picture"));

    let dot = ImageBuffer::from_pixel(1, 1, Luma([0u8]));
    assert!(refused("dot.png", &encoded(dot, ImageFormat::Png)).contains("1 × 1 pixels"));

    let whole = encoded(
        ImageBuffer::from_fn(64, 64, |x, y| Luma([(x * y) as u8])),
        ImageFormat::Png,
    );
    assert!(refused("half.png", &whole[..whole.len() / 2]).contains("damaged"));

    let missing = photo::open(folder.path().join("absent.jpg")).unwrap_err();
    assert!(missing.to_string().contains("absent.jpg"), "{missing}");
    assert!(
        missing.to_string().contains("cannot be opened"),
        "{missing}"
    );
}

/// A file that `files/make_pictures.py` made with Pillow: red on the left, blue
/// on the right.
fn made(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/photo");
    std::fs::read(folder.join(name)).unwrap()
}

/// The colours in the middle of the left and the right half.
fn halves(picture: &Bitmap) -> [[u8; 4]; 2] {
    assert_eq!((picture.width(), picture.height()), (16, 12));
    let at = |x: usize| {
        let start = (6 * 16 + x) * 4;
        picture.rgba()[start..start + 4].try_into().unwrap()
    };
    [at(3), at(12)]
}

#[test]
fn every_kind_of_picture_is_read_right() {
    let red_and_blue = [[200, 40, 40, 255], [40, 60, 200, 255]];
    for (name, expected, tolerance) in [
        ("plain.jpg", red_and_blue, 3),
        ("progressive.jpg", red_and_blue, 3),
        ("subsampled.jpg", red_and_blue, 3),
        ("restarts.jpg", red_and_blue, 3),
        ("trailer.jpg", red_and_blue, 3),
        ("preview.jpg", red_and_blue, 3),
        // Pillow's grey of these colours.
        ("grey.jpg", [[88, 88, 88, 255], [70, 70, 70, 255]], 2),
        ("cmyk.jpg", red_and_blue, 8),
        ("cmyk.tiff", red_and_blue, 8),
        ("palette.png", red_and_blue, 0),
        ("palette.bmp", red_and_blue, 0),
        ("plain.tiff", red_and_blue, 0),
        ("lzw.tiff", red_and_blue, 0),
        ("lossless.webp", red_and_blue, 0),
        ("lossy.webp", red_and_blue, 6),
        ("one-bit.png", [[255; 4]; 2], 0),
        ("one-bit.bmp", [[255; 4]; 2], 0),
        ("grey-16-bit.png", [[200, 200, 200, 255]; 2], 0),
        // Over white.
        ("half-transparent.png", [[227, 147, 147, 255]; 2], 1),
        // The first of several.
        ("animated.png", red_and_blue, 0),
        ("animated.gif", red_and_blue, 0),
        ("animated.webp", red_and_blue, 0),
        ("two-pages.tiff", red_and_blue, 0),
    ] {
        let picture = photo::decode(&made(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let found = halves(&picture);
        let (largest, _) = differences(&found.concat(), &expected.concat());
        assert!(largest <= tolerance, "{name}: {found:?}");
    }
}

#[test]
fn what_is_not_read_is_named_with_what_to_do() {
    let not_read = "which is not read here: save it as JPEG or PNG first";
    let other = "and not a picture: use a JPEG, PNG, WebP, GIF, BMP or TIFF file";
    for (name, kind, rest) in [
        ("heic.jpg", "this is a HEIC photo", not_read),
        ("plain.avif", "this is an AVIF picture", not_read),
        ("plain.jp2", "this is a JPEG 2000 picture", not_read),
        ("plain.ico", "this is an icon file", not_read),
        ("plain.ppm", "this is a Netpbm picture", not_read),
        ("plain.dds", "this is a DDS texture", not_read),
        ("drawing.svg", "this is an SVG drawing", not_read),
        ("raw.dng", "this is a camera's raw photo", not_read),
        ("film.jpg", "this is a video", other),
        ("document.pdf", "this is a PDF document", other),
        ("page.jpg", "this is a web page", other),
        ("zeros.jpg", "this is not a picture", ": use a JPEG"),
        (
            "palette-transparent.png",
            "is wholly transparent",
            "use another",
        ),
        (
            "float.tiff",
            "the picture is of a rare kind",
            "save it again as JPEG or PNG",
        ),
    ] {
        let error = photo::decode(&made(name)).unwrap_err().to_string();
        assert!(
            error.contains(kind) && error.contains(rest),
            "{name}: {error}"
        );
    }
}

/// A decoder fills up what is missing with grey, and says nothing.
#[test]
fn what_was_cut_short_is_noticed() {
    for name in [
        "cut-plain.jpg",
        "cut-progressive.jpg",
        "cut-restarts.jpg",
        "cut-grey.jpg",
        "cut-cmyk.jpg",
        "cut-preview.jpg",
        "zeros-after.jpg",
    ] {
        let error = photo::decode(&made(name)).unwrap_err();
        assert_eq!(error, PhotoError::CutShort, "{name}");
        let found = photo::recover_bytes(&made(name)).unwrap_or_else(|_| panic!("{name}"));
        assert!(!found.is_whole, "{name}");
        assert_eq!(found.picture.width(), 16);
    }
    let nothing = photo::recover_bytes(&made("cut-between.jpg"));
    assert_eq!(nothing, Err(PhotoError::CutShort));
    for name in [
        "cut-lossy.webp",
        "cut-animated.gif",
        "cut-lzw.tiff",
        "cut.png",
    ] {
        let error = photo::recover_bytes(&made(name)).unwrap_err().to_string();
        assert!(error.contains("the file is damaged"), "{name}: {error}");
    }
    // Wherever a photograph ends too early.
    let noise = ImageBuffer::from_fn(64, 48, |x, y| Rgb([(x * y * 7) as u8, x as u8, y as u8]));
    let whole = encoded(noise, ImageFormat::Jpeg);
    assert!(photo::recover_bytes(&whole).unwrap().is_whole);
    for length in (0..whole.len()).step_by(17) {
        if let Ok(found) = photo::recover_bytes(&whole[..length]) {
            assert!(!found.is_whole, "{length} of {}", whole.len());
        }
    }
}

/// Half a gigabyte of nothing, which must not be read whole.
#[test]
fn a_huge_file_that_is_no_picture_is_told_by_its_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sparse.jpg");
    let file = std::fs::File::create(&path).unwrap();
    file.set_len(500_000_000_000).unwrap();
    let error = photo::open(&path).unwrap_err().to_string();
    assert!(
        error.contains("sparse.jpg: this is not a picture"),
        "{error}"
    );
}

/// A byte changed here or there, or the end cut off: whatever comes of it, it is
/// a picture or a sentence.
#[test]
fn no_damage_to_a_jpeg_ends_the_program() {
    let picture = ImageBuffer::from_fn(40, 30, |x, y| Rgb([(x * y) as u8, x as u8, y as u8]));
    let whole = encoded(picture, ImageFormat::Jpeg);
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x5a;
        for bytes in [&damaged[..], &whole[..at]] {
            if let Err(error) = photo::decode(bytes) {
                assert!(error.to_string().len() > 20, "{error}");
            }
        }
    }
}

/// 20,000 × 20,000 pixels would take 1.6 GB. The file claims them in its
/// header and has none, so a decoder that began would say it is damaged.
#[test]
fn a_huge_picture_is_refused_before_it_is_decoded() {
    let mut bmp = b"BM".to_vec();
    for field in [54u32, 0, 54, 40, 20_000, 20_000] {
        bmp.extend(field.to_le_bytes());
    }
    bmp.extend([1, 0, 24, 0]);
    bmp.resize(54, 0);
    assert_eq!(
        photo::decode(&bmp),
        Err(PhotoError::TooLarge {
            width: 20_000,
            height: 20_000
        })
    );
}

/// 20,000 px on one side only is a picture like any other.
#[test]
fn a_long_strip_is_cropped() {
    let strip = Bitmap::from_rgba(vec![9; 20_000 * 16 * 4], 20_000, 16).unwrap();
    let square = strip.crop(256, 224).unwrap();
    assert_eq!((square.width(), square.height()), (224, 224));
}

#[test]
fn a_saved_picture_comes_back_as_it_was_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("picture.png");
    let mut values: Vec<f32> = (0..3 * 9 * 8).map(|i| i as f32 / 200.0 - 0.04).collect();
    let shown = Photo::new([3, 9, 8], values.clone()).unwrap();
    photo::save_png(&path, &shown.to_rgba(), 8, 9).unwrap();
    let read = photo::open(&path).unwrap().to_photo(3).unwrap();
    photo::round_to_8_bits(&mut values);
    assert_eq!(read.values(), values);

    assert!(photo::png(&[0; 7], 8, 9).is_err());
    assert!(photo::png(&[], 0, 0).is_err());
    let nowhere = photo::save_png(Path::new("/nowhere/x.png"), &[0; 4], 1, 1).unwrap_err();
    assert!(
        nowhere
            .to_string()
            .contains("/nowhere/x.png: the file cannot be written")
    );
}

/// The photographs are not resized here, so this compares the JPEG decoder
/// and the crop's place; resizing has its own test above.
#[test]
fn real_photographs_are_cropped_as_the_reference_was() {
    let name = "real_photographs_are_cropped_as_the_reference_was";
    let Some(crops) = shared::file(name, "reference/lite0_crops_u8.npy") else {
        return;
    };
    let list = crops.with_file_name("lite0_reference.json");
    let list: serde_json::Value = serde_json::from_slice(&std::fs::read(list).unwrap()).unwrap();
    let crops = std::fs::read(crops).unwrap();
    let crops = npyz::NpyFile::new(&crops[..]).unwrap();
    assert_eq!(crops.shape(), [8, 224, 224, 3]);
    let crops: Vec<u8> = crops.into_vec().unwrap();
    for (i, expected) in crops.chunks_exact(224 * 224 * 3).enumerate() {
        let file = list[i]["file"].as_str().unwrap();
        let path = shared::file(name, &format!("data/imagenet-sample/{file}")).unwrap();
        let found = rgb(&shared::reference_crop(&photo::open(path).unwrap(), 224));
        let (largest, count) = differences(&found, expected);
        assert_eq!((largest, count), (0, 0), "{file}");
    }
}
