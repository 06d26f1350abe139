//! Shapes that operators take and give, for constants and values alike.

use super::Files;
use super::call::Call;
use crate::classifier::architecture::{LARGEST_VALUE, count};
use crate::classifier::import::ImportError;

/// Whether the numbers of a shape can be counted, and of any of its axes alone:
/// beside an axis of 0, others may claim anything.
pub fn is_possible(dims: &[usize]) -> bool {
    let sizes: Vec<usize> = dims.iter().map(|&size| size.max(1)).collect();
    dims.len() < 32 && count(&sizes).is_some()
}

/// Sizes out of a file, whose product can be counted.
pub fn sizes(call: &Call, sizes: &[i64]) -> Result<Vec<usize>, ImportError> {
    let dims: Option<Vec<usize>> = sizes
        .iter()
        .map(|&size| usize::try_from(size).ok())
        .collect();
    let fits = |dims: &Vec<usize>| {
        is_possible(dims) && count(dims).is_some_and(|count| count <= LARGEST_VALUE)
    };
    dims.filter(fits)
        .ok_or_else(|| call.refuse("makes a tensor of an impossible shape"))
}

/// The shape of what two shapes make together, as numpy's broadcasting does.
pub fn broadcast(call: &Call, a: &[usize], b: &[usize]) -> Result<Vec<usize>, ImportError> {
    let rank = a.len().max(b.len());
    let size = |dims: &[usize], axis: usize| {
        let missing = rank - dims.len();
        axis.checked_sub(missing).map_or(1, |at| dims[at])
    };
    let mut dims = Vec::new();
    for axis in 0..rank {
        dims.push(match (size(a, axis), size(b, axis)) {
            (a, b) if a == b => a,
            (1, other) | (other, 1) => other,
            _ => {
                let why = format!("has inputs of shapes {a:?} and {b:?}, which do not fit");
                return Err(call.refuse(why));
            }
        });
    }
    if !is_possible(&dims) || count(&dims).is_none_or(|count| count > LARGEST_VALUE) {
        return Err(call.refuse("makes a tensor of an impossible shape"));
    }
    Ok(dims)
}

/// The shape that Expand gives.
pub fn expanded(call: &Call, files: &mut Files, x: &[usize]) -> Result<Vec<usize>, ImportError> {
    let to = sizes(call, &call.integers(files, 1)?)?;
    broadcast(call, x, &to)
}

/// The shape that Reshape gives. A file made for a fixed batch says it here; we
/// have a batch of 1.
pub fn reshaped(
    call: &Call,
    files: &mut Files,
    x: &[usize],
    batch: usize,
) -> Result<Vec<usize>, ImportError> {
    let asked = call.ints_or_input(files, "shape", 1)?.unwrap_or_default();
    let whole = count(x).unwrap_or(usize::MAX);
    let resolve = |asked: &[i64]| -> Option<Vec<usize>> {
        let mut dims = Vec::new();
        let mut open = None;
        for (axis, &size) in asked.iter().enumerate() {
            dims.push(match size {
                -1 if open.is_none() => {
                    open = Some(axis);
                    1
                }
                0 if call.int("allowzero", 0) == 0 => *x.get(axis)?,
                size => usize::try_from(size).ok()?,
            });
        }
        let known = count(&dims)?;
        if let Some(axis) = open {
            dims[axis] = whole.checked_div(known)?;
        }
        (dims.len() < 32 && count(&dims) == Some(whole)).then_some(dims)
    };
    let mut single = asked.clone();
    if let Some(first) = single.first_mut().filter(|first| **first == batch as i64) {
        *first = 1;
    }
    resolve(&asked).or_else(|| resolve(&single)).ok_or_else(|| {
        call.refuse(format!(
            "cannot make the shape {asked:?} of a tensor of shape {x:?}"
        ))
    })
}

/// The shape that Squeeze gives.
pub fn squeezed(call: &Call, files: &mut Files, x: &[usize]) -> Result<Vec<usize>, ImportError> {
    let axes = match call.ints_or_input(files, "axes", 1)? {
        Some(axes) => call.axes(&axes, x.len())?,
        None => x.iter().map(|&size| size == 1).collect(),
    };
    if axes.iter().zip(x).any(|(&gone, &size)| gone && size != 1) {
        return Err(call.refuse(format!("leaves out axes of a tensor of shape {x:?}")));
    }
    let kept = x.iter().zip(axes).filter(|(_, gone)| !gone);
    Ok(kept.map(|(&size, _)| size).collect())
}

/// The shape that Unsqueeze gives.
pub fn unsqueezed(call: &Call, files: &mut Files, x: &[usize]) -> Result<Vec<usize>, ImportError> {
    let axes = call.ints_or_input(files, "axes", 1)?.unwrap_or_default();
    let rank = x.len() + axes.len();
    if rank >= 32 {
        return Err(call.refuse("makes a tensor of an impossible shape"));
    }
    let new = call.axes(&axes, rank)?;
    let mut sizes = x.iter();
    let dims = new
        .into_iter()
        .map(|new| if new { Some(1) } else { sizes.next().copied() });
    let dims: Option<Vec<usize>> = dims.collect();
    dims.filter(|_| sizes.next().is_none())
        .ok_or_else(|| call.refuse("names an axis twice"))
}

/// The shape that Flatten gives.
pub fn flattened(call: &Call, x: &[usize]) -> Result<Vec<usize>, ImportError> {
    let axis = call.int("axis", 1);
    let axis = if axis == x.len() as i64 {
        x.len()
    } else {
        call.axis(axis, x.len())?
    };
    let product = |dims: &[usize]| dims.iter().product::<usize>();
    Ok(vec![product(&x[..axis]), product(&x[axis..])])
}

