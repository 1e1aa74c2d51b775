"""Data sets of ir_datasets: one of files on this machine, made of its own classes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import spork_search as spork

ir_datasets = pytest.importorskip("ir_datasets", reason="needs ir_datasets")

NAME = "spork-forks"


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a data set with documents, queries and judgments."""
    from ir_datasets.formats import TrecQrels, TsvDocs, TsvQueries
    from ir_datasets.util import LocalDownload

    folder: Path = tmp_path_factory.mktemp("forks")
    files = {
        "docs.tsv": "d1\tForks, bowls and an old fork.\nd2\tAnother bowl, and a fork.\nd3\tSoup.\n",
        "queries.tsv": "q1\told forks\nq2\tsoup\n",
        "qrels": "q1 0 d1 1\nq2 0 d3 1\nq2 0 d2 0\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    given = {name: LocalDownload(folder / name) for name in files}
    parts = [
        TsvDocs(given["docs.tsv"]),
        TsvQueries(given["queries.tsv"]),
        TrecQrels(given["qrels"], {1: "relevant", 0: "not"}),
    ]
    ir_datasets.registry.register(NAME, ir_datasets.Dataset(*parts))
    yield NAME


@pytest.mark.parametrize("prefix", ["", "irds:"])
def test_a_data_set_by_its_name(registered: str, folder: str, prefix: str) -> None:
    index = spork.build(folder, prefix + registered, model=None)
    assert len(index) == 3 and index.search("old forks").ids == ["d1", "d2"]
    dataset = ir_datasets.load(registered)
    queries = {query.query_id: query.text for query in dataset.queries_iter()}
    results = index.search_batch(queries)
    evaluation = spork.evaluate(dataset.qrels_iter(), results, "RR@10 nDCG@10")
    assert evaluation["RR@10"] == evaluation["nDCG@10"] == 1.0
    index.delete("d1")
    assert len(index) == 2
    with pytest.raises(spork.SporkError, match="d2"):
        index.add(prefix + registered)


def test_what_is_neither(folder: str) -> None:
    with pytest.raises(spork.SporkValueError, match="no such file, nor a data set"):
        spork.build(folder, "no-such/data-set", model=None)
