"""ONNX's own tests of each operator, and its `light` networks, into a folder.

    python tests/files/fetch_onnx_nodes.py target/onnx-nodes

They come with the `onnx` package up to version 1.16; pip fetches that version's
wheel, whose checksum is checked, and only the tests are unpacked. The network of
a light file has weights that are all alike, and its expected answer is part of
the package.
"""

import hashlib
import pathlib
import subprocess
import sys
import tempfile
import zipfile

VERSION = "1.16.2"
SHA256 = "7b98aa9733bd4b781eb931d33b4078ff2837e7d68062460726d6dd011f332bd4"
INSIDE = "onnx/backend/test/data/"


def main():
    folder = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", f"onnx=={VERSION}", "--no-deps", "--quiet"]
            + ["--only-binary=:all:", "--platform", "manylinux2014_x86_64"]
            + ["--python-version", "3.11", "--dest", scratch],
            check=True,
        )
        (wheel,) = pathlib.Path(scratch).glob("*.whl")
        if hashlib.sha256(wheel.read_bytes()).hexdigest() != SHA256:
            sys.exit(f"{wheel.name} has another checksum than the one that these tests were read from")
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                inside = name.startswith((INSIDE + "node/", INSIDE + "light/"))
                if inside and name.endswith((".onnx", ".pb")):
                    path = folder / name.removeprefix(INSIDE)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(archive.read(name))
    print(f"{len(list((folder / 'node').iterdir()))} tests of operators in {folder}")


if __name__ == "__main__":
    main()
