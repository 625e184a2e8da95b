#!/usr/bin/env python3
"""Accuracy of mlit against PyTorch: the same model, images and recipe, no augmentation, several seeds.

  python3 -m venv .venv && .venv/bin/pip install -r bench/requirements.txt
  .venv/bin/python bench/accuracy.py --epochs 10 --seeds 1,2,3 --out accuracy.json

The model is mLiT-XXS for 28x28 gray images, in PyTorch that of torch_mlit.py; the images are fashion-small,
which lies in this repository. Seeds decide other weights, orders and gate noise on either side, so that single
runs differ and means are compared. Runs that are in --out already are not repeated. A run of 10 epochs takes
about five minutes on two cores. Needs a C++ compiler, which torch.compile wants; --impl fused does without.
"""
import argparse, datetime, gzip, json, math, os, statistics, subprocess, sys, tempfile, time

import torch
from torch.nn import functional as F

import torch_mlit

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..")
IMAGES = os.path.join(ROOT, "src", "main", "resources", "dev", "mlit", "data", "published", "fashion-small")
SIDE, PATCH, CLASSES = 28, 4, 10

# Both sides are given every one of these.
RECIPE = {"batch": 64, "learning-rate": 1e-3, "weight-decay": 0.05, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8,
          "clip-norm": 1.0, "warmup-epochs": 1}


def settings(a, seed, out):
    yield f"training.epochs={a.epochs}"
    yield f"training.seed={seed}"
    yield f"training.threads={a.threads}"
    yield f"training.batch={RECIPE['batch']}"
    yield "training.patch-dropout=0"  # the quickstart's own recipe has some
    keys = ("learning-rate", "weight-decay", "beta1", "beta2", "epsilon", "clip-norm")
    yield "optimizer={name: adamw, " + ", ".join(f"{key}: {RECIPE[key]}" for key in keys) + "}"
    yield f"schedule.warmup-epochs={RECIPE['warmup-epochs']}"
    yield "augmentation={}"
    yield f"export={os.path.join(out, 'savedmodel')}"


def train_mlit(a, seed):
    with tempfile.TemporaryDirectory() as out:
        command = [os.path.join(ROOT, "mlit"), "train", os.path.join(ROOT, "specs", "runs", "quickstart.yaml"),
                   "--out", os.path.join(out, "run"), "--json"]
        for setting in settings(a, seed, out):
            command += ["--set", setting]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(f"accuracy: {' '.join(command)}\nended with {done.returncode}")
        return json.loads(done.stdout.strip().splitlines()[-1])["test_accuracy"]


def idx(name):
    """The bytes of an IDX file, one row an image or label."""
    with gzip.open(os.path.join(IMAGES, name)) as f:
        data = f.read()
    sizes = [int.from_bytes(data[4 + 4 * i:8 + 4 * i], "big") for i in range(data[3])]
    return torch.frombuffer(bytearray(data[4 + 4 * len(sizes):]), dtype=torch.uint8).reshape(sizes)


def part(name):
    images = idx(f"{name}-images-idx3-ubyte.gz").float().div(255).unsqueeze(-1)
    return images, idx(f"{name}-labels-idx1-ubyte.gz").long()


def rate(step, steps, warmup):
    """dev.mlit.train.step.LearningRate: linear up, then half a cosine down to 0 at the last step."""
    if step < warmup:
        return RECIPE["learning-rate"] * (step + 1) / warmup
    progress = min(1.0, (step - warmup) / max(1, steps - 1 - warmup))
    return RECIPE["learning-rate"] * 0.5 * (1 + math.cos(math.pi * progress))


