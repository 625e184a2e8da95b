#!/usr/bin/env python3
"""Speed and memory of mlit against PyTorch on the same cores: runs both in alternation and prints the ratios.

  python3 -m venv .venv && .venv/bin/pip install -r bench/requirements.txt
  .venv/bin/python bench/compare.py --rounds 3

A round is, for every line of the table, one process of mlit and one of PyTorch, one after the other,
so that both meet the same machine. A ratio is the median over the rounds of the ratio within a round;
above 1 mlit is ahead, for memory below 1. Every run is written to --out when it ends: after a break
the same command goes on where it stopped. PyTorch is compiled once before it is timed; where
torch.compile fails (it needs a C++ compiler), its line is timed uncompiled and says so.
"""
import argparse, os, platform, statistics, sys

from runs import HERE, RESULTS, Failed, Progress, Runs, bench, build, last_line_as_json, machine, main

PEER = os.path.join(HERE, "torch_mlit.py")

# Preset, and how many steps of a batch of 64 are counted: no process takes much longer than half a minute.
STEPS = {"xxs": 10, "xs": 8, "s": 5}


def lines(presets, batch):
    """What is timed: preset, mode, images in a step, counted steps."""
    for preset in presets:
        yield preset, "train", batch, STEPS[preset]
        yield preset, "infer", batch, 2 * STEPS[preset]
        yield preset, "infer", 1, 100


def torch(a, preset, mode, batch, warmup, steps, impl):
    result = last_line_as_json([sys.executable, PEER, "bench", "--preset", preset, "--mode", mode, "--impl", impl,
                                "--batch", str(batch), "--threads", str(a.threads),
                                "--warmup", str(warmup), "--steps", str(steps)])
    return result


def implementation(a, runs, preset, mode, batch):
    """How PyTorch runs a line: as asked for if that works. Compiling here fills the compiler's cache."""
    key = {"compile": a.impl, "preset": preset, "mode": mode, "batch": batch}
    kept = [run["result"]["impl"] for run in runs.runs if run["key"] == key]
    if kept:
        return kept[0]
    impl, problem = a.impl, None
    if a.impl == "compiled":
        for _ in range(2):
            try:
                torch(a, preset, mode, batch, 0, 1, "compiled")
                break
            except Failed as e:
                problem = str(e)
        else:
            impl = "fused"
            print(f"compare: PyTorch runs {preset} {mode} batch {batch} uncompiled, as torch.compile failed twice:\n"
                  f"{problem}", file=sys.stderr)
    runs.add(key, {"impl": impl, "problem": problem})
    return impl


def sides(mode):
    """Who runs in a round, in this order."""
    yield "mlit", "float32"
    yield "torch", "float32"
    if mode == "train":
        yield "mlit", "bfloat16"


def measure(a, runs, presets):
    todo = [(n, line) for n in range(a.rounds) for line in lines(presets, a.batch)]
    keys = {}
    for n, line in todo:
        preset, mode, batch, _ = line
        keys[n, line] = [{"round": n + 1, "preset": preset, "mode": mode, "batch": batch, "side": side,
                          "precision": precision} for side, precision in sides(mode)]
    # Runs of a line whose round is not whole are made again: they are to meet the same machine.
    whole = [at for at in keys if all(runs.has(key) for key in keys[at])]
    for at in keys:
        if at not in whole:
            for key in keys[at]:
                runs.drop(key)
    progress = Progress("compare", len(todo), len(whole))
    for n, line in todo:
        if (n, line) in whole:
            continue
        preset, mode, batch, steps = line
        warmup = a.warmup if batch > 1 else 10 * a.warmup
        progress.step(f"round {n + 1} of {a.rounds}, mlit-{preset} {mode} batch {batch}")
        impl = implementation(a, runs, preset, mode, batch)
        for key in keys[n, line]:
            if key["side"] == "torch":
                result = torch(a, preset, mode, batch, warmup, steps, impl)
            else:
                result = bench(mode, batch, a.threads, warmup, steps, "mlit-" + preset, key["precision"])
            runs.add(key, result)


