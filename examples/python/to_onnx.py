#!/usr/bin/env python3
"""Makes an ONNX file of a model of mlit, by way of PyTorch, and runs it with onnxruntime.

    pip install -r examples/python/requirements/onnx.txt
    ./mlit export runs/quickstart --format safetensors --to exported
    python examples/python/to_onnx.py exported examples/images/*.png --out quickstart.onnx
"""

import argparse
import pathlib

import numpy as np
import onnxruntime
import torch

import pictures
import pytorch


def export(directory, file):
    """Writes an ONNX file with the input images [batch, height, width, channels] and the output logits."""
    size = pictures.spec(directory)["image"]
    example = torch.zeros(2, size["height"], size["width"], size["channels"])
    torch.onnx.export(
        pytorch.load(directory),
        (example,),
        str(file),
        input_names=["images"],
        output_names=["logits"],
        dynamic_shapes={"images": {0: torch.export.Dim("batch")}},
        dynamo=True,
        external_data=False,
        verbose=False,
    )


def logits(file, images):
    """The logits of images [n, height, width, channels] in [0, 1], computed by onnxruntime."""
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    return session.run(["logits"], {"images": images})[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path, help="directory with model.safetensors and spec.yaml")
    parser.add_argument("pictures", nargs="+")
    parser.add_argument("--out", type=pathlib.Path, default="model.onnx", metavar="FILE")
    options = parser.parse_args()

    export(options.model, options.out)
    images = pictures.read(options.pictures, pictures.spec(options.model))
    ours = logits(options.out, images)
    with torch.no_grad():
        theirs = pytorch.load(options.model)(torch.from_numpy(images)).numpy()
    labels = pictures.labels(options.model)
    for path, values in zip(options.pictures, ours):
        print(f"{path}: {labels[int(values.argmax())]}")
    print(f"{options.out}: {options.out.stat().st_size:,} bytes; largest difference {np.abs(ours - theirs).max():.1e}")


if __name__ == "__main__":
    main()
