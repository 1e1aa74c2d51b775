"""Queries and options of searches, as the native module takes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from ._arrays import csr_parts, is_sparse, pair
from ._errors import SporkValueError

Filter = str | Mapping[str, Any] | None
Mix = str | Mapping[str, float] | None
Strategy = Literal["auto", "exhaustive", "taat", "block-max"]


def options_of(
    filter: Filter,
    mix: Mix,
    strategy: str | None,
    alpha: float | None,
    deadline_ms: float | None,
    query_idf: float | None = None,
) -> tuple[Any, ...]:
    """The options of a search."""
    if isinstance(mix, Mapping):
        mix = ",".join(f"{name}={weight}" for name, weight in mix.items())
    return mix, filter_text(filter), strategy, alpha, deadline_ms, query_idf


def filter_text(filter: Filter) -> str | None:
    return json.dumps(filter) if isinstance(filter, Mapping) else filter


def plain_query(query: Any) -> Any:
    """A query as the native module takes it."""
    if query is None or isinstance(query, str):
        return query
    if isinstance(query, Mapping):
        return dict(query)
    if is_sparse(query):
        places, columns, weights = csr_parts(query)
        if len(places) != 2:
            raise SporkValueError(
                f"a matrix of {len(places) - 1} rows: search takes one; search_csr takes many"
            )
        return columns, weights
    if isinstance(query, tuple) and len(query) == 2:
        return pair(*query)
    if hasattr(query, "indices") and hasattr(query, "values"):
        return pair(query.indices, query.values)
    raise SporkValueError(
        f"{type(query).__name__}: expected a query as text, a dict of terms and weights, "
        "(columns, weights), or a sparse matrix of one row"
    )


def each_query(queries: Any) -> Iterable[tuple[Any, Any, Any]]:
    """The qid, text and vector of each query."""
    if hasattr(queries, "itertuples") and hasattr(queries, "columns"):
        columns = list(queries.columns)
        for place, row in enumerate(queries.itertuples(index=False, name=None)):
            record = dict(zip(columns, row, strict=True))
            vector = record.get("query_toks")
            yield record.get("qid", place), record.get("query"), plain_query(vector)
        return
    if isinstance(queries, str) or not isinstance(queries, Iterable):
        raise SporkValueError(
            f"{type(queries).__name__}: expected a list of queries, a dict of queries by qid, or a "
            "data frame; search takes one query"
        )
    items = queries.items() if isinstance(queries, Mapping) else enumerate(queries)
    for qid, query in items:
        both = isinstance(query, tuple) and len(query) == 2 and isinstance(query[0], str)
        if both:
            yield qid, query[0], plain_query(query[1])
        else:
            yield qid, plain_query(query), None
