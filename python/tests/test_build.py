"""Documents of every shape."""

from __future__ import annotations

import datetime
import gzip
import json
import logging
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

import spork_search as spork

TEXTS = ["Sparse vectors fit an inverted index.", "A fork and a bowl."]


def test_a_list_of_texts_is_numbered(folder: str) -> None:
    index = spork.build(folder, TEXTS, model=None)
    assert index.search("forks").ids == ["1"]
    assert index.search("forks").texts == ["A fork and a bowl."]
    assert len(index) == 2 and "1" in index and "2" not in index and 1 not in index


@pytest.mark.parametrize("name", ["id", "_id", "docno", "doc_id", "docid", "pid"])
def test_ids_have_many_names(folder: str, name: str) -> None:
    index = spork.build(folder, [{name: 7, "title": "Old forks", "text": "and bowls"}], model=None)
    assert index.get("7")["text"] == "Old forks and bowls"


def test_pairs_frames_and_generators(folder: str) -> None:
    pairs = [("a", TEXTS[0]), ("b", TEXTS[1])]
    frame = pd.DataFrame({"docno": ["a", "b"], "text": TEXTS, "year": [2020, 1999]})
    dicts = ({"id": docno, "text": text} for docno, text in pairs)
    for documents in (pairs, iter(pairs), frame, dicts):
        index = spork.build(folder, documents, model=None)
        assert index.search("forks").ids == ["b"]


def test_files_of_texts_and_of_vectors(tmp_path: Path, encoder: spork.Encoder) -> None:
    corpus = tmp_path / "corpus.jsonl.gz"
    with gzip.open(corpus, "wt") as lines:
        for number, text in enumerate(TEXTS):
            lines.write(json.dumps({"_id": f"d{number}", "text": text}) + "\n")
    index = spork.build(tmp_path / "text", corpus, model=None)
    assert index.search("forks").ids == ["d1"] and index.search("forks").texts == [TEXTS[1]]
    hybrid = spork.build(tmp_path / "hybrid", corpus, model=encoder)
    assert [field["name"] for field in hybrid.stats["fields"]] == ["splade", "bm25"]
    assert hybrid.search("forks").ids == ["d1"]
    tsv = tmp_path / "corpus.tsv"
    tsv.write_text("a\tfork\nb\tbowl\n")
    assert spork.build(tmp_path / "tsv", tsv, model=None).search("bowls").ids == ["b"]
    vectors = tmp_path / "vectors.jsonl"
    vectors.write_text('{"id": "v", "vector": {"fork": 2}}\n')
    assert spork.build(tmp_path / "vectors", vectors).search({"fork": 1}).scores.tolist() == [2.0]


def test_text_and_vectors_make_a_hybrid_index(folder: str) -> None:
    documents = [
        {"id": "a", "text": "fork", "vector": {"x": 1.0}},
        {"id": "b", "text": "bowl", "vector": {"y": 1.0}},
    ]
    index = spork.build(folder, documents, model=None)
    assert index.search("fork", vector={"y": 2.0}, mix={"splade": 2, "bm25": 1}).ids == ["b", "a"]
    assert index.search("fork", mix="splade=0,bm25=1").ids == ["a"]
    assert index.search({"x": 1.0}, mix={"splade": 1, "bm25": 0}).fields == {"splade": 1.0}
    without = spork.build(folder, documents, model=None, bm25=False)
    assert [field["name"] for field in without.stats["fields"]] == ["splade"]
    assert without.search({"y": 1.0}).texts == ["bowl"]


def test_matrices_have_columns_for_terms(folder: str) -> None:
    matrix = scipy.sparse.csr_matrix(np.array([[0, 2.5, 1], [3, 0, 0]], dtype=np.float32))
    index = spork.build(folder, (matrix, ["a", "b"]))
    assert index.search({"0": 1.0}).ids == ["b"]
    named = spork.build(folder, (matrix, ["a", "b"]), terms=["fork", "bowl", "spoon"])
    assert list(named.vector("a")) == ["bowl", "spoon"]
    assert named.search({"fork": 1.0}).ids == ["b"]
    arrays = [{"id": "a", "vector": (np.array([1, 2]), np.array([2.5, 1.0]))}]
    assert list(spork.build(folder, arrays, terms=["x", "y", "z"]).vector("a")) == ["y", "z"]
    # Weights of zero are no postings, whoever stores them.
    explicit = scipy.sparse.csr_matrix(([0.0, 1.0], [0, 1], [0, 2]), shape=(1, 2))
    assert spork.build(folder, (explicit, ["a"])).stats["postings"] == 1


