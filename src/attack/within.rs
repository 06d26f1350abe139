//! Staying within what a picture can show, and within a ball.

use super::{AttackError, Distance};

/// Whether pictures are in [0, 1].
pub(super) fn check_box(pictures: &[impl AsRef<[f32]>]) -> Result<(), AttackError> {
    let mut values = pictures.iter().flat_map(|picture| picture.as_ref());
    match values.all(|value| !value.is_finite() || (0.0..=1.0).contains(value)) {
        true => Ok(()),
        false => Err(AttackError::OutsideBox),
    }
}

/// Shortens r where x + r leaves [0, 1].
pub(super) fn into_box(x: &[f32], r: &mut [f32]) {
    for (x, r) in x.iter().zip(r) {
        *r = r.clamp(-x, 1.0 - x);
    }
}

/// The size of the largest change that a picture has room for.
pub(super) fn most_possible(x: &[f32], of: Distance) -> f64 {
    let room: Vec<f32> = x.iter().map(|x| x.max(1.0 - x)).collect();
    of.of(&room)
}

/// The point of a ball of some radius that is nearest to r in l2. For l0 the
/// largest values stay; of equal ones the first.
pub(super) fn onto_ball(r: &mut [f32], radius: f64, of: Distance) {
    if !radius.is_finite() || of.of(r) <= radius {
        return;
    }
    match of {
        Distance::L0 => {
            let count = radius as usize;
            let mut order: Vec<usize> = (0..r.len()).collect();
            let by_size = |a: &usize, b: &usize| {
                let [first, second] = [a, b].map(|index| r[*index].abs());
                second.total_cmp(&first).then(a.cmp(b))
            };
            if count < order.len() {
                order.select_nth_unstable_by(count, by_size);
                for index in order.split_off(count) {
                    r[index] = 0.0;
                }
            }
        }
        Distance::L1 => {
            let threshold = soft_threshold(r, radius);
            for value in r.iter_mut() {
                *value = value.signum() * (value.abs() - threshold).max(0.0);
            }
        }
        Distance::L2 => {
            let scale = (radius / of.of(r)) as f32;
            r.iter_mut().for_each(|value| *value *= scale);
        }
        Distance::Linf => {
            let radius = radius as f32;
            r.iter_mut()
                .for_each(|value| *value = value.clamp(-radius, radius));
        }
    }
}

/// By how much the values of r get smaller so that they add up to the radius
/// (Duchi and others, 2008).
fn soft_threshold(r: &[f32], radius: f64) -> f32 {
    let mut sizes: Vec<f32> = r.iter().map(|value| value.abs()).collect();
    sizes.sort_unstable_by(|a, b| b.total_cmp(a));
    let (mut total, mut threshold) = (0.0, 0.0);
    for (index, size) in sizes.iter().enumerate() {
        total += f64::from(*size);
        let next = (total - radius) / (index + 1) as f64;
        if f64::from(*size) <= next {
            break;
        }
        threshold = next;
    }
    threshold as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ball_keeps_what_is_within_and_shortens_the_rest() {
        let onto = |of, radius| {
            let mut r = vec![3.0, -4.0, 0.0, 1.0];
            onto_ball(&mut r, radius, of);
            r
        };
        assert_eq!(onto(Distance::L0, 2.0), [3.0, -4.0, 0.0, 0.0]);
        assert_eq!(onto(Distance::L0, 0.0), [0.0; 4]);
        // Two each less: the largest two share what is left.
        assert_eq!(onto(Distance::L1, 3.0), [1.0, -2.0, 0.0, 0.0]);
        assert_eq!(onto(Distance::Linf, 2.0), [2.0, -2.0, 0.0, 1.0]);
        let l2 = onto(Distance::L2, 1.0);
        assert!((Distance::L2.of(&l2) - 1.0).abs() < 1e-6);
        for of in [Distance::L0, Distance::L1, Distance::L2, Distance::Linf] {
            assert_eq!(onto(of, 100.0), [3.0, -4.0, 0.0, 1.0]);
        }
    }

    #[test]
    fn the_box_stops_what_would_leave_it() {
        let mut r = vec![0.5, -0.5, 0.1];
        into_box(&[0.75, 0.25, 0.5], &mut r);
        assert_eq!(r, [0.25, -0.25, 0.1]);
        assert_eq!(most_possible(&[0.75, 0.25, 0.5], Distance::Linf), 0.75);
    }
}
