//! Pictures from files and into them. Natively only: a browser decodes its
//! own.

use super::kind::{FIRST_BYTES, Kind, Sort};
use super::{Bitmap, MAX_PIXELS, PhotoError, jpeg};
use image::codecs::png::PngEncoder;
use image::{
    ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError,
    ImageFormat, ImageReader, Limits,
};
use std::fs::{self, File};
use std::io::{Cursor, Read};
use std::path::Path;

/// A file larger than this is none: no compression makes a picture larger than
/// its pixels, four channels of 16 bits.
const MAX_FILE: u64 = MAX_PIXELS * 16;

/// A picture as far as there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovered {
    pub picture: Bitmap,
    /// Whether the file was cut short, so that a part of the picture is grey.
    pub is_whole: bool,
}

/// The picture in a file, turned as its EXIF orientation says and laid over
/// white; the first of several. Its kind is told from its bytes, not from its
/// name.
///
/// # Errors
/// With the file's name: when it cannot be read, is not a picture or one of a
/// kind that is not read here, is cut short, is wholly transparent, or is too
/// small or too large, which is noticed before decoding.
///
/// # Examples
/// ```
/// use foolscope::photo;
///
/// let bitmap = photo::open("docs/live.jpg")?;
/// // As a network sees it: the short side scaled to 256 pixels, 224 × 224 out of the middle, in colour.
/// let photo = bitmap.crop(256, 224)?.to_photo(3)?;
/// assert_eq!(photo.shape(), [3, 224, 224]);
/// # Ok::<(), photo::PhotoError>(())
/// ```
pub fn open(path: impl AsRef<Path>) -> Result<Bitmap, PhotoError> {
    let path = path.as_ref();
    recover(path).and_then(|found| found.whole().map_err(|error| in_file(path, error)))
}

/// [`open`] for who also takes a JPEG that was cut short, and says so.
///
/// # Errors
/// As [`open`]'s, but for that.
pub fn recover(path: impl AsRef<Path>) -> Result<Recovered, PhotoError> {
    let path = path.as_ref();
    bytes_of(path)
        .and_then(|bytes| recover_bytes(&bytes))
        .map_err(|error| in_file(path, error))
}

/// A picture's bytes; nothing else is read to its end.
fn bytes_of(path: &Path) -> Result<Vec<u8>, PhotoError> {
    let failed = |error: std::io::Error| PhotoError::File {
        action: "opened",
        reason: error.to_string(),
    };
    let mut file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.by_ref()
        .take(FIRST_BYTES as u64)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    check_kind(&bytes)?;
    file.take(MAX_FILE)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(PhotoError::FileTooLarge);
    }
    Ok(bytes)
}

/// The picture in the bytes of a file; [`open`] for what is in memory.
///
/// # Errors
/// As [`open`]'s, without a name.
pub fn decode(bytes: &[u8]) -> Result<Bitmap, PhotoError> {
    recover_bytes(bytes)?.whole()
}

/// [`recover`] for what is in memory.
///
/// # Errors
/// As [`recover`]'s, without a name.
pub fn recover_bytes(bytes: &[u8]) -> Result<Recovered, PhotoError> {
    check_kind(bytes)?;
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| PhotoError::NotAPicture)?;
    let Some(format) = reader.format() else {
        return Err(PhotoError::NotAPicture);
    };
    let mut limits = Limits::default();
    // Four channels of 16 bits at the largest size, and as much to work in.
    limits.max_alloc = Some(MAX_PIXELS * 16);
    reader.limits(limits);

    let is_jpeg = format == ImageFormat::Jpeg;
    let is_whole = !is_jpeg || jpeg::is_whole(bytes);
    let refused = |error| match is_whole {
        true => refused(error),
        false => PhotoError::CutShort,
    };
    let mut decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    Bitmap::check_size(width, height)?;
    // A picture with damaged EXIF is shown as it lies.
    let orientation = decoder.orientation().ok();
    let is_colour = decoder.color_type() == ColorType::Rgb8;
    let libjpegs = (is_jpeg && (is_colour || !is_whole)).then(|| jpeg::decode(bytes));
    let mut picture = match libjpegs.flatten() {
        Some(picture) => picture,
        None => DynamicImage::from_decoder(decoder).map_err(refused)?,
    };
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    let (width, height) = (picture.width(), picture.height());
    let rgba = picture.into_rgba8().into_raw();
    if rgba.chunks_exact(4).all(|pixel| pixel[3] == 0) {
        return Err(PhotoError::Transparent);
    }
    Ok(Recovered {
        picture: Bitmap::from_rgba(rgba, width, height)?,
        is_whole,
    })
}

impl Recovered {
    fn whole(self) -> Result<Bitmap, PhotoError> {
        if self.is_whole {
            Ok(self.picture)
        } else {
            Err(PhotoError::CutShort)
        }
    }
}

/// Refuses what is of no kind that is read, by its name.
fn check_kind(first: &[u8]) -> Result<(), PhotoError> {
    match Kind::of(first) {
        Some(kind) => match kind.sort {
            Sort::Read => Ok(()),
            Sort::NotRead => Err(PhotoError::NotRead(kind.name)),
            Sort::Other => Err(PhotoError::OtherKind(kind.name)),
        },
        None => Err(PhotoError::NotAPicture),
    }
}

/// What a decoder says, which may be several lines.
fn refused(error: ImageError) -> PhotoError {
    let text = error.to_string();
    let text = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    match error {
        ImageError::Unsupported(_) => PhotoError::Rare(text),
        _ => PhotoError::Damaged(text),
    }
}

/// RGBA bytes, as [`Photo::to_rgba`](super::Photo::to_rgba) and
/// [`Perturbation::draw`](super::Perturbation::draw) give them, as a PNG of 8
/// bits a channel.
///
/// # Errors
/// When there are not four bytes a pixel.
pub fn png(rgba: &[u8], width: u32, height: u32) -> Result<Vec<u8>, PhotoError> {
    let expected = u64::from(width) * u64::from(height) * 4;
    if rgba.len() as u64 != expected {
        return Err(PhotoError::ByteCount {
            width,
            height,
            expected,
            found: rgba.len(),
        });
    }
    let mut bytes = Vec::new();
    PngEncoder::new(&mut bytes)
        .write_image(rgba, width, height, ExtendedColorType::Rgba8)
        .map_err(|error| PhotoError::File {
            action: "written as PNG",
            reason: error.to_string(),
        })?;
    Ok(bytes)
}

/// [`png`] into a file.
///
/// # Errors
/// With the file's name.
pub fn save_png(
    path: impl AsRef<Path>,
    rgba: &[u8],
    width: u32,
    height: u32,
) -> Result<(), PhotoError> {
    let path = path.as_ref();
    png(rgba, width, height)
        .and_then(|bytes| {
            fs::write(path, bytes).map_err(|error| PhotoError::File {
                action: "written",
                reason: error.to_string(),
            })
        })
        .map_err(|error| in_file(path, error))
}

fn in_file(path: &Path, error: PhotoError) -> PhotoError {
    PhotoError::InFile {
        file: path.display().to_string(),
        error: Box::new(error),
    }
}
