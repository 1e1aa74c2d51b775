"""PyTerrier: the index as artifact, its indexers and retrievers, encoders, and answers that are the
command line's."""

from __future__ import annotations

import http.server
import json
import os
import pickle
import shutil
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scifact import documents, queries

import spork_search as spork
from conftest import MODEL as MODEL_PATH
from conftest import ROOT

pt = pytest.importorskip("pyterrier", reason="needs pyterrier", exc_type=ImportError)

import pyterrier.testing  # noqa: E402

from spork_search.pyterrier import SporkEncoder, SporkIndex, SporkRetriever  # noqa: E402

MODEL = str(MODEL_PATH)

TOKS = [
    {"docno": "a", "text": "an old fork", "toks": {"fork": 2.5, "old": 0.25}},
    {"docno": "b", "text": "a bowl and a fork", "toks": {"fork": 1.0, "bowl": 2.0}},
    {"docno": "c", "text": "soup", "toks": {"soup": 3.0}},
]
TEXTS = [{"docno": each["docno"], "text": each["text"]} for each in TOKS]
RESULT = ["qid", "query", "docno", "score", "rank"]


def frame(*toks: dict[str, float] | None, **columns: Any) -> pd.DataFrame:
    """Queries with ``query_toks``."""
    qids = [f"q{place}" for place in range(len(toks))]
    return pd.DataFrame({"qid": qids, "query_toks": list(toks), **columns})


@pytest.fixture
def vectors(folder: str) -> SporkIndex:
    """An index of vectors."""
    return SporkIndex(folder).toks_indexer().index(iter(TOKS))


@pytest.fixture
def hybrid(folder: str) -> SporkIndex:
    """An index of vectors and BM25."""
    return SporkIndex(folder, model=None).index(TOKS)


@pytest.fixture
def texts(folder: str) -> SporkIndex:
    """An index of BM25."""
    return SporkIndex(folder, model=None).index(TEXTS)


@pytest.fixture(scope="session")
def splade() -> SporkEncoder:
    """The default model."""
    return SporkEncoder(MODEL)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, splade: SporkEncoder) -> SporkIndex:
    """A hybrid index of 200 documents of SciFact, which the engine encodes."""
    index = SporkIndex(str(tmp_path_factory.mktemp("shared") / "index"), model=splade.encoder)
    return index.indexer().index(documents(200))


def test_vectors_keep_their_floats(vectors: SporkIndex) -> None:
    found = vectors.retriever()(frame({"fork": 0.5}, {"bowl": 1.0, "fork": 1.0}, {"none": 1.0}))
    assert found.columns.tolist() == ["qid", "query_toks", "docno", "score", "rank"]
    assert found["docno"].tolist() == ["a", "b", "b", "a"]
    assert found["rank"].tolist() == [0, 1, 0, 1]
    # Within the engine's rounding; an integer cut of 0.25 or 0.5 would be 0.
    assert found["score"].tolist() == pytest.approx([1.25, 0.5, 3.0, 2.5], rel=0.01)
    assert vectors.open().vector("a") == pytest.approx({"fork": 2.5, "old": 0.25}, rel=0.05)


def test_other_columns_of_queries_are_kept(vectors: SporkIndex) -> None:
    asked = frame({"soup": 1.0}, query=["soup?"], topic=[7], score=[-1.0])
    asked.index = [41]
    found = vectors.retriever()(asked)
    assert found.columns.tolist() == ["qid", "query_toks", "query", "topic", *RESULT[2:]]
    assert found.loc[0, ["query", "topic", "docno"]].tolist() == ["soup?", 7, "c"]


