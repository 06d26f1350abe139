//! What an imported network answers on the CPU.

use burn::tensor::{Device, Tensor, TensorData};
use foolscope::classifier::import::Imported;
use foolscope::classifier::network::Network;
use foolscope::classifier::{Classifier, one_hot};
use foolscope::task::{block_on, read};

fn open(imported: &Imported, picture: &[f32]) -> (Network, Tensor<4>) {
    let device = Device::flex();
    let network = Network::new(&imported.architecture, &imported.weights, &device).unwrap();
    let [c, h, w] = imported.architecture.input;
    let data = TensorData::new(picture.to_vec(), [1, c, h, w]);
    (network, Tensor::from_data(data, &device))
}

pub fn logits(imported: &Imported, picture: &[f32]) -> Option<Vec<f32>> {
    let (network, picture) = open(imported, picture);
    Some(block_on(async {
        read(network.logits(picture).await).await.unwrap()
    }))
}

/// Of some classes, one after the other.
pub fn gradients(imported: &Imported, picture: &[f32], classes: &[usize]) -> Vec<f32> {
    let (network, picture) = open(imported, picture);
    block_on(async {
        let pass = network.forward(picture).await;
        let cotangents = one_hot(&[classes.to_vec()], network.class_count(), network.device());
        read(pass.pull_back(cotangents).await).await.unwrap()
    })
}
