"""Who is compared: mlit, the same model in PyTorch, and in ONNX Runtime's Java API; one process a run.

All serve the same weights: PyTorch draws them, mlit imports them, and examples/python/to_onnx.py makes an ONNX file
of them. Before anything is timed, the logits of mlit and ONNX Runtime for the same images must agree.
"""
import os, shutil, subprocess, sys

import numpy

from runs import HERE, LAUNCHER, Failed, last_line_as_json

ROOT = os.path.join(HERE, "..")
MODELS = os.path.join(ROOT, "target", "bench-models")
TORCH = os.path.join(HERE, "torch_mlit.py")
ONNXRUNTIME = os.path.join(HERE, "onnxruntime", "pom.xml")
BUILT = os.path.join(ROOT, "target", "onnxruntime")
FARTHEST = 1e-4

# As ./mlit starts Java, so that memory and compilation are of the same kind.
JAVA = ["java", "-XX:+UseSerialGC", "-Xms32m", "-Xmn16m", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"]


def run(command, timeout=600):
    """Runs a command that must end well."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip()[-2000:]
        raise Failed(f"{' '.join(command)}\nended with {done.returncode}:\n{words}")
    return done.stdout


def commit():
    """The commit that is measured, with a mark where files were changed since."""
    try:
        return run(["git", "-C", ROOT, "describe", "--always", "--dirty", "--exclude=*"]).strip()
    except (Failed, OSError):
        return None


def torch(impl, preset, mode, batch, threads, warmup, steps, image=36, patch=3, precision="float32", mae=False,
          timeout=600):
    return last_line_as_json([
        sys.executable, TORCH, "bench", "--preset", preset, "--mode", mode, "--impl", impl, "--batch", str(batch),
        "--threads", str(threads), "--warmup", str(warmup), "--steps", str(steps), "--image", str(image),
        "--patch", str(patch), "--precision", precision, *(["--mae"] if mae else [])], timeout)


def mlit(preset, clients, batch, warmup, seconds, max_batch=1, logits=None):
    """./mlit bench --mode serve: clients call a classifier with batches of images."""
    return last_line_as_json([
        LAUNCHER, "bench", "--mode", "serve", "--model", os.path.join(MODELS, preset, "savedmodel"), "--clients",
        str(clients), "--batch", str(batch), "--warmup", str(warmup), "--seconds", str(seconds), "--max-batch",
        str(max_batch), "--json", *(["--logits", logits] if logits else [])])["result"]


def onnxruntime(preset, clients, batch, warmup, seconds, intra_op=0, logits=None):
    """The same with ONNX Runtime's Java API."""
    with open(os.path.join(BUILT, "classpath")) as f:
        classpath = os.pathsep.join([os.path.join(BUILT, "classes"), f.read().strip()])
    return last_line_as_json([
        *JAVA, "-cp", classpath, "OnnxRuntimePeer", os.path.join(MODELS, preset, "model.onnx"), f"clients={clients}",
        f"batch={batch}", f"warmup={warmup}", f"seconds={seconds}", f"intra-op={intra_op}",
        *([f"logits={logits}"] if logits else [])])


def build():
    """Compiles the program that uses ONNX Runtime; Maven fetches its library."""
    run(["mvn", "-B", "-q", "-ntp", "-f", ONNXRUNTIME, "process-classes"])


def models(preset):
    """Makes the SavedModel and the ONNX file of a preset; how far their logits are from each other."""
    directory = os.path.join(MODELS, preset)
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    run([sys.executable, TORCH, "golden", "--preset", preset, "--seed", "1", "--batch", "2", "--out", directory])
    weights, saved = os.path.join(directory, "model.safetensors"), os.path.join(directory, "savedmodel")
    os.rename(os.path.join(directory, "weights.safetensors"), weights)
    run([LAUNCHER, "import", weights, "--model", f"mlit-{preset}", "--to", saved])
    shutil.copy(os.path.join(saved, "spec.yaml"), directory)
    # In a process of its own: what PyTorch's exporter leaves behind is nothing that a comparison should carry.
    run([sys.executable, "-c", "import pathlib, sys; sys.path.insert(0, sys.argv[1]); import to_onnx; "
         "to_onnx.export(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[2], 'model.onnx'))",
         os.path.join(ROOT, "examples", "python"), directory])
    logits = []
    for name, side in ("mlit", mlit), ("onnxruntime", onnxruntime):
        file = os.path.join(directory, f"logits-{name}")
        side(preset, 2, 4, 1, 1, logits=file)
        logits.append(numpy.fromfile(file, "<f4"))
    if logits[0].shape != logits[1].shape or not logits[0].size:
        raise Failed(f"mlit-{preset}: mlit has {logits[0].size} logits, ONNX Runtime {logits[1].size}")
    difference = float(numpy.abs(logits[0] - logits[1]).max())
    if not difference <= FARTHEST:
        raise Failed(f"mlit-{preset}: the logits of mlit and ONNX Runtime differ by {difference:.1e}, "
                     f"more than {FARTHEST:.0e}")
    return {"largest_difference": difference, "largest_logit": float(numpy.abs(logits[0]).max())}