def test_text_is_for_bm25_and_vectors_for_splade(hybrid: SporkIndex) -> None:
    asked = frame({"soup": 1.0}, query=["fork"])
    assert sorted(hybrid.retriever()(asked)["docno"]) == ["a", "b", "c"]
    assert hybrid.bm25()(asked)["docno"].tolist() == ["b", "a"]
    assert hybrid.splade()(asked)["docno"].tolist() == ["c"]
    assert hybrid.retriever(mix="splade=0,bm25=1")(asked)["docno"].tolist() == ["b", "a"]
    weighed = hybrid.retriever(mix={"splade": 1, "bm25": 0.001})(asked)
    assert weighed["docno"].tolist() == ["c", "b", "a"]
    assert (
        hybrid.open().search("fork", vector={"soup": 1.0}).ids
        == hybrid.retriever()(asked)["docno"].tolist()
    )


def test_text_alone_is_bm25(texts: SporkIndex) -> None:
    asked = pt.new.queries(["forks", "nothing"], ["x", "y"])
    assert texts.retriever()(asked)[RESULT[:3]].values.tolist() == [
        ["x", "forks", "b"],
        ["x", "forks", "a"],
    ]
    assert texts.search("forks")["docno"].tolist() == ["b", "a"]
    # Terms as query expansion gives them.
    assert texts.bm25()(frame({"fork": 1.0, "old": 2.0}))["docno"].tolist() == ["a", "b"]
    with pytest.raises(spork.SporkValueError, match="no field of vectors; it has bm25"):
        texts.splade()


def test_what_queries_lack_is_named(hybrid: SporkIndex, tmp_path: Path) -> None:
    for retriever, columns in [
        (hybrid.retriever(), [["qid", "query", "query_toks"]]),
        (hybrid.bm25(), [["qid", "query"]]),
        (hybrid.splade(), [["qid", "query_toks"]]),
    ]:
        assert pt.inspect.transformer_inputs(retriever) == columns
        with pytest.raises(pt.validate.InputValidationError):
            retriever(pd.DataFrame({"qid": ["1"]}))
    unbuilt = SporkIndex(tmp_path / "none").retriever()
    assert len(pt.inspect.transformer_inputs(unbuilt)) == 3
    with pytest.raises(spork.SporkError, match="none"):
        unbuilt(frame({"fork": 1.0}))
    with pytest.raises(spork.SporkError, match="weight"):
        hybrid.splade()(frame({"fork": -1.0}))


def test_empty_frames(hybrid: SporkIndex) -> None:
    for retriever in (hybrid.retriever(), hybrid.bm25()):
        found = retriever(pd.DataFrame(columns=["qid", "query", "query_toks"]))
        assert found.columns.tolist() == ["qid", "query", "query_toks", *RESULT[2:]]
        assert len(found) == 0 and found["rank"].dtype == "int64"
    assert len(hybrid.bm25()(pt.new.queries(["nothing"]))) == 0


def test_a_cutoff_is_fused(hybrid: SporkIndex) -> None:
    retriever = hybrid.bm25(50, threads=1)
    fused = (retriever % 1).compile()
    assert isinstance(fused, SporkRetriever)
    assert (fused.num_results, fused.source, fused.threads) == (1, "bm25", 1)
    assert retriever.fuse_rank_cutoff(60) is retriever
    asked = pt.new.queries(["fork"])
    assert fused(asked).equals((retriever % 1)(asked)) and len(fused(asked)) == 1


def test_filters(folder: str) -> None:
    rows = [{**each, "year": 2000 + place} for place, each in enumerate(TEXTS)]
    index = SporkIndex(folder, model=None).indexer(columns="year:integer").index(rows)
    assert index.retriever(filter="year > 2000").search("fork")["docno"].tolist() == ["b"]
    index.indexer(mode="append").index([{"docno": "d", "text": "forks", "year": 2010}])
    assert index.retriever(filter="year > 2001").search("fork")["docno"].tolist() == ["d"]


