#!/usr/bin/env python3
"""A SavedModel of mlit as a layer of a Keras 3 model, with a head on top; both learn.

    pip install -r examples/python/requirements/keras.txt
    python examples/python/keras_layer.py savedmodels/quickstart DATA --epochs 5 --save tuned

DATA has train/CLASS/*.png and test/CLASS/*.png, of as many classes as the model or of others. With as many, the new
head begins as the model's own: before the first epoch the Keras model gives the logits that Java gives. What is saved
goes back to Java:

    ./mlit import tuned --model savedmodels/quickstart --rename new_head/kernel=head/kernel \\
        --rename new_head/bias=head/bias --to savedmodels/tuned
"""

import argparse
import warnings

import keras
import tensorflow as tf

import pictures


def build(directory, spec, classes):
    """The features of the SavedModel, then a linear head to logits."""
    features = keras.layers.TFSMLayer(str(directory), call_endpoint="features")
    head = keras.layers.Dense(classes, name="new_head")
    size = spec["image"]
    images = keras.Input((size["height"], size["width"], size["channels"]))
    model = keras.Model(images, head(features(images)["features"]))
    if classes == spec["classes"]:
        java = {v.name: v for v in tf.saved_model.load(str(directory)).variables}
        head.set_weights([java["head/kernel:0"].numpy(), java["head/bias:0"].numpy()])
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="directory of the SavedModel")
    parser.add_argument("data", help="directory with train/CLASS/* and test/CLASS/*")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--rate", type=float, default=0.05, help="learning rate; 0.05 unless set")
    parser.add_argument("--save", metavar="DIR", help="where the model goes, as a SavedModel")
    options = parser.parse_args()

    spec = pictures.spec(options.model)
    images, classes = pictures.folder(f"{options.data}/train", spec)
    test = pictures.folder(f"{options.data}/test", spec)
    model = build(options.model, spec, int(classes.max()) + 1)
    # Plain SGD: Keras cannot make an optimizer's slots for the variables of a SavedModel (keras 3.15).
    model.compile(
        keras.optimizers.SGD(options.rate),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    print(f"accuracy before {model.evaluate(*test, verbose=0)[1]:.4f}")
    with warnings.catch_warnings():
        # For the gates' noise and the model's own head, on which the features do not depend.
        warnings.filterwarnings("ignore", "Gradients do not exist for variables")
        model.fit(images, classes, epochs=options.epochs, batch_size=64, verbose=0)
    print(f"accuracy after  {model.evaluate(*test, verbose=0)[1]:.4f} on {len(test[1])} pictures")
    if options.save:
        model.export(options.save, format="tf_saved_model", verbose=False)


if __name__ == "__main__":
    main()