def summarize(runs):
    """One row for every line of the table, from the runs of all rounds."""
    timed = [run for run in runs if "round" in run["key"]]
    rows = []
    for preset, mode, batch in dict.fromkeys((r["key"]["preset"], r["key"]["mode"], r["key"]["batch"]) for r in timed):
        here = [r for r in timed if (r["key"]["preset"], r["key"]["mode"], r["key"]["batch"]) == (preset, mode, batch)]
        peer = {r["key"]["round"]: r["result"] for r in here if r["key"]["side"] == "torch"}
        for precision in dict.fromkeys(r["key"]["precision"] for r in here):
            own = {r["key"]["round"]: r["result"] for r in here
                   if (r["key"]["side"], r["key"]["precision"]) == ("mlit", precision)}
            rounds = sorted(own.keys() & peer.keys())
            if not rounds:
                continue
            row = {"preset": preset, "mode": mode, "batch": batch, "precision": precision,
                   "impl": peer[rounds[0]]["impl"]}
            for figure in ("images_per_second", "median_ms", "peak_rss_mib"):
                row["mlit_" + figure] = statistics.median(own[n][figure] for n in rounds)
                row["torch_" + figure] = statistics.median(peer[n][figure] for n in rounds)
            ratios = [own[n]["images_per_second"] / peer[n]["images_per_second"] for n in rounds]
            row |= {"ratio": statistics.median(ratios), "lowest": min(ratios), "highest": max(ratios)}
            row["memory_ratio"] = statistics.median(own[n]["peak_rss_mib"] / peer[n]["peak_rss_mib"] for n in rounds)
            rows.append(row)
    return rows


def table(rows):
    yield "| model | what | batch | mlit | PyTorch | mlit / PyTorch (of the rounds) | memory, MiB | memory ratio |"
    yield "|---|---|---|---|---|---|---|---|"
    for r in rows:
        figure, unit = ("median_ms", "ms") if r["batch"] == 1 else ("images_per_second", "images/s")
        what = {"train": "training", "infer": "inference"}[r["mode"]]
        if r["precision"] != "float32":
            what += ", " + r["precision"]
        uncompiled = " (uncompiled)" if r["impl"] != "compiled" else ""
        yield (f"| mlit-{r['preset']} | {what} | {r['batch']} "
               f"| {r['mlit_' + figure]:.1f} {unit} | {r['torch_' + figure]:.1f} {unit}{uncompiled} "
               f"| **{r['ratio']:.2f}** ({r['lowest']:.2f} to {r['highest']:.2f}) "
               f"| {r['mlit_peak_rss_mib']:.0f} / {r['torch_peak_rss_mib']:.0f} | {r['memory_ratio']:.2f} |")


def program():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--presets", default="xxs,xs,s", help="of xxs, xs, s; separated by commas")
    p.add_argument("--impl", choices=["loop", "fused", "compiled"], default="compiled", help="of PyTorch")
    p.add_argument("--batch", type=int, default=64, help="images in a step; one image is timed too")
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--warmup", type=int, default=2, help="steps that are not counted; ten times as many of one image")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--out", default=os.path.join(RESULTS, "comparison.json"), help="gets all runs and the table")
    p.add_argument("--fresh", action="store_true", help="replaces the runs that --out has")
    a = p.parse_args()
    presets = a.presets.split(",")
    unknown = [preset for preset in presets if preset not in STEPS]
    if unknown:
        p.error(f"--presets: {unknown[0]} must be xxs, xs or s")
    if a.rounds < 1 or a.batch < 2 or a.threads < 1 or a.warmup < 1:
        p.error("--rounds, --threads and --warmup must be at least 1, --batch at least 2")

    about = {"machine": machine(a.threads), "python": platform.python_version(), "batch": a.batch, "impl": a.impl}
    runs = Runs(a.out, about, a.fresh)
    build()
    measure(a, runs, presets)

    rows = summarize(runs.runs)
    runs.write(rows=rows)
    results = {run["key"].get("side"): run["result"] for run in runs.runs}
    print(f"{runs.date}, {about['machine']['processor']}, {a.threads} threads, "
          f"TensorFlow {results['mlit']['tensorflow']}, {results['torch']['peer']} ({a.impl}), "
          f"median of {a.rounds} rounds\n")
    print("\n".join(table(rows)))
    print(f"\nAll runs: {a.out}")


if __name__ == "__main__":
    main(program)