def test_modes_of_indexing(folder: str) -> None:
    index = SporkIndex(folder, model=None)
    assert not index.built() and index.index(TEXTS) is index
    assert index.built() and index.num_docs() == len(index) == 3
    with pytest.raises(FileExistsError, match="mode='overwrite'"):
        index.index(TEXTS)
    index.indexer(mode="append").index([{"docno": "d", "text": "forks"}])
    assert len(index) == 4
    index.toks_indexer(mode="overwrite").index(TOKS[:1])
    assert [field["source"] for field in index.open().stats["fields"]] == ["vectors"]
    with pytest.raises(spork.SporkValueError, match="mode 'x'"):
        index.indexer(mode="x")


def test_documents_that_make_no_sense(folder: str) -> None:
    index = SporkIndex(folder, model=None)
    for documents_, message in [
        ([{"text": "a"}], "without docno"),
        ([{"docno": "a", "body": "b"}], "'a': expected text or toks or text, toks; it has"),
        ([{"docno": "a", "text": 7}], "'a': expected text in 'text', got int"),
        ([TEXTS[0], TEXTS[0]], "a"),
    ]:
        with pytest.raises(spork.SporkError, match=message):
            index.index(documents_)
        assert not index.built()
    with pytest.raises(spork.SporkError, match="expected text in 'body'"):
        index.indexer("body").index(TEXTS)


def test_columns_of_text(folder: str) -> None:
    rows = [{"docno": "a", "title": "old", "text": "fork", "url": "bowl"}]
    index = SporkIndex(folder, model=None).index(rows)
    for text_field, found in [(None, "old"), (["url", "text"], "bowl"), ("text", "fork")]:
        index.indexer(text_field, mode="overwrite").index(rows)
        assert index.search(found)["docno"].tolist() == ["a"]
        assert len(index.open().search("old")) == (text_field is None)
        text = (index.bm25() >> index.text_loader()).search(found)["text"][0]
        assert text == {None: "old fork", "text": "fork"}.get(str(text_field), text)
    index.indexer(mode="overwrite", store_text=False).index(rows)
    with pytest.raises(spork.SporkValueError, match="store_text"):
        (index.bm25() >> index.text_loader()).search("fork")


def test_encoders_give_the_engines_vectors(splade: SporkEncoder) -> None:
    rows = pd.DataFrame(documents(3))
    toks = splade.doc_encoder()(rows)["toks"].tolist()
    joined = (rows["title"] + " " + rows["text"]).tolist()
    assert toks == spork.Encoder(MODEL).encode(joined, as_="dict")
    assert splade(rows)["toks"].tolist() == toks
    asked = pt.new.queries(["jet lag"])
    assert splade(asked)["query_toks"][0] == spork.Encoder(MODEL).encode("jet lag", "query", "dict")
    assert splade.query_encoder().search("jet lag").columns.tolist()[-1] == "query_toks"
    for transformer in (splade.doc_encoder("text"), splade.query_encoder(), splade):
        inputs = pt.inspect.transformer_inputs(transformer)[0]
        assert len(transformer(pd.DataFrame(columns=inputs))) == 0
    assert pickle.loads(pickle.dumps(splade.doc_encoder()))(rows)["toks"].tolist() == toks


def test_a_scorer_orders_anew(splade: SporkEncoder, shared: SporkIndex) -> None:
    asked = pt.new.queries(list(queries(4).values()), list(queries(4)))
    first = shared.bm25(20) >> shared.text_loader()
    scored = (first >> splade.scorer("text"))(asked)
    for qid, rows in scored.groupby("qid"):
        ranked = rows.sort_values("rank")
        assert ranked["score"].is_monotonic_decreasing and ranked["rank"].iloc[0] == 0
        text = queries(4)[qid]
        expected = splade.encoder.score(text, rows["text"].tolist())
        assert rows["score"].tolist() == pytest.approx(expected.tolist())
    # The engine's own scores differ by the rounding of weights, if idf is left out.
    plain = shared.splade(query_idf=0)(asked)
    ours = plain.set_index(["qid", "docno"])["score"]
    for row in scored.itertuples():
        assert row.score == pytest.approx(ours[row.qid, row.docno], rel=0.05, abs=0.05)


