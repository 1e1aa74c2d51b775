#!/usr/bin/env python3
"""The page of scripts/bench/growth: `growth_page.py COMMIT DOCUMENTS…`, from the files in
target/bench.
"""

import json
import sys
from datetime import date
from pathlib import Path

from results import percentile, read_table

DEPTHS = (10, 1000)


class Run:
    """What was measured of one collection."""

    def __init__(self, documents):
        self.documents, self.folder = documents, Path(f"target/bench/{documents}-1")
        self.bench = json.loads((self.folder / "growth.json").read_text())
        self.rows = read_table(self.folder / "growth.tsv")
        self.indexes = {Path(one["index"]).name: one for one in self.bench["indexes"]}

    def build(self, order):
        """Seconds and KiB of a build."""
        return [float(value) for value in (self.folder / f"{order}.time").read_text().split()]

    def yardstick(self, k):
        """Mean, median and p99 of the yardstick, in microseconds."""
        times = json.loads((self.folder / f"yardstick-{k}.json").read_text())["us"][0]
        return sum(times) / len(times), percentile(times, 0.5), percentile(times, 0.99)


def build_lines(run):
    """A row an order."""
    for order in ("input", "bisection"):
        seconds, memory = run.build(order)
        index = run.indexes[order]
        size = index["bytes"] / index["postings"]
        yield f"| {run.documents:,} | {order} | {seconds:.0f} | {memory / 1024:.0f} | {size:.2f} |"


def search_lines(run):
    """The yardstick and each way of searching, at each depth."""
    for k in DEPTHS:
        base = run.yardstick(k)
        cells = " | ".join(f"{value / 1e3:.2f}" for value in base)
        yield f"| {run.documents:,} | {k} | yardstick | {cells} | 1.00 | |"
        for row in (row for row in run.rows if row["k"] == str(k)):
            name = f"{Path(row['index']).name}, {row['strategy']}"
            times = [float(row[one]) for one in ("mean_us", "p50_us", "p99_us")]
            cells = " | ".join(f"{value / 1e3:.2f}" for value in times)
            ratio, postings = base[0] / times[0], float(row["postings"])
            yield f"| {run.documents:,} | {k} | {name} | {cells} | {ratio:.2f} | {postings:,.0f} |"


def page(runs, commit):
    """The whole page."""
    bench = runs[-1].bench
    machine, index = bench["machine"], bench["indexes"][0]
    terms = index["postings"] / index["documents"]
    yield "# How index and search grow"
    yield ""
    yield (
        f"By `scripts/bench/growth`, {date.today().isoformat()}, {machine['processor']}, "
        f"{machine['cores']} cores, {machine['instructions']}; {bench['program']}, commit {commit}."
    )
    yield f"Synthetic documents (seed 1) of {terms:.0f} terms, {bench['queries']:,} synthetic"
    yield "queries; one thread, one pass after one that warms up, of the yardstick too."
    yield ""
    yield "| documents | order | built in, s | memory, MiB | bytes a posting |"
    yield "|---|---|---|---|---|"
    for run in runs:
        yield from build_lines(run)
    yield ""
    yield "Milliseconds a query:"
    yield ""
    yield "| documents | k | | mean | p50 | p99 | yardstick's mean / this | postings scored |"
    yield "|---|---|---|---|---|---|---|---|"
    for run in runs:
        yield from search_lines(run)


if __name__ == "__main__":
    print(*page([Run(int(documents)) for documents in sys.argv[2:]], sys.argv[1]), sep="\n")
