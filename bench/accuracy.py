#!/usr/bin/env python3
"""Accuracy of mlit against PyTorch: the same model and images, several seeds. Three questions, a command each:

  python3 -m venv .venv && .venv/bin/pip install -r bench/requirements.txt

  .venv/bin/python bench/accuracy.py --epochs 10 --seeds 1,2,3
      Does it learn the same? AdamW without augmentation on either side, on the quickstart's images.

  .venv/bin/python bench/accuracy.py --target 0.82 --lengths 2,3,4,5,6,8,10,12
      How many seconds to an accuracy? Of mlit with the quickstart's recipe, PyTorch with AdamW and flips, and PyTorch
      with the quickstart's recipe, Muon included, the shortest schedule is sought whose mean over the seeds reaches
      it. --adamw learning_rate=2e-3,batch=32 changes AdamW's recipe.

  .venv/bin/python bench/accuracy.py --curves --run specs/runs/cifar10.yaml --images CIFAR10_DIR --epochs 10 --seeds 1
      What is it worth at equal seconds? The same three, test accuracy over seconds as curves in an SVG file.

Images are those of fashion-small, which lies in this repository, or those of --images DIR with {train,test}/CLASS/*,
which --run's model must fit. Seeds decide other weights, orders and gate noise on either side, so that single runs
differ and means are compared. Seconds are those of training steps, without tests and without torch.compile; those of
mlit have TensorFlow's preparation of its graph in them. Every run is a process of its own and is written to --out when
it ends: after a break the same command goes on where it stopped. torch.compile needs a C++ compiler; --impl fused does
without.
"""
import argparse, dataclasses, os, statistics, sys

from recipes import ROOT, Recipe, Task, train_mlit, train_torch
from runs import RESULTS, Failed, Runs, build, machine, main

QUICKSTART = os.path.join(ROOT, "specs", "runs", "quickstart.yaml")
NAMES = {"mlit": "mlit", "adamw": "PyTorch, AdamW", "muon": "PyTorch, mlit's recipe"}

# A length whose first seed stays this far below the target is not run with the others.
HOPELESS = 0.02


class Sides:
    """Runs that are kept: a side, a number of epochs and a seed."""

    def __init__(self, a, runs, task, recipes):
        self.a, self.runs, self.task, self.recipes = a, runs, task, recipes

    def run(self, side, epochs, seed):
        key = {"side": side, "epochs": epochs, "seed": seed}
        if not self.runs.has(key):
            print(f"accuracy: {NAMES.get(side, side)}, {epochs} epochs, seed {seed}; {len(self.runs.runs)} runs done",
                  file=sys.stderr)
            recipe = self.recipes[side]
            self.runs.add(key, train_mlit(self.task, recipe, epochs, seed) if side == "mlit" else
                          train_torch(self.task, recipe, epochs, seed, self.a.impl))
        return next(run["result"] for run in self.runs.runs if run["key"] == key)

    def all(self, names, epochs, seeds):
        """The results of sides, seed by seed; they run in turn, so that all meet the same machine."""
        by_seed = [{side: self.run(side, epochs, seed) for side in names} for seed in seeds]
        return {side: [results[side] for results in by_seed] for side in names}


def means(sides, a, seeds):
    """Does it learn the same?"""
    results = {side: [result["accuracy"] for result in found]
               for side, found in sides.all(("mlit", "torch"), a.epochs, seeds).items()}
    print(f"mlit against PyTorch, {a.epochs} epochs of AdamW without augmentation, test accuracy\n")
    print("| seed | mlit | PyTorch |\n|---|---|---|")
    for i, seed in enumerate(seeds):
        print(f"| {seed} | {results['mlit'][i]:.4f} | {results['torch'][i]:.4f} |")
    cells = [f"**{statistics.mean(values):.4f}**, {statistics.stdev(values) if len(values) > 1 else 0.0:.4f}"
             for values in results.values()]
    print(f"| mean, standard deviation | {' | '.join(cells)} |")
    difference = statistics.mean(results["mlit"]) - statistics.mean(results["torch"])
    print(f"\nDifference of the means: {100 * difference:+.2f} points")
    return [{"side": side, "accuracies": values} for side, values in results.items()]


def attempt(side, epochs, results, a, seeds):
    """What a schedule of so many epochs came to."""
    mean = statistics.mean(result["accuracy"] for result in results)
    return {"side": side, "epochs": epochs, "accuracies": [result["accuracy"] for result in results], "mean": mean,
            "seconds": statistics.mean(result["seconds"] for result in results),
            "reached": len(results) == len(seeds) and mean >= a.target}


def target(sides, a, seeds):
    """How many seconds to an accuracy?"""
    tried = {side: [] for side in NAMES}
    for epochs in a.lengths:
        results = {side: [] for side in NAMES if not tried[side] or not tried[side][-1]["reached"]}
        for seed in seeds:
            for side, so_far in results.items():
                if not so_far or so_far[0]["accuracy"] >= a.target - HOPELESS:
                    so_far.append(sides.run(side, epochs, seed))
        for side, found in results.items():
            tried[side].append(attempt(side, epochs, found, a, seeds))
    print(f"Seconds of training to a test accuracy of {a.target}, mean of seeds {a.seeds}\n")
    print("| | shortest schedule | accuracy | seconds | of AdamW's | goal |\n|---|---|---|---|---|---|")
    adamw = tried["adamw"][-1]
    for side, rows in tried.items():
        last = rows[-1]
        accuracies = ", ".join(f"{x:.4f}" for x in last["accuracies"])
        if not last["reached"]:
            print(f"| {NAMES[side]} | none of {a.lengths} epochs | {last['mean']:.4f} ({accuracies}) | - | - | |")
            continue
        ratio = last["seconds"] / adamw["seconds"] if adamw["reached"] else None
        goal = "" if side != "mlit" or ratio is None else f"{a.goal:.2f} " + ("reached" if ratio <= a.goal else "missed")
        print(f"| {NAMES[side]} | {last['epochs']} epochs | {last['mean']:.4f} ({accuracies}) | {last['seconds']:.0f} "
              f"| {'-' if ratio is None else f'**{ratio:.2f}**'} | {goal} |")
    return [row for rows in tried.values() for row in rows]


