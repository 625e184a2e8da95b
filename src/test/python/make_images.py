"""Writes images of every kind that Pillow can, and what Pillow reads from each: NAME, and beside it
NAME.rgb with height and width (little-endian int32) and the RGB bytes, on white where it is transparent."""

import io
import itertools
import struct
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms, ImageOps

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


def tiff(size, photometric, bits, strips, extra=None, kind=None, planar=1, order="<", more=()):
    """An uncompressed TIFF as Pillow does not write them."""
    width, height = size
    entries = [(256, "I", [width]), (257, "I", [height]), (258, "H", bits), (259, "H", [1]), (262, "H", [photometric])]
    entries += [(273, "I", [0] * len(strips)), (277, "H", [len(bits)]), (278, "I", [height])]
    entries += [(279, "I", [len(strip) for strip in strips]), (284, "H", [planar])]
    entries += [(338, "H", [extra])] if extra is not None else []
    entries += [(339, "H", [kind] * len(bits))] if kind else []
    entries = sorted([*entries, *more])
    place = 8 + 2 + 12 * len(entries) + 4
    start = place + sum(len(v) * struct.calcsize(f) for _, f, v in entries if len(v) * struct.calcsize(f) > 4)
    listed, values = b"", b""
    for tag, form, numbers in entries:
        if tag == 273:
            numbers = [start + sum(map(len, strips[:i])) for i in range(len(strips))]
        packed = struct.pack(f"{order}{len(numbers)}{form}", *numbers)
        if len(packed) > 4:
            packed, values = struct.pack(order + "I", place + len(values)), values + packed
        listed += struct.pack(order + "HHI", tag, {"H": 3, "I": 4}[form], len(numbers)) + packed.ljust(4, b"\0")
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    return head + struct.pack(order + "H", len(entries)) + listed + bytes(4) + values + b"".join(strips)


def webps(random, saved, rgba, smooth):
    for mode in ["L", "RGB", "RGBA"]:
        for name, pixels in ("noise", rgba), ("smooth", smooth):
            yield f"{mode}-{name}.lossless.webp", saved(Image.fromarray(pixels).convert(mode), "webp", lossless=True)
        for quality in [75, 95]:
            image = Image.fromarray(smooth).convert(mode)
            yield f"{mode}-{quality}.webp", saved(image, "webp", quality=quality)
    few = Image.fromarray(rgba[:, :, :3]).quantize(8).convert("RGB")
    yield "few.lossless.webp", saved(few, "webp", lossless=True)
    turned = Image.Exif()
    turned[0x0112] = 6
    image = Image.fromarray(smooth[:, :, :3])
    yield "orientation.lossless.webp", saved(image, "webp", lossless=True, exif=turned)
    # Its colours are not applied; red and blue, in other places, would be seen at once.
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    profile[red : red + 4], profile[blue : blue + 4] = b"bXYZ", b"rXYZ"
    yield "profile.lossless.webp", saved(image, "webp", lossless=True, icc_profile=bytes(profile))
    yield "profile.tif", saved(image, "tiff", icc_profile=bytes(profile))
    yield "refused-animated.webp", saved(image, "webp", save_all=True, append_images=[few], lossless=True)


