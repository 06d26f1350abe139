"""Makes tiny.pth, a network's state_dict as torch.save wrote it before version
1.6 (the kind of file that EfficientNet-Lite0 comes in), without PyTorch:
python3 make_tiny_pth.py > tiny.pth"""

import pickle
import struct
import sys
from collections import OrderedDict


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

out = sys.stdout.buffer
sizes = {"short": 2, "int": 4, "long": 4}
system = {"protocol_version": 1001, "little_endian": True, "type_sizes": sizes}
for value in [0x1950A86A20F9469CFC6C, 1001, system]:
    out.write(pickle.dumps(value, 2))
state, numbers = OrderedDict(), b""
for key, (name, (shape, values)) in enumerate(tensors.items()):
    kind, code = ("FloatStorage", "f") if shape else ("LongStorage", "q")
    state[name] = Rebuilt(Storage(key, kind, len(values)), shape)
    numbers += struct.pack(f"<q{len(values)}{code}", len(values), *values)
Pickler(out, 2).dump(state)
out.write(pickle.dumps([str(key) for key in range(len(tensors))], 2))
out.write(numbers)
