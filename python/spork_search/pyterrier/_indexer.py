"""From the documents of a pipeline to an index."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import pyterrier as pt

from .._build import build
from .._errors import SporkValueError
from .._index import Model
from ._artifact import is_index
from ._folder import IndexFolder
from ._schematic import drawn_as
from ._text import TextField, joined, names_of

Mode = Literal["create", "overwrite", "append"]


class SporkIndexer(pt.Indexer):
    """Indexes documents; :meth:`SporkIndex.indexer` and :meth:`SporkIndex.toks_indexer` make it.

    Args:
        spork_index: where to.
        text_field: the column of the text for BM25, or several; None for the title, where there is
            one, and the text; False for none.
        toks_field: the column of vectors, a dict of terms and weights; None for no vectors.
        model: what encodes texts, if the first document has no vector of its own.
        mode: ``"create"`` for a new index, ``"overwrite"`` to replace the one that is there, or
            ``"append"`` to add to it.
        options: further arguments of :func:`spork_search.build`, or of
            :meth:`spork_search.Index.add` in the mode ``"append"``.
    """

    schematic = drawn_as("Spork Indexer")

    def __init__(
        self,
        spork_index: IndexFolder,
        text_field: TextField | Literal[False] = None,
        toks_field: str | None = "toks",
        *,
        model: Model = None,
        mode: Mode = "create",
        **options: Any,
    ) -> None:
        if mode not in ("create", "overwrite", "append"):
            raise SporkValueError(f"mode {mode!r}: expected create, overwrite or append")
        self.spork_index = spork_index
        self.text_field = text_field
        self.toks_field = toks_field
        self.model = model
        self.mode = mode
        self.options = options

    def index_inputs(self) -> list[list[str]]:
        """The columns of documents that :meth:`index` takes."""
        text = [] if self.text_field is False else list(names_of(self.text_field))
        if self.text_field is None:
            text.remove("title")
        toks = [] if self.toks_field is None else [self.toks_field]
        both = [["docno", *text, *toks]] if text and toks else []
        single = [["docno", *columns] for columns in (text, toks) if columns]
        return [*single, *both]

    def index(self, iter: Iterable[Mapping[str, Any]], **_: Any) -> IndexFolder:
        """Indexes documents, and returns the index.

        Args:
            iter: the documents, dicts with ``docno`` and the columns of text, vectors or both.

        Raises:
            FileExistsError: there is an index, and the mode is ``"create"``.
            SporkError: a document without what is to be indexed; an id twice.
        """
        if self.mode == "create" and is_index(self.spork_index.path):
            raise FileExistsError(
                f"{self.spork_index.path}: there is an index; mode='overwrite' replaces it, "
                "mode='append' adds to it"
            )
        documents = self._records(iter)
        if self.mode == "append":
            self.spork_index.open().add(documents, **self.options)
        else:
            first = next(documents, None)
            brings_vectors = first is not None and "toks" in first
            build(
                self.spork_index.path,
                documents if first is None else itertools.chain([first], documents),
                model=None if brings_vectors else self.model,
                bm25=self.text_field is not False,
                **self.options,
            )
            self.spork_index.close()
        return self.spork_index

    def _records(self, documents: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """What the engine is given of each document: no column that was not asked for."""
        values = self._columns()
        for document in documents:
            record = {name: document[name] for name in values if name in document}
            record["docno"] = document.get("docno")
            if record["docno"] is None:
                raise SporkValueError(f"a document without docno; it has {', '.join(document)}")
            toks = None if self.toks_field is None else document.get(self.toks_field)
            text = None if self.text_field is False else joined(document, self.text_field)
            if toks is not None:
                record["toks"] = toks
            if text is not None:
                record["text"] = text
            if toks is None and text is None:
                wanted = " or ".join(", ".join(columns[1:]) for columns in self.index_inputs())
                raise SporkValueError(
                    f"document {record['docno']!r}: expected {wanted}; it has "
                    f"{', '.join(map(str, document))}"
                )
            yield record

    def _columns(self) -> list[str]:
        """The names of the columns that the index has values of, for filters."""
        if self.mode == "append":
            columns = self.spork_index.open().stats["columns"]
        else:
            columns = self.options.get("columns") or ()
        if isinstance(columns, str):
            columns = columns.split(",")
        return [column.split(":")[0].strip() for column in columns]

    def __repr__(self) -> str:
        return f"SporkIndexer({self.spork_index!r})"
