//! Every layer of the vocabulary, and networks put together of them by chance,
//! for the tests of the fast walks.

use super::architecture::{
    Activation, Architecture, Builder, Convolution, EACH, Layer, Padding, Shape, Value, Window,
};
use super::drawn::sequence;

/// What is done with each network.
type Check<'a> = &'a mut dyn FnMut(&Architecture);

/// Checks a layer of one input behind a convolution, so that it sees negative
/// numbers and others than the picture's.
fn alone(check: Check, shape: Shape, layer: Layer) {
    let before = Convolution::new("before", shape[0], shape[0], 1);
    check(&sequence(shape, vec![before.into(), layer, Layer::Flatten]));
}

pub(super) fn every_activation(check: Check) {
    let positive = |activation: &Activation| {
        matches!(
            activation,
            Activation::Logarithm
                | Activation::SquareRoot
                | Activation::Reciprocal
                | Activation::Power { .. }
        )
    };
    let (positive, all): (Vec<_>, Vec<_>) = EACH.into_iter().partition(positive);
    for activation in all {
        alone(check, [3, 5, 7], activation.into());
    }
    // Those of positive numbers alone.
    for activation in positive {
        let layers = [
            Activation::Softplus.into(),
            activation.into(),
            Layer::Flatten,
        ];
        check(&sequence([3, 5, 7], layers.to_vec()));
    }
}

pub(super) fn every_layer_of_one_input(check: Check) {
    let name = || "layer".to_owned();
    for layer in [
        Layer::LinearRows {
            name: name(),
            input: 8,
            output: 5,
        },
        Layer::ChannelAffine {
            name: name(),
            channels: 6,
        },
        Layer::ParametricRelu {
            name: name(),
            channels: 6,
        },
        Layer::GlobalAverage,
        Layer::GlobalMax,
        Layer::Mean {
            axes: [true, false, true],
        },
        Layer::Mean {
            axes: [false, false, true],
        },
        Layer::Mean {
            axes: [true, true, false],
        },
        Layer::LocalResponse {
            size: 4,
            alpha: 0.7,
            beta: 0.75,
            k: 1.5,
        },
        Layer::LayerNorm {
            name: name(),
            size: 8,
            epsilon: 1e-5,
        },
        Layer::LayerNorm {
            name: name(),
            size: 7 * 8,
            epsilon: 1e-3,
        },
        Layer::LayerNorm {
            name: name(),
            size: 6 * 7 * 8,
            epsilon: 1e-3,
        },
        Layer::Softmax { axis: 0 },
        Layer::Softmax { axis: 1 },
        Layer::Softmax { axis: 2 },
        Layer::Reshape([8, 6, 7]),
        Layer::Transpose {
            from: vec![6, 7, 8],
            order: vec![2, 0, 1],
            to: [8, 6, 7],
        },
        Layer::Transpose {
            from: vec![2, 3, 7, 2, 4],
            order: vec![3, 1, 0, 4, 2],
            to: [6, 2, 28],
        },
        Layer::Slice {
            axis: 0,
            start: 1,
            step: 2,
            length: 2,
        },
        Layer::Slice {
            axis: 1,
            start: 0,
            step: 3,
            length: 3,
        },
        Layer::Slice {
            axis: 2,
            start: 5,
            step: 1,
            length: 3,
        },
        Layer::Pad {
            before: [0, 1, 2],
            after: [1, 0, 3],
            with: Padding::Value(0.5),
        },
        Layer::Pad {
            before: [2, 1, 0],
            after: [0, 3, 2],
            with: Padding::Edge,
        },
        Layer::Pad {
            before: [0, 2, 1],
            after: [3, 0, 7],
            with: Padding::Reflect,
        },
    ] {
        alone(check, [6, 7, 8], layer);
    }
}

