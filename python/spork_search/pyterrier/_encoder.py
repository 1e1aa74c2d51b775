"""Encoding documents and queries in pipelines."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import pandas as pd
import pyterrier as pt

from .._encoder import Encoder
from .._errors import SporkValueError
from ._schematic import drawn_as
from ._text import TextField, joined, names_of


def _encoder(model: str | os.PathLike[str] | Encoder, options: dict[str, Any]) -> Encoder:
    if isinstance(model, Encoder):
        if options:
            raise SporkValueError(f"an Encoder is given; make it with {', '.join(options)}")
        return model
    return Encoder(model, **options)


class SporkEncoder(pt.Transformer):
    """A SPLADE model that runs on the processor, without PyTorch: a factory of transformers, and
    one itself, which encodes queries or documents, as the frame has them.

    Args:
        model: a model's folder, its name on the Hugging Face Hub, ``"default"``, or an
            :class:`spork_search.Encoder`.
        options: arguments of :class:`spork_search.Encoder`, such as ``max_length``.
    """

    schematic = drawn_as("Spork Encoder")

    def __init__(self, model: str | os.PathLike[str] | Encoder = "default", **options: Any) -> None:
        self.model = model
        self.options = options
        self.encoder = _encoder(model, options)

    def doc_encoder(self, text_field: TextField = None, *, threads: int = 0) -> SporkDocEncoder:
        """A transformer that gives documents ``toks``, a dict of terms and weights.

        Args:
            text_field: the column of the text, or several that are joined by a space; by default
                the title, where there is one, and the text.
            threads: 0 for one a core.
        """
        return SporkDocEncoder(self.encoder, text_field, threads=threads)

    def query_encoder(self, *, threads: int = 0) -> SporkQueryEncoder:
        """A transformer that gives queries ``query_toks``, a dict of terms and weights."""
        return SporkQueryEncoder(self.encoder, threads=threads)

    def scorer(self, text_field: TextField = None) -> SporkScorer:
        """A transformer that scores the texts of documents against their queries, anew."""
        return SporkScorer(self.encoder, text_field)

    def transform(self, inp: pd.DataFrame) -> pd.DataFrame:
        """Encodes the queries of a frame of queries, or the documents of a frame of documents."""
        with pt.validate.any(inp, context=self) as found:
            found.query_frame(["query"], mode="queries")
            found.document_frame(["text"], mode="documents")
        return self.query_encoder()(inp) if found.mode == "queries" else self.doc_encoder()(inp)

    def __repr__(self) -> str:
        return f"SporkEncoder({self.encoder.name!r})"


class SporkDocEncoder(pt.Transformer):
    """Gives documents ``toks``; :meth:`SporkEncoder.doc_encoder` makes it."""

    schematic = drawn_as("Spork Doc Encoder")

    def __init__(self, encoder: Encoder, text_field: TextField = None, *, threads: int = 0) -> None:
        self.encoder = encoder
        self.text_field = text_field
        self.threads = threads

    def transform(self, inp: pd.DataFrame) -> pd.DataFrame:
        """The documents with ``toks`` beside their other columns."""
        columns = ["text"] if self.text_field is None else list(names_of(self.text_field))
        pt.validate.document_frame(inp, columns, context=self)
        texts = _texts(inp, self.text_field)
        toks = self.encoder.encode(texts, "document", "dict", threads=self.threads)
        return inp.assign(toks=pd.Series(toks, index=inp.index, dtype=object))

    def __repr__(self) -> str:
        return f"SporkDocEncoder({self.encoder.name!r})"


class SporkQueryEncoder(pt.Transformer):
    """Gives queries ``query_toks``; :meth:`SporkEncoder.query_encoder` makes it."""

    schematic = drawn_as("Spork Query Encoder")

    def __init__(self, encoder: Encoder, *, threads: int = 0) -> None:
        self.encoder = encoder
        self.threads = threads

    def transform(self, inp: pd.DataFrame) -> pd.DataFrame:
        """The queries with ``query_toks`` beside their other columns."""
        pt.validate.query_frame(inp, ["query"], context=self)
        texts = inp["query"].tolist()
        toks = self.encoder.encode(texts, "query", "dict", threads=self.threads)
        return inp.assign(query_toks=pd.Series(toks, index=inp.index, dtype=object))

    def __repr__(self) -> str:
        return f"SporkQueryEncoder({self.encoder.name!r})"


class SporkScorer(pt.Transformer):
    """Scores documents by the products of their vectors with the query's, which nothing rounds;
    :meth:`SporkEncoder.scorer` makes it."""

    schematic = drawn_as("Spork Scorer")

    def __init__(self, encoder: Encoder, text_field: TextField = None) -> None:
        self.encoder = encoder
        self.text_field = text_field

    def transform(self, inp: pd.DataFrame) -> pd.DataFrame:
        """The results with new scores and ranks, the best of a query first."""
        columns = ["text"] if self.text_field is None else list(names_of(self.text_field))
        pt.validate.result_frame(inp, ["query", *columns], context=self)
        scores = np.zeros(len(inp))
        texts = np.array([*_texts(inp, self.text_field), ""], dtype=object)
        for query, rows in inp.reset_index(drop=True).groupby("query").groups.items():
            scores[rows] = self.encoder.score(query, texts[rows].tolist())
        return pt.model.add_ranks(inp.assign(score=scores))

    def __repr__(self) -> str:
        return f"SporkScorer({self.encoder.name!r})"


def _texts(frame: pd.DataFrame, text_field: TextField) -> list[str]:
    names = [name for name in ("docno", *names_of(text_field)) if name in frame.columns]
    rows = zip(*(frame[name] for name in names), strict=True)
    return [joined(dict(zip(names, row, strict=True)), text_field) or "" for row in rows]
