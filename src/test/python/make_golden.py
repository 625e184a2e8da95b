"""Writes what an independent PyTorch implementation of the model computes, for mlit's tests to compare with.

  python make_golden.py PEER OUT             # the tiny models of src/test/resources/golden
  python make_golden.py PEER OUT --preset xxs --image 28 --patch 4 --channels 1 --classes 10 --seeds 0 1

PEER is the path of torch_mlit.py, the implementation. Every model becomes a directory of OUT, OUT/NAME
or OUT/SEED, with
  spec.yaml             the model (tiny models only)
  weights.safetensors   its weights
  expected.safetensors  images, features and logits of inference; labels, the noise of every block's
                        gates, the losses and gradient.NAME of every variable in training
Weights and images are float32 numbers; everything is computed from them in float64, so that what mlit's
float32 graph differs by is its own rounding. Needs torch >= 2.5 and safetensors.
"""

import argparse
import importlib.util
import pathlib

import torch
from safetensors.torch import save_file
from torch.nn import functional as F

# Where the choice of a token's experts hangs on less than this, rounding decides, and the comparison is a
# matter of luck: then other images are drawn.
CLOSEST_CHOICE = 1e-5

# What each is for: several stages and more heads than groups; one group, all experts used in the first
# block; as many groups as heads, one expert a token.
TINY = {
    "rgb": dict(image=6, patch=3, channels=3, embedding=12, heads=6, groups=3, experts=(3, 4, 5),
                first=7, last=4, top=2, classes=5, batch=3),
    "gray": dict(image=8, patch=2, channels=1, embedding=8, heads=4, groups=1, experts=(2, 3),
                 first=5, last=6, top=2, classes=3, batch=2),
    "switch": dict(image=8, patch=4, channels=1, embedding=9, heads=3, groups=3, experts=(4,),
                   first=6, last=6, top=1, classes=4, batch=4),
}  # fmt: skip


def load(path):
    spec = importlib.util.spec_from_file_location("peer", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def tiny(peer, t):
    """The peer wants the experts of three stages; here every block is a stage."""
    layers = len(t["experts"])
    stages = [0, 0, 0]
    for block, experts in enumerate(t["experts"]):
        stages[block * 3 // layers] = experts
    saved, peer.EXPERTS = peer.EXPERTS, tuple(stages)
    try:
        return peer.Mlit(t["embedding"], layers, t["first"], t["last"], t["heads"], t["groups"], classes=t["classes"],
                         image=t["image"], patch=t["patch"], channels=t["channels"], top=t["top"])  # fmt: skip
    finally:
        peer.EXPERTS = saved


def yaml(name, t):
    stages = "".join(f"\n  - {{layers: 1, experts: {n}}}" for n in t["experts"])
    return (
        f"name: {name}\n"
        f"image: {{height: {t['image']}, width: {t['image']}, channels: {t['channels']}}}\n"
        f"patch: {t['patch']}\nembedding: {t['embedding']}\n"
        f"attention: {{heads: {t['heads']}, groups: {t['groups']}}}\n"
        f"stages:{stages}\nhidden: {{first: {t['first']}, last: {t['last']}}}\n"
        f"routing: {{top: {t['top']}}}\nclasses: {t['classes']}\n"
    )


class Draws:
    """Noise that the gates get, block by block, in place of what they would draw."""

    def __init__(self, noise):
        self.noise = noise

    def __enter__(self):
        left = iter(self.noise)
        self.draw, torch.randn_like = torch.randn_like, lambda like: next(left).view_as(like)

    def __exit__(self, *_):
        torch.randn_like = self.draw


def closest_choice(model, images, noise):
    """The smallest step between neighbours of a token's sorted scores that decides anything."""
    steps = [float("inf")]

    def watch(moe, inputs):
        scores = moe.gate(inputs[0])
        if moe.training:
            scores = scores + next(left).view_as(scores) * F.softplus(moe.noise(inputs[0]))
        ranked = scores.sort(-1, descending=True).values
        if moe.top < moe.count:
            around = (ranked[..., :-1] - ranked[..., 1:])[..., max(moe.top - 2, 0) : moe.top + 1]
            steps.append(around.min().item())

    left = iter(noise)
    hooks = [block.moe.register_forward_pre_hook(watch) for block in model.encoder.blocks]
    with torch.no_grad(), Draws(noise):
        model(images)
    for hook in hooks:
        hook.remove()
    return min(steps)


def draw_inputs(model, t):
    """float32 images, labels and noise that leave no choice of experts to rounding."""
    tokens = t["batch"] * (model.count + 1)
    while True:
        images = torch.rand(t["batch"], t["image"], t["image"], t["channels"])
        labels = torch.randint(0, t["classes"], (t["batch"],))
        noise = [torch.randn(tokens, block.moe.count) for block in model.encoder.blocks]
        inputs = images.double(), [n.double() for n in noise]
        closest = min(closest_choice(model.train(mode), *inputs) for mode in (False, True))
        if closest >= CLOSEST_CHOICE:
            return images, labels, noise


def write(peer, model, out, t, spread):
    with torch.no_grad():
        for p in model.parameters():  # off their defaults, so that a lost bias shows
            p.add_(torch.randn_like(p) * spread)
    weights = {peer.name(k): v.clone() for k, v in model.state_dict().items()}
    model = model.double()
    images, labels, noise = draw_inputs(model, t)
    expected = {"images": images, "labels": labels} | {f"noise.{i}": n for i, n in enumerate(noise)}

    with torch.no_grad():
        expected["logits"], expected["features"], _ = model.eval()(images.double())
    with Draws([n.double() for n in noise]):
        logits, _, balance = model.train()(images.double())
    task = F.cross_entropy(logits, labels)
    (task + balance).backward()
    expected |= {"task_loss": task, "balance_loss": balance, "loss": task + balance}
    expected |= {"gradient." + peer.name(k): p.grad for k, p in model.named_parameters()}

    out.mkdir(parents=True, exist_ok=True)
    save_file(weights, out / "weights.safetensors")
    save_file({k: v.detach().float().contiguous() for k, v in expected.items()}, out / "expected.safetensors")
    print(f"{out}: {sum(v.numel() for v in weights.values())} parameters")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("peer")
    p.add_argument("out", type=pathlib.Path)
    p.add_argument("--preset")
    p.add_argument("--image", type=int, default=36)
    p.add_argument("--patch", type=int, default=3)
    p.add_argument("--channels", type=int, default=3)
    p.add_argument("--classes", type=int, default=10)
    p.add_argument("--batch", type=int, default=2)
    p.add_argument("--seeds", type=int, nargs="+", default=[0])
    a = p.parse_args()
    peer = load(a.peer)
    if a.preset:
        t = dict(image=a.image, patch=a.patch, channels=a.channels, classes=a.classes, batch=a.batch)
        sizes = peer.PRESETS[a.preset] | {k: v for k, v in t.items() if k != "batch"}
        for seed in a.seeds:
            torch.manual_seed(seed)
            write(peer, peer.Mlit(**sizes), a.out / str(seed), t, 0.02)
        return
    for name, t in TINY.items():
        torch.manual_seed(0)
        write(peer, tiny(peer, t), a.out / name, t, 0.2)
        (a.out / name / "spec.yaml").write_text(yaml(name, t))


if __name__ == "__main__":
    main()
