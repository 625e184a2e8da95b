"""The event files of a run that Java has just trained, stopped within an epoch, resumed, and resumed again when it was done, as TensorBoard reads them."""

import io
import json
import os
import pathlib

import numpy as np
import PIL.Image
import pytest
from tensorboard.backend.event_processing import event_accumulator

# The tags of numbers that every tenth step has, and what they are in metrics.jsonl.
STEP = {
    "loss/step": "loss",
    "balance_loss": "balance_loss",
    "learning_rate": "learning_rate",
    "gradient_norm": "gradient_norm",
}
EPOCH = {
    "loss/train": "train_loss",
    "accuracy/train": "train_accuracy",
}
VALIDATION = {
    "loss/validation": "validation_loss",
    "accuracy/validation": "validation_accuracy",
}
TEST = {
    "loss/test": "test_loss",
    "accuracy/test": "test_accuracy",
}


@pytest.fixture(scope="module")
def run():
    directory = os.environ.get("MLIT_TEST_RUN")
    if not directory:
        pytest.fail("MLIT_TEST_RUN is not set: these tests are run by mvn test -Dtest=TensorBoardTest")
    return pathlib.Path(directory)


@pytest.fixture(scope="module")
def events(run):
    accumulator = event_accumulator.EventAccumulator(str(run), event_accumulator.STORE_EVERYTHING_SIZE_GUIDANCE)
    accumulator.Reload()
    return accumulator


@pytest.fixture(scope="module")
def metrics(run):
    """The lines of metrics.jsonl by kind."""
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    assert len(list(run.glob("events.out.tfevents.*"))) == 1 + sum(line["kind"] == "resume" for line in lines) == 3
    return {kind: [line for line in lines if line["kind"] == kind] for kind in ("start", "step", "epoch", "test")}


@pytest.fixture(scope="module")
def part(metrics):
    """What was looked at after every epoch."""
    return "validation" if metrics["start"][0]["validation_images"] else "test"


@pytest.fixture(scope="module")
def blocks(metrics, part):
    return range(len(metrics["epoch"][0][f"{part}_routing"]))


def test_lists_every_tag_and_no_other(events, blocks, part):
    validation, images = (VALIDATION, {"test_mistakes/image"}) if part == "validation" else ({}, set())
    entropies = {f"gate_entropy/block_{i}" for i in blocks}
    tags = events.Tags()
    assert set(tags["scalars"]) == {*STEP, *EPOCH, *validation, *TEST, "images_per_second", *entropies}
    assert tags["histograms"] == [f"experts/block_{i}" for i in blocks]
    assert set(tags["images"]) == {"augmented/image", "mistakes/image"} | images


@pytest.mark.parametrize("kind, tag, field", [("step", *t) for t in STEP.items()] + [("epoch", *t) for t in EPOCH.items()])
def test_numbers_are_those_of_the_metrics_each_step_once(events, metrics, kind, tag, field):
    same(events.Scalars(tag), metrics[kind], field)


def same(scalars, lines, field):
    assert [s.step for s in scalars] == [line["step"] for line in lines]
    np.testing.assert_allclose([s.value for s in scalars], [line[field] for line in lines], rtol=1e-6)


def test_validation_is_of_every_epoch_and_its_test_of_the_last(events, metrics, part):
    validates = part == "validation"
    for tag, field in VALIDATION.items() if validates else ():
        same(events.Scalars(tag), metrics["epoch"], field)
    assert len(metrics["test"]) == (1 if validates else 0)
    for tag, field in TEST.items():
        same(events.Scalars(tag), metrics["test" if validates else "epoch"], field)


def test_histograms_are_the_tokens_by_expert(events, metrics, blocks, part):
    for i in blocks:
        histograms = events.Histograms(f"experts/block_{i}")
        assert [h.step for h in histograms] == [line["step"] for line in metrics["epoch"]]
        for histogram, line in zip(histograms, metrics["epoch"]):
            tokens = line[f"{part}_routing"][i]["tokens"]
            value = histogram.histogram_value
            assert value.num == pytest.approx(1000 * sum(tokens), abs=len(tokens) / 2)
            # Experts are numbers from 0: the sum tells how often each is meant.
            assert value.sum == pytest.approx(1000 * sum(e * t for e, t in enumerate(tokens)), abs=len(tokens) ** 2)
            assert 0 <= value.min <= value.max <= len(tokens) - 1


def pixels(event):
    image = np.asarray(PIL.Image.open(io.BytesIO(event.encoded_image_string)))
    assert image.shape[:2] == (event.height, event.width)
    return image


def test_augmented_images_are_a_grid_that_is_another_one_every_epoch(events, metrics):
    grids = events.Images("augmented/image")
    assert [g.step for g in grids] == [line["step"] for line in metrics["epoch"]]
    # 6 x 6 images of 8 x 8 with gaps of 2 between them.
    assert {(g.height, g.width) for g in grids} == {(58, 58)}
    assert all(pixels(g).std() > 20 for g in grids)
    assert any((pixels(g) != pixels(grids[0])).any() for g in grids[1:])


def test_mistakes_are_a_picture_of_images(events, part):
    for tag in ("mistakes/image", "test_mistakes/image") if part == "validation" else ("mistakes/image",):
        for grid in events.Images(tag):
            assert pixels(grid).std() > 10
