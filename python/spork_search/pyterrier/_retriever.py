"""Searching an index in a pipeline."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyterrier as pt

from .._queries import Filter, Mix, Strategy
from ._folder import IndexFolder
from ._schematic import drawn_as

TEXT = "query"
VECTOR = "query_toks"
#: By the source of the field that is searched; None is all of them.
LABELS = {None: "Spork", "bm25": "Spork BM25", "vectors": "Spork SPLADE"}


class _Parts(NamedTuple):
    """What a search takes of a query."""

    text: bool
    vector: bool

    def columns(self) -> list[str]:
        return [TEXT] * self.text + [VECTOR] * self.vector


class SporkRetriever(pt.Transformer):
    """Searches an index; :meth:`SporkIndex.retriever`, :meth:`SporkIndex.bm25` and
    :meth:`SporkIndex.splade` make it.

    ``query`` is for BM25, and ``query_toks`` for vectors. An index of BM25 alone takes
    ``query_toks`` as terms where there is no ``query``; where there is no ``query_toks``, the
    model of the index encodes ``query``.
    """

    def __init__(
        self,
        index: IndexFolder,
        num_results: int = 1000,
        *,
        source: str | None = None,
        mix: Mix = None,
        filter: Filter = None,
        threads: int = 0,
        alpha: float | None = None,
        deadline_ms: float | None = None,
        strategy: Strategy | None = None,
        query_idf: float | None = None,
    ) -> None:
        self.index = index
        self.num_results = num_results
        self.source = source
        self.mix = mix
        self.filter = filter
        self.threads = threads
        self.alpha = alpha
        self.deadline_ms = deadline_ms
        self.strategy = strategy
        self.query_idf = query_idf

    def schematic(self, *, input_columns: list[str] | None = None) -> dict[str, Any]:
        """What PyTerrier draws."""
        return drawn_as(LABELS[self.source])

    def transform(self, inp: pd.DataFrame) -> pd.DataFrame:
        """The documents that are found: the columns of their query, and ``docno``, ``score`` and
        ``rank``, which starts at 0. Scores are those that run files have.

        Args:
            inp: queries, with ``qid`` and ``query``, ``query_toks`` or both.
        """
        parts = self._parts(inp)
        kept = [name for name in inp.columns if name not in ("docno", "score", "rank")]
        queries = inp[kept]
        if len(inp) == 0:
            return queries.assign(
                docno=pd.Series(dtype=object),
                score=pd.Series(dtype=np.float64),
                rank=pd.Series(dtype=np.int64),
            )
        found = self.index.open().search_batch(
            self._queries(inp, parts),
            self.num_results,
            self.threads,
            filter=self.filter,
            mix=self._mix(),
            alpha=self.alpha,
            deadline_ms=self.deadline_ms,
            strategy=self.strategy,
            query_idf=self.query_idf,
        )
        rows = list(found)
        counts = [len(ids) for _, ids, _ in rows]
        results = queries.iloc[np.repeat(np.arange(len(inp)), counts)].reset_index(drop=True)
        return results.assign(
            docno=pd.Series([docno for _, ids, _ in rows for docno in ids], dtype=object),
            score=np.concatenate([scores for _, _, scores in rows]),
            rank=np.concatenate([np.arange(count) for count in counts]),
        )

    def fuse_rank_cutoff(self, k: int) -> SporkRetriever:
        """A retriever of the best ``k``, which PyTerrier puts for ``retriever % k``."""
        if k >= self.num_results:
            return self
        return pt.inspect.transformer_apply_attributes(self, num_results=k)

    def _parts(self, queries: pd.DataFrame) -> _Parts:
        """What there is of the queries that the search can take."""
        with pt.validate.any(queries, context=self) as found:
            for parts in self._accepted():
                found.query_frame(parts.columns(), mode=" ".join(parts.columns()))
        brought = found.mode.split()
        return _Parts(TEXT in brought, VECTOR in brought)

    def _accepted(self) -> list[_Parts]:
        """What queries may bring, the best first."""
        text, vector, both = _Parts(True, False), _Parts(False, True), _Parts(True, True)
        if not self.index.built():
            return [text, vector, both]
        sources = self._sources()
        encoded = [text] if self.index.open().model is not None else []
        if sources == {"bm25"}:
            # Beside vectors, terms would be taken for a vector.
            return [text, vector] if len(self.index.fields()) == 1 else [text]
        if "bm25" in sources:
            return [both, *encoded]
        return [vector, *encoded]

    def _sources(self) -> set[str]:
        """The sources of the fields that count."""
        mix = self._mix()
        shares = _shares(mix) if mix is not None else {}
        fields = self.index.fields().items()
        return {source for name, source in fields if shares.get(name, 1.0) > 0.0}

    def _mix(self) -> Mix:
        if self.source is None:
            return self.mix
        fields = self.index.fields().items()
        return {name: float(source == self.source) for name, source in fields}

    def _queries(self, inp: pd.DataFrame, parts: _Parts) -> list[Any]:
        if parts.text and parts.vector:
            return list(zip(inp[TEXT], inp[VECTOR], strict=True))
        return inp[TEXT if parts.text else VECTOR].tolist()

    def __repr__(self) -> str:
        label = LABELS[self.source]
        return f"SporkRetriever({self.index!r}, {label!r}, num_results={self.num_results})"


def _shares(mix: str | Mapping[str, float]) -> dict[str, float]:
    """The weights of a mix that are numbers; the engine says what is wrong with others."""
    if isinstance(mix, Mapping):
        return {name: float(weight) for name, weight in mix.items()}
    shares = {}
    for part in mix.split(","):
        name, _, weight = part.partition("=")
        try:
            shares[name.strip()] = float(weight)
        except ValueError:
            continue
    return shares
