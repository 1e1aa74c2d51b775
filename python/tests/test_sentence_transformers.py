"""Search in the shape of sentence-transformers' own; with matrices of scipy, so that nothing needs
torch. tests/torch has a real model."""

from __future__ import annotations

import gc
import os

import numpy as np
import pytest
import scipy.sparse

import spork_search as spork
from spork_search.sentence_transformers import semantic_search_spork


@pytest.fixture
def corpus() -> scipy.sparse.csr_matrix:
    rng = np.random.default_rng(3)
    return scipy.sparse.random(200, 50, 0.2, "csr", np.float32, rng)


@pytest.fixture
def queries() -> scipy.sparse.csr_matrix:
    rng = np.random.default_rng(4)
    return scipy.sparse.random(5, 50, 0.2, "csr", np.float32, rng)


def test_best_products(corpus: scipy.sparse.csr_matrix, queries: scipy.sparse.csr_matrix) -> None:
    found, seconds = semantic_search_spork(queries, corpus, top_k=3)
    assert seconds > 0 and [len(hits) for hits in found] == [3] * 5
    products = (queries @ corpus.T).toarray()
    for hits, row in zip(found, products, strict=True):
        assert hits[0]["score"] == pytest.approx(row.max(), rel=0.03)
        for hit in hits:
            assert hit["score"] == pytest.approx(row[hit["corpus_id"]], rel=0.03, abs=0.03)
    assert all(isinstance(hit["corpus_id"], int) for hits in found for hit in hits)


def test_an_index_can_be_used_again(
    corpus: scipy.sparse.csr_matrix, queries: scipy.sparse.csr_matrix
) -> None:
    found, _, index = semantic_search_spork(queries, corpus, output_index=True)
    folder = index.path
    assert semantic_search_spork(queries, corpus_index=index)[0] == found
    threads = semantic_search_spork(queries, corpus_index=index, search_kwargs={"threads": 1})
    assert threads[0] == found and os.path.isdir(folder)
    del index
    gc.collect()
    assert not os.path.exists(os.path.dirname(folder))


def test_an_index_stays_where_it_is_asked_to(
    corpus: scipy.sparse.csr_matrix, queries: scipy.sparse.csr_matrix, folder: str
) -> None:
    found, _ = semantic_search_spork(queries, corpus, index_kwargs={"path": folder})
    again = spork.open(folder)
    assert semantic_search_spork(queries, corpus_index=again)[0] == found


def test_ids_that_are_no_rows(folder: str) -> None:
    matrix = scipy.sparse.csr_matrix(np.eye(3, dtype=np.float32))
    index = spork.build(folder, (matrix, ["a", "007", "7"]))
    found, _ = semantic_search_spork(matrix, corpus_index=index)
    assert [hits[0]["corpus_id"] for hits in found] == ["a", "007", 7]


def test_what_is_asked_wrongly_is_refused(corpus: scipy.sparse.csr_matrix) -> None:
    with pytest.raises(spork.SporkValueError, match="either corpus_embeddings or corpus_index"):
        semantic_search_spork(corpus)
    with pytest.raises(spork.SporkValueError, match="query_embeddings: ndarray that is not sparse"):
        semantic_search_spork(corpus.toarray(), corpus)
    with pytest.raises(spork.SporkValueError, match="corpus_embeddings: list"):
        semantic_search_spork(corpus, [[1.0]])
    with pytest.raises(spork.SporkError):
        semantic_search_spork(corpus, -corpus)
