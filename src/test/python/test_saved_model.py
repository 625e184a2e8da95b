"""What Python programs do with a SavedModel that Java has just written.

dev.mlit.savedmodel.PythonTest trains two models for a few steps, exports them, and runs this file. They differ in
all that matters here: "gray" pools the class token of square images, "colour" the mean of the patch tokens of
wide ones, with other experts, heads and normalisation. If a test fails, the Python colleagues of a Java team lose
what the test's first line says.
"""

import collections
import contextlib
import io
import json
import math
import os
import re
import subprocess
import sys
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from huggingface_hub import ModelCard, ModelCardData
from sklearn.linear_model import LogisticRegression
from tensorflow.core.protobuf import saved_model_pb2

TOLERANCE = 1e-4
"""Between float32 in Java, float32 in Python and float64 in numpy."""

DECIDED = 2e-5
"""Where two experts are closer than this for a token, rounding may decide which of them is chosen."""


def close(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=0, atol=TOLERANCE)


def classify(model, images, output="logits"):
    return model.signatures["serving_default"](images=tf.constant(images))[output].numpy()


def extract(model, images, output="features"):
    return model.signatures["features"](images=tf.constant(images))[output].numpy()


def names(variables):
    return [variable.name.removesuffix(":0") for variable in variables]


def by_name(model):
    return dict(zip(names(model.variables), model.variables))


def changed(model, exported):
    """The names of the variables that are no longer as Java wrote them."""
    before = exported.load().variables
    return [name for name, v, old in zip(names(model.variables), model.variables, before) if not np.array_equal(v, old)]


# ---- the design, once more: variables and forward pass, written without looking at Java's code


def experts(spec):
    """The number of experts of every block."""
    return [stage["experts"] for stage in spec["stages"] for _ in range(stage["layers"])]


def hidden_widths(spec):
    """The width of the experts of every block."""
    first, last, layers = spec["hidden"]["first"], spec["hidden"]["last"], len(experts(spec))
    return [math.floor(first + (last - first) * i / max(1, layers - 1) + 0.5) for i in range(layers)]


