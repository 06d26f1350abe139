//! A node with what it reads, while it is being translated.

use super::constant::{Constant, Data};
use super::error::plain;
use super::proto::{Attribute, Node};
use super::{Files, OnnxError};
use crate::classifier::architecture::{Value, count};
use crate::classifier::import::ImportError;

/// What one name of the file stands for.
#[derive(Debug, Clone)]
pub struct Tensor {
    /// For a batch of 1.
    pub dims: Vec<usize>,
    pub what: What,
    /// Whether nothing else reads the value that it is made of.
    pub own: bool,
}

#[derive(Debug, Clone)]
pub enum What {
    Constant(Data),
    Made(Value),
}

impl Tensor {
    pub fn made(dims: Vec<usize>, value: Value) -> Self {
        Self {
            dims,
            what: What::Made(value),
            own: true,
        }
    }

    pub fn count(&self) -> usize {
        count(&self.dims).unwrap_or(usize::MAX)
    }

    pub fn constant(&self) -> Option<Constant> {
        match &self.what {
            What::Constant(data) => Some(Constant {
                dims: self.dims.clone(),
                data: data.clone(),
            }),
            What::Made(_) => None,
        }
    }

    pub fn value(&self) -> Option<Value> {
        match self.what {
            What::Made(value) => Some(value),
            What::Constant(_) => None,
        }
    }

    /// The same under other dims.
    pub fn viewed(&self, dims: Vec<usize>) -> Self {
        Self {
            dims,
            ..self.clone()
        }
    }
}

impl From<Constant> for Tensor {
    fn from(constant: Constant) -> Self {
        Self {
            dims: constant.dims,
            what: What::Constant(constant.data),
            own: false,
        }
    }
}

/// A node with what it reads.
pub struct Call<'a> {
    pub node: &'a Node,
    pub opset: i64,
    /// Empty names are none.
    pub inputs: Vec<Option<Tensor>>,
}

impl Call<'_> {
    pub fn operator(&self) -> &str {
        &self.node.operator
    }

    pub fn refuse(&self, why: impl Into<String>) -> ImportError {
        refuse(self.node, why)
    }

    pub fn has(&self, index: usize) -> bool {
        self.inputs.get(index).is_some_and(Option::is_some)
    }

    pub fn input(&self, index: usize) -> Result<&Tensor, ImportError> {
        let found = self.inputs.get(index).and_then(Option::as_ref);
        found.ok_or_else(|| self.refuse(format!("lacks its input {}", index + 1)))
    }

    /// An input that must not depend on the picture.
    pub fn constant(&self, index: usize) -> Result<Constant, ImportError> {
        let found = self.input(index)?.constant();
        let why = "depends on the picture, where only a fixed tensor is read here";
        found.ok_or_else(|| self.refuse(format!("has an input {} that {why}", index + 1)))
    }

    pub fn floats(&self, files: &mut Files, index: usize) -> Result<Vec<f32>, ImportError> {
        files.floats(&self.constant(index)?)
    }

    pub fn integers(&self, files: &mut Files, index: usize) -> Result<Vec<i64>, ImportError> {
        let constant = self.constant(index)?;
        if constant.count() > 1 << 20 {
            return Err(self.refuse(format!("has an input {} that is too long", index + 1)));
        }
        files.integers(&constant)
    }

    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.node
            .attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }

    pub fn int(&self, name: &str, default: i64) -> i64 {
        self.attribute(name).and_then(|a| a.int).unwrap_or(default)
    }

    pub fn float(&self, name: &str, default: f32) -> f32 {
        self.attribute(name)
            .and_then(|a| a.float)
            .unwrap_or(default)
    }

    pub fn ints(&self, name: &str) -> Option<Vec<i64>> {
        self.attribute(name).map(|attribute| attribute.ints.clone())
    }

    pub fn string(&self, name: &str) -> &str {
        let bytes = self.attribute(name).and_then(|a| a.string.as_deref());
        bytes.map_or("", |bytes| std::str::from_utf8(bytes).unwrap_or("?"))
    }

    /// Integers that are an attribute in old opsets and an input in new ones.
    pub fn ints_or_input(
        &self,
        files: &mut Files,
        name: &str,
        index: usize,
    ) -> Result<Option<Vec<i64>>, ImportError> {
        if self.has(index) {
            return self.integers(files, index).map(Some);
        }
        Ok(self.ints(name))
    }

    /// An axis, which may be counted from the end.
    pub fn axis(&self, axis: i64, rank: usize) -> Result<usize, ImportError> {
        let from_front = if axis < 0 {
            axis.saturating_add(rank as i64)
        } else {
            axis
        };
        let index = usize::try_from(from_front)
            .ok()
            .filter(|&index| index < rank);
        index.ok_or_else(|| self.refuse(format!("works along axis {axis} of {rank}")))
    }

    pub fn axes(&self, axes: &[i64], rank: usize) -> Result<Vec<bool>, ImportError> {
        let mut chosen = vec![false; rank];
        for &axis in axes {
            chosen[self.axis(axis, rank)?] = true;
        }
        Ok(chosen)
    }

    /// A node whose further outputs something reads.
    pub fn only_one_output(&self, read: impl Fn(&str) -> bool) -> Result<(), ImportError> {
        let further = self.node.outputs.iter().skip(1);
        if further
            .into_iter()
            .any(|name| !name.is_empty() && read(name))
        {
            return Err(self.refuse("has a second output that is used, which is not known here"));
        }
        Ok(())
    }
}

/// What to call a node.
pub fn label(node: &Node) -> String {
    let made = node.outputs.iter().find(|name| !name.is_empty());
    let first = made.map_or("", String::as_str);
    let name = if node.name.is_empty() {
        first
    } else {
        &node.name
    };
    plain(name)
}

pub fn refuse(node: &Node, why: impl Into<String>) -> ImportError {
    OnnxError::Node {
        operator: plain(&node.operator),
        node: label(node),
        why: why.into(),
    }
    .into()
}
