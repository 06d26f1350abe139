"""Makes state_dicts of torchvision's networks with weights drawn from a seed,
as training scripts save them, and the logits that PyTorch gives a picture:
python3 make_torchvision.py FOLDER NAME... (it needs torchvision).

NAME.pth is the file; NAME.f32 holds the picture, in [0, 1], and then the logits."""

import sys
from pathlib import Path

import torch
import torchvision

folder, *names = sys.argv[1:]
torch.manual_seed(18)
mean = torch.tensor([0.485, 0.456, 0.406])[:, None, None]
std = torch.tensor([0.229, 0.224, 0.225])[:, None, None]

for name in names:
    more = {"init_weights": False} if name == "googlenet" else {}
    if name == "googlenet":
        # As its published weights are loaded.
        more["transform_input"] = True
    network = getattr(torchvision.models, name)(**more).eval()
    with torch.no_grad():
        for part in network.modules():
            if isinstance(part, torch.nn.BatchNorm2d):
                part.running_mean.normal_(0, 0.1)
                part.running_var.uniform_(0.5, 1.5)
                part.weight.uniform_(0.5, 1.2)
                part.bias.normal_(0, 0.1)
        picture = torch.rand(3, 224, 224)
        logits = network(((picture - mean) / std)[None])[0]
    state = network.state_dict()
    if name == "resnet50":
        # As after training on several GPUs, in doubles.
        wrapped = {f"module.{key}": value.double() if value.is_floating_point() else value for key, value in state.items()}
        state = {"epoch": 3, "state_dict": wrapped}
    legacy = {"_use_new_zipfile_serialization": False} if name == "resnet18" else {}
    torch.save(state, Path(folder) / f"{name}.pth", **legacy)
    numbers = torch.cat([picture.flatten(), logits]).numpy().astype("<f4")
    (Path(folder) / f"{name}.f32").write_bytes(numbers.tobytes())
