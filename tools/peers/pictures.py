"""The photographs as squares of 256 pixels, in PNG files: so `lab` and its
peers, which all see the 224 in the middle, see the very same pixels, whoever
decodes and scales."""

from PIL import Image

SIDE = 256


def write(photographs, folder):
    """Squares of some photographs, and their files."""
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{path.stem}.png" for path in photographs]
    for path, file in zip(photographs, files):
        if not file.exists():
            square(path).save(file)
    return files


def square(path):
    image = Image.open(path).convert("RGB")
    scale = SIDE / min(image.size)
    image = image.resize([round(length * scale) for length in image.size], Image.BILINEAR)
    return middle(image, SIDE)


def middle(image, side):
    left, top = (round((length - side) / 2) for length in image.size)
    return image.crop((left, top, left + side, top + side))
