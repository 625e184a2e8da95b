"""Decodes published datasets as Python programs do, for PublishedDatasetsTest to compare with.

    python3 src/test/python/decode_datasets.py DATA OUT

DATA has cifar10-jpeg.zip, eurosat-5000.zip and flowers102-small.zip. OUT gets CIFAR-10's binary
version, made of the JPEG files, and for every part a file NAME.u8: for each image its label (a byte)
and its pixels.
"""

import io
import pathlib
import sys
import tarfile
import zipfile

import numpy as np
import scipy.io
from PIL import Image


def image(archive, name, side=None):
    picture = Image.open(io.BytesIO(archive.read(name))).convert("RGB")
    if side is not None:
        picture = picture.resize((side, side), Image.BILINEAR)
    return np.asarray(picture)


def write(path, labels, images):
    with open(path, "wb") as out:
        for label, pixels in zip(labels, images):
            out.write(bytes([label]) + pixels.tobytes())


def folders(archive, out, name, side, cifar=False):
    files = sorted(f for f in archive.namelist() if f.endswith(".jpg"))
    classes = sorted({f.split("/")[1] for f in files})
    for part in ("train", "test"):
        mine = [f for f in files if f.startswith(part + "/")]
        labels = [classes.index(f.split("/")[1]) for f in mine]
        images = [image(archive, f, side) for f in mine]
        write(out / f"{name}-{part}.u8", labels, images)
        if cifar:
            binary(out / "cifar-10-batches-bin", part, labels, images)


def binary(directory, part, labels, images):
    directory.mkdir(exist_ok=True)
    names = ["test_batch.bin"] if part == "test" else [f"data_batch_{i}.bin" for i in range(1, 6)]
    for i, name in enumerate(names):
        batch = range(i * 10000, (i + 1) * 10000)
        write(directory / name, [labels[j] for j in batch], [images[j].transpose(2, 0, 1) for j in batch])


def flowers(archive, out, side):
    labels = scipy.io.loadmat(io.BytesIO(archive.read("imagelabels.mat")))["labels"][0]
    sets = scipy.io.loadmat(io.BytesIO(archive.read("setid.mat")))
    for part, key in (("train", "trnid"), ("test", "tstid")):
        images = [int(i) for i in sets[key][0]]
        pixels = (image(archive, f"jpg/image_{i:05d}.jpg", side) for i in images)
        write(out / f"flowers102-{part}.u8", [int(labels[i - 1]) - 1 for i in images], pixels)


def main():
    data, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    with zipfile.ZipFile(data / "eurosat-5000.zip") as archive:
        folders(archive, out, "eurosat", 36)
    with zipfile.ZipFile(data / "flowers102-small.zip") as archive:
        flowers(archive, out, 36)
    with zipfile.ZipFile(data / "cifar10-jpeg.zip") as archive:
        folders(archive, out, "cifar10", None, cifar=True)
    with tarfile.open(out / "cifar-10-binary.tar.gz", "w:gz", compresslevel=1) as tar:
        tar.add(out / "cifar-10-batches-bin", "cifar-10-batches-bin")


main()
