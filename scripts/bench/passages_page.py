#!/usr/bin/env python3
"""The page of scripts/bench/passages: `passages_page.py FOLDER COMMIT`, from what it measured in
FOLDER.
"""

import json
import sys
from datetime import date
from pathlib import Path

from results import read_table


def page(folder, commit):
    """Yields the lines of the page."""
    bench = json.loads((folder / "bench.json").read_text())
    flops = dict(line.split("\t")[:2] for line in (folder / "flops.tsv").read_text().splitlines())
    indexes = {Path(index["index"]).name: index for index in bench["indexes"]}
    first = next(iter(indexes.values()))
    machine = bench["machine"]
    yield f"# {first['documents']:,} real passages"
    yield ""
    yield f"By `scripts/bench/passages`, {date.today().isoformat()}: all passages of eleven"
    yield "collections (Wikipedia, Microsoft's documentation, OpenStax, MS MARCO, SciFact and"
    yield "smaller ones), cut at 256 tokens and encoded by the default model, and the"
    yield f"{bench['queries']:,} dev queries of MS MARCO, encoded by it."
    yield f"{machine['processor']}, {machine['cores']} cores, {machine['instructions']};"
    yield f"{bench['program']}, commit {commit}; one thread,"
    yield f"medians of {bench['repetitions']} passes."
    yield ""
    expected = float(flops["FLOPS"])
    yield f"{first['postings']:,} postings; expected FLOPS {expected:.2f} a query and document."
    yield ""
    yield from build_lines(folder, indexes, first["postings"])
    yield ""
    yield from search_lines(folder)
    yield ""
    yield "## Beside other engines: each seventh query, bisection order, 8-bit weights"
    yield ""
    yield "\n".join((folder / "engines/peers.md").read_text().splitlines()[1:]).strip()


def build_lines(folder, indexes, postings):
    """A row an index."""
    yield "| order | codec | build, s | memory, MiB | bytes a posting |"
    yield "|---|---|---|---|---|"
    for line in (folder / "builds.tsv").read_text().splitlines():
        order, codec, seconds, memory = line.split("\t")
        size = indexes[f"{order}-{codec}"]["bytes"] / postings
        yield f"| {order} | {codec} | {seconds} | {memory} | {size:.2f} |"


def search_lines(folder):
    """A row for each index, strategy and depth."""
    yield "`auto`, the default, is `block-max` at k = 10 and `taat` at k = 1000. Noise is the"
    yield "range of the passes' means as a share of their median."
    yield ""
    yield "| index | strategy | k | mean, ms | p50 | p99 | noise | postings scored | ns a posting |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in read_table(folder / "bench.tsv"):
        times = " | ".join(
            f"{float(row[name]) / 1e3:.3f}" for name in ("mean_us", "p50_us", "p99_us")
        )
        slope = f"{float(row['ns_per_posting']):.2f}" if row["strategy"] == "taat" else "–"
        cells = [Path(row["index"]).name, row["strategy"], row["k"], times]
        cells += [f"{100 * float(row['noise']):.0f} %", f"{float(row['postings']):,.0f}", slope]
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(*page(Path(sys.argv[1]), sys.argv[2]), sep="\n")
