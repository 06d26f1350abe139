//! Models built here, read back.

use super::proto::{
    Attribute, Dim, Entry, Graph, Model, Node, OperatorSet, Tensor, TensorShape, TensorType, Type,
    ValueInfo,
};
use super::{Beside, Options};
use crate::attack::predictions;
use crate::classifier::architecture::{Activation, Architecture, Layer, Padding};
use crate::classifier::import::{Bytes, ImportError, Imported, Source};
use crate::classifier::network::Network;
use crate::task::block_on;
use burn::tensor::Device;
use prost::Message;

fn read(file: &mut dyn Source, beside: Beside) -> Result<Imported, ImportError> {
    super::read(file, beside, &Options::default())
}

fn end(name: &str, dims: &[i64]) -> ValueInfo {
    let dim = |&size: &i64| Dim {
        value: (size > 0).then_some(size),
        symbol: (size <= 0).then(|| "N".into()),
    };
    let shape = TensorShape {
        dims: dims.iter().map(dim).collect(),
    };
    let tensor = TensorType {
        numbers: 1,
        shape: Some(shape),
    };
    ValueInfo {
        name: name.into(),
        of: Some(Type {
            tensor: Some(tensor),
        }),
    }
}

fn node(operator: &str, inputs: &[&str], output: &str, ints: &[(&str, &[i64])]) -> Node {
    let attribute = |(name, ints): &(&str, &[i64])| Attribute {
        name: (*name).into(),
        int: ints.first().copied(),
        ints: ints.to_vec(),
        ..Attribute::default()
    };
    Node {
        inputs: inputs.iter().map(|&name| name.into()).collect(),
        outputs: vec![output.into()],
        name: format!("{operator}-{output}"),
        operator: operator.into(),
        attributes: ints.iter().map(attribute).collect(),
        domain: String::new(),
    }
}

fn tensor(name: &str, dims: &[i64], floats: Vec<f32>) -> Tensor {
    Tensor {
        dims: dims.to_vec(),
        numbers: 1,
        floats,
        name: name.into(),
        ..Tensor::default()
    }
}

fn integers(name: &str, values: &[i64]) -> Tensor {
    Tensor {
        dims: vec![values.len() as i64],
        numbers: 7,
        int64s: values.to_vec(),
        name: name.into(),
        ..Tensor::default()
    }
}

/// Of a picture x to classes y.
fn model(picture: &[i64], nodes: Vec<Node>, initializers: Vec<Tensor>) -> Model {
    Model {
        graph: Some(Graph {
            nodes,
            name: "test".into(),
            initializers,
            inputs: vec![end("x", picture)],
            outputs: vec![end("y", &[0, 0])],
            sparse: Vec::new(),
        }),
        opsets: vec![OperatorSet {
            domain: String::new(),
            version: 13,
        }],
        metadata: Vec::new(),
    }
}

/// As a file begins: with the version of the format.
fn bytes(model: &Model) -> Vec<u8> {
    [vec![8, 7], model.encode_to_vec()].concat()
}

fn import(model: &Model) -> Result<Imported, ImportError> {
    read(&mut Bytes(&bytes(model)), &mut |_| None)
}

fn refusal(model: &Model) -> String {
    let found = import(model).map(|found| found.architecture);
    found.unwrap_err().to_string()
}

/// Flattens 3 × 2 × 2 pixels and has 4 classes.
fn linear(picture: &[i64]) -> Model {
    let nodes = vec![
        node("Flatten", &["x"], "flat", &[]),
        node("Gemm", &["flat", "w", "b"], "z", &[("transB", &[1])]),
        node("Softmax", &["z"], "y", &[("axis", &[1])]),
    ];
    let weight = (0..48).map(|at| at as f32).collect();
    let weights = vec![
        tensor("w", &[4, 12], weight),
        tensor("b", &[4], vec![1.0, 2.0, 3.0, 4.0]),
    ];
    model(picture, nodes, weights)
}

