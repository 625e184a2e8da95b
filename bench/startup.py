#!/usr/bin/env python3
"""How long a user waits at the start, against the limits that mlit sets itself.

  ./mlit train                                              # for a model to load
  .venv/bin/python bench/startup.py --model savedmodels/quickstart --image examples/images/sneaker.png

Timed are whole processes, from the start of Java to its end: ./mlit predict on one image. And, from the
description of the model to the end of the first step of training with a batch of 64: the graph of mlit-s
built, made ready by TensorFlow, and run.
"""
import argparse, os, statistics, subprocess, time

from runs import HERE, LAUNCHER, RESULTS, Failed, Progress, Runs, bench, build, machine, main

ROOT = os.path.join(HERE, "..")
PREDICT, FIRST_STEP = "./mlit predict, one image", "mlit-s, first step of training"
LIMITS = {PREDICT: 4.0, FIRST_STEP: 15.0}


def predict(a):
    began = time.time()
    done = subprocess.run([LAUNCHER, "predict", a.model, a.image], capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"./mlit predict {a.model} {a.image}: {done.stderr.strip()}")
    return {"seconds": time.time() - began}


def first_step(a):
    result = bench("train", 64, a.threads, 1, 1, "mlit-s")
    return result | {"seconds": result["first_step_seconds"]}


def program():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", default=os.path.join(ROOT, "savedmodels", "quickstart"), help="a SavedModel")
    p.add_argument("--image", default=os.path.join(ROOT, "examples", "images", "sneaker.png"))
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--out", default=os.path.join(RESULTS, "startup.json"), help="gets all runs")
    p.add_argument("--fresh", action="store_true", help="replaces the runs that --out has")
    a = p.parse_args()
    if not os.path.isdir(a.model):
        p.error(f"--model: {a.model} must be a SavedModel; ./mlit train makes savedmodels/quickstart")
    if a.rounds < 1 or a.threads < 1:
        p.error("--rounds and --threads must be at least 1")

    runs = Runs(a.out, {"machine": machine(a.threads)}, a.fresh)
    build()
    measures = {PREDICT: predict, FIRST_STEP: first_step}
    todo = [{"what": what, "round": n + 1} for n in range(a.rounds) for what in measures]
    progress = Progress("startup", len(todo), sum(runs.has(key) for key in todo))
    for key in todo:
        if not runs.has(key):
            progress.step(f"round {key['round']} of {a.rounds}, {key['what']}")
            runs.add(key, measures[key["what"]](a))

    print(f"{runs.date}, {runs.about['machine']['processor']}, {a.threads} threads\n")
    print("| | median of "f"{a.rounds} | slowest | limit | |\n|---|---|---|---|---|")
    kept = True
    for what, limit in LIMITS.items():
        seconds = [run["result"]["seconds"] for run in runs.runs if run["key"]["what"] == what]
        ok = max(seconds) <= limit
        kept &= ok
        print(f"| {what} | {statistics.median(seconds):.1f} s | {max(seconds):.1f} s | {limit:.0f} s "
              f"| {'ok' if ok else 'VIOLATED'} |")
    print(f"\nAll runs: {a.out}")
    return 0 if kept else 1


if __name__ == "__main__":
    main(program)