def test_toks_and_text_answer_alike(
    shared: SporkIndex, splade: SporkEncoder, tmp_path: Path
) -> None:
    """Whether vectors come through a pipeline or are made by the engine."""
    index = SporkIndex(tmp_path / "index", model=None)
    (splade.doc_encoder() >> index.indexer()).index(documents(200))
    asked = pt.new.queries(list(queries(20).values()), list(queries(20)))
    piped = (splade.query_encoder() >> index.retriever(100, query_idf=0.5))(asked)
    assert piped[RESULT].equals(shared.retriever(100)(asked)[RESULT])


@pytest.mark.parametrize("way", ["retriever", "bm25", "splade"])
def test_answers_are_the_command_lines(shared: SporkIndex, tmp_path: Path, way: str) -> None:
    topics = queries(40)
    lines = "".join(f"{qid}\t{text}\n" for qid, text in topics.items())
    (tmp_path / "topics.tsv").write_text(lines)
    mixes = {"bm25": "splade=0,bm25=1", "splade": "splade=1,bm25=0"}
    mix = ["--mix", mixes[way]] if way in mixes else []
    searching = [sys.executable, "-m", "spork_search", "search", "--index", str(shared.path)]
    model = [] if way == "bm25" else ["--model", MODEL]
    output = ["--topics", "topics.tsv", "--k", "50", "--output", "run.trec", "--quiet"]
    subprocess.run([*searching, *model, *output, *mix], cwd=tmp_path, check=True)
    found = getattr(shared, way)(50)(pt.new.queries(list(topics.values()), list(topics)))
    pt.io.write_results(found, str(tmp_path / "ours.trec"))
    theirs = [line.split() for line in (tmp_path / "run.trec").read_text().splitlines()]
    ours = [line.split() for line in (tmp_path / "ours.trec").read_text().splitlines()]
    assert len(ours) > 1000
    # PyTerrier counts ranks from 0.
    assert [(q, d, int(rank) + 1) for q, _, d, rank, _, _ in ours] == [
        (q, d, int(rank)) for q, _, d, rank, _, _ in theirs
    ]
    # The command line prints 32-bit floats by their own shortest digits.
    for (*_, score, _), (*_, expected, _) in zip(ours, theirs, strict=True):
        assert float(score) in (float(expected), float(np.float32(expected)))


def test_experiments(shared: SporkIndex) -> None:
    topics = pt.new.queries(list(queries(10).values()), list(queries(10)))
    first = shared.splade(1)(topics)
    qrels = first[["qid", "docno"]].assign(label=1)
    names = ["bm25", "splade", "hybrid"]
    table = pt.Experiment(
        [shared.bm25(), shared.splade(), shared.retriever()], topics, qrels, ["recip_rank"], names
    )
    means = dict(zip(table["name"], table["recip_rank"], strict=True))
    assert means["splade"] == 1.0 and 0.2 < means["bm25"] < 1.0 and means["hybrid"] > means["bm25"]


def test_indexes_and_transformers_can_be_pickled(hybrid: SporkIndex) -> None:
    asked = frame({"soup": 1.0}, query=["fork"])
    expected = hybrid.retriever()(asked)
    again = pickle.loads(pickle.dumps(hybrid.retriever()))
    assert again(asked).equals(expected) and again.index is not hybrid