def expected_variables(spec):
    """The shapes of all variables, by name."""
    width, patch, size = spec["embedding"], spec["patch"], spec["image"]
    keys = spec["attention"]["groups"] * width // spec["attention"]["heads"]
    patches = (size["height"] // patch) * (size["width"] // patch)
    shapes = {"class_token": (1, 1, width), "position_embedding": (1, patches + 1, width)}

    def linear(name, inputs, outputs):
        shapes[f"{name}/kernel"], shapes[f"{name}/bias"] = (inputs, outputs), (outputs,)

    def norm(name):
        shapes[f"{name}/scale"], shapes[f"{name}/bias"] = (width,), (width,)

    linear("patch_embedding", patch * patch * size["channels"], width)
    for i, (count, hidden) in enumerate(zip(experts(spec), hidden_widths(spec))):
        block = f"encoder/block_{i}"
        norm(f"{block}/attention_norm")
        linear(f"{block}/attention/query", width, width)
        linear(f"{block}/attention/key", width, keys)
        linear(f"{block}/attention/value", width, keys)
        linear(f"{block}/attention/output", width, width)
        norm(f"{block}/moe_norm")
        linear(f"{block}/moe/gate", width, count)
        linear(f"{block}/moe/noise", width, count)
        shapes[f"{block}/moe/experts/kernel"] = (count, width, hidden)
        shapes[f"{block}/moe/experts/bias"] = (count, hidden)
        linear(f"{block}/moe/value", width, hidden)
        linear(f"{block}/moe/output", hidden, width)
    norm("encoder/norm")
    linear("head", width, spec["classes"])
    return shapes


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


class Reference:
    """The model in numpy and float64, head by head and expert by expert."""

    def __init__(self, spec, variables):
        self.spec = spec
        self.weights = {name: v.numpy().astype(np.float64) for name, v in zip(names(variables), variables)}

    def run(self, images):
        """Sets logits, features, tokens, and margin: for every image, how clearly its tokens chose their experts."""
        patch, per_channel = self.spec["patch"], self.spec["normalization"]
        images = (images.astype(np.float64) - per_channel["mean"]) / per_channel["std"]
        batch, height, width, _ = images.shape
        self.margin = np.full(batch, np.inf)
        patches = [
            images[:, y : y + patch, x : x + patch].reshape(batch, -1)
            for y in range(0, height, patch)
            for x in range(0, width, patch)
        ]
        tokens = self.linear("patch_embedding", np.stack(patches, axis=1))
        first = np.broadcast_to(self.weights["class_token"], (batch, 1, self.spec["embedding"]))
        x = np.concatenate([first, tokens], axis=1) + self.weights["position_embedding"]
        for i in range(len(experts(self.spec))):
            block = f"encoder/block_{i}"
            x = x + self.attention(f"{block}/attention", self.norm(f"{block}/attention_norm", x))
            x = x + self.moe(f"{block}/moe", self.norm(f"{block}/moe_norm", x))
        self.tokens = self.norm("encoder/norm", x)
        mean = self.spec["pooling"] == "mean"
        self.features = self.tokens[:, 1:].mean(axis=1) if mean else self.tokens[:, 0]
        self.logits = self.linear("head", self.features)
        return self

    def linear(self, name, x):
        return x @ self.weights[f"{name}/kernel"] + self.weights[f"{name}/bias"]

    def norm(self, name, x):
        centered = x - x.mean(-1, keepdims=True)
        normal = centered / np.sqrt((centered**2).mean(-1, keepdims=True) + 1e-6)
        return normal * self.weights[f"{name}/scale"] + self.weights[f"{name}/bias"]

    def attention(self, name, x):
        heads, groups = self.spec["attention"]["heads"], self.spec["attention"]["groups"]
        size = self.spec["embedding"] // heads
        query, key, value = (self.linear(f"{name}/{part}", x) for part in ("query", "key", "value"))
        mixed = []
        for head in range(heads):
            group = head // (heads // groups)
            q = query[..., head * size : (head + 1) * size]
            k = key[..., group * size : (group + 1) * size]
            v = value[..., group * size : (group + 1) * size]
            mixed.append(softmax(q @ k.swapaxes(1, 2) / math.sqrt(size)) @ v)
        return self.linear(f"{name}/output", np.concatenate(mixed, axis=-1))

    def moe(self, name, x):
        gates = self.gates(name, x)
        kernels, biases = self.weights[f"{name}/experts/kernel"], self.weights[f"{name}/experts/bias"]
        y = 0
        for e, (kernel, bias) in enumerate(zip(kernels, biases)):
            a = x @ kernel + bias
            silu = a / (1 + np.exp(-a))
            y = y + gates[..., e : e + 1] * self.linear(f"{name}/output", silu * self.linear(f"{name}/value", x))
        return y

    def gates(self, name, x):
        scores = self.linear(f"{name}/gate", x)
        top = self.spec["routing"]["top"]
        order = np.argsort(-scores, axis=-1, kind="stable")
        ranked = np.take_along_axis(scores, order, axis=-1)
        if top < scores.shape[-1]:
            self.margin = np.minimum(self.margin, (ranked[..., top - 1] - ranked[..., top]).min(axis=-1))
        kept = np.full_like(scores, -np.inf)
        np.put_along_axis(kept, order[..., :top], ranked[..., :top], axis=-1)
        return softmax(kept)


@pytest.fixture(scope="module")
def reference(exported, model):
    return Reference(exported.spec, model.variables).run(exported.images())


@pytest.fixture(scope="module")
def decided(reference):
    """Which of Java's images can be compared: all, or all but the odd one."""
    clear = reference.margin > DECIDED
    assert clear.sum() >= len(clear) - 2
    return clear


# ---- reading


def test_every_variable_is_listed_under_its_name_and_trainable(exported, model):
    """A study can find, freeze, prune or count the weights of any layer by name."""
    expected = expected_variables(exported.spec)
    assert {name: tuple(v.shape) for name, v in zip(names(model.variables), model.variables)} == expected
    assert len(model.variables) == len(expected)
    assert [v.name for v in model.variables if not v.trainable] == []
    assert {v.dtype for v in model.variables} == {tf.float32}


def test_variables_are_those_that_java_trained(exported, model):
    """The exported weights are the last checkpoint's, not the initial ones or another epoch's."""
    checkpoint = tf.train.load_checkpoint(str(exported.checkpoint))
    for name, variable in zip(names(model.variables), model.variables):
        np.testing.assert_array_equal(variable.numpy(), checkpoint.get_tensor(name), err_msg=name)
    biases = [v for v in model.variables if v.name.endswith("query/bias:0")]
    assert all(np.abs(v.numpy()).max() > 0 for v in biases), "biases are 0 before training"


def test_files_hold_the_model_and_nothing_else(exported, model):
    """A served model carries no optimizer state, and gives the same answer twice: no gate noise, no training."""
    stored = dict(tf.train.list_variables(str(exported.path / "variables/variables")))
    assert stored.pop("_CHECKPOINTABLE_OBJECT_GRAPH") == []
    stored = {name.removesuffix("/.ATTRIBUTES/VARIABLE_VALUE"): tuple(shape) for name, shape in stored.items()}
    assert stored == expected_variables(exported.spec)
    graph = saved_model_pb2.SavedModel.FromString((exported.path / "saved_model.pb").read_bytes()).meta_graphs[0]
    functions = graph.graph_def.library.function
    nodes = [*graph.graph_def.node, *(node for function in functions for node in function.node_def)]
    operations = collections.Counter(node.op for node in nodes)
    assert operations["VarHandleOp"] == len(model.variables)
    assert [kind for kind in operations if "Random" in kind or "Normal" in kind or "Apply" in kind] == []


def test_variables_are_attributes_by_the_parts_of_their_names(exported, model):
    """Programs reach a layer as they write it, and tf.train.Checkpoint saves and restores the model by its names."""
    assert model.encoder.block_0.attention.query.kernel is by_name(model)["encoder/block_0/attention/query/kernel"]
    assert names(model.trainable_variables) == names(model.variables)
    for name, variable in by_name(model).items():
        at = model
        for part in name.split("/"):
            at = getattr(at, part)
        assert at is variable


def test_a_checkpoint_restores_it(exported, tmp_path):
    """A loop of Python's own saves as it is used to, and the exported file itself restores a model that it changed."""
    model = exported.load()
    model.head.bias.assign_add(tf.ones_like(model.head.bias))
    prefix = tf.train.Checkpoint(model).save(str(tmp_path / "checkpoint"))
    again = exported.load()
    tf.train.Checkpoint(again).restore(prefix).assert_existing_objects_matched()
    assert changed(again, exported) == ["head/bias"]
    tf.train.Checkpoint(model).restore(str(exported.path / "variables/variables")).expect_partial()
    assert changed(model, exported) == []


def test_a_strategy_places_its_variables(exported):
    """Under tf.distribute every device has its copy, and all of them compute what Java computes."""
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        model = exported.load()
    assert all(tf.distribute.DistributedValues in type(v).__mro__ for v in model.variables)
    images = tf.constant(exported.images())
    logits = strategy.run(lambda: model.signatures["serving_default"](images=images)["logits"])
    close(logits.numpy(), classify(exported.load(), exported.images()))


def test_signatures_say_what_goes_in_and_comes_out(exported, model):
    """tf.saved_model, Keras and model servers find inputs and outputs by name, type and shape."""
    spec = exported.spec
    classes, width, tokens = spec["classes"], spec["embedding"], exported.patches + 1
    expected = {
        "serving_default": {"logits": [None, classes], "probabilities": [None, classes]},
        "features": {"features": [None, width], "tokens": [None, tokens, width]},
    }
    assert set(model.signatures) == set(expected)
    for name, outputs in expected.items():
        signature = model.signatures[name]
        positional, inputs = signature.structured_input_signature
        assert positional == ()
        assert {k: (v.dtype, v.shape.as_list()) for k, v in inputs.items()} == {
            "images": (tf.float32, [None, *exported.image])
        }
        assert {k: (v.dtype, v.shape.as_list()) for k, v in signature.structured_outputs.items()} == {
            k: (tf.float32, shape) for k, shape in outputs.items()
        }


def test_loading_is_quiet(exported, caplog, recwarn):
    """No warning about variables that cannot be lifted, restored or found, be it Python's, TensorFlow's or absl's."""
    classify(exported.load(), exported.images())
    assert [record.getMessage() for record in caplog.records] == []
    assert [str(warning.message) for warning in recwarn] == []


def test_saved_model_cli_and_load_warn_of_nothing(exported):
    """What operators look at a model with shows all of it; and nobody has to wonder about a warning."""
    program = """if True:
        import sys
        import tensorflow as tf
        from tensorflow.python.tools import saved_model_cli
        print("begin", file=sys.stderr, flush=True)
        directory = sys.argv[1]
        print("loaded", len(tf.saved_model.load(directory).variables), flush=True)
        sys.argv = ["saved_model_cli", "show", "--dir", directory, "--all"]
        saved_model_cli.main()
    """
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "0"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(exported.path)], env=environment, capture_output=True, text=True, check=True
    )
    shown = done.stdout
    for signature in ("serving_default", "features"):
        assert f"signature_def['{signature}']:" in shown
    height, width, channels = exported.image
    assert f"shape: (-1, {height}, {width}, {channels})" in shown
    assert f"loaded {len(expected_variables(exported.spec))}" in shown
    said = done.stderr.split("begin\n", 1)[1].splitlines()
    # TensorFlow says with I what its CPU can do.
    assert [line for line in said if re.match("[WEF]", line) or re.search("warn|variable", line, re.IGNORECASE)] == []


