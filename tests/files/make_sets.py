"""Makes the weights and sets of pictures of ../../fuzz/corpus that show what
people bring besides plain ones: python3 make_sets.py"""

import io
import json
import struct
import tarfile
from pathlib import Path

corpus = Path(__file__).parent / "../../fuzz/corpus"


def safetensors(name, tensors):
    header, data = {}, b""
    for tensor, (kind, numbers, shape) in tensors.items():
        place = [len(data), len(data) + len(numbers)]
        header[tensor] = {"dtype": kind, "shape": shape, "data_offsets": place}
        data += numbers
    text = json.dumps(header).encode()
    (corpus / "safetensors" / name).write_bytes(struct.pack("<Q", len(text)) + text + data)


def linear(kind, write, prefix=""):
    """The network of fuzz/readers.rs: two inputs, three outputs."""
    return {
        f"{prefix}fc.weight": (kind, write([1, 2, 3, 4, 5, 6]), [3, 2]),
        f"{prefix}fc.bias": (kind, write([7, 8, 9]), [3]),
    }


def floats(values):
    return struct.pack(f"<{len(values)}f", *values)


def doubles(values):
    return struct.pack(f"<{len(values)}d", *values)


def bfloat16(values):
    return b"".join(struct.pack("<f", value)[2:] for value in values)


counter = {"bn.num_batches_tracked": ("I64", struct.pack("<q", 5), [])}
safetensors("doubles", linear("F64", doubles))
safetensors("bfloat16", linear("BF16", bfloat16))
safetensors("counter", linear("F32", floats) | counter)
safetensors("prefix", linear("F32", floats, "module.") | counter)
safetensors("nested", linear("F32", floats, "state_dict.module."))
safetensors("twice", linear("F32", floats, "model.") | linear("F32", floats, "ema."))
safetensors("integers", linear("I32", lambda values: struct.pack(f"<{len(values)}i", *values)))
safetensors("batch-norm", linear("F32", floats) | {"bn.running_var": ("F32", floats([1]), [1])})
safetensors("double-too-large", linear("F64", lambda values: doubles([1e300] * len(values))))
(corpus / "safetensors/lfs-pointer").write_text("version https://git-lfs.github.com/spec/v1\n")

(corpus / "idx/labels-of-int").write_bytes(struct.pack(">BBBBIi", 0, 0, 12, 1, 1, 7))

jpeg = b"\xff\xd8\xff\xe0 and so on"
out = io.BytesIO()
with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as tar:
    for name, content in [
        ("cat/._1.jpg", b"\0\x05\x16\x07"),
        ("cat/.DS_Store", b"\0\0\0\1Bud1"),
        ("cat/1.jfif", jpeg),
        ("cat/no-ending", jpeg),
        ("cat/2.png", b"old"),
        ("cat/2.png", b"new"),
        ("cat/list.txt", b"1.jfif"),
    ]:
        info = tarfile.TarInfo(name)
        info.size = len(content)
        tar.addfile(info, io.BytesIO(content))
(corpus / "tar/companions.tar").write_bytes(out.getvalue()[:8192])
