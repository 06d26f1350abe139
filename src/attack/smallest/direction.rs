//! Directions, one long in their norm.

use crate::attack::Norm;

/// Of a perturbation; none where it has no length.
pub(super) fn of(r: &[f32], norm: Norm) -> Option<Vec<f32>> {
    let size = norm.of(r);
    let scale = 1.0 / size;
    (size > 0.0 && scale.is_finite())
        .then(|| r.iter().map(|r| (scale * f64::from(*r)) as f32).collect())
}

/// The shortest way up a slope w.
pub(super) fn up(w: &[f32], norm: Norm) -> Option<Vec<f32>> {
    match norm {
        Norm::Linf => {
            let sign = |w: &f32| if *w == 0.0 { 0.0 } else { w.signum() };
            of(&w.iter().map(sign).collect::<Vec<f32>>(), norm)
        }
        _ => of(w, norm),
    }
}

/// How much a slope w gains along the shortest way up: its dual norm.
pub(super) fn steepness(w: &[f32], norm: Norm) -> f64 {
    match norm {
        Norm::Linf => Norm::L1.of(w),
        _ => Norm::L2.of(w),
    }
}

/// A direction u turned towards the normal w by a share; none where there is no
/// normal. For l∞ a typical pixel moves by the share, and none by more than one.
pub(super) fn turned(u: &[f32], w: &[f32], share: f64, norm: Norm) -> Option<Vec<f32>> {
    let (kept, unit) = match norm {
        Norm::Linf => (1.0, Norm::L1.of(w) / w.len() as f64),
        _ => (1.0 - share, Norm::L2.of(w)),
    };
    let part = share / unit;
    if !part.is_finite() {
        return None;
    }
    let both = u.iter().zip(w);
    let sum = both.map(|(u, w)| (kept * f64::from(*u) + part * f64::from(*w)) as f32);
    let sum: Vec<f32> = match norm {
        Norm::Linf => sum.map(|value| value.clamp(-1.0, 1.0)).collect(),
        _ => sum.collect(),
    };
    of(&sum, norm)
}

/// A slope w at x + r without what would lead out of [0, 1].
pub(super) fn open(w: Vec<f32>, x: &[f32], r: &[f32]) -> Vec<f32> {
    let places = x.iter().zip(r).map(|(x, r)| x + r);
    w.into_iter()
        .zip(places)
        .map(
            |(w, place)| match (place <= 0.0 && w < 0.0) || (place >= 1.0 && w > 0.0) {
                true => 0.0,
                false => w,
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attack::vectors::inner;

    #[test]
    fn what_leads_out_of_the_box_is_closed() {
        let w = vec![1.0, -1.0, 1.0, -1.0, 1.0];
        let found = open(w, &[0.0, 0.0, 0.9, 1.0, 0.5], &[0.0, 0.0, 0.1, 0.0, 0.0]);
        assert_eq!(found, [1.0, 0.0, 0.0, -1.0, 1.0]);
    }

    #[test]
    fn they_are_one_long_and_lead_up() {
        let w = [3.0, -4.0, 0.0];
        assert_eq!(up(&w, Norm::L2), Some(vec![0.6, -0.8, 0.0]));
        assert_eq!(up(&w, Norm::Linf), Some(vec![1.0, -1.0, 0.0]));
        for norm in [Norm::L2, Norm::Linf] {
            let gain = inner(&up(&w, norm).unwrap(), &w);
            assert!((gain - steepness(&w, norm)).abs() < 1e-6);
            assert_eq!(up(&[0.0; 3], norm), None);
            assert_eq!(turned(&w, &[0.0; 3], 0.5, norm), None);
            // Turned all the way, it is the normal's.
            let all = turned(&[0.0, 0.0, 1.0], &w, 1.0, norm).unwrap();
            assert!((norm.of(&all) - 1.0).abs() < 1e-6);
        }
        assert_eq!(
            turned(&[0.0, 0.0, 1.0], &w, 1.0, Norm::L2),
            up(&w, Norm::L2)
        );
    }
}