def test_packages(hybrid: SporkIndex, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = hybrid.build_package(str(tmp_path / "p.tar.lz4"), verbose=False)
    contents = json.loads(Path(package + ".json").read_text())["contents"]
    names = [each["path"] for each in contents]
    assert "CURRENT" in names and "pt_meta.json" in names
    assert not any(os.path.basename(name).startswith(".") for name in names)
    capsys.readouterr()


@pytest.fixture
def registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry points of pyproject.toml, as an installed package has them."""
    tomllib = pytest.importorskip("tomllib", reason="needs Python 3.11")
    project = tomllib.loads((ROOT / "python/pyproject.toml").read_text())["project"]
    folder = tmp_path / "installed/spork_search-0.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: spork-search\nVersion: 0\n")
    points = "".join(
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in named.items())
        for group, named in project["entry-points"].items()
    )
    (folder / "entry_points.txt").write_text(points)
    monkeypatch.syspath_prepend(str(folder.parent))


@pytest.mark.usefixtures("registered")
def test_plain_indexes_are_artifacts(folder: str) -> None:
    spork.build(folder, ["a fork"], model=None)
    artifact = pt.Artifact.load(folder)
    assert isinstance(artifact, SporkIndex) and artifact.search("fork")["docno"].tolist() == ["0"]


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files, and prints nothing."""

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address under which it is served."""
    folder = tmp_path / "served"
    folder.mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.usefixtures("registered")
def test_through_the_hub(
    hybrid: SporkIndex,
    served: tuple[Path, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """to_hf to a stub of the hub's calls, and back from a server on this machine."""
    hub = pytest.importorskip("huggingface_hub", reason="needs huggingface_hub")
    folder, address = served
    monkeypatch.setattr(hub, "create_repo", lambda *_, **__: None)
    monkeypatch.setattr(hub, "create_branch", lambda *_, **__: None)
    monkeypatch.setattr(
        hub,
        "upload_folder",
        lambda *, folder_path, **_: shutil.copytree(folder_path, folder, dirs_exist_ok=True),
    )
    hybrid.to_hf("owner/name")
    assert "pyterrier-artifact.sparse_index.spork" in (folder / "README.md").read_text()
    monkeypatch.setattr(pt.io, "pyterrier_home", lambda: str(tmp_path / "home"))
    fetched = pt.Artifact.from_url(f"{address}/artifact.tar.lz4", model=None)
    assert isinstance(fetched, SporkIndex)
    asked = frame({"soup": 1.0}, query=["fork"])
    assert fetched.retriever()(asked).equals(hybrid.retriever()(asked))
    fetched.open().verify()


def cases() -> list[type[pyterrier.testing.TransformerTestCase]]:
    """PyTerrier's own test case for every transformer."""
    made = []
    for name in (
        "retriever",
        "bm25",
        "splade",
        "index",
        "text_loader",
        "encoder",
        "doc_encoder",
        "query_encoder",
        "scorer",
        "unbuilt",
    ):
        made.append(type(name, (pyterrier.testing.TransformerTestCase,), {"name": name}))
    return made


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_pyterriers_own_case(
    case: type[pyterrier.testing.TransformerTestCase],
    shared: SporkIndex,
    splade: SporkEncoder,
    folder: str,
) -> None:
    transformer = {
        "retriever": shared.retriever(),
        "bm25": shared.bm25(),
        "splade": shared.splade(),
        "index": shared,
        "text_loader": shared.text_loader(),
        "encoder": splade,
        "doc_encoder": splade.doc_encoder(),
        "query_encoder": splade.query_encoder(),
        "scorer": splade.scorer(),
        "unbuilt": SporkIndex(folder).retriever(),
    }[case.name]
    case.transformer, case.io_configs = transformer, []
    case("test_inspect_io").debug()
    assert case.io_configs
    case("test_schematic").debug()


def test_pipelines_are_drawn(splade: SporkEncoder, folder: str) -> None:
    index = SporkIndex(folder)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = pt.schematic.draw((splade.query_encoder() >> index.retriever() % 10).compile())
        indexing = pt.schematic.draw(splade.doc_encoder() >> index.toks_indexer())
    assert "Spork Query Encoder" in drawn and "Spork Indexer" in indexing
    assert index.index_inputs() == [["docno", "text"], ["docno", "toks"], ["docno", "text", "toks"]]
    assert index.toks_indexer().index_inputs() == [["docno", "toks"]]
