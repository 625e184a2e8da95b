#!/usr/bin/env python3
"""Hides patches of pictures and has an autoencoder of mlit paint them; goes on with its training.

    pip install -r examples/python/requirements/reconstruct.txt
    ./mlit train specs/runs/pretrain-cifar100.yaml
    python examples/python/reconstruct.py runs/pretrain-cifar100/savedmodel examples/images/*.png --out painted.png

Pictures may have any size. The result is one PNG, a row for every picture: the original, what the model sees of it, and
that with the hidden patches as the model paints them. --train 100 first trains it on the pictures for so many steps.
"""

import argparse
import pathlib

import tensorflow as tf


def read_image(path, shape):
    """The pixels of a PNG, JPEG, GIF or BMP file in [0, 1], resized to [height, width, channels]."""
    height, width, channels = shape
    pixels = tf.io.decode_image(tf.io.read_file(str(path)), channels=channels, expand_animations=False)
    return tf.round(tf.image.resize(pixels, (height, width), antialias=True)) / 255


class Autoencoder:
    """A SavedModel with the signature reconstruct: images and noise in, patches and mask out."""

    def __init__(self, directory):
        self.model = tf.saved_model.load(str(directory))
        self.reconstruct = self.model.signatures["reconstruct"]
        inputs = self.reconstruct.structured_input_signature[1]
        self.shape = inputs["images"].shape[1:]
        self.count = inputs["noise"].shape[1]
        values = self.reconstruct.structured_outputs["patches"].shape[2]
        self.side = round((values / self.shape[2]) ** 0.5)

    def paint(self, images, noise):
        """The normalised pixels of every patch as painted, [batch, patches, values], and 1 where it was hidden."""
        painted = self.reconstruct(images=images, noise=noise)
        return painted["patches"], painted["mask"][..., None]

    def patches(self, images):
        """The patches of images, row by row: [batch, patches, values]."""
        return tf.reshape(
            tf.image.extract_patches(images, [1, self.side, self.side, 1], [1, self.side, self.side, 1], [1] * 4, "VALID"),
            [-1, self.count, self.side**2 * self.shape[2]],
        )

    def images(self, patches):
        """Patches put together again: [batch, height, width, channels]."""
        height, width, channels = self.shape
        rows, columns = height // self.side, width // self.side
        grid = tf.reshape(patches, [-1, rows, columns, self.side, self.side, channels])
        return tf.reshape(tf.transpose(grid, [0, 1, 3, 2, 4, 5]), [-1, height, width, channels])


class Normalisation:
    """From pixels in [0, 1] to what the model paints and back, by its spec.yaml."""

    def __init__(self, directory, autoencoder):
        import yaml

        spec = yaml.safe_load((pathlib.Path(directory) / "spec.yaml").read_text())
        channels = [autoencoder.shape[2]]
        self.mean, self.std = (
            tf.broadcast_to(tf.constant(spec["normalization"][key], tf.float32), channels) for key in ("mean", "std")
        )
        self.by_patch = spec.get("norm-pixels", False)
        self.autoencoder = autoencoder

    def statistics(self, patches):
        """Mean and deviation of every patch, as torch.var has it; 0 and 1 for a model without norm-pixels."""
        if not self.by_patch:
            return 0.0, 1.0
        mean = tf.reduce_mean(patches, -1, keepdims=True)
        variance = tf.reduce_sum(tf.square(patches - mean), -1, keepdims=True) / (patches.shape[-1] - 1)
        return mean, tf.sqrt(variance + 1e-6)

    def patches(self, images):
        """What the model should paint of images."""
        patches = self.autoencoder.patches((images - self.mean) / self.std)
        mean, deviation = self.statistics(patches)
        return (patches - mean) / deviation

    def images(self, painted, images):
        """The pixels of what was painted of these images."""
        mean, deviation = self.statistics(self.autoencoder.patches((images - self.mean) / self.std))
        return self.autoencoder.images(painted * deviation + mean) * self.std + self.mean


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="directory of the SavedModel of an autoencoder")
    parser.add_argument("pictures", nargs="+")
    parser.add_argument("--out", default="painted.png", help="the picture to write")
    parser.add_argument("--seed", type=int, default=1, help="decides what is hidden")
    parser.add_argument("--train", type=int, default=0, metavar="STEPS", help="train on the pictures first")
    arguments = parser.parse_args()

    autoencoder = Autoencoder(arguments.model)
    images = tf.stack([read_image(path, autoencoder.shape) for path in arguments.pictures])
    normalisation = Normalisation(arguments.model, autoencoder)
    wanted = normalisation.patches(images)

    optimizer = tf.keras.optimizers.Adam(1e-3)
    # The noise of the gates is for mlit's own training; no signature uses it.
    variables = [v for v in autoencoder.model.variables if "/moe/noise/" not in v.name]
    for _ in range(arguments.train):
        with tf.GradientTape() as tape:
            painted, hidden = autoencoder.paint(images, tf.random.uniform([len(images), autoencoder.count]))
            loss = tf.reduce_sum(hidden * tf.square(painted - wanted)) / tf.reduce_sum(hidden * tf.ones_like(wanted))
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))

    noise = tf.random.stateless_uniform([len(images), autoencoder.count], [arguments.seed, 0])
    painted, hidden = autoencoder.paint(images, noise)
    error = tf.reduce_sum(hidden * tf.square(painted - wanted)) / tf.reduce_sum(hidden * tf.ones_like(wanted))
    print(f"error of hidden patches {float(error):.4f}, {len(images)} pictures")

    hidden = autoencoder.images(hidden * tf.ones_like(wanted))
    completed = hidden * normalisation.images(painted, images) + (1 - hidden) * images
    columns = [images, hidden * 0.5 + (1 - hidden) * images, completed]
    sheet = tf.concat([tf.concat(tf.unstack(column), 0) for column in columns], 1)
    pixels = tf.cast(tf.round(255 * tf.clip_by_value(sheet, 0, 1)), tf.uint8)
    tf.io.write_file(arguments.out, tf.io.encode_png(pixels))
    print(f"written to {arguments.out}")


if __name__ == "__main__":
    main()
