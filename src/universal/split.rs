//! Which of many pictures a perturbation is made from, and which it is measured
//! on.

use super::UniversalError;
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;

/// Pictures by their index, drawn by a seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    pub own: Vec<usize>,
    /// To measure on. They do not depend on how many the own ones are.
    pub others: Vec<usize>,
}

impl Split {
    /// Of so many pictures, keeps some for measuring, and of the rest takes all
    /// or some to learn from, in the order of the draw.
    ///
    /// # Errors
    /// When none would be left to learn from.
    pub fn drawn(
        count: usize,
        hold_out: usize,
        learn_from: Option<usize>,
        seed: u64,
    ) -> Result<Self, UniversalError> {
        if hold_out >= count {
            return Err(UniversalError::HoldOut { hold_out, count });
        }
        let mut others: Vec<usize> = (0..count).collect();
        others.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
        let mut own = others.split_off(hold_out);
        own.truncate(learn_from.unwrap_or(count));
        Ok(Self { own, others })
    }

    /// The same, each in the order of the pictures.
    pub fn in_order(mut self) -> Self {
        self.own.sort_unstable();
        self.others.sort_unstable();
        self
    }

    /// The pictures to learn from and those to measure on.
    pub fn of<T: Clone>(&self, pictures: &[T]) -> [Vec<T>; 2] {
        let chosen = |indices: &[usize]| indices.iter().map(|&at| pictures[at].clone()).collect();
        [chosen(&self.own), chosen(&self.others)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_others_do_not_depend_on_how_many_are_learnt_from() {
        let split = |learn_from| Split::drawn(20, 5, learn_from, 3).unwrap();
        let all = split(None);
        assert_eq!((all.own.len(), all.others.len()), (15, 5));
        assert!(all.own.iter().all(|index| !all.others.contains(index)));
        let few = split(Some(4));
        assert_eq!((&few.own[..], &few.others), (&all.own[..4], &all.others));
        let ordered = all.clone().in_order();
        assert!(ordered.own.is_sorted() && ordered.others.is_sorted() && ordered != all);
        let letters: Vec<char> = ('a'..='t').collect();
        let [own, others] = ordered.of(&letters);
        assert_eq!(own[0], letters[ordered.own[0]]);
        assert_eq!(others.len(), 5);
    }

    #[test]
    fn something_is_left_to_learn_from() {
        let refused = Split::drawn(5, 5, None, 0).unwrap_err().to_string();
        assert!(
            refused.contains("of 5 pictures, 5 cannot be kept"),
            "{refused}"
        );
    }
}
