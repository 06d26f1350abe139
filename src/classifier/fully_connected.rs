//! The fully connected network of the DeepFool paper (Moosavi-Dezfooli et al.,
//! CVPR 2016, section 4.1): hidden layers of 500 and 150 units.

use super::architecture::{Activation, Architecture, Builder, Layer};

/// FC500-150-10: 28 × 28 grey digits in [0, 1], ten classes.
pub fn fc500_150_10() -> Architecture {
    let mut net = Builder::new([1, 28, 28]);
    let logits = net.chain(
        net.picture(),
        [
            Layer::Flatten,
            Layer::linear("fc1", 784, 500),
            Activation::Relu.into(),
            Layer::linear("fc2", 500, 150),
            Activation::Relu.into(),
            Layer::linear("fc3", 150, 10),
        ],
    );
    net.finish(logits)
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
