"""From Java to Python and back: what is fine-tuned here on images that Java never saw, and written in every way that
Java imports, dev.mlit.savedmodel.PythonTest imports, measures on the same images, and trains on.

If a test fails, a study that crosses the border between the languages gets other numbers on the other side.
"""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from safetensors.numpy import save_file

TRAIN, TEST = 1500, 500


def write_picture(image, directory, number):
    """Writes an image in [0, 1] as DIRECTORY/NUMBER.png."""
    directory.mkdir(parents=True, exist_ok=True)
    pixels = np.rint(image * 255).astype(np.uint8)
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(directory / f"{number}.png")


@pytest.fixture(scope="module")
def folder(exported, test):
    """DIRECTORY/folder/{train,test}/CLASS/N.png: negatives of images that Java did not train on."""
    directory = exported.directory / "folder"
    images = 1 - test.images(exported, TRAIN + TEST)
    for i, (image, label) in enumerate(zip(images, test.labels)):
        part = directory / ("train" if i < TRAIN else "test") / str(label)
        write_picture(image, part, i)
    return directory


@pytest.fixture(scope="module")
def data(folder, example):
    """The images and classes of the folder's two parts, read by the code of the examples."""
    pictures, spec = example
    return [pictures.folder(folder / part, spec) for part in ("train", "test")]


@pytest.fixture(scope="module")
def example(exported, examples):
    import pictures

    return pictures, pictures.spec(exported.path)


def used(model):
    return [v for v in model.variables if "/moe/noise/" not in v.name]


def measure(classify, images, labels):
    """The number of right answers, and the mean cross-entropy."""
    logits = np.concatenate([classify(images[i : i + 250]) for i in range(0, len(images), 250)])
    loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
    return int((logits.argmax(1) == labels).sum()), float(tf.reduce_mean(loss))


@pytest.fixture(scope="module")
def tuned(exported, data):
    """The model after a few epochs with GradientTape, and what it is worth."""
    (images, labels), test = data
    model = exported.load()
    signature = model.signatures["serving_default"]
    classify = lambda batch: signature(images=tf.constant(batch))["logits"].numpy()
    before, _ = measure(classify, *test)
    variables = used(model)
    optimizer = keras.optimizers.Adam(3e-3)
    optimizer.build(variables)

    @tf.function
    def step(batch, classes):
        with tf.GradientTape() as tape:
            logits = signature(images=batch)["logits"]
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(classes, logits))
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))

    batches = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(TRAIN, seed=1).batch(64, True)
    for batch, classes in batches.repeat(4):
        step(batch, classes)
    right, loss = measure(classify, *test)
    _, train_loss = measure(classify, images, labels)
    assert right > before + TEST // 10, "fine-tuning has changed something"
    classify = exported.load().signatures["serving_default"]
    note(exported, "TensorFlow", classify(images=tf.constant(exported.real()))["logits"].numpy())
    result = {"right": right, "images": TEST, "loss": loss, "train_loss": train_loss}
    (exported.directory / "round-trip.json").write_text(json.dumps(result))
    return model


def target(exported, name):
    path = exported.directory / "round-trip" / name
    path.parent.mkdir(exist_ok=True)
    return path


def test_saved_model_of_the_loaded_model(exported, tuned):
    """tf.saved_model.save(model): the variables become variables/0, variables/1, ..."""
    path = target(exported, "saved-model")
    tf.saved_model.save(tuned, str(path), signatures=tuned.signatures)
    stored = [name for name, _ in tf.train.list_variables(str(path / "variables/variables"))]
    assert "variables/0/.ATTRIBUTES/VARIABLE_VALUE" in stored and "class_token" not in stored


def test_saved_model_of_a_module_around_it(exported, tuned):
    """A tf.Module with a method of its own, whose output has no name."""

    class Wrapped(tf.Module):
        def __init__(self, model):
            super().__init__(name="wrapped")
            self.backbone = model

        @tf.function(input_signature=[tf.TensorSpec([None, *exported.image], tf.float32)])
        def __call__(self, pictures):
            return self.backbone.signatures["serving_default"](images=pictures)["logits"]

    module = Wrapped(tuned)
    tf.saved_model.save(module, str(target(exported, "module")), signatures={"serving_default": module.__call__})


def test_export_of_a_keras_model(exported, tuned):
    """Model.export of Keras keeps every variable twice."""
    layer = keras.layers.TFSMLayer(str(exported.path), call_endpoint="serving_default")
    ours = {variable.name.replace("/", "_"): variable for variable in tuned.variables}
    for weight in layer.weights:
        weight.assign(ours[weight.name])
    inputs = keras.Input(exported.image)
    keras.Model(inputs, layer(inputs)["logits"]).export(str(target(exported, "keras")), verbose=False)


