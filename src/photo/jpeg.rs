//! JPEG, by the decoder that browsers have.

use image::{DynamicImage, RgbImage};
use std::panic;

/// A colour JPEG by libjpeg-turbo's arithmetic, as browsers and Pillow decode
/// it. Another decoder's pixels differ by a level here and there, which moves a
/// DeepFool perturbation's norm by up to a tenth.
///
/// None for what it cannot read, CMYK among it: the other decoder then has its
/// try, and says what is wrong.
pub fn decode(bytes: &[u8]) -> Option<DynamicImage> {
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

/// Whether a JPEG has its end. The decoders draw what is missing of a file that
/// was cut short in grey, and say nothing.
///
/// Goes from marker to marker: a small preview within a segment has an end of
/// its own.
pub fn is_whole(bytes: &[u8]) -> bool {
    let mut rest = bytes.get(2..).unwrap_or_default();
    while let Some(at) = rest.windows(2).position(is_marker) {
        rest = &rest[at + 1..];
        match rest {
            [0xd9, ..] => return true,
            // A segment says how long it is, that before a scan too.
            [0xc0..=0xfe, high, low, ..] => {
                let length = u16::from_be_bytes([*high, *low]).max(2);
                rest = rest.get(1 + usize::from(length)..).unwrap_or_default();
            }
            _ => {}
        }
    }
    false
}

/// Within a scan, 0xff is followed by 0 or by the number of a restart.
fn is_marker(pair: &[u8]) -> bool {
    pair[0] == 0xff && !matches!(pair[1], 0 | 1 | 0xd0..=0xd8 | 0xff)
}
