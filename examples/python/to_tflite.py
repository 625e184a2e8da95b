#!/usr/bin/env python3
"""Makes a TFLite file of a SavedModel of mlit, and runs it.

    pip install -r examples/python/requirements/tflite.txt
    python examples/python/to_tflite.py savedmodels/quickstart examples/images/*.png --out quickstart.tflite
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


def convert(directory, file, float16=False):
    """Writes a TFLite file with the signature serving_default of a SavedModel."""
    converter = tf.lite.TFLiteConverter.from_saved_model(str(directory), signature_keys=["serving_default"])
    if float16:
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.target_spec.supported_types = [tf.float16]
    pathlib.Path(file).write_bytes(converter.convert())


def logits(file, images):
    """The logits of images [n, height, width, channels] in [0, 1], one at a time as a phone does it."""
    classify = Interpreter(str(file)).get_signature_runner("serving_default")
    return np.concatenate([classify(images=image[np.newaxis])["logits"] for image in images])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path, help="directory of the SavedModel")
    parser.add_argument("pictures", nargs="+")
    parser.add_argument("--float16", action="store_true", help="weights of half the size")
    parser.add_argument("--out", type=pathlib.Path, default="model.tflite", metavar="FILE")
    options = parser.parse_args()

    convert(options.model, options.out, options.float16)
    images = pictures.read(options.pictures, pictures.spec(options.model))
    ours = logits(options.out, images)
    model = tf.saved_model.load(str(options.model))
    theirs = model.signatures["serving_default"](images=tf.constant(images))["logits"].numpy()
    labels = pictures.labels(options.model)
    for path, values in zip(options.pictures, ours):
        print(f"{path}: {labels[int(values.argmax())]}")
    print(f"{options.out}: {options.out.stat().st_size:,} bytes; largest difference {np.abs(ours - theirs).max():.1e}")


if __name__ == "__main__":
    main()
