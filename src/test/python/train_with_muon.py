"""Trains with torch.optim.Muon what mlit has trained, for mlit's test to compare with.

  python train_with_muon.py PEER DIR rgb                 # a tiny model of make_golden.py
  python train_with_muon.py PEER DIR xxs --image 36 --patch 3 --channels 3 --classes 10
  python train_with_muon.py PEER DIR xxs --image 36 --patch 3 --channels 3 --mae

PEER is the path of torch_mlit.py, an independent implementation of the model. DIR has
  start.safetensors     the weights to start from
  steps.safetensors     of step T images.T, labels.T or mask_noise.T, and noise.T.B of the gates of block B
  settings.json         rates and the other settings of the optimizers
and gets
  float32.safetensors   the weights after the last step, Newton-Schulz computed in float32
  bfloat16.safetensors  the same with torch.optim.Muon as it is: Newton-Schulz in bfloat16
It fails where the choice of a token's experts hangs on so little that rounding decides: then other noise is to be
drawn. AdamW trains all that Muon does not; every expert is a matrix, and so a parameter, of its own.
Needs torch >= 2.9 and safetensors.
"""

import argparse
import inspect
import json
import pathlib
import re

import torch
from safetensors.torch import load_file, save_file
from torch.optim import _muon

from make_golden import TINY, Draws, closest_choice, forward, load, tiny

# Where the choice of a token's experts hangs on less than this, rounding decides.
CLOSEST_CHOICE = 3e-6

KERNELS = re.compile(
    r"(encoder|decoder)\.blocks\.\d+\.(attention\.(query|key|value|output)|moe\.(experts|value|output))\.kernel"
)


def float32_newton_schulz():
    """PyTorch's own function without its cast to bfloat16."""
    source = inspect.getsource(_muon._zeropower_via_newtonschulz)
    assert source.count("grad.bfloat16()") == 1, "torch.optim.Muon has changed, look at its source"
    scope = dict(vars(_muon))
    exec(source.replace("grad.bfloat16()", "grad.clone()"), scope)
    return scope["_zeropower_via_newtonschulz"]


class Optimizers:
    def __init__(self, model, s):
        self.s, self.model, self.leaves = s, model, []
        adamw = {True: [], False: []}
        for name, p in model.named_parameters():
            if KERNELS.fullmatch(name):
                matrices = p.data.unbind() if p.ndim == 3 else [p.data]
                self.leaves.append((p, [torch.nn.Parameter(m) for m in matrices]))
            else:
                adamw[name.endswith("kernel")].append(p)
        decay = s["weight_decay"]
        self.muon = torch.optim.Muon(
            [m for _, own in self.leaves for m in own], weight_decay=decay, momentum=s["momentum"], nesterov=True,
            adjust_lr_fn="match_rms_adamw")  # fmt: skip
        self.adamw = torch.optim.AdamW(
            [{"params": adamw[True], "weight_decay": decay}, {"params": adamw[False], "weight_decay": 0.0}],
            betas=s["betas"], eps=s["epsilon"])  # fmt: skip

    def step(self, rate, muon_rate):
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.s["clip_norm"])
        for p, own in self.leaves:
            for leaf, grad in zip(own, p.grad.unbind() if p.ndim == 3 else [p.grad]):
                leaf.grad = grad
        for optimizer, lr in (self.adamw, rate), (self.muon, muon_rate):
            for group in optimizer.param_groups:
                group["lr"] = lr
            optimizer.step()
        self.model.zero_grad()


def train(model, t, steps, s, start, peer, watched):
    """The weights after all steps; of a run that is watched, rounding must not decide where tokens go."""
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(start[peer.name(name)])
    optimizers = Optimizers(model.train(), s)
    closest = float("inf")
    blocks = len(model.encoder.blocks) + (len(model.decoder.blocks) if "mask" in t else 0)
    for i, (rate, muon_rate) in enumerate(zip(s["rates"], s["muon_rates"])):
        noise = [steps[f"noise.{i}.{b}"] for b in range(blocks)]
        extra = {"mask_noise": steps[f"mask_noise.{i}"]} if "mask" in t else {"labels": steps[f"labels.{i}"].long()}
        step = lambda: forward(model, steps[f"images.{i}"], extra, t)  # noqa: E731
        if watched:
            closest = min(closest, closest_choice(model, step, noise))
        with Draws(noise):
            _, task, balance = step()
        (task + balance).backward()
        optimizers.step(rate, muon_rate)
    assert closest > CLOSEST_CHOICE, f"rounding decides ({closest:.1e}), draw other noise"
    return {peer.name(k): v.detach().contiguous() for k, v in model.state_dict().items()}


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("peer")
    p.add_argument("directory", type=pathlib.Path)
    p.add_argument("model")
    p.add_argument("--image", type=int)
    p.add_argument("--patch", type=int)
    p.add_argument("--channels", type=int)
    p.add_argument("--classes", type=int, default=10)
    p.add_argument("--mae", action="store_true")
    a = p.parse_args()
    torch.set_num_threads(1)
    peer = load(a.peer)
    if a.model in TINY:
        t = TINY[a.model]
        model = tiny(peer, t)
    else:
        t = {"mask": 0.75} if a.mae else {}
        model = peer.Mlit(**peer.PRESETS[a.model], image=a.image, patch=a.patch, channels=a.channels,
                          classes=a.classes, mae=a.mae)  # fmt: skip
    s = json.loads((a.directory / "settings.json").read_text())
    start, steps = (load_file(a.directory / f"{name}.safetensors") for name in ("start", "steps"))
    save_file(train(model, t, steps, s, start, peer, False), a.directory / "bfloat16.safetensors")
    _muon._zeropower_via_newtonschulz = float32_newton_schulz()
    save_file(train(model, t, steps, s, start, peer, True), a.directory / "float32.safetensors")


if __name__ == "__main__":
    main()
