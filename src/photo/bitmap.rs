//! An 8-bit picture of any size, and the square that a classifier sees of it.

use super::{LEVELS, Photo, PhotoError};
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x4;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};

/// More pixels than this are refused: 256 MB of RGBA.
pub const MAX_PIXELS: u64 = 64_000_000;

/// Anything smaller is a mistake rather than a picture.
pub const MIN_SIDE: u32 = 8;

/// Opaque 8-bit RGBA, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bitmap {
    width: u32,
    height: u32,
    rgba: Vec<u8>,
}

/// What a network sees of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crop {
    /// To how many pixels the short side is scaled before the square in the middle
    /// is cut out.
    pub short_side: usize,
    /// Of the square.
    pub side: usize,
    /// 3 for colours, 1 for grey.
    pub channels: usize,
}

impl Bitmap {
    /// A picture from RGBA bytes (not premultiplied, as a canvas gives them),
    /// laid over white.
    ///
    /// # Errors
    /// When it is too small or too large, or has not four bytes a pixel.
    pub fn from_rgba(mut rgba: Vec<u8>, width: u32, height: u32) -> Result<Self, PhotoError> {
        Self::check_size(width, height)?;
        let expected = u64::from(width) * u64::from(height) * 4;
        if rgba.len() as u64 != expected {
            return Err(PhotoError::ByteCount {
                width,
                height,
                expected,
                found: rgba.len(),
            });
        }
        for pixel in rgba.chunks_exact_mut(4).filter(|pixel| pixel[3] != u8::MAX) {
            lay_over_white(pixel);
        }
        Ok(Self {
            width,
            height,
            rgba,
        })
    }

    /// Whether a picture of this size is taken at all; for asking before it is
    /// decoded.
    pub fn check_size(width: u32, height: u32) -> Result<(), PhotoError> {
        if width.min(height) < MIN_SIDE {
            Err(PhotoError::TooSmall { width, height })
        } else if u64::from(width) * u64::from(height) > MAX_PIXELS {
            Err(PhotoError::TooLarge { width, height })
        } else {
            Ok(())
        }
    }

    pub fn width(&self) -> u32 {
        self.width
    }

    pub fn height(&self) -> u32 {
        self.height
    }

    pub fn rgba(&self) -> &[u8] {
        &self.rgba
    }

    pub fn into_rgba(self) -> Vec<u8> {
        self.rgba
    }

    /// Left and right exchanged.
    pub fn mirrored(mut self) -> Self {
        for row in self.rgba.chunks_exact_mut(self.width as usize * 4) {
            let (pixels, _) = row.as_chunks_mut::<4>();
            pixels.reverse();
        }
        self
    }

    /// What a network sees of the picture, planar in [0, 1].
    ///
    /// # Errors
    /// As [`Bitmap::crop`]'s and [`Bitmap::to_photo`]'s.
    pub fn photo(&self, crop: Crop) -> Result<Photo, PhotoError> {
        self.crop(crop.short_side, crop.side)?
            .to_photo(crop.channels)
    }

