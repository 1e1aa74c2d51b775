"""Spork under the models of sentence-transformers."""

from __future__ import annotations

import shutil
import tempfile
import time
import weakref
from collections.abc import Mapping
from typing import Any

from ._arrays import is_sparse, is_torch
from ._build import build
from ._errors import SporkValueError
from ._index import Index

#: What a search finds for each query, the best first.
Found = list[list[dict[str, Any]]]


def semantic_search_spork(
    query_embeddings: Any,
    corpus_embeddings: Any = None,
    corpus_index: Index | None = None,
    top_k: int = 10,
    output_index: bool = False,
    index_kwargs: Mapping[str, Any] | None = None,
    search_kwargs: Mapping[str, Any] | None = None,
) -> tuple[Found, float] | tuple[Found, float, Index]:
    """The best documents for each query by the product of sparse embeddings, exactly. It stands
    beside ``semantic_search_qdrant`` and the others of
    ``sentence_transformers.sparse_encoder.search_engines``, and has their shape.

    Args:
        query_embeddings: sparse, queries × vocabulary, or one query: a torch tensor as
            ``SparseEncoder.encode_query`` gives it, or a scipy matrix.
        corpus_embeddings: sparse, documents × vocabulary, as ``encode_document`` gives it; used
            if there is no ``corpus_index``.
        corpus_index: an index of an earlier call, or any :class:`spork_search.Index` whose terms
            are the columns of the embeddings.
        top_k: documents a query at most.
        output_index: whether the index is returned too.
        index_kwargs: arguments of :func:`spork_search.build`. With ``path`` the index stays in that
            folder; without it, it is in a temporary one as long as the index is in use.
        search_kwargs: arguments of :meth:`spork_search.Index.search_csr`, such as ``threads``.

    Returns:
        For each query a list of ``{"corpus_id": row, "score": score}``, the best first; the
        seconds of the search; and the index if ``output_index`` says so. Where documents of
        ``corpus_index`` have ids that are no numbers, these are the ``corpus_id``.

    Raises:
        SporkError: embeddings that are not sparse, or negative; no corpus.

    >>> from scipy.sparse import csr_matrix
    >>> documents = csr_matrix([[0.0, 2.0, 1.0], [1.0, 0.0, 0.0]])
    >>> hits, seconds = semantic_search_spork(csr_matrix([[1.0, 0.0, 0.0]]), documents)
    >>> [hit["corpus_id"] for hit in hits[0]]
    [1]
    """
    queries = _rows(query_embeddings, "query_embeddings")
    if corpus_index is None:
        if corpus_embeddings is None:
            raise SporkValueError("either corpus_embeddings or corpus_index is needed")
        corpus = _rows(corpus_embeddings, "corpus_embeddings")
        corpus_index = _index_of(corpus, dict(index_kwargs or {}))
    start = time.perf_counter()
    answers = corpus_index.search_csr(queries, top_k, **(search_kwargs or {}))
    found = [
        [
            {"corpus_id": _corpus_id(docno), "score": score}
            for docno, score in zip(ids, scores.tolist(), strict=True)
        ]
        for _, ids, scores in answers
    ]
    seconds = time.perf_counter() - start
    return (found, seconds, corpus_index) if output_index else (found, seconds)


def _rows(embeddings: Any, name: str) -> Any:
    """Embeddings as a matrix; a single one as a matrix of one row."""
    if not is_sparse(embeddings) or (is_torch(embeddings) and embeddings.layout is _strided()):
        raise SporkValueError(
            f"{name}: {type(embeddings).__name__} that is not sparse; expected a sparse tensor of "
            "torch, as SparseEncoder gives it, or a sparse matrix of scipy"
        )
    return embeddings.unsqueeze(0) if is_torch(embeddings) and embeddings.ndim == 1 else embeddings


def _strided() -> Any:
    import torch

    return torch.strided


def _index_of(corpus: Any, options: dict[str, Any]) -> Index:
    path = options.pop("path", None)
    temporary = None if path is not None else tempfile.mkdtemp(prefix="spork-")
    ids = [str(row) for row in range(corpus.shape[0])]
    try:
        index = build(path or f"{temporary}/index", (corpus, ids), **options)
    except BaseException:
        _remove(temporary)
        raise
    if temporary is not None:
        weakref.finalize(index, _remove, temporary)
    return index


def _remove(folder: str | None) -> None:
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)


def _corpus_id(docno: str) -> int | str:
    return int(docno) if docno.isdecimal() and str(int(docno)) == docno else docno
