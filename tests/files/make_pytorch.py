"""Makes small files as PyTorch itself saves them, each with what it holds beside it:
python3 make_pytorch.py (it needs torch).

pytorch/NAME.pth is the file, pytorch/expected.json the shape and the numbers of each
tensor of floats in it, by its name."""

import json
from collections import OrderedDict, defaultdict
from pathlib import Path

import torch

folder = Path(__file__).parent / "pytorch"
folder.mkdir(exist_ok=True)
torch.manual_seed(18)
expected = {}


def save(name, value, tensors, **options):
    torch.save(value, folder / f"{name}.pth", **options)
    note(name, tensors)


def note(name, tensors):
    expected[name] = {
        key: {"shape": list(it.shape), "values": it.detach().float().flatten().tolist()}
        for key, it in tensors.items()
        if it.is_floating_point()
    }


class Small(torch.nn.Module):
    """A network whose tensors lie in modules of modules."""

    def __init__(self):
        super().__init__()
        self.features = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.ReLU())
        self.head = torch.nn.Linear(2, 3)

    def forward(self, x):
        return self.head(self.features(x).mean((2, 3)))


LEGACY = {"_use_new_zipfile_serialization": False}
network = Small()
state = network.state_dict()
save("state", state, state)
save("state-legacy", state, state, **LEGACY)
save("protocol-5", state, state, pickle_protocol=5)
save("protocol-5-legacy", state, state, pickle_protocol=5, **LEGACY)

optimiser = torch.optim.Adam(network.parameters())
network(torch.rand(2, 1, 5, 5)).sum().backward()
optimiser.step()
wrapped = OrderedDict((f"module.{key}", value) for key, value in network.state_dict().items())
# Besides tensors: what training scripts note of themselves.
checkpoint = {
    "epoch": 7,
    "best": 0.75,
    "large": 1 << 70,
    "negative": -(1 << 40),
    "name": "Größe",
    "blob": b"\0" * 300,
    "seen": {1, 2},
    "arguments": defaultdict(list, {"sizes": torch.Size([3, 4]), "kind": torch.float16}),
    "state_dict": wrapped,
    "optimizer": optimiser.state_dict(),
}
moments = {
    f"optimizer.state.{index}.{part}": value
    for index, parts in optimiser.state_dict()["state"].items()
    for part, value in parts.items()
}
held = {f"state_dict.{key}": value for key, value in wrapped.items()}
save("checkpoint", checkpoint, held | moments)
save("checkpoint-legacy", checkpoint, held | moments, **LEGACY)

# One storage, of which every tensor is another part.
numbers = torch.arange(24.0)
views = {
    "whole": numbers.view(2, 3, 4),
    "turned": numbers.view(2, 3, 4).permute(2, 0, 1),
    "column": numbers.view(6, 4)[:, 1],
    "steps": numbers[3::5],
    "spread": numbers[5:6].expand(2, 4),
    "scalar": numbers[7],
    "empty": numbers[:0].view(0, 3),
    "last": torch.nn.Parameter(numbers[20:].view(2, 2).t()),
}
save("views", views, views)
save("views-legacy", views, views, **LEGACY)

kinds = {
    "half": torch.rand(3).half(),
    "bfloat": torch.rand(3).bfloat16(),
    "double": torch.rand(3).double(),
    "int": torch.arange(3),
    "byte": torch.arange(3, dtype=torch.uint8),
    "short": torch.arange(3, dtype=torch.int16),
    "flag": torch.tensor([True, False]),
    "complex": torch.zeros(2, dtype=torch.complex64),
    "wide": torch.zeros(2, dtype=torch.uint16),
    "quantised": torch.quantize_per_tensor(torch.rand(3), 0.1, 0, torch.qint8),
    "sparse": torch.eye(2).to_sparse(),
}
floats = {key: value for key, value in kinds.items() if key not in ("quantised", "sparse")}
save("kinds", kinds, floats)
save("kinds-legacy", {key: kinds[key] for key in kinds if key not in ("wide", "sparse")}, floats, **LEGACY)

# A whole network instead of its state_dict. (The older format keeps PyTorch's own
# source text beside it, which is not ours to copy.)
save("module", network, network.state_dict())
torch.jit.script(network.eval()).save(str(folder / "script.pth"))
note("script", network.state_dict())

save("list", [state, {"more": numbers[:2].clone()}], {f"0.{key}": it for key, it in state.items()} | {"1.more": numbers[:2]})
(folder / "expected.json").write_text(json.dumps(expected) + "\n")
