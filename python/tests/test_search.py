"""Searches, one by one and many at a time."""

from __future__ import annotations

import gzip
import subprocess
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse

import spork_search as spork
from conftest import DOCUMENTS, MODEL, SCIFACT


def test_hits_are_a_sequence(index: spork.Index) -> None:
    hits = index.search("a fork")
    assert [hit.id for hit in hits] == hits.ids == ["0", "1"]
    assert hits[-1] == hits[1] and hits[0:1] == [hits[0]] and hits[0].rank == 1
    assert (hits.exact, hits.unseen_at_most, hits.matched) == (True, None, None)
    assert hits.scores.tolist() == [hit.score for hit in hits]
    assert hits.fields == {"bm25": 1.0} and hits.generation == index.generation
    for place in (2, -3):
        with pytest.raises(IndexError):
            hits[place]
    assert "rank" in repr(hits) and repr(index.search("spoon")) == "no hits"
    assert "<b>fork</b>" in hits._repr_html_()
    assert hits.snippets[1] == DOCUMENTS[1]["text"]
    assert hits.to_frame().columns.tolist() == ["docno", "score", "rank"]


def test_html_is_escaped(folder: str) -> None:
    text = "<script>fork</script> & <b>bowl</b>"
    hits = spork.build(folder, [{"id": "<i>", "text": text}], model=None).search("fork")
    table = hits._repr_html_()
    assert "<script>" not in table and "&lt;script&gt;<b>fork</b>" in table and "<i>" not in table


def test_limits_are_certified(folder: str) -> None:
    rng = np.random.default_rng(7)
    matrix = scipy.sparse.random(20_000, 100, 0.1, "csr", np.float32, rng)
    index = spork.build(folder, (matrix, [str(row) for row in range(20_000)]))
    query = scipy.sparse.random(1, 100, 0.4, "csr", np.float32, rng)
    exact = index.search(query)
    stopped = index.search(query, deadline_ms=0)
    assert exact.exact and not stopped.exact
    assert stopped.unseen_at_most >= exact.scores[0] or stopped.ids == exact.ids
    assert index.search(query, alpha=1.0).ids == exact.ids
    for strategy in ("exhaustive", "taat", "block-max", "auto"):
        other = index.search(query, strategy=strategy)
        assert other.ids == exact.ids and other.scores.tolist() == exact.scores.tolist()
    batch = index.search_batch([query], deadline_ms=0)
    assert not batch.exact[0] and batch.unseen_at_most[0] > 0


def test_what_is_asked_wrongly_is_refused(index: spork.Index) -> None:
    wrong = [
        ({}, "no query"),
        ({"query": 7}, "expected a query as text"),
        ({"query": {1: 2.0}}, "expected terms as text"),
        ({"query": {"fork": -1.0}}, "negative"),
        ({"query": "fork", "vector": {"x": 1.0}}, "leave out"),
        ({"query": "fork", "filter": "year >"}, "character"),
        ({"query": "fork", "filter": 'lang = "en"'}, "no column"),
        ({"query": "fork", "mix": "splade=1"}, "no field"),
        ({"query": "fork", "alpha": -1}, "alpha"),
        ({"query": "fork", "deadline_ms": -1}, "deadline_ms"),
        ({"query": "fork", "strategy": "fast"}, "strategy"),
        ({"query": (np.array([1]), np.array([1.0, 2.0]))}, "as many of both"),
        ({"query": (np.array([-1]), np.array([1.0]))}, "negative column"),
        ({"query": (np.array([0.5]), np.array([1.0]))}, "expected integers"),
        ({"query": scipy.sparse.csr_matrix((2, 2))}, "matrix of 2 rows"),
    ]
    for arguments, message in wrong:
        with pytest.raises(spork.SporkError, match=message):
            index.search(**arguments)
    for k in (-1, 1.5, None):
        with pytest.raises((TypeError, OverflowError)):
            index.search("fork", k)
    assert len(index.search("fork", 0)) == 0
    assert len(index.search("", 10)) == 0
    assert index.search("fork", 2**40).ids == ["0", "1"]


def test_batches(index: spork.Index) -> None:
    results = index.search_batch({"q1": "forks", "q2": "an old bowl", "q3": "spoon"}, k=3)
    assert results.qids == ["q1", "q2", "q3"] and results.counts.tolist() == [2, 2, 0]
    assert results.ids.shape == results.scores.shape == (3, 3)
    assert results.ids[2].tolist() == [None] * 3 and np.isnan(results.scores[2]).all()
    assert list(results.to_run()) == ["q1", "q2", "q3"] and results.to_run()["q3"] == {}
    assert results[0][1] == ["0", "1"] and results[-1][0] == "q3" and len(results) == 3
    frame = results.to_frame()
    assert frame["rank"].tolist() == [1, 2, 1, 2]
    assert frame["qid"].tolist() == ["q1", "q1", "q2", "q2"]
    assert [line.split()[0] for line in results.to_trec().splitlines()] == frame["qid"].tolist()
    assert index.search_batch(["forks"], qids=["x"]).qids == ["x"]
    assert index.search_batch([]).ids.shape == (0, 10) and index.search_batch([]).to_trec() == ""
    with pytest.raises(spork.SporkError, match="1 queries and 2 qids"):
        index.search_batch(["forks"], qids=["a", "b"])
    with pytest.raises(spork.SporkError, match="search takes one query"):
        index.search_batch("forks")
    with pytest.raises(spork.SporkError):
        index.search_batch({"a b": "forks"}).to_trec()


