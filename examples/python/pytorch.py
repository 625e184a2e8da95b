#!/usr/bin/env python3
"""A model of mlit as a plain PyTorch module: says what is in pictures, learns from them, and goes back to Java.

    pip install -r examples/python/requirements/pytorch.txt
    ./mlit export runs/quickstart --format safetensors --to exported
    python examples/python/pytorch.py exported examples/images/*.png
    python examples/python/pytorch.py exported --data DATA --epochs 3 --save tuned
    ./mlit import tuned/model.safetensors --to savedmodels/tuned

DATA has train/CLASS/*.png and test/CLASS/*.png, of the model's classes. The module below is the whole model.
"""

import argparse
import math
import pathlib
import shutil

import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F

import pictures


class Linear(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.kernel = nn.Parameter(torch.empty(inputs, outputs))
        self.bias = nn.Parameter(torch.empty(outputs))

    def forward(self, x):
        return x @ self.kernel + self.bias


class Norm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.scale = nn.Parameter(torch.empty(width))
        self.bias = nn.Parameter(torch.empty(width))

    def forward(self, x):
        return F.layer_norm(x, x.shape[-1:], self.scale, self.bias, 1e-6)


class Attention(nn.Module):
    """Grouped query attention: query head h reads the keys and values of group h // (heads // groups)."""

    def __init__(self, width, heads, groups):
        super().__init__()
        self.heads, self.groups, self.size = heads, groups, width // heads
        self.query, self.output = Linear(width, width), Linear(width, width)
        self.key, self.value = Linear(width, groups * self.size), Linear(width, groups * self.size)

    def forward(self, x):
        split = lambda y, heads: y.unflatten(-1, (heads, self.size)).transpose(1, 2)
        query, key, value = split(self.query(x), self.heads), split(self.key(x), self.groups), split(self.value(x), self.groups)
        key, value = (y.repeat_interleave(self.heads // self.groups, 1) for y in (key, value))
        weights = (query @ key.transpose(2, 3) / math.sqrt(self.size)).softmax(-1)
        return self.output((weights @ value).transpose(1, 2).flatten(2))


class Experts(nn.Module):
    def __init__(self, count, width, hidden):
        super().__init__()
        self.kernel = nn.Parameter(torch.empty(count, width, hidden))
        self.bias = nn.Parameter(torch.empty(count, hidden))

    def forward(self, x):
        return F.silu(torch.einsum("bnm,emh->bneh", x, self.kernel) + self.bias)


def imbalance(shares):
    """The squared coefficient of variation of the experts' shares [batch, tokens, experts], summed over the tokens."""
    sums = shares.sum((0, 1))
    return sums.var(correction=0) / sums.mean() ** 2


class Moe(nn.Module):
    """SwiGLU experts that share value and output; a token goes to those with the largest gates.

    A forward pass in training leaves the balance losses of its batch in `balance` (Shazeer et al. 2017, section 4).
    """

    def __init__(self, width, hidden, experts, top, importance_weight=0.01, load_weight=0.01):
        super().__init__()
        self.top, self.importance_weight, self.load_weight = top, importance_weight, load_weight
        self.balance = 0
        self.gate, self.noise = Linear(width, experts), Linear(width, experts)
        self.experts = Experts(experts, width, hidden)
        self.value, self.output = Linear(width, hidden), Linear(hidden, width)

    def forward(self, x):
        clean = scores = self.gate(x)
        if self.training:
            deviation = F.softplus(self.noise(x))
            scores = clean + torch.randn_like(clean) * deviation
        best, chosen = scores.topk(self.top, -1)
        gates = torch.zeros_like(scores).scatter(-1, chosen, best.softmax(-1))
        if self.training:
            self.balance = self.importance_weight * imbalance(gates)
            if self.top < gates.shape[-1]:
                # The chance to be kept if the noise of this expert only were drawn again.
                ranked = scores.topk(self.top + 1, -1).values
                kept = scores >= ranked[..., -2:-1]
                threshold = torch.where(kept, ranked[..., -1:], ranked[..., -2:-1])
                chances = torch.special.ndtr((clean - threshold) / deviation)
                self.balance = self.balance + self.load_weight * imbalance(chances)
        mixed = (gates.unsqueeze(-1) * self.experts(x)).sum(2)
        return self.output(mixed * self.value(x))


class Block(nn.Module):
    def __init__(self, width, hidden, experts, heads, groups, top, importance_weight=0.01, load_weight=0.01):
        super().__init__()
        self.attention_norm, self.attention = Norm(width), Attention(width, heads, groups)
        self.moe_norm, self.moe = Norm(width), Moe(width, hidden, experts, top, importance_weight, load_weight)

    def forward(self, x):
        x = x + self.attention(self.attention_norm(x))
        return x + self.moe(self.moe_norm(x))


class Encoder(nn.Module):
    """From images [batch, height, width, channels] in [0, 1] to features [batch, embedding]."""

    def __init__(self, spec):
        super().__init__()
        size, self.patch, width = spec["image"], spec["patch"], spec["embedding"]
        self.rows, self.columns = size["height"] // self.patch, size["width"] // self.patch
        self.mean_pooling = spec["pooling"] == "mean"
        for name in ("mean", "std"):
            value = spec["normalization"][name]
            self.register_buffer(name, torch.tensor(value, dtype=torch.float32), persistent=False)
        self.patch_embedding = Linear(self.patch**2 * size["channels"], width)
        self.class_token = nn.Parameter(torch.empty(1, 1, width))
        self.position_embedding = nn.Parameter(torch.empty(1, self.rows * self.columns + 1, width))
        experts = [stage["experts"] for stage in spec["stages"] for _ in range(stage["layers"])]
        first, last = spec["hidden"]["first"], spec["hidden"]["last"]
        self.encoder = nn.ModuleDict()
        for i, count in enumerate(experts):
            hidden = math.floor(first + (last - first) * i / max(1, len(experts) - 1) + 0.5)
            attention, routing = spec["attention"], spec["routing"]
            self.encoder[f"block_{i}"] = Block(
                width,
                hidden,
                count,
                attention["heads"],
                attention["groups"],
                routing["top"],
                routing["importance-weight"],
                routing["load-weight"],
            )
        self.encoder["norm"] = Norm(width)

    def patches(self, images):
        """Normalised patches, row by row: [batch, patches, values]."""
        x = (images - self.mean) / self.std
        x = x.unflatten(2, (self.columns, self.patch)).unflatten(1, (self.rows, self.patch))
        return x.transpose(2, 3).flatten(3).flatten(1, 2)

    def features(self, images):
        x = self.patch_embedding(self.patches(images))
        x = torch.cat([self.class_token.expand(x.shape[0], -1, -1), x], 1) + self.position_embedding
        for layer in self.encoder.values():
            x = layer(x)
        return x[:, 1:].mean(1) if self.mean_pooling else x[:, 0]


class Mlit(Encoder):
    """From images [batch, height, width, channels] in [0, 1] to logits [batch, classes]."""

    def __init__(self, spec):
        super().__init__(spec)
        self.head = Linear(spec["embedding"], spec["classes"])

    def forward(self, images):
        return self.head(self.features(images))


def load(directory):
    """The model of a directory with model.safetensors and spec.yaml."""
    model = Mlit(pictures.spec(directory))
    model.load_state_dict(load_file(pathlib.Path(directory) / "model.safetensors"))
    return model.eval()


def accuracy(model, images, classes):
    model.eval()
    with torch.no_grad():
        parts = [model(torch.from_numpy(images[i : i + 250])).argmax(1) for i in range(0, len(images), 250)]
    return float((torch.cat(parts).numpy() == classes).mean())


def balance(model):
    """The balance losses of all blocks, of the forward pass before; without them a few experts get every token."""
    return sum(module.balance for module in model.modules() if isinstance(module, Moe))


def fit(model, images, classes, epochs, rate):
    optimizer = torch.optim.AdamW(model.parameters(), rate, weight_decay=0.05)
    images, classes = torch.from_numpy(images), torch.from_numpy(classes)
    for _ in range(epochs):
        model.train()
        for batch in torch.randperm(len(images)).split(64):
            loss = F.cross_entropy(model(images[batch]), classes[batch]) + balance(model)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path, help="directory with model.safetensors, spec.yaml, labels.txt")
    parser.add_argument("pictures", nargs="*")
    parser.add_argument("--top", type=int, default=3, metavar="K", help="classes to name; 3 unless set")
    parser.add_argument("--data", help="directory with train/CLASS/* and test/CLASS/*")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--rate", type=float, default=1e-3, help="learning rate; 1e-3 unless set")
    parser.add_argument("--save", type=pathlib.Path, metavar="DIR", help="where the fine-tuned model goes")
    options = parser.parse_args()

    torch.manual_seed(0)
    spec, labels, model = pictures.spec(options.model), pictures.labels(options.model), load(options.model)
    if options.pictures:
        with torch.no_grad():
            best = model(torch.from_numpy(pictures.read(options.pictures, spec))).softmax(1).topk(options.top)
        for path, probabilities, classes in zip(options.pictures, best.values.tolist(), best.indices.tolist()):
            print(f"{path}: " + ", ".join(f"{labels[c]} {p:.4f}" for p, c in zip(probabilities, classes)))
    if options.data:
        images, classes = pictures.folder(f"{options.data}/train", spec)
        test = pictures.folder(f"{options.data}/test", spec)
        print(f"accuracy before {accuracy(model, *test):.4f}")
        fit(model, images, classes, options.epochs, options.rate)
        print(f"accuracy after  {accuracy(model, *test):.4f} on {len(test[1])} pictures")
    if options.save:
        options.save.mkdir(parents=True, exist_ok=True)
        save_file({name: t.contiguous() for name, t in model.state_dict().items()}, options.save / "model.safetensors")
        for name in ("spec.yaml", "labels.txt"):
            shutil.copy(options.model / name, options.save)


if __name__ == "__main__":
    main()
