"""The pictures in the event files of an autoencoder's run that Java has just trained and resumed, as TensorBoard reads them."""

import io
import json
import os
import pathlib

import numpy as np
import PIL.Image
import pytest
from tensorboard.backend.event_processing import event_accumulator


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


def test_pictures_are_those_of_the_run_directory_each_test_once(run, events):
    epochs = [line for line in map(json.loads, (run / "metrics.jsonl").read_text().splitlines()) if line["kind"] == "epoch"]
    assert [line["epoch"] for line in epochs] == [2, 4]
    pictures = events.Images("reconstructions/image")
    assert [picture.step for picture in pictures] == [line["step"] for line in epochs]
    for picture, line in zip(pictures, epochs):
        shown = np.asarray(PIL.Image.open(io.BytesIO(picture.encoded_image_string)))
        # Eight rows of three images of 8 x 8, in color.
        assert shown.shape == (64, 24, 3)
        file = PIL.Image.open(run / "reconstructions" / f"epoch-{line['epoch']:04d}.png")
        np.testing.assert_array_equal(shown, np.asarray(file))


def test_there_is_no_picture_of_classes(events):
    assert events.Tags()["images"] == ["reconstructions/image"]
    assert not [tag for tag in events.Tags()["scalars"] if tag.startswith("accuracy")]
