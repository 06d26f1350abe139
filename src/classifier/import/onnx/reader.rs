//! From a model's graph to layers.

use super::call::{Call, Tensor, label, refuse};
use super::constant::Constant;
use super::error::plain;
use super::files::{Beside, Files};
use super::lower::OPERATORS;
use super::net::{Net, canonical};
use super::proto::{Graph, Model, Node, ValueInfo};
use super::shape::is_possible;
use super::{OnnxError, Options, metadata, skeleton};
use crate::classifier::architecture::Value;
use crate::classifier::import::{ImportError, Imported, Source};
use std::collections::{BTreeMap, BTreeSet, HashMap};

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
    Network(Imported, Vec<usize>),
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
        known.insert(name, Tensor::from(Constant::stored(tensor)?));
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

/// Which output is the logits: the only one, or the first that looks like them;
/// of one operator, the first.
fn logits<'a>(
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

/// The input that is the picture: its name, its shape for a batch of 1, and the
/// batch that the file says.
fn input<'a>(
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
    let Some(found) = input.dims() else {
        return unfit("of no known shape");
    };
    let size = |dim: &super::proto::Dim| {
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

/// Which nodes are needed, in an order in which each finds its inputs made.
struct Plan {
    order: Vec<usize>,
    readers: HashMap<String, usize>,
    /// The softmax at the end; none is `usize::MAX`.
    ending: usize,
}

impl Plan {
    fn new(graph: &Graph, output: &str, picture: bool) -> Result<Self, ImportError> {
        let mut makers: HashMap<&str, usize> = HashMap::new();
        for (index, node) in graph.nodes.iter().enumerate() {
            for name in node.outputs.iter().filter(|name| !name.is_empty()) {
                if makers.insert(name, index).is_some() {
                    let why = format!("{} is made by two nodes", plain(name));
                    return Err(OnnxError::damaged(why).into());
                }
            }
        }
        let mut order = Vec::new();
        // 1: its inputs are being made; 2: made.
        let mut state = vec![0u8; graph.nodes.len()];
        let mut stack: Vec<(usize, usize)> = Vec::new();
        stack.extend(makers.get(output).map(|&index| (index, 0)));
        while let Some((index, next)) = stack.pop() {
            state[index] = state[index].max(1);
            let Some(name) = graph.nodes[index].inputs.get(next) else {
                if state[index] == 1 {
                    state[index] = 2;
                    order.push(index);
                }
                continue;
            };
            stack.push((index, next + 1));
            match makers
                .get(name.as_str())
                .map(|&maker| (maker, state[maker]))
            {
                Some((maker, 0)) => stack.push((maker, 0)),
                Some((_, 1)) => {
                    return Err(refuse(
                        &graph.nodes[index],
                        "depends on what it makes itself",
                    ));
                }
                _ => {}
            }
        }
        let mut readers = HashMap::from([(output.to_owned(), 1)]);
        for &index in &order {
            for name in &graph.nodes[index].inputs {
                *readers.entry(name.clone()).or_insert(0) += 1;
            }
        }
        // Through what only moves numbers, up to a softmax.
        let mut ending = usize::MAX;
        let mut at = makers.get(output).filter(|_| picture);
        for _ in 0..graph.nodes.len() {
            let Some(&index) = at else { break };
            let node = &graph.nodes[index];
            match node.operator.as_str() {
                "Softmax" | "LogSoftmax" => {
                    ending = index;
                    break;
                }
                "Identity" | "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" | "Cast"
                | "Dropout" => {
                    at = node
                        .inputs
                        .first()
                        .and_then(|name| makers.get(name.as_str()))
                }
                _ => break,
            }
        }
        Ok(Self {
            order,
            readers,
            ending,
        })
    }

    /// The first operator that is not known, with the count of others.
    fn refuse_unknown(&self, graph: &Graph) -> Result<(), ImportError> {
        let mut others = BTreeSet::new();
        let mut first: Option<&Node> = None;
        for &index in &self.order {
            let node = &graph.nodes[index];
            let operator = node.operator.as_str();
            if quantised(operator) {
                let operator = plain(operator);
                return Err(OnnxError::Quantised { operator }.into());
            }
            let ours = matches!(&*node.domain, "" | "ai.onnx");
            if ours && !operator.is_empty() && OPERATORS.contains(&format!(" {operator} ")) {
                continue;
            }
            if first.is_none() {
                first = Some(node);
            }
            others.insert(plain(operator));
        }
        let Some(node) = first else { return Ok(()) };
        let operator = plain(&node.operator);
        others.remove(&operator);
        Err(OnnxError::Operator {
            operator,
            node: label(node),
            others: others.into_iter().collect(),
        }
        .into())
    }
}

fn quantised(operator: &str) -> bool {
    operator.ends_with("QuantizeLinear")
        || operator.ends_with("DequantizeLinear")
        || operator.starts_with("QLinear")
        || matches!(
            operator,
            "ConvInteger" | "MatMulInteger" | "QGemm" | "QAttention"
        )
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
            self.known.insert(name.clone(), tensor);
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
            notes: self.notes,
        };
        Ok(Given::Network(imported, logits.dims))
    }
}

/// Fixed tensors by the names of inputs, for files of one operator.
pub type Constants = BTreeMap<String, Constant>;
