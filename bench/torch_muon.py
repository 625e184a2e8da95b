"""Muon for PyTorch by mlit's recipe: Newton-Schulz in float32, for all matrices of one shape at once.

  python bench/torch_muon.py      # its steps against those of torch.optim.Muon

torch.optim.Muon computes the same (adjust_lr_fn="match_rms_adamw"), but matrix by matrix and in bfloat16, which for
the hundred small matrices of these models takes a multiple of the time. As in mlit, it is for the kernels inside the
blocks but those of the gates; every expert is a matrix of its own.
"""
import inspect, math, re

import torch

KERNELS = re.compile(
    r"(encoder|decoder)\.blocks\.\d+\.(attention\.(query|key|value|output)|moe\.(experts|value|output))\.kernel")
A, B, C = 3.4445, -4.7750, 2.0315
STEPS, SHORTEST, SIZE_OF_ADAMW = 5, 1e-7, 0.2

# Numbers of a stack: 512 KiB, as in mlit. A larger one leaves the cache between two operations on it.
CACHED = 1 << 17


def takes(name):
    """Whether Muon is meant for a parameter of torch_mlit.Mlit."""
    return KERNELS.fullmatch(name) is not None


def newton_schulz(x):
    """Nearly orthogonal matrices; x [count, rows, columns], rows at most columns."""
    x = x / x.flatten(1).norm(dim=1).clamp(min=SHORTEST)[:, None, None]
    for _ in range(STEPS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=B, alpha=C), x, beta=A)
    return x


class Muon(torch.optim.Optimizer):
    def __init__(self, params, lr=4e-3, weight_decay=0.05, momentum=0.95):
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            stacks, of_shape = [], {}
            for p in group["params"]:
                state = self.state[p]
                m = state.setdefault("momentum", torch.zeros_like(p))
                m.lerp_(p.grad, 1 - group["momentum"])
                ahead = p.grad.lerp(m, group["momentum"]).view(-1, *p.shape[-2:])
                tall = p.shape[-2] > p.shape[-1]
                ahead = ahead.mT if tall else ahead
                stack = of_shape.get(ahead.shape[-2:])
                if stack is None or sum(own.numel() for _, own, _ in stack) + ahead.numel() > CACHED:
                    stack = of_shape[ahead.shape[-2:]] = []
                    stacks.append(stack)
                stack.append((p, ahead, tall))
            for stack in stacks:
                directions = newton_schulz(torch.cat([ahead for _, ahead, _ in stack]))
                size = SIZE_OF_ADAMW * math.sqrt(directions.shape[-1])
                for (p, _, tall), own in zip(stack, directions.split([len(ahead) for _, ahead, _ in stack])):
                    p.mul_(1 - group["lr"] * group["weight_decay"])
                    p.add_((own.mT if tall else own).reshape(p.shape), alpha=-group["lr"] * size)


def check():
    """Both optimizers on random matrices and gradients, PyTorch's with its Newton-Schulz in float32."""
    from torch.optim import _muon
    source = inspect.getsource(_muon._zeropower_via_newtonschulz)
    assert source.count("grad.bfloat16()") == 1, "torch.optim.Muon has changed, look at its source"
    scope = dict(vars(_muon))
    exec(source.replace("grad.bfloat16()", "grad.clone()"), scope)
    _muon._zeropower_via_newtonschulz = scope["_zeropower_via_newtonschulz"]

    torch.manual_seed(0)
    start = [torch.randn(shape) * 0.1 for shape in [(12, 12), (12, 30), (30, 12), (3, 12, 20), (108, 81)]]
    ours = [torch.nn.Parameter(w.clone()) for w in start]
    theirs = [[torch.nn.Parameter(m.clone()) for m in (w if w.ndim == 3 else [w])] for w in start]
    optimizers = Muon(ours), torch.optim.Muon([m for w in theirs for m in w], lr=4e-3, weight_decay=0.05,
                                              momentum=0.95, adjust_lr_fn="match_rms_adamw")
    for _ in range(20):
        for p, matrices in zip(ours, theirs):
            p.grad = torch.randn(p.shape)
            for m, g in zip(matrices, p.grad if p.grad.ndim == 3 else [p.grad]):
                m.grad = g.clone()
        for optimizer in optimizers:
            optimizer.step()
    far = max(float((p - torch.stack(list(m)).view_as(p)).detach().norm() / p.detach().norm())
              for p, m in zip(ours, theirs))
    moved = min(float((p.detach() - w).norm() / w.norm()) for p, w in zip(ours, start))
    print(f"after 20 steps the matrices differ by at most {far:.1e} of their length; they moved by at least {moved:.1e}")
    assert far < 1e-5 < moved


if __name__ == "__main__":
    check()
