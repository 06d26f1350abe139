"""Makes the small classifier that a test drops onto the page: `bring/small.onnx`.

It tells the page's eight sample photographs apart, at 32 x 32 pixels, and was trained to see them as
Caffe's networks do: blue first, from 0 to 255, less a mean. With any other way its answers are worse,
so that the page can find the right one. Beside it: its classes (`small.txt`), a picture (`small.png`)
and what onnxruntime answers to that (`small.json`: the logits, before the softmax that the file ends in).

Needs torch, onnx, onnxruntime, pillow and numpy, and the photographs in www/assets/samples:
    python tests/files/make_small_onnx.py
"""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

HERE = Path(__file__).parent
SAMPLES = HERE.parent.parent / "www" / "assets" / "samples"
OUT = HERE / "bring"
SIDE = 32
MEAN = np.array([104, 117, 123], np.float32)  # blue, green, red
STEPS = 500


def square(picture, low=0.0, high=1.0, x=0.5, y=0.5):
    """The middle of a picture, or a part of it."""
    width, height = picture.size
    side = int(min(width, height) * (1 - low) * high)
    left, top = int((width - side) * x), int((height - side) * y)
    part = picture.crop((left, top, left + side, top + side))
    return np.asarray(part.resize((SIDE, SIDE), Image.Resampling.BILINEAR), np.float32)


def enter(pixels):
    """[H, W, RGB] from 0 to 255, as the network sees it."""
    return (pixels[:, :, ::-1] - MEAN).transpose(2, 0, 1).copy()


def main():
    torch.set_num_threads(1)
    torch.manual_seed(17)
    rng = np.random.default_rng(17)
    listed = json.loads((SAMPLES / "credits.json").read_text())
    photos = [Image.open(SAMPLES / entry["file"]).convert("RGB") for entry in listed]
    for photo in photos:
        photo.thumbnail((128, 128), Image.Resampling.LANCZOS)
    names = [entry["title"].split(",")[0] for entry in listed]
    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 8, 5, stride=2, padding=2),
        torch.nn.ReLU(),
        torch.nn.Conv2d(8, 12, 3, stride=2, padding=1),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(12 * 8 * 8, len(photos)),
    )
    with torch.no_grad():
        net[0].weight.mul_(1 / 64)  # It sees levels.
    optimiser = torch.optim.Adam(net.parameters(), lr=1e-3)
    for _ in range(STEPS):
        labels = rng.integers(0, len(photos), 32)
        batch = []
        for label in labels:
            part = square(photos[label], 0, rng.uniform(0.7, 1), rng.uniform(), rng.uniform())
            if rng.uniform() < 0.5:
                part = part[:, ::-1]
            batch.append(enter(part + rng.normal(0, 4, part.shape).astype(np.float32)))
        answers = net(torch.from_numpy(np.stack(batch)))
        # Not surer than a real network is, or every way of seeing gives a sure answer.
        loss = torch.nn.functional.cross_entropy(
            answers, torch.from_numpy(labels), label_smoothing=0.1
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    print("loss", loss.item())

    tensor = lambda name, value: numpy_helper.from_array(value.detach().numpy(), name)
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["data", "w1", "b1"], ["c1"], strides=[2, 2], pads=[2] * 4),
            helper.make_node("Relu", ["c1"], ["r1"]),
            helper.make_node("Conv", ["r1", "w2", "b2"], ["c2"], strides=[2, 2], pads=[1] * 4),
            helper.make_node("Relu", ["c2"], ["r2"]),
            helper.make_node("Flatten", ["r2"], ["f"]),
            helper.make_node("Gemm", ["f", "w3", "b3"], ["logits"], transB=1),
            helper.make_node("Softmax", ["logits"], ["prob"], axis=1),
        ],
        "small",
        [helper.make_tensor_value_info("data", TensorProto.FLOAT, ["N", 3, SIDE, SIDE])],
        [helper.make_tensor_value_info("prob", TensorProto.FLOAT, ["N", len(photos)])],
        [
            tensor("w1", net[0].weight),
            tensor("b1", net[0].bias),
            tensor("w2", net[2].weight),
            tensor("b2", net[2].bias),
            tensor("w3", net[5].weight),
            tensor("b3", net[5].bias),
        ],
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, producer_name="make_small_onnx", opset_imports=opset)
    model.ir_version = 8
    onnx.checker.check_model(model)
    onnx.save(model, OUT / "small.onnx")
    (OUT / "small.txt").write_text("".join(f"{name}\n" for name in names))

    picture = square(photos[0], 0, 0.9, 0.4, 0.6).round().astype(np.uint8)
    Image.fromarray(picture).save(OUT / "small.png")
    # The same with its logits as an output.
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["N", len(photos)])
    model.graph.output.append(logits)
    session = onnxruntime.InferenceSession(model.SerializeToString())
    seen = enter(picture.astype(np.float32))[None]
    answer = session.run(["logits"], {"data": seen})[0][0]
    print("answer", names[int(answer.argmax())], answer)
    found = {"logits": [round(float(value), 6) for value in answer]}
    (OUT / "small.json").write_text(json.dumps(found) + "\n")

    # One with an operator that no network here has.
    graph.node[1].op_type = "Einsum"
    graph.node[1].name = "odd"
    graph.node[1].attribute.append(helper.make_attribute("equation", "nchw->nchw"))
    odd = helper.make_model(graph, producer_name="make_small_onnx", opset_imports=opset)
    odd.ir_version = 8
    onnx.save(odd, OUT / "odd.onnx")


if __name__ == "__main__":
    main()
