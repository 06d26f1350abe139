//! Constants in other places: parts taken, joined, turned, repeated.

use crate::classifier::architecture::count;
use crate::classifier::import::ImportError;
use crate::classifier::import::onnx::call::Call;
use crate::classifier::import::onnx::constant::{Constant, Data};
use crate::classifier::import::onnx::{Files, OnnxError, shape};

/// Takes account of a tensor of a shape.
pub(super) fn made(files: &mut Files, dims: &[usize]) -> Result<usize, ImportError> {
    let count = count(dims).unwrap_or(usize::MAX);
    files.spend(count)?;
    Ok(count)
}

/// A tensor made of the numbers of another, of which each place is given.
fn pick(
    files: &mut Files,
    x: &Constant,
    dims: Vec<usize>,
    places: impl Iterator<Item = usize>,
) -> Result<Constant, ImportError> {
    made(files, &dims)?;
    if let Data::Filled(_) = x.data {
        let data = x.data.clone();
        return Ok(Constant { dims, data });
    }
    let lost = |_| OnnxError::damaged("a place outside of a tensor is read".into());
    Ok(if x.is_float() {
        let values = files.floats(x)?;
        let picked: Option<Vec<f32>> = places.map(|place| values.get(place).copied()).collect();
        Constant::floats(dims, picked.ok_or(()).map_err(lost)?)
    } else {
        let values = files.integers(x)?;
        let picked: Option<Vec<i64>> = places.map(|place| values.get(place).copied()).collect();
        Constant::integers(dims, picked.ok_or(()).map_err(lost)?)
    })
}

/// Some places of an axis.
pub(super) fn take(
    files: &mut Files,
    x: &Constant,
    axis: usize,
    places: &[usize],
) -> Result<Constant, ImportError> {
    let mut dims = x.dims.clone();
    let size = dims[axis];
    dims[axis] = places.len();
    let after: usize = x.dims[axis + 1..].iter().product();
    let before: usize = x.dims[..axis].iter().product();
    let from = (0..before).flat_map(|row| {
        places
            .iter()
            .flat_map(move |place| (0..after).map(move |at| (row * size + place) * after + at))
    });
    pick(files, x, dims, from)
}

pub(super) fn gather(call: &Call, files: &mut Files) -> Result<Constant, ImportError> {
    let (x, places) = (call.constant(0)?, call.constant(1)?);
    let axis = call.axis(call.int("axis", 0), x.dims.len())?;
    let indices = shape::indices(call, files, x.dims[axis])?;
    let mut dims = x.dims[..axis].to_vec();
    dims.extend(&places.dims);
    dims.extend(&x.dims[axis + 1..]);
    let mut taken = take(files, &x, axis, &indices)?;
    taken.dims = dims;
    Ok(taken)
}

pub(super) fn concatenate(call: &Call, files: &mut Files) -> Result<Constant, ImportError> {
    let mut parts = Vec::new();
    for index in 0..call.inputs.len() {
        parts.push(call.constant(index)?);
    }
    let Some(first) = parts.first() else {
        return Err(call.refuse("lacks its input 1"));
    };
    let rank = first.dims.len();
    let axis = call.axis(call.int("axis", 1), rank)?;
    let mut dims = first.dims.clone();
    dims[axis] = 0;
    for part in &parts {
        let fits =
            part.dims.len() == rank && (0..rank).all(|at| at == axis || part.dims[at] == dims[at]);
        if !fits {
            return Err(call.refuse("has inputs of different shapes"));
        }
        dims[axis] = dims[axis].saturating_add(part.dims[axis]);
    }
    made(files, &dims)?;
    let before: usize = dims[..axis].iter().product();
    let run = |part: &Constant| part.dims[axis..].iter().product::<usize>();
    if parts.iter().all(|part| !part.is_float()) {
        let mut all = Vec::new();
        for part in &parts {
            all.push((run(part), files.integers(part)?));
        }
        return Ok(Constant::integers(dims, interleave(before, &all)));
    }
    let mut all = Vec::new();
    for part in &parts {
        all.push((run(part), files.floats(part)?));
    }
    Ok(Constant::floats(dims, interleave(before, &all)))
}

fn interleave<T: Copy>(rows: usize, parts: &[(usize, Vec<T>)]) -> Vec<T> {
    let rows = 0..rows;
    let row = |row: usize| {
        parts
            .iter()
            .flat_map(move |(run, values)| values[row * run..][..*run].iter().copied())
    };
    rows.flat_map(row).collect()
}

pub(super) fn transpose(
    files: &mut Files,
    x: &Constant,
    order: &[usize],
) -> Result<Constant, ImportError> {
    let dims: Vec<usize> = order.iter().map(|&axis| x.dims[axis]).collect();
    let strides = strides(&x.dims);
    let strides: Vec<usize> = order.iter().map(|&axis| strides[axis]).collect();
    let places = walk(&dims, &strides);
    pick(files, x, dims.clone(), places)
}

fn strides(dims: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; dims.len()];
    for axis in (1..dims.len()).rev() {
        strides[axis - 1] = strides[axis] * dims[axis];
    }
    strides
}

/// The places of all numbers of a shape, row by row, by how far each axis steps.
fn walk(dims: &[usize], strides: &[usize]) -> impl Iterator<Item = usize> + use<> {
    let count = count(dims).unwrap_or(0);
    let (dims, strides) = (dims.to_vec(), strides.to_vec());
    let mut index = vec![0; dims.len()];
    let mut place = 0;
    (0..count).map(move |_| {
        let here = place;
        for axis in (0..dims.len()).rev() {
            index[axis] += 1;
            place += strides[axis];
            if index[axis] < dims[axis] {
                break;
            }
            place -= strides[axis] * dims[axis];
            index[axis] = 0;
        }
        here
    })
}

/// A tensor repeated to a larger shape, as numpy's broadcasting does.
pub fn spread(
    call: &Call,
    files: &mut Files,
    x: &Constant,
    dims: &[usize],
) -> Result<Constant, ImportError> {
    if x.dims == dims {
        return Ok(x.clone());
    }
    let places = spread_places(&x.dims, dims);
    let places = places.ok_or_else(|| call.refuse("has inputs of shapes that do not fit"))?;
    pick(files, x, dims.to_vec(), places)
}

pub(super) fn spread_places(
    from: &[usize],
    to: &[usize],
) -> Option<impl Iterator<Item = usize> + use<>> {
    let missing = to.len().checked_sub(from.len())?;
    let own = strides(from);
    let mut steps = vec![0; to.len()];
    for (axis, &size) in from.iter().enumerate() {
        if size == to[missing + axis] {
            steps[missing + axis] = own[axis];
        } else if size != 1 {
            return None;
        }
    }
    Some(walk(to, &steps))
}
