"""A real SparseEncoder of sentence-transformers, offline, on the default model."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse
import torch
from sentence_transformers import SparseEncoder

import spork_search as spork
from conftest import MODEL
from spork_search.sentence_transformers import semantic_search_spork

TEXTS = [
    "Jet lag is a disorder of the sleep cycle after flying across time zones.",
    "A turbine engine burns fuel in compressed air.",
    "Melatonin may help travelers to fall asleep.",
]
QUERIES = ["trouble sleeping after a long flight", "how do engines work"]


@pytest.fixture(scope="module")
def model() -> SparseEncoder:
    return SparseEncoder(str(MODEL), device="cpu", model_kwargs={"dtype": torch.float32})


def test_tensors_are_searched(model: SparseEncoder) -> None:
    documents = model.encode_document(TEXTS)
    queries = model.encode_query(QUERIES)
    assert documents.layout is torch.sparse_coo
    found, seconds, index = semantic_search_spork(queries, documents, output_index=True)
    assert seconds > 0 and len(index) == 3
    products = (queries.to_dense() @ documents.to_dense().T).numpy()
    for hits, row in zip(found, products, strict=True):
        assert [hit["corpus_id"] for hit in hits] == np.argsort(-row)[: len(hits)].tolist()
        expected = [row[hit["corpus_id"]] for hit in hits]
        assert [hit["score"] for hit in hits] == pytest.approx(expected, rel=0.02, abs=0.02)
    # One query alone, as the model gives it for one text.
    assert semantic_search_spork(queries[0], corpus_index=index)[0] == found[:1]
    half = queries.to(torch.bfloat16)
    assert (
        semantic_search_spork(half, corpus_index=index)[0][0][0]["corpus_id"]
        == found[0][0]["corpus_id"]
    )
    for wrong in (queries.to_dense(), queries[0].to_dense()):
        with pytest.raises(spork.SporkValueError, match="Tensor that is not sparse"):
            semantic_search_spork(wrong, documents)


def test_the_model_is_the_same(model: SparseEncoder) -> None:
    theirs = model.encode_document(TEXTS).to_dense().numpy()
    ours = spork.Encoder(MODEL, precision="fp32").encode(TEXTS).toarray()
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=2e-3)


def test_an_index_of_texts_takes_tensors(model: SparseEncoder, folder: str) -> None:
    """Columns are the model's terms."""
    index = spork.build(folder, TEXTS, model=MODEL, bm25=False)
    found, _ = semantic_search_spork(model.encode_query(QUERIES), corpus_index=index)
    assert [hits[0]["corpus_id"] for hits in found] == [
        int(index.search(query).ids[0]) for query in QUERIES
    ]


def test_tensors_in_and_out(model: SparseEncoder, folder: str) -> None:
    encoder = spork.Encoder(MODEL)
    tensor = encoder.encode(TEXTS, as_="torch")
    assert tensor.layout is torch.sparse_coo and tuple(tensor.shape) == (3, len(encoder.vocabulary))
    index = spork.build(folder, (tensor, ["a", "b", "c"]), terms=encoder.vocabulary)
    query = encoder.encode(QUERIES, "query")
    assert (
        index.search_csr(query, 3).ids.tolist()
        == index.search_csr(
            encoder.encode(QUERIES, "query", "torch").to_sparse_csr(), 3
        ).ids.tolist()
    )
    assert encoder.decode(tensor, 3) == encoder.decode(
        scipy.sparse.csr_matrix(tensor.to_dense()), 3
    )
