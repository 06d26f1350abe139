"""Writes efficientnet-lite-reference.json beside this file: what an independent
implementation of EfficientNet-Lite1 and Lite2, the Python package
efficientnet_lite_pytorch 0.1.0, answers with the published weights, for
tests/core/lite.rs.

    python make_lite_reference.py WEIGHTS PHOTOGRAPHS

WEIGHTS is the folder of the .pth files (target/cut), PHOTOGRAPHS one of JPEG
files. Of these the square in the middle is seen without resizing, over black
where a photograph is smaller, so that all see the very same pixels. Made with
PyTorch 2.15.0 and Pillow 13.0.0.
"""

import json
import sys
from pathlib import Path

import numpy
import torch
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image

# How many pixels they see.
NETWORKS = {"efficientnet-lite1": 240, "efficientnet-lite2": 260}
PHOTOGRAPHS = 40


def fixed_picture(side):
    """The picture of src/classifier/self_test.rs, in grey levels."""

    def wave(position, period):
        phase = position % period
        return numpy.minimum(phase, period - phase) * 255 // (period // 2)

    v, u = numpy.mgrid[:side, :side] * 1024 // side
    edge = numpy.where(u + v > 1024, 80, 0)
    planes = [
        wave(u + 100 * c, 260) + wave(v + 60 * c, 340) + wave(u + v, 700) for c in range(3)
    ]
    return numpy.minimum(numpy.stack(planes, axis=-1) // 4 + edge[..., None], 255)


def middle(image, side):
    left, top = (round((size - side) / 2) for size in image.size)
    return image.crop((left, top, left + side, top + side))


def logits(network, levels):
    pixels = torch.tensor(numpy.asarray(levels)).permute(2, 0, 1)[None].float() / 255
    with torch.no_grad():
        return network((pixels - 127 / 255) / (128 / 255))[0]


def photograph(network, side, path):
    found = logits(network, middle(Image.open(path).convert("RGB"), side))
    values, classes = found.topk(5)
    top5 = [[c, short(v)] for c, v in zip(classes.tolist(), values.tolist())]
    mean, deviation = short(found.mean().item()), short(found.std(correction=0).item())
    return {"file": path.name, "top5": top5, "mean": mean, "deviation": deviation}


def short(value):
    return float(f"{value:.7g}")


def main():
    weights, folder = map(Path, sys.argv[1:])
    files = sorted(folder.glob("*.jpg"))
    files = files[:: len(files) // PHOTOGRAPHS][:PHOTOGRAPHS]
    reference = {}
    for name, side in NETWORKS.items():
        (file,) = weights.glob(f"{name}-*.pth")
        network = EfficientNet.from_pretrained(name, weights_path=str(file)).eval()
        reference[name] = {
            "fixed": [short(v) for v in logits(network, fixed_picture(side)).tolist()],
            "photographs": [photograph(network, side, path) for path in files],
        }
    out = Path(__file__).with_name("efficientnet-lite-reference.json")
    lines = ",\n".join(
        f'"{name}": {{\n"fixed": {json.dumps(of["fixed"])},\n"photographs": [\n'
        + ",\n".join(json.dumps(each) for each in of["photographs"])
        + "\n]}"
        for name, of in reference.items()
    )
    out.write_text("{" + lines + "}\n")


main()
