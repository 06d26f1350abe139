//! A network laid out for a GPU: the launches of the forward walk and of the
//! walk back, and the buffers between them, for any number of pictures.

use std::ops::Range;

use super::kernels::Kernel;
use super::layout::Layout;
use super::numbers::filled;
use crate::classifier::architecture::Architecture;
use crate::classifier::steps::Steps;
use crate::classifier::weights::{Weights, WeightsError};

/// WebGPU's limit on each side of a grid of workgroups.
pub(super) const WIDEST: usize = 65_535;

/// One kernel at work.
#[derive(Debug)]
pub(super) struct Launch {
    pub kernel: Kernel,
    /// Its parameters' place among those of all launches.
    pub params: Range<u64>,
    pub reads: Vec<Source>,
    /// A buffer of the walk that it belongs to.
    pub writes: usize,
    pub grid: Grid,
}

/// What a launch reads.
#[derive(Debug, Clone)]
pub(super) enum Source {
    Weights(wgpu::Buffer),
    /// A buffer of the forward walk.
    Forward(usize),
    /// A buffer of the walk back.
    Back(usize),
}

/// How many workgroups for a batch.
#[derive(Debug, Clone, Copy)]
pub(super) enum Grid {
    /// x and y, and so many z for each of the batch.
    Tiles { x: u32, y: u32, each: u32 },
    /// x, and one y for each of the batch.
    Rows { x: u32 },
}

impl Grid {
    pub fn of(self, batch: u32) -> [u32; 3] {
        match self {
            Self::Tiles { x, y, each } => [x, y, batch * each],
            Self::Rows { x } => [x, batch, 1],
        }
    }

    /// The largest batch that fits.
    fn most(self) -> usize {
        match self {
            Self::Tiles { each, .. } => WIDEST / each as usize,
            Self::Rows { .. } => WIDEST,
        }
    }
}

/// One walk: its launches in order, and its buffers.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub launches: Vec<Launch>,
    /// Of each buffer, how many numbers it has a picture (or a cotangent).
    pub sizes: Vec<usize>,
    /// Where the walk begins, and where it ends.
    pub first: usize,
    pub last: usize,
    /// How many numbers come in and go out a picture: the buffers may be larger.
    pub ends: [usize; 2],
}

impl Walk {
    /// The most at once: no buffer is of more than so many numbers.
    pub fn most(&self, numbers: usize) -> usize {
        let largest = self.sizes.iter().copied().max().unwrap_or(1);
        let fits = self.launches.iter().map(|launch| launch.grid.most());
        let fits = fits.min().unwrap_or(WIDEST);
        (numbers / largest.max(1)).clamp(1, fits)
    }

    /// Lets values that are never needed at once share a buffer. `lasting` are
    /// those that are needed after the walk; `number` says which of the walk's
    /// own values a source is. Returns the new number of each value.
    fn share(&mut self, lasting: &[usize], number: fn(&Source) -> Option<usize>) -> Vec<usize> {
        let mut last_use: Vec<usize> = vec![0; self.sizes.len()];
        for (time, launch) in self.launches.iter().enumerate() {
            for value in launch.reads.iter().filter_map(number) {
                last_use[value] = time;
            }
        }
        for &value in lasting.iter().chain([&self.last]) {
            last_use[value] = usize::MAX;
        }
        self.ends = [self.first, self.last].map(|value| self.sizes[value]);
        let mut buffers = Buffers::default();
        let mut place: Vec<Option<usize>> = vec![None; self.sizes.len()];
        place[self.first] = Some(buffers.take(self.sizes[self.first]));
        for (time, launch) in self.launches.iter().enumerate() {
            if place[launch.writes].is_none() {
                place[launch.writes] = Some(buffers.take(self.sizes[launch.writes]));
            }
            let mut ended: Vec<usize> = launch.reads.iter().filter_map(number).collect();
            ended.sort_unstable();
            ended.dedup();
            let ended = ended.into_iter().filter(|&value| last_use[value] == time);
            buffers.free.extend(ended.filter_map(|value| place[value]));
        }
        // What nothing reads or writes was flattened away.
        let place: Vec<usize> = place.into_iter().map(|at| at.unwrap_or(0)).collect();
        self.sizes = buffers.sizes;
        for launch in &mut self.launches {
            launch.writes = place[launch.writes];
        }
        self.first = place[self.first];
        self.last = place[self.last];
        place
    }
}

/// Buffers that are handed out and come back.
#[derive(Default)]
struct Buffers {
    sizes: Vec<usize>,
    free: Vec<usize>,
}

impl Buffers {
    fn take(&mut self, size: usize) -> usize {
        // The smallest that is large enough, or the largest, which then grows.
        let best = (0..self.free.len()).min_by_key(|&at| {
            let has = self.sizes[self.free[at]];
            (has < size, if has < size { usize::MAX - has } else { has })
        });
        let buffer = match best {
            Some(at) => self.free.swap_remove(at),
            None => {
                self.sizes.push(0);
                self.sizes.len() - 1
            }
        };
        self.sizes[buffer] = self.sizes[buffer].max(size);
        buffer
    }
}

fn forward_value(source: &Source) -> Option<usize> {
    match source {
        Source::Forward(value) => Some(*value),
        _ => None,
    }
}

fn back_value(source: &Source) -> Option<usize> {
    match source {
        Source::Back(value) => Some(*value),
        _ => None,
    }
}

/// Both walks.
#[derive(Debug)]
pub(super) struct Plan {
    pub forward: Walk,
    pub back: Walk,
    /// The parameters of all launches.
    pub params: wgpu::Buffer,
}

impl Plan {
    /// # Errors
    /// Weights that are missing or have another shape; a layer that has no
    /// kernel here.
    pub fn new(
        architecture: &Architecture,
        weights: &Weights,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
    ) -> Result<Self, WeightsError> {
        let steps = Steps::of(architecture)?;
        let Layout {
            mut forward,
            mut back,
            params,
            ..
        } = Layout::of(architecture, &steps, weights, device, queue)?;
        let read_again: Vec<usize> = back
            .launches
            .iter()
            .flat_map(|launch| launch.reads.iter().filter_map(forward_value))
            .collect();
        let forward_places = forward.share(&read_again, forward_value);
        let back_places = back.share(&[], back_value);
        for launch in forward.launches.iter_mut().chain(&mut back.launches) {
            for read in &mut launch.reads {
                match read {
                    Source::Forward(value) => *value = forward_places[*value],
                    Source::Back(value) => *value = back_places[*value],
                    Source::Weights(_) => {}
                }
            }
        }
        Ok(Self {
            forward,
            back,
            params: filled(device, queue, &params, wgpu::BufferUsages::UNIFORM),
        })
    }
}
