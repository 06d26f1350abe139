//! How a batch is shared out among threads.

use rayon::prelude::*;

/// Into so many parts the gradient of a weight is summed, so that the order does
/// not depend on the number of threads.
pub(super) const PARTS: usize = 8;

/// Some pictures of a batch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    pub first: usize,
    pub count: usize,
    /// In the whole batch.
    pub all: usize,
}

impl Block {
    /// The pictures of a part, so many at a time.
    pub fn of_part(all: usize, part: usize, most: usize) -> impl Iterator<Item = Self> {
        let (start, end) = (part * all / PARTS, (part + 1) * all / PARTS);
        (start..end).step_by(most).map(move |first| Self {
            first,
            count: most.min(end - first),
            all,
        })
    }
}

/// Where several threads write to, each other pictures.
#[derive(Clone, Copy)]
pub(super) struct Shared(*mut f32);

// SAFETY: every thread writes to the pixels of pictures that are its own.
unsafe impl Send for Shared {}
unsafe impl Sync for Shared {}

impl Shared {
    pub fn new(values: &mut [f32]) -> Self {
        Self(values.as_mut_ptr())
    }

    pub fn at(self, offset: usize) -> *mut f32 {
        self.0.wrapping_add(offset)
    }
}

/// The sum of what each part of a batch gives, made in their order, so that it is
/// the same whoever is ready first.
pub(super) fn summed(of_part: impl Fn(usize) -> Vec<f32> + Sync + Send) -> Vec<f32> {
    let parts: Vec<Vec<f32>> = (0..PARTS).into_par_iter().map(of_part).collect();
    let mut parts = parts.into_iter();
    let mut sum = parts.next().unwrap_or_default();
    for part in parts {
        for (sum, part) in sum.iter_mut().zip(part) {
            *sum += part;
        }
    }
    sum
}
