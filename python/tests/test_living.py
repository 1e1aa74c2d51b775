"""Indexes that change."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

import spork_search as spork
from conftest import DOCUMENTS


def test_documents_come_and_go(index: spork.Index, folder: str) -> None:
    reader = spork.open(folder, model=None)
    assert index.add([{"id": "2", "text": "a third fork", "year": 2001}]) is index
    assert len(index) == 3 and len(reader) == 2
    assert reader.search("third").ids == [] and index.search("third").ids == ["2"]
    assert reader.refresh() and not reader.refresh()
    assert reader.search("third").ids == ["2"] and reader.generation == index.generation
    with pytest.raises(spork.SporkError, match="already"):
        index.add([{"id": "2", "text": "again"}])
    index.add([{"id": "2", "text": "a spoon", "year": 2002}], update=True)
    assert index.search("third").ids == [] and index.get("2")["columns"] == {"year": 2002}
    assert index.delete(["2", "nothing"], ignore_missing=True) == 1
    with pytest.raises(spork.SporkError, match="nothing"):
        index.delete("nothing")
    assert index.delete(filter="year < 2000") == 1
    assert index.delete(filter="exists year") == 1
    assert len(index) == 0 and index.search("fork").ids == []
    for arguments in ({}, {"docnos": "0", "filter": "exists year"}):
        with pytest.raises(spork.SporkError, match="ids of documents, or a filter"):
            index.delete(**arguments)


def test_purged_documents_leave_no_trace(index: spork.Index, folder: str) -> None:
    index.add([{"id": "secretdocno", "text": "unutterable secrets", "year": 1}])
    assert index.delete("secretdocno", purge=True) == 1
    held = b"".join(path.read_bytes() for path in Path(folder).rglob("*") if path.is_file())
    assert b"secretdocno" not in held and b"unutter" not in held


def test_a_merge_changes_no_answer(index: spork.Index) -> None:
    for number in range(5):
        index.add([{"id": f"m{number}", "text": f"fork number {number}", "year": number}])
    index.delete("m3")
    before = index.search("forks and numbers", 20)
    assert index.merge().stats["segments"] == 1
    after = index.search("forks and numbers", 20)
    assert (after.ids, after.scores.tolist()) == (before.ids, before.scores.tolist())
    assert after.generation > before.generation
    index.verify()
    # What was found before the merge is still there to be read.
    assert before.texts == after.texts


def test_vectors_are_added_to_vectors_alone(folder: str, encoder: spork.Encoder) -> None:
    index = spork.build(folder, DOCUMENTS, model=encoder, bm25=False)
    index.add([("x", "a spoon")])
    assert index.search("spoons").ids[0] == "x"
    with pytest.raises(spork.SporkError):
        spork.open(folder, model=None).add([("y", "another spoon")])


def test_pickles_and_forks_open_again(index: spork.Index, encoder: spork.Encoder) -> None:
    expected = index.search("forks").ids
    assert pickle.loads(pickle.dumps(index)).search("forks").ids == expected
    vector = encoder.encode("fork", as_="dict")
    assert pickle.loads(pickle.dumps(encoder)).encode("fork", as_="dict") == vector
    index.search_batch(["forks"] * 50)
    child = os.fork()
    if child == 0:
        alike = (
            index.search("forks").ids == expected
            and index.search_batch(["forks"] * 50).ids[0, 0] == expected[0]
            and encoder.encode("fork", as_="dict") == vector
        )
        os._exit(0 if alike else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_models_belong_to_indexes(
    folder: str, encoder: spork.Encoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = spork.build(folder, DOCUMENTS, model=encoder)
    assert index.model is encoder and "model 'model'" in repr(index)
    elsewhere = spork.open(folder)
    assert elsewhere.model is None
    with pytest.raises(spork.SporkError, match="needs the model"):
        elsewhere.search("forks")
    # A folder of the model's name is found, as the command line finds it.
    monkeypatch.chdir(Path(encoder._native.path).parent)
    assert spork.open(folder).search("forks").ids == index.search("forks").ids
    text = spork.build(tmp_path / "text", DOCUMENTS, model=None)
    with pytest.raises(spork.SporkError, match="leave the model out"):
        spork.open(text.path, model=encoder)
    with pytest.raises(spork.SporkError, match="no Spork index"):
        spork.open(tmp_path / "nothing")