# ---- running


def test_outputs_are_those_of_java(exported, model, decided):
    """A model says the same in the Java service and in the Python notebook."""
    images, classes, width = exported.images(), exported.spec["classes"], exported.spec["embedding"]
    close(classify(model, images)[decided], exported.java("logits", classes)[decided])
    close(classify(model, images, "probabilities")[decided], exported.java("probabilities", classes)[decided])
    close(extract(model, images)[decided], exported.java("features", width)[decided])
    tokens = exported.java("tokens", exported.patches + 1, width)
    close(extract(model, images, "tokens")[decided], tokens[decided])


def test_outputs_are_those_of_an_independent_implementation(exported, model, reference, decided):
    """The variables mean what the design says, so a port of the model to another framework can rely on it."""
    images = exported.images()
    close(classify(model, images)[decided], reference.logits[decided])
    close(classify(model, images, "probabilities")[decided], softmax(reference.logits)[decided])
    close(extract(model, images)[decided], reference.features[decided])
    close(extract(model, images, "tokens")[decided], reference.tokens[decided])


def test_probabilities_sum_to_one(exported, model):
    """A threshold on a probability means something."""
    probabilities = classify(model, exported.images(), "probabilities")
    assert probabilities.min() >= 0
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=0, atol=1e-5)


@pytest.mark.parametrize("count", [1, 3, 17])
def test_batch_size_is_free(exported, model, decided, count):
    """One image or many at a time: each is judged by itself."""
    images = exported.images()[decided]
    images = np.concatenate([images, images])[:count]
    logits = classify(model, images)
    assert logits.shape == (count, exported.spec["classes"])
    close(logits, np.concatenate([classify(model, image[np.newaxis]) for image in images]))


