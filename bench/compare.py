#!/usr/bin/env python3
"""Speed and memory of mlit against PyTorch and ONNX Runtime on the same cores: in alternation, with goals.

  python3 -m venv .venv && .venv/bin/pip install -r bench/requirements.txt
  .venv/bin/python bench/compare.py --rounds 3 --fresh
  .venv/bin/python bench/compare.py --lines 'train-*,serve-xxs' --out comparison.json
  taskset -c 0 .venv/bin/python bench/compare.py --out one-core.json

A round is, for every line of the table, one process of mlit, one of PyTorch and one of ONNX Runtime, as far as the
line has them, one after the other, so that all meet the same machine. Training and inference in PyTorch are compiled
by torch.compile once before they are timed; where that fails (it needs a C++ compiler), a line is timed uncompiled
and says so. Inference and serving in mlit are calls of a Classifier (./mlit bench --mode serve), in ONNX Runtime calls
of its Java API, with the same weights and images; a setting that each may have, ONNX Runtime's threads and how many
images mlit computes together in serving, is chosen before the first round by trying it.

A ratio is the median over the rounds of the ratio within a round: above 1 mlit is ahead, for memory below 1. Every run is
written to --out when it ends: after a break the same command goes on where it stopped.
"""
import argparse, fnmatch, os, platform, sys
from dataclasses import dataclass

import peers
from comparison import summarize, table
from runs import RESULTS, Failed, Progress, Runs, bench, build, has_bfloat16, machine, main

CLIENTS = 8

# Seconds that torch.compile may take; a minute or two on a machine that is not busy.
COMPILING = 1800

# How many steps of a batch of 64 are counted: no process takes much longer than half a minute.
STEPS = {"xxs": 10, "xs": 8, "s": 5}


@dataclass(frozen=True)
class Line:
    """A line of the table: what is timed, and what mlit is to reach."""
    name: str
    preset: str
    mode: str
    goal: float
    batch: int = 64
    precision: str = "float32"
    image: int = 36
    patch: int = 3
    mae: bool = False

    @property
    def trains(self):
        return self.mode == "train"

    @property
    def clients(self):
        return CLIENTS if self.mode == "serve" else 1

    @property
    def peers(self):
        return {"train": ["torch"], "infer": ["torch", "onnxruntime"], "serve": ["onnxruntime"]}[self.mode]

    @property
    def memory_goal(self):
        """The most memory, as a part of that of PyTorch in training and of ONNX Runtime in serving."""
        return {"train": 0.75, "infer": None, "serve": 1.0}[self.mode]

    @property
    def steps(self):
        return 100 if self.batch == 1 else STEPS[self.preset] * (1 if self.trains else 2)


LINES = [
    *(Line(f"train-{p}", p, "train", goal) for p, goal in (("xxs", 1.5), ("xs", 1.3), ("s", 1.3))),
    *(Line(f"train-{p}-bfloat16", p, "train", 1.3, precision="bfloat16") for p in STEPS),
    Line("train-xxs-65-tokens", "xxs", "train", 1.5, image=32, patch=4),
    Line("pretrain-xxs", "xxs", "train", 1.5, mae=True),
    *(Line(f"infer-{p}", p, "infer", 1.5) for p in STEPS),
    *(Line(f"infer-{p}-one-image", p, "infer", 1.3, batch=1) for p in STEPS),
    *(Line(f"serve-{p}", p, "serve", 1.3, batch=1) for p in STEPS),
]


def chosen(patterns):
    """The lines that patterns name, in the order of the table."""
    names = [line.name for line in LINES]
    for pattern in patterns:
        if not fnmatch.filter(names, pattern):
            raise Failed(f"--lines: {pattern} names none of {', '.join(names)}")
    lines = [line for line in LINES if any(fnmatch.fnmatch(line.name, pattern) for pattern in patterns)]
    if not has_bfloat16():
        left_out = [line.name for line in lines if line.precision == "bfloat16"]
        if left_out:
            print(f"compare: {', '.join(left_out)} left out: this core has neither AVX-512 BF16 nor AMX",
                  file=sys.stderr)
        lines = [line for line in lines if line.precision != "bfloat16"]
    return lines


