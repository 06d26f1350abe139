//! Operators on tensors that are the same for every picture: mostly the shapes
//! that exporters compute on the way. What is not here becomes layers.

use super::call::Call;
use super::constant::{Constant, Data};
use super::shape;
use super::{Files, OnnxError};
use crate::classifier::architecture::count;
use crate::classifier::import::ImportError;

/// The outputs of a node all of whose inputs are constants; none where it is
/// not one of those computed here.
pub fn fold(call: &Call, files: &mut Files) -> Result<Option<Vec<Constant>>, ImportError> {
    let one = |constant: Constant| Ok(Some(vec![constant]));
    match call.operator() {
        "Constant" => one(constant(call)?),
        "ConstantOfShape" => one(of_shape(call, files)?),
        "Range" => one(range(call, files)?),
        "Where" => one(choose(call, files)?),
        "Expand" => {
            let x = call.constant(0)?;
            let dims = shape::expanded(call, files, &x.dims)?;
            one(spread(call, files, &x, &dims)?)
        }
        "Transpose" => {
            let x = call.constant(0)?;
            let order = shape::order(call, x.dims.len())?;
            one(transpose(files, &x, &order)?)
        }
        "Gather" => one(gather(call, files)?),
        "Concat" => one(concatenate(call, files)?),
        "Slice" => {
            let mut x = call.constant(0)?;
            for cut in shape::cuts(call, files, &x.dims)? {
                let places: Vec<usize> = cut.places().collect();
                x = take(files, &x, cut.axis, &places)?;
            }
            one(x)
        }
        "Split" => {
            let x = call.constant(0)?;
            let mut parts = Vec::new();
            for cut in shape::parts(call, files, &x.dims)? {
                let places: Vec<usize> = cut.places().collect();
                parts.push(take(files, &x, cut.axis, &places)?);
            }
            Ok(Some(parts))
        }
        "Cast" | "CastLike" => cast(call, files),
        "Add" | "Sub" | "Mul" | "Div" | "Pow" | "Mod" | "Min" | "Max" | "Equal" | "Greater"
        | "Less" | "GreaterOrEqual" | "LessOrEqual" | "And" | "Or"
            if call.inputs.len() == 2 =>
        {
            one(pairwise(call, files)?)
        }
        "Neg" | "Abs" | "Sqrt" | "Exp" | "Log" | "Floor" | "Ceil" | "Reciprocal" | "Not"
        | "Sign" => one(each(call, files)?),
        "ReduceProd" | "ReduceSum" | "ReduceMax" | "ReduceMin" | "ReduceMean" => {
            one(reduce(call, files)?)
        }
        _ => Ok(None),
    }
}

fn constant(call: &Call) -> Result<Constant, ImportError> {
    for attribute in &call.node.attributes {
        return Ok(match attribute.name.as_str() {
            "value" => match &attribute.tensor {
                Some(tensor) => Constant::stored(tensor.clone())?,
                None => break,
            },
            "value_float" => Constant::floats(vec![], vec![attribute.float.unwrap_or(0.0)]),
            "value_int" => Constant::integers(vec![], vec![attribute.int.unwrap_or(0)]),
            "value_floats" => {
                Constant::floats(vec![attribute.floats.len()], attribute.floats.clone())
            }
            "value_ints" => Constant::integers(vec![attribute.ints.len()], attribute.ints.clone()),
            _ => continue,
        });
    }
    Err(call.refuse("has no numbers that are read here"))
}

fn of_shape(call: &Call, files: &mut Files) -> Result<Constant, ImportError> {
    let dims = shape::sizes(call, &call.integers(files, 0)?)?;
    let value = call.attribute("value").and_then(|a| a.tensor.clone());
    let Some(value) = value else {
        let data = Data::Filled(0.0);
        return Ok(Constant { dims, data });
    };
    let value = Constant::stored(value)?;
    if value.count() != 1 {
        return Err(call.refuse("has a value that is not one number"));
    }
    if value.is_float() {
        let data = Data::Filled(files.floats(&value)?[0]);
        return Ok(Constant { dims, data });
    }
    let number = files.integers(&value)?[0];
    let count = made(files, &dims)?;
    Ok(Constant::integers(dims, vec![number; count]))
}

fn range(call: &Call, files: &mut Files) -> Result<Constant, ImportError> {
    let mut numbers = [0.0f64; 3];
    let mut float = false;
    for (index, number) in numbers.iter_mut().enumerate() {
        let input = call.constant(index)?;
        if input.count() != 1 {
            return Err(call.refuse("has a bound that is not one number"));
        }
        float |= input.is_float();
        *number = if input.is_float() {
            f64::from(files.floats(&input)?[0])
        } else {
            files.integers(&input)?[0] as f64
        };
    }
    let [start, limit, step] = numbers;
    let count = ((limit - start) / step).ceil().max(0.0);
    if !count.is_finite() || count > f64::from(1 << 20) {
        return Err(call.refuse("makes more numbers than fit"));
    }
    let count = made(files, &[count as usize])?;
    let at = |index: usize| start + index as f64 * step;
    Ok(if float {
        Constant::floats(vec![count], (0..count).map(|i| at(i) as f32).collect())
    } else {
        Constant::integers(vec![count], (0..count).map(|i| at(i) as i64).collect())
    })
}

