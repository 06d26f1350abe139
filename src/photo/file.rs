//! Pictures from files and into them. Natively only: a browser decodes its
//! own.

use super::{Bitmap, PhotoError};
use image::codecs::png::PngEncoder;
use image::{
    ColorType, DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageFormat,
    ImageReader, Limits, RgbImage,
};
use std::fs;
use std::io::Cursor;
use std::panic;
use std::path::Path;

/// The picture in a file, turned as its EXIF orientation says and laid over
/// white. Its kind is told from its bytes, not from its name.
///
/// # Errors
/// With the file's name: when it cannot be read, is not a picture, or is too
/// small or too large, which is noticed before decoding.
pub fn open(path: impl AsRef<Path>) -> Result<Bitmap, PhotoError> {
    let path = path.as_ref();
    fs::read(path)
        .map_err(|error| PhotoError::File {
            action: "opened",
            reason: error.to_string(),
        })
        .and_then(|bytes| decode(&bytes))
        .map_err(|error| in_file(path, error))
}

/// The picture in the bytes of a file; [`open`] for what is in memory.
///
/// # Errors
/// As [`open`]'s, without a name.
pub fn decode(bytes: &[u8]) -> Result<Bitmap, PhotoError> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| PhotoError::NotAPicture)?;
    let Some(format) = reader.format() else {
        return Err(PhotoError::NotAPicture);
    };
    let mut limits = Limits::default();
    // Four channels of 16 bits at the largest size, and as much to work in.
    limits.max_alloc = Some(super::MAX_PIXELS * 16);
    reader.limits(limits);

    // Some say it in several lines.
    let damaged = |error: image::ImageError| {
        let text = error.to_string();
        PhotoError::Damaged(text.lines().map(str::trim).collect::<Vec<_>>().join(" "))
    };
    let mut decoder = reader.into_decoder().map_err(damaged)?;
    let (width, height) = decoder.dimensions();
    Bitmap::check_size(width, height)?;
    // A picture with damaged EXIF is shown as it lies.
    let orientation = decoder.orientation().ok();
    let is_colour_jpeg = format == ImageFormat::Jpeg && decoder.color_type() == ColorType::Rgb8;
    let mut picture = match is_colour_jpeg.then(|| jpeg(bytes)).flatten() {
        Some(picture) => picture,
        None => DynamicImage::from_decoder(decoder).map_err(damaged)?,
    };
    if let Some(orientation) = orientation {
        picture.apply_orientation(orientation);
    }
    let (width, height) = (picture.width(), picture.height());
    Bitmap::from_rgba(picture.into_rgba8().into_raw(), width, height)
}

/// A colour JPEG by libjpeg-turbo's arithmetic, as browsers and Pillow decode
/// it. Another decoder's pixels differ by a level here and there, which moves a
/// DeepFool perturbation's norm by up to a tenth.
///
/// None for what it cannot read, CMYK among it: the other decoder then has its
/// try, and says what is wrong.
fn jpeg(bytes: &[u8]) -> Option<DynamicImage> {
    let decode = || {
        let mut decoder = mozjpeg::Decompress::new_mem(bytes)?.rgb()?;
        let (width, height) = (decoder.width() as u32, decoder.height() as u32);
        let pixels: Vec<u8> = decoder.read_scanlines()?;
        decoder.finish()?;
        Ok::<_, std::io::Error>((width, height, pixels))
    };
    // The library unwinds where a file is damaged, without a message.
    let (width, height, pixels) = panic::catch_unwind(decode).ok()?.ok()?;
    RgbImage::from_raw(width, height, pixels).map(DynamicImage::ImageRgb8)
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
