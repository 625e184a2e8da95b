"""Writes svhn.mat, the fixture of SvhnTest: X and y as SVHN has them, compressed, three images.

Channel c of the pixel in row y and column x of image i is (37 x + 91 y + 53 c + x y + 7 i) mod 256.

    python3 src/test/python/make_svhn.py src/test/resources/dev/mlit/data/published/svhn.mat
"""

import sys

import numpy as np
import scipy.io

y, x, c, i = np.indices((32, 32, 3, 3))
pixels = ((37 * x + 91 * y + 53 * c + x * y + 7 * i) % 256).astype(np.uint8)
labels = np.array([[1], [9], [10]], np.uint8)
scipy.io.savemat(sys.argv[1], {"X": pixels, "y": labels}, do_compression=True)
