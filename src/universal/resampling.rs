//! A perturbation made for one network, on another that sees pictures of
//! another size.
//!
//! Each pixel takes the value of the nearest one, and then all are scaled so
//! that the norm of the ball that the perturbation was made for is what it was.
//! Smoother filters average neighbours, and these have opposite signs in what
//! fools networks: of 100 photographs, EfficientNet-Lite0's perturbation of ten
//! levels fools Lite1 on 64 with the nearest pixel, on 52 with bilinear, 45 with
//! bicubic and 38 with Lanczos interpolation, and with the nearest pixel the
//! way there and back changes nothing.
//!
//! The l2 norm that is kept is the length in grey levels, not the mean square of
//! a pixel: the papers state one radius for networks of different sizes, and
//! another network's own perturbations are measured by it too. A larger picture
//! has less of it in each pixel.

use thiserror::Error;

use crate::attack::Norm;
use crate::classifier::architecture::Shape;
use crate::npy::{self, Found, NpyError};
use crate::photo::Perturbation;

/// Colours cannot be made of grey, nor grey of colours.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "a perturbation for pictures {} does not fit pictures {}: take one that was made for such",
    colours(*found), colours(*expected)
)]
pub struct ChannelsError {
    found: usize,
    expected: usize,
}

fn colours(channels: usize) -> &'static str {
    if channels == 1 {
        "in grey"
    } else {
        "in colours"
    }
}

/// The perturbation for pictures of a shape, of the same norm.
///
/// # Errors
/// When the number of channels differs.
#[inline(never)]
pub fn resampled(
    v: &Perturbation,
    shape: Shape,
    norm: Norm,
) -> Result<Perturbation, ChannelsError> {
    if v.shape() == shape {
        return Ok(v.clone());
    }
    let ([found, from_height, from_width], [channels, height, width]) = (v.shape(), shape);
    if found != channels {
        return Err(ChannelsError {
            found,
            expected: channels,
        });
    }
    let columns: Vec<usize> = (0..width).map(|x| nearest(x, width, from_width)).collect();
    let mut values = Vec::with_capacity(channels * height * width);
    for plane in v.values().chunks_exact(from_height * from_width) {
        for y in 0..height {
            let start = nearest(y, height, from_height) * from_width;
            values.extend(columns.iter().map(|x| plane[start + x]));
        }
    }
    let (before, after) = (norm.of(v.values()), norm.of(&values));
    if before != after && after > 0.0 {
        let factor = before / after;
        for value in &mut values {
            *value = (f64::from(*value) * factor) as f32;
        }
    }
    Ok(Perturbation::new(shape, values).expect("as many finite values as the shape has"))
}

/// The perturbation in the bytes of a `.npy` file ([`npy::read`]); resampled,
/// with its largest number kept, where it is for pictures of another size, which
/// the note then says.
///
/// # Errors
/// As [`npy::read`]'s.
#[inline(never)]
pub fn read_resampled(bytes: &[u8], shape: Shape) -> Result<Found, NpyError> {
    let misfit = match npy::read(bytes, shape) {
        Err(error @ NpyError::Shape { .. }) => error,
        read => return read,
    };
    let Some(own) = npy::picture_shape(bytes, shape[0]) else {
        return Err(misfit);
    };
    let Found { perturbation, note } = npy::read(bytes, own)?;
    let Ok(perturbation) = resampled(&perturbation, shape, Norm::Linf) else {
        return Err(misfit);
    };
    let sizes = [own, shape].map(|[_, height, width]| format!("{width} × {height}"));
    let resized = format!(
        "it is for pictures of {} pixels, and was resampled to the {} that this classifier sees, \
         as strong as it was",
        sizes[0], sizes[1]
    );
    Ok(Found {
        perturbation,
        note: Some(note.map_or(resized.clone(), |note| format!("{note}; {resized}"))),
    })
}

