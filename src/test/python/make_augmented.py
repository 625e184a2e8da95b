"""Writes what torchvision makes of images, for mlit's tests of RandAugment and TrivialAugment to compare with.

  python make_augmented.py DIRECTORY CASE...

A CASE is rand or trivial, the number of magnitudes, the number of images, their height, width and channels, joined
by "-". Read from the directory:
  CASE.images     uint8 [images, height, width, channels]
  CASE.rows       a line for every operation to apply: its name, the number of the magnitude, the magnitude
Written to it:
  CASE.expected   uint8 [rows, images, height, width, channels]
  CASE.halfway    uint8 [rows, height, width], 1 where the place of a pixel is halfway between two others, up to
                  rounding errors: there the order of a machine's additions decides
A magnitude that torchvision would not draw is an error.
"""

import math
import pathlib
import sys

import numpy as np
import torch
from tensor_transforms import apply_op, transforms
from torchvision.transforms import InterpolationMode
from torchvision.transforms.functional import _get_inverse_affine_matrix

HALFWAY = 1e-4


def space(kind, bins, height, width):
    if kind == "rand":
        return transforms.RandAugment(num_magnitude_bins=bins)._augmentation_space(bins, (height, width))
    return transforms.TrivialAugmentWide(num_magnitude_bins=bins)._augmentation_space(bins)


def check(magnitudes, signed, number, magnitude):
    own = float(magnitudes[number]) if magnitudes.ndim > 0 else 0.0
    # PyTorch's linspace rounds by the processor, so the last bit may differ.
    allowed = [own, -own] if signed else [own]
    assert any(math.isclose(magnitude, x, rel_tol=3e-7, abs_tol=1e-6) for x in allowed), (own, magnitude)


def place(operation, magnitude, height, width):
    """Where pixels are found, in float64: columns and rows, or nothing."""
    corner, middle, still = [-width * 0.5, -height * 0.5], [0.0, 0.0], [0.0, 0.0]
    shear = math.degrees(math.atan(magnitude))
    matrix = {
        "ShearX": lambda: _get_inverse_affine_matrix(corner, 0.0, still, 1.0, [shear, 0.0]),
        "ShearY": lambda: _get_inverse_affine_matrix(corner, 0.0, still, 1.0, [0.0, shear]),
        "Rotate": lambda: _get_inverse_affine_matrix(middle, -magnitude, still, 1.0, still),
    }.get(operation)
    if matrix is None:
        return None
    a, b, c, d, e, f = matrix()
    x = np.arange(width)[None, :] - (width - 1) / 2
    y = np.arange(height)[:, None] - (height - 1) / 2
    return a * x + b * y + c + (width - 1) / 2, d * x + e * y + f + (height - 1) / 2


def halfway(operation, magnitude, height, width):
    places = place(operation, magnitude, height, width)
    if places is None:
        return np.zeros((height, width), dtype=bool)
    near = [abs(abs(p - np.floor(p)) - 0.5) < HALFWAY for p in places]
    return near[0] | near[1]


def main():
    directory = pathlib.Path(sys.argv[1])
    torch.set_num_threads(1)
    for case in sys.argv[2:]:
        kind, *sizes = case.split("-")
        bins, count, height, width, channels = map(int, sizes)
        pixels = np.fromfile(directory / f"{case}.images", dtype=np.uint8)
        images = torch.from_numpy(pixels.reshape(count, height, width, channels)).permute(0, 3, 1, 2)
        spaces = space(kind, bins, height, width)
        expected, ties = [], []
        for row in (directory / f"{case}.rows").read_text().splitlines():
            operation, number, magnitude = row.split()
            check(*spaces[operation], int(number), float(magnitude))
            changed = apply_op(
                images.contiguous(), operation, float(magnitude), interpolation=InterpolationMode.NEAREST, fill=None
            )
            expected.append(changed.permute(0, 2, 3, 1).contiguous().numpy())
            ties.append(halfway(operation, float(magnitude), height, width))
        np.stack(expected).astype(np.uint8).tofile(directory / f"{case}.expected")
        np.stack(ties).astype(np.uint8).tofile(directory / f"{case}.halfway")


main()
