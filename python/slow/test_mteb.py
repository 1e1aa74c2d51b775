"""MTEB: results in its form, and a search system that it evaluates. The task is a part of SciFact,
from this repository: nothing is downloaded."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import datasets
import mteb
import pytest
from mteb.abstasks.retrieval_dataset_loaders import RetrievalSplitData
from scifact import documents, queries

import spork_search as spork
from conftest import MODEL, SCIFACT
from spork_search.mteb import SporkSearch, write_result

COUNT = 300


@pytest.fixture(scope="module")
def qrels() -> dict[str, dict[str, int]]:
    """Judgments of queries whose documents are among the first."""
    present = {each["docno"] for each in documents(COUNT)}
    judged = spork.read_qrels(SCIFACT / "qrels.tsv").items()
    return dict(
        itertools.islice(((qid, grades) for qid, grades in judged if present & set(grades)), 20)
    )


@pytest.fixture
def task(qrels: dict[str, dict[str, int]]) -> Any:
    """MTEB's task, with documents of this repository."""
    known = mteb.get_task("SciFact")
    texts = queries()
    split = RetrievalSplitData(
        corpus=datasets.Dataset.from_list(
            [
                {"id": each["docno"], "title": each["title"], "text": each["text"]}
                for each in documents(COUNT)
            ]
        ),
        queries=datasets.Dataset.from_list([{"id": qid, "text": texts[qid]} for qid in qrels]),
        relevant_docs=qrels,
        top_ranked=None,
    )
    known.dataset = {"default": {"test": split}}
    known.data_loaded = True
    known.unload_data = lambda: None
    return known


@pytest.mark.parametrize("model", [None, str(MODEL)])
def test_mteb_evaluates_the_search(
    task: Any, qrels: dict[str, dict[str, int]], model: str | None, folder: str, tmp_path: Path
) -> None:
    result = mteb.evaluate(
        SporkSearch(model), task, cache=mteb.ResultCache(tmp_path), co2_tracker=False
    )
    theirs = result[0].scores["test"][0]
    index = spork.build(folder, documents(COUNT), model=model)
    texts = queries()
    run = index.search_batch({qid: texts[qid] for qid in qrels}, 1000)
    ours = write_result(tmp_path / "SciFact.json", "SciFact", qrels, run)
    for name in ("ndcg_at_10", "map_at_100", "recall_at_100", "mrr_at_10", "precision_at_5"):
        assert ours[name] == pytest.approx(theirs[name], abs=1e-5), name
    assert ours["ndcg_at_10"] > 0.5 and theirs["main_score"] == theirs["ndcg_at_10"]


def test_results_are_mtebs(qrels: dict[str, dict[str, int]], tmp_path: Path) -> None:
    run = {qid: dict.fromkeys(grades, 1.0) for qid, grades in qrels.items()}
    path = tmp_path / "SciFact.json"
    scores = write_result(path, "SciFact", qrels, run, seconds=2.5)
    read = mteb.TaskResult.from_disk(path)
    assert read.task_name == "SciFact" and read.evaluation_time == 2.5
    assert read.scores["test"][0]["ndcg_at_10"] == scores["ndcg_at_10"] == 1.0
    assert read.get_score() == 1.0


def test_what_is_no_task_of_retrieval_is_refused(tmp_path: Path) -> None:
    run = {"q": {"d": 1.0}}
    for arguments, message in [
        ({"task": "SciFact", "split": "dev"}, "SciFact has no split 'dev'; it has test"),
        ({"task": "SciFact", "subset": "x"}, "SciFact has no subset 'x'; it has default"),
        ({"task": "STS12"}, "STS12: its main score .* is not of retrieval"),
    ]:
        with pytest.raises(spork.SporkValueError, match=message):
            write_result(tmp_path / "x.json", qrels={"q": {"d": 1}}, run=run, **arguments)
    assert not (tmp_path / "x.json").exists()
    with pytest.raises(spork.SporkValueError, match="nothing is indexed"):
        SporkSearch(None).search([], top_k=1)
