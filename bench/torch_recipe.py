#!/usr/bin/env python3
"""Trains the model of torch_mlit.py by a recipe of mlit; accuracy.py runs it, with the settings as JSON.

Seconds are those of training steps: not of reading images, of tests, or of torch.compile, which are given apart.
"""
import gzip, json, math, os, sys, time

import torch
from torch.nn import functional as F

import torch_mlit
import torch_muon

HERE = os.path.dirname(os.path.abspath(__file__))
FASHION_SMALL = os.path.join(HERE, "..", "src", "main", "resources", "dev", "mlit", "data", "published",
                             "fashion-small")


class Mlit(torch_mlit.Mlit):
    """With patch dropout while training, and the mean of the patch tokens in place of the class token."""

    def __init__(self, spec, patch_dropout):
        image, preset = spec["image"], spec["name"].split("-")[1]
        super().__init__(**torch_mlit.PRESETS[preset], classes=spec["classes"], image=image["height"],
                         patch=spec["patch"], channels=image["channels"])
        self.kept = max(1, int(self.count * (1 - patch_dropout)))
        self.mean_pooling = spec.get("pooling") == "mean"

    def forward(self, images):
        x = self.embed(self.patches(images))
        if self.training and self.kept < self.count:
            order = torch.rand(x.shape[:2]).argsort(1)[:, :self.kept]
            x = x.gather(1, order[..., None].expand(-1, -1, x.shape[-1]))
        tokens, aux = self.encoder(torch.cat([self.start(len(x)), x], 1))
        features = tokens[:, 1:].mean(1) if self.mean_pooling else tokens[:, 0]
        return self.head(features), features, aux


def idx(name):
    """The bytes of an IDX file, one row an image or label."""
    with gzip.open(os.path.join(FASHION_SMALL, name)) as f:
        data = f.read()
    sizes = [int.from_bytes(data[4 + 4 * i:8 + 4 * i], "big") for i in range(data[3])]
    return torch.frombuffer(bytearray(data[4 + 4 * len(sizes):]), dtype=torch.uint8).reshape(sizes)


def folder(directory, size):
    """DIRECTORY/CLASS/*, classes in the order of their names, as bytes [n, height, width, channels]."""
    import numpy
    from PIL import Image
    images, labels = [], []
    classes = sorted(entry for entry in os.listdir(directory) if os.path.isdir(os.path.join(directory, entry)))
    for label, name in enumerate(classes):
        for file in sorted(os.listdir(os.path.join(directory, name))):
            with Image.open(os.path.join(directory, name, file)) as picture:
                picture = picture.convert("L" if size["channels"] == 1 else "RGB")
                if picture.size != (size["width"], size["height"]):
                    picture = picture.resize((size["width"], size["height"]), Image.Resampling.BILINEAR)
                images.append(numpy.asarray(picture).reshape(size["height"], size["width"], size["channels"]))
                labels.append(label)
    return torch.from_numpy(numpy.stack(images)), torch.tensor(labels)


def part(images, size, name):
    """Images as bytes, and labels; name is train or test."""
    if images:
        return folder(os.path.join(images, name), size)
    name = "t10k" if name == "test" else name
    return idx(f"{name}-images-idx3-ubyte.gz").unsqueeze(-1), idx(f"{name}-labels-idx1-ubyte.gz").long()


def augmented(images, recipe):
    """A batch of bytes as float32 in [0, 1], flipped and cropped."""
    n, height, width, _ = images.shape
    if recipe["crop_padding"] or recipe["flip"]:
        most = recipe["crop_padding"]
        rows = torch.arange(height) + torch.randint(-most, most + 1, (n, 1))
        columns = torch.arange(width) + torch.randint(-most, most + 1, (n, 1))
        rows, columns = (torch.minimum(i % (2 * side), 2 * side - 1 - i % (2 * side))  # reflected, with the edge
                         for i, side in ((rows, height), (columns, width)))
        if recipe["flip"]:
            columns = torch.where(torch.rand(n, 1) < 0.5, columns.flip(1), columns)
        images = images[torch.arange(n)[:, None, None], rows[:, :, None], columns[:, None, :]]
    return images.float().div(255)


