"""The ONNX files that Java has written, in ONNX Runtime: the checker of the format takes them, and they compute what
Java computed with TensorFlow, in dev.mlit.onnx.OnnxPythonTest, which runs this.

If a test fails, who serves a model with ONNX Runtime gets no answer, or another one than Java's.
"""

import os
import pathlib

import numpy as np
import onnx
import onnxruntime
import pytest
import yaml

DIRECTORY = os.environ.get("MLIT_TEST_ONNX", "")
FILES = sorted(pathlib.Path(DIRECTORY).glob("*/*.onnx")) if DIRECTORY else []

FARTHEST = 1e-5
"""Of logits and probabilities; features and tokens are up to six, so that a bit of theirs is larger."""

FARTHEST_TOKEN = 2e-5


@pytest.fixture(params=FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def file(request):
    return request.param


def floats(file, shape):
    return np.fromfile(file, "<f4").reshape([-1 if isinstance(size, str) else size for size in shape])


def session(file, optimized=True):
    options = onnxruntime.SessionOptions()
    if not optimized:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def inputs(file, running):
    return {each.name: floats(file.parent / f"{each.name}.f32", each.shape) for each in running.get_inputs()}


def test_there_are_files():
    assert len(FILES) > 40, "MLIT_TEST_ONNX is not set: these tests are run by mvn verify -Dtest=OnnxPythonTest"


def test_the_format_is_kept(file):
    """Types and shapes too, which the checker infers through the whole graph."""
    model = onnx.load(str(file))
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    assert [o.name for o in inferred.graph.output] == [o.name for o in model.graph.output]
    assert model.ir_version == 8
    assert [(each.domain, each.version) for each in model.opset_import] == [("", 17)]
    read = {name for node in model.graph.node for name in node.input}
    assert {each.name for each in model.graph.initializer} <= read, "weights that nothing reads"


@pytest.mark.parametrize("optimized", [True, False])
@pytest.mark.parametrize("count", [1, 7])
def test_outputs_are_those_of_java(file, count, optimized):
    running = session(file, optimized)
    given = {name: values[:count] for name, values in inputs(file, running).items()}
    names = [each.name for each in running.get_outputs()]
    differences = []
    for output, values in zip(running.get_outputs(), running.run(None, given)):
        java = floats(file.parent / f"{output.name}.f32", output.shape)[:count]
        assert output.shape[0] == "batch" and values.shape == java.shape
        difference = float(np.abs(values - java).max())
        assert np.abs(java).max() > 0.01 and np.isfinite(values).all()
        assert difference < (FARTHEST if output.name in ("logits", "probabilities") else FARTHEST_TOKEN), output.name
        differences.append(f"{output.name} {difference:.1e} of {np.abs(java).max():.1f}")
    assert names
    with open(pathlib.Path(DIRECTORY) / "differences.txt", "a", encoding="utf-8") as report:
        report.write(f"{file.parent.name}/{file.name} [{count}]: {', '.join(differences)}\n")


def test_among_equal_scores_the_lower_experts_answer():
    """The third of three equal scores is that of the last expert: what it would compute plays no part."""
    model = onnx.load(str(pathlib.Path(DIRECTORY) / "ties/all.onnx"))
    weights = {each.name: each for each in model.graph.initializer}
    running = session(pathlib.Path(DIRECTORY) / "ties/all.onnx")
    given = inputs(pathlib.Path(DIRECTORY) / "ties/all.onnx", running)
    before = running.run(["logits"], given)[0]
    changed = 0
    for name in weights:
        if name.endswith("moe/experts/kernel"):
            values = onnx.numpy_helper.to_array(weights[name]).copy()
            if len(values) == 4:
                values[3] = 7
                values[1] = -7
                weights[name].CopyFrom(onnx.numpy_helper.from_array(values, name))
                changed += 1
    assert changed == 2
    after = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    assert (after.run(["logits"], given)[0] == before).all()


def test_metadata(file):
    running = session(file)
    metadata = running.get_modelmeta().custom_metadata_map
    spec = yaml.safe_load(metadata["spec"])
    assert spec == yaml.safe_load((file.parent / "savedmodel/spec.yaml").read_text(encoding="utf-8"))
    assert running.get_modelmeta().producer_name == "mlit"
    size = spec["image"]
    assert running.get_inputs()[0].shape == ["batch", size["height"], size["width"], size["channels"]]
    if "classes" in spec:
        labels = (file.parent / "savedmodel/labels.txt").read_text(encoding="utf-8").splitlines()
        assert metadata["labels"].split("\n") == labels and len(labels) == spec["classes"]
    else:
        assert "labels" not in metadata
