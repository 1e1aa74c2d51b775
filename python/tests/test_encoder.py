"""Texts to vectors."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest
import scipy.sparse

import spork_search as spork
from conftest import MODEL

TEXTS = ["how long does jet lag last", "", "a fork and a bowl " * 200]


def test_forms_agree(encoder: spork.Encoder) -> None:
    matrix = encoder.encode(TEXTS)
    places, columns, weights = encoder.encode(TEXTS, as_="arrays")
    dicts = encoder.encode(TEXTS, as_="dict")
    assert matrix.shape == (3, len(encoder.vocabulary)) and matrix.dtype == np.float32
    assert (matrix.indptr == places).all() and (matrix.indices == columns).all()
    assert (matrix.data == weights).all() and (places.dtype, columns.dtype) == (np.int64, np.int32)
    assert [len(words) for words in dicts] == np.diff(places).tolist()
    heaviest = sorted(dicts[0].items(), key=lambda word: (-word[1], word[0]))
    assert encoder.decode(matrix)[0] == heaviest
    assert encoder.encode(TEXTS[0], as_="dict") == dicts[0]
    assert encoder.encode([]).shape == (0, len(encoder.vocabulary))


def test_a_vector_depends_on_its_text_alone(encoder: spork.Encoder) -> None:
    together = encoder.encode(TEXTS * 20, threads=1, as_="dict")
    for place, text in enumerate(TEXTS):
        alone = encoder.encode(text, as_="dict")
        assert all(together[place + 3 * row] == alone for row in range(20))


def test_words_and_scores(encoder: spork.Encoder) -> None:
    words = encoder.words("how long does jet lag last")
    assert {"jet", "long"} <= {word.term for word in words if word.lexical}
    assert any(not word.lexical for word in words)
    assert [word.weight for word in words] == sorted((word.weight for word in words), reverse=True)
    scores = encoder.score("fork", ["a fork", "a bowl", ""])
    query = encoder.encode(["fork"], kind="query")
    product = (encoder.encode(["a fork", "a bowl", ""]) @ query.T).toarray().ravel()
    np.testing.assert_allclose(scores, product, rtol=1e-6)


def test_settings(encoder: spork.Encoder) -> None:
    few = spork.Encoder(MODEL, top_terms=3, max_length=8, precision="fp32")
    assert np.diff(few.encode(TEXTS[:1]).indptr).tolist() == [3]
    assert repr(few) == "Encoder('model')" and few.name == encoder.name
    wrong = [
        ({"pooling": "mean"}, "pooling"),
        ({"precision": "int4"}, "precision"),
    ]
    for settings, message in wrong:
        with pytest.raises(spork.SporkError, match=message):
            spork.Encoder(MODEL, **settings)
    with pytest.raises(spork.SporkError, match="maximum length"):
        spork.Encoder(MODEL, max_length=100_000).encode("a fork")
    with pytest.raises(spork.SporkError, match="kind"):
        encoder.encode("a fork", kind="passage")
    with pytest.raises(spork.SporkError, match="as_"):
        encoder.encode("a fork", as_="numpy")
    with pytest.raises(TypeError):
        encoder.encode([1, 2])
    with pytest.raises(spork.SporkError, match="no such directory"):
        spork.Encoder("/nowhere/model")


def test_vectors_of_an_encoder_make_an_index(encoder: spork.Encoder, folder: str) -> None:
    matrix = encoder.encode(["a fork", "a bowl"])
    index = spork.build(folder, (matrix, ["f", "b"]), terms=encoder.vocabulary)
    assert index.search({"fork": 1.0}).ids == ["f"]
    query = encoder.encode(["forks"], kind="query")
    opened = spork.open(folder, model=None, terms=encoder.vocabulary)
    assert opened.search(query).ids[0] == "f"
    assert opened.search_csr(query, k=1).ids.tolist() == [["f"]]
    assert index.search_csr(query, k=1, terms=encoder.vocabulary).ids.tolist() == [["f"]]


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")
def test_tensors_of_torch(encoder: spork.Encoder, folder: str) -> None:
    import torch

    tensor = encoder.encode(["a fork", "a bowl"], as_="torch")
    assert tensor.is_sparse and encoder.decode(tensor, top=1)[0][0][0] == "fork"
    index = spork.build(folder, (tensor, ["f", "b"]), terms=encoder.vocabulary)
    for form in (tensor, tensor.to_sparse_csr(), tensor.to_dense(), tensor.to(torch.bfloat16)):
        found = index.search_csr(form, k=1, terms=encoder.vocabulary)
        assert found.ids.tolist() == [["f"], ["b"]]


def test_matrices_of_other_kinds(encoder: spork.Encoder) -> None:
    matrix = encoder.encode(["a fork", "a bowl"])
    reversed_twice = matrix[::-1][::-1]
    array = scipy.sparse.csr_array(matrix)
    for form in (matrix.tocsc(), matrix.tocoo(), array, reversed_twice):
        assert encoder.decode(form) == encoder.decode(matrix)
    with pytest.raises(spork.SporkError, match="expected a sparse matrix"):
        encoder.decode([[1.0]])