def test_accuracy_is_what_java_says(exported, model, test):
    """The accuracy in the model card can be reproduced in Python, from the published files."""
    images = test.images(exported, len(test.labels))
    accuracy = np.mean(np.argmax(classify(model, images), axis=1) == test.labels)
    # Java resizes with Pillow's rounding, which is a gray level away from TensorFlow's for some pixels.
    assert accuracy == pytest.approx(float(exported.text("accuracy.txt")), abs=0.002)
    assert f"| {float(exported.text('accuracy.txt')):.4f} on 2,000 images" in (exported.path / "README.md").read_text()


def test_a_model_hub_reads_the_card(exported):
    """On a hub the model is found by its task, and its accuracy stands beside its name."""
    card = ModelCard.load(exported.path / "README.md")
    assert card.data.library_name == "mlit"
    assert card.data.pipeline_tag == "image-classification"
    assert card.data.datasets == ["zalando-datasets/fashion_mnist"]
    assert card.data.metrics == ["accuracy"]
    assert card.data.model_name == exported.spec["name"]
    (result,) = card.data.eval_results
    assert (result.task_type, result.metric_type, result.dataset_split) == ("image-classification", "accuracy", "test")
    assert (result.dataset_type, result.dataset_name) == ("zalando-datasets/fashion_mnist", "fashion-small")
    assert result.metric_value == pytest.approx(float(exported.text("accuracy.txt")), abs=1e-6)
    assert card.text.lstrip().startswith(f"# {exported.spec['name']}\n")
    assert ModelCardData(**card.data.to_dict()).to_dict() == card.data.to_dict()