def test_checkpoint_with_the_optimizer(exported, tuned):
    """tf.train.Checkpoint, as a training loop saves it: with the optimizer's state."""
    optimizer = keras.optimizers.Adam(1e-3)
    optimizer.build(used(tuned))
    tf.train.Checkpoint(model=tuned, optimizer=optimizer).save(str(target(exported, "checkpoint") / "ckpt"))


def test_checkpoint_by_names(exported, tuned):
    """tf.compat.v1.train.Saver, as older code saves it."""
    target(exported, "saver").mkdir()
    tf.compat.v1.train.Saver(list(tuned.variables)).save(None, str(target(exported, "saver") / "ckpt"))


def test_safetensors(exported, tuned):
    """Dots for slashes, as mlit's own export writes it."""
    arrays = {v.name.removesuffix(":0").replace("/", "."): v.numpy() for v in tuned.variables}
    save_file(arrays, target(exported, "model.safetensors"))


# ---- the programs of examples/python, on the same images


def test_example_of_keras(exported, folder, data, run_example, capsys):
    """TFSMLayer learns with a new head; Java takes the head by its new name (--rename)."""
    import keras_layer

    images = exported.images()
    start = keras_layer.build(exported.path, exported.spec, 10)
    assert agreeing(start.predict(images, verbose=0), exported.java("logits", 10)) < 1e-4
    note(exported, "Keras", start.predict(exported.real(), verbose=0))
    saved = target(exported, "keras-head")
    run_example("keras_layer.py", exported.path, folder, "--epochs", 5, "--save", saved)
    before, after = (float(line.split()[2]) for line in capsys.readouterr().out.splitlines()[:2])
    assert after > before + 0.1
    (exported.directory / "keras-head.txt").write_text(str(round(after * TEST)))


def test_example_of_scikit_learn(exported, folder, run_example, capsys):
    """A linear probe and nearest neighbours on features are far above chance; the features are Java's."""
    import scikit_learn

    features = scikit_learn.features(exported.path, exported.images())
    assert agreeing(features, exported.java("features", exported.spec["embedding"])) < 1e-4
    head = {v.name: v.numpy() for v in exported.load().variables if v.name.startswith("head/")}
    features = scikit_learn.features(exported.path, exported.real())
    note(exported, "scikit-learn", features @ head["head/kernel:0"] + head["head/bias:0"])
    run_example("scikit_learn.py", exported.path, folder)
    probe, neighbours = capsys.readouterr().out.splitlines()
    assert float(probe.split()[2]) > 0.4 and probe.endswith("on 500 pictures")
    assert float(neighbours.split()[2]) > 0.4


def test_example_of_pytorch(exported, folder, data, run_example, capsys, project):
    """A plain nn.Module gives Java's logits, learns, and its weights go back to Java."""
    import torch

    import pytorch

    with torch.no_grad():
        ours = pytorch.load(exported.directory / "weights")(torch.from_numpy(exported.real())).numpy()
    note(exported, "PyTorch", ours)
    pictures = sorted((project / "examples/images").glob("*.png"))
    saved = target(exported, "pytorch")
    run_example(
        "pytorch.py", exported.directory / "weights", *pictures, "--data", folder, "--epochs", 2, "--save", saved
    )
    lines = capsys.readouterr().out.splitlines()
    for picture, line in zip(pictures, lines):
        best = exported.text(f"{picture.stem}.txt").splitlines()[0].rsplit(" ", 1)
        name, probability = line.split(": ", 1)[1].split(", ")[0].rsplit(" ", 1)
        # To the pixel, as Pillow resizes here and in Java alike.
        assert name == best[0] and float(probability) == pytest.approx(float(best[1]), abs=2e-4)
    before, after = (float(line.split()[2]) for line in lines[len(pictures) :])
    assert after > before + 0.1
    (exported.directory / "pytorch.txt").write_text(str(round(after * TEST)))


def test_example_of_onnx(exported, run_example, capsys, project):
    """The ONNX file gives Java's logits of 100 real images, whatever the size of the batch."""
    import to_onnx

    file = exported.directory / "model.onnx"
    run_example("to_onnx.py", exported.directory / "weights", project / "examples/images/bag.png", "--out", file)
    assert f"{file}: {file.stat().st_size:,} bytes" in capsys.readouterr().out
    ours = to_onnx.logits(file, exported.real())
    note(exported, "ONNX", ours)
    assert agreeing(to_onnx.logits(file, exported.real()[:1]), ours[:1]) < 1e-4