#[test]
fn a_final_softmax_is_left_out_and_named() {
    let found = import(&linear(&[0, 3, 2, 2])).unwrap();
    assert_eq!(found.architecture.input, [3, 2, 2]);
    assert_eq!(found.architecture.classes(), Ok(4));
    let layers = &found.architecture.layers;
    assert!(matches!(layers[..], [ref one] if matches!(one.layer, Layer::Linear { .. })));
    assert!(found.notes[0].contains("Softmax-y"), "{:?}", found.notes);
    assert_eq!(found.title, "test");
    let bias = found
        .weights
        .iter()
        .find(|(name, ..)| name.ends_with("bias"));
    assert_eq!(bias.unwrap().2, [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn numbers_have_any_width() {
    let mut model = linear(&[1, 3, 2, 2]);
    let expected = import(&model).unwrap().weights;
    let values: Vec<f32> = (0..48).map(|at| at as f32).collect();
    let half = |x: &f32| half::f16::from_f32(*x).to_bits();
    let brain = |x: &f32| half::bf16::from_f32(*x).to_bits();
    let raw16 = |bits: fn(&f32) -> u16| values.iter().flat_map(|x| bits(x).to_le_bytes()).collect();
    let raw: [(i32, Vec<u8>); 4] = [
        (1, values.iter().flat_map(|x| x.to_le_bytes()).collect()),
        (10, raw16(half)),
        (16, raw16(brain)),
        (
            11,
            values
                .iter()
                .flat_map(|x| f64::from(*x).to_le_bytes())
                .collect(),
        ),
    ];
    let weight = |model: &mut Model| model.graph.as_mut().unwrap().initializers[0].clone();
    let first = weight(&mut model);
    for (numbers, bytes) in raw {
        let tensor = Tensor {
            numbers,
            raw: Some(bytes),
            floats: Vec::new(),
            ..first.clone()
        };
        model.graph.as_mut().unwrap().initializers[0] = tensor;
        assert_eq!(import(&model).unwrap().weights, expected, "{numbers}");
    }
    // Halves as the lower bits of integers, and numbers too long for the skeleton.
    model.graph.as_mut().unwrap().initializers[0] = Tensor {
        numbers: 10,
        int32s: values.iter().map(|x| i32::from(half(x))).collect(),
        floats: Vec::new(),
        ..first
    };
    assert_eq!(import(&model).unwrap().weights, expected);
}

#[test]
fn numbers_lie_in_a_file_beside() {
    let mut model = linear(&[1, 3, 2, 2]);
    let expected = import(&model).unwrap().weights;
    let entry = |key: &str, value: &str| Entry {
        key: key.into(),
        value: value.into(),
    };
    let weight = &mut model.graph.as_mut().unwrap().initializers[0];
    let values: Vec<u8> = weight.floats.iter().flat_map(|x| x.to_le_bytes()).collect();
    weight.floats.clear();
    weight.location = 1;
    weight.external = vec![
        entry("location", "w.bin"),
        entry("offset", "8"),
        entry("length", "192"),
    ];
    assert_eq!(
        refusal(&model),
        "the numbers of this ONNX file are in the file w.bin, which is not beside it: give both \
         files together"
    );
    let beside: &'static [u8] = [vec![0; 8], values].concat().leak();
    let mut open = |name: &str| {
        assert_eq!(name, "w.bin");
        Some(Box::new(Bytes(beside)) as Box<dyn Source>)
    };
    let found = read(&mut Bytes(&bytes(&model)), &mut open).unwrap();
    assert_eq!(found.weights, expected);
    let weight = &mut model.graph.as_mut().unwrap().initializers[0];
    weight.external[0].value = "../w.bin".into();
    assert!(refusal(&model).contains("no file beside this one"));
    let weight = &mut model.graph.as_mut().unwrap().initializers[0];
    weight.external[0].value = "w.bin".into();
    weight.external[1].value = "100".into();
    let found = read(&mut Bytes(&bytes(&model)), &mut open);
    let said = found.unwrap_err().to_string();
    assert!(said.contains("beyond the end of 'w.bin'"), "{said}");
}

#[test]
fn shapes_that_exporters_compute_become_fixed() {
    // x.view(x.size(0), -1)
    let mut model = linear(&[0, 3, 2, 2]);
    let graph = model.graph.as_mut().unwrap();
    graph.nodes.splice(
        0..1,
        [
            node("Shape", &["x"], "shape", &[]),
            node("Gather", &["shape", "zero"], "n", &[]),
            node("Unsqueeze", &["n", "axes"], "n1", &[]),
            node("Concat", &["n1", "rest"], "to", &[("axis", &[0])]),
            node("Reshape", &["x", "to"], "flat", &[]),
        ],
    );
    let mut zero = integers("zero", &[0]);
    zero.dims.clear();
    graph
        .initializers
        .extend([zero, integers("axes", &[0]), integers("rest", &[-1])]);
    assert_eq!(import(&model).unwrap().architecture.layers.len(), 1);
    // A file made for a batch of 8 says so in its shapes.
    let mut model = linear(&[8, 3, 2, 2]);
    let graph = model.graph.as_mut().unwrap();
    graph.nodes[0] = node("Reshape", &["x", "to"], "flat", &[]);
    graph.initializers.push(integers("to", &[8, 12]));
    assert_eq!(import(&model).unwrap().architecture.layers.len(), 1);
}

#[test]
fn a_picture_whose_channels_are_last_is_turned() {
    let nodes = vec![
        node("Transpose", &["x"], "t", &[("perm", &[0, 3, 1, 2])]),
        node("Conv", &["t", "w"], "c", &[]),
        node("BatchNormalization", &["c", "s", "b", "m", "v"], "n", &[]),
        node("GlobalAveragePool", &["n"], "p", &[]),
        node("Flatten", &["p"], "y", &[]),
    ];
    let weights = vec![
        tensor("w", &[2, 3, 1, 1], vec![1.0; 6]),
        tensor("s", &[2], vec![2.0, 3.0]),
        tensor("b", &[2], vec![0.5, 0.0]),
        tensor("m", &[2], vec![1.0, 0.0]),
        tensor("v", &[2], vec![1.0, 4.0]),
    ];
    let found = import(&model(&[0, 8, 6, 3], nodes, weights)).unwrap();
    assert_eq!(found.architecture.input, [3, 8, 6]);
    // The file's transposition undoes ours, and the batch norm is folded.
    let kinds: Vec<_> = found
        .architecture
        .layers
        .iter()
        .map(|one| one.layer.kind())
        .collect();
    assert_eq!(kinds, ["convolution", "global average"]);
    let weight = found.weights.get("Conv-c.weight", &[2, 3, 1, 1]).unwrap();
    assert!((weight[0] - 2.0).abs() < 1e-4 && (weight[5] - 1.5).abs() < 1e-4);
    let bias = found.weights.get("Conv-c.bias", &[2]).unwrap();
    assert!((bias[0] + 1.5).abs() < 1e-4, "{bias:?}");
}

#[test]
fn activations_written_out_are_recognised() {
    let number = |name: &str, value: f32| tensor(name, &[], vec![value]);
    let nodes = vec![
        node("Div", &["x", "root"], "a", &[]),
        node("Erf", &["a"], "b", &[]),
        node("Add", &["b", "one"], "c", &[]),
        node("Mul", &["x", "c"], "d", &[]),
        node("Mul", &["d", "half"], "e", &[]),
        node("Sigmoid", &["e"], "f", &[]),
        node("Mul", &["f", "e"], "g", &[]),
        node("Flatten", &["g"], "y", &[]),
    ];
    let numbers = vec![
        number("root", 2.0f32.sqrt()),
        number("one", 1.0),
        number("half", 0.5),
    ];
    let found = import(&model(&[1, 1, 2, 2], nodes, numbers)).unwrap();
    let layers: Vec<_> = found
        .architecture
        .layers
        .iter()
        .map(|one| &one.layer)
        .collect();
    assert_eq!(
        layers[..2],
        [
            &Layer::Activation(Activation::Gelu),
            &Layer::Activation(Activation::Silu)
        ]
    );
}

#[test]
fn what_cannot_be_read_is_named() {
    let picture = [1, 3, 2, 2];
    let with = |nodes: Vec<Node>| refusal(&model(&picture, nodes, Vec::new()));
    assert_eq!(
        with(vec![
            node("NonMaxSuppression", &["x"], "a", &[]),
            node("Einsum", &["a"], "y", &[]),
        ]),
        "the operator NonMaxSuppression (node NonMaxSuppression-a) is not known here, and Einsum \
         is not either"
    );
    assert_eq!(
        with(vec![node("QLinearConv", &["x"], "y", &[])]),
        "the ONNX file is quantised (its operator QLinearConv works with whole numbers): use the \
         file from before quantisation, in which numbers have 16 or 32 bits"
    );
    assert_eq!(
        with(vec![
            node("Relu", &["a"], "b", &[]),
            node("Add", &["b", "x"], "a", &[]),
            node("Abs", &["a"], "y", &[])
        ]),
        "the operator Relu (node Relu-b) depends on what it makes itself"
    );
    assert_eq!(
        with(vec![node("Add", &["x", "lost"], "y", &[])]),
        "the operator Add (node Add-y) reads lost, which nothing makes"
    );
    assert_eq!(
        with(vec![node("Relu", &["x"], "y", &[])]),
        "the ONNX file gives numbers of shape [1, 3, 2, 2], where a classifier gives one number a \
         class"
    );
    assert_eq!(
        refusal(&model(
            &[1, 7, 2, 2],
            vec![node("Relu", &["x"], "y", &[])],
            Vec::new()
        )),
        "the ONNX file has an input x of shape [1, 7, 2, 2], which is no picture of 1 or 3 \
         channels ([N, 3, H, W])"
    );
    let mut old = linear(&picture);
    old.opsets[0].version = 6;
    assert!(refusal(&old).contains("version 6"));
}

#[test]
fn claims_of_many_numbers_are_checked_first() {
    let mut huge = linear(&[1, 3, 2, 2]);
    huge.graph.as_mut().unwrap().initializers[0].dims = vec![1 << 27, 12];
    assert_eq!(
        refusal(&huge),
        "the ONNX file is damaged: tensor w of shape [134217728, 12] has 48 values"
    );
    huge.graph.as_mut().unwrap().initializers[0].dims = vec![i64::MAX, i64::MAX];
    assert!(refusal(&huge).contains("impossible shape"));
    let nodes = vec![
        node("ConstantOfShape", &["big"], "w", &[]),
        node("Flatten", &["x"], "flat", &[]),
        node("Gemm", &["flat", "w"], "y", &[]),
    ];
    for rows in [1 << 40, 1 << 24] {
        let big = integers("big", &[12, rows]);
        let text = refusal(&model(&[1, 3, 2, 2], nodes.clone(), vec![big]));
        assert!(
            ["impossible shape", "gives numbers"]
                .iter()
                .any(|part| text.contains(part)),
            "{text}"
        );
    }
    let wide = model(
        &[1, 3, 1 << 30, 1 << 30],
        vec![node("Flatten", &["x"], "y", &[])],
        vec![],
    );
    assert!(refusal(&wide).contains("more pixels"));
}

/// Four classes, far apart, of which the operator makes others.
fn far_apart(nodes: Vec<Node>) -> Model {
    let mut all = vec![
        node("Flatten", &["x"], "flat", &[]),
        node("Gemm", &["flat", "w", "b"], "z", &[("transB", &[1])]),
    ];
    all.extend(nodes);
    all.push(node("Mul", &["less", "two"], "y", &[]));
    let mut weight = vec![0.0; 48];
    (weight[0], weight[13], weight[26]) = (400.0, -300.0, 90.0);
    let weights = vec![
        tensor("w", &[4, 12], weight),
        tensor("b", &[4], vec![0.0, 0.0, 0.0, 1.0]),
        tensor("two", &[], vec![2.0]),
    ];
    model(&[0, 3, 2, 2], all, weights)
}

#[test]
fn logarithms_of_sums_of_powers_neither_overflow_nor_vanish() {
    let z = [400.0, -300.0, 90.0, 1.0];
    let expected = z.map(|z: f64| 2.0 * (z - 400.0));
    let sum = ("axes", &[1][..]);
    let softmax = vec![node("LogSoftmax", &["z"], "less", &[("axis", &[1])])];
    let reduced = vec![
        node("ReduceLogSumExp", &["z"], "sum", &[sum]),
        node("Sub", &["z", "sum"], "less", &[]),
    ];
    for nodes in [softmax, reduced] {
        for opset in [11, 13] {
            let mut model = far_apart(nodes.clone());
            model.opsets[0].version = opset;
            let found = import(&model).unwrap();
            let network =
                Network::new(&found.architecture, &found.weights, &Device::flex()).unwrap();
            let answers = block_on(predictions(&network, &[vec![1.0; 12]])).unwrap();
            let logits = answers[0].logits.iter().map(|&it| f64::from(it));
            for (found, expected) in logits.zip(expected) {
                assert!((found - expected).abs() < 1e-3, "{found} for {expected}");
            }
        }
    }
}

/// What the node makes of the picture is what the classes are made of.
fn before_classes(node: Node, weights: Vec<Tensor>) -> Model {
    let mut model = linear(&[1, 3, 2, 2]);
    let graph = model.graph.as_mut().unwrap();
    graph.nodes[0].inputs = vec!["a".into()];
    graph.nodes.insert(0, node);
    graph.initializers.extend(weights);
    model
}

#[test]
fn a_parameter_is_a_finite_number() {
    let leaky = |alpha| {
        let mut leaky = node("LeakyRelu", &["x"], "a", &[("alpha", &[])]);
        leaky.attributes[0].float = Some(alpha);
        before_classes(leaky, Vec::new())
    };
    assert!(import(&leaky(0.1)).is_ok());
    for alpha in [f32::NAN, f32::INFINITY] {
        let said = refusal(&leaky(alpha));
        assert!(
            said.contains("LeakyRelu-a") && said.contains("finite"),
            "{said}"
        );
    }
    let bound = |value| {
        let clip = node("Clip", &["x", "low"], "a", &[]);
        before_classes(clip, vec![tensor("low", &[], vec![value])])
    };
    assert!(import(&bound(f32::NEG_INFINITY)).is_ok());
    let said = refusal(&bound(f32::NAN));
    assert!(said.contains("not a number"), "{said}");
}

/// As some write a largest that lies beyond the picture: infinities are no JSON.
#[test]
fn what_is_padded_with_infinities_can_be_kept() {
    let pad = node("Pad", &["x", "pads", "lowest"], "a", &[]);
    let weights = vec![
        integers("pads", &[0, 0, 1, 1, 0, 0, -1, -1]),
        tensor("lowest", &[], vec![f32::NEG_INFINITY]),
    ];
    let found = import(&before_classes(pad, weights)).unwrap().architecture;
    let lowest = Padding::Value(f32::MIN);
    let is_pad = |layer: &Layer| matches!(layer, Layer::Pad { with, .. } if *with == lowest);
    assert!(found.layers.iter().any(|placed| is_pad(&placed.layer)));
    let kept = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Architecture>(&kept).unwrap(), found);
}

#[test]
fn a_name_has_one_meaning_and_a_picture_is_of_numbers() {
    let mut twice = linear(&[1, 3, 2, 2]);
    let graph = twice.graph.as_mut().unwrap();
    graph.initializers.push(graph.initializers[1].clone());
    let said = refusal(&twice);
    assert!(said.contains("two of its tensors are called b"), "{said}");
    let given = vec![tensor("a", &[1, 3, 2, 2], vec![0.0; 12])];
    let said = refusal(&before_classes(node("Relu", &["x"], "a", &[]), given));
    assert!(said.contains("there without it"), "{said}");
    for numbers in [8, 9, 14] {
        let mut other = linear(&[1, 3, 2, 2]);
        let inputs = &mut other.graph.as_mut().unwrap().inputs;
        inputs[0]
            .of
            .as_mut()
            .unwrap()
            .tensor
            .as_mut()
            .unwrap()
            .numbers = numbers;
        let said = refusal(&other);
        assert!(said.contains("which are no picture"), "{said}");
    }
}
