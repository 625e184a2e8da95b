#!/usr/bin/env python3
"""How the time and memory of a step grow with the batch, the tokens, the experts and the preset.

  python3 -m venv .venv && .venv/bin/pip install -r bench/requirements.txt
  .venv/bin/python bench/growth.py                          # about 15 minutes on two cores
  .venv/bin/python bench/growth.py --series batch,tokens

Every point is a process of its own. Raw runs go to --out when each ends, and the same command goes on
where it stopped. The growth is held against what it may be: linear in the batch and the experts, in
the tokens no more than the quadratic term of attention. Exponents are slopes of log time over log size:
over the whole series by least squares, and between neighbours, where noise weighs more.
"""
import argparse, json, math, os, statistics, subprocess

from runs import LAUNCHER, RESULTS, Failed, Progress, Runs, bench, build, machine, main

MODES = ("train", "infer")
# Patches of 3x3, as in the presets: height and width that make 16 to 577 tokens with the class token.
SHAPES = {16: (9, 15), 37: (18, 18), 65: (24, 24), 145: (36, 36), 290: (51, 51), 577: (72, 72)}
TOKEN_BATCH = 8
EXPERT_BATCH = 32
PRESETS = ("mlit-xxs", "mlit-xs", "mlit-s")

# How far above its limit an exponent may be before that is no noise: of a whole series, of two neighbours.
SLACK, NEIGHBOUR_SLACK = 0.05, 0.25
# Small batches pay the fixed cost of every operation, so their exponent is far below 1.
LIMITS = {"batch": 1.0, "tokens": 2.0, "experts": 1.0}


def points():
    """What is measured: series, size, settings of the model, images in a step, preset."""
    for batch in (1, 2, 4, 8, 16, 32, 64, 128, 256, 512):
        yield "batch", batch, [], batch, "mlit-xxs"
    for tokens, (height, width) in SHAPES.items():
        yield "tokens", tokens, [f"image.height={height}", f"image.width={width}"], TOKEN_BATCH, "mlit-xxs"
    for experts in (3, 4, 6, 8, 12, 16):
        yield "experts", experts, [f"stages=[{{layers: 9, experts: {experts}}}]"], EXPERT_BATCH, "mlit-xxs"
    for preset in PRESETS:
        yield "presets", preset, [], EXPERT_BATCH, preset


def macs(model, settings):
    """Multiply-accumulates for one image, by the cost model of ./mlit summary."""
    command = [LAUNCHER, "summary", model, "--json"] + [part for s in settings for part in ("--set", s)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stderr.strip()}")
    return json.loads(done.stdout.strip().splitlines()[-1])["macs"]


def steps(images):
    """Counted steps: enough for a median, and no process much over half a minute."""
    return max(2, min(60, int(400 / images)))


