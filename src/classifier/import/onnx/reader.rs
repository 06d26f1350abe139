//! From a model's graph to layers.

use super::call::{Call, Tensor, label, refuse};
use super::constant::Constant;
use super::ends::{input, logits};
use super::error::plain;
use super::files::{Beside, Files};
use super::net::{Net, canonical};
use super::plan::Plan;
use super::proto::{Graph, Model, Node};
use super::shape::is_possible;
use super::{OnnxError, Options, metadata, skeleton};
use crate::classifier::architecture::Value;
use crate::classifier::import::{ImportError, Imported, Source};
use std::collections::{BTreeMap, HashMap};

/// The opsets whose operators are known here.
const OPSETS: std::ops::RangeInclusive<i64> = 7..=22;

/// A classifier has at least two classes, and no more than anybody named.
const CLASSES: std::ops::RangeInclusive<usize> = 2..=1 << 18;

/// What is known so far while a graph is read.
pub struct Reader<'a> {
    pub files: Files<'a>,
    pub net: Net,
    /// The batch that the file says; ours is 1.
    pub batch: usize,
    pub notes: Vec<String>,
    known: HashMap<String, Tensor>,
    /// How many inputs of nodes each name is.
    readers: HashMap<String, usize>,
}

/// What a graph gives.
pub enum Given {
    Network(Box<Imported>, Vec<usize>),
    Constant(Vec<usize>, Vec<f32>),
}

pub fn read(
    file: &mut dyn Source,
    beside: Beside,
    options: &Options,
) -> Result<Given, ImportError> {
    let model = skeleton::read(file)?;
    let Some(mut graph) = model.graph.clone() else {
        return Err(OnnxError::damaged("it has no graph".into()).into());
    };
    if !graph.sparse.is_empty() {
        return Err(OnnxError::unfit(
            "has sparse tensors, which are not read here",
        ));
    }
    let opset = opset(&model)?;
    let mut known = HashMap::new();
    for tensor in graph.initializers.drain(..) {
        let name = tensor.name.clone();
        let twice = format!("two of its tensors are called {}", plain(&name));
        if known
            .insert(name, Tensor::from(Constant::stored(tensor)?))
            .is_some()
        {
            return Err(OnnxError::damaged(twice).into());
        }
    }
    for (name, constant) in &options.constants {
        known.insert(name.clone(), Tensor::from(constant.clone()));
    }
    let mut notes = Vec::new();
    if opset > *OPSETS.end() {
        notes.push(format!(
            "The file is written in version {opset} of ONNX's operators; those up to {} are \
             known here.",
            OPSETS.end()
        ));
    }
    let output = logits(&graph, options.picture, &mut notes)?;
    let plan = Plan::new(&graph, output, options.picture)?;
    let (input, dims, batch) = input(&graph, &known, options, &mut notes)?;
    plan.refuse_unknown(&graph)?;
    let shape = match dims[..] {
        // Pictures whose channels come last, as TensorFlow has them.
        [1, h, w, c @ (1 | 3)] if options.picture && !matches!(dims[1], 1 | 3) => [c, h, w],
        _ => canonical(&dims),
    };
    let mut reader = Reader {
        files: Files::new(file, beside),
        net: Net::new(shape),
        batch,
        notes,
        known,
        readers: plan.readers,
    };
    reader.begin(input, &dims, shape)?;
    for &index in &plan.order {
        let node = &graph.nodes[index];
        reader.node(node, opset, index == plan.ending)?;
    }
    reader.end(&model, &graph, output, options)
}

