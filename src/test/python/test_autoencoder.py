"""What Python programs do with an autoencoder that Java has just pre-trained.

dev.mlit.savedmodel.AutoencoderPythonTest trains it for a few steps, exports it, and runs this file. If a test fails,
researchers who pre-train with mlit lose what the test's first line says.
"""

import os
import pathlib
import runpy
import sys

import numpy as np
import pytest
import tensorflow as tf
import yaml

DIRECTORY = pathlib.Path(os.environ.get("MLIT_TEST_AUTOENCODER", "missing"))
SPEC = yaml.safe_load((DIRECTORY / "savedmodel/spec.yaml").read_text())
SIDE = SPEC["image"]["height"] // SPEC["patch"]
PATCHES = SIDE * SIDE
VALUES = SPEC["patch"] ** 2 * SPEC["image"]["channels"]
VISIBLE = int(PATCHES * (1 - SPEC["mask"]))


def java(name, *shape):
    return np.fromfile(DIRECTORY / f"{name}.f32", "<f4").reshape(-1, *shape)


@pytest.fixture
def model():
    return tf.saved_model.load(str(DIRECTORY / "savedmodel"))


@pytest.fixture
def images():
    return java("images", 28, 28, 3)


@pytest.fixture
def noise():
    return java("noise", PATCHES)


MEAN, STD = np.array(SPEC["normalization"]["mean"]), np.array(SPEC["normalization"]["std"])


def target(images):
    """The normalised pixels of every patch, by the design and not by Java's code."""
    p = SPEC["patch"]
    grid = ((images - MEAN) / STD).reshape(-1, SIDE, p, SIDE, p, 3).transpose(0, 1, 3, 2, 4, 5)
    return grid.reshape(-1, PATCHES, VALUES).astype(np.float32)


def pictures_of(patches):
    """The inverse: images in [0, 1]."""
    p = SPEC["patch"]
    grid = np.reshape(patches, [-1, SIDE, SIDE, p, p, 3]).transpose(0, 1, 3, 2, 4, 5)
    return grid.reshape(-1, SIDE * p, SIDE * p, 3) * STD + MEAN


def names(variables):
    return [variable.name.removesuffix(":0") for variable in variables]


def test_reconstruct_says_what_java_says(model, images, noise):
    """The signature takes images and noise and gives patches and mask, the same as in Java."""
    painted = model.signatures["reconstruct"](images=tf.constant(images), noise=tf.constant(noise))
    assert set(painted) == {"patches", "mask"}
    np.testing.assert_allclose(painted["patches"], java("patches", PATCHES, VALUES), rtol=0, atol=1e-4)
    np.testing.assert_array_equal(painted["mask"], java("mask", PATCHES))


def test_patches_with_the_smallest_noise_stay_visible(model, images, noise):
    """A study that gives the same noise hides the same patches."""
    expected = np.ones_like(noise)
    np.put_along_axis(expected, np.argsort(noise, axis=1, kind="stable")[:, :VISIBLE], 0, axis=1)
    painted = model.signatures["reconstruct"](images=tf.constant(images), noise=tf.constant(noise))
    np.testing.assert_array_equal(painted["mask"], expected)


@pytest.mark.parametrize("count", [1, 5])
def test_any_number_of_images(model, images, noise, count):
    """The batch size is free."""
    few = model.signatures["reconstruct"](images=tf.constant(images[:count]), noise=tf.constant(noise[:count]))
    np.testing.assert_allclose(few["patches"], java("patches", PATCHES, VALUES)[:count], rtol=0, atol=1e-4)


def test_features_see_all_patches(model, images):
    """Features for a classifier of one's own, of the encoder alone."""
    seen = model.signatures["features"](images=tf.constant(images))
    np.testing.assert_allclose(seen["tokens"], java("tokens", PATCHES + 1, SPEC["embedding"]), rtol=0, atol=1e-4)
    np.testing.assert_allclose(seen["features"], seen["tokens"][:, 0], rtol=0, atol=1e-5)


def test_all_variables_are_listed_and_trainable(model):
    """Weights can be read by the names of the design."""
    found = names(model.variables)
    assert len(found) == len(set(found))
    assert {"patch_embedding/kernel", "decoder/mask_token", "decoder/block_0/moe/experts/kernel"} <= set(found)
    assert not [name for name in found if name.startswith("head")]
    assert all(variable.trainable for variable in model.variables)


def test_gradients_reach_everything_that_reconstruct_uses(model, images, noise):
    """Pre-training goes on in Python: only the gates' noise, which is for training, has no gradient."""
    with tf.GradientTape() as tape:
        painted = model.signatures["reconstruct"](images=tf.constant(images), noise=tf.constant(noise))
        loss = tf.reduce_mean(tf.square(painted["patches"] - target(images)))
    gradients = tape.gradient(loss, model.variables)
    missing = {n for n, g in zip(names(model.variables), gradients) if g is None}
    assert missing == {n for n in names(model.variables) if "/moe/noise/" in n}


def test_a_few_steps_in_python_lower_the_error(model, images, noise):
    """What Java has begun, Python can go on with."""
    optimizer = tf.keras.optimizers.Adam(3e-3)
    wanted = target(images)
    losses = []
    variables = [v for v in model.variables if "/moe/noise/" not in v.name]
    for _ in range(15):
        with tf.GradientTape() as tape:
            painted = model.signatures["reconstruct"](images=tf.constant(images), noise=tf.constant(noise))
            hidden = painted["mask"][..., None] * tf.square(painted["patches"] - wanted)
            loss = tf.reduce_sum(hidden) / tf.reduce_sum(painted["mask"]) / VALUES
        losses.append(float(loss))
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
    assert losses[-1] < losses[0]