@pytest.mark.parametrize("directory", ["savedmodel", "weights"])
def test_config_says_what_transformers_configurations_say(exported, directory):
    """Programs that know models by config.json find sizes, classes and normalisation where they look for them."""
    config = json.loads((exported.directory / directory / "config.json").read_text(encoding="utf-8"))
    spec = exported.spec
    height, width, channels = exported.image
    assert config["model_type"] == "mlit" and config["architectures"] == ["MlitForImageClassification"]
    assert config["image_size"] == [height, width]
    assert (config["num_channels"], config["patch_size"]) == (channels, spec["patch"])
    assert (config["hidden_size"], config["num_hidden_layers"]) == (spec["embedding"], len(experts(spec)))
    assert config["num_attention_heads"] == spec["attention"]["heads"]
    assert config["num_key_value_heads"] == spec["attention"]["groups"]
    assert config["intermediate_size"] == hidden_widths(spec)
    assert config["num_local_experts"] == experts(spec)
    assert config["num_experts_per_tok"] == spec["routing"]["top"]
    mean, std = (np.broadcast_to(spec["normalization"][key], channels).tolist() for key in ("mean", "std"))
    assert (config["image_mean"], config["image_std"]) == (mean, std)
    assert config["global_pool"] == {"class-token": "token", "mean": "avg"}[spec["pooling"]]
    assert list(config["id2label"].values()) == exported.labels
    assert [config["label2id"][label] for label in exported.labels] == list(range(len(exported.labels)))


def test_model_card_and_readme_snippets_run(exported, model, project):
    """What users copy from the README, from docs and from a model card works."""
    card = re.search(r"```python\n(.*?)```", (exported.path / "README.md").read_text(), re.DOTALL).group(1)
    picture = project / "examples/images/bag.png"
    scope = {}
    exec(card.replace('"DIR"', repr(str(exported.path))).replace('"IMAGE.png"', repr(str(picture))), scope)
    np.testing.assert_array_equal(scope["features"], extract(model, scope["images"]))
    java = dict(each.rsplit(" ", 1) for each in exported.text("bag.txt").splitlines())
    for label, probability in zip(exported.labels, scope["probabilities"].numpy()[0]):
        # But for pixels that are a gray level apart after resizing.
        assert probability == pytest.approx(float(java[label]), abs=0.01)
    if exported.image == (28, 28, 1):
        for page, trained in (("README.md", []), ("docs/python.md", ["head/kernel", "head/bias"])):
            snippet = re.search(r"```python\n(.*?)```", (project / page).read_text(), re.DOTALL).group(1)
            path = repr(str(exported.path))
            code, replaced = re.subn(r'load\("[^"]*"\)', lambda match: f"load({path})", snippet)
            assert replaced == 1
            scope, printed = {}, io.StringIO()
            with contextlib.redirect_stdout(printed):
                exec(code, scope)
            assert f"{len(expected_variables(exported.spec))} variables" in printed.getvalue()
            assert changed(scope["model"], exported) == trained


# ---- fine-tuning


