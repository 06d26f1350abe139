//! A `.caffemodel`: its layers as they are described there, and where each
//! one's arrays of weights lie.

use super::CaffeError;
use super::blob::Blob;
use super::messages::{Layer, Net};
use super::older;
use super::wire::{Cursor, Field, Wire, put_varint};
use crate::classifier::import::ImportError;
use prost::Message;
use std::collections::HashMap;

/// A file of trained weights.
pub struct Model {
    /// Its layers in order, without weights.
    pub net: Net,
    /// The arrays of each layer that has some, by its name.
    pub blobs: HashMap<String, Vec<Blob>>,
}

impl Model {
    /// Walks through the whole file, past the weights.
    pub fn scan(cursor: &mut Cursor) -> Result<Self, ImportError> {
        let end = cursor.size();
        let mut head = Vec::new();
        let mut model = Self {
            net: Net::default(),
            blobs: HashMap::new(),
        };
        let mut layers = Vec::new();
        let mut at = 0;
        while at < end {
            let field = cursor.field(at, end)?;
            match (field.number, field.wire) {
                (2, Wire::Length) => layers.push(model.layer(cursor, &field, true)?),
                (100, Wire::Length) => layers.push(model.layer(cursor, &field, false)?),
                (1 | 3 | 4 | 8, _) => cursor.copy(field.head, field.end, &mut head)?,
                _ => {}
            }
            at = field.end;
        }
        if layers.is_empty() {
            return Err(CaffeError::Empty.into());
        }
        model.net = Net::decode(head.as_slice()).map_err(|_| CaffeError::Damaged { at: 0 })?;
        model.net.layer = layers;
        Ok(model)
    }

    fn layer(
        &mut self,
        cursor: &mut Cursor,
        whole: &Field,
        is_older: bool,
    ) -> Result<Layer, ImportError> {
        let mut bytes = Vec::new();
        let mut blobs = Vec::new();
        let mut kind = None;
        let mut at = whole.start;
        while at < whole.end {
            let field = cursor.field(at, whole.end)?;
            match (is_older, field.number, field.wire) {
                (true, 6, Wire::Length) | (false, 7, Wire::Length) => {
                    blobs.push(Blob::scan(cursor, field.start, field.end)?);
                }
                (true, 5, Wire::Varint) => {
                    let unknown = format!("number {}", field.value);
                    kind = Some(older::older_kind(field.value).map_or(unknown, str::to_owned));
                }
                // The same messages as since, under other numbers.
                (true, number, Wire::Length) => {
                    if let Some(tag) = older::of_older(number) {
                        put_varint(u64::from(tag) << 3 | 2, &mut bytes);
                        put_varint(field.end - field.start, &mut bytes);
                        cursor.copy(field.start, field.end, &mut bytes)?;
                    }
                }
                (true, ..) => {}
                (false, ..) => cursor.copy(field.head, field.end, &mut bytes)?,
            }
            at = field.end;
        }
        let damaged = |error: prost::DecodeError| CaffeError::Layer {
            layer: format!("at byte {}", whole.head),
            reason: error.to_string().lines().collect::<Vec<_>>().join(" "),
        };
        let mut layer = Layer::decode(bytes.as_slice()).map_err(damaged)?;
        layer.kind = kind.or(layer.kind);
        let name = layer.name.clone().unwrap_or_default();
        if layer.oldest.is_some() {
            let layer = match name.as_str() {
                "" => "1".to_owned(),
                name => name.to_owned(),
            };
            return Err(CaffeError::Oldest { layer }.into());
        }
        if !blobs.is_empty() {
            self.blobs.insert(name, blobs);
        }
        Ok(layer)
    }
}
