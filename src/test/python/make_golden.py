"""Writes what an independent PyTorch implementation of the model computes, for mlit's tests to compare with.

  python make_golden.py PEER OUT             # the tiny models of src/test/resources/golden
  python make_golden.py PEER OUT --preset xxs --image 28 --patch 4 --channels 1 --classes 10 --seeds 0 1
  python make_golden.py PEER OUT --preset xxs --mae --seeds 0 1

PEER is the path of torch_mlit.py, the implementation. Every model becomes a directory of OUT, OUT/NAME
or OUT/SEED, with
  spec.yaml             the model (tiny models only)
  weights.safetensors   its weights
  expected.safetensors  images, features and logits of inference; labels, the noise of every block's
                        gates, the losses and gradient.NAME of every variable in training;
                        of an autoencoder patches, mask and the error of hidden patches of inference,
                        and mask_noise in place of labels, with norm-pixels the painted pixels and
                        the error of visible patches too; with patch dropout patch_noise beside the
                        labels
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
# block; as many groups as heads, one expert a token. Of the autoencoders, one with several heads to a group and a
# decoder wider than the encoder; one of a single hidden patch, whose decoder uses all of its experts; and one that
# paints every patch by its own mean and variance. The last one leaves out patches while training.
TINY = {
    "rgb": dict(image=6, patch=3, channels=3, embedding=12, heads=6, groups=3, experts=(3, 4, 5),
                first=7, last=4, top=2, classes=5, batch=3),
    "gray": dict(image=8, patch=2, channels=1, embedding=8, heads=4, groups=1, experts=(2, 3),
                 first=5, last=6, top=2, classes=3, batch=2),
    "switch": dict(image=8, patch=4, channels=1, embedding=9, heads=3, groups=3, experts=(4,),
                   first=6, last=6, top=1, classes=4, batch=4),
    "autoencoder": dict(image=12, patch=3, channels=3, embedding=12, heads=6, groups=3, experts=(3, 4, 5),
                        first=7, last=4, top=2, batch=3, mask=0.7,
                        decoder=dict(layers=2, embedding=16, hidden=5, experts=4, heads=4, groups=2)),
    "gray-autoencoder": dict(image=6, patch=3, channels=1, embedding=8, heads=2, groups=1, experts=(3,),
                             first=5, last=5, top=2, batch=2, mask=0.2,
                             decoder=dict(layers=1, embedding=6, hidden=7, experts=2, heads=2, groups=2)),
    "norm-pixels": dict(image=8, patch=2, channels=3, embedding=8, heads=4, groups=2, experts=(3,),
                        first=5, last=5, top=2, batch=2, mask=0.6, norm_pixels=True,
                        decoder=dict(layers=1, embedding=6, hidden=7, experts=3, heads=2, groups=1)),
    "patch-dropout": dict(image=8, patch=2, channels=1, embedding=8, heads=4, groups=2, experts=(3, 4),
                          first=5, last=6, top=2, classes=3, batch=3, patch_dropout=0.4),
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
    saved = peer.EXPERTS, peer.DECODER
    peer.EXPERTS, peer.DECODER = tuple(stages), t.get("decoder")
    try:
        return peer.Mlit(t["embedding"], layers, t["first"], t["last"], t["heads"], t["groups"],
                         classes=t.get("classes"), image=t["image"], patch=t["patch"], channels=t["channels"],
                         top=t["top"], mae="mask" in t)  # fmt: skip
    finally:
        peer.EXPERTS, peer.DECODER = saved


def yaml(name, t):
    stages = "".join(f"\n  - {{layers: 1, experts: {n}}}" for n in t["experts"])
    return (
        f"name: {name}\n"
        f"image: {{height: {t['image']}, width: {t['image']}, channels: {t['channels']}}}\n"
        f"patch: {t['patch']}\nembedding: {t['embedding']}\n"
        f"attention: {{heads: {t['heads']}, groups: {t['groups']}}}\n"
        f"stages:{stages}\nhidden: {{first: {t['first']}, last: {t['last']}}}\n"
        f"routing: {{top: {t['top']}}}\n"
    ) + purpose(t)


def purpose(t):
    if "mask" not in t:
        return f"classes: {t['classes']}\n"
    decoder = ", ".join(f"{key}: {value}" for key, value in t["decoder"].items())
    norm_pixels = "norm-pixels: true\n" if t.get("norm_pixels") else ""
    return f"mask: {t['mask']}\ndecoder: {{{decoder}}}\n{norm_pixels}"


class Draws:
    """Noise that the gates get, block by block, in place of what they would draw."""

    def __init__(self, noise):
        self.noise = noise

    def __enter__(self):
        left = iter(self.noise)
        self.draw, torch.randn_like = torch.randn_like, lambda like: next(left).view_as(like)

    def __exit__(self, *_):
        torch.randn_like = self.draw


def blocks(model):
    """Those of the encoder, then those of the decoder."""
    return [*model.encoder.blocks, *(model.decoder.blocks if hasattr(model, "decoder") else [])]


def closest_choice(model, run, noise):
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
    hooks = [block.moe.register_forward_pre_hook(watch) for block in blocks(model)]
    with torch.no_grad(), Draws(noise):
        run()
    for hook in hooks:
        hook.remove()
    return min(steps)


def draw_inputs(model, t):
    """float32 images, labels or the noise of the mask, and noise that leave no choice of experts to rounding."""
    hidden = t.get("mask", t.get("patch_dropout", 0))
    while True:
        images = torch.rand(t["batch"], t["image"], t["image"], t["channels"])
        if "mask" in t:
            extra = {"mask_noise": torch.rand(t["batch"], model.count)}
        else:
            extra = {"labels": torch.randint(0, t["classes"], (t["batch"],))}
            if "patch_dropout" in t:
                extra["patch_noise"] = torch.rand(t["batch"], model.count)
        noise = []
        for i, block in enumerate(blocks(model)):
            tokens = int(model.count * (1 - hidden)) + 1 if i < len(model.encoder.blocks) else model.count + 1
            noise.append(torch.randn(t["batch"] * tokens, block.moe.count))
        double = [n.double() for n in noise]
        run = lambda: forward(model, images.double(), extra, t)  # noqa: E731
        closest = min(closest_choice(model.train(mode), run, double) for mode in (False, True))
        if closest >= CLOSEST_CHOICE:
            return images, extra, noise


def forward(model, images, extra, t):
    """What there is to compare, the task's loss and the balance losses."""
    if "mask" not in t:
        drops = "patch_dropout" in t and model.training
        logits, features, balance = without_some(model, images, extra, t) if drops else model(images)
        return {"logits": logits, "features": features}, F.cross_entropy(logits, extra["labels"]), balance
    patches, mask, target, balance = model.reconstruct(images, extra["mask_noise"], t["mask"])
    if t.get("norm_pixels"):  # as norm_pix_loss of facebookresearch/mae
        mean = target.mean(dim=-1, keepdim=True)
        var = target.var(dim=-1, keepdim=True)
        target = (target - mean) / (var + 1.0e-6) ** 0.5
    squares = (patches - target).square().mean(-1)
    error = (squares * mask).sum(-1) / mask.sum(-1)
    visible = (squares * (1 - mask)).sum(-1) / (1 - mask).sum(-1)
    outputs = {"patches": patches, "mask": mask, "error": error}
    if t.get("norm_pixels"):
        outputs |= {"pixels": patches * (var + 1.0e-6) ** 0.5 + mean, "visible_error": visible}
    return outputs, error.mean() + 0.1 * visible.mean(), balance