pub(super) fn pooling_of_every_kind(check: Check) {
    for kernel in [[2, 2], [3, 2], [1, 3]] {
        for stride in [[1, 1], [2, 1], [3, 3]] {
            for padding in [[(0, 0); 2], [(1, 1); 2], [(0, 1), (1, 0)]] {
                for dilation in [[1, 1], [2, 1]] {
                    for (ceil, counts_padding) in [(false, false), (true, false), (true, true)] {
                        if (0..2).any(|axis| padding[axis].0.max(padding[axis].1) >= kernel[axis]) {
                            continue;
                        }
                        let window = Window {
                            kernel,
                            stride,
                            padding,
                            dilation,
                            ceil,
                            counts_padding,
                        };
                        alone(check, [2, 7, 8], Layer::MaxPool(window));
                        alone(check, [2, 7, 8], Layer::AveragePool(window));
                    }
                }
            }
        }
    }
}

pub(super) fn dilated_convolutions(check: Check) {
    for (groups, dilation, stride) in [(1, 2, 1), (2, 3, 1), (4, 2, 2), (1, 2, 3)] {
        let conv = Convolution::new("conv", 4, 8, 3)
            .groups(groups)
            .dilation(dilation)
            .stride(stride);
        for (before, after) in [(0, 0), (2, 1), (7, 7)] {
            let conv = conv.clone().padding(before, after);
            let layers = vec![conv.into(), Activation::Relu.into(), Layer::Flatten];
            check(&sequence([4, 11, 9], layers));
        }
    }
}

pub(super) fn layers_of_two_inputs(check: Check) {
    let constant = |shape| Layer::Constant {
        name: "constant".into(),
        shape,
    };
    // What is repeated, on either side; and a value with itself.
    for shape in [[3, 4, 5], [3, 1, 1], [1, 4, 1], [1, 1, 5], [1, 1, 1]] {
        for layer in [Layer::Add, Layer::Subtract, Layer::Multiply, Layer::Divide] {
            for (first, second) in [(0, 1), (1, 0), (0, 0)] {
                let mut net = Builder::new([3, 4, 5]).normalised(&[-1.0; 3], &[0.5; 3]);
                let x = net.picture();
                // Above 0, to be divided by.
                let c = net.add(constant(shape), &[]);
                let c = net.then(c, Activation::Exponential);
                let values = [x, c];
                let y = net.add(layer.clone(), &[values[first], values[second]]);
                let y = net.add(Layer::Concatenate { axis: 1 }, &[y, x]);
                check(&net.finish(y));
            }
        }
    }
    // Both of the picture.
    for axes in [[false, true, true], [true, false, false]] {
        for layer in [Layer::Add, Layer::Subtract, Layer::Multiply, Layer::Divide] {
            let mut net = Builder::new([3, 4, 5]).normalised(&[-1.0; 3], &[0.5; 3]);
            let mean = net.then(net.picture(), Layer::Mean { axes });
            let y = net.add(layer, &[net.picture(), mean]);
            check(&net.finish(y));
        }
    }
    for axis in 0..3 {
        let mut net = Builder::new([3, 3, 3]);
        let x = net.picture();
        let y = net.then(x, Activation::Tanh);
        let c = net.add(constant([3, 3, 3]), &[]);
        let y = net.add(Layer::Concatenate { axis }, &[y, x, c, y]);
        check(&net.finish(y));
    }
    for (a, b) in [
        ([3, 4, 5], [3, 5, 6]),
        ([1, 4, 5], [2, 5, 3]),
        ([2, 4, 5], [1, 5, 20]),
    ] {
        let size = |shape: Shape| shape.iter().product::<usize>();
        let mut net = Builder::new([1, 1, 200]);
        let part = |net: &mut Builder, start, shape| {
            let length = size(shape);
            let x = net.then(
                net.picture(),
                Layer::Slice {
                    axis: 2,
                    start,
                    step: 1,
                    length,
                },
            );
            net.then(x, Layer::Reshape(shape))
        };
        let first = part(&mut net, 0, a);
        let second = part(&mut net, 7, b);
        let y = net.add(Layer::MatrixProduct, &[first, second]);
        check(&net.finish(y));
    }
}