@pytest.mark.parametrize("signature, unused", [("serving_default", "/moe/noise/"), ("features", "/moe/noise/|^head/")])
def test_gradients_reach_every_variable_that_a_signature_uses(exported, model, signature, unused):
    """All of the model can be fine-tuned, not only its head.

    The noise of the gates is drawn while Java trains and is not part of inference: nothing that a signature computes
    depends on moe/noise, so its gradient is None.
    """
    with tf.GradientTape() as tape:
        outputs = model.signatures[signature](images=tf.constant(exported.images()))
        loss = tf.add_n([tf.reduce_mean(output**3) for output in outputs.values()])
    gradients = tape.gradient(loss, list(model.variables))
    named = dict(zip(names(model.variables), gradients))
    without = [name for name, gradient in named.items() if gradient is None]
    assert without == [name for name in named if re.search(unused, name)]
    for name, gradient in named.items():
        if gradient is not None:
            assert np.isfinite(gradient.numpy()).all(), name
            # A bias of the keys adds the same to all scores of a query: its gradient is 0 but for rounding.
            assert name.endswith("/key/bias") or np.abs(gradient.numpy()).max() > 0, name


def test_twenty_steps_of_fine_tuning_lower_the_loss(exported, train):
    """Training goes on in Python where Java ended."""
    model = exported.load()
    images, labels = train.images(exported, 64), train.labels[:64]
    used = [v for v in model.variables if "/moe/noise/" not in v.name]
    optimizer = keras.optimizers.Adam(3e-3)
    optimizer.build(used)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            logits = model.signatures["serving_default"](images=images)["logits"]
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits))
        optimizer.apply_gradients(zip(tape.gradient(loss, used), used))
        return loss

    losses = [float(step()) for _ in range(20)]
    assert losses[-1] < 0.7 * losses[0]


