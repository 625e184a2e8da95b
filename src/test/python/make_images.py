"""Writes images of every kind that Pillow can, and what Pillow reads from each: NAME, and beside it
NAME.rgb with height and width (little-endian int32) and the RGB bytes, on white where it is transparent."""

import io
import itertools
import struct
import sys
from pathlib import Path

import numpy as np
from PIL import Image

HEIGHT, WIDTH = 21, 34


def gif(screen, frame, position, background, transparent, interlaced, pixels):
    """A GIF whose first frame is a part of its screen, as optimisers write them; Pillow does not."""
    palette = [(10, 20, 30), (255, 0, 0), (0, 255, 0), (0, 0, 255)]
    data = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x81, background, 0)
    data += b"".join(map(bytes, palette))
    if transparent is not None:
        data += b"\x21\xf9\x04\x01\x00\x00" + bytes([transparent, 0])
    data += b"\x2c" + struct.pack("<HHHHB", *position, *frame, 0x40 if interlaced else 0)
    width, height = frame
    rows = range(height)
    if interlaced:
        rows = [*range(0, height, 8), *range(4, height, 8), *range(2, height, 4), *range(1, height, 2)]
    # Codes of three bits, the table emptied after every other one, so that it never grows.
    codes = []
    for i, pixel in enumerate(itertools.chain(*(pixels[r * width : (r + 1) * width] for r in rows))):
        codes += [4, pixel] if i % 2 == 0 else [pixel]
    bits = "".join(f"{code:03b}"[::-1] for code in [*codes, 5])
    packed = bytes(int(bits[i : i + 8][::-1], 2) for i in range(0, len(bits), 8))
    data += b"\x02"
    for i in range(0, len(packed), 255):
        data += bytes([len(packed[i : i + 255])]) + packed[i : i + 255]
    return data + b"\x00\x3b"


def files(random):
    rgba = random.integers(0, 256, (HEIGHT, WIDTH, 4), dtype=np.uint8)
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    smooth = np.stack([7 * x, 12 * y, 4 * (x + y), 255 - 5 * x], axis=2).astype(np.uint8)

    def saved(image, kind, **options):
        out = io.BytesIO()
        image.save(out, kind, **options)
        return out.getvalue()

    for mode in ["1", "L", "LA", "P", "RGB", "RGBA"]:
        image = Image.fromarray(rgba).convert(mode)
        yield f"{mode}.png", saved(image, "png")
    yield "I16.png", saved(Image.fromarray(random.integers(0, 65536, (HEIGHT, WIDTH), dtype=np.uint16)), "png")
    for bits in [1, 2, 4]:
        few = Image.fromarray(rgba[:, :, :3]).quantize(1 << bits)
        yield f"P{bits}.png", saved(few, "png", bits=bits)
        yield f"P{bits}-transparent.png", saved(few, "png", bits=bits, transparency=1)
    many = Image.fromarray(rgba[:, :, :3]).quantize(64)
    yield "P-alphas.png", saved(many, "png", transparency=bytes(range(0, 256, 4)))
    yield "L-transparent.png", saved(Image.fromarray(rgba[:, :, 0] // 64 * 64), "png", transparency=64)
    yield "RGB-transparent.png", saved(Image.fromarray(rgba[:, :, :3] // 128 * 128), "png", transparency=(0, 128, 128))
    for mode in ["1", "L", "P", "RGB", "RGBA"]:
        yield f"{mode}.bmp", saved(Image.fromarray(rgba).convert(mode), "bmp")
    for mode in ["L", "P", "RGB"]:
        yield f"{mode}.gif", saved(Image.fromarray(rgba).convert(mode), "gif")
    for mode, quality, sampling in itertools.product(["L", "RGB", "CMYK"], [75, 95], [0, 1, 2]):
        image = Image.fromarray(smooth).convert("RGB").convert(mode)
        yield f"{mode}-{quality}-{sampling}.jpg", saved(image, "jpeg", quality=quality, subsampling=sampling)
    image = Image.fromarray(smooth).convert("RGB")
    yield "progressive.jpg", saved(image, "jpeg", quality=90, progressive=True)
    yield "rgb-inside.jpg", saved(image, "jpeg", quality=90, keep_rgb=True)
    turned = Image.Exif()
    turned[0x0112] = 6
    yield "orientation.jpg", saved(image, "jpeg", quality=90, exif=turned)
    for rows in [1, *range(5, 19)]:
        pixels = random.integers(0, 4, 7 * rows).tolist()
        yield f"interlaced-{rows}.gif", gif((7, rows), (7, rows), (0, 0), 0, None, True, pixels)
    pixels = [i % 3 + 1 for i in range(12)]
    for n, (screen, position) in enumerate(
        [((6, 5), (1, 1)), ((4, 3), (0, 0)), ((3, 2), (0, 0)), ((3, 3), (2, 1)), ((9, 9), (5, 6))]
    ):
        for background, transparent in [(0, None), (2, None), (0, 0), (2, 1), (1, 1), (3, 3)]:
            name = f"screen-{n}-{background}-{transparent}.gif"
            yield name, gif(screen, (4, 3), position, background, transparent, False, pixels)
    # Java misreads these.
    for rows in [2, 3, 4]:
        yield f"refused-{rows}.gif", gif((1, rows), (1, rows), (0, 0), 0, None, True, [1] * rows)


def main(directory, seed):
    for name, content in files(np.random.default_rng(seed)):
        (directory / name).write_bytes(content)
        image = Image.open(io.BytesIO(content))
        if image.mode.startswith("I"):
            rgb = np.round(np.asarray(image, np.float64) / 257).astype(np.uint8)[:, :, None].repeat(3, axis=2)
        else:
            rgba = np.asarray(image.convert("RGBA"), np.int32)
            opacity = rgba[:, :, 3:]
            rgb = ((rgba[:, :, :3] * opacity + 255 * (255 - opacity) + 127) // 255).astype(np.uint8)
        head = struct.pack("<ii", *rgb.shape[:2])
        (directory / (name + ".rgb")).write_bytes(head + rgb.tobytes())


main(Path(sys.argv[1]), int(sys.argv[2]))
