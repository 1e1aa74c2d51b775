"""Documents, queries and judgments of SciFact, for tests."""

from __future__ import annotations

import gzip
import itertools
import json

import spork_search as spork
from conftest import SCIFACT


def documents(count: int | None = None) -> list[dict[str, str]]:
    """The first documents of SciFact, as PyTerrier has them."""
    with gzip.open(SCIFACT / "corpus.jsonl.gz", "rt") as lines:
        records = map(json.loads, itertools.islice(lines, count))
        return [
            {"docno": each["_id"], "title": each["title"], "text": each["text"]} for each in records
        ]


def queries(count: int | None = None) -> dict[str, str]:
    """The first queries, by qid."""
    return dict(itertools.islice(spork.read_topics(SCIFACT / "queries.tsv").items(), count))