/// Attention as transformers have it: heads of tokens, with a learned token and
/// positions.
pub(super) fn attention(check: Check) {
    let rows = |name: &str, input, output| Layer::LinearRows {
        name: name.into(),
        input,
        output,
    };
    let (tokens, width, heads) = (7, 12, 3);
    let mut net = Builder::new([3, 4, 6]);
    let x = net.then(
        net.picture(),
        Convolution::new("patches", 3, width, 2).stride(2),
    );
    let to = [1, 6, width];
    let from = vec![width, 6];
    let order = vec![1, 0];
    let x = net.then(x, Layer::Transpose { from, order, to });
    let class = net.add(
        Layer::Constant {
            name: "class".into(),
            shape: [1, 1, width],
        },
        &[],
    );
    let x = net.add(Layer::Concatenate { axis: 1 }, &[class, x]);
    let shape = [1, tokens, width];
    let positions = net.add(
        Layer::Constant {
            name: "positions".into(),
            shape,
        },
        &[],
    );
    let x = net.add(Layer::Add, &[x, positions]);
    let norm = |name: &str| Layer::LayerNorm {
        name: name.into(),
        size: width,
        epsilon: 1e-6,
    };
    let y = net.then(x, norm("norm1"));
    let split = |net: &mut Builder, y, name: &str, order: [usize; 3], to| {
        let y = net.then(y, rows(name, width, width));
        let from = vec![tokens, heads, width / heads];
        net.then(
            y,
            Layer::Transpose {
                from,
                order: order.to_vec(),
                to,
            },
        )
    };
    let q = split(&mut net, y, "q", [1, 0, 2], [heads, tokens, width / heads]);
    let k = split(&mut net, y, "k", [1, 2, 0], [heads, width / heads, tokens]);
    let v = split(&mut net, y, "v", [1, 0, 2], [heads, tokens, width / heads]);
    let scores = net.add(Layer::MatrixProduct, &[q, k]);
    let scores = net.then(
        scores,
        Activation::Affine {
            scale: 0.5,
            shift: 0.0,
        },
    );
    let weights = net.then(scores, Layer::Softmax { axis: 2 });
    let y = net.add(Layer::MatrixProduct, &[weights, v]);
    let from = vec![heads, tokens, width / heads];
    let y = net.then(
        y,
        Layer::Transpose {
            from,
            order: vec![1, 0, 2],
            to: shape,
        },
    );
    let y = net.then(y, rows("out", width, width));
    let x = net.add(Layer::Add, &[y, x]);
    let y = net.then(x, norm("norm2"));
    let y = net.chain(
        y,
        [
            rows("up", width, 20),
            Activation::Gelu.into(),
            rows("down", 20, width),
        ],
    );
    let x = net.add(Layer::Add, &[y, x]);
    let x = net.then(
        x,
        Layer::Slice {
            axis: 1,
            start: 0,
            step: 1,
            length: 1,
        },
    );
    let x = net.then(x, rows("head", width, 5));
    check(&net.finish(x));
}

pub(super) fn squeeze_and_excite_with_a_channel_shuffle(check: Check) {
    let mut net = Builder::new([4, 6, 6]);
    let x = net.then(net.picture(), Convolution::new("a", 4, 8, 3).padding(1, 1));
    let x = net.then(x, Activation::HardSwish);
    let from = vec![2, 4, 6, 6];
    let x = net.then(
        x,
        Layer::Transpose {
            from,
            order: vec![1, 0, 2, 3],
            to: [8, 6, 6],
        },
    );
    let s = net.chain(
        x,
        [
            Layer::GlobalAverage,
            Convolution::new("squeeze", 8, 3, 1).into(),
            Activation::Relu.into(),
            Convolution::new("excite", 3, 8, 1).into(),
            Activation::HardSigmoid {
                alpha: 1.0 / 6.0,
                beta: 0.5,
            }
            .into(),
        ],
    );
    let x = net.add(Layer::Multiply, &[s, x]);
    check(&net.finish(x));
}

