"""An independent PyTorch implementation of the mLiT family: oracle and speed peer.

It shares no code with the Java implementation. It names and lays out its
weights as mlit does (kernels are [in, out]; safetensors names use dots).

  python torch_mlit.py params --preset xxs --classes 100
  python torch_mlit.py golden --preset xxs --classes 100 --seed 0 --out DIR   # weights.safetensors + .npy files
  python torch_mlit.py golden --preset xxs --mae --seed 0 --out DIR
  python torch_mlit.py bench  --preset xxs --mode train --impl compiled --batch 64 --threads 2

--impl loop      one pass per expert over the tokens routed to it, as published implementations do
--impl fused     the algebraically equal form (one matrix product for all experts), eager
--impl compiled  the fused form under torch.compile
Needs torch >= 2.5, numpy, safetensors.
"""
import argparse, json, math, os, resource, statistics, time
import torch
from torch import nn
from torch.nn import functional as F

PRESETS = {
    "s": dict(embedding=144, layers=15, first=144, last=72, heads=8, groups=4),
    "xs": dict(embedding=128, layers=12, first=96, last=32, heads=8, groups=4),
    "xxs": dict(embedding=108, layers=9, first=81, last=27, heads=6, groups=3),
}
EXPERTS = (3, 4, 5)
DECODER = dict(layers=2, embedding=108, hidden=54, experts=3, heads=6, groups=3)


def hidden_widths(layers, first, last):
    """SwiGLU width of every layer: linear from first to last, rounded half up."""
    if layers == 1:
        return [first]
    return [math.floor(first + (last - first) * i / (layers - 1) + 0.5) for i in range(layers)]


