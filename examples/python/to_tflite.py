#!/usr/bin/env python3
"""Makes a TFLite file of a SavedModel of mlit, and runs it.

    pip install -r examples/python/requirements/tflite.txt
    python examples/python/to_tflite.py savedmodels/quickstart examples/images/*.png --out quickstart.tflite
    python examples/python/to_tflite.py savedmodels/quickstart examples/images/*.png --int8 FOLDER --out int8.tflite

Without an option weights and computation are float32; --float16 and --dynamic shorten the weights, --int8 computes the
linear layers in int8 and needs a folder of pictures like those that will be classified, a hundred or more.
"""

import argparse
import pathlib

import numpy as np
import tensorflow as tf

import pictures

try:
    from ai_edge_litert.interpreter import Interpreter
except ImportError:
    Interpreter = tf.lite.Interpreter

CALIBRATION_PICTURES = 200

# What is named here stays float32. In int8 the gates would be noise, as experts that are not chosen stretch the range of the
# scores to 1e30, and a softmax over many tokens has steps of 1/256. The linear layers are left, most of the work.
FLOAT_OPERATIONS = [
    *("SOFTMAX", "BATCH_MATMUL"),  # attention
    *("TOPK_V2", "ONE_HOT", "ADD", "SUB", "MUL", "SUM", "LOGISTIC"),  # gates, experts and residuals
    *("MEAN", "SQUARED_DIFFERENCE", "RSQRT"),  # norms
    *("CONCATENATION", "SPLIT", "SPLIT_V", "SLICE", "STRIDED_SLICE", "RESHAPE", "TRANSPOSE", "PACK", "UNPACK"),
]


def converter(directory):
    """Of the signature serving_default of a SavedModel."""
    return tf.lite.TFLiteConverter.from_saved_model(str(directory), signature_keys=["serving_default"])


def convert(directory, file, float16=False, dynamic=False):
    """Writes a TFLite file; its weights are float32, float16, or with dynamic int8 with the ranges of the inputs of
    linear layers taken anew for every image."""
    made = converter(directory)
    if float16 or dynamic:
        made.optimizations = [tf.lite.Optimize.DEFAULT]
    if float16:
        made.target_spec.supported_types = [tf.float16]
    pathlib.Path(file).write_bytes(made.convert())


def convert_int8(directory, file, images):
    """Writes a TFLite file whose linear layers compute in int8; images [n, height, width, channels] like those that it
    will classify decide the ranges."""
    made = converter(directory)
    made.optimizations = [tf.lite.Optimize.DEFAULT]
    made.representative_dataset = lambda: ({"images": image[np.newaxis]} for image in images)
    options = tf.lite.experimental.QuantizationDebugOptions(denylisted_ops=FLOAT_OPERATIONS)
    # The converter itself cannot leave out operations; this makes the same file, but for those.
    debugger = tf.lite.experimental.QuantizationDebugger(converter=made, debug_options=options)
    pathlib.Path(file).write_bytes(debugger.get_nondebug_quantized_model())


def calibration(folder, spec):
    """Pictures of a folder, however deep: all, or evenly spaced ones among their names."""
    files = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".png", ".jpg", ".jpeg"))
    chosen = np.linspace(0, len(files) - 1, min(len(files), CALIBRATION_PICTURES)).round().astype(int)
    return pictures.read([files[i] for i in chosen], spec) if files else None


def logits(file, images):
    """The logits of images [n, height, width, channels] in [0, 1], one at a time as a phone does it."""
    classify = Interpreter(str(file)).get_signature_runner("serving_default")
    return np.concatenate([classify(images=image[np.newaxis])["logits"] for image in images])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path, help="directory of the SavedModel")
    parser.add_argument("pictures", nargs="+")
    weights = parser.add_mutually_exclusive_group()
    weights.add_argument("--float16", action="store_true", help="weights of half the size")
    weights.add_argument("--dynamic", action="store_true", help="weights of a quarter of the size")
    weights.add_argument("--int8", type=pathlib.Path, metavar="FOLDER", help="computes in int8, in ranges of its pictures")
    parser.add_argument("--out", type=pathlib.Path, default="model.tflite", metavar="FILE")
    options = parser.parse_args()

    spec = pictures.spec(options.model)
    if options.int8:
        images = calibration(options.int8, spec)
        if images is None:
            parser.error(f"--int8 {options.int8}: must be a folder with .png or .jpg pictures in it")
        convert_int8(options.model, options.out, images)
    else:
        convert(options.model, options.out, options.float16, options.dynamic)
    images = pictures.read(options.pictures, spec)
    ours = logits(options.out, images)
    model = tf.saved_model.load(str(options.model))
    theirs = model.signatures["serving_default"](images=tf.constant(images))["logits"].numpy()
    labels = pictures.labels(options.model)
    for path, values in zip(options.pictures, ours):
        print(f"{path}: {labels[int(values.argmax())]}")
    print(f"{options.out}: {options.out.stat().st_size:,} bytes; largest difference {np.abs(ours - theirs).max():.1e}")


if __name__ == "__main__":
    main()