def test_is_a_layer_of_a_keras_model(exported, model, train):
    """Keras users put a head of their own on the features and train both with fit."""
    layer = keras.layers.TFSMLayer(str(exported.path), call_endpoint="features")
    # Keras lists every variable of the SavedModel, used by the endpoint or not, with "_" for "/": it saves no others.
    used = model.variables
    assert sorted(w.name for w in layer.trainable_weights) == sorted(v.name.replace("/", "_") for v in used)
    assert layer.non_trainable_weights == []

    inputs = keras.Input(exported.image)
    features = layer(inputs)["features"]
    assert features.shape == (None, exported.spec["embedding"])
    images, labels = train.images(exported, 64), train.labels[:64]
    close(keras.Model(inputs, features).predict(images, verbose=0), extract(model, images))

    classifier = keras.Model(inputs, keras.layers.Dense(10)(features))
    # Not Adam: TFSMLayer (keras 3.15) leaves ":0" in the names; examples/python/keras_layer.py has a layer without it.
    classifier.compile(keras.optimizers.SGD(0.02), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    with warnings.catch_warnings():
        # For the gates' noise and mlit's own head, which these features do not depend on.
        warnings.filterwarnings("ignore", "Gradients do not exist for variables")
        losses = classifier.fit(images, labels, epochs=20, batch_size=64, verbose=0).history["loss"]
    assert losses[-1] < 0.7 * losses[0]
    before = {v.name.replace("/", "_"): v for v in used}
    moved = [w.name for w in layer.trainable_weights if not np.array_equal(w, before[w.name])]
    assert "patch_embedding_kernel:0" in moved
    assert [name for name in moved if "_moe_noise_" in name or name.startswith("head_")] == []


@pytest.mark.parametrize(
    "exported, name, policy",
    [("gray", "adam", "mixed_bfloat16"), ("gray", "lion", "float32"), ("colour", "adamw", "float32")],
    indirect=["exported"],
)
def test_every_optimizer_of_keras_trains_the_example(examples, exported, train, name, policy):
    """The optimizers that transformers are trained with work on a SavedModel too, and in mixed precision."""
    import keras_layer

    images, labels = train.images(exported, 64), train.labels[:64]
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    keras.utils.set_random_seed(1)
    try:
        model = keras_layer.build(exported.path, exported.spec, 10)
        optimizer, rate = keras_layer.OPTIMIZERS[name]
        # Without XLA, whose compiling takes longer than the steps; the example and the layer above are with it.
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile(optimizer(rate), loss, jit_compile=False)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Gradients do not exist for variables")
            losses = model.fit(images, labels, epochs=20, batch_size=64, verbose=0).history["loss"]
    finally:
        keras.config.set_dtype_policy(before)
    assert losses[-1] < 0.9 * losses[0]


def test_python_writes_it_back(exported, tmp_path):
    """A fine-tuned model can be saved: same names, same signatures, same answers."""
    model = exported.load()
    for variable in model.variables:
        variable.assign(variable * 0.9)
    tf.saved_model.save(model, str(tmp_path), signatures=model.signatures)
    again = tf.saved_model.load(str(tmp_path))
    assert names(again.variables) == names(model.variables)
    assert all(v.trainable for v in again.variables)
    images = exported.images()
    np.testing.assert_array_equal(classify(again, images), classify(model, images))
    np.testing.assert_array_equal(extract(again, images), extract(model, images))
    assert np.abs(classify(again, images) - exported.java("logits", 10)).max() > 0.01, "nothing was changed"


def test_features_serve_a_classifier_of_scikit_learn(exported, model, train, test):
    """Features are worth having without any deep learning on top: a linear probe is far above chance, 0.1."""
    probe = LogisticRegression(max_iter=2000)
    probe.fit(extract(model, train.images(exported, 1500)), train.labels[:1500])
    assert probe.score(extract(model, test.images(exported, 1000)), test.labels[:1000]) > 0.5


@pytest.fixture
def example(run_example):
    """Runs examples/python/use_saved_model.py."""
    return lambda *arguments: run_example("use_saved_model.py", *arguments)


def test_example_classifies_fine_tunes_and_saves(exported, decided, project, example, capsys):
    """The program that the README shows does what it says.

    What it saves, PythonTest loads in Java and compares with the logits that are written here.
    """
    pictures = sorted((project / "examples/images").glob("*.png"))
    saved = exported.directory / "fine-tuned"
    example(exported.path, *pictures, "--top", 3, "--fine-tune", 20, "--save", saved)

    lines = capsys.readouterr().out.splitlines()
    for picture, line in zip(pictures, lines):
        expected = dict(each.rsplit(" ", 1) for each in exported.text(f"{picture.stem}.txt").splitlines())
        name, best = line.split(": ", 1)
        assert name == str(picture)
        printed = [each.rsplit(" ", 1) for each in best.split(", ")]
        # As Java says, but for pixels that are a gray level apart after resizing.
        for label, probability in printed:
            assert float(probability) == pytest.approx(float(expected[label]), abs=0.01)
        highest = sorted((float(p) for p in expected.values()), reverse=True)[:3]
        assert [float(p) for _, p in printed] == pytest.approx(highest, abs=0.01)

    tuned = re.fullmatch(r"loss ([\d.]+) -> ([\d.]+) after 20 steps on 2 variables", lines[len(pictures)])
    assert tuned and float(tuned.group(2)) < 0.7 * float(tuned.group(1))
    model = tf.saved_model.load(str(saved))
    assert changed(model, exported) == ["head/kernel", "head/bias"]
    images = exported.images()[decided]
    images.tofile(exported.directory / "fine-tuned-images.f32")
    classify(model, images).astype("<f4").tofile(exported.directory / "fine-tuned-logits.f32")


def test_example_refuses_a_picture_without_a_class(exported, project, example, tmp_path, capsys):
    """A misnamed file is named in one line, before anything is trained or written."""
    picture = tmp_path / "unknown.png"
    picture.write_bytes((project / "examples/images/bag.png").read_bytes())
    with pytest.raises(SystemExit) as stopped:
        example(exported.path, picture, "--fine-tune", 1, "--save", tmp_path / "saved")
    assert stopped.value.code == 2
    assert capsys.readouterr().err.endswith(f"error: {picture}: its name begins with no class of the model\n")
    assert not (tmp_path / "saved").exists()
