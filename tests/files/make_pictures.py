"""Makes the pictures of ../../fuzz/corpus/photo that tests/photo.rs reads:
python3 make_pictures.py (needs Pillow). Each is 16 × 12, its left half red and
its right half blue, unless its name says otherwise."""

from pathlib import Path

from PIL import Image

folder = Path(__file__).parent / "../../fuzz/corpus/photo"
RED, BLUE = (200, 40, 40), (40, 60, 200)


def halves(left=RED, right=BLUE):
    picture = Image.new("RGB", (16, 12), left)
    picture.paste(right, (8, 0, 16, 12))
    return picture


def save(name, picture, **options):
    picture.save(folder / name, **options)


rgb = halves()
later = halves((0, 0, 0), (255, 255, 255))
save("plain.jpg", rgb, quality=95, subsampling=0)
save("progressive.jpg", rgb, quality=95, subsampling=0, progressive=True)
save("grey.jpg", rgb.convert("L"), quality=95)
save("cmyk.jpg", rgb.convert("CMYK"), quality=95)
save("subsampled.jpg", rgb, quality=95, subsampling=2)
save("restarts.jpg", rgb, quality=95, subsampling=0, restart_marker_blocks=1)
save("palette.png", rgb.quantize(4))
save("one-bit.png", Image.new("1", (16, 12), 1))
save("grey-16-bit.png", Image.new("I;16", (16, 12), 200 * 257))
save("half-transparent.png", Image.new("RGBA", (16, 12), (200, 40, 40, 128)))
save("palette-transparent.png", Image.new("P", (16, 12), 0), transparency=0)
save("animated.png", rgb, save_all=True, append_images=[later], duration=100)
save("animated.gif", rgb, save_all=True, append_images=[later], duration=100)
save("animated.webp", rgb, save_all=True, append_images=[later], duration=100, lossless=True)
save("lossless.webp", rgb, lossless=True)
save("lossy.webp", rgb, quality=95)
save("plain.tiff", rgb)
save("lzw.tiff", rgb, compression="tiff_lzw")
save("jpeg.tiff", rgb, compression="jpeg")
save("palette.tiff", rgb.quantize(4))
save("cmyk.tiff", rgb.convert("CMYK"))
save("float.tiff", Image.new("F", (16, 12), 0.5))
save("two-pages.tiff", rgb, save_all=True, append_images=[later])
save("palette.bmp", rgb.quantize(4))
save("one-bit.bmp", Image.new("1", (16, 12), 1))
save("plain.avif", rgb)
save("plain.jp2", rgb)
save("plain.ico", rgb.resize((16, 16)))
save("plain.ppm", rgb)
save("plain.dds", rgb)

# Cut short, each in its own way.
for name, lost in [("plain.jpg", 14), ("progressive.jpg", 288), ("restarts.jpg", 20),
                   ("grey.jpg", 6), ("cmyk.jpg", 14), ("lossy.webp", 30),
                   ("animated.gif", 100), ("lzw.tiff", 120), ("plain.avif", 90)]:
    (folder / f"cut-{name}").write_bytes((folder / name).read_bytes()[:-lost])
# Between two scans, where no decoder goes on.
(folder / "cut-between.jpg").write_bytes((folder / "progressive.jpg").read_bytes()[:-40])
# As a download that reserved its place and stopped.
whole = (folder / "plain.jpg").read_bytes()
(folder / "zeros-after.jpg").write_bytes(whole[:-14] + bytes(14))
# A phone's short film after the photo, and a preview with an end of its own.
(folder / "trailer.jpg").write_bytes(whole + b"\0\0\0\x18ftypmp42" + bytes(40))
preview = b"\xff\xe1" + (2 + 8).to_bytes(2, "big") + b"\xff\xd8\xff\xd9\0\0\0\0"
(folder / "preview.jpg").write_bytes(whole[:2] + preview + whole[2:])
(folder / "cut-preview.jpg").write_bytes((whole[:2] + preview + whole[2:])[:-14])

# What is none, whatever it is called.
(folder / "heic.jpg").write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64))
(folder / "drawing.svg").write_bytes(b"<?xml version='1.0'?>\n<svg width='9' height='9'/>\n")
(folder / "film.jpg").write_bytes(b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + bytes(64))
(folder / "document.pdf").write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
(folder / "zeros.jpg").write_bytes(bytes(5000))
(folder / "page.jpg").write_bytes(b"<!DOCTYPE html><html><title>404</title></html>")
(folder / "raw.dng").write_bytes(
    b"II*\0\x08\0\0\0\x01\0" + b"\xfe\0\x04\0\x01\0\0\0\x01\0\0\0" + bytes(64)
)
