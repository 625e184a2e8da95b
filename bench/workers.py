#!/usr/bin/env python3
"""What several workers gain: images per second of one and of two, and what their sums cost.

  sudo python3 bench/workers.py                       # 10 to 30 minutes; needs root, ip and taskset

Every worker has one core and a network namespace of its own, joined by virtual cables: what they send each other
goes through the kernel's network, as between machines. Weak scaling: each worker has --batch images of a step. Two cores
of one processor share its memory and its heat, two machines do not: a control, two runs at the same time that know
nothing of each other, says how much two cores can give here at all. Raw runs go to --out when each ends, and the same
command goes on where it stopped. From the time of a sum, long and short, follows what more workers on a real network
would pay.
"""
import argparse, contextlib, json, os, signal, statistics, subprocess, sys, tempfile

from runs import LAUNCHER, RESULTS, Failed, Progress, Runs, build, machine, main

PORT = 2222
NETWORKS = (10, 100)
CLUSTERS = (8, 64, 256)
PRESETS = ("mlit-xxs", "mlit-xs", "mlit-s")


def sh(*command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stderr.strip()}")


@contextlib.contextmanager
def namespaces(count):
    """Namespaces mlit0, mlit1, ... with the addresses 10.231.0.1, 2, ... on one bridge."""
    sh("ip", "link", "add", "mlitbr", "type", "bridge")
    made = []
    try:
        sh("ip", "link", "set", "mlitbr", "up")
        for i in range(count):
            sh("ip", "netns", "add", f"mlit{i}")
            made.append(f"mlit{i}")
            sh("ip", "link", "add", f"mlitv{i}", "type", "veth", "peer", "name", "eth0", "netns", f"mlit{i}")
            sh("ip", "link", "set", f"mlitv{i}", "master", "mlitbr", "up")
            sh("ip", "-n", f"mlit{i}", "addr", "add", f"10.231.0.{i + 1}/24", "dev", "eth0")
            sh("ip", "-n", f"mlit{i}", "link", "set", "eth0", "up")
            sh("ip", "-n", f"mlit{i}", "link", "set", "lo", "up")
        yield
    finally:
        for name in made:
            subprocess.run(["ip", "netns", "del", name])
        subprocess.run(["ip", "link", "del", "mlitbr"])