@pytest.mark.filterwarnings("ignore")
def test_example_of_tflite(exported, run_example, capsys, project):
    """The TFLite file gives Java's logits of 100 real images."""
    import to_tflite

    file = exported.directory / "model.tflite"
    run_example("to_tflite.py", exported.path, project / "examples/images/bag.png", "--out", file)
    assert f"{file}: {file.stat().st_size:,} bytes" in capsys.readouterr().out
    note(exported, "TFLite", to_tflite.logits(file, exported.real()))
    half = exported.directory / "half.tflite"
    run_example("to_tflite.py", exported.path, project / "examples/images/bag.png", "--float16", "--out", half)
    assert half.stat().st_size < file.stat().st_size
    weights = sum(v.shape.num_elements() for v in used(exported.load()))
    assert file.stat().st_size - half.stat().st_size > weights, "two bytes a weight are gone, for most of them"


@pytest.fixture(scope="module")
def photos(exported, train):
    """FOLDER/CLASS/N.png: training images, for the ranges of an int8 file."""
    folder = exported.directory / "photos"
    for i, (image, label) in enumerate(zip(train.images(exported, 100), train.labels)):
        write_picture(image, folder / str(label), i)
    return folder


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("way, lost", [("dynamic", 10), ("int8", 25)])
def test_example_of_tflite_in_int8_keeps_the_accuracy(
    exported, model, photos, run_example, capsys, project, test, way, lost
):
    """A phone gets a quarter of the weights' bytes, and is as often right as the SavedModel on 1,000 test images.

    But for a few: these models are small and after a hundred steps unsure of many images; docs/python.md has others.
    """
    import to_tflite

    file = exported.directory / f"{way}.tflite"
    options = [f"--{way}", photos] if way == "int8" else [f"--{way}"]
    run_example("to_tflite.py", exported.path, project / "examples/images/bag.png", *options, "--out", file)
    assert f"{file}: {file.stat().st_size:,} bytes" in capsys.readouterr().out
    images, labels = test.images(exported, 1000), test.labels[:1000]
    exact = model.signatures["serving_default"](images=tf.constant(images))["logits"].numpy().argmax(axis=1)
    ours = to_tflite.logits(file, images).argmax(axis=1)
    right, expected = int((ours == labels).sum()), int((exact == labels).sum())
    with (exported.directory / "differences.txt").open("a") as notes:
        agreed = int((ours == exact).sum())
        notes.write(f"{exported.directory.name}: TFLite {way} has {right} of 1,000 right, float {expected}; {agreed} agree\n")
    assert right >= expected - lost
    types = kinds(to_tflite, file)
    assert types["FULLY_CONNECTED"] == {"int8": np.int8, "dynamic": np.float32}[way]
    assert types["SOFTMAX"] == np.float32


def kinds(to_tflite, file):
    """The type of the outputs of every kind of operation; what moves values only has more than one."""
    interpreter = to_tflite.Interpreter(str(file))
    types = {tensor["index"]: tensor["dtype"] for tensor in interpreter.get_tensor_details()}
    return {op["op_name"]: types[op["outputs"][0]] for op in interpreter._get_ops_details()}


def test_example_of_tflite_refuses_a_folder_without_pictures(exported, run_example, capsys, project, tmp_path):
    """Whoever names a wrong folder reads so, in place of getting a file of wrong ranges."""
    file = tmp_path / "model.tflite"
    with pytest.raises(SystemExit) as stopped:
        picture = project / "examples/images/bag.png"
        run_example("to_tflite.py", exported.path, picture, "--int8", tmp_path, "--out", file)
    assert stopped.value.code == 2
    assert capsys.readouterr().err.endswith(f"--int8 {tmp_path}: must be a folder with .png or .jpg pictures in it\n")
    assert not file.exists()


def agreeing(actual, expected):
    """The largest difference, but of images where rounding decided which expert is chosen: one in fifty, at most."""
    assert actual.shape == expected.shape
    largest = np.sort(np.abs(actual - expected).max(axis=1))
    return largest[len(largest) - 1 - len(largest) // 50]


def note(exported, name, logits):
    """Compares logits with Java's of 100 real images, and says by how much they differ."""
    java = exported.java("real-logits", 10)
    assert len(java) == 100
    with (exported.directory / "differences.txt").open("a") as file:
        file.write(f"{exported.directory.name}: {name} differs from Java by {np.abs(logits - java).max():.1e}\n")
    assert agreeing(logits, java) < 1e-4
    assert np.abs(logits - java).max() < 1e-3
