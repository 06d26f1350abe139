"""The photographs as squares of 256 pixels, in PNG files: so `lab` and its
peers, which all see the 224 in the middle, see the very same pixels, whoever
decodes and scales."""

import numpy
import torch
from PIL import Image

SEEN, SIDE = 224, 256


def write(photographs, folder):
    """Squares of some photographs, and their files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{path.stem}.png" for path in photographs]
    for path, file in zip(photographs, files):
        if not file.exists():
            square(path).save(file)
    return files


def square(path):
    image = Image.open(path).convert("RGB")
    scale = SIDE / min(image.size)
    image = image.resize([round(length * scale) for length in image.size], Image.BILINEAR)
    return middle(image, SIDE)


def middle(image, side):
    left, top = (round((length - side) / 2) for length in image.size)
    return image.crop((left, top, left + side, top + side))


def read(files):
    """What the network sees of some squares: pixels in [0, 1], [N, 3, 224, 224]."""
    seen = numpy.stack([numpy.asarray(middle(Image.open(file), SEEN)) for file in files])
    # Planar: adv-lib projects a flattened view in place, which of pixels with
    # their channels last would be a copy, and do nothing.
    return torch.from_numpy(seen).permute(0, 3, 1, 2).contiguous().float().div(255)
