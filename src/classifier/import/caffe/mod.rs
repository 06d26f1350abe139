//! Caffe's files: weights in a `.caffemodel`, the network itself in it too and,
//! as it is meant to be used, in a `deploy.prototxt`.
//!
//! Both of Caffe's formats of layers are read. Weights stay in the file until
//! their layer asks for them.

mod activations;
mod blob;
mod error;
mod graph;
mod layers;
mod mean;
mod messages;
mod model;
mod older;
mod shapes;
#[cfg(test)]
mod tests;
mod text;
mod tidy;
mod weighted;
mod windows;
mod wire;

pub use error::CaffeError;

use super::entry::{Entry, Mean};
use super::{ImportError, Imported, Source};
use crate::classifier::architecture::{Architecture, Shape, Value, count};
use graph::Graph;
use layers::{Role, role};
use messages::{Layer as Described, Net, Transform};
use model::Model;
use wire::Cursor;

/// Where no file says how large a picture is: what most networks see.
const USUAL_SIDES: [usize; 6] = [224, 227, 299, 256, 32, 28];

/// Numbers in a picture, more than which no classifier sees.
const LARGEST_PICTURE: usize = 1 << 24;

/// More layers than any network has.
const MOST_LAYERS: usize = 1 << 14;

/// Whether the bytes at the beginning of a file may be a `.caffemodel`'s: its
/// name, its inputs or a layer.
pub fn begins_like(first: &[u8]) -> bool {
    matches!(first, [0x0a | 0x12 | 0x1a, ..] | [0xa2, 0x06, ..])
}

/// A network of a `.caffemodel`, if it comes with them with its `.prototxt` and
/// mean image (`.binaryproto`).
///
/// # Errors
/// The first layer that is damaged, unknown, or does not fit.
pub fn read(
    model: &mut dyn Source,
    prototxt: Option<&str>,
    mean_image: Option<&[u8]>,
) -> Result<Imported, ImportError> {
    let mut cursor = Cursor::new(model);
    let trained = Model::scan(&mut cursor)?;
    let mut net = match prototxt {
        Some(text) => text::read(text)?,
        None => trained.net.clone(),
    };
    net.layer.append(&mut net.layers);
    if net.layer.len() > MOST_LAYERS {
        return Err(CaffeError::Field(format!("it has {} layers", net.layer.len())).into());
    }
    net.layer.retain(is_of_test);
    for layer in &mut net.layer {
        layer.kind = layer
            .kind
            .as_deref()
            .map(|kind| older::newer_name(kind).to_owned());
    }
    let transform = transform(&net);
    let mut notes = Vec::new();
    let mut imported = match input(&net, &transform, &trained)? {
        Input::Said(shape) => convert(&net, shape, &trained, &mut cursor)?,
        Input::Guessed(channels) => {
            let mut first = None;
            let found = USUAL_SIDES.into_iter().find_map(|side| {
                match convert(&net, [channels, side, side], &trained, &mut cursor) {
                    Ok(found) => Some((side, found)),
                    Err(error) => {
                        first.get_or_insert(error);
                        None
                    }
                }
            });
            let Some((side, found)) = found else {
                return Err(first.unwrap_or(CaffeError::NoInput.into()));
            };
            notes.push(format!(
                "the file does not say how large a picture is: {side} × {side} pixels fit its \
                 layers; its deploy.prototxt would say for certain"
            ));
            found
        }
    };
    imported.title = net.name.or(trained.net.name).unwrap_or_default();
    notes.append(&mut imported.notes);
    imported.notes = notes;
    enter(&mut imported, &transform, mean_image)?;
    Ok(imported)
}

/// Takes in what the files say of how pixels go in.
fn enter(
    imported: &mut Imported,
    transform: &Transform,
    mean_image: Option<&[u8]>,
) -> Result<(), ImportError> {
    let channels = imported.architecture.input[0];
    let scale = transform
        .scale
        .filter(|scale| *scale > 0.0 && scale.is_finite());
    let mean = match (mean_image, transform.mean_value.as_slice()) {
        (Some(bytes), _) => Some(Mean::Image(mean::read(bytes, imported.architecture.input)?)),
        (None, [one]) => Some(Mean::Channels(vec![*one; channels])),
        (None, values) if values.len() == channels => Some(Mean::Channels(values.to_vec())),
        _ => None,
    };
    if let (None, Some(file)) = (&mean, &transform.mean_file) {
        let file = file.rsplit(['/', '\\']).next().unwrap_or_default();
        imported.notes.push(format!(
            "its mean image, {file:.60}, is another file: bring it with this one, or choose how \
             pixels go in"
        ));
    }
    if mean.is_none() && scale.is_none() {
        return Ok(());
    }
    imported.notes.push(
        "the file says how pixels go in: blue first, in levels from 0 to 255, less a mean".into(),
    );
    let entry = Entry {
        mean: mean.unwrap_or_else(|| Mean::Channels(vec![0.0; channels])),
        scale: vec![scale.unwrap_or(1.0); channels],
        blue_first: channels == 3,
    };
    entry.apply(imported)
}

/// Whether a layer is there when a trained network is used.
fn is_of_test(layer: &Described) -> bool {
    // What brings pictures in training says how they go in, too.
    if role(layer) == Role::Data {
        return true;
    }
    let is_test = |phase: Option<i32>| phase.is_none_or(|phase| phase == 1);
    let included = layer.include.is_empty() || layer.include.iter().any(|it| is_test(it.phase));
    included && !layer.exclude.iter().any(|it| is_test(it.phase))
}

