//! Many pictures on every core.
//!
//! What an attack answers on a picture does not depend on which others it is
//! attacked with. So on the CPU each core takes a picture of its own, from the
//! file to what is reported of it, and only where there are fewer pictures than
//! cores, for one photo and at the end of many, do they share a picture's
//! gradients. A GPU is one device: it takes some pictures at a time, as one
//! batch. Results are the same either way, and come in the order of the files.

use crate::network::Opened;
use crate::pictures::Pictures;
use crate::progress::{Part, Together};
use anyhow::Result;
use foolscope::attack::AttackError;
use foolscope::geometry::GeometryError;
use foolscope::task::StopFlag;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

/// Pictures to go through.
pub struct Spread<'a> {
    pub opened: &'a Opened,
    pub files: &'a [PathBuf],
    /// Pictures at a time on a GPU.
    pub batch: usize,
    /// Where it hears of progress, `steps` for each picture.
    pub progress: Together,
    pub steps: usize,
    pub stop: &'a StopFlag,
}

/// A picture that is done.
pub struct Done<'a, T> {
    pub file: &'a Path,
    pub result: T,
    /// What was wrong with those before it that could not be read.
    pub unreadable: &'a [String],
}

/// Reads the pictures and gives each some together to `attack`, which says how
/// far it is, in steps, and returns a result for each. `take` gets these in the
/// order of the files. Returns what was wrong with files that could not be read.
///
/// # Errors
/// The first one of `attack` or `take` in the order of the files, after the
/// results before it were taken. A wish to stop is none: what was finished is
/// taken.
pub fn pictures<T: Send>(
    spread: &Spread<'_>,
    attack: impl Fn(&Pictures, &Part<'_>) -> Result<Vec<T>> + Sync,
    mut take: impl FnMut(Done<'_, T>) -> Result<()>,
) -> Result<Vec<String>> {
    let opened = spread.opened;
    let chunks: Vec<&[PathBuf]> = spread
        .files
        .chunks(opened.at_a_time(spread.batch))
        .collect();
    let mut unreadable = Vec::new();
    in_order(
        chunks.len(),
        opened.is_on_cpu(),
        spread.stop,
        |index| {
            let part = spread.progress.part();
            let mut pictures = Pictures::read(chunks[index], opened.entry);
            let results = attack(&pictures, &part)?;
            part.at(chunks[index].len() * spread.steps, "");
            // Their values are no longer needed while they wait for their turn.
            pictures.values = Vec::new();
            Ok((pictures, results))
        },
        |(mut pictures, results)| {
            pictures.say_unreadable();
            unreadable.append(&mut pictures.unreadable);
            for (file, result) in pictures.files.iter().zip(results) {
                take(Done {
                    file,
                    result,
                    unreadable: &unreadable,
                })?;
            }
            Ok(())
        },
    )?;
    Ok(unreadable)
}

/// Does `count` jobs, each core one of its own if they go side by side, and
/// takes what comes of them in their order, on this thread.
///
/// After an error or a wish to stop no further one is begun.
///
/// # Errors
/// The first one in the order of the jobs, but for wishes to stop: of such a
/// job there is nothing to take.
pub fn in_order<T: Send>(
    count: usize,
    side_by_side: bool,
    stop: &StopFlag,
    one: impl Fn(usize) -> Result<T> + Sync,
    mut take: impl FnMut(T) -> Result<()>,
) -> Result<()> {
    let mut take = |done: Result<T>| match done {
        Ok(done) => take(done),
        Err(error) if is_stop(&error) => Ok(()),
        Err(error) => Err(error),
    };
    if !side_by_side || count == 1 {
        for index in 0..count {
            if stop.is_stopped() {
                break;
            }
            take(one(index))?;
        }
        return Ok(());
    }
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    let (sender, receiver) = mpsc::channel();
    rayon::in_place_scope(|scope| {
        let (one, next, failed) = (&one, &next, &failed);
        // Not as parallel jobs: a core that waits for gradients that another
        // computes for it helps with other gradients then, and must not begin
        // a whole picture.
        scope.spawn_broadcast(move |_, _| {
            while !stop.is_stopped() && !failed.load(Ordering::Relaxed) {
                let index = next.fetch_add(1, Ordering::Relaxed);
                if index >= count {
                    break;
                }
                // Nobody hears it only if an earlier one failed.
                let _ = sender.send((index, one(index)));
            }
        });
        let mut waiting = BTreeMap::new();
        let mut turn = 0;
        for (index, done) in receiver {
            waiting.insert(index, done);
            while let Some(done) = waiting.remove(&turn) {
                turn += 1;
                if let Err(error) = take(done) {
                    failed.store(true, Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
        Ok(())
    })
}

/// Whether it is no failure, but what somebody wished.
pub fn is_stop(error: &anyhow::Error) -> bool {
    let is_stop = |error: &AttackError| matches!(error, AttackError::Stopped(_));
    match error.downcast_ref() {
        Some(GeometryError::Attack(error)) => is_stop(error),
        _ => error.downcast_ref().is_some_and(is_stop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::bail;
    use foolscope::task::Stopped;
    use std::thread::sleep;
    use std::time::Duration;

    /// Later ones are done sooner.
    fn slowly(index: usize) {
        sleep(Duration::from_millis(10 * (4 - index as u64 % 4)));
    }

    #[test]
    fn results_come_in_order_however_long_each_takes() {
        for side_by_side in [false, true] {
            let mut taken = Vec::new();
            let stop = StopFlag::default();
            let one = |index| {
                slowly(index);
                Ok(index)
            };
            let take = |index| {
                taken.push(index);
                Ok(())
            };
            in_order(9, side_by_side, &stop, one, take).unwrap();
            assert_eq!(taken, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        }
    }

    #[test]
    fn the_first_error_ends_it_and_what_was_before_it_is_taken() {
        for side_by_side in [false, true] {
            let mut taken = Vec::new();
            let one = |index| {
                slowly(index);
                if index == 2 || index == 3 {
                    bail!("job {index}");
                }
                Ok(index)
            };
            let take = |index| {
                taken.push(index);
                Ok(())
            };
            let ended = in_order(1000, side_by_side, &StopFlag::default(), one, take);
            assert_eq!(ended.unwrap_err().to_string(), "job 2");
            assert_eq!(taken, [0, 1]);
        }
    }

    #[test]
    fn an_error_of_who_takes_ends_it_too() {
        for side_by_side in [false, true] {
            let begun = AtomicUsize::new(0);
            let one = |index: usize| {
                begun.fetch_add(1, Ordering::Relaxed);
                sleep(Duration::from_millis(1));
                Ok(index)
            };
            let ended = in_order(1000, side_by_side, &StopFlag::default(), one, |index| {
                if index == 1 {
                    bail!("no room");
                }
                Ok(())
            });
            assert_eq!(ended.unwrap_err().to_string(), "no room");
            assert!(begun.into_inner() < 1000);
        }
    }

    #[test]
    fn a_wish_to_stop_leaves_what_was_finished() {
        for side_by_side in [false, true] {
            let stop = StopFlag::default();
            let mut taken = Vec::new();
            let one = |index: usize| {
                if index >= 5 {
                    stop.stop();
                    return Err(AttackError::Stopped(Stopped).into());
                }
                Ok(index)
            };
            let take = |index| {
                taken.push(index);
                Ok(())
            };
            in_order(1000, side_by_side, &stop, one, take).unwrap();
            // On another core one of the first five may not have begun.
            assert!(taken.len() >= 4 && taken.iter().copied().eq(0..taken.len()));
        }
    }

    /// Gradients that several cores share, within pictures that go side by side.
    #[test]
    fn jobs_may_share_work_of_their_own() {
        use rayon::iter::{IntoParallelIterator, ParallelIterator};
        let mut sums = Vec::new();
        let one = |index: usize| Ok((0..1000).into_par_iter().map(|n| n * index).sum::<usize>());
        let take = |sum| {
            sums.push(sum);
            Ok(())
        };
        in_order(50, true, &StopFlag::default(), one, take).unwrap();
        let expected: Vec<usize> = (0..50).map(|index| 499_500 * index).collect();
        assert_eq!(sums, expected);
    }
}
