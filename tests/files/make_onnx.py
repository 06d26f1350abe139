"""ONNX files of torchvision's networks with random weights, and what they answer.

    python tests/files/make_onnx.py tests/files/onnx small
    python tests/files/make_onnx.py target/onnx-networks large [NAME ...]

Needs torch, torchvision, onnx and onnxruntime. Each network gets weights from a
seed, scaled so that its logits are of the order of 1, and is written in
evaluation mode with NAME.onnx, NAME.input.f32 (one picture, planar RGB in [0, 1]),
NAME.logits.f32 (onnxruntime's answer) and NAME.gradients.f32 (PyTorch's gradients
of the three largest logits, one after the other, in 64 bits) and NAME.corners.f32
(how far apart PyTorch's own gradients are when rounding moves the picture).

A NAME with "-smooth" after it has softplus for its rectifiers and means for its
maxima, which have no corners: its gradients are the same to the last digits or wrong.
"""

import contextlib
import pathlib
import sys
import warnings

import numpy as np
import onnxruntime
import torch
import torchvision
from torch import nn


class Residual(nn.Module):
    """A depthwise block with squeeze-and-excitation and a shortcut."""

    def __init__(self, channels):
        super().__init__()
        wide = 2 * channels
        self.expand = nn.Sequential(
            nn.Conv2d(channels, wide, 1, bias=False), nn.BatchNorm2d(wide), nn.Hardswish()
        )
        self.filter = nn.Sequential(
            nn.Conv2d(wide, wide, 3, padding=1, groups=wide, bias=False),
            nn.BatchNorm2d(wide),
            nn.SiLU(),
        )
        self.squeeze = nn.Conv2d(wide, 4, 1)
        self.excite = nn.Conv2d(4, wide, 1)
        self.project = nn.Sequential(nn.Conv2d(wide, channels, 1), nn.BatchNorm2d(channels))

    def forward(self, x):
        y = self.filter(self.expand(x))
        scale = self.excite(torch.relu(self.squeeze(y.mean((2, 3), keepdim=True))))
        return x + self.project(y * torch.sigmoid(scale))


class Tiny(nn.Module):
    """A shortcut, squeeze-and-excitation, depthwise filters, branches, a split."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.BatchNorm2d(8), nn.ReLU()
        )
        self.block = Residual(8)
        self.left = nn.Conv2d(8, 6, 3, padding=1)
        self.right = nn.Conv2d(8, 6, 3, padding=2, dilation=2)
        self.norm = nn.BatchNorm2d(12)
        self.fc = nn.Linear(12, 10)

    def forward(self, x):
        x = self.block(self.stem(x))
        x = torch.cat([self.left(x), nn.functional.max_pool2d(self.right(x), 3, 1, 1)], 1)
        a, b = torch.relu(self.norm(x)).chunk(2, 1)
        x = torch.cat([b, nn.functional.leaky_relu(a - b, 0.1)], 1)
        x = nn.functional.avg_pool2d(x, 3, 2, 1, ceil_mode=True, count_include_pad=False)
        x = nn.functional.adaptive_avg_pool2d(x, 1)
        return self.fc(x.view(x.size(0), -1))


def tiny_vit():
    return torchvision.models.VisionTransformer(
        image_size=16, patch_size=4, num_layers=2, num_heads=2, hidden_dim=16, mlp_dim=24, num_classes=10
    )


SMALL = {"tiny-cnn": (Tiny, 32), "tiny-vit": (tiny_vit, 16)}

LARGE = {
    name: (lambda name=name: torchvision.models.get_model(name, weights=None, **EXTRA.get(name, {})), 224)
    for name in [
        "alexnet",
        "vgg16",
        "googlenet",
        "resnet18",
        "resnet50",
        "squeezenet1_1",
        "mobilenet_v2",
        "mobilenet_v3_large",
        "densenet121",
        "shufflenet_v2_x1_0",
        "efficientnet_b0",
        "vit_b_16",
    ]
}
EXTRA = {"googlenet": {"aux_logits": False, "init_weights": False}}


@contextlib.contextmanager
def without_corners():
    """Softplus for every rectifier, and means for every maximum of a window."""

    def mean(x, size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        return nn.functional.avg_pool2d(x, size, stride, padding, ceil_mode)

    def softplus(x, inplace=False):
        return nn.functional.softplus(x)

    def forward(pool, x):
        return mean(x, pool.kernel_size, pool.stride, pool.padding, 1, pool.ceil_mode)

    places = [
        (nn.functional, "relu", softplus),
        (nn.functional, "max_pool2d", mean),
        (nn.ReLU, "forward", lambda self, x: softplus(x)),
        (nn.ReLU6, "forward", lambda self, x: softplus(x)),
        (nn.MaxPool2d, "forward", forward),
    ]
    before = [getattr(owner, name) for owner, name, _ in places]
    for owner, name, smooth in places:
        setattr(owner, name, smooth)
    try:
        yield
    finally:
        for (owner, name, _), old in zip(places, before):
            setattr(owner, name, old)


def settle(net, picture):
    """Gives batch norms the statistics of a few pictures, so that numbers stay
    of one order through many layers, and biases and scales that are not 0 and 1."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.3)
        if isinstance(module, nn.LayerNorm):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.normal_(module.bias, 0, 0.3)
    if hasattr(net, "heads"):
        nn.init.normal_(net.heads[-1].weight, 0, 0.05)
    net.train()
    for module in net.modules():
        if isinstance(module, nn.Dropout):
            module.eval()
    with torch.no_grad():
        batch = torch.rand(8, *picture.shape[1:])
        batch += 0.3 * torch.randn_like(batch[:, :1, :1, :1])
        net(batch)
    net.eval()
    with torch.no_grad():
        spread = net(picture).std()
        last = [m for m in net.modules() if isinstance(m, (nn.Linear, nn.Conv2d))][-1]
        last.weight /= spread
        if last.bias is not None:
            last.bias /= spread


