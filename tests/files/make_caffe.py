"""Makes small Caffe networks with weights drawn from a seed, and what OpenCV's
importer answers to a picture with them: python3 make_caffe.py (it needs NumPy
and opencv-python-headless 4, the last with an importer for Caffe).

For each network NAME in caffe/: NAME.caffemodel, NAME.prototxt and NAME.f32,
which holds the picture and then the answers. The encoder of protobuf messages
below writes what caffe.proto says; Caffe is not needed."""

import struct
from pathlib import Path

import cv2
import numpy as np

folder = Path(__file__).parent / "caffe"

# Field numbers of caffe.proto and how each is written: (s)tring, (i)nteger,
# (f)loat, (b)ool, (e)num, or the fields of a message.
SHAPE = {"dim": (1, "i")}
RULE = {"phase": (1, {"TRAIN": 0, "TEST": 1})}
PARAMETERS = {
    "transform_param": {"scale": (1, "f"), "crop_size": (3, "i"), "mean_file": (4, "s"), "mean_value": (5, "f")},
    "concat_param": {"axis": (2, "i"), "concat_dim": (1, "i")},
    "convolution_param": {
        "num_output": (1, "i"), "bias_term": (2, "b"), "pad": (3, "i"), "kernel_size": (4, "i"),
        "group": (5, "i"), "stride": (6, "i"), "pad_h": (9, "i"), "pad_w": (10, "i"), "kernel_h": (11, "i"),
        "kernel_w": (12, "i"), "stride_h": (13, "i"), "stride_w": (14, "i"), "dilation": (18, "i"),
    },
    "eltwise_param": {"operation": (1, {"PROD": 0, "SUM": 1, "MAX": 2}), "coeff": (2, "f")},
    "exp_param": {"base": (1, "f"), "scale": (2, "f"), "shift": (3, "f")},
    "log_param": {"base": (1, "f"), "scale": (2, "f"), "shift": (3, "f")},
    "inner_product_param": {"num_output": (1, "i"), "bias_term": (2, "b"), "axis": (5, "i"), "transpose": (6, "b")},
    "lrn_param": {"local_size": (1, "i"), "alpha": (2, "f"), "beta": (3, "f")},
    "pooling_param": {
        "pool": (1, {"MAX": 0, "AVE": 1}), "kernel_size": (2, "i"), "stride": (3, "i"), "pad": (4, "i"),
        "global_pooling": (12, "b"), "kernel_h": (5, "i"), "kernel_w": (6, "i"), "stride_h": (7, "i"), "stride_w": (8, "i"),
    },
    "power_param": {"power": (1, "f"), "scale": (2, "f"), "shift": (3, "f")},
    "relu_param": {"negative_slope": (1, "f")},
    "softmax_param": {"axis": (2, "i")},
    "slice_param": {"slice_point": (2, "i"), "axis": (3, "i")},
    "prelu_param": {"channel_shared": (2, "b")},
    "reshape_param": {"shape": (1, SHAPE)},
    "flatten_param": {"axis": (1, "i")},
    "batch_norm_param": {"eps": (3, "f"), "use_global_stats": (1, "b")},
    "elu_param": {"alpha": (1, "f")},
    "scale_param": {"axis": (1, "i"), "bias_term": (4, "b")},
    "input_param": {"shape": (1, SHAPE)},
    "include": RULE,
}
NUMBERS = {
    "transform_param": 100, "concat_param": 104, "convolution_param": 106, "eltwise_param": 110, "exp_param": 111,
    "inner_product_param": 117, "lrn_param": 118, "pooling_param": 121, "power_param": 122, "relu_param": 123,
    "softmax_param": 125, "slice_param": 126, "prelu_param": 131, "reshape_param": 133, "log_param": 134,
    "flatten_param": 135, "batch_norm_param": 139, "elu_param": 140, "scale_param": 142, "input_param": 143, "include": 8,
}
OLDER_NUMBERS = {
    "concat_param": 9, "convolution_param": 10, "inner_product_param": 17, "lrn_param": 18, "pooling_param": 19,
    "power_param": 21, "eltwise_param": 24, "relu_param": 30, "slice_param": 31, "include": 32,
    "transform_param": 36, "softmax_param": 39,
}
OLDER_KINDS = {
    "Concat": ("CONCAT", 3), "Convolution": ("CONVOLUTION", 4), "Data": ("DATA", 5), "Dropout": ("DROPOUT", 6),
    "Flatten": ("FLATTEN", 8), "InnerProduct": ("INNER_PRODUCT", 14), "LRN": ("LRN", 15), "Pooling": ("POOLING", 17),
    "ReLU": ("RELU", 18), "Softmax": ("SOFTMAX", 20), "TanH": ("TANH", 23), "Eltwise": ("ELTWISE", 25),
}


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    if isinstance(value, bytes):
        return varint(number << 3 | 2) + varint(len(value)) + value
    return varint(number << 3) + varint(value & (1 << 64) - 1)


