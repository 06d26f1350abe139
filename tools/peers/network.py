"""The network that `lab` attacks, for PyTorch: the layers of the package
efficientnet_lite_pytorch with the weights that the page downloads, so that
everybody attacks the same numbers. It takes pixels in [0, 1] and gives logits.
"""

import numpy
import torch
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image
from safetensors.torch import load_file
from torch import nn

import pictures

NAME = "efficientnet-lite0"
WEIGHTS = "www/assets/models/efficientnet-lite0.safetensors"
MEAN, DEVIATION = 127 / 255, 128 / 255
SEEN = 224


def load(root):
    """The network as it answers, its batch norms folded into the convolutions."""
    layers = EfficientNet.from_name(NAME).eval()
    weights = load_file(root / WEIGHTS)
    for name, module in list(layers.named_modules()):
        parent, _, own = name.rpartition(".")
        if isinstance(module, nn.BatchNorm2d):
            setattr(layers.get_submodule(parent), own, nn.Identity())
        elif isinstance(module, nn.Conv2d):
            module.bias = nn.Parameter(weights[f"{name}.bias"].float())
            pad_inside(module)
    missing = layers.load_state_dict({k: v.float() for k, v in weights.items()})
    assert not missing.missing_keys and not missing.unexpected_keys
    network = Pixels(layers).eval().requires_grad_(False)
    return network.to(memory_format=torch.channels_last)


def pad_inside(convolution):
    """Lets the convolution do its padding where it is the same on all sides: a
    copy of its input less."""
    padding = getattr(convolution, "static_padding", None)
    if isinstance(padding, nn.ZeroPad2d):
        left, right, top, bottom = padding.padding
        if left == right == top == bottom:
            convolution.padding = (left, left)
            convolution.static_padding = nn.Identity()


def read(files):
    """What the network sees of some squares: pixels in [0, 1], [N, 3, 224, 224]."""
    squares = [pictures.middle(Image.open(file), SEEN) for file in files]
    seen = numpy.stack([numpy.asarray(square) for square in squares])
    # Planar: adv-lib projects a flattened view in place, which of pixels with
    # their channels last would be a copy, and do nothing.
    return torch.from_numpy(seen).permute(0, 3, 1, 2).contiguous().float().div(255)


class Pixels(nn.Module):
    """From pixels in [0, 1] to logits, and how many pictures were walked
    forward and back: what an attack costs, whoever wrote it."""

    def __init__(self, layers):
        super().__init__()
        self.layers = layers
        self.start()

    def start(self):
        self.forwards = self.gradients = 0

    def forward(self, x):
        self.forwards += len(x)
        x = x.contiguous(memory_format=torch.channels_last)
        logits = self.layers((x - MEAN) / DEVIATION)
        if logits.requires_grad:
            # Called whenever a gradient passes here, with all pictures of the batch.
            logits.register_hook(self.count)
        return logits

    def count(self, gradient):
        self.gradients += len(gradient)
