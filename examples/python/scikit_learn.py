#!/usr/bin/env python3
"""What the features of a SavedModel of mlit are worth: a linear probe and nearest neighbours, with scikit-learn.

    pip install -r examples/python/requirements/scikit_learn.txt
    python examples/python/scikit_learn.py savedmodels/quickstart DATA

DATA has train/CLASS/*.png and test/CLASS/*.png; the classes need not be those of the model.
"""

import argparse

import numpy as np
import tensorflow as tf
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import pictures


def features(directory, images, batch=250):
    """The features of images, [n, embedding], in float64: cosine distances of features that are alike need it."""
    extract = tf.saved_model.load(str(directory)).signatures["features"]
    parts = [images[i : i + batch] for i in range(0, len(images), batch)]
    return np.concatenate([extract(images=tf.constant(part))["features"].numpy() for part in parts]).astype(np.float64)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="directory of the SavedModel")
    parser.add_argument("data", help="directory with train/CLASS/* and test/CLASS/*")
    parser.add_argument("--neighbours", type=int, default=10, metavar="K", help="10 unless set")
    options = parser.parse_args()

    spec = pictures.spec(options.model)
    images, classes = pictures.folder(f"{options.data}/train", spec)
    test_images, test_classes = pictures.folder(f"{options.data}/test", spec)
    train, test = features(options.model, images), features(options.model, test_images)
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(train, classes)
    print(f"linear probe        {probe.score(test, test_classes):.4f} on {len(test)} pictures")
    neighbours = KNeighborsClassifier(options.neighbours, metric="cosine").fit(train, classes)
    print(f"nearest neighbours  {neighbours.score(test, test_classes):.4f}")


if __name__ == "__main__":
    main()