/// Takes account of a tensor of a shape.
fn made(files: &mut Files, dims: &[usize]) -> Result<usize, ImportError> {
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
fn take(
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

fn gather(call: &Call, files: &mut Files) -> Result<Constant, ImportError> {
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

fn concatenate(call: &Call, files: &mut Files) -> Result<Constant, ImportError> {
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

fn transpose(files: &mut Files, x: &Constant, order: &[usize]) -> Result<Constant, ImportError> {
    let dims: Vec<usize> = order.iter().map(|&axis| x.dims[axis]).collect();
    let strides = strides(&x.dims);
    let strides: Vec<usize> = order.iter().map(|&axis| strides[axis]).collect();
    let places = walk(&dims, &strides);
    pick(files, x, dims.clone(), places)
}

pub fn strides(dims: &[usize]) -> Vec<usize> {
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

fn spread_places(from: &[usize], to: &[usize]) -> Option<impl Iterator<Item = usize> + use<>> {
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

fn choose(call: &Call, files: &mut Files) -> Result<Constant, ImportError> {
    let (which, a, b) = (call.constant(0)?, call.constant(1)?, call.constant(2)?);
    let dims = shape::broadcast(call, &a.dims, &b.dims)?;
    let dims = shape::broadcast(call, &dims, &which.dims)?;
    let which = spread(call, files, &which, &dims)?;
    let which = files.integers(&which)?;
    let (a, b) = (
        spread(call, files, &a, &dims)?,
        spread(call, files, &b, &dims)?,
    );
    Ok(if a.is_float() {
        let pairs = files.floats(&a)?.into_iter().zip(files.floats(&b)?);
        let chosen = pairs
            .zip(which)
            .map(|((a, b), which)| if which == 0 { b } else { a });
        Constant::floats(dims, chosen.collect())
    } else {
        let pairs = files.integers(&a)?.into_iter().zip(files.integers(&b)?);
        let chosen = pairs
            .zip(which)
            .map(|((a, b), which)| if which == 0 { b } else { a });
        Constant::integers(dims, chosen.collect())
    })
}

fn cast(call: &Call, files: &mut Files) -> Result<Option<Vec<Constant>>, ImportError> {
    let x = call.constant(0)?;
    let (to_float, to_bool) = if call.operator() == "CastLike" {
        (call.constant(1)?.is_float(), false)
    } else {
        let to = call.int("to", 0);
        (super::constant::is_float(to), to == 9)
    };
    Ok(match (x.is_float(), to_float) {
        (true, true) => Some(vec![x]),
        (_, true) => {
            let values = files.integers(&x)?;
            let values = values.iter().map(|&value| value as f32).collect();
            Some(vec![Constant::floats(x.dims, values)])
        }
        (float, false) => {
            let mut values = if float && to_bool {
                let values = files.floats(&x)?;
                values
                    .iter()
                    .map(|&value| i64::from(value != 0.0))
                    .collect()
            } else {
                files.integers(&x)?
            };
            if to_bool {
                values
                    .iter_mut()
                    .for_each(|value| *value = i64::from(*value != 0));
            }
            Some(vec![Constant::integers(x.dims, values)])
        }
    })
}

fn pairwise(call: &Call, files: &mut Files) -> Result<Constant, ImportError> {
    let (a, b) = (call.constant(0)?, call.constant(1)?);
    let dims = shape::broadcast(call, &a.dims, &b.dims)?;
    made(files, &dims)?;
    let (a, b) = (
        spread(call, files, &a, &dims)?,
        spread(call, files, &b, &dims)?,
    );
    let compares = |less: bool, equal: bool, greater: bool, order: std::cmp::Ordering| {
        i64::from(match order {
            std::cmp::Ordering::Less => less,
            std::cmp::Ordering::Equal => equal,
            std::cmp::Ordering::Greater => greater,
        })
    };
    let comparison = match call.operator() {
        "Equal" => Some((false, true, false)),
        "Greater" => Some((false, false, true)),
        "Less" => Some((true, false, false)),
        "GreaterOrEqual" => Some((false, true, true)),
        "LessOrEqual" => Some((true, true, false)),
        _ => None,
    };
    if a.is_float() || b.is_float() {
        let pairs = files.floats(&a)?.into_iter().zip(files.floats(&b)?);
        if let Some((less, equal, greater)) = comparison {
            let order = |(a, b): (f32, f32)| {
                a.partial_cmp(&b)
                    .map_or(0, |order| compares(less, equal, greater, order))
            };
            return Ok(Constant::integers(dims, pairs.map(order).collect()));
        }
        let operator: fn(f32, f32) -> f32 = match call.operator() {
            "Add" => |a, b| a + b,
            "Sub" => |a, b| a - b,
            "Mul" => |a, b| a * b,
            "Div" => |a, b| a / b,
            "Pow" => f32::powf,
            "Min" => f32::min,
            "Max" => f32::max,
            "Mod" => |a, b| a % b,
            _ => return Err(call.refuse("has inputs that are not true or false")),
        };
        return Ok(Constant::floats(
            dims,
            pairs.map(|(a, b)| operator(a, b)).collect(),
        ));
    }
    let pairs = files.integers(&a)?.into_iter().zip(files.integers(&b)?);
    if let Some((less, equal, greater)) = comparison {
        let order = |(a, b): (i64, i64)| compares(less, equal, greater, a.cmp(&b));
        return Ok(Constant::integers(dims, pairs.map(order).collect()));
    }
    let operator: fn(i64, i64) -> Option<i64> = match call.operator() {
        "Add" => i64::checked_add,
        "Sub" => i64::checked_sub,
        "Mul" => i64::checked_mul,
        "Div" => i64::checked_div,
        "Pow" => |a, b| a.checked_pow(u32::try_from(b).ok()?),
        "Min" => |a, b| Some(a.min(b)),
        "Max" => |a, b| Some(a.max(b)),
        "Mod" if call.int("fmod", 0) == 1 => i64::checked_rem,
        "Mod" => |a, b| {
            a.checked_rem(b).map(|rest| {
                if rest != 0 && (rest < 0) != (b < 0) {
                    rest + b
                } else {
                    rest
                }
            })
        },
        "And" => |a, b| Some(i64::from(a != 0 && b != 0)),
        _ => |a, b| Some(i64::from(a != 0 || b != 0)),
    };
    let values: Option<Vec<i64>> = pairs.map(|(a, b)| operator(a, b)).collect();
    let values = values.ok_or_else(|| call.refuse("makes a number that does not fit"))?;
    Ok(Constant::integers(dims, values))
}

fn each(call: &Call, files: &mut Files) -> Result<Constant, ImportError> {
    let x = call.constant(0)?;
    if !x.is_float() {
        let operator: fn(i64) -> i64 = match call.operator() {
            "Neg" => i64::wrapping_neg,
            "Abs" => i64::wrapping_abs,
            "Sign" => i64::signum,
            "Not" => |x| i64::from(x == 0),
            _ => return Err(call.refuse("works on whole numbers, which is not known here")),
        };
        let values = files.integers(&x)?.into_iter().map(operator).collect();
        return Ok(Constant::integers(x.dims, values));
    }
    let operator: fn(f32) -> f32 = match call.operator() {
        "Neg" => |x| -x,
        "Abs" => f32::abs,
        "Sqrt" => f32::sqrt,
        "Exp" => f32::exp,
        "Log" => f32::ln,
        "Floor" => f32::floor,
        "Ceil" => f32::ceil,
        "Reciprocal" => f32::recip,
        "Sign" => |x| if x == 0.0 { 0.0 } else { x.signum() },
        _ => return Err(call.refuse("has an input that is not true or false")),
    };
    let values = files.floats(&x)?.into_iter().map(operator).collect();
    Ok(Constant::floats(x.dims, values))
}

fn reduce(call: &Call, files: &mut Files) -> Result<Constant, ImportError> {
    let x = call.constant(0)?;
    let rank = x.dims.len();
    let Some(axes) = shape::reduced_axes(call, files, rank)? else {
        return Ok(x);
    };
    let kept: Vec<usize> = (0..rank)
        .map(|at| if axes[at] { 1 } else { x.dims[at] })
        .collect();
    let dims = shape::reduced(call, &x.dims, &axes);
    let count = made(files, &kept)?;
    let each = x.count().checked_div(count).unwrap_or(0);
    let places = spread_places(&kept, &x.dims);
    let places = places.ok_or_else(|| call.refuse("has inputs of shapes that do not fit"))?;
    let start = match call.operator() {
        "ReduceProd" => 1.0f64,
        "ReduceMax" => f64::NEG_INFINITY,
        "ReduceMin" => f64::INFINITY,
        _ => 0.0,
    };
    let step = |all: f64, next: f64| match call.operator() {
        "ReduceProd" => all * next,
        "ReduceMax" => all.max(next),
        "ReduceMin" => all.min(next),
        "ReduceMean" => all + next / each as f64,
        _ => all + next,
    };
    let mut sums = vec![start; count];
    if x.is_float() {
        let values = files.floats(&x)?;
        places
            .zip(values)
            .for_each(|(at, next)| sums[at] = step(sums[at], f64::from(next)));
        let values = sums.into_iter().map(|value| value as f32).collect();
        return Ok(Constant::floats(dims, values));
    }
    let values = files.integers(&x)?;
    places
        .zip(values)
        .for_each(|(at, next)| sums[at] = step(sums[at], next as f64));
    Ok(Constant::integers(
        dims,
        sums.into_iter().map(|value| value as i64).collect(),
    ))
}