/// What the layers that bring pictures say of how they go in.
fn transform(net: &Net) -> Transform {
    let mut all = Transform::default();
    for layer in net.layer.iter().filter(|layer| role(layer) == Role::Data) {
        let older = layer.data_param.clone().unwrap_or_default();
        let it = layer.transform_param.clone().unwrap_or_default();
        all.scale = all.scale.or(it.scale).or(older.scale);
        all.crop_size = all
            .crop_size
            .or(it.crop_size)
            .or(older.crop_size)
            .filter(|&it| it > 0);
        all.mean_file = all.mean_file.or(it.mean_file).or(older.mean_file);
        if all.mean_value.is_empty() {
            all.mean_value = it.mean_value;
        }
    }
    all
}

enum Input {
    Said(Shape),
    /// Only the channels, by the first layer's weights.
    Guessed(usize),
}

/// The shape of a picture.
fn input(net: &Net, transform: &Transform, trained: &Model) -> Result<Input, CaffeError> {
    let of = |dims: &[i64]| -> Option<Shape> {
        let [c, h, w] = dims.get(dims.len().checked_sub(3)?..)? else {
            return None;
        };
        let size = |axis: i64| usize::try_from(axis).ok().filter(|&it| it > 0);
        Some([size(*c)?, size(*h)?, size(*w)?])
    };
    let dims: Vec<i64> = net
        .input_dim
        .iter()
        .map(|&it| i64::from(it))
        .take(4)
        .collect();
    let declared = net
        .layer
        .iter()
        .filter(|layer| role(layer) == Role::Data)
        .flat_map(|layer| {
            let input = layer.input_param.iter().flat_map(|it| &it.shape);
            input.chain(layer.dummy_data_param.iter().flat_map(|it| &it.shape))
        });
    let shapes = net
        .input_shape
        .iter()
        .chain(declared)
        .map(|it| it.dim.as_slice());
    if let Some(shape) = std::iter::once(dims.as_slice()).chain(shapes).find_map(of) {
        return Ok(Input::Said(shape));
    }
    let channels = net.layer.iter().find_map(|layer| {
        let blob = trained.blobs.get(layer.name.as_deref()?)?.first()?;
        let groups = layer.convolution_param.as_ref()?.group.unwrap_or(1) as usize;
        match blob.shape[..] {
            [_, input, _, _] => input
                .checked_mul(groups)
                .filter(|&it| (1..1 << 16).contains(&it)),
            _ => None,
        }
    });
    match (transform.crop_size, channels) {
        (Some(crop), channels) => Ok(Input::Said([
            channels.unwrap_or(3),
            crop as usize,
            crop as usize,
        ])),
        (None, Some(channels)) => Ok(Input::Guessed(channels)),
        (None, None) => Err(CaffeError::NoInput),
    }
}

/// The network of pictures of a shape.
fn convert(
    net: &Net,
    shape: Shape,
    trained: &Model,
    cursor: &mut Cursor,
) -> Result<Imported, ImportError> {
    if count(&shape).is_none_or(|count| count > LARGEST_PICTURE) {
        return Err(CaffeError::Input { shape }.into());
    }
    let mut graph = Graph::new(shape, &trained.blobs, cursor);
    let mut picture = net.input.first().cloned();
    for (index, name) in net.input.iter().enumerate() {
        match index {
            0 => graph.picture(name),
            _ => graph.ignore(std::slice::from_ref(name)),
        }
    }
    let mut answers = Vec::new();
    let mut made = Vec::new();
    for layer in &net.layer {
        match role(layer) {
            Role::Data => {
                // The first top of the first such layer; the others are labels, or
                // the same picture once more, for testing.
                for (index, top) in layer.top.iter().enumerate() {
                    let is_picture = *picture.get_or_insert_with(|| top.clone()) == *top;
                    match is_picture && index == 0 {
                        true => graph.picture(top),
                        false => graph.ignore(std::slice::from_ref(top)),
                    }
                }
            }
            Role::Loss => {
                if let Some(read) = layer.bottom.first() {
                    answers.push(graph.get(layer, read)?.value);
                }
                graph.ignore(&layer.top);
            }
            Role::Aside => graph.ignore(&layer.top),
            Role::Layer if graph.is_ignored(layer) => graph.ignore(&layer.top),
            Role::Layer => {
                layers::add(&mut graph, layer)?;
                for top in &layer.top {
                    made.push(graph.get(layer, top)?.value);
                }
            }
        }
    }
    // The last loss is the one that counts; those before are for training.
    let logits = answers.pop().or_else(|| {
        let is_read = |value: &Value| graph.layers.iter().any(|it| it.inputs.contains(value));
        made.iter().rev().find(|value| !is_read(value)).copied()
    });
    let logits = logits.filter(|value| *value != Value::PICTURE);
    let logits = logits.ok_or(CaffeError::NoLogits)?;
    let mut imported = Imported {
        architecture: Architecture {
            input: shape,
            mean: vec![0.0; shape[0]],
            std: vec![1.0; shape[0]],
            layers: graph.layers,
            logits,
        },
        weights: graph.weights,
        title: String::new(),
        class_names: None,
        short_side: None,
        notes: graph.notes,
    };
    tidy::tidy(&mut imported)?;
    Ok(imported)
}
