//! Which input of a graph is the picture, and which output the logits.

use super::call::Tensor;
use super::error::plain;
use super::proto::{Dim, Graph, ValueInfo};
use super::shape::is_possible;
use super::{OnnxError, Options};
use crate::classifier::import::ImportError;
use std::collections::HashMap;

/// Which output is the logits: the only one, or the first that looks like them;
/// of one operator, the first.
pub fn logits<'a>(
    graph: &'a Graph,
    picture: bool,
    notes: &mut Vec<String>,
) -> Result<&'a str, ImportError> {
    let looks_so = |output: &&ValueInfo| {
        output.dims().is_some_and(|dims| match dims {
            [_, classes] => classes.value != Some(1),
            [_, classes, h, w] => {
                classes.value != Some(1) && h.value == Some(1) && w.value == Some(1)
            }
            _ => false,
        })
    };
    let found = graph
        .outputs
        .iter()
        .find(|output| !picture || looks_so(output));
    let found = found.or(graph.outputs.first());
    let Some(output) = found else {
        return Err(OnnxError::damaged("its graph has no output".into()).into());
    };
    if graph.outputs.len() > 1 {
        notes.push(format!(
            "The file has {} outputs; {} is taken for the classes.",
            graph.outputs.len(),
            plain(&output.name)
        ));
    }
    Ok(&output.name)
}

/// Whether its elements can be a picture's, as far as the file says; a cast to floats
/// may follow.
fn is_number(input: &ValueInfo) -> bool {
    const STRING: i32 = 8;
    const BOOL: i32 = 9;
    const COMPLEX: [i32; 2] = [14, 15];
    let tensor = input.of.as_ref().and_then(|of| of.tensor.as_ref());
    tensor.is_none_or(|tensor| {
        tensor.numbers != STRING && tensor.numbers != BOOL && !COMPLEX.contains(&tensor.numbers)
    })
}

/// The input that is the picture: its name, its shape for a batch of 1, and the
/// batch that the file says.
pub fn input<'a>(
    graph: &'a Graph,
    known: &HashMap<String, Tensor>,
    options: &Options,
    notes: &mut Vec<String>,
) -> Result<(&'a str, Vec<usize>, usize), ImportError> {
    let open: Vec<&ValueInfo> = graph
        .inputs
        .iter()
        .filter(|input| !known.contains_key(&input.name))
        .collect();
    let input = match open[..] {
        [input] => input,
        [] if !options.picture => return Ok(("", vec![1], 1)),
        [] => return Err(OnnxError::unfit("has no input for a picture")),
        [first, second, ..] => {
            return Err(OnnxError::unfit(format!(
                "has {} inputs ({} and {} for two), but a classifier of pictures has one",
                open.len(),
                plain(&first.name),
                plain(&second.name)
            )));
        }
    };
    let name = input.name.as_str();
    let unfit = |why: &str| {
        Err(OnnxError::unfit(format!(
            "has an input {} {why}",
            plain(name)
        )))
    };
    if !is_number(input) {
        return unfit("of texts, booleans or complex numbers, which are no picture");
    }
    let Some(found) = input.dims() else {
        return unfit("of no known shape");
    };
    let size = |dim: &Dim| {
        let size = dim.value.filter(|&size| size >= 0)?;
        usize::try_from(size).ok()
    };
    let sizes: Vec<Option<usize>> = found.iter().map(size).collect();
    if !options.picture {
        let dims: Vec<usize> = sizes.iter().map(|size| size.unwrap_or(1)).collect();
        let mut single = dims.clone();
        if let Some(first) = single.first_mut().filter(|_| options.single) {
            *first = 1;
        }
        if !is_possible(&single) {
            return unfit("of an impossible shape");
        }
        if single.contains(&0) {
            return unfit("without numbers");
        }
        return Ok((name, single, 1));
    }
    // A size of 0 is an open one, to some exporters.
    let sizes: Vec<Option<usize>> = sizes
        .into_iter()
        .map(|size| size.filter(|&size| size > 0))
        .collect();
    let [batch, rest @ ..] = &sizes[..] else {
        return unfit("of no axes");
    };
    let mut rest = rest.to_vec();
    let last = match rest[..] {
        [Some(1 | 3), _, _] => false,
        [_, _, Some(1 | 3)] => true,
        [None, _, _] => return unfit("of an unknown number of channels: 1 or 3 are possible"),
        _ => {
            let sizes: Vec<String> = sizes
                .iter()
                .map(|size| size.map_or("?".into(), |size| size.to_string()))
                .collect();
            let shape = sizes.join(", ");
            return unfit(&format!(
                "of shape [{shape}], which is no picture of 1 or 3 channels ([N, 3, H, W])"
            ));
        }
    };
    let open = rest.contains(&None);
    for (axis, size) in rest.iter_mut().enumerate() {
        let which = if last { axis } else { axis.saturating_sub(1) };
        size.get_or_insert(options.size[which.min(1)]);
    }
    let mut dims = vec![1];
    dims.extend(rest.into_iter().flatten());
    if dims.iter().any(|&size| size > 1 << 14) {
        return unfit("of more pixels than a picture has here");
    }
    if open {
        let [h, w] = options.size;
        notes.push(format!(
            "The file takes pictures of any size; it is read for {h} × {w} pixels."
        ));
    }
    if last {
        notes.push(
            "The file has a picture's channels last, as TensorFlow does; they are moved.".into(),
        );
    }
    Ok((name, dims, batch.unwrap_or(1)))
}