    /// The square in the middle, `side` pixels wide, of this picture brought
    /// to a short side of `short_side` by antialiased bilinear resizing.
    ///
    /// These are Pillow's numbers (of `Image.resize` with `BILINEAR`, then
    /// torchvision's `CenterCrop`), by which the classifiers were trained and
    /// measured: each pass is rounded to 8 bits, the horizontal one first.
    /// Only what the square needs is computed, so a long strip costs no more
    /// than a square.
    ///
    /// # Errors
    /// When `side` is 0 or more than `short_side`.
    pub fn crop(&self, short_side: usize, side: usize) -> Result<Self, PhotoError> {
        if side == 0 || side > short_side {
            return Err(PhotoError::Crop { side, short_side });
        }
        let short = self.width.min(self.height);
        let across = Span::new(self.width, short, short_side, side);
        let down = Span::new(self.height, short, short_side, side);
        let rows = down.reach();

        // One axis at a time, because the library would begin with the other.
        // Typed, so that the page carries the resizing of this kind of pixel
        // alone, and not of a dozen with their tables.
        let size = side as u32;
        let source = TypedImageRef::<U8x4>::from_buffer(self.width, self.height, &self.rgba)
            .expect("four bytes a pixel were checked");
        let mut wide = TypedImage::<U8x4>::new(size, rows.end - rows.start);
        let strip = f64::from(rows.end - rows.start);
        let options = bilinear().crop(across.start, f64::from(rows.start), across.length, strip);
        let mut resizer = Resizer::new();
        resizer
            .resize_typed(&source, &mut wide, &options)
            .expect("the span lies inside the picture");

        let mut square = TypedImage::<U8x4>::new(size, size);
        let top = down.start - f64::from(rows.start);
        let options = bilinear().crop(0.0, top, f64::from(size), down.length);
        resizer
            .resize_typed(&wide, &mut square, &options)
            .expect("the span lies inside the strip");
        Ok(Self {
            width: size,
            height: size,
            rgba: square.pixels().iter().flat_map(|pixel| pixel.0).collect(),
        })
    }

    /// As numbers in [0, 1]: `[3, H, W]`, or `[1, H, W]` of grey by the
    /// weights of ITU-R 601, rounded to 8 bits as Pillow does.
    ///
    /// # Errors
    /// When `channels` is neither 3 nor 1.
    pub fn to_photo(&self, channels: usize) -> Result<Photo, PhotoError> {
        let pixels = self.rgba.chunks_exact(4);
        let values = match channels {
            1 => pixels.map(|pixel| unit(grey(pixel))).collect(),
            3 => (0..3)
                .flat_map(|c| pixels.clone().map(move |pixel| unit(pixel[c])))
                .collect(),
            _ => return Err(PhotoError::Channels(channels)),
        };
        Photo::new(
            [channels, self.height as usize, self.width as usize],
            values,
        )
    }
}

/// What of one axis the square covers, in the source's pixels.
struct Span {
    start: f64,
    length: f64,
    /// How many of the source's pixels one of the square's stands for.
    scale: f64,
    /// The axis's length.
    available: u32,
}

impl Span {
    /// Of an axis `available` long in a picture whose short side is `short`.
    fn new(available: u32, short: u32, short_side: usize, side: usize) -> Self {
        // Both roundings are torchvision's: the long side is cut down to a
        // whole pixel, and an odd margin is halved to the even neighbour.
        let resized = (short_side as u64 * u64::from(available) / u64::from(short)) as f64;
        let margin = ((resized - side as f64) / 2.0).round_ties_even();
        let length = f64::from(available);
        let start = margin * length / resized;
        Self {
            start,
            length: (side as f64 * length / resized).min(length - start),
            scale: length / resized,
            available,
        }
    }

    /// The whole pixels that resizing this span reads: the triangle of the
    /// bilinear filter reaches one output pixel further on either side, and
    /// never less than one input pixel.
    fn reach(&self) -> std::ops::Range<u32> {
        let margin = self.scale.max(1.0) + 1.0;
        let start = (self.start - margin).floor().max(0.0) as u32;
        let end = (self.start + self.length + margin).ceil() as u32;
        start..end.min(self.available)
    }
}

fn bilinear() -> ResizeOptions {
    ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Bilinear))
        .use_alpha(false)
}

fn lay_over_white(pixel: &mut [u8]) {
    let alpha = u16::from(pixel[3]);
    for byte in &mut pixel[..3] {
        let sum = u16::from(*byte) * alpha + 255 * (255 - alpha);
        *byte = ((sum + 127) / 255) as u8;
    }
    pixel[3] = u8::MAX;
}

fn grey(pixel: &[u8]) -> u8 {
    let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(u32::from);
    // 0.299, 0.587 and 0.114 in 16 bits, which add up to one.
    ((r * 19_595 + g * 38_470 + b * 7_471 + 0x8000) >> 16) as u8
}

