"""Building indexes."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from . import _model
from ._arrays import is_sparse
from ._documents import gather
from ._encoder import Encoder
from ._index import MEMORY, Index, Model
from ._progress import Bar

_log = logging.getLogger("spork_search")


def build(
    path: str | os.PathLike[str],
    docs: Any,
    *,
    model: Model = "auto",
    bm25: bool = True,
    columns: str | Mapping[str, str] | None = None,
    store_text: bool = True,
    store_vectors: bool = False,
    terms: Sequence[str] | None = None,
    order: Literal["input", "bisection"] = "input",
    codec: Literal["fast", "compact"] = "fast",
    analyzer: Literal["english", "wordpiece"] = "english",
    vocabulary: str | os.PathLike[str] | None = None,
    k1: float = 0.9,
    b: float = 0.4,
    scale: float | Literal["integer"] | None = None,
    memory: int = MEMORY,
    threads: int = 0,
    progress: bool | Callable[[str, int | None, int], None] = True,
) -> Index:
    """Builds an index in the folder ``path`` and opens it. An index that is there is replaced when
    the new one is complete.

    Args:
        path: the folder of the index.
        docs: the documents:

            - a list of texts, whose ids are then "0", "1" and so on;
            - an iterable of dicts with ``id``, ``text`` and maybe ``title``, values of columns, and
              ``vector``: a dict of terms and weights, or ``(columns, weights)``;
            - an iterable of pairs of id and text;
            - a pandas data frame with such columns;
            - a file of texts or of vectors, of any format that Spork reads;
            - the name of a data set of ir_datasets;
            - ``(matrix, ids)``: a scipy or torch matrix, a row a document.
        model: what encodes texts: a folder, a name on the Hugging Face Hub, ``"default"``, an
            :class:`Encoder`, or None for nothing. ``"auto"`` is the default model if it is
            installed, else nothing.
        bm25: whether texts are indexed by BM25. With a model too, the index is hybrid.
        columns: values of documents that filters test, as ``"year:integer,lang:keyword"`` or a
            dict; kinds are keyword, integer, float, boolean and time.
        store_text: whether the index keeps texts, for ``hits.texts`` and snippets.
        store_vectors: whether it keeps vectors by document, for faster :meth:`Index.vector`.
        terms: the term of each column of a matrix; without them column 7 is the term "7".
        order: of documents; "bisection" pays from some hundred thousand on.
        codec: of posting lists; "compact" is a third smaller and slower.
        analyzer: how BM25 splits text; "wordpiece" needs ``vocabulary``.
        k1, b: parameters of BM25.
        scale: the step between impacts of vectors, or "integer"; by default it follows from the
            weights.
        memory: bytes that indexing takes at most.
        threads: 0 for one a core.
        progress: whether tqdm shows progress on a terminal, where it is installed; or a function of
            phase, total and steps.

    Raises:
        SporkError: documents that make no sense, with their place; a model that is not there; a
            folder that can't be written.

    >>> index = build(PATH, ["Sparse vectors fit an inverted index.", "A fork."], model=None)
    >>> index.search("forks").ids
    ['1']
    """
    encoder = _encoder_for(model, docs)
    native = gather(os.fspath(path), docs, encoder, bm25, None if terms is None else list(terms))
    has_text = store_text and native.has_text()
    building = {
        "order": order,
        "codec": codec,
        "analyzer": analyzer,
        "vocabulary": None if vocabulary is None else os.fspath(vocabulary),
        "k1": k1,
        "b": b,
        "columns": _columns(columns),
        "texts": has_text,
        "vectors": store_vectors,
        "scale": None if scale is None else str(scale),
        "memory": memory,
        "threads": threads,
    }
    with Bar(progress) as told:
        native.build(building, told)
    index = Index(path, model=encoder, terms=terms)
    _log.info("%r", index)
    return index


def _encoder_for(model: Model, docs: Any) -> Encoder | None:
    if isinstance(model, Encoder) or model is None:
        return model
    if model == "auto":
        matrix = is_sparse(docs) or (isinstance(docs, tuple) and docs and is_sparse(docs[0]))
        if matrix or not _model.is_installed():
            return None
        return Encoder("default")
    return Encoder(model)


def _columns(columns: str | Mapping[str, str] | None) -> str | None:
    if isinstance(columns, Mapping):
        return ",".join(f"{name}:{kind}" for name, kind in columns.items())
    return columns
