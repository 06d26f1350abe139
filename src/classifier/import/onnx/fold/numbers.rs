//! Constants computed with, number by number.

use super::places::{made, spread, spread_places};
use crate::classifier::import::ImportError;
use crate::classifier::import::onnx::call::Call;
use crate::classifier::import::onnx::constant::Constant;
use crate::classifier::import::onnx::{Files, shape};

pub(super) fn pairwise(call: &Call, files: &mut Files) -> Result<Constant, ImportError> {
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

pub(super) fn each(call: &Call, files: &mut Files) -> Result<Constant, ImportError> {
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

pub(super) fn reduce(call: &Call, files: &mut Files) -> Result<Constant, ImportError> {
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