def message(fields, schema):
    out = b""
    for name, values in fields.items():
        number, kind = schema[name]
        for value in values if isinstance(values, list) else [values]:
            if kind == "s":
                out += field(number, value.encode())
            elif kind == "f":
                out += varint(number << 3 | 5) + struct.pack("<f", value)
            elif isinstance(kind, dict) and isinstance(value, str):
                out += field(number, kind[value])
            elif isinstance(kind, dict):
                out += field(number, message(value, kind))
            else:
                out += field(number, int(value))
    return out


def text(fields, schema, indent):
    out = ""
    for name, values in fields.items():
        _, kind = schema[name]
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, dict):
                out += f"{indent}{name} {{\n{text(value, kind, indent + '  ')}{indent}}}\n"
                continue
            if kind == "s":
                value = f'"{value}"'
            elif kind == "b":
                value = "true" if value else "false"
            out += f"{indent}{name}: {value}\n"
    return out


def packed(number, values):
    return field(number, values.astype("<f4").tobytes())


def blob(values, form):
    """An array as a BlobProto, in one of the ways in which it can be written."""
    shape = b"".join(varint(size) for size in values.shape)
    flat = values.ravel()
    if form == "older":
        sizes = [1] * (4 - values.ndim) + list(values.shape)
        return b"".join(field(1 + axis, size) for axis, size in enumerate(sizes)) + packed(5, flat)
    whole = field(7, field(1, shape))
    if form == "doubles":
        return field(8, flat.astype("<f8").tobytes()) + whole
    if form == "unpacked":
        return whole + b"".join(varint(5 << 3 | 5) + struct.pack("<f", value) for value in flat)
    return whole + packed(5, flat)


def net_text(net):
    out = f'name: "{net["name"]}"\n'
    older = net.get("older", False)
    if "input" in net:
        out += 'input: "data"\n' + "".join(f"input_dim: {size}\n" for size in (1, *net["input"]))
    for layer in net["layers"]:
        out += "layers {\n" if older else "layer {\n"
        kind = OLDER_KINDS[layer["type"]][0] if older else '"' + layer["type"] + '"'
        out += f'  name: "{layer["name"]}"\n  type: {kind}\n'
        out += "".join(f'  {end}: "{name}"\n' for end in ("bottom", "top") for name in layer[end])
        for name, fields in layer["parameters"].items():
            out += f"  {name} {{\n{text(fields, PARAMETERS[name], '    ')}  }}\n"
        out += "}\n"
    return out


def net_bytes(net):
    out = field(1, net["name"].encode())
    older = net.get("older", False)
    if "input" in net:
        out += field(3, b"data") + b"".join(field(4, size) for size in (1, *net["input"]))
    for layer in net["layers"]:
        ends = (2, 3, 4) if older else (3, 4, 1)
        body = b"".join(field(ends[0], name.encode()) for name in layer["bottom"])
        body += b"".join(field(ends[1], name.encode()) for name in layer["top"])
        body += field(ends[2], layer["name"].encode())
        body += field(5, OLDER_KINDS[layer["type"]][1]) if older else field(2, layer["type"].encode())
        for values in layer["blobs"]:
            body += field(6 if older else 7, blob(values, net["form"]))
        numbers = OLDER_NUMBERS if older else NUMBERS
        for name, fields in layer["parameters"].items():
            body += field(numbers[name], message(fields, PARAMETERS[name]))
        out += field(2 if older else 100, body)
    return out


random = np.random.RandomState(18)


def numbers(*shape, reach=None):
    inputs = int(np.prod(shape[1:])) or 1
    reach = reach or (3 / inputs) ** 0.5
    return random.uniform(-reach, reach, shape).astype(np.float32)


def layer(kind, name, bottom, top, blobs=(), **parameters):
    ends = [[end] if isinstance(end, str) else end for end in (bottom, top)]
    parameters = {("include" if key == "include" else f"{key}_param"): it for key, it in parameters.items()}
    return {"type": kind, "name": name, "bottom": ends[0], "top": ends[1], "blobs": list(blobs), "parameters": parameters}


