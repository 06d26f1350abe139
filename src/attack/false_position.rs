//! False position along a ray: how far to go in a direction until the goal is
//! just met.

/// By which factors the place is moved while the boundary lies on one side of
/// all that were tried: the first, and the last; each is the square of the one
/// before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    pub longer: [f64; 2],
    pub shorter: [f64; 2],
}

/// A search for the place where something falls below zero, by the Illinois rule:
/// of two ends the line between their values is followed, and an end that stays
/// counts half.
pub(super) struct FalsePosition {
    /// How narrow the interval has to be, as a share of its far end.
    tolerance: f64,
    reach: Reach,
    /// Places before and beyond the boundary, and by how much the goal is missed
    /// there.
    near: Option<(f64, f64)>,
    far: Option<(f64, f64)>,
    last_was_far: Option<bool>,
    place: f64,
}

impl FalsePosition {
    /// That begins at a guess. Both it and the tolerance are positive.
    pub fn new(guess: f64, tolerance: f64, reach: Reach) -> Self {
        Self {
            tolerance,
            reach,
            near: None,
            far: None,
            last_was_far: None,
            place: guess,
        }
    }

    /// What to try next.
    pub fn place(&self) -> f64 {
        self.place
    }

    /// The nearest place that is known to be beyond.
    pub fn beyond(&self) -> Option<f64> {
        self.far.map(|(place, _)| place)
    }

    /// Takes note of what was found at the place: by how much the goal is missed
    /// there, and whether it is met. Returns whether to go on.
    pub fn note(&mut self, missed: f64, is_met: bool) -> bool {
        let place = self.place;
        if is_met {
            self.far = Some((place, missed.min(-f64::MIN_POSITIVE)));
        } else {
            self.near = Some((place, missed.max(f64::MIN_POSITIVE)));
        }
        if self.last_was_far == Some(is_met) {
            let other = if is_met {
                &mut self.near
            } else {
                &mut self.far
            };
            if let Some((_, missed)) = other {
                *missed /= 2.0;
            }
        }
        self.last_was_far = Some(is_met);
        self.place = match (self.near, self.far) {
            (Some((low, above)), Some((high, below))) => {
                if high - low <= self.tolerance * high {
                    return false;
                }
                let crossing = low + (high - low) * above / (above - below);
                // A little beyond, so that it may end there.
                (crossing + 0.5 * self.tolerance * high).min(f64::midpoint(crossing, high))
            }
            (None, _) => {
                let [factor, last] = self.reach.shorter;
                self.reach.shorter[0] = (factor * factor).max(last);
                place * factor
            }
            (_, None) => {
                let [factor, last] = self.reach.longer;
                self.reach.longer[0] = (factor * factor).min(last);
                place * factor
            }
        };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REACH: Reach = Reach {
        longer: [1.06, 2.0],
        shorter: [0.95, 0.5],
    };

    /// Where it ends, and after how many places.
    fn ends(guess: f64, missed: impl Fn(f64) -> f64) -> (f64, usize) {
        let mut search = FalsePosition::new(guess, 1e-3, REACH);
        for trials in 1..=64 {
            let there = missed(search.place());
            if !search.note(there, there < 0.0) {
                return (search.beyond().unwrap(), trials);
            }
        }
        panic!("it does not end: at {}", search.place());
    }

    #[test]
    fn it_ends_just_beyond_the_boundary_from_either_side() {
        for guess in [0.02, 0.9, 1.0, 1.1, 70.0] {
            for (name, missed) in [
                ("line", (|at| 1.0 - at) as fn(f64) -> f64),
                ("bend", |at| 1.0 - at * at * at),
                (
                    "kink",
                    |at| if at < 1.0 { 1e-3 } else { 100.0 * (1.0 - at) },
                ),
                ("step", |at| if at < 1.0 { 1.0 } else { -1.0 }),
            ] {
                let (end, trials) = ends(guess, missed);
                let name = format!("{name} from {guess}: {end} after {trials}");
                assert!((1.0..=1.0 + 1.1e-3).contains(&end), "{name}");
                assert!(missed(end) < 0.0 || end == 1.0, "{name}");
                // Along a kink this sharp an end stays for long.
                assert!(trials <= 32 || name.starts_with("kink"), "{name}");
            }
        }
        // A line needs a place on each side, the crossing, and one just before it.
        assert!(ends(0.97, |at| 1.0 - at).1 <= 5);
    }

    #[test]
    fn where_nothing_is_beyond_it_goes_ever_farther() {
        let mut search = FalsePosition::new(1.0, 1e-3, REACH);
        let mut last = 0.0;
        for _ in 0..20 {
            assert!(search.place() > last);
            last = search.place();
            assert!(search.note(1.0, false));
            assert_eq!(search.beyond(), None);
        }
        assert!(last > 1000.0);
    }
}
