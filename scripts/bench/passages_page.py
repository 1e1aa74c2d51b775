#!/usr/bin/env python3
"""The page of scripts/bench/passages and its figures: `passages_page.py FOLDER COMMIT RESULTS`,
from what it measured in FOLDER to passages.md, passages.json and passages.svg in RESULTS.
"""

import json
import shutil
import sys
from datetime import date
from pathlib import Path


def measured(folder, commit):
    """All figures: of the indexes, of searching them, and of the other engines."""
    bench = json.loads((folder / "bench.json").read_text())
    for row in bench["rows"]:
        # The times of all queries make it 50 times as large.
        row.pop("samples", None)
    for index in bench["indexes"]:
        index["index"] = Path(index["index"]).name
    flops = dict(line.split("\t")[:2] for line in (folder / "flops.tsv").read_text().splitlines())
    builds = [line.split("\t") for line in (folder / "builds.tsv").read_text().splitlines()]
    return {
        "date": date.today().isoformat(),
        "commit": commit,
        "flops": float(flops["FLOPS"]),
        "builds": [
            {"index": f"{order}-{codec}", "seconds": float(seconds), "memory_mib": float(memory)}
            for order, codec, seconds, memory in builds
        ],
        "bench": bench,
        "engines": json.loads((folder / "engines/peers.json").read_text()),
    }


def page(folder, figures):
    """Yields the lines of the page."""
    bench, commit = figures["bench"], figures["commit"]
    first = bench["indexes"][0]
    machine = bench["machine"]
    yield f"# {first['documents']:,} real passages"
    yield ""
    yield f"By `scripts/bench/passages`, {figures['date']}: all passages of eleven"
    yield "collections (Wikipedia, Microsoft's documentation, OpenStax, MS MARCO, SciFact and"
    yield "smaller ones), cut at 256 tokens and encoded by the default model, and the"
    yield f"{bench['queries']:,} dev queries of MS MARCO, encoded by it."
    yield f"{machine['processor']}, {machine['cores']} cores, {machine['instructions']};"
    yield f"{bench['program']}, commit {commit}; one thread,"
    yield f"medians of {bench['repetitions']} passes."
    yield ""
    yield f"{first['postings']:,} postings; expected FLOPS {figures['flops']:.2f} a query and"
    yield "document."
    yield ""
    yield from build_lines(figures)
    yield ""
    yield from search_lines(bench["rows"])
    yield ""
    yield "## Beside other engines: each seventh query, bisection order, 8-bit weights"
    yield ""
    yield "![Milliseconds a query beside the size of the index](passages.svg)"
    yield ""
    yield "\n".join((folder / "engines/peers.md").read_text().splitlines()[1:]).strip()


def build_lines(figures):
    """A row an index."""
    indexes = {index["index"]: index for index in figures["bench"]["indexes"]}
    yield "| order | codec | build, s | memory, MiB | bytes a posting |"
    yield "|---|---|---|---|---|"
    for build in figures["builds"]:
        index = indexes[build["index"]]
        size = index["bytes"] / index["postings"]
        order, codec = build["index"].split("-")
        seconds, memory = f"{build['seconds']:.1f}", f"{build['memory_mib']:.0f}"
        yield f"| {order} | {codec} | {seconds} | {memory} | {size:.2f} |"


def search_lines(rows):
    """A row for each index, strategy and depth."""
    yield "`auto`, the default, is `block-max` at k = 10 and `taat` at k = 1000. Noise is the"
    yield "range of the passes' means as a share of their median."
    yield ""
    yield "| index | strategy | k | mean, ms | p50 | p99 | noise | postings scored | ns a posting |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        times = " | ".join(f"{row[name] / 1e3:.3f}" for name in ("mean_us", "p50_us", "p99_us"))
        slope = f"{row['fit']['ns_per_posting']:.2f}" if row["strategy"] == "taat" else "–"
        cells = [Path(row["index"]).name, row["strategy"], str(row["k"]), times]
        cells += [f"{100 * row['noise']:.0f} %", f"{row['postings']:,.0f}", slope]
        yield f"| {' | '.join(cells)} |"


def main(folder, commit, results):
    """Writes all three."""
    folder, results = Path(folder), Path(results)
    figures = measured(folder, commit)
    (results / "passages.json").write_text(json.dumps(figures, indent=1) + "\n")
    shutil.copy(folder / "engines/peers.svg", results / "passages.svg")
    (results / "passages.md").write_text("\n".join(page(folder, figures)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
