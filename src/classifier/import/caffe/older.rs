//! What files of the older kind, `V1LayerParameter`, call things.

/// The tag in [`super::messages::Layer`] of a field of the older `V1LayerParameter`.
pub fn of_older(tag: u32) -> Option<u32> {
    Some(match tag {
        1 => 2000,
        2 => 3,
        3 => 4,
        4 => 1,
        9 => 104,
        10 => 106,
        11 => 107,
        17 => 117,
        18 => 118,
        19 => 121,
        21 => 122,
        24 => 110,
        26 => 109,
        30 => 123,
        31 => 126,
        32 => 8,
        33 => 9,
        36 => 100,
        39 => 125,
        41 => 111,
        _ => return None,
    })
}

/// The older kind's types in the order of their numbers: the name there, and
/// the name since.
const OLDER_KINDS: [(&str, &str); 40] = [
    ("NONE", "None"),
    ("ACCURACY", "Accuracy"),
    ("BNLL", "BNLL"),
    ("CONCAT", "Concat"),
    ("CONVOLUTION", "Convolution"),
    ("DATA", "Data"),
    ("DROPOUT", "Dropout"),
    ("EUCLIDEAN_LOSS", "EuclideanLoss"),
    ("FLATTEN", "Flatten"),
    ("HDF5_DATA", "HDF5Data"),
    ("HDF5_OUTPUT", "HDF5Output"),
    ("IM2COL", "Im2col"),
    ("IMAGE_DATA", "ImageData"),
    ("INFOGAIN_LOSS", "InfogainLoss"),
    ("INNER_PRODUCT", "InnerProduct"),
    ("LRN", "LRN"),
    ("MULTINOMIAL_LOGISTIC_LOSS", "MultinomialLogisticLoss"),
    ("POOLING", "Pooling"),
    ("RELU", "ReLU"),
    ("SIGMOID", "Sigmoid"),
    ("SOFTMAX", "Softmax"),
    ("SOFTMAX_LOSS", "SoftmaxWithLoss"),
    ("SPLIT", "Split"),
    ("TANH", "TanH"),
    ("WINDOW_DATA", "WindowData"),
    ("ELTWISE", "Eltwise"),
    ("POWER", "Power"),
    ("SIGMOID_CROSS_ENTROPY_LOSS", "SigmoidCrossEntropyLoss"),
    ("HINGE_LOSS", "HingeLoss"),
    ("MEMORY_DATA", "MemoryData"),
    ("ARGMAX", "ArgMax"),
    ("THRESHOLD", "Threshold"),
    ("DUMMY_DATA", "DummyData"),
    ("SLICE", "Slice"),
    ("MVN", "MVN"),
    ("ABSVAL", "AbsVal"),
    ("SILENCE", "Silence"),
    ("CONTRASTIVE_LOSS", "ContrastiveLoss"),
    ("EXP", "Exp"),
    ("DECONVOLUTION", "Deconvolution"),
];

/// What the older kind's type of a number is called since.
pub fn older_kind(number: u64) -> Option<&'static str> {
    let index = usize::try_from(number).ok()?;
    OLDER_KINDS.get(index).map(|(_, kind)| *kind)
}

/// What a type is called since, if it is one of the older kind.
pub fn newer_name(kind: &str) -> &str {
    let found = OLDER_KINDS.iter().find(|(older, _)| *older == kind);
    found.map_or(kind, |(_, newer)| newer)
}