def train_torch(a, seed):
    torch.set_num_threads(a.threads or os.cpu_count())
    torch.manual_seed(seed)
    (images, labels), (test_images, test_labels) = part("train"), part("t10k")
    model = torch_mlit.Mlit(**torch_mlit.PRESETS["xxs"], classes=CLASSES, image=SIDE, patch=PATCH, channels=1)
    run = torch.compile(model, dynamic=False) if a.impl == "compiled" else model
    kernels = [p for n, p in model.named_parameters() if n.endswith("kernel")]
    others = [p for n, p in model.named_parameters() if not n.endswith("kernel")]
    optimizer = torch.optim.AdamW(
        [{"params": kernels}, {"params": others, "weight_decay": 0.0}], weight_decay=RECIPE["weight-decay"],
        betas=(RECIPE["beta1"], RECIPE["beta2"]), eps=RECIPE["epsilon"], fused=True)
    batch = RECIPE["batch"]
    per_epoch = -(-len(images) // batch)
    steps, warmup = a.epochs * per_epoch, RECIPE["warmup-epochs"] * per_epoch
    step, began = 0, time.time()
    for epoch in range(a.epochs):
        model.train()
        total = 0.0
        for rows in torch.randperm(len(images)).split(batch):
            for group in optimizer.param_groups:
                group["lr"] = rate(step, steps, warmup)
            optimizer.zero_grad(set_to_none=True)
            whole = len(rows) == batch
            logits, _, aux = (run if whole else model)(images[rows])
            loss = F.cross_entropy(logits, labels[rows]) + aux
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), RECIPE["clip-norm"])
            optimizer.step()
            total += loss.item() * len(rows)
            step += 1
        accuracy = evaluate(model, test_images, test_labels)
        print(f"PyTorch epoch {epoch + 1}/{a.epochs}  loss {total / len(images):.4f}  test accuracy {accuracy:.4f}"
              f"  {time.time() - began:.0f} s", file=sys.stderr)
    return accuracy


def evaluate(model, images, labels):
    model.eval()
    with torch.inference_mode():
        hits = sum((model(x)[0].argmax(1) == y).sum().item() for x, y in zip(images.split(250), labels.split(250)))
    return hits / len(images)


def table(runs, seeds):
    yield "| seed | mlit | PyTorch |"
    yield "|---|---|---|"
    sides = {side: [runs[f"{side} {seed}"] for seed in seeds] for side in ("mlit", "torch")}
    for i, seed in enumerate(seeds):
        yield f"| {seed} | {sides['mlit'][i]:.4f} | {sides['torch'][i]:.4f} |"
    means = {side: statistics.mean(values) for side, values in sides.items()}
    spread = {side: statistics.stdev(values) if len(values) > 1 else 0.0 for side, values in sides.items()}
    yield (f"| mean, standard deviation | **{means['mlit']:.4f}**, {spread['mlit']:.4f} "
           f"| **{means['torch']:.4f}**, {spread['torch']:.4f} |")
    yield ""
    yield f"Difference of the means: {100 * (means['mlit'] - means['torch']):+.2f} points"


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--epochs", type=int, default=10)
    p.add_argument("--seeds", default="1,2,3", help="separated by commas")
    p.add_argument("--impl", choices=["fused", "compiled"], default="compiled", help="of PyTorch")
    p.add_argument("--threads", type=int, default=0, help="0 is one per core")
    p.add_argument("--out", help="gets the accuracy of every run as JSON; runs that are there are not repeated")
    a = p.parse_args()
    seeds = [int(seed) for seed in a.seeds.split(",")]
    what = {"model": "mlit-xxs, 28x28x1, patch 4", "data": "fashion-small", "epochs": a.epochs, "recipe": RECIPE}

    runs = {}
    if a.out and os.path.exists(a.out):
        with open(a.out) as f:
            before = json.load(f)
        if {key: before.get(key) for key in what} != what:
            sys.exit(f"accuracy: {a.out} has runs of another recipe; name another file")
        runs = before["runs"]
    for seed in seeds:
        for side, train in (("mlit", train_mlit), ("torch", train_torch)):
            key = f"{side} {seed}"
            if key in runs:
                continue
            print(f"accuracy: {key}; {len(runs)} of {2 * len(seeds)} runs done", file=sys.stderr)
            runs[key] = train(a, seed)
            if a.out:
                result = what | {"date": datetime.date.today().isoformat(), "torch": torch.__version__, "runs": runs}
                with open(a.out + ".part", "w") as f:
                    json.dump(result, f, indent=1)
                os.replace(a.out + ".part", a.out)
    print(f"mlit-xxs on fashion-small, {a.epochs} epochs, no augmentation, test accuracy\n")
    print("\n".join(table(runs, seeds)))


if __name__ == "__main__":
    main()
