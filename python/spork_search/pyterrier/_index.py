"""An index of Spork as PyTerrier's artifact, and the factory of what works on it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd
import pyterrier as pt

from .._errors import SporkValueError
from .._queries import Filter, Mix, Strategy
from ._folder import IndexFolder
from ._indexer import Mode, SporkIndexer
from ._retriever import SporkRetriever
from ._schematic import drawn_as
from ._text import TextField
from ._text_loader import SporkTextLoader


class SporkIndex(IndexFolder, pt.Indexer):
    """An index, which need not be there yet: a factory of indexers and retrievers. It indexes what
    documents bring (:meth:`indexer`), and searches for what queries bring (:meth:`retriever`).

    Args:
        path: the folder of the index.
        model: what encodes texts, as for :func:`spork_search.build` and
            :func:`spork_search.open`: ``"auto"`` is the default model where it is installed, and of
            an index that is there the model that it records.
    """

    schematic = drawn_as("Spork")

    def indexer(
        self,
        text_field: TextField = None,
        toks_field: str | None = "toks",
        *,
        mode: Mode = "create",
        **options: Any,
    ) -> pt.Indexer:
        """An indexer of what documents bring: text by BM25, and ``toks`` as vectors; both make a
        hybrid index. Without ``toks`` the model, if there is one, encodes the texts.

        Args:
            text_field: the column of the text, or several that are joined by a space; by default
                the title, where there is one, and the text.
            toks_field: the column of vectors, or None to leave them out.
            mode: ``"create"``, ``"overwrite"`` or ``"append"``.
            options: further arguments of :func:`spork_search.build`, such as ``columns``.
        """
        return SporkIndexer(self, text_field, toks_field, model=self.model, mode=mode, **options)

    def toks_indexer(
        self, toks_field: str = "toks", *, mode: Mode = "create", **options: Any
    ) -> pt.Indexer:
        """An indexer of vectors alone, whatever text documents have besides. Weights may be floats
        of any size; there is no scale to choose.

        Args:
            toks_field: the column of vectors, a dict of terms and weights.
            mode: ``"create"``, ``"overwrite"`` or ``"append"``.
            options: further arguments of :func:`spork_search.build`.
        """
        return SporkIndexer(self, False, toks_field, mode=mode, **options)

    def index(self, iter: Iterable[Mapping[str, Any]], **_: Any) -> SporkIndex:
        """Indexes documents as :meth:`indexer` does by default."""
        return self.indexer().index(iter)

    def index_inputs(self) -> list[list[str]]:
        """The columns of documents that :meth:`index` takes."""
        return self.indexer().index_inputs()

    def retriever(
        self,
        num_results: int = 1000,
        *,
        mix: Mix = None,
        filter: Filter = None,
        threads: int = 0,
        alpha: float | None = None,
        deadline_ms: float | None = None,
        strategy: Strategy | None = None,
        query_idf: float | None = None,
    ) -> SporkRetriever:
        """A retriever for ``query``, ``query_toks``, or both over a hybrid index.

        Args:
            num_results: documents a query at most.
            mix, filter, alpha, deadline_ms, strategy, query_idf: as for
                :meth:`spork_search.Index.search`.
            threads: 0 for one a core.
        """
        return SporkRetriever(
            self,
            num_results,
            mix=mix,
            filter=filter,
            threads=threads,
            alpha=alpha,
            deadline_ms=deadline_ms,
            strategy=strategy,
            query_idf=query_idf,
        )

    def bm25(self, num_results: int = 1000, **options: Any) -> SporkRetriever:
        """A retriever by BM25 alone. k1 and b are those that the index was built with."""
        return self._of_source("bm25", num_results, options)

    def splade(self, num_results: int = 1000, **options: Any) -> SporkRetriever:
        """A retriever by vectors alone."""
        return self._of_source("vectors", num_results, options)

    def _of_source(self, source: str, num_results: int, options: dict[str, Any]) -> SporkRetriever:
        if self.built():
            fields = self.fields()
            if source not in fields.values():
                names = ", ".join(fields)
                raise SporkValueError(f"{self.path}: it has no field of {source}; it has {names}")
        return SporkRetriever(self, num_results, source=source, **options)

    def text_loader(self) -> SporkTextLoader:
        """A transformer that gives results the texts that the index stores."""
        return SporkTextLoader(self)

    def transform(self, inp: pd.DataFrame) -> pd.DataFrame:
        """The best 1,000 documents of each query, as :meth:`retriever` finds them."""
        return self.retriever()(inp)

    def num_docs(self) -> int:
        """Number of documents."""
        return len(self.open())

    def __len__(self) -> int:
        return self.num_docs()

    def __bool__(self) -> bool:
        # An index without documents is an index.
        return True

    def _package_files(self) -> Iterator[tuple[str, Any]]:
        """The files of a package: all but locks and other hidden ones."""
        for name, content in super()._package_files():
            if not os.path.basename(name).startswith("."):
                yield name, content

    def __repr__(self) -> str:
        return f"SporkIndex({str(self.path)!r})"
