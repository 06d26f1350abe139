//! The fully connected network of the DeepFool paper (Moosavi-Dezfooli et al.,
//! CVPR 2016, section 4.1): hidden layers of 500 and 150 units.

use super::architecture::{Architecture, Layer, Node};

/// FC500-150-10: 28 × 28 grey digits in [0, 1], ten classes.
pub fn fc500_150_10() -> Architecture {
    let linear = |name: &str, input, output| -> Node {
        Layer::Linear {
            name: name.into(),
            input,
            output,
        }
        .into()
    };
    Architecture {
        input: [1, 28, 28],
        mean: vec![0.0],
        std: vec![1.0],
        body: Node::Sequence(vec![
            Layer::Flatten.into(),
            linear("fc1", 784, 500),
            Layer::Relu.into(),
            linear("fc2", 500, 150),
            Layer::Relu.into(),
            linear("fc3", 150, 10),
        ]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_the_size_of_its_name() {
        let network = fc500_150_10();
        assert_eq!(network.classes(), Ok(10));
        assert_eq!(network.parameters(), 784 * 500 + 500 * 150 + 150 * 10 + 660);
    }
}