/// The version of the operators.
fn opset(model: &Model) -> Result<i64, ImportError> {
    let ours = |set: &&super::proto::OperatorSet| matches!(&*set.domain, "" | "ai.onnx");
    match model.opsets.iter().find(ours).map(|set| set.version) {
        None if model.opsets.is_empty() => {
            Err(OnnxError::damaged("it does not say the version of its operators".into()).into())
        }
        // All operators are others', which are named below.
        None => Ok(*OPSETS.end()),
        Some(version) if version < *OPSETS.start() => Err(OnnxError::unfit(format!(
            "is written in version {version} of ONNX's operators, but those from {} on are known \
             here: convert it with onnx.version_converter",
            OPSETS.start()
        ))),
        Some(version) => Ok(version),
    }
}

impl Reader<'_> {
    /// Whether anything needs a name.
    pub fn reads(&self, name: &str) -> bool {
        self.readers.contains_key(name)
    }

    fn begin(&mut self, input: &str, dims: &[usize], shape: [usize; 3]) -> Result<(), ImportError> {
        let mut picture = Tensor::made(dims.to_vec(), Value::PICTURE);
        picture.own = false;
        if shape != canonical(dims) {
            let [c, h, w] = shape;
            picture = self.transpose(&picture.viewed(vec![1, c, h, w]), &[0, 2, 3, 1])?;
        }
        self.known.insert(input.to_owned(), picture);
        Ok(())
    }

    fn node(&mut self, node: &Node, opset: i64, ending: bool) -> Result<(), ImportError> {
        self.net.node = label(node);
        let mut inputs = Vec::new();
        for name in &node.inputs {
            if name.is_empty() {
                inputs.push(None);
                continue;
            }
            let Some(found) = self.known.get(name) else {
                return Err(refuse(
                    node,
                    format!("reads {}, which nothing makes", plain(name)),
                ));
            };
            let own = found.own && self.readers.get(name) == Some(&1);
            inputs.push(Some(Tensor {
                own,
                ..found.clone()
            }));
        }
        let call = Call {
            node,
            opset,
            inputs,
        };
        let made = self.lower(&call, ending)?;
        for (name, tensor) in node.outputs.iter().zip(made) {
            if !is_possible(&tensor.dims) {
                return Err(refuse(node, "makes a tensor of an impossible shape"));
            }
            if self.known.insert(name.clone(), tensor).is_some() && !name.is_empty() {
                return Err(refuse(
                    node,
                    format!("makes {}, which is there without it", plain(name)),
                ));
            }
        }
        Ok(())
    }

    fn end(
        mut self,
        model: &Model,
        graph: &Graph,
        output: &str,
        options: &Options,
    ) -> Result<Given, ImportError> {
        let Some(logits) = self.known.remove(output) else {
            let why = format!("nothing makes its output {}", plain(output));
            return Err(OnnxError::damaged(why).into());
        };
        let Some(value) = logits.value() else {
            if options.picture {
                return Err(OnnxError::unfit("answers the same for every picture"));
            }
            let constant = logits.constant();
            let values = constant.map(|constant| self.files.floats(&constant));
            return Ok(Given::Constant(
                logits.dims,
                values.transpose()?.unwrap_or_default(),
            ));
        };
        let classes = logits.count();
        let one_axis = logits.dims.iter().filter(|&&size| size != 1).count() <= 1;
        if options.picture && !(one_axis && CLASSES.contains(&classes)) {
            return Err(OnnxError::unfit(format!(
                "gives numbers of shape {:?}, where a classifier gives one number a class",
                logits.dims
            )));
        }
        self.net.node = String::new();
        let shape = if options.picture {
            [classes, 1, 1]
        } else {
            canonical(&logits.dims)
        };
        let value = self.net.view(value, shape)?;
        let (architecture, weights) = self.net.finish(value)?;
        let imported = Imported {
            architecture,
            weights,
            title: metadata::title(graph),
            class_names: metadata::class_names(model, classes),
            short_side: None,
            notes: self.notes,
        };
        Ok(Given::Network(Box::new(imported), logits.dims))
    }
}

/// Fixed tensors by the names of inputs, for files of one operator.
pub type Constants = BTreeMap<String, Constant>;