def gradients(net, picture, classes):
    picture = picture.clone().requires_grad_(True)
    answer = net(picture)[0]
    rows = [torch.autograd.grad(answer[k], picture, retain_graph=True)[0] for k in classes]
    return np.stack([row.numpy() for row in rows])


def write(folder, name, make, size):
    torch.manual_seed(sum(name.encode()))
    net = make()
    picture = torch.rand(1, 3, size, size)
    settle(net, picture)
    path = folder / f"{name}.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            net,
            (picture,),
            str(path),
            dynamo=False,
            opset_version=17,
            input_names=["picture"],
            output_names=["logits"],
            dynamic_axes={"picture": {0: "batch"}, "logits": {0: "batch"}},
        )
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (logits,) = session.run(None, {"picture": picture.numpy()})
    with torch.no_grad():
        difference = np.abs(net(picture).numpy() - logits).max() / np.abs(logits).max()
    classes = np.argsort(-logits[0], kind="stable")[:3]
    double = gradients(net.double(), picture.double(), classes)
    # A rectifier or a maximum that is at its corner, within rounding, gives one
    # gradient or another: how far apart such gradients are.
    net.float()
    noisy = [picture] + [picture + 3e-7 * torch.randn_like(picture) for _ in range(5)]
    apart = [np.abs(gradients(net, one, classes) - double).max() for one in noisy]
    corners = np.array([max(apart) / np.abs(double).max()])
    for kind, values in [
        ("input", picture.detach().numpy()),
        ("logits", logits),
        ("gradients", double),
        ("corners", corners),
    ]:
        values.astype("<f4").tofile(folder / f"{name}.{kind}.f32")
    print(
        f"{name}: {path.stat().st_size} bytes; PyTorch and onnxruntime differ by {difference:.1e}, "
        f"PyTorch's gradients within rounding by {corners[0]:.1e}",
        flush=True,
    )


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    table = {"small": SMALL, "large": LARGE}[sys.argv[2]]
    for name in sys.argv[3:] or table:
        smooth = name.removesuffix("-smooth") != name
        with without_corners() if smooth else contextlib.nullcontext():
            write(folder, name, *table[name.removesuffix("-smooth")])


if __name__ == "__main__":
    main()
