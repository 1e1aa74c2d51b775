"""The power of idf in queries: a vector that is given is searched like the text it was made of."""

from __future__ import annotations

import pytest
import scipy.sparse

import spork_search as spork

TEXTS = ["an old fork", "a bowl and a fork", "soup in a bowl", "a fork in the road"]
QUERY = "which fork is for soup"


def test_vectors_with_idf_are_searched_as_texts(folder: str, encoder: spork.Encoder) -> None:
    index = spork.build(folder, TEXTS, model=encoder, bm25=False)
    vector = encoder.encode(QUERY, "query", "dict")
    # The default model asks for 0.5.
    text = index.search(QUERY)
    assert text.scores.tolist() == index.search(vector, query_idf=0.5).scores.tolist()
    assert text.scores.tolist() == index.search(QUERY, query_idf=0.5).scores.tolist()
    assert text.scores.tolist() != index.search(vector).scores.tolist()
    plain = index.search(QUERY, query_idf=0)
    assert plain.scores.tolist() == index.search(vector).scores.tolist()
    row = scipy.sparse.csr_matrix(encoder.encode([QUERY], "query"))
    for results in (
        index.search_csr(row, query_idf=0.5),
        index.search_batch([vector], query_idf=0.5),
        index.search_batch([QUERY]),
    ):
        assert results.scores[0][: len(text)].tolist() == text.scores.tolist()


def test_bm25_has_its_idf_anyway(index: spork.Index) -> None:
    found = index.search("an old fork", query_idf=1)
    assert found.scores.tolist() == index.search("an old fork").scores.tolist()


@pytest.mark.parametrize("power", [-0.5, 4.5, float("nan")])
def test_powers_that_make_no_sense(index: spork.Index, power: float) -> None:
    with pytest.raises(spork.SporkValueError, match=r"query_idf .*: expected a number from 0 to 4"):
        index.search("fork", query_idf=power)
