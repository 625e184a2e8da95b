#!/usr/bin/env python3
"""Draws fashion-small, the part of Fashion-MNIST that comes with mlit.

    apt-get install dataset-fashion-mnist
    python3 src/tools/draw_fashion_small.py

10,000 training images (1,000 of each class) from the 60,000 of Fashion-MNIST and 2,000 test images (200 of
each class) from its 10,000, in shuffled order, as gzipped IDX files of the same four names. Needs only
Python's standard library, and no random generator: images are ordered by the SHA-256 of "SEED/PART/INDEX",
so that every version of Python draws the same ones. The sums it prints are those of the contents; the
compressed bytes depend on the version of zlib. With --examples it also writes the first test image of each
class as a PNG.
"""

import argparse
import gzip
import hashlib
import pathlib
import struct
import sys
import zlib

SEED = 1
PER_CLASS = {"train": 1000, "t10k": 200}
FILES = {"images": "{}-images-idx3-ubyte.gz", "labels": "{}-labels-idx1-ubyte.gz"}
NAMES = "t-shirt-top trouser pullover dress coat sandal shirt sneaker bag ankle-boot".split()
SIDE = 28
DEFAULT_IN = pathlib.Path("/usr/share/datasets/fashion-mnist")
RESOURCES = pathlib.Path(__file__).resolve().parents[1] / "main/resources/dev/mlit/data/published/fashion-small"


def read(directory, part):
    """The images, as a list of bytes, and the labels of one part."""
    images = gzip.decompress((directory / FILES["images"].format(part)).read_bytes())
    labels = gzip.decompress((directory / FILES["labels"].format(part)).read_bytes())
    magic, count, rows, columns = struct.unpack(">4I", images[:16])
    if (magic, rows, columns) != (0x803, SIDE, SIDE) or struct.unpack(">2I", labels[:8]) != (0x801, count):
        sys.exit(f"{directory}: {part} is not Fashion-MNIST in the IDX format")
    size = SIDE * SIDE
    return [images[16 + i * size : 16 + (i + 1) * size] for i in range(count)], labels[8:]


def draw(labels, part):
    """The indices of the drawn images, in their new order."""
    order = sorted(range(len(labels)), key=lambda i: hashlib.sha256(f"{SEED}/{part}/{i}".encode()).digest())
    left = [PER_CLASS[part]] * len(NAMES)
    drawn = []
    for index in order:
        if left[labels[index]]:
            left[labels[index]] -= 1
            drawn.append(index)
    return drawn


def write_gzip(path, content):
    """Writes a gzip file without time stamp and name, so that two runs write the same bytes."""
    with open(path, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(content)
    print(f"{hashlib.sha256(content).hexdigest()}  {path.name}, unpacked  ({path.stat().st_size} bytes packed)")


def write_png(path, pixels):
    """Writes one gray image."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + pixels[y * SIDE : (y + 1) * SIDE] for y in range(SIDE))
    header = struct.pack(">2I5B", SIDE, SIDE, 8, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("directory", nargs="?", type=pathlib.Path, default=DEFAULT_IN, help="of the full Fashion-MNIST")
    parser.add_argument("--out", type=pathlib.Path, default=RESOURCES, help="where the four files go")
    parser.add_argument("--examples", type=pathlib.Path, help="where one PNG per class goes; none unless set")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    for part in PER_CLASS:
        try:
            images, labels = read(options.directory, part)
        except OSError as e:
            sys.exit(f"{e}; install it with: apt-get install dataset-fashion-mnist")
        drawn = draw(labels, part)
        header = struct.pack(">4I", 0x803, len(drawn), SIDE, SIDE)
        write_gzip(options.out / FILES["images"].format(part), header + b"".join(images[i] for i in drawn))
        header = struct.pack(">2I", 0x801, len(drawn))
        write_gzip(options.out / FILES["labels"].format(part), header + bytes(labels[i] for i in drawn))
    if options.examples:
        options.examples.mkdir(parents=True, exist_ok=True)
        for label, name in enumerate(NAMES):
            write_png(options.examples / f"{name}.png", images[next(i for i in drawn if labels[i] == label)])


if __name__ == "__main__":
    main()
