"""Makes the arrays of ../../fuzz/corpus/npy that tests/npy.rs reads, as NumPy
saves them: python3 make_npy.py (needs numpy)."""

import pickle
from pathlib import Path

import numpy as np

folder = Path(__file__).parent / "../../fuzz/corpus/npy"


def save(name, array):
    np.save(folder / f"{name}.npy", array, allow_pickle=True)


levels = np.array([[[-2, -1, 0], [1, 2, 3]]])
for kind in ["i1", "<i2", ">i2", "<i4", "<i8", ">i8", "<f2", ">f2", "<f4", ">f4", "<f8"]:
    save("levels-" + kind.replace("<", "").replace(">", "big-"), levels.astype(kind))
for kind in ["u1", "<u2", "<u4", ">u4", "<u8", "?"]:
    name = kind.replace("<", "").replace(">", "big-").replace("?", "bool")
    save("unsigned-" + name, np.abs(levels).astype(kind))
pixels = (levels / 255).astype("f4")
save("pixels-rows", pixels[0])
save("pixels-flat", pixels.ravel())
save("pixels-batch", pixels[None])
save("pixels-channels-last", pixels.transpose(1, 2, 0))
save("pixels-batch-channels-last-fortran", np.asfortranarray(pixels.transpose(1, 2, 0)[None]))
save("two", np.stack([pixels, pixels]))

# What has no place in a picture.
save("complex", pixels.astype("c8"))
save("objects", pixels.astype("O"))
save("records", np.zeros((1, 2, 3), [("value", "f4"), ("weight", "f4")]))
save("text", pixels.astype("U4"))
save("bytes", pixels.astype("S4"))
save("raw", np.zeros((1, 2, 3), "V4"))
save("dates", np.zeros((1, 2, 3), "M8[s]"))
save("durations", np.zeros((1, 2, 3), "m8[ms]"))
save("long-double", pixels.astype(np.longdouble))
save("infinite", np.full((1, 2, 3), np.inf, "f4"))
save("scalar", np.float32(1))
save("nothing", np.zeros((0, 2, 3), "f4"))

# Under a name that is not theirs.
with open(folder / "archive.npy", "wb") as file:
    np.savez(file, v=pixels)
(folder / "pickle.npy").write_bytes(pickle.dumps(pixels))
# As Python 2 wrote axes.
whole = (folder / "pixels-rows.npy").read_bytes()
(folder / "python-2.npy").write_bytes(whole.replace(b"(2, 3), }  ", b"(2L, 3L), }"))
