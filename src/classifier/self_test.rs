//! A fixed picture and the logits that a network must give for it, by which a
//! device proves that it computes what it should. (A GPU may drop a shader that
//! it cannot compile and go on with stale data.)

use super::architecture::Shape;

/// How far a device's logits may be from the stored ones.
pub const TOLERANCE: f64 = 0.02;

/// Smooth waves and an edge, from integers alone, so that it has the same
/// values wherever it is made: planar `[C, H, W]` in pixel units, each value a
/// whole grey level.
pub fn picture([channels, height, width]: Shape) -> Vec<f32> {
    let level = |c: usize, y: usize, x: usize| {
        let (u, v) = (x * 1024 / width, y * 1024 / height);
        let wave = |position: usize, period: usize| {
            let phase = position % period;
            phase.min(period - phase) * 255 / (period / 2)
        };
        let edge = if u + v > 1024 { 80 } else { 0 };
        let sum = wave(u + 100 * c, 260) + wave(v + 60 * c, 340) + wave(u + v, 700);
        (sum / 4 + edge).min(255)
    };
    let mut values = Vec::with_capacity(channels * height * width);
    for c in 0..channels {
        for y in 0..height {
            for x in 0..width {
                values.push(level(c, y, x) as f32 / 255.0);
            }
        }
    }
    values
}

/// Logits as stored: f32, little-endian.
pub fn stored_logits(bytes: &[u8]) -> Vec<f32> {
    bytes
        .chunks_exact(4)
        .map(|chunk| f32::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]))
        .collect()
}

/// The largest difference between two lists of logits; infinite where one is
/// not a number or the lists are not equally long.
pub fn largest_difference(found: &[f32], expected: &[f32]) -> f64 {
    if found.len() != expected.len() {
        return f64::INFINITY;
    }
    found
        .iter()
        .zip(expected)
        .map(|(a, b)| f64::from((a - b).abs()))
        .fold(0.0, |largest, difference| {
            if difference.is_nan() {
                f64::INFINITY
            } else {
                largest.max(difference)
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_varied_and_in_range() {
        let picture = picture([3, 224, 224]);
        assert!(picture.iter().all(|value| (0.0..=1.0).contains(value)));
        let mean = picture.iter().sum::<f32>() / picture.len() as f32;
        let variance =
            picture.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / picture.len() as f32;
        assert!(variance > 0.02, "{variance}");
    }

    #[test]
    fn a_logit_that_is_no_number_is_infinitely_wrong() {
        assert_eq!(
            largest_difference(&[1.0, f32::NAN], &[1.0, 2.0]),
            f64::INFINITY
        );
        assert_eq!(largest_difference(&[1.0], &[1.0, 2.0]), f64::INFINITY);
        assert_eq!(largest_difference(&[1.0, 2.5], &[1.0, 2.0]), 0.5);
    }
}