def factor(step, steps, warmup):
    """dev.mlit.train.step.LearningRate: linear up, then half a cosine, down to 0 after the last step."""
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * min(1.0, (step - warmup) / max(1, steps - warmup))))


def optimizers(model, recipe):
    """Every optimizer with its highest rate; together they have all parameters."""
    named = list(model.named_parameters())
    muon = [p for n, p in named if recipe["optimizer"] == "muon" and torch_muon.takes(n)]
    others = [(n, p) for n, p in named if not any(p is m for m in muon)]
    adamw = torch.optim.AdamW(
        [{"params": [p for n, p in others if n.endswith("kernel")]},
         {"params": [p for n, p in others if not n.endswith("kernel")], "weight_decay": 0.0}],
        weight_decay=recipe["weight_decay"], betas=(recipe["beta1"], recipe["beta2"]), eps=recipe["epsilon"],
        fused=True)
    found = [(adamw, recipe["learning_rate"])]
    if muon:
        found.append((torch_muon.Muon(muon, weight_decay=recipe["weight_decay"], momentum=recipe["momentum"]),
                      recipe["muon_learning_rate"]))
    return found


def evaluate(model, images, labels):
    model.eval()
    with torch.inference_mode():
        hits = sum((model(x.float().div(255))[0].argmax(1) == y).sum().item()
                   for x, y in zip(images.split(250), labels.split(250)))
    model.train()
    return hits / len(images)


def loss_of(model, images, labels, recipe):
    logits, _, aux = model(images)
    return F.cross_entropy(logits, labels, label_smoothing=recipe["label_smoothing"]) + aux


def compiled(model, images, labels, recipe, impl):
    """The model made ready for whole batches, and the seconds that took; weights stay."""
    if impl != "compiled":
        return model, 0.0
    began = time.perf_counter()
    run = torch.compile(model, dynamic=False)
    for _ in range(2):
        loss_of(run, images.float().div(255), labels, recipe).backward()
    model.zero_grad(set_to_none=True)
    return run, time.perf_counter() - began


def train(a):
    torch.set_num_threads(a["threads"] or os.cpu_count())
    recipe, size = a["recipe"], a["model"]["image"]
    (images, labels), tests = part(a["images"], size, "train"), part(a["images"], size, "test")
    torch.manual_seed(a["seed"])
    model = Mlit(a["model"], recipe["patch_dropout"]).train()
    batch = recipe["batch"]
    run, compile_seconds = model, 0.0
    if len(images) >= batch:
        run, compile_seconds = compiled(model, images[:batch], labels[:batch], recipe, a["impl"])
    torch.manual_seed(a["seed"] + 1_000_000)
    all_optimizers = optimizers(model, recipe)
    per_epoch = -(-len(images) // batch)
    steps, warmup = a["epochs"] * per_epoch, round(recipe["warmup_epochs"] * per_epoch)
    step, seconds, curve = 0, 0.0, []
    for epoch in range(1, a["epochs"] + 1):
        began, total = time.perf_counter(), 0.0
        for rows in torch.randperm(len(images)).split(batch):
            for optimizer, rate in all_optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = rate * factor(step, steps, warmup)
            model.zero_grad(set_to_none=True)
            loss = loss_of(run if len(rows) == batch else model, augmented(images[rows], recipe), labels[rows], recipe)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), recipe["clip_norm"])
            for optimizer, _ in all_optimizers:
                optimizer.step()
            total += loss.item() * len(rows)
            step += 1
        seconds += time.perf_counter() - began
        accuracy = evaluate(model, *tests)
        curve.append({"epoch": epoch, "seconds": seconds, "accuracy": accuracy})
        print(f"PyTorch epoch {epoch}/{a['epochs']}  loss {total / len(images):.4f}  test accuracy {accuracy:.4f}"
              f"  {seconds:.0f} s", file=sys.stderr)
    return {"accuracy": accuracy, "seconds": seconds, "compile_seconds": compile_seconds, "curve": curve,
            "peer": "torch " + torch.__version__}


if __name__ == "__main__":
    print(json.dumps(train(json.loads(sys.argv[1]))))
