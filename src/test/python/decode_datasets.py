"""Decodes published datasets as Python programs do, for PublishedDatasetsTest to compare with.

    python3 src/test/python/decode_datasets.py NAME DATA OUT

NAME is cifar10, cifar100, eurosat, flowers102, svhn or svhn-extra. DATA has cifar10-jpeg.zip,
cifar100-jpeg.zip, eurosat-5000.zip and flowers102-small.zip. Of CIFAR, OUT gets the published binary
version, made of the JPEG files; of SVHN, whose images DATA does not have, .mat files as published
(names, sizes, types and layout), with the images of CIFAR-10. OUT also gets, for every part, a file
PART.u8: for each image its label (a byte) and its pixels, as NumPy, SciPy and Pillow decode them.
"""

import io
import pathlib
import sys
import tarfile
import zipfile

import numpy as np
import scipy.io
from PIL import Image

# The coarse class of each of CIFAR-100's fine ones, both in alphabetical order: the table of
# https://www.cs.toronto.edu/~kriz/cifar.html.
COARSE = [
    4, 1, 14, 8, 0, 6, 7, 7, 18, 3, 3, 14, 9, 18, 7, 11, 3, 9, 7, 11, 6, 11, 5, 10, 7,
    6, 13, 15, 3, 15, 0, 11, 1, 10, 12, 14, 16, 9, 11, 5, 5, 19, 8, 8, 15, 13, 14, 17, 18, 10,
    16, 4, 17, 4, 2, 0, 17, 4, 18, 17, 10, 3, 2, 12, 12, 16, 12, 1, 9, 19, 2, 10, 0, 1, 16,
    12, 9, 13, 15, 13, 16, 19, 2, 4, 6, 19, 5, 5, 8, 19, 18, 1, 2, 15, 6, 0, 17, 8, 14, 13,
]  # fmt: skip

SVHN = {"train": 73257, "test": 26032, "extra": 531131}


def image(archive, name, side=None):
    picture = Image.open(io.BytesIO(archive.read(name))).convert("RGB")
    if side is not None:
        picture = picture.resize((side, side), Image.BILINEAR)
    return np.asarray(picture)


def write(path, labels, images):
    with open(path, "wb") as out:
        for label, pixels in zip(labels, images):
            out.write(bytes(np.atleast_1d(label).tolist()) + pixels.tobytes())


def folder(archive, part, side=None):
    """Labels and images of {train,test}/CLASS/*.jpg, in the order of their names."""
    files = sorted(f for f in archive.namelist() if f.endswith(".jpg"))
    classes = sorted({f.split("/")[1] for f in files})
    mine = [f for f in files if f.startswith(part + "/")]
    return [classes.index(f.split("/")[1]) for f in mine], [image(archive, f, side) for f in mine]


def eurosat(data, out):
    with zipfile.ZipFile(data / "eurosat-5000.zip") as archive:
        for part in ("train", "test"):
            write(out / f"{part}.u8", *folder(archive, part, 36))


def cifar(out, name, files):
    """The binary version: of every image its labels, all red values, all green and all blue ones."""
    directory = out / f"{name}-bin"
    directory.mkdir()
    for file, labels, images in files:
        write(directory / file, labels, [pixels.transpose(2, 0, 1) for pixels in images])
    with tarfile.open(out / f"{name}.tar.gz", "w:gz", compresslevel=1) as tar:
        tar.add(directory, f"{name}-bin")


def cifar10(data, out):
    files = []
    with zipfile.ZipFile(data / "cifar10-jpeg.zip") as archive:
        for part in ("train", "test"):
            labels, images = folder(archive, part)
            write(out / f"{part}.u8", labels, images)
            for i in range(0, len(images), 10000):
                name = f"data_batch_{i // 10000 + 1}.bin" if part == "train" else "test_batch.bin"
                files.append((name, labels[i : i + 10000], images[i : i + 10000]))
    cifar(out, "cifar10", files)


def cifar100(data, out):
    files = []
    with zipfile.ZipFile(data / "cifar100-jpeg.zip") as archive:
        for part, count in (("train", 50000), ("test", 10000)):
            labels, images = folder(archive, part)
            # One image of each part is not in the zip; the last one stands in for it.
            assert len(images) == count - 1, len(images)
            labels.append(labels[-1])
            images.append(images[-1])
            write(out / f"{part}.u8", labels, images)
            write(out / f"coarse-{part}.u8", [COARSE[i] for i in labels], images)
            files.append((f"{part}.bin", [[COARSE[i], i] for i in labels], images))
    cifar(out, "cifar100", files)


def flowers102(data, out):
    with zipfile.ZipFile(data / "flowers102-small.zip") as archive:
        labels = scipy.io.loadmat(io.BytesIO(archive.read("imagelabels.mat")))["labels"][0]
        sets = scipy.io.loadmat(io.BytesIO(archive.read("setid.mat")))
        for part, key in (("train", "trnid"), ("validation", "valid"), ("test", "tstid")):
            images = [int(i) for i in sets[key][0]]
            pixels = (image(archive, f"jpg/image_{i:05d}.jpg", 36) for i in images)
            write(out / f"{part}.u8", [int(labels[i - 1]) - 1 for i in images], pixels)


def svhn(data, out, parts=("train", "test")):
    with zipfile.ZipFile(data / "cifar10-jpeg.zip") as archive:
        source = np.stack(folder(archive, "train")[1])
    for part in parts:
        count = SVHN[part]
        images = np.empty((32, 32, 3, count), np.uint8, order="F")
        for start in range(0, count, len(source)):
            these = source[: count - start]
            # Turned by a row each time, so that no two images are the same.
            these = np.roll(these, start // len(source), axis=1)
            images[..., start : start + len(these)] = these.transpose(1, 2, 3, 0)
        digits = (np.arange(count) * 7 % 10 + 1).astype(np.uint8)[:, None]
        file = out / f"{part}_32x32.mat"
        scipy.io.savemat(file, {"X": images, "y": digits}, do_compression=part != "extra")
        del images
        read = scipy.io.loadmat(file)
        pixels = np.ascontiguousarray(read["X"].transpose(3, 0, 1, 2))
        write(out / f"{part}.u8", read["y"][:, 0] % 10, pixels)


def main():
    name, data, out = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    if name == "svhn-extra":
        svhn(data, out, ("train", "test", "extra"))
    else:
        {"cifar10": cifar10, "cifar100": cifar100, "eurosat": eurosat, "flowers102": flowers102, "svhn": svhn}[name](data, out)


main()
