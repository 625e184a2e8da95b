"""Asks a server of mlit for logits, as a Python program does that knows the Open Inference Protocol v2 and nothing of mlit.

dev.mlit.serve.PythonClientTest starts the server and runs this file with its address, the model's name, and a file of
float32 images; the last line that is printed has the logits that came back, by the way they were asked for. The requests
are those of the published schema (https://github.com/kserve/open-inference-protocol), in JSON and with tensors as bytes.
Where tritonclient is installed, it asks too.
"""

import importlib.util
import json
import pathlib
import sys
import urllib.request

import numpy as np


def send(address, body=None, headers=None):
    request = urllib.request.Request(address, data=body, headers=headers or {})
    with urllib.request.urlopen(request, timeout=60) as response:
        return response.headers, response.read()


def tensor_of(output, width):
    """Checks an output against the schema of a response."""
    assert set(output) >= {"name", "shape", "datatype"}, output
    assert output["datatype"] == "FP32" and output["shape"][1:] == [width], output
    return output


def by_json(address, images, width):
    request = {
        "id": "json",
        "inputs": [
            {"name": "images", "shape": list(images.shape), "datatype": "FP32", "data": images.ravel().tolist()}
        ],
        "outputs": [{"name": "logits"}],
    }
    _, body = send(address + "/infer", json.dumps(request).encode())
    answer = json.loads(body)
    assert answer["id"] == "json" and answer["model_name"], answer
    (output,) = answer["outputs"]
    return np.array(tensor_of(output, width)["data"], np.float32)


def by_bytes(address, images, width):
    data = images.astype("<f4").tobytes()
    header = json.dumps(
        {
            "inputs": [
                {
                    "name": "images",
                    "shape": list(images.shape),
                    "datatype": "FP32",
                    "parameters": {"binary_data_size": len(data)},
                }
            ],
            "outputs": [{"name": "logits", "parameters": {"binary_data": True}}],
        }
    ).encode()
    headers, body = send(
        address + "/infer", header + data, {"Inference-Header-Content-Length": str(len(header))}
    )
    length = int(headers["Inference-Header-Content-Length"])
    (output,) = json.loads(body[:length])["outputs"]
    tensor_of(output, width)
    assert output["parameters"]["binary_data_size"] == len(body) - length
    return np.frombuffer(body[length:], "<f4")


def by_tritonclient(address, name, images):
    import tritonclient.http as triton

    client = triton.InferenceServerClient(address.removeprefix("http://"))
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(name)
    tensor = triton.InferInput("images", list(images.shape), "FP32")
    tensor.set_data_from_numpy(images)
    return client.infer(name, [tensor]).as_numpy("logits").ravel()


def main(address, name, file):
    model = address + "/v2/models/" + name
    metadata = json.loads(send(model)[1])
    assert set(metadata) >= {"name", "versions", "platform", "inputs", "outputs"}, metadata
    width = next(output["shape"][1] for output in metadata["outputs"] if output["name"] == "logits")
    images = np.fromfile(pathlib.Path(file), "<f4").reshape(metadata["inputs"][0]["shape"])
    logits = {"json": by_json(model, images, width), "bytes": by_bytes(model, images, width)}
    if importlib.util.find_spec("tritonclient"):
        logits["tritonclient"] = by_tritonclient(address, name, images)
    print(json.dumps({way: values.tolist() for way, values in logits.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
