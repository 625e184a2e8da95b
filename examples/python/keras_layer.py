#!/usr/bin/env python3
"""A SavedModel of mlit as a layer of a Keras 3 model, with a head on top; both learn.

    pip install -r examples/python/requirements/keras.txt
    python examples/python/keras_layer.py savedmodels/quickstart DATA --epochs 5 --optimizer adamw --save tuned

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


class Lion(keras.optimizers.Lion):
    """Lion, which (keras 3.15) asks for the shape of every gradient; TensorFlow does not infer all of them."""

    def update_step(self, gradient, variable, learning_rate):
        super().update_step(tf.ensure_shape(gradient, variable.shape), variable, learning_rate)


OPTIMIZERS = {
    "adam": (keras.optimizers.Adam, 1e-3),
    "adamw": (keras.optimizers.AdamW, 1e-3),
    "lion": (Lion, 1e-4),
    "sgd": (keras.optimizers.SGD, 0.05),
}
"""Optimizers by name, each with the learning rate that it has unless --rate is set."""


class SavedModelLayer(keras.layers.Layer):
    """A signature of a SavedModel, whose variables learn.

    As keras.layers.TFSMLayer, but for the names of the variables: that (keras 3.15) leaves TensorFlow's ":0" in them,
    and Adam, AdamW and Lion then cannot name what they keep of each variable.
    """

    def __init__(self, directory, signature):
        super().__init__(dtype="float32")  # also where the rest of a model computes in mixed precision
        self.saved_model = tf.saved_model.load(str(directory))
        self.signature = self.saved_model.signatures[signature]
        # All of them, so that what is saved has those of other signatures and of training too.
        self.kept = [
            keras.Variable(v, name=v.name.removesuffix(":0").replace("/", "_")) for v in self.saved_model.variables
        ]

    def call(self, images):
        return self.signature(images=images)


def build(directory, spec, classes):
    """The features of the SavedModel, then a linear head to logits."""
    features = SavedModelLayer(directory, "features")
    head = keras.layers.Dense(classes, name="new_head")
    size = spec["image"]
    images = keras.Input((size["height"], size["width"], size["channels"]))
    model = keras.Model(images, head(features(images)["features"]))
    if classes == spec["classes"]:
        java = {v.name: v for v in features.saved_model.variables}
        head.set_weights([java["head/kernel:0"].numpy(), java["head/bias:0"].numpy()])
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="directory of the SavedModel")
    parser.add_argument("data", help="directory with train/CLASS/* and test/CLASS/*")
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--optimizer", choices=OPTIMIZERS, default="adamw", help="adamw unless set")
    parser.add_argument("--rate", type=float, help="learning rate; 1e-3, of lion 1e-4, of sgd 0.05 unless set")
    parser.add_argument("--save", metavar="DIR", help="where the model goes, as a SavedModel")
    options = parser.parse_args()

    spec = pictures.spec(options.model)
    images, classes = pictures.folder(f"{options.data}/train", spec)
    test = pictures.folder(f"{options.data}/test", spec)
    model = build(options.model, spec, int(classes.max()) + 1)
    optimizer, rate = OPTIMIZERS[options.optimizer]
    model.compile(
        optimizer(rate if options.rate is None else options.rate),
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
