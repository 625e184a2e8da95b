"""Pictures as mlit sees them: resized as Java does it, to the pixel. The other programs here use this."""

import pathlib

import numpy as np
import yaml
from PIL import Image


def spec(directory):
    """The description of the model in a directory that mlit wrote."""
    return yaml.safe_load((pathlib.Path(directory) / "spec.yaml").read_text(encoding="utf-8"))


def labels(directory):
    """The names of its classes."""
    return (pathlib.Path(directory) / "labels.txt").read_text(encoding="utf-8").splitlines()


def read(paths, spec):
    """Picture files of any size as float32 [n, height, width, channels] in [0, 1], of the model's image size."""
    size = spec["image"]
    images = []
    for path in paths:
        picture = Image.open(path)
        if "A" in picture.mode or "transparency" in picture.info:
            picture = picture.convert("RGBA")
            picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
        picture = picture.convert("L" if size["channels"] == 1 else "RGB")
        picture = picture.resize((size["width"], size["height"]), Image.Resampling.BILINEAR)
        images.append(np.asarray(picture, np.float32).reshape(size["height"], size["width"], size["channels"]) / 255)
    return np.stack(images)


def folder(directory, spec):
    """The pictures of DIRECTORY/CLASS/*, and their classes: the folders, counted in the order of their names."""
    classes = sorted(path for path in pathlib.Path(directory).iterdir() if path.is_dir())
    files = [(path, i) for i, each in enumerate(classes) for path in sorted(each.iterdir())]
    return read([path for path, _ in files], spec), np.array([i for _, i in files])
