//! The network while it is put together: which value each of Caffe's blobs is,
//! and the weights that were taken from the file so far.

use super::CaffeError;
use super::blob::Blob;
use super::messages::Layer as Described;
use super::wire::Cursor;
use crate::classifier::architecture::{Layer, Placed, Shape, Value};
use crate::classifier::import::ImportError;
use crate::classifier::weights::Weights;
use std::collections::{BTreeSet, HashMap};

/// A blob of Caffe's: one of its axes less, as there is one picture.
#[derive(Debug, Clone)]
pub struct Made {
    pub value: Value,
    /// One to three axes: `[C]` after a fully connected layer, `[C, H, W]` of
    /// pictures.
    pub axes: Vec<usize>,
}

pub struct Graph<'a, 'b> {
    pub input: Shape,
    pub layers: Vec<Placed>,
    pub weights: Weights,
    pub notes: Vec<String>,
    shapes: Vec<Shape>,
    blobs: HashMap<String, Made>,
    /// What labels and the like are called, and what is made of them.
    ignored: BTreeSet<String>,
    arrays: &'a HashMap<String, Vec<Blob>>,
    cursor: &'a mut Cursor<'b>,
    names: BTreeSet<String>,
}

impl<'a, 'b> Graph<'a, 'b> {
    pub fn new(
        input: Shape,
        arrays: &'a HashMap<String, Vec<Blob>>,
        cursor: &'a mut Cursor<'b>,
    ) -> Self {
        Self {
            input,
            layers: Vec::new(),
            weights: Weights::new(),
            notes: Vec::new(),
            shapes: vec![input],
            blobs: HashMap::new(),
            ignored: BTreeSet::new(),
            arrays,
            cursor,
            names: BTreeSet::new(),
        }
    }

    /// Calls the picture by a name.
    pub fn picture(&mut self, name: &str) {
        let axes = self.input.to_vec();
        let value = Value::PICTURE;
        self.blobs.insert(name.to_owned(), Made { value, axes });
    }

    pub fn ignore(&mut self, names: &[String]) {
        self.ignored.extend(names.iter().cloned());
    }

    /// Whether a layer reads what is left out.
    pub fn is_ignored(&self, layer: &Described) -> bool {
        layer.bottom.iter().any(|name| self.ignored.contains(name))
    }

    pub fn get(&self, layer: &Described, name: &str) -> Result<Made, CaffeError> {
        self.blobs
            .get(name)
            .cloned()
            .ok_or_else(|| CaffeError::NoSuchBlob {
                layer: label(layer),
                blob: name.to_owned(),
            })
    }

    /// Everything that a layer reads.
    pub fn bottoms(&self, layer: &Described) -> Result<Vec<Made>, CaffeError> {
        layer
            .bottom
            .iter()
            .map(|name| self.get(layer, name))
            .collect()
    }

    pub fn shape(&self, value: Value) -> Shape {
        self.shapes[value.0]
    }

    /// Adds a layer; the value that it makes has as many axes as it says, those
    /// after them being 1.
    pub fn add(
        &mut self,
        described: &Described,
        layer: impl Into<Layer>,
        inputs: &[Value],
        axes: usize,
    ) -> Result<Made, ImportError> {
        let layer = layer.into();
        let shapes: Vec<Shape> = inputs.iter().map(|input| self.shape(*input)).collect();
        let shape = layer.output_shape(&shapes)?;
        self.layers.push(Placed {
            layer,
            inputs: inputs.to_vec(),
            name: Some(label(described)),
        });
        self.shapes.push(shape);
        Ok(Made {
            value: Value(self.layers.len()),
            axes: shape[..axes].to_vec(),
        })
    }

    /// Calls what a layer makes by the name of one of its tops.
    pub fn call(&mut self, layer: &Described, top: usize, made: Made) -> Result<(), CaffeError> {
        let name = layer
            .top
            .get(top)
            .ok_or_else(|| CaffeError::unsupported(&label(layer), kind(layer), "it has no top"))?;
        self.ignored.remove(name);
        self.blobs.insert(name.clone(), made);
        Ok(())
    }

    /// A name for a layer's weights, which no other has.
    pub fn weights_name(&mut self, layer: &Described) -> String {
        let name = label(layer);
        let mut unique = name.clone();
        let mut index = 1;
        while !self.names.insert(unique.clone()) {
            index += 1;
            unique = format!("{name}#{index}");
        }
        unique
    }

    fn array(
        &self,
        layer: &Described,
        index: usize,
        needed: usize,
    ) -> Result<&'a Blob, CaffeError> {
        let name = layer.name.as_deref().unwrap_or_default();
        let arrays = self.arrays.get(name);
        arrays
            .and_then(|arrays| arrays.get(index))
            .ok_or_else(|| CaffeError::Blobs {
                layer: label(layer),
                expected: needed,
                found: arrays.map_or(0, Vec::len),
            })
    }

    /// The numbers of an array of a layer that needs so many arrays. They must
    /// be `count`.
    pub fn numbers(
        &mut self,
        layer: &Described,
        index: usize,
        needed: usize,
        count: usize,
    ) -> Result<Vec<f32>, ImportError> {
        let blob = self.array(layer, index, needed)?;
        if blob.len() != count {
            return Err(CaffeError::unsupported(
                &label(layer),
                kind(layer),
                format!(
                    "it needs {count} numbers, but the caffemodel has {} for it",
                    blob.len()
                ),
            )
            .into());
        }
        blob.values(self.cursor)
    }
}

/// What a layer is called in messages.
pub fn label(layer: &Described) -> String {
    match layer.name.as_deref() {
        Some(name) if !name.is_empty() => name.chars().take(60).collect(),
        _ => "without a name".to_owned(),
    }
}

pub fn kind(layer: &Described) -> &str {
    layer.kind.as_deref().unwrap_or_default()
}
