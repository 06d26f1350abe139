//! Operators that move, take and join parts of tensors.

use crate::classifier::architecture::{Layer, Padding, Value};
use crate::classifier::import::ImportError;
use crate::classifier::import::onnx::call::{Call, Tensor};
use crate::classifier::import::onnx::constant::{Constant, Data};
use crate::classifier::import::onnx::net::{along, canonical};
use crate::classifier::import::onnx::reader::Reader;
use crate::classifier::import::onnx::shape::{self, Cut};

/// More parts than this are not put together of slices.
const MOST_PARTS: usize = 64;

/// A transposition with as few axes as do: none of size 1, and those that stay
/// together as one.
fn simplest(dims: &[usize], order: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let order: Vec<usize> = order
        .iter()
        .copied()
        .filter(|&axis| dims[axis] != 1)
        .collect();
    // Runs of axes, each next to one another before and after.
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for axis in order {
        match runs.last_mut() {
            Some((_, end)) if (*end..axis).all(|between| dims[between] == 1) && *end <= axis => {
                *end = axis + 1;
            }
            _ => runs.push((axis, axis + 1)),
        }
    }
    let mut sorted = runs.clone();
    sorted.sort_unstable();
    let size = |&(start, end): &(usize, usize)| dims[start..end].iter().product();
    let place = |run: &(usize, usize)| sorted.iter().position(|other| other == run);
    let order = runs.iter().filter_map(place).collect();
    (sorted.iter().map(size).collect(), order)
}

