"""Encoders and engines of others in PyTerrier, with Spork in the place of one part."""

from __future__ import annotations

from pathlib import Path

import bmp.pyterrier
import pandas as pd
import pyterrier as pt
import pyterrier_pisa
import pyterrier_splade
import pytest
from scifact import documents, queries

from conftest import MODEL
from spork_search.pyterrier import SporkEncoder, SporkIndex

# Fewer, and some query finds one document alone, of which BMP makes no frame.
COUNT = 100


@pytest.fixture(scope="module")
def splade() -> pyterrier_splade.Splade:
    made = pyterrier_splade.Splade(str(MODEL), max_length=64, device="cpu")
    # It is stored in 16 bits, which take PyTorch twenty times as long.
    made.model.float()
    return made


@pytest.fixture(scope="module")
def corpus() -> list[dict[str, str]]:
    return [{"docno": each["docno"], "text": each["text"]} for each in documents(COUNT)]


@pytest.fixture(scope="module")
def topics() -> pd.DataFrame:
    return pt.new.queries(list(queries(20).values()), list(queries(20)))


def test_their_encoder_our_engine(
    splade: pyterrier_splade.Splade,
    corpus: list[dict[str, str]],
    topics: pd.DataFrame,
    tmp_path: Path,
) -> None:
    """Scores are those of a sum over the very weights that their encoder gives."""
    index = SporkIndex(tmp_path / "spork", model=None)
    (splade.doc_encoder() >> index.toks_indexer()).index(corpus)
    found = (splade.query_encoder() >> index.retriever(10))(topics)
    toks = splade.doc_encoder()(pd.DataFrame(corpus)).set_index("docno")["toks"]
    for row in found.itertuples():
        weights = toks[row.docno]
        score = sum(row.query_toks[term] * weights.get(term, 0) for term in row.query_toks)
        assert row.score == pytest.approx(score, rel=0.01)


@pytest.mark.parametrize(("engine", "share"), [("pisa", 0.9), ("bmp", 0.8)])
def test_their_engine_our_encoder(
    corpus: list[dict[str, str]], topics: pd.DataFrame, tmp_path: Path, engine: str, share: float
) -> None:
    """Our vectors go through their engines; the best documents are mostly ours: they cut weights
    to integers, and BMP those of queries to 32 steps."""
    encoder = SporkEncoder(MODEL, max_length=64)
    if engine == "pisa":
        theirs = pyterrier_pisa.PisaIndex(str(tmp_path / "pisa"), stemmer="none")
        indexer, retriever = theirs.toks_indexer(), lambda: theirs.quantized(num_results=10)
    else:
        theirs = bmp.pyterrier.BmpIndex(str(tmp_path / "bmp"))
        indexer, retriever = theirs.indexer(), lambda: theirs.retriever(num_results=10)
    (encoder.doc_encoder() >> indexer).index(corpus)
    ours = SporkIndex(tmp_path / "spork", model=None)
    (encoder.doc_encoder() >> ours.toks_indexer()).index(corpus)
    asked = encoder.query_encoder()(topics)
    there, here = retriever()(asked), ours.retriever(10)(asked)
    both = set(zip(there["qid"], there["docno"])) & set(zip(here["qid"], here["docno"]))
    assert len(both) > share * len(here)