def run_example(model, out, monkeypatch, capsys, *options):
    """Runs examples/python/reconstruct.py on three pictures; the three columns that it paints, and what it prints."""
    project = pathlib.Path(__file__).resolve().parents[3]
    pictures = sorted(str(p) for p in (project / "examples/images").glob("*.png"))[:3]
    monkeypatch.setattr(sys, "argv", ["reconstruct.py", str(DIRECTORY / model), *pictures, "--out", str(out), *options])
    runpy.run_path(str(project / "examples/python/reconstruct.py"), run_name="__main__")
    picture = tf.io.decode_png(out.read_bytes()).numpy()
    assert picture.shape == (3 * 28, 3 * 28, 3)
    return np.split(picture, 3, axis=1), capsys.readouterr().out


def test_the_example_paints_pictures(tmp_path, monkeypatch, capsys):
    """Who has pre-trained sees what the model makes of pictures."""
    (left, middle, right), printed = run_example("savedmodel", tmp_path / "p.png", monkeypatch, capsys, "--train", "3")

    def same(column):
        """True for every patch, of all pictures, that is as in the original."""
        return (column == left).all(-1).reshape(3 * SIDE, SPEC["patch"], SIDE, SPEC["patch"]).all((1, 3))

    assert same(middle).sum() == 3 * VISIBLE
    assert same(right)[same(middle)].all()
    assert not same(right).all()
    assert "error of hidden patches" in printed


def test_the_example_gives_patches_their_mean_and_variance_back(tmp_path, monkeypatch, capsys):
    """With norm-pixels a picture is one only with the statistics of the original's patches, and so is the error."""
    assert yaml.safe_load((DIRECTORY / "norm-pixels/spec.yaml").read_text())["norm-pixels"] is True
    (left, _, right), printed = run_example("norm-pixels", tmp_path / "p.png", monkeypatch, capsys)

    original = left.reshape(3, 28, 28, 3).astype(np.float32) / 255
    noise = tf.random.stateless_uniform([3, PATCHES], [1, 0])
    signature = tf.saved_model.load(str(DIRECTORY / "norm-pixels")).signatures["reconstruct"]
    painted = signature(images=tf.constant(original), noise=noise)
    hidden = painted["mask"].numpy()[..., None]
    patches = target(original)
    mean, deviation = patches.mean(-1, keepdims=True), np.sqrt(patches.var(-1, keepdims=True, ddof=1) + 1e-6)
    squares = np.square(painted["patches"] - (patches - mean) / deviation)
    error = (hidden * squares).sum() / hidden.sum() / VALUES
    assert f"error of hidden patches {error:.4f}" in printed
    completed = pictures_of(np.where(hidden == 1, painted["patches"] * deviation + mean, patches))
    expected = np.clip(completed, 0, 1).reshape(3 * 28, 28, 3) * 255
    np.testing.assert_allclose(right, expected, rtol=0, atol=0.6)


@pytest.fixture
def plain(monkeypatch):
    """The plain PyTorch module of the examples."""
    monkeypatch.syspath_prepend(str(pathlib.Path(__file__).resolve().parents[3] / "examples/python"))
    import pytorch_autoencoder

    return pytorch_autoencoder


def test_a_plain_pytorch_module_paints_the_same(plain, images, noise):
    """What was exported as safetensors, from a SavedModel, is the whole model; ties of the noise too."""
    import torch

    noise[0] = 0.5
    signature = tf.saved_model.load(str(DIRECTORY / "savedmodel")).signatures["reconstruct"]
    expected = signature(images=tf.constant(images), noise=tf.constant(noise))
    module = plain.load(DIRECTORY / "weights")
    with torch.no_grad():
        painted, hidden = module(torch.from_numpy(images), torch.from_numpy(noise))
        features = module.features(torch.from_numpy(images)).numpy()
    np.testing.assert_allclose(painted.numpy(), expected["patches"], rtol=0, atol=1e-4)
    np.testing.assert_array_equal(hidden.numpy(), expected["mask"])
    np.testing.assert_allclose(features, java("tokens", PATCHES + 1, SPEC["embedding"])[:, 0], rtol=0, atol=1e-4)


def test_the_pytorch_example_learns_and_goes_back_to_java(plain, monkeypatch, capsys):
    """By the error that mlit has for patches of their own mean and variance; Java imports what it saves."""
    project = pathlib.Path(__file__).resolve().parents[3]
    pictures = sorted(str(p) for p in (project / "examples/images").glob("*.png"))[:3]
    for model in "weights", "norm-weights":
        arguments = [str(DIRECTORY / model), *pictures, "--train", "20", "--save", str(DIRECTORY / "tuned")]
        monkeypatch.setattr(sys, "argv", ["pytorch_autoencoder.py", *arguments])
        runpy.run_path(str(project / "examples/python/pytorch_autoencoder.py"), run_name="__main__")
        before, after = capsys.readouterr().out.splitlines()
        assert float(after.split()[-1]) < float(before.split()[4].rstrip(","))
