"""Vectors files compared, weight by weight."""

import json
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from .program import run


class Comparison(NamedTuple):
    """Two files over the same texts. A weight is the same if its bits are."""

    vectors: int = 0
    weights: int = 0
    differing: int = 0
    one_sided: int = 0
    beyond: int = 0
    largest: float = 0.0
    of_tolerance: float = 0.0


def compare(spork, got, reference, folder, most=None, near=0.03):
    """Compares the first `most` vectors of two files; `beyond` counts weights that are not within
    `near` of each other.
    """
    total = Comparison()
    both = (islice(records(spork, path, folder), most) for path in (got, reference))
    for a, b in zip(*both, strict=True):
        if a["id"] != b["id"]:
            raise ValueError(f"{got}: {a['id']} where {reference} has {b['id']}")
        total = added(total, a["vector"], b["vector"], near)
    return total._asdict()


def added(total, got, reference, near):
    """The comparison with one more vector in it."""
    weights, differing, one_sided, beyond = total.weights, total.differing, total.one_sided, 0
    largest, of_tolerance = total.largest, total.of_tolerance
    for term in got.keys() | reference.keys():
        weights += 1
        a, b = got.get(term, 0.0), reference.get(term, 0.0)
        # Shortest decimals: equal numbers are equal bits.
        if a == b:
            continue
        gap = abs(a - b)
        differing += 1
        one_sided += term not in got or term not in reference
        beyond += gap > near
        largest = max(largest, gap)
        of_tolerance = max(of_tolerance, gap / (1e-5 + 1e-4 * abs(b)))
    return Comparison(
        total.vectors + 1,
        weights,
        differing,
        one_sided,
        total.beyond + beyond,
        largest,
        of_tolerance,
    )


def records(spork, path, folder):
    """Yields the records of a .svec file."""
    with TemporaryDirectory(dir=folder) as own:
        text = Path(own) / "vectors.jsonl"
        run([spork, "--quiet", "convert", "--input", path, "--output", text])
        with text.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)
