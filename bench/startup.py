#!/usr/bin/env python3
"""How long a user waits at the start, against the limits that mlit sets itself, and against an earlier commit.

  ./mlit train                                              # for a model to load
  .venv/bin/python bench/startup.py --model savedmodels/quickstart --image examples/images/sneaker.png
  .venv/bin/python bench/startup.py --against 4860ab9 --out startup.json

Timed are whole processes, from the start of Java to its end: ./mlit predict on one image. And, from the
description of the model to the end of the first step of training with a batch of 64: the graph of mlit-s
built, made ready by TensorFlow, and run.

--against builds an earlier commit in a git worktree under target/ and runs it in turn with this one; the ratio of
the medians is this one's seconds by those of the earlier one. As an earlier commit may not know what a SavedModel
of today says, each loads one that it has imported of the same weights of mlit-xxs, drawn by torch_mlit.py.
"""
import argparse, os, shutil, statistics, sys, time

from peers import ROOT, TORCH, run
from runs import LAUNCHER, RESULTS, Progress, Runs, bench, build, machine, main

AGAINST = os.path.join(ROOT, "target", "against")
PREDICT, FIRST_STEP = "./mlit predict, one image", "mlit-s, first step of training"
LIMITS = {PREDICT: 4.0, FIRST_STEP: 15.0}
THIS = "this"


def predict(a, launcher, model):
    began = time.time()
    run([launcher, "predict", model, a.image])
    return {"seconds": time.time() - began}


def first_step(a, launcher, _):
    result = bench("train", 64, a.threads, 1, 1, "mlit-s", launcher=launcher)
    return result | {"seconds": result["first_step_seconds"]}


def git(*arguments):
    return run(["git", "-C", ROOT, *arguments]).strip()


def checkout(commit):
    """The launcher of an earlier commit, in a worktree of its own."""
    directory = os.path.join(AGAINST, commit)
    if not os.path.isdir(directory):
        git("worktree", "prune")  # a target/ that was removed may have had it
        git("worktree", "add", "--detach", directory, commit)
    return os.path.join(directory, "mlit")


def imported(launchers):
    """A SavedModel of the same weights for every commit, written by itself."""
    run([sys.executable, TORCH, "golden", "--preset", "xxs", "--seed", "1", "--batch", "2", "--out", AGAINST])
    models = {}
    for commit, launcher in launchers.items():
        models[commit] = os.path.join(AGAINST, f"model-{commit}")
        shutil.rmtree(models[commit], ignore_errors=True)
        run([launcher, "import", os.path.join(AGAINST, "weights.safetensors"), "--model", "mlit-xxs", "--to",
             models[commit]])
    return models


def limits(runs, rounds):
    """Prints the medians, and whether every run of this commit is within the limits."""
    print(f"| | median of {rounds} | slowest | limit | |\n|---|---|---|---|---|")
    kept = True
    for what, limit in LIMITS.items():
        seconds = of(runs, what, THIS)
        ok = max(seconds) <= limit
        kept &= ok
        print(f"| {what} | {statistics.median(seconds):.1f} s | {max(seconds):.1f} s | {limit:.0f} s "
              f"| {'ok' if ok else 'VIOLATED'} |")
    return kept


def ratios(runs, rounds, against, goal):
    """Prints the medians of both commits."""
    print(f"\n| | this, median of {rounds} | {against} | ratio (of the rounds) | goal | |\n|---|---|---|---|---|---|")
    rows = []
    for what in LIMITS:
        own, earlier = of(runs, what, THIS), of(runs, what, against)
        ratio = statistics.median(own) / statistics.median(earlier)
        pairs = [x / y for x, y in zip(own, earlier)]
        rows.append({"what": what, "seconds": statistics.median(own), "earlier": statistics.median(earlier),
                     "ratio": ratio, "lowest": min(pairs), "highest": max(pairs)})
        print(f"| {what} | {statistics.median(own):.2f} s | {statistics.median(earlier):.2f} s "
              f"| **{ratio:.2f}** ({min(pairs):.2f} to {max(pairs):.2f}) | {goal:.2f} "
              f"| {'reached' if ratio <= goal else 'missed'} |")
    return rows


def of(runs, what, commit):
    """The seconds of a commit, round by round."""
    timed = [run for run in runs.runs if run["key"]["what"] == what and run["key"].get("commit", THIS) == commit]
    return [run["result"]["seconds"] for run in sorted(timed, key=lambda run: run["key"]["round"])]


def program():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", default=os.path.join(ROOT, "savedmodels", "quickstart"), help="a SavedModel; not with --against")
    p.add_argument("--image", default=os.path.join(ROOT, "examples", "images", "sneaker.png"))
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--against", metavar="COMMIT", help="an earlier commit to run in turn")
    p.add_argument("--goal", type=float, default=0.7, help="the most that a ratio of medians should be")
    p.add_argument("--out", default=os.path.join(RESULTS, "startup.json"), help="gets all runs")
    p.add_argument("--fresh", action="store_true", help="replaces the runs that --out has")
    a = p.parse_args()
    if not a.against and not os.path.isdir(a.model):
        p.error(f"--model: {a.model} must be a SavedModel; ./mlit train makes savedmodels/quickstart")
    if a.rounds < 1 or a.threads < 1:
        p.error("--rounds and --threads must be at least 1")

    about, launchers = {"machine": machine(a.threads)}, {THIS: LAUNCHER}
    if a.against:
        a.against = git("rev-parse", "--short", "--verify", a.against + "^{commit}")
        about["commit"] = git("rev-parse", "--short", "HEAD")
        about["against"] = a.against
        launchers[a.against] = checkout(a.against)
    runs = Runs(a.out, about, a.fresh)
    for launcher in launchers.values():
        build(launcher)
    models = imported(launchers) if a.against else {THIS: a.model}
    measures = {PREDICT: predict, FIRST_STEP: first_step}
    todo = [{"what": what, "round": n + 1} | ({"commit": commit} if a.against else {})
            for n in range(a.rounds) for what in measures for commit in launchers]
    if a.against and not any(runs.has(key) for key in todo):
        for commit, launcher in launchers.items():  # the first process reads its files from the disk
            predict(a, launcher, models[commit])
    progress = Progress("startup", len(todo), sum(runs.has(key) for key in todo))
    for key in todo:
        if not runs.has(key):
            commit = key.get("commit", THIS)
            progress.step(f"round {key['round']} of {a.rounds}, {key['what']}" + (f", {commit}" if a.against else ""))
            runs.add(key, measures[key["what"]](a, launchers[commit], models[commit]))

    print(f"{runs.date}, {runs.about['machine']['processor']}, {a.threads} threads\n")
    kept = limits(runs, a.rounds)
    if a.against:
        runs.write(rows=ratios(runs, a.rounds, a.against, a.goal))
    print(f"\nAll runs: {a.out}")
    return 0 if kept else 1


if __name__ == "__main__":
    main(program)