class Linear(nn.Module):
    """y = x @ kernel + bias, kernel [in, out]."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.kernel = nn.Parameter(nn.init.xavier_uniform_(torch.empty(inputs, outputs)))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return F.linear(x, self.kernel.t(), self.bias)


class Norm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        return F.layer_norm(x, x.shape[-1:], self.scale, self.bias, 1e-6)


class Attention(nn.Module):
    def __init__(self, width, heads, groups):
        super().__init__()
        self.heads, self.groups, self.size = heads, groups, width // heads
        self.query = Linear(width, width)
        self.key = Linear(width, groups * self.size)
        self.value = Linear(width, groups * self.size)
        self.output = Linear(width, width)

    def forward(self, x):
        b, n, _ = x.shape
        q = self.query(x).view(b, n, self.heads, self.size).transpose(1, 2)
        k = self.key(x).view(b, n, self.groups, self.size).transpose(1, 2)
        v = self.value(x).view(b, n, self.groups, self.size).transpose(1, 2)
        y = F.scaled_dot_product_attention(q, k, v, enable_gqa=True)  # head h reads group h // (heads / groups)
        return self.output(y.transpose(1, 2).reshape(b, n, -1))


class Experts(nn.Module):
    def __init__(self, count, width, hidden):
        super().__init__()
        self.kernel = nn.Parameter(torch.stack([nn.init.xavier_uniform_(torch.empty(width, hidden)) for _ in range(count)]))
        self.bias = nn.Parameter(torch.zeros(count, hidden))


class Moe(nn.Module):
    """y = sum_e gate_e * ((silu(x W_e + b_e) * (x V + c)) W2 + d); V and W2 are shared by the experts."""

    def __init__(self, width, hidden, experts, top, impl):
        super().__init__()
        self.top, self.impl, self.count = top, impl, experts
        self.gate, self.noise = Linear(width, experts), Linear(width, experts)
        self.experts = Experts(experts, width, hidden)
        self.value, self.output = Linear(width, hidden), Linear(hidden, width)

    def route(self, x):
        clean = self.gate(x)
        if not self.training:
            noisy, scale = clean, None
        else:
            scale = F.softplus(self.noise(x))
            noisy = clean + torch.randn_like(clean) * scale
        best, chosen = noisy.topk(min(self.top + 1, self.count), -1)
        kept = torch.zeros_like(noisy, dtype=torch.bool).scatter(-1, chosen[..., : self.top], True)
        gates = noisy.masked_fill(~kept, float("-inf")).softmax(-1)
        importance = gates.reshape(-1, self.count).sum(0)
        aux = 0.01 * importance.var(unbiased=False) / importance.mean() ** 2
        if scale is not None and self.count > self.top:
            out = torch.where(kept, best[..., self.top : self.top + 1], best[..., self.top - 1 : self.top])
            load = torch.special.ndtr((clean - out) / scale).reshape(-1, self.count).sum(0)
            aux = aux + 0.01 * load.var(unbiased=False) / load.mean() ** 2
        return gates, kept, aux

    def forward(self, x):
        gates, kept, aux = self.route(x)
        if self.impl == "loop":
            flat, g, y = x.flatten(0, 1), gates.flatten(0, 1), torch.zeros_like(x.flatten(0, 1))
            for e in range(self.count):
                rows = kept.flatten(0, 1)[:, e].nonzero(as_tuple=True)[0]
                part = flat[rows]
                out = self.output(F.silu(part @ self.experts.kernel[e] + self.experts.bias[e]) * self.value(part))
                y = y.index_add(0, rows, out * g[rows, e : e + 1])
            return y.view_as(x), aux
        kernel = torch.cat([self.experts.kernel.permute(1, 0, 2).flatten(1), self.value.kernel], 1)
        bias = torch.cat([self.experts.bias.flatten(), self.value.bias])
        u = F.linear(x, kernel.t(), bias)
        hidden = self.value.kernel.shape[1]
        w, v = u[..., : self.count * hidden].unflatten(-1, (self.count, hidden)), u[..., self.count * hidden :]
        return self.output((F.silu(w) * gates.unsqueeze(-1)).sum(-2) * v), aux


class Block(nn.Module):
    def __init__(self, width, hidden, experts, heads, groups, top, impl):
        super().__init__()
        self.attention_norm, self.attention = Norm(width), Attention(width, heads, groups)
        self.moe_norm, self.moe = Norm(width), Moe(width, hidden, experts, top, impl)

    def forward(self, x):
        x = x + self.attention(self.attention_norm(x))
        y, aux = self.moe(self.moe_norm(x))
        return x + y, aux


class Encoder(nn.Module):
    def __init__(self, blocks, width):
        super().__init__()
        self.blocks = nn.ModuleList(blocks)
        self.norm = Norm(width)

    def forward(self, x):
        aux = 0.0
        for block in self.blocks:
            x, a = block(x)
            aux = aux + a
        return self.norm(x), aux


class Decoder(Encoder):
    def __init__(self, blocks, source, width, tokens, pixels):
        super().__init__(blocks, width)
        self.embedding = Linear(source, width)
        self.mask_token = nn.Parameter(torch.randn(1, 1, width) * 0.02)
        self.position_embedding = nn.Parameter(torch.randn(1, tokens, width) * 0.02)
        self.prediction = Linear(width, pixels)


class Mlit(nn.Module):
    """images [batch, height, width, channels] in [0, 1] -> logits [batch, classes], features, aux loss."""

    def __init__(self, embedding, layers, first, last, heads, groups, classes=100, image=36, patch=3,
                 channels=3, top=2, impl="fused", mae=False):
        super().__init__()
        self.patch, self.count = patch, (image // patch) ** 2
        pixels = patch * patch * channels
        self.patch_embedding = Linear(pixels, embedding)
        self.class_token = nn.Parameter(torch.randn(1, 1, embedding) * 0.02)
        self.position_embedding = nn.Parameter(torch.randn(1, self.count + 1, embedding) * 0.02)
        widths = hidden_widths(layers, first, last)
        self.encoder = Encoder([Block(embedding, widths[i], EXPERTS[i * 3 // layers], heads, groups, top, impl)
                                for i in range(layers)], embedding)
        if mae:
            d = DECODER
            self.decoder = Decoder([Block(d["embedding"], d["hidden"], d["experts"], d["heads"], d["groups"], top, impl)
                                    for _ in range(d["layers"])], embedding, d["embedding"], self.count + 1, pixels)
        else:
            self.head = Linear(embedding, classes)

    def patches(self, images):
        b, h, w, c = images.shape
        p = self.patch
        x = (images - 0.5) / 0.5
        return x.view(b, h // p, p, w // p, p, c).permute(0, 1, 3, 2, 4, 5).reshape(b, -1, p * p * c)

    def embed(self, patches):
        return self.patch_embedding(patches) + self.position_embedding[:, 1:]

    def start(self, batch):
        return (self.class_token + self.position_embedding[:, :1]).expand(batch, -1, -1)

    def forward(self, images):
        x = self.embed(self.patches(images))
        tokens, aux = self.encoder(torch.cat([self.start(len(x)), x], 1))
        return self.head(tokens[:, 0]), tokens[:, 0], aux

    def reconstruct(self, images, noise, ratio=0.75):
        """noise [batch, patches]: the patches with the smallest noise stay visible."""
        target = self.patches(images)
        keep = int(self.count * (1 - ratio))
        order = torch.argsort(noise, dim=1, stable=True)
        back = order.argsort(1)
        x = self.embed(target)
        x = x.gather(1, order[:, :keep, None].expand(-1, -1, x.shape[-1]))
        tokens, aux = self.encoder(torch.cat([self.start(len(x)), x], 1))
        d = self.decoder.embedding(tokens)
        fill = self.decoder.mask_token.expand(len(x), self.count - keep, -1)
        rest = torch.cat([d[:, 1:], fill], 1).gather(1, back[..., None].expand(-1, -1, d.shape[-1]))
        y, aux2 = Encoder.forward(self.decoder, torch.cat([d[:, :1], rest], 1) + self.decoder.position_embedding)
        mask = (back >= keep).to(images.dtype)
        return self.decoder.prediction(y[:, 1:]), mask, target, aux + aux2


def build(a, impl=None):
    return Mlit(**PRESETS[a.preset], classes=a.classes, image=a.image, patch=a.patch, channels=a.channels,
                impl=impl or ("loop" if a.impl == "loop" else "fused"), mae=a.mae)


def name(parameter):
    """PyTorch's module path to the design's: encoder.blocks.3.x -> encoder.block_3.x."""
    return ".".join(parameter.split(".")).replace("blocks.", "block_")


def golden(a):
    from safetensors.torch import save_file
    import numpy as np
    torch.manual_seed(a.seed)
    model = build(a).eval()
    with torch.no_grad():
        for p in model.parameters():  # move zeros and ones off their defaults, so that a lost bias shows
            p.add_(torch.randn_like(p) * 0.02)
    os.makedirs(a.out, exist_ok=True)
    save_file({name(k): v.contiguous() for k, v in model.state_dict().items()}, f"{a.out}/weights.safetensors")
    images = torch.rand(a.batch, a.image, a.image, a.channels)
    arrays = {"images": images}
    with torch.no_grad():
        if a.mae:
            noise = torch.rand(a.batch, model.count)
            patches, mask, target, _ = model.reconstruct(images, noise)
            arrays |= {"noise": noise, "patches": patches, "mask": mask}
        else:
            logits, features, _ = model(images)
            arrays |= {"logits": logits, "features": features}
    for k, v in arrays.items():
        np.save(f"{a.out}/{k}.npy", v.numpy())
    print(json.dumps({"out": a.out, "parameters": sum(p.numel() for p in model.parameters())}))


def bench(a):
    torch.set_num_threads(a.threads)
    torch.manual_seed(0)
    model = build(a).train(a.mode == "train")
    forward = model.reconstruct if a.mae else model
    run = torch.compile(forward) if a.impl == "compiled" else forward
    x, y = torch.rand(a.batch, a.image, a.image, a.channels), torch.randint(0, a.classes, (a.batch,))
    opt = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05, fused=True)
    times = []
    narrow = torch.autocast("cpu", torch.bfloat16, enabled=a.precision == "bfloat16")
    for _ in range(a.warmup + a.steps):
        t = time.perf_counter()
        if a.mode == "train":
            opt.zero_grad(set_to_none=True)
            with narrow:
                if a.mae:
                    predicted, mask, target, aux = run(x, torch.rand(a.batch, model.count))
                    mean, var = target.mean(-1, keepdim=True), target.var(-1, keepdim=True)
                    error = (predicted.float() - (target - mean) / (var + 1e-6).sqrt()).square().mean(-1)
                    loss = (error * mask).sum() / mask.sum() + 0.1 * (error * (1 - mask)).sum() / (1 - mask).sum() + aux
                else:
                    logits, _, aux = run(x)
                    loss = F.cross_entropy(logits.float(), y) + aux
            loss.backward()
            opt.step()
        else:
            with torch.inference_mode(), narrow:
                run(x, torch.rand(a.batch, model.count)) if a.mae else run(x)
        times.append(time.perf_counter() - t)
    s = statistics.median(times[a.warmup:])
    print(json.dumps({"peer": "torch " + torch.__version__, "impl": a.impl, "preset": a.preset, "mode": a.mode,
                      "precision": a.precision, "image": a.image, "patch": a.patch, "batch": a.batch, "threads": a.threads, "median_ms": round(s * 1e3, 2),
                      "images_per_second": round(a.batch / s, 1),
                      "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("command", choices=["params", "golden", "bench"])
    p.add_argument("--preset", choices=sorted(PRESETS), default="xxs")
    p.add_argument("--classes", type=int, default=100)
    p.add_argument("--image", type=int, default=36)
    p.add_argument("--patch", type=int, default=3)
    p.add_argument("--channels", type=int, default=3)
    p.add_argument("--impl", choices=["loop", "fused", "compiled"], default="fused")
    p.add_argument("--mode", choices=["train", "infer"], default="train")
    p.add_argument("--precision", choices=["float32", "bfloat16"], default="float32", help="bfloat16: under torch.autocast")
    p.add_argument("--batch", type=int, default=64)
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--warmup", type=int, default=4)
    p.add_argument("--steps", type=int, default=10)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--mae", action="store_true")
    p.add_argument("--out", default="golden")
    a = p.parse_args()
    if a.command == "params":
        print(sum(q.numel() for q in build(a).parameters()))
    else:
        {"golden": golden, "bench": bench}[a.command](a)


if __name__ == "__main__":
    main()
