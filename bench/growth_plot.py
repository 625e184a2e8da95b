"""The plot of growth.py: one panel for every series, time for one image over what grows."""
import math
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, NullFormatter, NullLocator

COLORS = {"train": "#2a6f97", "infer": "#d1603d"}
NAMES = {"train": "training", "infer": "inference"}
GUIDE = "#8a8f98"
INK = "#2b2f36"
STYLE = {"font.size": 10.5, "font.family": "DejaVu Sans", "axes.edgecolor": "#b9bec7", "axes.linewidth": 0.8,
         "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK, "axes.titlesize": 11.5,
         "svg.hashsalt": "mlit", "figure.facecolor": "white"}


def number(value, _=None):
    return f"{value:g}" if value < 10_000 else f"{value / 1000:g}k"


def plain(ax):
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.grid(True, color="#e8eaee", linewidth=0.8)
    ax.set_axisbelow(True)
    ax.tick_params(length=0)


def logarithmic(ax, sizes):
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xticks(sizes)
    ax.xaxis.set_major_formatter(FuncFormatter(number))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(FuncFormatter(number))
    ax.yaxis.set_minor_formatter(NullFormatter())


def lines(ax, curves, series, value):
    for mode, color in COLORS.items():
        points = curves[series, mode]
        xs, ys = [p["size"] for p in points], [value(p) for p in points]
        ax.plot(xs, ys, color=color, linewidth=2, marker="o", markersize=4.5, label=NAMES[mode])


def guide(ax, curve, exponent, label, value, at=-1):
    """How a curve of this exponent would go through the last point."""
    last = curve[at]
    xs = [p["size"] for p in curve]
    ys = [value(last) * (x / last["size"]) ** exponent for x in xs]
    ax.plot(xs, ys, color=GUIDE, linewidth=1.2, linestyle=(0, (4, 3)), zorder=1)
    middle = math.sqrt(xs[0] * xs[-1]), math.sqrt(ys[0] * ys[-1])
    ax.annotate(label, middle, color=GUIDE, fontsize=9.5, ha="center", va="center",
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5}, zorder=1)


def per_step(p):
    return p["ms"]


def per_image(p):
    return p["ms"] / p["batch"]


def draw_batch(ax, curves):
    lines(ax, curves, "batch", per_step)
    logarithmic(ax, [p["size"] for p in curves["batch", "train"]])
    guide(ax, curves["batch", "train"], 1, "linear", per_step)
    ax.set(title="Batch: at most linear", xlabel="images in a step", ylabel="ms per step")


def draw_tokens(ax, curves):
    lines(ax, curves, "tokens", per_image)
    logarithmic(ax, [p["size"] for p in curves["tokens", "train"]])
    guide(ax, curves["tokens", "train"], 2, "quadratic", per_image)
    guide(ax, curves["tokens", "train"], 1, "linear", per_image)
    ax.set(title="Tokens: between linear and quadratic", xlabel="tokens of an image", ylabel="ms per image")


def draw_experts(ax, curves):
    lines(ax, curves, "experts", per_image)
    ax.set_xticks([p["size"] for p in curves["experts", "train"]])
    ax.set_ylim(bottom=0)
    ax.set(title="Experts: a line", xlabel="experts in every layer", ylabel="ms per image")


def draw_presets(ax, curves):
    for mode, color in COLORS.items():
        points = curves["presets", mode]
        xs = [p["macs"] / 1e6 for p in points]
        ax.plot(xs, [per_image(p) for p in points], color=color, linewidth=2, marker="o", markersize=4.5)
    for p, x in zip(points, xs):
        ax.annotate(p["size"], (x, 0), color=INK, fontsize=9.5, ha="center", xytext=(0, 5),
                    textcoords="offset points")
    ax.set_xlim(0, xs[-1] * 1.15)
    ax.set_ylim(bottom=0)
    ax.set(title="Presets: by multiply-accumulates", xlabel="million multiply-accumulates an image",
           ylabel="ms per image")


PANELS = {"batch": draw_batch, "tokens": draw_tokens, "experts": draw_experts, "presets": draw_presets}


def draw(curves, file):
    """Draws the series that were measured."""
    measured = [series for series in PANELS if all(len(curves[series, mode]) > 1 for mode in COLORS)]
    if not measured:
        return
    rows, columns = (len(measured) + 1) // 2, min(2, len(measured))
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(rows, columns, figsize=(4.6 * columns, 3.5 * rows), squeeze=False)
        for ax, series in zip(axes.flat, measured):
            PANELS[series](ax, curves)
            ax.set_title(ax.get_title(), loc="left", fontweight="bold")
            ax.set_title("")
            plain(ax)
        for ax in axes.flat[len(measured):]:
            ax.set_visible(False)
        handles = [plt.Line2D([], [], color=color, linewidth=2, marker="o", markersize=4.5, label=NAMES[mode])
                   for mode, color in COLORS.items()]
        figure.legend(handles=handles, loc="upper center", ncols=2, frameon=False)
        figure.tight_layout(rect=(0, 0, 1, 0.95), w_pad=2.5, h_pad=2)
        figure.savefig(file, dpi=160, metadata={"Date": None} if file.endswith(".svg") else None)
        plt.close(figure)