impl Reader<'_> {
    pub fn transpose(&mut self, x: &Tensor, order: &[usize]) -> Result<Tensor, ImportError> {
        let dims: Vec<usize> = order.iter().map(|&axis| x.dims[axis]).collect();
        let (mut from, mut order) = simplest(&x.dims, order);
        if order.is_sorted() {
            return Ok(x.viewed(dims));
        }
        let mut value = self.value(x)?;
        // Of what is transposed already, once is enough.
        if let Some(placed) = self.net.maker(value)
            && let Layer::Transpose {
                from: first_from,
                order: first,
                ..
            } = &placed.layer
            && first
                .iter()
                .map(|&axis| first_from[axis])
                .eq(from.iter().copied())
        {
            order = order.iter().map(|&axis| first[axis]).collect();
            from.clone_from(first_from);
            value = placed.inputs[0];
            if order.is_sorted() {
                let own = false;
                return Ok(Tensor {
                    own,
                    ..Tensor::made(dims, value)
                });
            }
        }
        let to = canonical(&dims);
        let made = self
            .net
            .add(Layer::Transpose { from, order, to }, &[value])?;
        Ok(Tensor::made(dims, made))
    }

    pub(super) fn concatenate(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let mut parts = Vec::new();
        for index in 0..call.inputs.len() {
            parts.push(call.input(index)?.clone());
        }
        let Some(first) = parts.first() else {
            return Err(call.refuse("lacks its input 1"));
        };
        let rank = first.dims.len();
        let axis = call.axis(call.int("axis", 1), rank)?;
        let mut dims = first.dims.clone();
        dims[axis] = 0;
        for part in &parts {
            let same = |at: usize| at == axis || part.dims[at] == dims[at];
            if part.dims.len() != rank || !(0..rank).all(same) {
                return Err(call.refuse("has inputs of different shapes"));
            }
            dims[axis] = dims[axis].saturating_add(part.dims[axis]);
        }
        parts.retain(|part| part.dims[axis] > 0);
        self.one_after_another(&parts, dims, axis)
    }

    fn one_after_another(
        &mut self,
        parts: &[Tensor],
        dims: Vec<usize>,
        axis: usize,
    ) -> Result<Tensor, ImportError> {
        if let [one] = parts {
            return Ok(one.clone());
        }
        // The whole's way of lying decides: a part of size 1 may lie otherwise.
        let (whole, at) = along(&dims, axis);
        let mut values = Vec::new();
        for part in parts {
            let mut shape = whole;
            shape[at] = part.dims[axis];
            values.push(self.view(part, shape)?);
        }
        let made = self.net.add(Layer::Concatenate { axis: at }, &values)?;
        Ok(Tensor::made(dims, made))
    }

    /// Places of an axis.
    fn cut(&mut self, call: &Call, x: &Tensor, cut: &Cut) -> Result<Tensor, ImportError> {
        let mut dims = x.dims.clone();
        let size = dims[cut.axis];
        dims[cut.axis] = cut.length;
        if cut.length == size && cut.step == 1 {
            return Ok(x.clone());
        }
        if cut.length == 0 {
            return Err(call.refuse("makes a tensor without numbers"));
        }
        if cut.step < 0 && cut.length > 1 {
            return self.places(call, x, cut.axis, &cut.places().collect::<Vec<_>>());
        }
        let (shape, axis) = along(&x.dims, cut.axis);
        let value = self.view(x, shape)?;
        let layer = Layer::Slice {
            axis,
            start: cut.start,
            step: cut.step.unsigned_abs().max(1),
            length: cut.length,
        };
        let made = self.net.add(layer, &[value])?;
        Ok(Tensor::made(dims, made))
    }

    /// Any places of an axis, as runs one after the other.
    fn places(
        &mut self,
        call: &Call,
        x: &Tensor,
        axis: usize,
        places: &[usize],
    ) -> Result<Tensor, ImportError> {
        let mut cuts: Vec<Cut> = Vec::new();
        for &place in places {
            match cuts.last_mut() {
                Some(cut) if cut.length == 1 && place > cut.start => {
                    cut.step = (place - cut.start) as isize;
                    cut.length = 2;
                }
                Some(cut)
                    if cut.length > 1 && cut.start + cut.length * cut.step as usize == place =>
                {
                    cut.length += 1;
                }
                _ => cuts.push(Cut {
                    axis,
                    start: place,
                    step: 1,
                    length: 1,
                }),
            }
        }
        if cuts.len() > MOST_PARTS || cuts.is_empty() {
            return Err(call.refuse(format!("takes {} places in no order", places.len())));
        }
        let mut dims = x.dims.clone();
        dims[axis] = places.len();
        let mut parts = Vec::new();
        for cut in &cuts {
            parts.push(self.cut(call, x, cut)?);
        }
        self.one_after_another(&parts, dims, axis)
    }

    pub(super) fn slice(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let mut x = call.input(0)?.clone();
        for cut in shape::cuts(call, &mut self.files, &x.dims)? {
            x = self.cut(call, &x, &cut)?;
        }
        Ok(x)
    }

    pub(super) fn split(&mut self, call: &Call) -> Result<Vec<Tensor>, ImportError> {
        let x = call.input(0)?.clone();
        let cuts = shape::parts(call, &mut self.files, &x.dims)?;
        cuts.iter().map(|cut| self.cut(call, &x, cut)).collect()
    }

    pub(super) fn gather(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let x = call.input(0)?.clone();
        let axis = call.axis(call.int("axis", 0), x.dims.len())?;
        let indices = shape::indices(call, &mut self.files, x.dims[axis])?;
        let mut dims = x.dims[..axis].to_vec();
        dims.extend(&call.input(1)?.dims);
        dims.extend(&x.dims[axis + 1..]);
        Ok(self.places(call, &x, axis, &indices)?.viewed(dims))
    }

    pub(super) fn pad(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let mut x = call.input(0)?.clone();
        let rank = x.dims.len();
        let pads = call
            .ints_or_input(&mut self.files, "pads", 1)?
            .unwrap_or_default();
        let axes = match call.has(3) {
            true => call.integers(&mut self.files, 3)?,
            false => (0..rank as i64).collect(),
        };
        if pads.len() != 2 * axes.len() || pads.iter().any(|pad| pad.unsigned_abs() > 1 << 20) {
            return Err(call.refuse(format!("has impossible pads {pads:?}")));
        }
        let value = match call.has(2) {
            true => self.number(call, 2)?,
            false => call.float("value", 0.0),
        };
        let with = match call.string("mode") {
            // Below the largest of any pool; infinities do not survive JSON.
            "" | "constant" => Padding::Value(value.clamp(f32::MIN, f32::MAX)),
            "reflect" => Padding::Reflect,
            "edge" => Padding::Edge,
            mode => {
                return Err(
                    call.refuse(format!("pads by the rule {mode}, which is not known here"))
                );
            }
        };
        let mut around = vec![(0, 0); rank];
        for (index, &axis) in axes.iter().enumerate() {
            let axis = call.axis(axis, rank)?;
            let (before, after) = (pads[index], pads[index + axes.len()]);
            around[axis] = (before.max(0) as usize, after.max(0) as usize);
            // Less than nothing is cut off.
            if before < 0 || after < 0 {
                let start = before.min(0).unsigned_abs() as usize;
                let lost = start + after.min(0).unsigned_abs() as usize;
                let Some(length) = x.dims[axis].checked_sub(lost) else {
                    return Err(call.refuse(format!("has impossible pads {pads:?}")));
                };
                let cut = Cut {
                    axis,
                    start,
                    step: 1,
                    length,
                };
                x = self.cut(call, &x, &cut)?;
            }
        }
        let mut dims = x.dims.clone();
        for (size, (before, after)) in dims.iter_mut().zip(&around) {
            *size = size.saturating_add(before + after);
        }
        // At once where the axes lie so; padding goes axis by axis all the same.
        let lead = rank.saturating_sub(3);
        if rank >= 3
            && x.dims[..lead] == dims[..lead]
            && x.dims[..lead].iter().all(|&size| size == 1)
        {
            let side = |before: bool| {
                [0, 1, 2].map(|at| {
                    let (b, a) = around[lead + at];
                    if before { b } else { a }
                })
            };
            let value = self.view(&x, canonical(&x.dims))?;
            let made = self.padded(value, side(true), side(false), with)?;
            return Ok(Tensor::made(dims, made));
        }
        for (axis, (before, after)) in around.into_iter().enumerate() {
            let (shape, at) = along(&x.dims, axis);
            let value = self.view(&x, shape)?;
            let (mut first, mut last) = ([0; 3], [0; 3]);
            (first[at], last[at]) = (before, after);
            let made = self.padded(value, first, last, with)?;
            let mut larger = x.dims.clone();
            larger[axis] = larger[axis].saturating_add(before + after);
            x = Tensor::made(larger, made);
        }
        Ok(x)
    }

    fn padded(
        &mut self,
        value: Value,
        before: [usize; 3],
        after: [usize; 3],
        with: Padding,
    ) -> Result<Value, ImportError> {
        if before == [0; 3] && after == [0; 3] {
            return Ok(value);
        }
        let layer = Layer::Pad {
            before,
            after,
            with,
        };
        self.net.add(layer, &[value])
    }

    pub(super) fn expand(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let x = call.input(0)?.clone();
        let dims = shape::expanded(call, &mut self.files, &x.dims)?;
        self.repeated(call, &x, dims)
    }

    /// Axes of size 1 repeated: a sum with zeros.
    fn repeated(
        &mut self,
        call: &Call,
        x: &Tensor,
        dims: Vec<usize>,
    ) -> Result<Tensor, ImportError> {
        if dims.iter().product::<usize>() == x.count() {
            return Ok(x.viewed(dims));
        }
        let missing = dims.len() - x.dims.len().min(dims.len());
        let same = |axis: usize| axis >= missing && x.dims[axis - missing] == dims[axis];
        let sizes = dims.iter().enumerate();
        let zeros = Constant {
            dims: sizes
                .map(|(axis, &size)| if same(axis) { 1 } else { size })
                .collect(),
            data: Data::Filled(0.0),
        };
        self.joined(call, Layer::Add, x, &zeros.into())
    }

    pub(super) fn tile(&mut self, call: &Call) -> Result<Tensor, ImportError> {
        let mut x = call.input(0)?.clone();
        let repeats = call.integers(&mut self.files, 1)?;
        let repeats = shape::sizes(call, &repeats)?;
        if repeats.len() != x.dims.len() || repeats.contains(&0) {
            return Err(call.refuse(format!(
                "has repeats {repeats:?} of a tensor of shape {:?}",
                x.dims
            )));
        }
        for (axis, &times) in repeats.iter().enumerate() {
            let mut dims = x.dims.clone();
            dims[axis] = dims[axis].saturating_mul(times);
            if times == 1 {
                continue;
            }
            if x.dims[axis] == 1 {
                x = self.repeated(call, &x, dims)?;
                continue;
            }
            if times > MOST_PARTS {
                return Err(call.refuse(format!("repeats a tensor {times} times")));
            }
            x = self.one_after_another(&vec![x; times], dims, axis)?;
        }
        Ok(x)
    }
}
