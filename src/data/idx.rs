//! IDX, the format of MNIST: a type, the sizes of the dimensions, the numbers
//! (LeCun, Cortes and Burges).

use super::DataError;

/// What an IDX file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    Images,
    Labels,
}

/// What the IDX file that begins so holds; none if it is no such file, or of
/// other numbers than bytes.
pub fn holds(first: &[u8]) -> Option<Holds> {
    match first {
        [0, 0, 8, 3, ..] => Some(Holds::Images),
        [0, 0, 8, 1, ..] => Some(Holds::Labels),
        _ => None,
    }
}

/// Grey pictures, all of one size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    pub height: usize,
    pub width: usize,
    pixels: Vec<u8>,
}

/// The largest side of a picture. Real ones have 28 pixels.
const MAX_SIDE: u64 = 4096;

impl Images {
    /// From the bytes of an unpacked file with three dimensions.
    ///
    /// # Errors
    /// When it is no such file, is cut short, or has pictures of no size.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DataError> {
        let (sizes, pixels) = split::<3>(bytes)?;
        let [_, height, width] = sizes;
        if height == 0 || width == 0 || height > MAX_SIDE || width > MAX_SIDE {
            return Err(DataError::Size(height, width));
        }
        Ok(Self {
            height: height as usize,
            width: width as usize,
            pixels: pixels.to_vec(),
        })
    }

    pub fn len(&self) -> usize {
        self.pixels.len() / (self.height * self.width)
    }

    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }

    /// The grey levels of one picture, row by row.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        self.pixels
            .chunks_exact(self.height * self.width)
            .nth(index)
    }
}

/// Labels from the bytes of an unpacked file with one dimension.
///
/// # Errors
/// When it is no such file, or is cut short.
pub fn labels(bytes: &[u8]) -> Result<Vec<u8>, DataError> {
    let (_, labels) = split::<1>(bytes)?;
    Ok(labels.to_vec())
}

/// The sizes of N dimensions, and the bytes, exactly as many as they say.
fn split<const N: usize>(bytes: &[u8]) -> Result<([u64; N], &[u8]), DataError> {
    let Some((&[0, 0, 8, dimensions], rest)) = bytes.split_first_chunk::<4>() else {
        return Err(DataError::NotIdx);
    };
    if usize::from(dimensions) != N {
        return Err(DataError::Dimensions {
            expected: N,
            found: dimensions.into(),
        });
    }
    let header = 4 * N;
    if rest.len() < header {
        return Err(DataError::Length {
            expected: 4 + header as u64,
            found: bytes.len(),
        });
    }
    let (header, data) = rest.split_at(header);
    let mut sizes = [0u64; N];
    for (size, bytes) in sizes.iter_mut().zip(header.chunks_exact(4)) {
        *size = u64::from(u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
    }
    let expected = sizes
        .iter()
        .try_fold(1u64, |product, size| product.checked_mul(*size))
        .unwrap_or(u64::MAX);
    if expected != data.len() as u64 {
        return Err(DataError::Length {
            expected: expected.saturating_add(4 + 4 * N as u64),
            found: bytes.len(),
        });
    }
    Ok((sizes, data))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file(sizes: &[u32], data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, sizes.len() as u8];
        bytes.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
        bytes.extend(data);
        bytes
    }

    #[test]
    fn pictures_and_labels_are_read() {
        let images = Images::from_bytes(&file(&[2, 1, 3], &[1, 2, 3, 4, 5, 6])).unwrap();
        assert_eq!((images.len(), images.height, images.width), (2, 1, 3));
        assert_eq!(images.get(1), Some(&[4, 5, 6][..]));
        assert_eq!(images.get(2), None);
        assert_eq!(labels(&file(&[3], &[7, 8, 9])), Ok(vec![7, 8, 9]));
        assert!(
            Images::from_bytes(&file(&[0, 2, 2], &[]))
                .unwrap()
                .is_empty()
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(labels(b"PNG!"), Err(DataError::NotIdx));
        assert_eq!(labels(&[]), Err(DataError::NotIdx));
        // Floats, type 13.
        assert_eq!(labels(&[0, 0, 13, 1, 0, 0, 0, 0]), Err(DataError::NotIdx));
        assert_eq!(
            labels(&file(&[1, 1, 1], &[0])),
            Err(DataError::Dimensions {
                expected: 1,
                found: 3
            })
        );
        assert_eq!(
            labels(&[0, 0, 8, 1, 0]),
            Err(DataError::Length {
                expected: 8,
                found: 5
            })
        );
        // No memory is taken for what is only promised.
        let promised = file(&[u32::MAX, u32::MAX, u32::MAX], &[1]);
        assert!(matches!(
            Images::from_bytes(&promised),
            Err(DataError::Length { .. })
        ));
        assert_eq!(
            Images::from_bytes(&file(&[0, 0, 9], &[])),
            Err(DataError::Size(0, 9))
        );
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let mut marked = vec![0, 0, 8];
            marked.extend(&bytes);
            for bytes in [&bytes, &marked] {
                if let Ok(images) = Images::from_bytes(bytes) {
                    prop_assert_eq!(images.len() * images.height * images.width + 16, bytes.len());
                }
                if let Ok(labels) = labels(bytes) {
                    prop_assert_eq!(labels.len() + 8, bytes.len());
                }
            }
        }

        #[test]
        fn what_is_written_is_read(count in 0u32..5, height in 1u32..6, width in 1u32..6) {
            let data: Vec<u8> = (0..count * height * width).map(|i| i as u8).collect();
            let images = Images::from_bytes(&file(&[count, height, width], &data)).unwrap();
            prop_assert_eq!(images.len(), count as usize);
            for index in 0..count as usize {
                let size = (height * width) as usize;
                prop_assert_eq!(images.get(index).unwrap(), &data[index * size..][..size]);
            }
        }
    }
}
