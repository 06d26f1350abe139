"""Makes files of a tiny network as PyTorch saves them, without PyTorch:
python3 make_tiny_pth.py

tiny.pth: its state_dict as torch.save wrote it before version 1.6 (the kind of
file that EfficientNet-Lite0 comes in).
tiny-checkpoint.pth: as a training script saves it today, in doubles, trained on
several GPUs, with the optimiser beside it.
tiny-model.pth: under `model`, in bfloat16.
tiny-twice.pth: with a running average of the weights beside them.
calls.pth and calls-legacy.pth: what runs a program where a pickle is loaded by
Python, beside the weights."""

import io
import pickle
import struct
import zipfile
from collections import OrderedDict
from pathlib import Path


class Named:
    """Pickles as a name in a module of PyTorch's."""

    def __init__(self, module, name):
        self.module, self.name = module, name


class Storage:
    """Pickles as a reference to numbers that follow the pickle."""

    def __init__(self, key, kind, count):
        self.reference = ("storage", Named("torch", kind), str(key), "cpu", count, None)


class Rebuilt:
    """Pickles as PyTorch's call that makes a tensor of a storage."""

    def __init__(self, storage, shape):
        strides = [1]
        for size in reversed(shape[1:]):
            strides.insert(0, strides[0] * size)
        self.arguments = (storage, 0, tuple(shape), tuple(strides[: len(shape)]), False, OrderedDict())


class Called:
    """Pickles as a call of a function."""

    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments


class Pickler(pickle._Pickler):
    def persistent_id(self, value):
        return value.reference if isinstance(value, Storage) else None

    def save(self, value, save_persistent_id=True):
        if isinstance(value, Named):
            self.write(b"c" + f"{value.module}\n{value.name}\n".encode())
        elif isinstance(value, Rebuilt):
            self.save(Named("torch._utils", "_rebuild_tensor_v2"))
            self.save(value.arguments)
            self.write(b"R")
        elif isinstance(value, Called):
            self.save(value.function)
            self.save(value.arguments)
            self.write(b"R")
        else:
            super().save(value, save_persistent_id)


tensors = {
    "conv.weight": ([2, 1, 1, 2], [1, 2, 3, 4]),
    "bn.weight": ([2], [2, 3]),
    "bn.bias": ([2], [10, 20]),
    "bn.running_mean": ([2], [0.5, -1]),
    "bn.running_var": ([2], [3, 8]),
    "bn.num_batches_tracked": ([], [7]),
}

folder = Path(__file__).parent


def bfloat16(values):
    return b"".join(struct.pack("<f", value)[2:] for value in values)


kinds = {
    "float": ("FloatStorage", lambda values: struct.pack(f"<{len(values)}f", *values)),
    "double": ("DoubleStorage", lambda values: struct.pack(f"<{len(values)}d", *values)),
    "bfloat16": ("BFloat16Storage", bfloat16),
    "long": ("LongStorage", lambda values: struct.pack(f"<{len(values)}q", *values)),
}


class Storages:
    """The numbers of a file, and the tensors that refer to them."""

    def __init__(self):
        self.numbers = []

    def tensor(self, shape, values, kind):
        name, write = kinds[kind if shape else "long"]
        key = len(self.numbers)
        self.numbers.append((len(values), write(values)))
        return Rebuilt(Storage(key, name, len(values)), shape)

    def state(self, kind, prefix=""):
        return OrderedDict(
            (prefix + name, self.tensor(shape, values, kind))
            for name, (shape, values) in tensors.items()
        )


def save_legacy(name, make):
    out = io.BytesIO()
    sizes = {"short": 2, "int": 4, "long": 4}
    system = {"protocol_version": 1001, "little_endian": True, "type_sizes": sizes}
    for value in [0x1950A86A20F9469CFC6C, 1001, system]:
        out.write(pickle.dumps(value, 2))
    storages = Storages()
    Pickler(out, 2).dump(make(storages))
    out.write(pickle.dumps([str(key) for key in range(len(storages.numbers))], 2))
    for count, numbers in storages.numbers:
        out.write(struct.pack("<q", count) + numbers)
    (folder / name).write_bytes(out.getvalue())


def save(name, make):
    out = io.BytesIO()
    storages = Storages()
    Pickler(out, 2).dump(make(storages))
    with zipfile.ZipFile(folder / name, "w") as file:
        entries = {"data.pkl": out.getvalue(), "byteorder": b"little", "version": b"3\n"}
        for key, (_, numbers) in enumerate(storages.numbers):
            entries[f"data/{key}"] = numbers
        for entry, content in entries.items():
            info = zipfile.ZipInfo(f"{Path(name).stem}/{entry}")
            file.writestr(info, content)


save_legacy("tiny.pth", lambda storages: storages.state("float"))
save(
    "tiny-checkpoint.pth",
    lambda storages: {
        "epoch": 3,
        "state_dict": storages.state("double", "module."),
        "optimizer": {"state": {0: {"exp_avg": storages.tensor([2], [0.5, 1], "float")}}},
    },
)
save("tiny-model.pth", lambda storages: {"model": storages.state("bfloat16")})
save(
    "tiny-twice.pth",
    lambda storages: {"model": storages.state("float"), "ema": storages.state("float")},
)


def calling(storages):
    call = Called(Named("os", "system"), "touch a-pickle-was-run")
    return {"model": storages.state("float"), "call": call}


save("calls.pth", calling)
save_legacy("calls-legacy.pth", calling)