class Sides:
    """Runs a line in mlit, PyTorch or ONNX Runtime."""

    def __init__(self, a, runs, cores):
        self.a, self.runs, self.cores, self.commit = a, runs, cores, peers.commit()
        self.made = set()

    def prepare(self, line):
        """The model in the formats of all, whose logits must agree, in every process that runs lines of it."""
        if not line.trains and line.preset not in self.made:
            result = peers.models(line.preset)
            self.made.add(line.preset)
            key = {"logits": line.preset}
            self.runs.drop(key)
            self.runs.add(key, result)

    def run(self, side, line, setting=None):
        result = getattr(self, side)(line, self.setting(side, line) if setting is None else setting)
        return result | {"commit": self.commit} if side == "mlit" else result

    def warmup(self, line):
        return self.a.warmup if line.batch > 1 else 10 * self.a.warmup

    def mlit(self, line, max_batch):
        if not line.trains:
            return peers.mlit(line.preset, line.clients, line.batch, self.warmup(line), self.a.seconds, max_batch)
        settings = [] if line.image == 36 else [f"image={{height: {line.image}, width: {line.image}, channels: 3}}",
                                                f"patch={line.patch}"]
        return bench("train", line.batch, self.cores, self.warmup(line), self.a.steps or line.steps,
                     ("mmlit-" if line.mae else "mlit-") + line.preset, line.precision, settings)

    def torch(self, line, impl):
        return self.compiled_or_not(line, impl, self.warmup(line), self.a.steps or line.steps)

    def compiled_or_not(self, line, impl, warmup, steps, **more):
        return peers.torch(impl, line.preset, line.mode, line.batch, self.cores, warmup, steps, line.image, line.patch,
                           line.precision, line.mae, **more)

    def onnxruntime(self, line, intra_op):
        return peers.onnxruntime(line.preset, line.clients, line.batch, self.warmup(line), self.a.seconds, intra_op)

    def candidates(self, side, line):
        """The settings that a side may have; where there is more than one, the best is found by trying."""
        if side == "torch":
            return ["compiled", "fused"] if self.a.impl == "compiled" else [self.a.impl]
        if side == "onnxruntime":  # threads of an operation; 0: what it takes by itself
            return [1, 0] if line.mode == "serve" else list(dict.fromkeys([1, self.cores]))
        return [1, line.clients] if line.clients > 1 else [1]  # images that mlit computes together

    def setting(self, side, line):
        """What a side is run with: found out once, and kept with the runs."""
        candidates = self.candidates(side, line)
        if len(candidates) == 1:
            return candidates[0]
        key = {"setting": side, "line": line.name}
        kept = [run["result"] for run in self.runs.runs if run["key"] == key]
        if not kept:
            kept = [self.implementation(line) if side == "torch" else self.best(side, line, candidates)]
            self.runs.add(key, kept[0])
        return kept[0]["setting"]

    def best(self, side, line, candidates):
        """The setting that answers most images a second, each tried twice, in alternation."""
        tried = {candidate: [] for candidate in candidates}
        for candidate in candidates + candidates[::-1]:
            tried[candidate].append(self.run(side, line, candidate)["images_per_second"])
        return {"setting": max(tried, key=lambda candidate: max(tried[candidate])), "tried": tried}

    def implementation(self, line):
        """How PyTorch runs a line: compiled if that works. Compiling here fills the compiler's cache."""
        problem = None
        for _ in range(2):
            try:
                self.compiled_or_not(line, "compiled", 0, 1, timeout=COMPILING)
                return {"setting": "compiled", "problem": problem}
            except Failed as e:
                problem = str(e)
        print(f"compare: PyTorch runs {line.name} uncompiled, as torch.compile failed twice:\n{problem}",
              file=sys.stderr)
        return {"setting": "fused", "problem": problem}


def measure(a, runs, lines, cores):
    todo = [(n, line) for n in range(1, a.rounds + 1) for line in lines]
    keys = {(n, line): [{"round": n, "line": line.name, "side": side} for side in ["mlit", *line.peers]]
            for n, line in todo}
    # Runs of a line whose round is not whole are made again: they are to meet the same machine.
    whole = [at for at in todo if all(runs.has(key) for key in keys[at])]
    for at in todo:
        if at not in whole:
            for key in keys[at]:
                runs.drop(key)
    if len(whole) < len(todo):
        build()
        if any(not line.trains for _, line in todo):
            peers.build()
    sides = Sides(a, runs, cores)
    progress = Progress("compare", len(todo), len(whole))
    for n, line in todo:
        if (n, line) in whole:
            continue
        progress.step(f"round {n} of {a.rounds}, {line.name}")
        sides.prepare(line)
        for side in ["mlit", *line.peers]:  # before the round: what is tried takes a while
            sides.setting(side, line)
        for key in keys[n, line]:
            runs.add(key, sides.run(key["side"], line))


def program():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--lines", default="*", help="names and patterns, separated by commas, of: "
                   + ", ".join(line.name for line in LINES))
    p.add_argument("--impl", choices=["loop", "fused", "compiled"], default="compiled", help="of PyTorch")
    p.add_argument("--warmup", type=int, default=2, help="steps that are not counted; ten times as many of one image")
    p.add_argument("--steps", type=int, help="of training, and of inference in PyTorch; by the size of the model")
    p.add_argument("--seconds", type=int, default=8, help="of a run of inference or serving")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--out", default=os.path.join(RESULTS, "comparison.json"), help="gets all runs and the table")
    p.add_argument("--fresh", action="store_true", help="replaces the runs that --out has")
    a = p.parse_args()
    if a.rounds < 1 or a.warmup < 1 or a.seconds < 1 or (a.steps is not None and a.steps < 1):
        p.error("--rounds, --warmup, --steps and --seconds must be at least 1")
    lines = chosen(a.lines.split(","))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()

    about = {"machine": machine(cores), "python": platform.python_version(), "impl": a.impl, "seconds": a.seconds}
    runs = Runs(a.out, about, a.fresh)
    measure(a, runs, lines, cores)

    rows = summarize(runs.runs, lines)
    runs.write(rows=rows)
    versions = {run["result"].get("peer") or f"TensorFlow {run['result']['tensorflow']}"
                for run in runs.runs if "side" in run["key"]}
    print(f"{runs.date}, {about['machine']['processor']}, {cores} threads, {', '.join(sorted(versions))}, "
          f"median of {a.rounds} rounds\n")
    print("\n".join(table(rows)))
    print(f"\nAll runs: {a.out}")


if __name__ == "__main__":
    main(program)
