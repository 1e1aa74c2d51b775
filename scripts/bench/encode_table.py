#!/usr/bin/env python3
"""The table of scripts/bench/encode-peers: `encode_table.py RESULTS.jsonl COMMIT`."""

import json
import os
import statistics
import sys

from results import machine


def table(runs, commit):
    """Yields the lines: the ways by their median rate, each beside the best of PyTorch's."""
    rates = {}
    for run in runs:
        rates.setdefault(run["how"], []).append(run["texts"] / run["seconds"])
    medians = {how: statistics.median(some) for how, some in rates.items()}
    reference = max(
        (median for how, median in medians.items() if how.startswith("torch")), default=None
    )
    threads = os.environ["OMP_NUM_THREADS"]
    yield f"{machine()['processor']}, {threads} threads, commit {commit}, {runs[-1]['texts']} texts"
    yield ""
    yield "| | texts a second | noise | of the best PyTorch |"
    yield "|---|---|---|---|"
    for how, median in sorted(medians.items(), key=lambda item: -item[1]):
        ratio = f"{median / reference:.2f}" if reference else "–"
        noise = (max(rates[how]) - min(rates[how])) / median
        yield f"| {how} | {median:.1f} | {noise:.0%} | {ratio} |"


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as lines:
        print(*table(list(map(json.loads, lines)), sys.argv[2]), sep="\n")
