//! The names in a pickle that are known. All others are passed over.

use crate::classifier::weights::number::Number;

/// What a name in a pickle stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Global {
    /// `collections.OrderedDict`
    Dict,
    /// `torch.Size`
    Size,
    /// `torch._utils._rebuild_tensor` and its later versions
    Tensor,
    /// The version that says the kind of numbers itself.
    TypedTensor,
    /// `torch._utils._rebuild_parameter`, which gives the tensor in it
    Parameter,
    /// `torch._tensor._rebuild_from_type_v2`, which makes one of the above
    OfType,
    /// Makes a tensor that is not read.
    Unread(Kind),
    /// A kind of numbers, or of storages of them.
    Kind(Kind),
    Unknown,
}

/// What numbers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    Float(Number),
    /// What it is called, and its size in bytes.
    Other(&'static str, u64),
}

impl Kind {
    pub fn size(self) -> u64 {
        match self {
            Kind::Float(number) => number.size(),
            Kind::Other(_, size) => size,
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Kind::Float(_) => "floats",
            Kind::Other(title, _) => title,
        }
    }
}

/// A storage's name, a number's, and what it is.
const KINDS: &[(&str, &str, Kind)] = &[
    ("FloatStorage", "float32", Kind::Float(Number::F32)),
    ("DoubleStorage", "float64", Kind::Float(Number::F64)),
    ("HalfStorage", "float16", Kind::Float(Number::F16)),
    ("BFloat16Storage", "bfloat16", Kind::Float(Number::Bf16)),
    ("LongStorage", "int64", Kind::Other("I64", 8)),
    ("IntStorage", "int32", Kind::Other("I32", 4)),
    ("ShortStorage", "int16", Kind::Other("I16", 2)),
    ("CharStorage", "int8", Kind::Other("I8", 1)),
    ("ByteStorage", "uint8", Kind::Other("U8", 1)),
    ("BoolStorage", "bool", Kind::Other("BOOL", 1)),
    ("", "uint16", Kind::Other("U16", 2)),
    ("", "uint32", Kind::Other("U32", 4)),
    ("", "uint64", Kind::Other("U64", 8)),
    ("", "float8_e4m3fn", Kind::Other("F8", 1)),
    ("", "float8_e5m2", Kind::Other("F8", 1)),
    ("ComplexFloatStorage", "complex64", Kind::Other("C64", 8)),
    (
        "ComplexDoubleStorage",
        "complex128",
        Kind::Other("C128", 16),
    ),
    ("QInt8Storage", "qint8", QUANTISED),
    ("QUInt8Storage", "quint8", QUANTISED),
    ("QUInt4x2Storage", "quint4x2", QUANTISED),
    ("QUInt2x4Storage", "quint2x4", QUANTISED),
    ("QInt32Storage", "qint32", Kind::Other("quantised", 4)),
    ("UntypedStorage", "", UNTYPED),
    ("_UntypedStorage", "", UNTYPED),
];

const QUANTISED: Kind = Kind::Other("quantised", 1);
const UNTYPED: Kind = Kind::Other("bytes", 1);

impl Global {
    /// By its module and its name there.
    pub fn of(module: &str, name: &str) -> Self {
        match (module, name) {
            ("collections", "OrderedDict") => Global::Dict,
            ("torch", "Size") => Global::Size,
            ("torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2") => Global::Tensor,
            ("torch._utils", "_rebuild_tensor_v3") => Global::TypedTensor,
            ("torch._utils", "_rebuild_parameter" | "_rebuild_parameter_with_state") => {
                Global::Parameter
            }
            ("torch._tensor", "_rebuild_from_type_v2") => Global::OfType,
            ("torch._utils", "_rebuild_qtensor") => Global::Unread(QUANTISED),
            ("torch._utils", "_rebuild_sparse_tensor") => Global::Unread(Kind::Other("sparse", 1)),
            ("torch" | "torch.cuda" | "torch.storage", name) => {
                let mut kinds = KINDS.iter();
                let found = kinds.find(|(storage, number, _)| [*storage, *number].contains(&name));
                found.map_or(Global::Unknown, |(.., kind)| Global::Kind(*kind))
            }
            _ => Global::Unknown,
        }
    }
}