fn unit(byte: u8) -> f32 {
    f32::from(byte) / LEVELS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn plain(width: u32, height: u32, pixel: [u8; 4]) -> Bitmap {
        let rgba = pixel.repeat((width * height) as usize);
        Bitmap::from_rgba(rgba, width, height).unwrap()
    }

    #[test]
    fn sizes_out_of_range_are_refused_in_a_sentence() {
        let refused = |w, h, bytes| {
            Bitmap::from_rgba(vec![0; bytes], w, h)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            refused(1, 1, 4),
            "the picture has 1 × 1 pixels; the smallest that can be named has 8 × 8: take a larger one"
        );
        assert_eq!(
            refused(12_000, 9_000, 0),
            "the picture has 12000 × 9000 pixels, more than 64 million: make it smaller first"
        );
        assert_eq!(
            refused(8, 8, 100),
            "8 × 8 pixels of RGBA need 256 bytes, but there are 100"
        );
        assert!(refused(u32::MAX, u32::MAX, 0).contains("more than 64 million"));
        assert!(refused(0, 0, 0).contains("0 × 0"));
    }

    #[test]
    fn transparency_lies_over_white() {
        let pixel = |pixel| plain(8, 8, pixel).rgba()[..4].to_vec();
        assert_eq!(pixel([10, 20, 30, 0]), [255, 255, 255, 255]);
        assert_eq!(pixel([0, 100, 255, 128]), [127, 177, 255, 255]);
        assert_eq!(pixel([1, 2, 3, 255]), [1, 2, 3, 255]);
    }

    #[test]
    fn grey_weighs_the_channels() {
        let value = |r, g, b| {
            let photo = plain(8, 8, [r, g, b, 255]).to_photo(1).unwrap();
            (photo.values()[0] * LEVELS).round()
        };
        assert_eq!(value(255, 0, 0), 76.0);
        assert_eq!(value(0, 255, 0), 150.0);
        assert_eq!(value(0, 0, 255), 29.0);
        assert_eq!(value(200, 200, 200), 200.0);
        assert!(plain(8, 8, [0; 4]).to_photo(4).is_err());
    }

    #[test]
    fn a_crop_must_fit() {
        let picture = plain(8, 8, [0, 0, 0, 255]);
        assert!(picture.crop(256, 257).is_err());
        assert!(picture.crop(256, 0).is_err());
        assert!(picture.crop(256, 256).is_ok());
    }

    #[test]
    fn at_its_own_size_a_picture_is_only_cut() {
        let (width, height) = (16u8, 9u8);
        let rgba = (0..height)
            .flat_map(|y| (0..width).flat_map(move |x| [x, y, 0, 255]))
            .collect();
        let picture = Bitmap::from_rgba(rgba, width.into(), height.into()).unwrap();
        let square = picture.crop(9, 5).unwrap();
        // Margins of 11/2, halved to the even 6, and of 4/2.
        assert_eq!(square.rgba()[..4], [6, 2, 0, 255]);
        assert_eq!(square.rgba()[4 * 24..], [10, 6, 0, 255]);
        let mirrored = square.mirrored();
        assert_eq!(mirrored.rgba()[..4], [10, 2, 0, 255]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_shape_gives_the_square_and_a_plain_one_stays_plain(
            width in MIN_SIDE..600,
            height in MIN_SIDE..600,
            short_side in 1usize..300,
            cut in 0.0..1.0f64,
            pixel in any::<[u8; 3]>(),
        ) {
            let side = ((short_side as f64 * cut) as usize).max(1);
            let [r, g, b] = pixel;
            let square = plain(width, height, [r, g, b, 255]).crop(short_side, side).unwrap();
            prop_assert_eq!((square.width(), square.height()), (side as u32, side as u32));
            prop_assert!(square.rgba().chunks_exact(4).all(|p| p == [r, g, b, 255]));
        }

        #[test]
        fn bytes_survive_the_way_to_numbers_and_back(bytes in prop::collection::vec(any::<u8>(), 256)) {
            let picture = Bitmap::from_rgba(bytes, 8, 8).unwrap();
            prop_assert_eq!(picture.to_photo(3).unwrap().to_rgba(), picture.rgba());
        }
    }
}
