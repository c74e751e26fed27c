#!/usr/bin/env python3
"""Draws what `run.sh --growth --json FOUND` has measured: `growth.py FOUND -o growth.svg`. Needs matplotlib.

Prints every point that is more than 1.5 times what its two neighbours lead one to expect.
"""

import argparse
import json
import math
import re
from pathlib import Path

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt

LABELS = {
    "batch": "images in a batch",
    "channels": "channels",
    "side": "side of the images, pixels",
    "blocks": "blocks in each of three groups",
}
LINES = {"horesnet": ("HoresNet", "#c0392b"), "best": ("PyTorch, the faster layout", "#2c3e50")}
CLIFF = 1.5


def curves(medians):
    """For each size that grows and each kind of work: the sizes, and milliseconds an image of HoresNet and of the best PyTorch."""
    found = {}
    for name, times in medians.items():
        what, size, work = re.fullmatch(r"(\w+) (\d+) (\w+)", name).groups()
        images = int(size) if what == "batch" else 32
        best = min(time for peer, time in times.items() if peer not in ("horesnet", "candle", "floor") and time)
        found.setdefault((what, work), []).append((int(size), 1e3 * times["horesnet"] / images, 1e3 * best / images))
    return {key: list(zip(*sorted(points))) for key, points in found.items()}


def cliffs(sizes, times):
    """Points above the straight line between their neighbours, both axes logarithmic, with the factor."""
    x, y = [math.log(size) for size in sizes], [math.log(time) for time in times]
    for i in range(1, len(x) - 1):
        expected = y[i - 1] + (y[i + 1] - y[i - 1]) * (x[i] - x[i - 1]) / (x[i + 1] - x[i - 1])
        factor = math.exp(y[i] - expected)
        if factor > CLIFF:
            yield sizes[i], factor


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("found", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("growth.svg"))
    chosen = parser.parse_args()
    found = curves(json.loads(chosen.found.read_text())["medians"])
    plt.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "horesnet", "font.family": "sans-serif", "font.size": 9}
    figure, axes = plt.subplots(2, 2, figsize=(9, 6.4), layout="constrained")
    for axis, (what, label) in zip(axes.flat, LABELS.items()):
        for work, style in (("training", "-"), ("evaluation", "--")):
            if (what, work) not in found:
                continue
            sizes, *times = found[what, work]
            for (name, (title, colour)), values in zip(LINES.items(), times):
                axis.plot(sizes, values, style, color=colour, marker="o", markersize=3, linewidth=1.2, label=f"{title}, {work}")
                for size, factor in cliffs(sizes, values):
                    print(f"{title}, {what} {size}, {work}: {factor:.2f} times what its neighbours lead one to expect")
            ratios = ", ".join(f"{size}: {ours / best:.2f}" for size, ours, best in zip(sizes, *times))
            print(f"{what}, {work}, HoresNet/PyTorch: {ratios}")
        axis.set(xscale="log", yscale="log", xlabel=label, ylabel="milliseconds an image")
        ticks = found[what, "training"][0] if (what, "training") in found else []
        axis.set_xticks(ticks, [str(tick) for tick in ticks])
        axis.minorticks_off()
        axis.grid(True, linewidth=0.3)
    axes.flat[1].legend(frameon=False, fontsize=8)
    figure.savefig(chosen.output, metadata={"Date": None})


if __name__ == "__main__":
    main()
