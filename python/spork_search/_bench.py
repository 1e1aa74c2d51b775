"""How fast an index answers."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ._index import Index
from ._queries import each_query


def bench(
    index: Index,
    queries: Iterable[Any] | Mapping[str, Any],
    k: int = 10,
    *,
    rounds: int = 3,
    **options: Any,
) -> dict[str, float]:
    """Latencies of one search after the other, on one thread, in milliseconds.

    Args:
        index: what is searched.
        queries: as for :meth:`Index.search_batch`.
        k: hits a query.
        rounds: how often all are searched; of each query the fastest counts.
        options: those of :meth:`Index.search`.

    Returns:
        ``mean``, ``p50``, ``p95`` and ``p99`` as a caller waits for them, encoding included;
        ``engine``, the mean without what is around the search; ``postings`` a query; and
        ``queries``.

    >>> bench(INDEX, ["forks", "a bowl"])["queries"]
    2
    """
    listed = [(text, vector) for _, text, vector in each_query(queries)]
    waited = np.full(len(listed), np.inf)
    engine = np.full(len(listed), np.inf)
    postings = 0
    for _ in range(max(rounds, 1)):
        postings = 0
        for place, (text, vector) in enumerate(listed):
            start = time.perf_counter()
            hits = index.search(text, k, vector=vector, **options)
            waited[place] = min(waited[place], time.perf_counter() - start)
            engine[place] = min(engine[place], hits.seconds)
            postings += hits._native.postings
    if not listed:
        return {"queries": 0}
    milliseconds = 1000 * waited
    return {
        "queries": len(listed),
        "mean": float(milliseconds.mean()),
        "p50": float(np.percentile(milliseconds, 50)),
        "p95": float(np.percentile(milliseconds, 95)),
        "p99": float(np.percentile(milliseconds, 99)),
        "engine": float(1000 * engine.mean()),
        "postings": postings / len(listed),
    }