/// In an axis of `from` pixels, the one that lies where the middle of pixel
/// `index` of `to` does.
fn nearest(index: usize, to: usize, from: usize) -> usize {
    (2 * index + 1) * from / (2 * to)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn perturbation(shape: Shape, values: Vec<f32>) -> Perturbation {
        Perturbation::new(shape, values).unwrap()
    }

    #[test]
    fn a_pixel_takes_the_value_of_the_nearest() {
        let v = perturbation([1, 2, 3], vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        let larger = resampled(&v, [1, 2, 5], Norm::Linf).unwrap();
        let expected = [1.0, 1.0, 2.0, 3.0, 3.0, 4.0, 4.0, 5.0, 6.0, 6.0];
        assert_eq!(larger.values(), expected);
        // The largest entry was left out, so that the rest grows.
        let smaller = resampled(&v, [1, 1, 1], Norm::Linf).unwrap();
        assert_eq!(smaller.values(), [6.0]);
    }

    #[test]
    fn grey_does_not_become_colour() {
        let v = perturbation([1, 2, 2], vec![0.1; 4]);
        let refused = resampled(&v, [3, 2, 2], Norm::L2).unwrap_err().to_string();
        assert!(refused.contains("for pictures in grey does not fit pictures in colours"));
    }

    #[test]
    fn nothing_stays_nothing() {
        let v = perturbation([1, 3, 3], vec![0.0; 9]);
        let found = resampled(&v, [1, 5, 4], Norm::L2).unwrap();
        assert_eq!(found.values(), [0.0; 20]);
    }

    #[test]
    fn a_file_for_other_sizes_is_resampled_and_says_so() {
        let v = perturbation([3, 2, 2], (1..13).map(|n| n as f32 / 20.0).collect());
        let bytes = npy::to_bytes(&v);
        let found = read_resampled(&bytes, [3, 4, 4]).unwrap();
        let expected = resampled(&v, [3, 4, 4], Norm::Linf).unwrap();
        assert_eq!(found.perturbation, expected);
        let note = found.note.unwrap();
        assert!(note.contains("of 2 × 2 pixels, and was resampled to the 4 × 4"));
        assert_eq!(read_resampled(&bytes, [3, 2, 2]).unwrap().note, None);
        let refused = read_resampled(&bytes, [1, 2, 2]).unwrap_err();
        assert!(matches!(refused, NpyError::Shape { .. }));
    }

    fn any() -> impl Strategy<Value = Perturbation> {
        (1..9usize, 1..9usize).prop_flat_map(|(height, width)| {
            let values = prop::collection::vec(-1f32..1.0, 3 * height * width);
            values.prop_map(move |values| perturbation([3, height, width], values))
        })
    }

    proptest! {
        #[test]
        fn a_constant_stays_constant(level in -1f32..1.0, height in 1..20usize, width in 1..20usize) {
            let v = perturbation([3, 7, 6], vec![level; 126]);
            let found = resampled(&v, [3, height, width], Norm::Linf).unwrap();
            prop_assert!(found.values().iter().all(|value| *value == level));
        }

        #[test]
        fn the_radius_is_kept(v in any(), height in 1..20usize, width in 1..20usize) {
            for norm in [Norm::L2, Norm::Linf] {
                let found = resampled(&v, [3, height, width], norm).unwrap();
                let (before, after) = (norm.of(v.values()), norm.of(found.values()));
                let is_zero = found.values().iter().all(|value| *value == 0.0);
                prop_assert!(is_zero || (after / before - 1.0).abs() < 1e-5, "{before} {after}");
            }
        }

        #[test]
        fn to_a_larger_size_and_back_changes_nothing(v in any(), more in 1..9usize) {
            let [_, height, width] = v.shape();
            let larger = resampled(&v, [3, height + more, width + 2 * more], Norm::Linf).unwrap();
            let back = resampled(&larger, v.shape(), Norm::Linf).unwrap();
            prop_assert_eq!(back.values(), v.values());
            let larger = resampled(&v, [3, height + more, width + 2 * more], Norm::L2).unwrap();
            let back = resampled(&larger, v.shape(), Norm::L2).unwrap();
            for (a, b) in back.values().iter().zip(v.values()) {
                prop_assert!((a - b).abs() <= 1e-5 * b.abs(), "{} {}", a, b);
            }
        }
    }
}
