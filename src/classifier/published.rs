//! Where the weights of well-known networks are published, by whom, and how
//! accurate they are said to be. A person fetches such a file and brings it.

/// A file of weights that others publish.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Published {
    /// Who publishes it.
    pub project: &'static str,
    pub file: &'static str,
    /// Of the file, where its publisher says it.
    pub megabytes: Option<f64>,
    /// Of the weights, in the publisher's words; empty where none is given.
    pub licence: &'static str,
    /// On ImageNet's validation set, in percent, of one crop in the middle.
    pub top_1: Option<f64>,
    pub top_5: Option<f64>,
    /// How pixels go in: the id of a preset of [`super::import::preset`].
    pub preset: &'static str,
}

// torchvision, which publishes no licence of the weights, gives sizes in MiB, and
// so do the VGG and ResNet pages of the ONNX model zoo.
const CAFFE: &str = "BVLC Caffe model zoo";
const OXFORD: &str = "Visual Geometry Group, University of Oxford";
const ONNX: &str = "ONNX model zoo";
const TORCHVISION: &str = "torchvision";

pub const CAFFENET: &[Published] = &[
    Published {
        project: CAFFE,
        file: "bvlc_reference_caffenet.caffemodel",
        megabytes: None,
        licence: "unrestricted use",
        top_1: Some(57.4),
        top_5: Some(80.4),
        preset: "caffe",
    },
    Published {
        project: ONNX,
        file: "caffenet-9.onnx",
        megabytes: Some(238.0),
        licence: "BSD-3-Clause",
        top_1: Some(57.4),
        top_5: Some(80.4),
        preset: "caffe",
    },
];

pub const VGG_F: &[Published] = &[Published {
    project: OXFORD,
    file: "VGG_CNN_F.caffemodel",
    megabytes: None,
    licence: "non-commercial use only",
    top_1: None,
    top_5: None,
    preset: "caffe",
}];

pub const VGG_16: &[Published] = &[
    Published {
        project: TORCHVISION,
        file: "vgg16-397923af.pth",
        megabytes: Some(527.8 * 1.048576),
        licence: "",
        top_1: Some(71.592),
        top_5: Some(90.382),
        preset: "torchvision",
    },
    Published {
        project: OXFORD,
        file: "VGG_ILSVRC_16_layers.caffemodel",
        megabytes: None,
        licence: "CC BY 4.0",
        // As the authors of ResNet measured it.
        top_1: Some(71.5),
        top_5: Some(90.1),
        preset: "caffe",
    },
    Published {
        project: ONNX,
        file: "vgg16-7.onnx",
        megabytes: Some(527.8 * 1.048576),
        licence: "Apache-2.0",
        top_1: Some(72.62),
        top_5: Some(91.14),
        preset: "torchvision",
    },
];

pub const VGG_19: &[Published] = &[
    Published {
        project: TORCHVISION,
        file: "vgg19-dcbb9e9d.pth",
        megabytes: Some(548.1 * 1.048576),
        licence: "",
        top_1: Some(72.376),
        top_5: Some(90.876),
        preset: "torchvision",
    },
    Published {
        project: OXFORD,
        file: "VGG_ILSVRC_19_layers.caffemodel",
        megabytes: None,
        licence: "CC BY 4.0",
        top_1: None,
        top_5: None,
        preset: "caffe",
    },
    Published {
        project: ONNX,
        file: "vgg19-7.onnx",
        megabytes: Some(548.1 * 1.048576),
        licence: "Apache-2.0",
        top_1: Some(73.72),
        top_5: Some(91.58),
        preset: "torchvision",
    },
];

pub const GOOGLENET: &[Published] = &[
    Published {
        project: TORCHVISION,
        file: "googlenet-1378be20.pth",
        // With the two classifiers at the side, or its publisher counts so.
        megabytes: None,
        licence: "",
        top_1: Some(69.778),
        top_5: Some(89.53),
        preset: "tensorflow",
    },
    Published {
        project: CAFFE,
        file: "bvlc_googlenet.caffemodel",
        megabytes: None,
        licence: "unrestricted use",
        top_1: Some(68.7),
        top_5: Some(88.9),
        preset: "caffe",
    },
    Published {
        project: ONNX,
        file: "googlenet-9.onnx",
        megabytes: Some(28.0),
        licence: "BSD-3-Clause",
        top_1: Some(68.7),
        top_5: Some(88.9),
        preset: "caffe",
    },
];

pub const RESNET_152: &[Published] = &[
    Published {
        project: TORCHVISION,
        file: "resnet152-394f9c45.pth",
        megabytes: Some(230.4 * 1.048576),
        licence: "",
        top_1: Some(78.312),
        top_5: Some(94.046),
        preset: "torchvision",
    },
    Published {
        project: "KaimingHe/deep-residual-networks",
        file: "ResNet-152-model.caffemodel",
        megabytes: None,
        licence: "",
        top_1: Some(77.0),
        top_5: Some(93.3),
        preset: "caffe",
    },
    Published {
        project: ONNX,
        file: "resnet152-v1-7.onnx",
        megabytes: Some(230.6 * 1.048576),
        licence: "Apache-2.0",
        top_1: Some(77.11),
        top_5: Some(93.61),
        preset: "torchvision",
    },
];