/// The order that Transpose gives axes.
pub fn order(call: &Call, rank: usize) -> Result<Vec<usize>, ImportError> {
    let Some(order) = call.ints("perm") else {
        return Ok((0..rank).rev().collect());
    };
    let order: Result<Vec<usize>, _> = order.iter().map(|&axis| call.axis(axis, rank)).collect();
    let order = order?;
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if !sorted.into_iter().eq(0..rank) {
        return Err(call.refuse(format!("has an order that is none of {rank} axes")));
    }
    Ok(order)
}

/// Places of an axis, in steps.
pub struct Cut {
    pub axis: usize,
    pub start: usize,
    /// Backwards where negative.
    pub step: isize,
    pub length: usize,
}

impl Cut {
    pub fn places(&self) -> impl Iterator<Item = usize> + use<> {
        let (start, step) = (self.start, self.step);
        (0..self.length).map(move |index| start.wrapping_add_signed(step * index as isize))
    }
}

/// What Slice takes.
pub fn cuts(call: &Call, files: &mut Files, x: &[usize]) -> Result<Vec<Cut>, ImportError> {
    let starts = call.ints_or_input(files, "starts", 1)?.unwrap_or_default();
    let ends = call.ints_or_input(files, "ends", 2)?.unwrap_or_default();
    let axes = call.ints_or_input(files, "axes", 3)?;
    let axes = axes.unwrap_or_else(|| (0..starts.len() as i64).collect());
    let steps = if call.has(4) {
        call.integers(files, 4)?
    } else {
        vec![1; starts.len()]
    };
    if ends.len() != starts.len() || axes.len() != starts.len() || steps.len() != starts.len() {
        return Err(call.refuse("has starts, ends, axes and steps of different counts"));
    }
    let mut cuts = Vec::new();
    for (index, &axis) in axes.iter().enumerate() {
        let axis = call.axis(axis, x.len())?;
        let size = x[axis] as i64;
        let step = steps[index];
        if step == 0 {
            return Err(call.refuse("has a step of 0"));
        }
        // A step back starts at the last place at most, and ends before the first.
        let (low, high) = if step > 0 { (0, size) } else { (-1, size - 1) };
        let place = |at: i64| {
            let at = if at < 0 { at.saturating_add(size) } else { at };
            at.clamp(low, high)
        };
        let (start, end) = (place(starts[index]), place(ends[index]));
        let reach = if step > 0 { end - start } else { start - end };
        let length = if reach <= 0 {
            0
        } else {
            (reach - 1) / step.saturating_abs() + 1
        };
        cuts.push(Cut {
            axis,
            start: start.max(0) as usize,
            step: step.clamp(-size.max(1), size.max(1)) as isize,
            length: length as usize,
        });
    }
    Ok(cuts)
}

/// What Split gives.
pub fn parts(call: &Call, files: &mut Files, x: &[usize]) -> Result<Vec<Cut>, ImportError> {
    let axis = call.axis(call.int("axis", 0), x.len())?;
    let sizes = match call.ints_or_input(files, "split", 1)? {
        Some(sizes) => self::sizes(call, &sizes)?,
        None => {
            let parts = call.node.outputs.len().max(1);
            let each = x[axis].div_ceil(parts);
            let size = |part: usize| x[axis].saturating_sub(part * each).min(each);
            (0..parts).map(size).collect()
        }
    };
    let whole = sizes
        .iter()
        .try_fold(0usize, |sum, &size| sum.checked_add(size));
    if whole != Some(x[axis]) {
        return Err(call.refuse(format!("has parts that are not {} together", x[axis])));
    }
    let mut start = 0;
    let cut = |length: usize| {
        let cut = Cut {
            axis,
            start,
            step: 1,
            length,
        };
        start += length;
        cut
    };
    Ok(sizes.into_iter().map(cut).collect())
}

/// Which places of an axis Gather takes.
pub fn indices(call: &Call, files: &mut Files, size: usize) -> Result<Vec<usize>, ImportError> {
    let indices = call.integers(files, 1)?;
    let index = |index: i64| {
        let index = if index < 0 {
            index.saturating_add(size as i64)
        } else {
            index
        };
        usize::try_from(index).ok().filter(|&index| index < size)
    };
    let indices: Option<Vec<usize>> = indices.into_iter().map(index).collect();
    indices.ok_or_else(|| call.refuse(format!("takes a place that an axis of {size} lacks")))
}

/// Which axes a Reduce operator takes together; none where it does nothing.
pub fn reduced_axes(
    call: &Call,
    files: &mut Files,
    rank: usize,
) -> Result<Option<Vec<bool>>, ImportError> {
    let axes = call.ints_or_input(files, "axes", 1)?.unwrap_or_default();
    if !axes.is_empty() {
        return call.axes(&axes, rank).map(Some);
    }
    let nothing = call.int("noop_with_empty_axes", 0) != 0;
    Ok((!nothing).then(|| vec![true; rank]))
}

/// The shape that a Reduce operator gives.
pub fn reduced(call: &Call, x: &[usize], axes: &[bool]) -> Vec<usize> {
    let keep = call.int("keepdims", 1) != 0;
    let sizes = x.iter().zip(axes).filter(|(_, gone)| keep || !**gone);
    sizes
        .map(|(&size, &gone)| if gone { 1 } else { size })
        .collect()
}
