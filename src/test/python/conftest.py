"""The models that Java has just exported, what Java computes with them, and the images that come with mlit."""

import gzip
import os
import pathlib
import runpy
import sys

import numpy as np
import pytest
import tensorflow as tf
import yaml

PROJECT = pathlib.Path(__file__).resolve().parents[3]
FASHION = PROJECT / "src/main/resources/dev/mlit/data/published/fashion-small"


class Exported:
    """A model that Java has trained, in DIRECTORY/savedmodel, with what Java computes beside it."""

    def __init__(self, directory):
        self.directory = directory
        self.path = directory / "savedmodel"
        self.checkpoint = directory / "run/checkpoints/epoch-1/variables"
        self.spec = yaml.safe_load((self.path / "spec.yaml").read_text())
        self.labels = (self.path / "labels.txt").read_text().splitlines()
        size = self.spec["image"]
        self.image = (size["height"], size["width"], size["channels"])
        self.patches = size["height"] // self.spec["patch"] * (size["width"] // self.spec["patch"])

    def java(self, name, *shape):
        """An array that Java has written; -1 is the number of images."""
        return np.fromfile(self.directory / f"{name}.f32", "<f4").reshape(-1, *shape)

    def images(self):
        """The images that Java has classified."""
        return self.java("images", *self.image)

    def real(self):
        """A hundred test images that Java has classified."""
        return self.java("real", *self.image)

    def text(self, name):
        """A text that Java has written."""
        return (self.directory / name).read_text()

    def load(self):
        """The model, loaded once more: for tests that change its variables."""
        return tf.saved_model.load(str(self.path))


class Fashion:
    """One part of fashion-small, read by other code than Java's: pixels [n, 28, 28, 1] and labels [n]."""

    def __init__(self, part):
        images = gzip.decompress((FASHION / f"{part}-images-idx3-ubyte.gz").read_bytes())
        labels = gzip.decompress((FASHION / f"{part}-labels-idx1-ubyte.gz").read_bytes())
        self.pixels = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 28, 28, 1)
        self.labels = np.frombuffer(labels, np.uint8, offset=8).astype(np.int32)

    def images(self, exported, count):
        """The first images in [0, 1], of the size that a model wants."""
        height, width, channels = exported.image
        resized = tf.image.resize(self.pixels[:count], (height, width), antialias=True).numpy()
        return np.repeat(np.rint(resized).astype(np.float32) / 255, channels, axis=-1)


@pytest.fixture(scope="session", params=["gray", "colour"])
def exported(request):
    directory = os.environ.get("MLIT_TEST_MODELS")
    if not directory:
        pytest.fail("MLIT_TEST_MODELS is not set: these tests are run by mvn test -Dtest=PythonTest")
    return Exported(pathlib.Path(directory) / request.param)


@pytest.fixture(scope="session")
def model(exported):
    """The loaded model, shared by the tests that only read it."""
    return exported.load()


@pytest.fixture(scope="session")
def train():
    return Fashion("train")


@pytest.fixture(scope="session")
def test():
    return Fashion("t10k")


@pytest.fixture(scope="session")
def project():
    return PROJECT


@pytest.fixture(scope="session")
def examples(project):
    """The programs of examples/python can be imported."""
    path = str(project / "examples/python")
    sys.path.insert(0, path)
    yield path
    sys.path.remove(path)


@pytest.fixture
def run_example(examples, monkeypatch):
    """Runs a program of examples/python."""

    def run(name, *arguments):
        program = pathlib.Path(examples) / name
        monkeypatch.setattr(sys, "argv", [str(each) for each in (program, *arguments)])
        runpy.run_path(str(program), run_name="__main__")

    return run
