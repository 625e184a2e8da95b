#!/usr/bin/env python3
"""Speed of mlit against PyTorch on the same cores: runs both in alternation and prints the ratios.

  python3 -m venv .venv && .venv/bin/pip install -r bench/requirements.txt
  .venv/bin/python bench/compare.py --rounds 3 --out comparison.json

A round is one process of mlit and one of PyTorch for every line of the table, one after the other,
so that both meet the same machine. A ratio is the median over the rounds of the ratio within a
round; above 1 mlit is ahead. Needs a C++ compiler, which torch.compile wants.
"""
import argparse, datetime, json, os, platform, re, statistics, subprocess, sys, time

HERE = os.path.dirname(os.path.abspath(__file__))
LAUNCHER = os.path.join(HERE, "..", "mlit")
PEER = os.path.join(HERE, "torch_mlit.py")


def lines(presets, batch):
    """What is timed: preset, mode, images in a step, counted steps."""
    for preset in presets:
        yield preset, "train", batch, 10
        yield preset, "infer", batch, 20
        yield preset, "infer", 1, 60


def last_line_as_json(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"compare: {' '.join(command)}\nended with {done.returncode}:\n{done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def run_mlit(a, preset, mode, batch, steps):
    return last_line_as_json([LAUNCHER, "bench", "--model", "mlit-" + preset, "--mode", mode,
                              "--batch", str(batch), "--threads", str(a.threads),
                              "--warmup", str(a.warmup), "--steps", str(steps), "--json"])["result"]


def run_torch(a, preset, mode, batch, steps):
    return last_line_as_json([sys.executable, PEER, "bench", "--preset", preset, "--mode", mode,
                              "--impl", a.impl, "--batch", str(batch), "--threads", str(a.threads),
                              "--warmup", str(a.warmup), "--steps", str(steps)])


def processor():
    try:
        with open("/proc/cpuinfo") as f:
            text = f.read()
        name = re.search(r"model name\s*: (.*)", text).group(1)
        wide = [flag for flag in ("avx2", "avx512f", "amx_tile") if re.search(rf"\b{flag}\b", text)]
        return f"{name} ({', '.join(wide) or 'no AVX2'})"
    except (OSError, AttributeError):
        return platform.processor() or platform.machine()


def summarize(results):
    """One row a line of the table, from the runs of all rounds."""
    rows = []
    for key in dict.fromkeys((r["preset"], r["mode"], r["batch"]) for r in results):
        runs = [r for r in results if (r["preset"], r["mode"], r["batch"]) == key]
        row = dict(zip(("preset", "mode", "batch"), key))
        for side in ("mlit", "torch"):
            for figure in ("images_per_second", "median_ms", "peak_rss_mib"):
                row[f"{side}_{figure}"] = statistics.median(r[side][figure] for r in runs)
        ratios = [r["mlit"]["images_per_second"] / r["torch"]["images_per_second"] for r in runs]
        row |= {"ratio": statistics.median(ratios), "lowest": min(ratios), "highest": max(ratios)}
        row["memory_ratio"] = statistics.median(r["mlit"]["peak_rss_mib"] / r["torch"]["peak_rss_mib"] for r in runs)
        rows.append(row)
    return rows


def table(rows):
    yield "| model | what | batch | mlit | PyTorch | ratio (of the rounds) | memory, MiB |"
    yield "|---|---|---|---|---|---|---|"
    for r in rows:
        one = r["batch"] == 1
        figure, unit = ("median_ms", "ms") if one else ("images_per_second", "images/s")
        what = {"train": "training", "infer": "inference"}[r["mode"]]
        yield (f"| mlit-{r['preset']} | {what} | {r['batch']} "
               f"| {r['mlit_' + figure]:.1f} {unit} | {r['torch_' + figure]:.1f} {unit} "
               f"| **{r['ratio']:.2f}** ({r['lowest']:.2f} to {r['highest']:.2f}) "
               f"| {r['mlit_peak_rss_mib']:.0f} / {r['torch_peak_rss_mib']:.0f} |")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--presets", default="xxs,xs,s", help="of xxs, xs, s; separated by commas")
    p.add_argument("--impl", choices=["loop", "fused", "compiled"], default="compiled", help="of PyTorch")
    p.add_argument("--batch", type=int, default=64, help="images in a step; one image is timed too")
    p.add_argument("--threads", type=int, default=os.cpu_count())
    p.add_argument("--warmup", type=int, default=4, help="steps that are not counted")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--out", help="gets all runs and the table as JSON")
    a = p.parse_args()
    presets = a.presets.split(",")
    unknown = [preset for preset in presets if preset not in ("xxs", "xs", "s")]
    if unknown:
        p.error(f"--presets: {unknown[0]} must be xxs, xs or s")

    results, began = [], time.time()
    todo = [(n, line) for n in range(a.rounds) for line in lines(presets, a.batch)]
    for done, (n, (preset, mode, batch, steps)) in enumerate(todo):
        print(f"compare: round {n + 1} of {a.rounds}, mlit-{preset} {mode} batch {batch}; "
              f"{done} of {len(todo)} done in {time.time() - began:.0f} s", file=sys.stderr)
        results.append({"round": n + 1, "preset": preset, "mode": mode, "batch": batch,
                        "mlit": run_mlit(a, preset, mode, batch, steps),
                        "torch": run_torch(a, preset, mode, batch, steps)})

    rows = summarize(results)
    machine = {"processor": processor(), "system": platform.platform(), "threads": a.threads}
    versions = {"tensorflow": results[0]["mlit"]["tensorflow"], "torch": results[0]["torch"]["peer"],
                "impl": a.impl, "python": platform.python_version()}
    date = datetime.date.today().isoformat()
    print(f"{date}, {machine['processor']}, {a.threads} threads, TensorFlow {versions['tensorflow']}, "
          f"{versions['torch']} ({a.impl}), median of {a.rounds} rounds\n")
    print("\n".join(table(rows)))
    if a.out:
        with open(a.out, "w") as f:
            json.dump({"date": date, "machine": machine, "versions": versions, "rows": rows, "runs": results},
                      f, indent=1)
        print(f"\nAll runs: {a.out}")


if __name__ == "__main__":
    main()
