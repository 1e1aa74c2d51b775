#!/usr/bin/env python3
"""The page of scripts/bench/growth and its figures: `growth_page.py COMMIT DOCUMENTS…`, from the
files in target/bench to docs/bench/growth.md and docs/bench/growth.json.
"""

import json
import sys
from datetime import date
from pathlib import Path

from results import percentile

DEPTHS = (10, 1000)


def measured(documents):
    """What was measured of one collection."""
    folder = Path(f"target/bench/{documents}-1")
    bench = json.loads((folder / "growth.json").read_text())
    for row in bench["rows"]:
        # The times of all queries make it 50 times as large.
        row.pop("samples", None)
    for index in bench["indexes"]:
        index["index"] = Path(index["index"]).name
    builds = {}
    for order in ("input", "bisection"):
        seconds, memory = (folder / f"{order}.time").read_text().split()
        builds[order] = {"seconds": float(seconds), "memory_kib": float(memory)}
    return {
        "documents": int(documents),
        "bench": bench,
        "builds": builds,
        "yardstick_us": {k: yardstick(folder, k) for k in DEPTHS},
    }


def yardstick(folder, k):
    """Mean, median and p99 of the yardstick, in microseconds."""
    times = json.loads((folder / f"yardstick-{k}.json").read_text())["us"][0]
    return sum(times) / len(times), percentile(times, 0.5), percentile(times, 0.99)


def build_lines(run):
    """A row an order."""
    for index in run["bench"]["indexes"]:
        order = index["index"]
        build, size = run["builds"][order], index["bytes"] / index["postings"]
        yield (
            f"| {run['documents']:,} | {order} | {build['seconds']:.0f} "
            f"| {build['memory_kib'] / 1024:.0f} | {size:.2f} |"
        )


def search_lines(run):
    """The yardstick and each way of searching, at each depth."""
    for k in DEPTHS:
        base = run["yardstick_us"][k]
        cells = " | ".join(f"{value / 1e3:.2f}" for value in base)
        yield f"| {run['documents']:,} | {k} | yardstick | {cells} | 1.00 | |"
        for row in (row for row in run["bench"]["rows"] if row["k"] == k):
            name = f"{Path(row['index']).name}, {row['strategy']}"
            times = [row[one] for one in ("mean_us", "p50_us", "p99_us")]
            cells = " | ".join(f"{value / 1e3:.2f}" for value in times)
            ratio, postings = base[0] / times[0], row["postings"]
            yield (
                f"| {run['documents']:,} | {k} | {name} | {cells} | {ratio:.2f} | {postings:,.0f} |"
            )


def page(results):
    """The whole page."""
    runs, commit = results["runs"], results["commit"]
    bench = runs[-1]["bench"]
    machine, index = bench["machine"], bench["indexes"][0]
    terms = index["postings"] / index["documents"]
    yield "# How index and search grow"
    yield ""
    yield (
        f"By `scripts/bench/growth`, {results['date']}, {machine['processor']}, "
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


def main(commit, *documents):
    """Writes both files."""
    results = {
        "date": date.today().isoformat(),
        "commit": commit,
        "runs": [measured(each) for each in documents],
    }
    folder = Path("docs/bench")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "growth.json").write_text(json.dumps(results, indent=1) + "\n")
    (folder / "growth.md").write_text("\n".join(page(results)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
