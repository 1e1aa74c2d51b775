"""Milliseconds a query beside the size of the index, an engine a mark: `python -m engines.picture
SPORK FIGURES.json PICTURE.svg` draws the figures of an earlier run anew.
"""

import json
import subprocess
import sys
from pathlib import Path

from . import DEPTHS

COLUMNS = ["engine", "index, MB", *(f"k = {k}, ms, by logarithm" for k in DEPTHS)]


def points(result: dict) -> str:
    """A table with a row an engine, tab-separated, of its fastest setting that has enough recall;
    Spork only as it is unless asked for less. Exact engines come first, which keeps their marks
    apart from the others'.
    """
    lines = ["\t".join(COLUMNS)]
    for engine in sorted(result["engines"], key=lambda engine: not engine.get("exact")):
        inexact_spork = engine["name"] == "spork" and not engine["exact"]
        if "missing" in engine or engine["name"] == "yardstick" or inexact_spork:
            continue
        name = engine["name"] + ("" if engine["exact"] else ", not exact")
        # In a file they are texts.
        depths = {int(k): figures for k, figures in engine["depths"].items()}
        times = [f"{depths[k][0]['mean_us'] / 1e3:.4f}" for k in DEPTHS]
        lines.append("\t".join([name, f"{engine['bytes'] / 1e6:.1f}", *times]))
    return "\n".join(lines) + "\n"


def draw(spork: Path, result: dict, output: Path) -> None:
    """The picture, and its table beside it."""
    table = output.with_suffix(".tsv")
    table.write_text(points(result))
    _, size, *times = COLUMNS
    panels = [part for name in times for part in ("--y", name)]
    given = ["--input", table, "--x", size, *panels, "--by", "engine", "--log"]
    subprocess.run([spork, "plot", *given, "--output", output], check=True)


if __name__ == "__main__":
    draw(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text()), Path(sys.argv[3]))