def mean_curve(results):
    """The mean over seeds, epoch by epoch."""
    return [{key: statistics.mean(point[key] for point in points) for key in ("epoch", "seconds", "accuracy")}
            for points in zip(*(result["curve"] for result in results))]


def at(curve, seconds):
    """The accuracy of a curve after some seconds, on the line between two epochs; none before the first."""
    for before, after in zip(curve, curve[1:]):
        if before["seconds"] <= seconds <= after["seconds"]:
            part = (seconds - before["seconds"]) / (after["seconds"] - before["seconds"])
            return before["accuracy"] + part * (after["accuracy"] - before["accuracy"])
    return curve[-1]["accuracy"] if seconds > curve[-1]["seconds"] else None


def curves(sides, a, seeds):
    """What is it worth at equal seconds?"""
    from accuracy_plot import draw
    found = {side: mean_curve(results) for side, results in sides.all(NAMES, a.epochs, seeds).items()}
    seconds = min(curve[-1]["seconds"] for curve in found.values())
    print(f"{a.epochs} epochs of the same model and images, test accuracy, mean of seeds {a.seeds}\n")
    print(f"| | after {seconds:.0f} s | after all epochs | seconds of these |\n|---|---|---|---|")
    for side, curve in found.items():
        early = at(curve, seconds)
        print(f"| {NAMES[side]} | {'-' if early is None else f'{early:.4f}'} | {curve[-1]['accuracy']:.4f} "
              f"| {curve[-1]['seconds']:.0f} |")
    draw({NAMES[side]: curve for side, curve in found.items()}, a.svg)
    print(f"\nCurves: {a.svg}")
    return [{"side": side, "curve": curve} for side, curve in found.items()]


def program():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    kind = p.add_mutually_exclusive_group()
    kind.add_argument("--target", type=float, metavar="ACCURACY", help="seeks the shortest schedule to it")
    kind.add_argument("--curves", action="store_true", help="draws accuracy over seconds")
    p.add_argument("--run", default=QUICKSTART, help="the run whose model and recipe are taken; the quickstart")
    p.add_argument("--images", metavar="DIR", help="with {train,test}/CLASS/*, in place of fashion-small")
    p.add_argument("--epochs", type=int, default=10)
    p.add_argument("--lengths", default="2,3,4,5,6,8,10,12,16", help="epochs of the schedules that --target tries")
    p.add_argument("--adamw", default="", metavar="FIELDS", help="changes PyTorch's recipe with AdamW")
    p.add_argument("--goal", type=float, default=0.4, help="of --target: the most of AdamW's seconds for mlit")
    p.add_argument("--seeds", default="1,2,3", help="separated by commas")
    p.add_argument("--impl", choices=["fused", "compiled"], default="compiled", help="of PyTorch")
    p.add_argument("--threads", type=int, default=0, help="0 is one per core")
    p.add_argument("--out", help="gets all runs; accuracy.json, target.json or curves.json in bench/results")
    p.add_argument("--svg", default=os.path.join(RESULTS, "curves.svg"), help="of --curves")
    p.add_argument("--fresh", action="store_true", help="replaces the runs that --out has")
    a = p.parse_args()
    seeds = [int(seed) for seed in a.seeds.split(",")]
    a.lengths = sorted(int(length) for length in a.lengths.split(","))
    if a.epochs < 1 or a.lengths[0] < 1:
        p.error("--epochs and --lengths must be at least 1")
    question = target if a.target else curves if a.curves else means
    if question is curves and a.run == QUICKSTART and a.images is None:
        print("accuracy: curves of the quickstart; --run specs/runs/cifar10.yaml --images DIR are those of CIFAR-10",
              file=sys.stderr)
    name = {means: "accuracy", target: "target", curves: "curves"}[question] + ".json"
    a.out = a.out or os.path.join(RESULTS, name)

    if question is means:
        recipes = {"mlit": Recipe(), "torch": Recipe()}
    else:
        own = Recipe.of(a.run)
        recipes = {"mlit": own, "adamw": Recipe(flip=True).changed(a.adamw), "muon": own}
    images = None if a.images is None else os.path.abspath(a.images)
    about = {"machine": machine(a.threads or os.cpu_count()), "run": os.path.basename(a.run),
             "images": "fashion-small" if images is None else os.path.basename(images), "impl": a.impl,
             "recipes": {side: dataclasses.asdict(recipe) for side, recipe in recipes.items()}}
    runs = Runs(a.out, about, a.fresh)
    build()
    rows = question(Sides(a, runs, Task(os.path.abspath(a.run), images, a.threads), recipes), a, seeds)
    runs.write(rows=rows)
    print(f"\n{runs.date}, {about['machine']['processor']}; all runs: {a.out}")


if __name__ == "__main__":
    main(program)
