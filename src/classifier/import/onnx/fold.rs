//! Operators on tensors that are the same for every picture: mostly the shapes
//! that exporters compute on the way. What is not here becomes layers.

mod numbers;
mod places;

pub use places::spread;

use super::Files;
use super::call::Call;
use super::constant::{Constant, Data};
use super::shape;
use crate::classifier::import::ImportError;
use numbers::{each, pairwise, reduce};
use places::{concatenate, gather, made, take, transpose};

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
