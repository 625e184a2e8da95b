#!/usr/bin/env python3
"""Uses a SavedModel of mlit: says what is in pictures, and learns from them.

    pip install -r examples/python/requirements.txt
    python examples/python/use_saved_model.py savedmodels/quickstart examples/images/*.png
    python examples/python/use_saved_model.py savedmodels/quickstart examples/images/*.png \\
        --fine-tune 20 --save savedmodels/tuned

Pictures may have any size. To learn from them, their file names begin with their class: ankle-boot-2.png is an
"Ankle boot". What is saved is a SavedModel again, for Python and for ./mlit predict.
"""

import argparse
import pathlib
import re
import shutil

import tensorflow as tf


def read_image(path, height, width, channels):
    """The pixels of a PNG, JPEG, GIF or BMP file in [0, 1], resized to [height, width, channels]."""
    pixels = tf.io.decode_image(tf.io.read_file(str(path)), channels=channels, expand_animations=False)
    resized = tf.image.resize(pixels, (height, width), antialias=True)
    return tf.round(resized) / 255


def class_of(path, labels):
    """The class that a file name begins with; None if it does not."""
    slugs = [re.sub(r"\W+", "-", label.lower()) for label in labels]
    found = [i for i, slug in enumerate(slugs) if path.stem.lower().startswith(slug)]
    return max(found, key=lambda i: len(slugs[i]), default=None)


def fine_tune(classify, variables, images, classes, steps, rate=1e-2):
    """Trains some variables of a model; returns the loss before and after."""
    optimizer = tf.keras.optimizers.Adam(rate)
    losses = []
    for step in range(steps + 1):
        with tf.GradientTape() as tape:
            logits = classify(images=images)["logits"]
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(classes, logits))
        losses.append(float(loss))
        if step < steps:
            optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
    return losses[0], losses[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path, help="directory of the SavedModel")
    parser.add_argument("pictures", type=pathlib.Path, nargs="+")
    parser.add_argument("--top", type=int, default=3, metavar="K", help="classes to name; 3 unless set")
    parser.add_argument("--fine-tune", type=int, metavar="STEPS", help="train on the pictures")
    parser.add_argument("--variables", default="head/", metavar="PREFIX", help="what to train; head/ unless set")
    parser.add_argument("--save", type=pathlib.Path, metavar="DIR", help="where the fine-tuned model goes")
    options = parser.parse_args()

    model = tf.saved_model.load(str(options.model))
    labels = (options.model / "labels.txt").read_text(encoding="utf-8").splitlines()
    classify = model.signatures["serving_default"]
    # The noise of the gates is for training in Java, no signature depends on it.
    variables = [v for v in model.variables if v.name.startswith(options.variables) and "/moe/noise/" not in v.name]
    _, height, width, channels = classify.structured_input_signature[1]["images"].shape
    images = tf.stack([read_image(path, height, width, channels) for path in options.pictures])
    classes = [class_of(path, labels) for path in options.pictures]
    if not variables:
        parser.error(f"--variables {options.variables}: names no variable of the model")
    if options.fine_tune and None in classes:
        parser.error(f"{options.pictures[classes.index(None)]}: its name begins with no class of the model")

    best = tf.math.top_k(classify(images=images)["probabilities"], k=options.top)
    for path, probabilities, indices in zip(options.pictures, best.values.numpy(), best.indices.numpy()):
        print(f"{path}: " + ", ".join(f"{labels[i]} {p:.4f}" for p, i in zip(probabilities, indices)))

    if options.fine_tune:
        before, after = fine_tune(classify, variables, images, classes, options.fine_tune)
        print(f"loss {before:.4f} -> {after:.4f} after {options.fine_tune} steps on {len(variables)} variables")
    if options.save:
        tf.saved_model.save(model, str(options.save), signatures=model.signatures)
        for name in ("spec.yaml", "labels.txt"):
            shutil.copy(options.model / name, options.save)


if __name__ == "__main__":
    main()
