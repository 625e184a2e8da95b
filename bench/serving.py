#!/usr/bin/env python3
"""./mlit serve against ONNX Runtime behind the same server, under load: in alternation, with the same weights.

  .venv/bin/python bench/serving.py                         # two minutes each, three rounds
  .venv/bin/python bench/serving.py --seconds 20 --rounds 1 --out serving.json

A round starts each server in a process of its own, warms it up, and has 32 connections ask for the logits of one
image, each again as soon as it has its answer (bench/ServeLoad.java). ONNX Runtime's threads, and whether calls go
through it together as they do through mlit, are chosen by trying each for a few seconds before the first round.

Every run is written to --out when it ends; the same command goes on where it stopped.
"""
import argparse, os, socket, statistics, subprocess, sys, time, urllib.error, urllib.request

import peers
from runs import HERE, LAUNCHER, RESULTS, Failed, Progress, Runs, build, last_line_as_json, machine, main

SIDES = ["mlit", "onnxruntime"]
SETTINGS = [[intra_op, batch] for intra_op in (1, 0) for batch in (1, 16)]
TRIED = 8
CLASSES = os.path.join(peers.ROOT, "target", "onnxruntime", "server")


def class_path():
    """mlit's classes and libraries, and those of ONNX Runtime."""
    parts = [os.path.join(peers.ROOT, "target", "classes")]
    for file in os.path.join(peers.ROOT, "target", "classpath-cpu"), os.path.join(peers.BUILT, "classpath"):
        with open(file) as f:
            parts.append(f.read().strip())
    return os.pathsep.join(parts)


def prepare(preset):
    build()
    peers.build()
    sources = [os.path.join(folder, name) for folder, _, names in os.walk(os.path.join(HERE, "server"))
               for name in names]
    peers.run(["javac", "--release", "17", "-proc:none", "-nowarn", "-d", CLASSES, "-cp", class_path(), *sources])
    return peers.models(preset)


def command(side, preset, port, setting):
    directory = os.path.join(peers.MODELS, preset)
    if side == "mlit":
        return [LAUNCHER, "serve", os.path.join(directory, "savedmodel"), "--port", str(port), "--no-page"]
    return [*peers.JAVA, "dev.mlit.serve.OnnxServer",
            os.path.join(directory, "model.onnx"), os.path.join(directory, "spec.yaml"), str(port),
            *map(str, setting)]


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_until_ready(server, url):
    for _ in range(600):
        if server.poll() is not None:
            raise Failed(f"{' '.join(server.args)}\nended with {server.returncode}")
        try:
            urllib.request.urlopen(url + "/v2/health/ready", timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise Failed(f"{' '.join(server.args)}\nwas not ready within a minute")


def load(a, side, setting, seconds):
    """Starts a server, asks it for so long, and stops it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    # In the environment: ONNX Runtime 1.29 overflows its stack where the command line is long.
    environment = os.environ | {"CLASSPATH": CLASSES + os.pathsep + class_path()}
    with subprocess.Popen(command(side, a.preset, port, setting), env=environment, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as server:
        try:
            wait_until_ready(server, url)
            result = last_line_as_json(["java", os.path.join(HERE, "ServeLoad.java"), "--url", url, "--connections",
                                        str(a.connections), "--seconds", str(seconds), "--warmup", str(a.warmup)],
                                       timeout=seconds + a.warmup + 60)
        finally:
            server.terminate()
    return result | {"setting": setting}


def best(a, runs):
    """The setting with which ONNX Runtime answers most requests."""
    key = {"setting": "onnxruntime"}
    kept = [run["result"] for run in runs.runs if run["key"] == key]
    if not kept:
        tried = [[setting, load(a, "onnxruntime", setting, TRIED)["requests_per_second"]] for setting in SETTINGS]
        kept = [{"setting": max(tried, key=lambda t: t[1])[0], "tried": tried}]
        runs.add(key, kept[0])
    return kept[0]["setting"]


def table(runs, rounds):
    def of(side, what):
        return [run["result"][what] for run in runs.runs if run["key"].get("side") == side][-rounds:]
    lines = ["| | mlit | ONNX Runtime | ratio (of the rounds) |", "|---|---|---|---|"]
    for what, words, digits in (("requests_per_second", "requests a second", 0), ("p50_ms", "50th percentile, ms", 1),
                                ("p99_ms", "99th percentile, ms", 1),
                                ("rss_start_mib", "resident memory after the warm-up, MiB", 0),
                                ("rss_end_mib", "at the end, MiB", 0)):
        ours, theirs = (of(side, what) for side in SIDES)
        ratios = [x / y for x, y in zip(ours, theirs)]
        lines.append(f"| {words} | {statistics.median(ours):,.{digits}f} | {statistics.median(theirs):,.{digits}f} "
                     f"| {statistics.median(ratios):.2f} ({', '.join(f'{r:.2f}' for r in ratios)}) |")
    statuses = {side: sorted(set(of(side, "statuses"))) for side in SIDES}
    return lines + ["", f"Statuses and their requests: {statuses}"]


def program():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--preset", default="xxs", choices=["xxs", "xs", "s"])
    p.add_argument("--connections", type=int, default=32)
    p.add_argument("--seconds", type=int, default=120, help="of a run")
    p.add_argument("--warmup", type=int, default=10, help="seconds that are not counted")
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--out", default=os.path.join(RESULTS, "serving.json"))
    p.add_argument("--fresh", action="store_true", help="replaces the runs that --out has")
    a = p.parse_args()
    if min(a.rounds, a.seconds, a.connections) < 1 or a.warmup < 0:
        p.error("--rounds, --seconds and --connections must be at least 1, --warmup 0")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    runs = Runs(a.out, {"machine": machine(cores), "preset": a.preset, "connections": a.connections,
                        "seconds": a.seconds}, a.fresh)
    keys = [{"round": n, "side": side} for n in range(1, a.rounds + 1) for side in SIDES]
    todo = [key for key in keys if not runs.has(key)]
    if todo:
        print(f"serving: logits differ by {prepare(a.preset)['largest_difference']:.1e} at most", file=sys.stderr)
        setting = best(a, runs)
        progress = Progress("serving", len(keys), len(keys) - len(todo))
        for key in todo:
            progress.step(f"round {key['round']} of {a.rounds}, {key['side']}")
            runs.add(key, load(a, key["side"], setting, a.seconds) | {"commit": peers.commit()})
    print(f"{runs.date}, {runs.about['machine']['processor']}, {cores} cores, {a.connections} connections, "
          f"{a.seconds} s each, median of {a.rounds} rounds; ONNX Runtime with (threads, batch) {best(a, runs)}\n")
    print("\n".join(table(runs, a.rounds)))


if __name__ == "__main__":
    main(program)
