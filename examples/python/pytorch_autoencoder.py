#!/usr/bin/env python3
"""An autoencoder of mlit as a plain PyTorch module: hides patches of pictures, paints them, and learns further.

    pip install -r examples/python/requirements/pytorch.txt
    ./mlit export runs/pretrain-cifar100 --format safetensors --to exported
    python examples/python/pytorch_autoencoder.py exported examples/images/*.png
    python examples/python/pytorch_autoencoder.py exported examples/images/*.png --train 100 --save tuned
    ./mlit import tuned/model.safetensors --to savedmodels/tuned

The export may be of a SavedModel too. With pytorch.py beside it, the module below is the whole model.
"""

import argparse
import pathlib
import shutil

import torch
from safetensors.torch import load_file, save_file
from torch import nn

import pictures
import pytorch


class Decoder(nn.Module):
    """From the tokens of visible patches to the normalised pixels of all."""

    def __init__(self, spec, tokens, values):
        super().__init__()
        decoder, width = spec["decoder"], spec["decoder"]["embedding"]
        self.embedding = pytorch.Linear(spec["embedding"], width)
        self.mask_token = nn.Parameter(torch.empty(1, 1, width))
        self.position_embedding = nn.Parameter(torch.empty(1, tokens, width))
        self.blocks = [f"block_{i}" for i in range(decoder["layers"])]
        for name in self.blocks:
            self.add_module(
                name,
                pytorch.Block(
                    width, decoder["hidden"], decoder["experts"], decoder["heads"], decoder["groups"],
                    spec["routing"]["top"],
                ),
            )
        self.norm = pytorch.Norm(width)
        self.prediction = pytorch.Linear(width, values)

    def forward(self, encoded, places):
        """places [batch, patches]: where the token of a patch is among the encoded ones, or after them if hidden."""
        x = self.embedding(encoded)
        x = torch.cat([x, self.mask_token.expand(len(x), -1, -1)], 1)
        x = torch.cat([x[:, :1], x.gather(1, places[..., None].expand(-1, -1, x.shape[2]))], 1)
        x = x + self.position_embedding
        for name in self.blocks:
            x = self.get_submodule(name)(x)
        return self.prediction(self.norm(x[:, 1:]))


class Autoencoder(pytorch.Encoder):
    """From images [batch, height, width, channels] in [0, 1] and noise [batch, patches] to the painted patches
    [batch, patches, values], normalised, and a mask [batch, patches], 1 for hidden ones."""

    def __init__(self, spec):
        super().__init__(spec)
        self.count = self.rows * self.columns
        self.visible = int(self.count * (1 - spec["mask"]))
        values = self.patch_embedding.kernel.shape[0]
        self.decoder = Decoder(spec, self.count + 1, values)
        self.by_patch = spec.get("norm-pixels", False)

    def forward(self, images, noise):
        order = noise.argsort(dim=1, stable=True)
        rank = order.argsort(1)
        seen = order[:, : self.visible, None]
        patches = self.patches(images)
        x = self.patch_embedding(patches.gather(1, seen.expand(-1, -1, patches.shape[2])))
        position = self.position_embedding.expand(len(x), -1, -1)
        x = x + position[:, 1:].gather(1, seen.expand(-1, -1, x.shape[2]))
        x = torch.cat([self.class_token.expand(len(x), -1, -1) + position[:, :1], x], 1)
        for layer in self.encoder.values():
            x = layer(x)
        return self.decoder(x, (rank + 1).clamp(max=self.visible + 1)), (rank >= self.visible).float()

    def wanted(self, images):
        """What should be painted of images."""
        patches = self.patches(images)
        if not self.by_patch:
            return patches
        variance, mean = torch.var_mean(patches, -1, keepdim=True)
        return (patches - mean) / (variance + 1e-6).sqrt()

    def error(self, images, noise):
        """The mean squared error of hidden patches."""
        painted, hidden = self(images, noise)
        return ((painted - self.wanted(images)).square().mean(-1) * hidden).sum() / hidden.sum()


def load(directory):
    """The autoencoder of a directory with model.safetensors and spec.yaml."""
    model = Autoencoder(pictures.spec(directory))
    model.load_state_dict(load_file(pathlib.Path(directory) / "model.safetensors"))
    return model.eval()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path, help="directory with model.safetensors and spec.yaml")
    parser.add_argument("pictures", nargs="+")
    parser.add_argument("--train", type=int, default=0, metavar="STEPS", help="train on the pictures first")
    parser.add_argument("--save", type=pathlib.Path, metavar="DIR", help="where the trained model goes")
    options = parser.parse_args()

    torch.manual_seed(0)
    model = load(options.model)
    images = torch.from_numpy(pictures.read(options.pictures, pictures.spec(options.model)))
    noise = torch.rand(len(images), model.count)
    with torch.no_grad():
        print(f"error of hidden patches {float(model.error(images, noise)):.4f}, {len(images)} pictures")
    if options.train:
        optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
        model.train()
        for _ in range(options.train):
            optimizer.zero_grad()
            loss = model.error(images, torch.rand(len(images), model.count)) + pytorch.balance(model)
            loss.backward()
            optimizer.step()
        model.eval()
        with torch.no_grad():
            print(f"after {options.train} steps {float(model.error(images, noise)):.4f}")
    if options.save:
        options.save.mkdir(parents=True, exist_ok=True)
        save_file({name: t.contiguous() for name, t in model.state_dict().items()}, options.save / "model.safetensors")
        shutil.copy(options.model / "spec.yaml", options.save)


if __name__ == "__main__":
    main()