def without_some(model, images, extra, t):
    """The patches with the smallest noise alone, positions added before, as PatchDropout of timm."""
    x = model.embed(model.patches(images))
    kept = extra["patch_noise"].argsort(dim=1, stable=True)[:, : max(1, int(model.count * (1 - t["patch_dropout"])))]
    x = x.gather(1, kept[..., None].expand(-1, -1, x.shape[-1]))
    tokens, balance = model.encoder(torch.cat([model.start(len(x)), x], 1))
    return model.head(tokens[:, 0]), tokens[:, 0], balance


def write(peer, model, out, t, spread):
    with torch.no_grad():
        for p in model.parameters():  # off their defaults, so that a lost bias shows
            p.add_(torch.randn_like(p) * spread)
    weights = {peer.name(k): v.clone() for k, v in model.state_dict().items()}
    model = model.double()
    images, extra, noise = draw_inputs(model, t)
    expected = {"images": images} | extra | {f"noise.{i}": n for i, n in enumerate(noise)}

    with torch.no_grad():
        expected |= forward(model.eval(), images.double(), extra, t)[0]
    with Draws([n.double() for n in noise]):
        _, task, balance = forward(model.train(), images.double(), extra, t)
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
    p.add_argument("--mae", action="store_true")
    p.add_argument("--batch", type=int, default=2)
    p.add_argument("--seeds", type=int, nargs="+", default=[0])
    a = p.parse_args()
    peer = load(a.peer)
    if a.preset:
        t = dict(image=a.image, patch=a.patch, channels=a.channels, classes=a.classes, batch=a.batch)
        sizes = peer.PRESETS[a.preset] | {k: v for k, v in t.items() if k != "batch"} | {"mae": a.mae}
        if a.mae:
            t["mask"] = 0.75
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
