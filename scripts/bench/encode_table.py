#!/usr/bin/env python3
"""The page of scripts/bench/encode-peers and its figures: `encode_table.py RESULTS.jsonl COMMIT
FOLDER`, to FOLDER/encode-peers.md and FOLDER/encode-peers.json.
"""

import json
import os
import statistics
import sys
from datetime import date
from pathlib import Path

from results import machine


def measured(runs, commit):
    """All figures."""
    seconds = {}
    for run in runs:
        seconds.setdefault(run["how"], []).append(run["seconds"])
    return {
        "date": date.today().isoformat(),
        "commit": commit,
        "machine": machine(),
        "threads": int(os.environ["OMP_NUM_THREADS"]),
        "texts": runs[-1]["texts"],
        "seconds": seconds,
    }


def page(figures):
    """The lines: the ways by their median rate, each beside the best of PyTorch's."""
    rates = {
        how: [figures["texts"] / seconds for seconds in runs]
        for how, runs in figures["seconds"].items()
    }
    medians = {how: statistics.median(some) for how, some in rates.items()}
    reference = max(
        (median for how, median in medians.items() if how.startswith("torch")), default=None
    )
    yield "# Encoding beside PyTorch, ONNX Runtime and fastembed"
    yield ""
    yield f"By `scripts/bench/encode-peers`, {figures['date']}, commit {figures['commit']}:"
    yield f"{figures['texts']:,} texts, cut at 256 tokens, the default model."
    yield f"{figures['machine']['processor']}, {figures['threads']} threads,"
    yield f"{figures['machine']['instructions']}; medians of runs in turn."
    yield ""
    yield "All get texts sorted by length. `torch` is transformers with PyTorch. `onnx-int8` has"
    yield "weights of 8 bits, which change the vectors, and takes the maximum over tokens inside"
    yield "the network; `fastembed` runs ONNX Runtime, too, in 32 bits and up to the logits."
    yield ""
    yield "| | texts a second | noise | of the best PyTorch |"
    yield "|---|---|---|---|"
    for how, median in sorted(medians.items(), key=lambda item: -item[1]):
        ratio = f"{median / reference:.2f}" if reference else "–"
        noise = (max(rates[how]) - min(rates[how])) / median
        yield f"| {how} | {median:.1f} | {noise:.0%} | {ratio} |"


def main(results, commit, folder):
    """Writes both files."""
    with open(results, encoding="utf-8") as lines:
        figures = measured([json.loads(line) for line in lines], commit)
    folder = Path(folder)
    (folder / "encode-peers.json").write_text(json.dumps(figures, indent=1) + "\n")
    (folder / "encode-peers.md").write_text("\n".join(page(figures)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
