"""Makes the files that a fuzzer starts from: small ones, each as its format wants it.

    python3 src/test/python/make_fuzz_seeds.py src/test/resources/fuzz
"""

import gzip
import io
import json
import pathlib
import struct
import sys
import tarfile
import tempfile
import zipfile

import numpy as np
import scipy.io
import tensorflow as tf
from PIL import Image


def idx(shape):
    values = np.arange(np.prod(shape)) % 10
    return struct.pack(f">HBB{len(shape)}I", 0, 8, len(shape), *shape) + values.astype(np.uint8).tobytes()


def mat(compressed, **arrays):
    out = io.BytesIO()
    scipy.io.savemat(out, arrays, do_compression=compressed)
    return out.getvalue()


def tar(files, **options):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", **options) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def zipped(files, method):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def image(mode, kind, **options):
    bands = len(Image.new(mode, (1, 1)).getbands())
    pixels = (np.arange(7 * 5 * bands) * 7 % 251).astype(np.uint8).reshape(7, 5, bands).squeeze()
    out = io.BytesIO()
    source = Image.fromarray(pixels, mode) if mode not in ("P", "1", "I;16") else Image.fromarray(pixels, "L").convert(mode)
    source.save(out, kind, **options)
    return out.getvalue()


def safetensors():
    header = json.dumps(
        {
            "__metadata__": {"format": "mlit"},
            "head.bias": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]},
            "scale": {"dtype": "BF16", "shape": [], "data_offsets": [8, 10]},
        }
    ).encode()
    return struct.pack("<Q", len(header)) + header + bytes(10)


def checkpoint_index():
    with tempfile.TemporaryDirectory() as folder:
        prefix = f"{folder}/variables"
        values = [np.float32([1, 2]), np.float32([[1, 2, 3], [4, 5, 6]])]
        tf.raw_ops.SaveV2(prefix=prefix, tensor_names=["head/bias", "head/kernel"], shape_and_slices=["", ""], tensors=values)
        return pathlib.Path(prefix + ".index").read_bytes()


def entries(index):
    """What its first block holds, without the list of where entries begin that share nothing, and its length."""
    block = index[: index[-48] - 5]  # the footer begins with the offset of the second one, here less than 128
    (restarts,) = struct.unpack("<I", block[-4:])
    return block[: -4 * (restarts + 1)]


SPEC = """\
name: tiny
image: {height: 8, width: 8, channels: 1}
patch: 4
embedding: 12
attention: {heads: 2, groups: 1}
stages:
  - {layers: 1, experts: 2}
hidden: {first: 8, last: 8}
routing: {top: 1}
classes: 3
"""


def main():
    out = pathlib.Path(sys.argv[1])
    images = np.zeros((32, 32, 3, 2), np.uint8)
    svhn = {"X": images, "y": np.array([[1], [10]], np.uint8)}
    labels = {"labels": np.array([[1, 102]], np.uint8)}
    sets = {"trnid": np.array([[1]]), "valid": np.array([[2]]), "tstid": np.array([[2]])}
    files = {"a/1.png": b"one", "a/2.png": b"two" * 50, "b/": b""}
    long = {"a/" + "x" * 120 + ".png": b"one"}
    cifar = {"cifar-100-binary/train.bin": bytes(5 * 3074), "cifar-100-binary/test.bin": bytes(3074)}
    seeds = {
        "idx-images": {"plain": idx([2, 3, 4]), "gzip": gzip.compress(idx([2, 3, 4]), mtime=0)},
        "idx-labels": {"plain": idx([3]), "gzip": gzip.compress(idx([3]), mtime=0)},
        "cifar": {"files": tar(cifar)},
        "svhn": {"compressed": mat(True, **svhn), "plain": mat(False, **svhn)},
        "flowers-labels": {"compressed": mat(True, **labels), "plain": mat(False, **labels)},
        "flowers-sets": {"compressed": mat(True, **sets), "plain": mat(False, **sets)},
        "tar": {"files": tar(files), "gnu": tar(long, format=tarfile.GNU_FORMAT), "pax": tar(long, format=tarfile.PAX_FORMAT)},
        "tar-gz": {"files": gzip.compress(tar(files), mtime=0)},
        "zip": {"deflated": zipped(files, zipfile.ZIP_DEFLATED), "stored": zipped(files, zipfile.ZIP_STORED)},
        "image": {
            "gray.png": image("L", "png"),
            "rgba.png": image("RGBA", "png"),
            "palette.png": image("P", "png"),
            "rgb.jpg": image("RGB", "jpeg"),
            "progressive.jpg": image("RGB", "jpeg", progressive=True),
            "cmyk.jpg": image("CMYK", "jpeg"),
            "palette.gif": image("P", "gif"),
            "rgb.bmp": image("RGB", "bmp"),
            "bits.bmp": image("1", "bmp"),
        },
        "safetensors": {"two": safetensors()},
        "checkpoint-index": {"two": checkpoint_index()},
        "checkpoint-entries": {"two": entries(checkpoint_index())},
        "model-spec": {"tiny": SPEC.encode()},
        "label-file": {"three": "cat\r\ndog\nkäfer\n".encode()},
    }
    for reader, kinds in seeds.items():
        (out / reader).mkdir(parents=True, exist_ok=True)
        for kind, content in kinds.items():
            (out / reader / f"right-{kind}").write_bytes(content)


main()