def test_columns_of_every_kind(folder: str) -> None:
    documents = [
        {
            "id": "a",
            "text": "fork",
            "lang": ["en", "de"],
            "year": np.int64(2020),
            "price": np.float32(2.5),
            "new": np.bool_(True),
            "at": datetime.datetime(2024, 5, 1, tzinfo=datetime.timezone.utc),
        },
        {"id": "b", "text": "fork", "lang": {"fr"}, "year": None, "at": datetime.date(2020, 1, 1)},
        {"id": "c", "text": "fork", "at": pd.NaT, "price": pd.NA},
    ]
    kinds = {
        "lang": "keyword",
        "year": "integer",
        "price": "float",
        "new": "boolean",
        "at": "time",
    }
    index = spork.build(folder, documents, model=None, columns=kinds)
    found = {
        'lang = "de"': ["a"],
        "year >= 2020 and new = true": ["a"],
        "exists at": ["b", "a"],
        'at < "2023-01-01T00:00:00Z"': ["b"],
        "not exists lang": ["c"],
    }
    for text, ids in found.items():
        assert index.search("fork", filter=text).ids == ids, text
    as_json = {"column": "lang", "op": "=", "value": "de"}
    with pytest.raises(spork.SporkError):
        index.search("fork", filter={"nonsense": as_json})
    assert index.search("fork", filter="price > 2").matched == 1


def test_an_index_that_cannot_be_built_says_why(folder: str, tmp_path: Path) -> None:
    wrong = [
        (42, "expected documents as a list of texts"),
        ([42], "document 0 is of type int"),
        ([{"text": "x"}], "document 0 has no id"),
        ([], "no document to index"),
        ([{"id": "a"}], "no document to index"),
        ([{"id": "a b", "text": "x"}], "white space"),
        ([{"id": "a", "text": "x"}, {"id": "a", "text": "y"}], "already that of document"),
        ([{"id": "a", "vector": {"x": float("nan")}}], "NaN"),
        ([{"id": "a", "vector": {"x": -1}}], "negative"),
        ([{"id": "a", "vector": "x"}], "expected a vector as a dict"),
        ([{"id": "a", "text": "x", "when": object()}], "no value of a column"),
        (scipy.sparse.csr_matrix((1, 1)), "needs their ids"),
        ((scipy.sparse.csr_matrix((1, 1)), []), "1 rows and 0 ids"),
        (str(tmp_path / "nothing.jsonl"), "no such file"),
    ]
    for documents, message in wrong:
        with pytest.raises(spork.SporkError, match=message):
            spork.build(folder, documents, model=None)
    assert not Path(folder).exists()
    with pytest.raises(spork.SporkError, match="default model is not installed"):
        spork.build(folder, TEXTS, model="default")
    for settings in (
        {"order": "random"},
        {"codec": "zip"},
        {"analyzer": "french"},
        {"columns": "year"},
        {"columns": "year:number"},
        {"scale": -1},
    ):
        with pytest.raises(spork.SporkError):
            spork.build(folder, TEXTS, model=None, **settings)
    with pytest.raises(spork.SporkOSError):
        spork.build("/proc/nothing/index", TEXTS, model=None)


def test_an_iterator_that_fails_leaves_the_old_index(folder: str, index: spork.Index) -> None:
    def documents():
        yield {"id": "x", "text": "y"}
        raise RuntimeError("the database is gone")

    with pytest.raises(RuntimeError, match="the database is gone"):
        spork.build(folder, documents(), model=None)
    assert len(spork.open(folder)) == 2


def test_progress_and_log(
    folder: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    told = []
    with caplog.at_level(logging.INFO, logger="spork_search"):
        spork.build(folder, TEXTS, model=None, progress=lambda *step: told.append(step))
    assert told[0][0] == "reading" and sum(steps for _, _, steps in told) >= 2
    assert "fields bm25" in caplog.text
    assert capsys.readouterr() == ("", "")


def test_codecs_orders_and_scales_answer_alike(folder: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    matrix = scipy.sparse.random(300, 50, 0.2, "csr", np.float32, rng)
    ids = [f"d{number}" for number in range(300)]
    queries = scipy.sparse.random(20, 50, 0.1, "csr", np.float32, rng)
    expected = spork.build(folder, (matrix, ids)).search_csr(queries).to_run()
    for settings in ({"codec": "compact"}, {"order": "bisection"}):
        other = spork.build(tmp_path / "other", (matrix, ids), **settings)
        assert other.search_csr(queries).to_run() == expected
