//! The order in which a graph's nodes are read.

use super::OnnxError;
use super::call::{label, refuse};
use super::error::plain;
use super::lower::OPERATORS;
use super::proto::{Graph, Node};
use crate::classifier::import::ImportError;
use std::collections::{BTreeSet, HashMap};

/// Which nodes are needed, in an order in which each finds its inputs made.
pub struct Plan {
    pub order: Vec<usize>,
    /// How many inputs of nodes each name is.
    pub readers: HashMap<String, usize>,
    /// The softmax at the end; none is `usize::MAX`.
    pub ending: usize,
}

impl Plan {
    pub fn new(graph: &Graph, output: &str, picture: bool) -> Result<Self, ImportError> {
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
    pub fn refuse_unknown(&self, graph: &Graph) -> Result<(), ImportError> {
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
