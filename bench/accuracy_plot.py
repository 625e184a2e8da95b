"""The plot of accuracy.py: test accuracy over seconds of training, a curve for every side."""
from growth_plot import STYLE, plain, plt

COLORS = ["#2a6f97", "#d1603d", "#6b9a5b"]


def draw(curves, file):
    """curves: a list of points with seconds and accuracy, by name."""
    with plt.rc_context(STYLE):
        figure, ax = plt.subplots(figsize=(6.4, 3.8))
        for (name, curve), color in zip(curves.items(), COLORS):
            ax.plot([p["seconds"] / 60 for p in curve], [100 * p["accuracy"] for p in curve], color=color,
                    linewidth=2, marker="o", markersize=4.5, label=name)
        ax.set_xlim(left=0)
        ax.set(xlabel="minutes of training", ylabel="test accuracy, percent")
        ax.legend(frameon=False, loc="lower right")
        plain(ax)
        figure.tight_layout()
        figure.savefig(file, dpi=160, metadata={"Date": None} if file.endswith(".svg") else None)
        plt.close(figure)
