//! Memory that is used again. A batch's values are hundreds of megabytes, and
//! asking the system for them at every step, which clears them, takes as long
//! as a third of the step.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

/// Where buffers go when they are no longer needed.
#[derive(Clone, Default)]
pub(in crate::training) struct Buffers(Arc<Mutex<Vec<Vec<f32>>>>);

/// Numbers in memory that goes back to where it came from.
pub(super) struct Buffer {
    values: Vec<f32>,
    home: Buffers,
}

impl Buffers {
    /// So many numbers, whatever they are: all are to be written.
    pub(super) fn any(&self, count: usize) -> Buffer {
        let mut free = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fitting = free
            .iter()
            .enumerate()
            .filter(|(_, it)| it.capacity() >= count);
        let smallest = fitting
            .min_by_key(|(_, it)| it.capacity())
            .map(|(at, _)| at);
        let mut values = match smallest {
            Some(at) => free.swap_remove(at),
            None => Vec::with_capacity(count),
        };
        drop(free);
        values.resize(count, 0.0);
        let home = self.clone();
        Buffer { values, home }
    }
}

impl Buffer {
    pub fn home(&self) -> &Buffers {
        &self.home
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let values = std::mem::take(&mut self.values);
        let mut free = self.home.0.lock().unwrap_or_else(PoisonError::into_inner);
        free.push(values);
    }
}

impl Clone for Buffer {
    fn clone(&self) -> Self {
        let mut copy = self.home.any(self.len());
        copy.copy_from_slice(self);
        copy
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.values
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }
}