def test_a_batch_equals_its_searches(encoder: spork.Encoder, tmp_path: Path) -> None:
    topics = dict(list(spork.read_topics(SCIFACT / "queries.tsv").items())[:40])
    index = spork.build(tmp_path / "index", SCIFACT / "corpus.jsonl.gz", model=None)
    results = index.search_batch(topics, k=20)
    for threads in (1, 2):
        assert index.search_batch(topics, 20, threads).to_run() == results.to_run()
    for qid, ids, scores in results:
        one = index.search(topics[qid], 20)
        assert (one.ids, one.scores.tolist()) == (ids, scores.tolist())


def test_the_command_line_writes_the_same_run(
    encoder: spork.Encoder, program: str, tmp_path: Path
) -> None:
    corpus, queries = tmp_path / "corpus.jsonl", tmp_path / "queries.tsv"
    with gzip.open(SCIFACT / "corpus.jsonl.gz", "rt") as documents:
        lines = documents.read().splitlines()[:60]
    corpus.write_text("\n".join(lines) + "\n")
    topics = dict(list(spork.read_topics(SCIFACT / "queries.tsv").items())[:20])
    queries.write_text("".join(f"{qid}\t{text}\n" for qid, text in topics.items()))
    index = spork.build(tmp_path / "index", corpus, model=encoder)
    for mix in (None, "splade=1,bm25=0", "splade=0.3,bm25=1", "splade=0,bm25=1"):
        command = [program, "search", "--quiet", "--index", index.path, "--topics", str(queries)]
        command += ["--model", str(MODEL), "--k", "30"] + (["--mix", mix] if mix else [])
        run = subprocess.run(command, capture_output=True, check=True, text=True).stdout
        assert index.search_batch(topics, 30, mix=mix).to_trec() == run
        path = tmp_path / "run.trec"
        assert index.search_batch(topics, 30, mix=mix).to_trec(path) is None
        assert path.read_text() == run


def test_explanations_add_up(index: spork.Index) -> None:
    explained = index.explain("an old fork and a spoon", "0")
    assert sum(term["product"] for term in explained.terms) == explained["points"]
    assert explained["score"] == index.search("an old fork and a spoon")[0].score
    assert explained == index.search("an old fork and a spoon").explain(0)
    assert [term["term"] for term in explained["unknown"]] == ["spoon"]
    assert "fork" in repr(explained) and len(explained.to_frame()) == len(explained.terms)
    with pytest.raises(spork.NoDocumentError):
        index.explain("fork", "nothing")
    with pytest.raises(LookupError):
        index.get("nothing")
    with pytest.raises(spork.SporkError, match="no query to explain"):
        index.like("0").explain(0)


def test_differences(index: spork.Index, tmp_path: Path) -> None:
    other = spork.build(
        tmp_path / "other", [{**DOCUMENTS[0], "text": "a bowl"}, DOCUMENTS[1]], model=None
    )
    found = index.diff(other, {"q": "forks and bowls"}, qrels={"q": {"1": 1}})
    assert found["judged"]["means"][1] == 1.0 and found["per_topic"][0]["moved"]
    assert index.diff(index, {"q": "forks"})["overlap"] == 1.0


def test_evaluation() -> None:
    qrels = {"q1": {"a": 1, "b": 0}, "q2": {"c": 2}}
    good = {"q1": {"a": 2.0, "b": 1.0}, "q2": {"c": 1.0}}
    bad = {"q1": {"a": 1.0, "b": 2.0}, "q2": {"d": 1.0, "c": 0.5}}
    one = spork.evaluate(qrels, good, "nDCG@10 RR@10")
    assert one["RR@10"] == 1.0 and one.topics == 2
    both = spork.evaluate(qrels, {"good": good, "bad": bad}, ["RR@10"], test="t")
    assert both["RR@10"] == {"good": 1.0, "bad": 0.5}
    assert both.per_topic("RR@10", "bad") == {"q1": 0.5, "q2": 0.5}
    assert "p(RR@10)" in both.to_frame() and both.p("RR@10", "bad") is not None
    assert "good" in repr(both)
    for wrong in ("nDCG@x", "nothing"):
        with pytest.raises(spork.SporkError):
            spork.evaluate(qrels, good, wrong)
    with pytest.raises(spork.SporkError, match="no topic"):
        spork.evaluate({"q9": {"a": 1}}, good, "RR@10")
