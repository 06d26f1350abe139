//! A mean image (`.binaryproto`): what is taken off every picture.

use super::CaffeError;
use super::blob::Blob;
use super::wire::Cursor;
use crate::classifier::architecture::Shape;
use crate::classifier::import::{Bytes, ImportError};

/// The mean of each pixel, blue first as Caffe has channels, in levels from 0
/// to 255: the middle of the image, of an input's size.
///
/// # Errors
/// When the bytes are no such file, or the image is smaller than the input.
pub fn read(bytes: &[u8], [channels, height, width]: Shape) -> Result<Vec<f32>, ImportError> {
    let mut source = Bytes(bytes);
    let mut cursor = Cursor::new(&mut source);
    let refuse = |reason: String| ImportError::from(CaffeError::Mean(reason));
    let end = cursor.size();
    let blob = Blob::scan(&mut cursor, 0, end)
        .map_err(|_| refuse("it is not a whole .binaryproto file".into()))?;
    let &[.., c, h, w] = blob.shape.as_slice() else {
        return Err(refuse("it does not say its size".into()));
    };
    let count = [c, h, w]
        .iter()
        .try_fold(1usize, |n, &axis| n.checked_mul(axis));
    if c != channels || h < height || w < width || count != Some(blob.len()) {
        return Err(refuse(format!(
            "it has {c} channels of {h} × {w} pixels and {} numbers, but pictures have \
             {channels} of {height} × {width}",
            blob.len()
        )));
    }
    let values = blob.values(&mut cursor)?;
    if !values.iter().all(|value| value.is_finite()) {
        return Err(refuse("it holds numbers that are not finite".into()));
    }
    let (top, left) = ((h - height) / 2, (w - width) / 2);
    let rows = (0..c).flat_map(|channel| (top..top + height).map(move |row| channel * h + row));
    Ok(rows
        .flat_map(|row| &values[row * w + left..][..width])
        .copied()
        .collect())
}
