"""The table of compare.py: from the runs of all rounds to rows, and to Markdown."""
import statistics

NAMES = {"mlit": "mlit", "torch": "PyTorch", "onnxruntime": "ONNX Runtime"}
PEERS = ["torch", "onnxruntime"]


def spread(ratios):
    return {"ratio": statistics.median(ratios), "lowest": min(ratios), "highest": max(ratios), "rounds": ratios}


def row(line, figure, unit, more_is_better, goal, sides, memory):
    """One figure of a line, of all sides; sides has the results of every side by round."""
    rounds = sorted(set.intersection(*(set(results) for results in sides.values())))
    ratios = {}
    for peer in line.peers:
        pairs = [(sides["mlit"][n][figure], sides[peer][n][figure]) for n in rounds]
        ratios[peer] = spread([own / theirs if more_is_better else theirs / own for own, theirs in pairs])
    made = {"line": line.name, "figure": figure, "unit": unit, "goal": goal, "ratios": ratios,
            "medians": {side: statistics.median(results[n][figure] for n in rounds) for side, results in sides.items()},
            "reached": min(ratio["ratio"] for ratio in ratios.values()) >= goal,
            "uncompiled": any(r.get("impl", "compiled") != "compiled" for r in sides.get("torch", {}).values())}
    if memory:
        medians = {side: statistics.median(results[n]["peak_rss_mib"] for n in rounds)
                   for side, results in sides.items()}
        parts = {peer: statistics.median(sides["mlit"][n]["peak_rss_mib"] / sides[peer][n]["peak_rss_mib"]
                                         for n in rounds) for peer in line.peers}
        made["memory"] = {"medians": medians, "ratios": parts, "goal": line.memory_goal,
                          "reached": line.memory_goal is None or max(parts.values()) <= line.memory_goal}
    return made


def summarize(runs, lines):
    """One row for every line, two for those of serving, from the runs of all rounds."""
    rows = []
    for line in lines:
        sides = {side: {run["key"]["round"]: run["result"] for run in runs
                        if (run["key"].get("line"), run["key"].get("side")) == (line.name, side)}
                 for side in ["mlit", *line.peers]}
        if line.mode == "infer":
            rows.append(row(line, "median_ms", "ms", False, line.goal, sides, True))
        else:
            rows.append(row(line, "images_per_second", "images/s", True, line.goal, sides, True))
        if line.mode == "serve":
            rows.append(row(line, "p99_ms", "ms, 99th percentile", False, 1.0, sides, False))
    return rows


def table(rows):
    """Markdown. In the ratios, the peer that is closest to mlit is the one that counts for a goal."""
    yield ("| line | mlit | PyTorch | ONNX Runtime Java | mlit ahead by (lowest to highest of the rounds) | goal "
           "| memory, MiB: mlit / PyTorch / ONNX Runtime | of it | goal |")
    yield "|---|---|---|---|---|---|---|---|---|"
    for r in rows:
        cells = [r["line"]]
        for side in ["mlit", *PEERS]:
            value = r["medians"].get(side)
            uncompiled = " (uncompiled)" if side == "torch" and r["uncompiled"] else ""
            cells.append("-" if value is None else f"{value:.1f} {r['unit']}{uncompiled}")
        of = len(r["ratios"]) > 1
        cells.append("; ".join(f"**{x['ratio']:.2f}** ({x['lowest']:.2f} to {x['highest']:.2f})"
                               + (f" of {NAMES[peer]}" if of else "") for peer, x in r["ratios"].items()))
        cells.append(f"{r['goal']:.2f} " + ("reached" if r["reached"] else "missed"))
        memory = r.get("memory")
        if memory is None:
            cells += ["", "", ""]
        else:
            cells.append(" / ".join("-" if side not in memory["medians"] else f"{memory['medians'][side]:.0f}"
                                    for side in ["mlit", *PEERS]))
            cells.append(" / ".join(f"{part:.2f}" for part in memory["ratios"].values()))
            goal = memory["goal"]
            cells.append("-" if goal is None else f"{goal:.2f} " + ("reached" if memory["reached"] else "missed"))
        yield f"| {' | '.join(cells)} |"