def together(clusters, workers, command):
    """Runs a command as clusters of so many workers each, every worker on its core in its namespace; the standard
    output of each."""
    processes = []
    for i in range(clusters * workers):
        index = i % workers
        cluster = [f"10.231.0.{j + 1}:{PORT}" for j in range(i - index, i - index + workers)]
        environment = dict(os.environ)
        environment["TF_CONFIG"] = json.dumps(
            {"cluster": {"worker": cluster}, "task": {"type": "worker", "index": index}})
        processes.append(subprocess.Popen(
            ["ip", "netns", "exec", f"mlit{i}", "taskset", "-c", str(i % os.cpu_count()), *command(i)],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
    outputs = [process.communicate(timeout=900) for process in processes]
    for process, (_, errors) in zip(processes, outputs):
        if process.returncode != 0:
            raise Failed(f"{' '.join(process.args)}\nended with {process.returncode}:\n{errors.strip()[-2000:]}")
    return [out for out, _ in outputs]


def train(a, clusters, workers):
    """Images per second of all workers together: of the steps alone, without Java's start and the test."""
    with tempfile.TemporaryDirectory() as out:
        together(clusters, workers, lambda i: [
            LAUNCHER, "train", os.path.join(os.path.dirname(LAUNCHER), "specs", "runs", "quickstart.yaml"),
            "--out", os.path.join(out, f"run-{i}"), "--set", f"model={a.model}", "--set", "model.classes=10",
            "--set", f"training.batch={a.batch * workers}",
            "--set", f"training.steps={a.steps}", "--set", "training.threads=1",
            "--set", f"export={out}/model-{i}"])
        return {"images_per_second": sum(rate(os.path.join(out, f"run-{i * workers}")) for i in range(clusters)),
                "batch": a.batch * clusters * workers, "steps": a.steps}


def rate(run):
    with open(os.path.join(run, "metrics.jsonl")) as f:
        return [line for line in map(json.loads, f) if line["kind"] == "epoch"][-1]["images_per_second"]


def sums(preset, workers):
    out = together(1, workers, lambda i: [LAUNCHER, "bench", "--all-reduce", "--model", preset, "--threads", "1",
                                     "--warmup", "10", "--steps", "60", "--json"])
    return json.loads(out[0].strip().splitlines()[-1])


def predicted(sums, workers, gigabits):
    """Seconds of a ring, from those of the two that were measured: every worker sends 2 (n - 1) messages, one after
    the other, of 1 / n of the gradients each. A message costs what it cost here, half of a short sum; a byte costs
    what it cost here, mostly processor time, and its time on the wire in addition, as if nothing overlapped."""
    message = sums["small_ms"] / 1e3 / 2
    number = (sums["median_ms"] - sums["small_ms"]) / 1e3 / sums["numbers"] + 32 / (gigabits * 1e9)
    return 2 * (workers - 1) * message + 2 * (workers - 1) / workers * sums["numbers"] * number


def program():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--model", default="mlit-xxs", help="what is trained")
    p.add_argument("--batch", type=int, default=64, help="images of a step, of each worker")
    p.add_argument("--steps", type=int, default=40)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--out", default=os.path.join(RESULTS, "workers.json"), help="gets all runs")
    p.add_argument("--fresh", action="store_true", help="replaces the runs that --out has")
    a = p.parse_args()
    if os.geteuid() != 0:
        p.error("network namespaces need root")
    # As Ctrl-C: the namespaces and their cables must not stay.
    signal.signal(signal.SIGTERM, signal.default_int_handler)

    runs = Runs(a.out, {"machine": machine(1), "model": a.model, "batch": a.batch, "steps": a.steps}, a.fresh)
    build()
    # Clusters, and workers of each.
    kinds = {"one": (1, 1), "two": (1, 2), "two strangers": (2, 1)}
    todo = [{"round": n + 1, "train": kind} for n in range(a.rounds) for kind in kinds]
    todo += [{"sums": preset} for preset in PRESETS]
    progress = Progress("workers", len(todo), sum(runs.has(key) for key in todo))
    with namespaces(2):
        for key in todo:
            if not runs.has(key):
                progress.step(", ".join(f"{k} {v}" for k, v in key.items()))
                runs.add(key, train(a, *kinds[key["train"]]) if "train" in key else sums(key["sums"], 2))

    rates = {kind: [run["result"]["images_per_second"] for run in runs.runs if run["key"].get("train") == kind]
             for kind in kinds}
    print(f"{runs.date}, {runs.about['machine']['processor']}, a core for each worker\n")
    print(f"{a.model}, {a.batch} images a worker: one worker {statistics.median(rates['one']):.1f} images/s")
    for kind in ("two", "two strangers"):
        ratios = [many / one for one, many in zip(rates["one"], rates[kind])]
        print(f"{kind}: {statistics.median(rates[kind]):.1f} images/s, {statistics.median(ratios):.2f} times "
              f"({min(ratios):.2f} to {max(ratios):.2f})")
    print()
    print("| model | gradients | measured, 2 workers | " + " | ".join(
        f"{n} workers, {g} Gbit/s" for g in NETWORKS for n in CLUSTERS) + " |")
    print("|---" * (3 + len(NETWORKS) * len(CLUSTERS)) + "|")
    for run in runs.runs:
        if "sums" in run["key"]:
            r = run["result"]
            print(f"| {r['model']} | {4 * r['numbers'] / 1e6:.1f} MB | {r['median_ms']:.1f} ms, {r['small_ms']:.1f} ms "
                  f"of {r['small_numbers']} numbers | " + " | ".join(
                      f"{1e3 * predicted(r, n, g):.1f} ms" for g in NETWORKS for n in CLUSTERS) + " |")
    print(f"\nAll runs: {a.out}")


if __name__ == "__main__":
    main(program)
