//! A network of one's own: a value, put together of layers.

use foolscope::classifier::architecture::{Architecture, Builder, Layer};

/// Two grey pixels by two, two classes, one linear layer.
pub fn two_halves() -> Architecture {
    let mut net = Builder::new([1, 2, 2]);
    let flat = net.then(net.picture(), Layer::Flatten);
    let logits = net.then(flat, Layer::linear("fc", 4, 2));
    net.finish(logits)
}