def measure(a, runs, wanted):
    todo = []
    for n in range(a.rounds):
        for series, size, settings, batch, model in points():
            if series in wanted:
                for mode in MODES:
                    key = {"round": n + 1, "series": series, "size": size, "mode": mode}
                    todo.append((key, settings, batch, model))
    progress = Progress("growth", len(todo), sum(runs.has(key) for key, *_ in todo))
    for key, settings, batch, model in todo:
        if runs.has(key):
            continue
        progress.step(f"round {key['round']} of {a.rounds}, {key['series']} {key['size']}, {key['mode']}")
        counted = steps(batch * macs_of(model, settings) / macs_of("mlit-xxs", []))
        result = bench(key["mode"], batch, a.threads, 1 + counted // 5, counted, model, settings=settings)
        runs.add(key, result | {"macs": macs_of(model, settings)})


KNOWN = {}


def macs_of(model, settings):
    at = (model, *settings)
    if at not in KNOWN:
        KNOWN[at] = macs(model, settings)
    return KNOWN[at]


def curve(runs, series, mode):
    """The points of a series: size, and medians over the rounds."""
    results = {}
    for run in runs:
        if (run["key"]["series"], run["key"]["mode"]) == (series, mode):
            results.setdefault(run["key"]["size"], []).append(run["result"])
    order = list(dict.fromkeys(size for s, size, *_ in points() if s == series))
    return [{"size": size, "batch": results[size][0]["batch"], "macs": results[size][0]["macs"],
             "ms": statistics.median(r["median_ms"] for r in results[size]),
             "mib": statistics.median(r["peak_rss_mib"] for r in results[size])}
            for size in order if size in results]


def slope(a, b, what="ms"):
    return math.log(b[what] / a[what]) / math.log(b["size"] / a["size"])


def fitted(curve, what="ms"):
    """The exponent over a whole series, by least squares in the logarithms."""
    xs, ys = [math.log(p["size"]) for p in curve], [math.log(p[what]) for p in curve]
    mx, my = statistics.fmean(xs), statistics.fmean(ys)
    return sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sum((x - mx) ** 2 for x in xs)


def check(runs):
    """One row for every series and mode: its exponents, and whether they keep to the limit."""
    rows = []
    for series, limit in LIMITS.items():
        for mode in MODES:
            points = curve(runs, series, mode)
            if len(points) < 3:
                continue
            steepest = max(zip(points, points[1:]), key=lambda pair: slope(*pair))
            row = {"series": series, "mode": mode, "limit": limit, "exponent": fitted(points),
                   "steepest": slope(*steepest), "between": [p["size"] for p in steepest]}
            if series != "batch":
                row["macs_exponent"] = fitted(points, "macs")
            row["kept"] = row["exponent"] <= limit + SLACK and row["steepest"] <= limit + NEIGHBOUR_SLACK
            rows.append(row)
    return rows


def tables(runs):
    for series in ("batch", "tokens", "experts", "presets"):
        train, infer = ({p["size"]: p for p in curve(runs, series, mode)} for mode in MODES)
        if not train or not infer:
            continue
        yield f"| {series} | images in a step | training, ms per image | inference, ms per image | memory, MiB |"
        yield "|---|---|---|---|---|"
        for size in [s for s in train if s in infer]:
            t, i = train[size], infer[size]
            yield (f"| {size} | {t['batch']} | {t['ms'] / t['batch']:.2f} | {i['ms'] / i['batch']:.2f} "
                   f"| {t['mib']:.0f} / {i['mib']:.0f} |")
        yield ""


def verdicts(rows):
    for r in rows:
        what = {"train": "training", "infer": "inference"}[r["mode"]]
        cost = f", its multiply-accumulates {r['macs_exponent']:.2f}" if "macs_exponent" in r else ""
        verdict = "ok" if r["kept"] else "VIOLATED"
        yield (f"{verdict}: {what} by {r['series']}: exponent {r['exponent']:.2f}{cost}; at most "
               f"{r['steepest']:.2f} between neighbours ({r['between'][0]} and {r['between'][1]}); limit {r['limit']:.0f}")


def program():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--series", default="batch,tokens,experts,presets", help="which, separated by commas")
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--rounds", type=int, default=1, help="the median of several rounds is less noisy")
    p.add_argument("--out", default=os.path.join(RESULTS, "growth.json"), help="gets all runs and the exponents")
    p.add_argument("--plot", default=os.path.join(RESULTS, "growth.svg"), help="gets the plot, .svg or .png")
    p.add_argument("--fresh", action="store_true", help="replaces the runs that --out has")
    a = p.parse_args()
    known = list(dict.fromkeys(series for series, *_ in points()))
    wanted = a.series.split(",")
    unknown = [series for series in wanted if series not in known]
    if unknown:
        p.error(f"--series: {unknown[0]} must be one of {', '.join(known)}")
    if a.rounds < 1 or a.threads < 1:
        p.error("--rounds and --threads must be at least 1")

    runs = Runs(a.out, {"machine": machine(a.threads)}, a.fresh)
    build()
    measure(a, runs, wanted)

    rows = check(runs.runs)
    runs.write(growth=rows)
    print(f"{runs.date}, {runs.about['machine']['processor']}, {a.threads} threads\n")
    print("\n".join(tables(runs.runs)))
    print("\n".join(verdicts(rows)))
    from growth_plot import draw
    draw({(series, mode): curve(runs.runs, series, mode) for series in known for mode in MODES}, a.plot)
    print(f"\nAll runs: {a.out}\nPlot: {a.plot}")
    return 0 if all(row["kept"] for row in rows) else 1


if __name__ == "__main__":
    main(program)