def conv(name, bottom, top, inputs, outputs, kernel, bias=True, **more):
    kernel = kernel if isinstance(kernel, tuple) else (kernel, kernel)
    blobs = [numbers(outputs, inputs // more.get("group", 1), *kernel)] + [numbers(outputs, reach=0.5)] * bias
    sizes = {"kernel_size": kernel[0]} if kernel[0] == kernel[1] else {"kernel_h": kernel[0], "kernel_w": kernel[1]}
    fields = {"num_output": outputs, **({} if bias else {"bias_term": False}), **sizes, **more}
    return layer("Convolution", name, bottom, top, blobs, convolution=fields)


def linear(name, bottom, top, inputs, outputs, transpose=False):
    weight = numbers(outputs, inputs)
    more = {"transpose": True} if transpose else {}
    blobs = [weight.T.copy() if transpose else weight, numbers(outputs, reach=0.5)]
    return layer("InnerProduct", name, bottom, top, blobs, inner_product={"num_output": outputs, **more})


def norm(name, at, channels):
    """BatchNorm and Scale in place; the statistics are sums over 4 batches."""
    factor = np.float32(4)
    statistics = [numbers(channels, reach=1) * factor, (numbers(channels, reach=0.5) + 1) * factor, np.array([factor])]
    return [
        layer("BatchNorm", f"bn_{name}", at, at, statistics, batch_norm={"eps": 1e-3, "use_global_stats": True}),
        layer("Scale", f"scale_{name}", at, at, [numbers(channels, reach=0.5) + 1, numbers(channels, reach=0.5)], scale={"bias_term": True}),
    ]


def pool(name, bottom, top, how, **more):
    return layer("Pooling", name, bottom, top, pooling={"pool": how, **more})


# No LRN has a k here: OpenCV's importer takes it for 1.
layers_of_pictures = {
    "name": "pictures",
    "form": "packed",
    "layers": [
        layer("Input", "data", [], "data", input={"shape": {"dim": [1, 3, 17, 15]}}),
        conv("conv1", "data", "conv1", 3, 8, 3, stride=2, pad=1),
        *norm("conv1", "conv1", 8),
        layer("ReLU", "relu1", "conv1", "conv1"),
        pool("pool1", "conv1", "pool1", "MAX", kernel_size=3, stride=2),
        layer("LRN", "norm1", "pool1", "norm1", lrn={"local_size": 5, "alpha": 0.5, "beta": 0.75}),
        conv("conv2", "norm1", "conv2", 8, 12, (3, 1), bias=False, group=2, pad_h=1, pad_w=0),
        *norm("conv2", "conv2", 12),
        layer("PReLU", "prelu2", "conv2", "conv2", [numbers(12, reach=0.5)]),
        layer("Split", "split", "conv2", ["left", "middle", "right"]),
        conv("dilated", "left", "dilated", 12, 6, 3, pad=2, dilation=2),
        conv("point", "middle", "point", 12, 5, 1),
        layer("ELU", "elu", "point", "point", elu={"alpha": 0.7}),
        pool("mean3", "right", "mean3", "AVE", kernel_size=3, stride=1, pad=1),
        layer("Concat", "joined", ["dilated", "point", "mean3"], "joined", concat={"axis": 1}),
        layer("ReLU", "leaky", "joined", "joined", relu={"negative_slope": 0.125}),
        pool("mean2", "joined", "mean2", "AVE", kernel_size=3, stride=2, pad=1),
        pool("squeezed", "mean2", "squeezed", "AVE", global_pooling=True),
        linear("excite", "squeezed", "excite", 23, 23),
        layer("Sigmoid", "sigmoid", "excite", "excite"),
        layer("Scale", "excited", ["mean2", "excite"], "excited", scale={"axis": 0}),
        pool("wide", "excited", "wide", "MAX", kernel_h=2, kernel_w=3, stride_h=1, stride_w=2),
        layer("Dropout", "drop", "wide", "wide"),
        layer("Flatten", "flat", "wide", "flat"),
        linear("fc", "flat", "fc", 46, 10),
        layer("Softmax", "prob", "fc", "prob"),
    ],
}

layers_of_numbers = {
    "name": "numbers",
    "form": "doubles",
    "input": (3, 6, 5),
    "layers": [
        conv("conv", "data", "conv", 3, 6, 1),
        layer("Slice", "slice", "conv", ["a", "b", "c"], slice={"axis": 1, "slice_point": [2, 4]}),
        layer("TanH", "tanh", "a", "a"),
        layer("AbsVal", "abs", "b", "b"),
        layer("Power", "power", "b", "cube", power={"power": 3.0, "scale": 0.5, "shift": 0.25}),
        layer("Power", "line", "c", "line", power={"scale": 2.0, "shift": -0.5}),
        layer("Exp", "exp", "c", "exp", exp={"base": 2.0, "scale": 0.5, "shift": 0.25}),
        layer("Eltwise", "sum", ["a", "cube"], "sum", eltwise={"operation": "SUM", "coeff": [0.5, -2.0]}),
        layer("Eltwise", "product", ["sum", "line"], "product", eltwise={"operation": "PROD"}),
        layer("Eltwise", "largest", ["product", "exp", "b"], "largest", eltwise={"operation": "MAX"}),
        layer("Eltwise", "all", ["largest", "line", "a"], "all"),
        layer("Reshape", "lines", "all", "lines", reshape={"shape": {"dim": [0, -1, 3, 5]}}),
        conv("last", "lines", "last", 4, 4, 3),
        layer("Reshape", "answers", "last", "answers", reshape={"shape": {"dim": [0, -1]}}),
    ],
}

older = {
    "name": "older",
    "form": "older",
    "older": True,
    "input": (3, 12, 12),
    "layers": [
        conv("conv1", "data", "conv1", 3, 6, 3, pad=1),
        layer("ReLU", "relu1", "conv1", "conv1"),
        pool("pool1", "conv1", "pool1", "MAX", kernel_size=2, stride=2),
        layer("LRN", "norm1", "pool1", "norm1", lrn={"local_size": 3, "alpha": 1.5, "beta": 0.5}),
        conv("conv2", "norm1", "conv2", 6, 6, 3, pad=1, group=3),
        layer("Eltwise", "sum", ["norm1", "conv2"], "sum", eltwise={"operation": "SUM"}),
        layer("Concat", "both", ["sum", "conv2"], "both"),
        linear("fc1", "both", "fc1", 432, 8),
        layer("TanH", "tanh", "fc1", "fc1"),
        layer("Dropout", "drop", "fc1", "fc1"),
        linear("fc2", "fc1", "fc2", 8, 5),
        layer("Softmax", "prob", "fc2", "prob"),
    ],
}

# A network as training saves it, with its data, its labels and its losses, and
# no word of a deploy.prototxt; OpenCV is given one.
body = [
    conv("conv", "data", "conv", 3, 4, 5, stride=2),
    layer("ReLU", "relu", "conv", "conv"),
    linear("aside", "conv", "aside", 144, 7),
    pool("pool", "conv", "pool", "AVE", kernel_size=2, stride=2),
    linear("fc", "pool", "fc", 36, 7),
]
trained = {
    "name": "trained",
    "form": "unpacked",
    "layers": [
        layer("Data", "pictures", [], ["data", "label"], include={"phase": "TRAIN"},
              transform={"crop_size": 16, "scale": 0.0078125, "mean_value": [104.0, 117.0, 123.0]}),
        *body,
        layer("SoftmaxWithLoss", "loss1", ["aside", "label"], "loss1"),
        layer("Accuracy", "accuracy", ["fc", "label"], "accuracy", include={"phase": "TEST"}),
        layer("SoftmaxWithLoss", "loss2", ["fc", "label"], "loss2"),
    ],
}
deployed = {"name": "trained", "form": "packed", "input": (3, 16, 16), "layers": [it for it in body if it["name"] != "aside"]}


def answers(net, picture, output):
    # It reads packed floats alone.
    form = "older" if net["form"] == "older" else "packed"
    description, weights = net_text(net).encode(), net_bytes({**net, "form": form})
    network = cv2.dnn.readNetFromCaffe(
        np.frombuffer(description, np.uint8), np.frombuffer(weights, np.uint8)
    )
    network.setPreferableBackend(cv2.dnn.DNN_BACKEND_OPENCV)
    network.setInput(picture[None])
    return network.forward(output).ravel()


def write(net, size, output, reference=None):
    picture = random.uniform(0, 1, size).astype(np.float32)
    seen = picture
    if reference:
        # As training saw it: blue first, in levels, less a mean.
        transform = net["layers"][0]["parameters"]["transform_param"]
        mean = np.array(transform["mean_value"], np.float32)[:, None, None]
        seen = (picture[::-1] * 255 - mean) * np.float32(transform["scale"])
    found = answers(reference or net, seen, output)
    name = net["name"]
    (folder / f"{name}.caffemodel").write_bytes(net_bytes(net))
    if not reference:
        (folder / f"{name}.prototxt").write_text(net_text(net))
    (folder / f"{name}.f32").write_bytes(picture.astype("<f4").tobytes() + found.astype("<f4").tobytes())
    print(name, found.shape, found[:5])


folder.mkdir(exist_ok=True)
write(layers_of_pictures, (3, 17, 15), "fc")
write(layers_of_numbers, (3, 6, 5), "answers")
write(older, (3, 12, 12), "fc2")
write(trained, (3, 16, 16), "fc", deployed)
mean = numbers(3, 20, 18, reach=60) + 120
(folder / "mean.binaryproto").write_bytes(blob(mean[None], "older"))