def tiffs(random, saved, rgba, smooth):
    noise = Image.fromarray(rgba)
    for packed in [None, "tiff_lzw", "tiff_deflate", "tiff_adobe_deflate", "packbits"]:
        for mode in ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"]:
            image = noise.convert("RGB").convert(mode) if mode == "CMYK" else noise.convert(mode)
            yield f"{mode}-{packed}.tif", saved(image, "tiff", compression=packed)
    deep = Image.fromarray(random.integers(0, 65536, (HEIGHT, WIDTH), dtype=np.uint16))
    yield "I16-lzw.tif", saved(deep, "tiff", compression="tiff_lzw")
    for packed in ["group3", "group4", "tiff_ccitt"]:
        yield f"1-{packed}.tif", saved(noise.convert("1"), "tiff", compression=packed)
    for mode in ["L", "RGB", "CMYK", "YCbCr"]:
        image = Image.fromarray(smooth).convert("RGB").convert(mode)
        yield f"{mode}-jpeg.tif", saved(image, "tiff", compression="jpeg", quality=90)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        for mode in ["1", "RGB", "RGBA"]:
            yield f"turned-{mode}-{orientation}.tif", saved(noise.convert(mode), "tiff", exif=exif)
    pages = [noise.convert("L")]
    yield "pages.tif", saved(noise.convert("RGB"), "tiff", save_all=True, append_images=pages)
    size, gray, rgb = (WIDTH, HEIGHT), rgba[:, :, 0].tobytes(), rgba[:, :, :3].tobytes()
    yield "white-is-zero.tif", tiff(size, 0, [8], [gray])
    yield "big-endian.tif", tiff(size, 1, [8], [gray], order=">")
    yield "bits-2.tif", tiff((36, HEIGHT), 1, [2], [random.bytes(9 * HEIGHT)])
    yield "bits-4.tif", tiff((36, HEIGHT), 1, [4], [random.bytes(18 * HEIGHT)])
    yield "planes.tif", tiff(size, 2, [8] * 3, [rgba[:, :, c].tobytes() for c in range(3)], planar=2)
    for order in "<>":
        yield f"RGB16-{ord(order)}.tif", tiff(size, 2, [16] * 3, [random.bytes(6 * WIDTH * HEIGHT)], order=order)
    yield "refused-premultiplied.tif", tiff(size, 2, [8] * 4, [noise.convert("RGBa").tobytes()], extra=1)
    yield "refused-unknown-extra.tif", tiff(size, 2, [8] * 4, [rgba.tobytes()], extra=0)
    yield "refused-signed.tif", tiff(size, 1, [8], [gray], kind=2)
    yield "refused-32.tif", tiff(size, 1, [32], [random.bytes(4 * WIDTH * HEIGHT)])
    yield "refused-white-16.tif", tiff(size, 0, [16], [random.bytes(2 * WIDTH * HEIGHT)])
    yield "refused-tiles.tif", tiff(size, 2, [8] * 3, [rgb], more=[(322, "I", [60_000]), (323, "I", [60_000])])
    yield "refused-fractions.tif", saved(noise.convert("F"), "tiff")
    yield "refused-lab.tif", saved(Image.frombytes("LAB", size, rgb), "tiff")
    yield "refused-zstd.tif", saved(noise.convert("RGB"), "tiff", compression="zstd")


def held(saved, image):
    """As cameras were held; 9 is no orientation."""
    kinds = {"jpg": ("jpeg", {"quality": 95}), "png": ("png", {}), "tif": ("tiff", {})}
    kinds["lossless.webp"] = ("webp", {"lossless": True})
    for ending, (kind, options) in kinds.items():
        yield f"held-unsaid.{ending}", saved(image, kind, **options)
        for orientation in range(1, 10):
            exif = Image.Exif()
            exif[0x010F] = "a camera's maker, before it in the record"
            exif[0x0112] = orientation
            yield f"held-{orientation}.{ending}", saved(image, kind, exif=exif, **options)
    exif = Image.Exif()
    exif.endian = ">"
    exif[0x0112] = 8
    for ending, (kind, options) in kinds.items():
        yield f"held-big-endian.{ending}", saved(image, kind, exif=exif.tobytes(), **options)
    yield "held-comment.jpg", saved(image, "jpeg", quality=95, exif=exif, comment=b"Exif" * 9999)


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
    yield from held(saved, image)
    yield from webps(random, saved, rgba, smooth)
    yield from tiffs(random, saved, rgba, smooth)
    # Java misreads these.
    for rows in [2, 3, 4]:
        yield f"refused-{rows}.gif", gif((1, rows), (1, rows), (0, 0), 0, None, True, [1] * rows)


def main(directory, seed):
    for name, content in files(np.random.default_rng(seed)):
        (directory / name).write_bytes(content)
        if name.startswith("refused"):
            continue
        image = Image.open(io.BytesIO(content))
        if name.startswith("held"):
            image = ImageOps.exif_transpose(image)
        if image.mode.startswith("I"):
            rgb = np.round(np.asarray(image, np.float64) / 257).astype(np.uint8)[:, :, None].repeat(3, axis=2)
        else:
            rgba = np.asarray(image.convert("RGBA"), np.int32)
            opacity = rgba[:, :, 3:]
            rgb = ((rgba[:, :, :3] * opacity + 255 * (255 - opacity) + 127) // 255).astype(np.uint8)
        head = struct.pack("<ii", *rgb.shape[:2])
        (directory / (name + ".rgb")).write_bytes(head + rgb.tobytes())


main(Path(sys.argv[1]), int(sys.argv[2]))
