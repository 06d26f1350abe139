//! Which of several beginnings goes on: all take some updates, the better half
//! as many again between them, and so on until one is left (successive halving,
//! Jamieson and Talwalkar, AISTATS 2016).

use std::iter::successors;

/// The part of all updates that a race takes, at most.
const PART: f64 = 0.6;

/// After fewer updates a beginning says little of what becomes of it.
const FEWEST_UPDATES: usize = 24;

/// Whose turn an update is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    pub round: usize,
    /// Of those that are still in.
    pub runner: usize,
    /// Whether the worse half is out after it.
    pub ends_round: bool,
}

/// When which runner moves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Race {
    /// How many runners a round has, and how many updates each of them.
    rounds: Vec<(usize, usize)>,
}

impl Race {
    /// None where there are too few updates for so many.
    pub fn new(starts: usize, updates: usize) -> Self {
        let fields = successors((starts > 1).then_some(starts), |&runners| {
            (runners > 2).then(|| left(runners))
        });
        let fields: Vec<usize> = fields.collect();
        let a_round = PART * updates as f64 / fields.len().max(1) as f64;
        let rounds = fields
            .into_iter()
            .map(|runners| (runners, (a_round / runners as f64) as usize));
        let rounds: Vec<(usize, usize)> = rounds.collect();
        let is_run = rounds.iter().all(|&(_, each)| each >= FEWEST_UPDATES);
        Self {
            rounds: if is_run { rounds } else { Vec::new() },
        }
    }

    /// How many begin.
    pub fn runners(&self) -> usize {
        self.rounds.first().map_or(1, |&(runners, _)| runners)
    }

    /// Of an update by its number, from 0; none once one is left.
    pub fn turn(&self, mut update: usize) -> Option<Turn> {
        for (round, &(runners, each)) in self.rounds.iter().enumerate() {
            if update < runners * each {
                return Some(Turn {
                    round,
                    runner: update / each,
                    ends_round: update + 1 == runners * each,
                });
            }
            update -= runners * each;
        }
        None
    }
}

/// How many of so many go on.
pub(super) fn left(runners: usize) -> usize {
    runners.div_ceil(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_few_updates_are_no_race() {
        for (starts, updates) in [(10, 80), (1, 10_000), (0, 10_000)] {
            let race = Race::new(starts, updates);
            assert_eq!((race.runners(), race.turn(0)), (1, None));
        }
    }

    proptest! {
        #[test]
        fn rounds_cost_alike_and_halve_until_one_is_left(starts in 2usize..20, updates in 5000usize..9000) {
            let race = Race::new(starts, updates);
            prop_assert_eq!(race.runners(), starts);
            let turns: Vec<Turn> = (0..updates).map_while(|update| race.turn(update)).collect();
            prop_assert!(turns.len() <= (PART * updates as f64) as usize);
            prop_assert!(turns.len() >= (0.9 * PART * updates as f64) as usize);
            let mut field = starts;
            for round in turns.chunk_by(|a, b| a.round == b.round) {
                let each = round.len() / field;
                for (update, turn) in round.iter().enumerate() {
                    prop_assert_eq!(turn.runner, update / each);
                    prop_assert_eq!(turn.ends_round, update + 1 == round.len());
                }
                field = left(field);
            }
            prop_assert_eq!(field, 1);
        }
    }
}
