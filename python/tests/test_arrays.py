"""Arrays of any kind and size."""

from __future__ import annotations

import contextlib
import tempfile
import threading

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import spork_search as spork

COLUMNS = 12
WEIGHTS = st.sampled_from(["float32", "float64", "float16", "uint8", "int32", "int64"])
PLACES = st.sampled_from(["int32", "int64", "uint32", "uint64"])
DENSE = arrays.arrays(
    np.int64, st.tuples(st.integers(1, 9), st.just(COLUMNS)), elements=st.integers(0, 20)
)


def built(matrix: scipy.sparse.csr_matrix) -> spork.Index:
    path = tempfile.mkdtemp()
    return spork.build(path, (matrix, [f"d{row:03}" for row in range(matrix.shape[0])]))


def with_types(dense: np.ndarray, weights: str, places: str) -> scipy.sparse.csr_matrix:
    matrix = scipy.sparse.csr_matrix(dense)
    typed = scipy.sparse.csr_matrix(matrix.shape)
    typed.data, typed.indices = matrix.data.astype(weights), matrix.indices.astype(places)
    typed.indptr = matrix.indptr.astype(places)
    return typed


class Rows:
    """A matrix whose arrays are what the test says, whatever scipy would make of them."""

    def __init__(self, indptr, indices, data) -> None:
        self.indptr, self.indices, self.data = indptr, indices, data
        self.shape = (len(indptr) - 1, COLUMNS)

    def tocsr(self):
        return self


@settings(max_examples=60, deadline=None)
@given(DENSE, DENSE, WEIGHTS, PLACES)
def test_integers_are_scored_exactly(
    documents: np.ndarray, queries: np.ndarray, weights: str, places: str
) -> None:
    if not documents.any():
        return
    index = built(with_types(documents, weights, places))
    asked = Rows(*spork._arrays.csr_parts(with_types(queries, weights, places)))
    results = index.search_csr(asked, k=len(documents))
    products = queries @ documents.T
    for row, (_, ids, scores) in enumerate(results):
        found = dict(zip(ids, scores.tolist(), strict=True))
        wanted = {f"d{d:03}": float(p) for d, p in enumerate(products[row]) if p > 0}
        assert found == wanted
        order = sorted(found, key=lambda docno: (found[docno], docno), reverse=True)
        assert ids == order


@settings(max_examples=200, deadline=None)
@given(
    arrays.arrays(PLACES.map(np.dtype), st.integers(0, 6), elements=st.integers(0, 9)),
    arrays.arrays(
        st.sampled_from(["int32", "int64"]).map(np.dtype),
        st.integers(0, 9),
        elements=st.integers(-3, 2**31 - 1),
    ),
    arrays.arrays(
        st.sampled_from(["float32", "float64", "float16"]).map(np.dtype),
        st.integers(0, 9),
        elements=st.floats(width=16),
    ),
)
def test_nonsense_is_refused_and_never_read_beyond(indptr, indices, data) -> None:
    index = INDEX
    try:
        results = index.search_csr(Rows(indptr, indices, data), k=3)
    except (spork.SporkError, ValueError):
        return
    assert len(results) == max(len(indptr) - 1, 0)


INDEX = built(scipy.sparse.csr_matrix(np.eye(COLUMNS)))


@pytest.mark.parametrize(
    ("indptr", "indices", "data", "message"),
    [
        ([0, 5], [1], [1.0], "passes the end"),
        ([1, 0], [1], [1.0], "does not rise"),
        ([0, 1], [-1], [1.0], "negative column"),
        ([0, 1], [1, 2], [1.0], "as many of both"),
        ([0, 1], [1], ["a"], "expected floats"),
        ([0.0, 1.0], [1], [1.0], "expected integers"),
        ([0, 1], [[1]], [1.0], "one axis"),
    ],
)
def test_what_is_wrong_is_told(indptr, indices, data, message) -> None:
    rows = Rows(np.array(indptr), np.array(indices), np.array(data))
    with pytest.raises(spork.SporkError, match=message):
        INDEX.search_csr(rows)


def test_strange_layouts() -> None:
    indices = np.arange(20)[::2]
    values = np.ones((10, 2))[:, 0]
    assert INDEX.search((indices[:3], values[:3]), k=3).ids
    swapped = np.array([1, 2], dtype=">i4"), np.array([1.0, 2.0], dtype=">f4")
    with pytest.raises(spork.SporkError):
        INDEX._native.search(swapped, None, 3)
    assert INDEX.search(([1, 2], [1.0, 2.0])).ids == ["d002", "d001"]
    assert len(INDEX.search((np.array([]), np.array([])))) == 0
    with pytest.raises(spork.SporkError, match="expected a sparse matrix"):
        INDEX.search_csr(np.zeros(1))


def test_arrays_may_change_while_they_are_read() -> None:
    rng = np.random.default_rng(3)
    queries = scipy.sparse.random(20_000, COLUMNS, 0.5, "csr", np.float32, rng)
    done = threading.Event()

    def scribble() -> None:
        while not done.is_set():
            queries.indices[:] = rng.integers(-(2**31), 2**31, queries.indices.size)
            queries.indptr[1:-1] = rng.integers(0, 2**31, queries.indptr.size - 2)
            queries.data[:] = np.nan

    writer = threading.Thread(target=scribble)
    writer.start()
    try:
        for _ in range(10):
            with contextlib.suppress(spork.SporkError):
                INDEX.search_csr(queries, k=3)
    finally:
        done.set()
        writer.join()