pub(super) fn what_does_not_reach_the_logits_or_the_picture_costs_nothing_and_harms_nothing(
    check: Check,
) {
    let mut net = Builder::new([2, 3, 3]);
    let x = net.picture();
    let _unused = net.then(x, Convolution::new("unused", 2, 3, 1));
    let c = net.add(
        Layer::Constant {
            name: "c".into(),
            shape: [2, 3, 3],
        },
        &[],
    );
    let d = net.then(c, Activation::Sigmoid);
    let d = net.add(Layer::Multiply, &[d, c]);
    let x = net.add(Layer::Multiply, &[x, d]);
    let y = net.then(x, Activation::Relu);
    // Read by two, so its rectifier is a step of its own.
    let x = net.add(Layer::Subtract, &[y, x]);
    check(&net.finish(x));
}

/// A network of up to a dozen layers, each of values made before.
pub(super) fn by_chance(choices: &[(u8, usize, usize)]) -> Architecture {
    let mut net = Builder::new([4, 6, 5]).normalised(&[0.45; 4], &[0.25; 4]);
    let mut values: Vec<(Value, Shape)> = vec![(net.picture(), [4, 6, 5])];
    for (index, &(kind, first, second)) in choices.iter().enumerate() {
        let (x, shape) = values[first % values.len()];
        let [c, h, w] = shape;
        let name = format!("layer{index}");
        let window = Window::new(2, 1 + second % 2).ceil();
        let activations = [
            Activation::Relu,
            Activation::Relu6,
            Activation::Tanh,
            Activation::Silu,
            Activation::Gelu,
        ];
        let layer: Layer = match kind % 12 {
            0 => Convolution::new(name, c, 1 + second % 6, 1).into(),
            1 => Convolution::new(name, c, 2 * (1 + second % 3), 3)
                .padding(1, 1)
                .into(),
            2 => Convolution::new(name, c, c, 3)
                .depthwise()
                .padding(1, 1)
                .stride(1 + second % 2)
                .into(),
            3 => activations[second % activations.len()].into(),
            4 => Layer::MaxPool(window),
            5 => Layer::AveragePool(window),
            6 => Layer::ChannelAffine { name, channels: c },
            7 => Layer::LayerNorm {
                name,
                size: w,
                epsilon: 1e-2,
            },
            8 => Layer::Softmax { axis: second % 3 },
            9 => Layer::LinearRows {
                name,
                input: w,
                output: 1 + second % 5,
            },
            10 => Layer::Transpose {
                from: shape.to_vec(),
                order: vec![0, 2, 1],
                to: [c, w, h],
            },
            // Two values of one shape, or one and its mean.
            _ => {
                let other = values
                    .iter()
                    .rev()
                    .find(|(value, of)| *of == shape && *value != x);
                let other = match other {
                    Some((other, _)) => *other,
                    None => net.then(x, Layer::GlobalAverage),
                };
                let layers = [Layer::Add, Layer::Multiply, Layer::Subtract];
                let y = net.add(layers[second % 3].clone(), &[x, other]);
                values.push((y, shape));
                continue;
            }
        };
        let Ok(output) = layer.output_shape(&[shape]) else {
            continue;
        };
        let y = net.then(x, layer);
        values.push((y, output));
    }
    // All of it reaches the logits.
    let parts = values.iter().map(|&(value, _)| value);
    let parts: Vec<Value> = parts.collect();
    let flat: Vec<Value> = parts
        .into_iter()
        .map(|value| net.then(value, Layer::Flatten))
        .collect();
    let x = net.add(Layer::Concatenate { axis: 0 }, &flat);
    let inputs = values
        .iter()
        .map(|(_, shape)| shape.iter().product::<usize>())
        .sum();
    let x = net.then(x, Layer::linear("logits", inputs, 6));
    net.finish(x)
}
