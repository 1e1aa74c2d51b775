"""Shards on Ray: several nodes on this machine, of which some are killed."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import ray
from ray.cluster_utils import Cluster

import spork_search as spork
from conftest import MODEL, SCIFACT
from spork_search import ray as spork_ray
from spork_search.ray import _command, _run
from spork_search.ray._job import is_index

#: Documents that are encoded, and those that are indexed by BM25 alone.
ENCODED = 600
TEXTS = 40_000
LOOPBACK = {"node_ip_address": "127.0.0.1"}


@pytest.fixture(scope="module")
def listening() -> set[str]:
    """Where this machine listens before Ray is there."""
    return sockets()


@pytest.fixture(scope="module")
def cluster(listening: set[str]) -> Iterator[Cluster]:
    """A head without processors, and two nodes with one each."""
    started = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, **LOOPBACK})
    for _ in range(2):
        started.add_node(num_cpus=1, **LOOPBACK)
    spork_ray.start(started.address, log_to_driver=False)
    yield started
    ray.shutdown()
    started.shutdown()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Some abstracts of SciFact."""
    path = tmp_path_factory.mktemp("corpus") / "corpus.jsonl"
    with gzip.open(SCIFACT / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        path.write_text("".join(next(lines) for _ in range(ENCODED)))
    return path


@pytest.fixture(scope="module")
def topics() -> dict[str, str]:
    return dict(list(spork.read_topics(SCIFACT / "queries.tsv").items())[:40])


@pytest.fixture(scope="module")
def job(cluster: Cluster, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> spork_ray.Job:
    """A hybrid index of the corpus in three shards."""
    folder = tmp_path_factory.mktemp("job")
    spork_ray.run(corpus, folder, shards=3, parts=2, model=MODEL).close()
    return spork_ray.Job.read(folder)


@pytest.fixture(scope="module")
def single(job: spork_ray.Job, program: str) -> spork.Index:
    """One index of all documents, made by the command line."""
    whole = Path(job.folder) / "whole"
    vectors = Path(job.folder) / "whole.svec"
    encode = ["encode", "--model", MODEL, "--input", job.corpus, "--output", vectors]
    run(program, *encode)
    run(program, "index", "--input", vectors, "--bm25", job.corpus, "--output", whole)
    return spork.open(whole, model=MODEL)


def run(program: str, *arguments: Any) -> None:
    command = [program, "--quiet", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


def texts(path: Path, count: int, length: int = 30) -> Path:
    """A collection of short texts."""
    words = ["fork", "bowl", "spoon", "knife", "plate", "cup", "glass", "table"]
    with path.open("w") as file:
        for number in range(count):
            chosen = (words[number * step // 3 % len(words)] for step in range(1, length))
            file.write(f"d{number}\t{' '.join(chosen)}\n")
    return path


def wait_for(condition: Any, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.01)


def in_process(
    step: str, job: spork_ray.Job, cluster: Cluster, folder: Path
) -> subprocess.Popen[bytes]:
    """Starts a step of a job in a process of its own."""
    program = (
        "import sys; from spork_search import ray; "
        f"ray.start(sys.argv[1]); ray.{step}(ray.Job.read(sys.argv[2]))"
    )
    command = [sys.executable, "-c", program, cluster.address, job.folder]
    with (folder / "said").open("w") as said:
        return subprocess.Popen(command, stdout=said, stderr=said)


def complete(
    process: subprocess.Popen[bytes], step: str, job: spork_ray.Job, cluster: Cluster, folder: Path
) -> None:
    """Waits for a step. Where Ray has ended the process, which it may do by itself when a node is
    lost at a bad moment (a check of its own fails), the step is taken again."""
    if process.wait(240) != 0:
        said = (folder / "said").read_text(errors="replace")
        assert "SporkError" not in said, said
        assert in_process(step, job, cluster, folder).wait(240) == 0


def files(folder: str) -> dict[str, bytes]:
    """The files of an index that are read, by name; locks have none of it."""
    paths = sorted(Path(folder).rglob("*"))
    return {str(p.relative_to(folder)): p.read_bytes() for p in paths if p.suffix == ".bin"}


def test_shards_answer_like_one_index(
    job: spork_ray.Job, single: spork.Index, topics: dict[str, str]
) -> None:
    with spork_ray.open(job.folder) as shards:
        assert len(shards) == len(single) == ENCODED
        for options in ({}, {"mix": {"splade": 1, "bm25": 0}}, {"mix": {"splade": 0, "bm25": 1}}):
            for k in (1, 10, 1000):
                answers = shards.search_batch(topics, k, **options)
                expected = single.search_batch(topics, k, **options)
                assert answers.to_trec() == expected.to_trec()
                assert all(answer.exact for answer in answers)
        one = shards.search(topics["1"], 5)
        assert one.ids == single.search(topics["1"], 5).ids
        assert 0 < one.seconds["shard"] <= one.seconds["total"]
        assert shards.whole.explain(topics["1"], one.ids[0]) == single.explain(
            topics["1"], one.ids[0]
        )
    together = spork.open(job.shard_folders, model=MODEL)
    assert together.search_batch(topics, 10).to_trec() == single.search_batch(topics, 10).to_trec()


def test_a_second_run_makes_nothing_anew(job: spork_ray.Job, corpus: Path) -> None:
    before = {path: os.stat(path).st_mtime_ns for path in Path(job.folder).rglob("*")}
    spork_ray.run(corpus, job.folder, shards=3, parts=2, model=MODEL).close()
    after = {path: os.stat(path).st_mtime_ns for path in Path(job.folder).rglob("*")}
    assert before == after
    with pytest.raises(spork.SporkValueError, match="shards 3, not 4"):
        spork_ray.run(corpus, job.folder, shards=4, parts=2, model=MODEL)


def test_options_are_taken_or_refused(
    cluster: Cluster, corpus: Path, tmp_path: Path, program: str
) -> None:
    lines = [json.loads(line) for line in corpus.read_text().splitlines()[:200]]
    records = tmp_path / "records.jsonl"
    records.write_text(
        "".join(json.dumps({**each, "even": int(each["_id"]) % 2 == 0}) + "\n" for each in lines)
    )
    whole = tmp_path / "whole"
    run(program, "index", "--bm25", records, "--columns", "even:boolean", "--output", whole)
    single = spork.open(whole)
    folder = tmp_path / "job"
    with spork_ray.run(
        records, folder, shards=7, model=None, columns="even:boolean", store_text=True
    ) as shards:
        kept = shards.search("cell protein", 50, filter="even = true")
        expected = single.search("cell protein", 50, filter="even = true")
        assert (kept.ids, kept.scores.tolist()) == (expected.ids, expected.scores.tolist())
        assert kept.matched == expected.matched
        with pytest.raises(spork.SporkError, match="color"):
            shards.search("cell", filter='color = "red"')
        with pytest.raises(spork.SporkError, match='no field "splade"'):
            shards.search("cell", mix={"splade": 1})
        with pytest.raises(spork.SporkError):
            shards.search({"cell": -1.0})
        assert shards.search("zzz").ids == []
        assert [len(each) for each in shards.search_batch([], 5)] == []
    other = tmp_path / "other"
    run(program, "index", "--bm25", corpus, "--output", other)
    with pytest.raises(spork.SporkError, match="other scales"):
        spork_ray.open([spork_ray.Job.read(folder).shard(1), other])


def test_too_many_queries_are_refused(job: spork_ray.Job, topics: dict[str, str]) -> None:
    with spork_ray.open(job.folder, most=1) as shards:
        inside, go_on = threading.Event(), threading.Event()
        call = shards._broker._call

        def slow(method: str, arguments: tuple[Any, ...], turn: int) -> list[Any]:
            inside.set()
            assert go_on.wait(60)
            return call(method, arguments, turn)

        shards._broker._call = slow
        searching = threading.Thread(target=shards.search, args=("a cell",))
        searching.start()
        assert inside.wait(60)
        with pytest.raises(spork_ray.Busy, match="1 queries are under way"):
            shards.search("another cell")
        go_on.set()
        searching.join()


def test_a_lost_replica_is_replaced(
    job: spork_ray.Job, single: spork.Index, topics: dict[str, str]
) -> None:
    expected = single.search_batch(topics, 10).to_trec()
    with spork_ray.open(job.folder, replicas=2) as shards:
        for group in shards._groups:
            os.kill(ray.get(group[0].ping.remote()), signal.SIGKILL)
        for _ in range(3):
            assert shards.search_batch(topics, 10).to_trec() == expected


def test_a_node_is_killed_while_it_encodes(cluster: Cluster, tmp_path: Path, program: str) -> None:
    # Parts take turns at blocks of so many texts.
    corpus = texts(tmp_path / "texts.tsv", 3 * 4096, 4)
    job = spork_ray.Job.of(tmp_path / "job", corpus, model=MODEL, bm25=False, shards=2, parts=3)
    node = cluster.add_node(num_cpus=1, **LOOPBACK)
    working = in_process("encode", job, cluster, tmp_path)
    partial = Path(job.folder) / "vectors"
    wait_for(lambda: len(list(partial.glob("*.partial"))) >= 2)
    cluster.remove_node(node, allow_graceful=False)
    complete(working, "encode", job, cluster, tmp_path)
    assert not list(partial.glob("*.partial"))
    whole = tmp_path / "whole.svec"
    run(program, "encode", "--model", MODEL, "--input", corpus, "--output", whole)
    parts = [job.vectors(part) for part in (1, 2, 3)]
    for name, inputs in (("one", [whole]), ("three", parts)):
        run(program, "index", "--input", *inputs, "--output", tmp_path / name)
    assert files(str(tmp_path / "one")) == files(str(tmp_path / "three"))
    incomplete = [
        "index",
        "--input",
        *parts[:2],
        "--statistics-only",
        "--output",
        str(tmp_path / "x"),
    ]
    with pytest.raises(spork.SporkError, match="expected all of its 3 parts, each once, got 2"):
        _command.run(incomplete, 1)


def test_a_node_is_killed_while_it_indexes(cluster: Cluster, tmp_path: Path) -> None:
    corpus = texts(tmp_path / "texts.tsv", TEXTS)
    jobs = [
        spork_ray.Job.of(tmp_path / name, corpus, model=None, bm25=True, shards=3)
        for name in ("plain", "killed")
    ]
    spork_ray.index(jobs[0])
    node = cluster.add_node(num_cpus=1, **LOOPBACK)
    working = in_process("index", jobs[1], cluster, tmp_path)
    folders = jobs[1].shard_folders
    wait_for(lambda: sum(map(os.path.isdir, folders)) == 3)
    cluster.remove_node(node, allow_graceful=False)
    complete(working, "index", jobs[1], cluster, tmp_path)
    for one, two in zip(jobs[0].shard_folders, folders, strict=True):
        assert is_index(two)
        assert files(one) == files(two)


def test_a_process_that_is_killed_is_started_again(cluster: Cluster, tmp_path: Path) -> None:
    corpus = texts(tmp_path / "texts.tsv", 100)
    job = spork_ray.Job.of(tmp_path / "job", corpus, model=None, bm25=True, shards=1)
    marker = tmp_path / "killed"

    def killed_once(arguments: list[str], marker: str) -> None:
        """Runs a command, the first time with an abort in the middle."""
        if not os.path.exists(marker):
            Path(marker).touch()
            os.environ["SPORK_KILL_POINT"] = "indexer.collected"
        else:
            os.environ.pop("SPORK_KILL_POINT", None)
        _command.run(arguments, 1)

    task = ray.remote(killed_once).options(max_retries=2, retry_exceptions=[_command.Killed])
    ray.get(task.remote(job.statistics_arguments("1G"), str(marker)))
    assert marker.exists()
    assert is_index(job.statistics)
    failing = ["index", "--bm25", str(tmp_path / "none.tsv"), "--output", str(tmp_path / "x")]
    with pytest.raises(spork.SporkError, match=r"none\.tsv"):
        _run._all("index", lambda _: failing, [1], 1, 1)


def test_the_command_answers_topics(corpus: Path, tmp_path: Path, program: str) -> None:
    topics = tmp_path / "topics.tsv"
    topics.write_text("q1\tcell protein\nq2\tgenes of mice\n")
    command = [sys.executable, "-m", "spork_search.ray", "--corpus", str(corpus)]
    command += ["--output", str(tmp_path / "job"), "--shards", "2", "--model", "none"]
    command += ["--topics", str(topics), "-k", "10"]

    def said(*more: str) -> tuple[int, str, str]:
        """Status and output, into files: what Ray starts may hold pipes open."""
        with (tmp_path / "out").open("w+") as out, (tmp_path / "err").open("w+") as err:
            done = subprocess.run(
                [*command, *more], stdout=out, stderr=err, check=False, timeout=180
            )
        return done.returncode, (tmp_path / "out").read_text(), (tmp_path / "err").read_text()

    # A cluster of its own, as a user's first run has.
    status, output, errors = said()
    assert status == 0, errors
    whole = tmp_path / "whole"
    run(program, "index", "--bm25", corpus, "--output", whole)
    expected = spork.open(whole).search_batch({"q1": "cell protein", "q2": "genes of mice"}, 10)
    assert output == expected.to_trec()
    status, _, errors = said("--model", "nowhere")
    assert status == 1
    assert "error: " in errors
    assert said("--host", "0.0.0.0")[0] == 2


def test_nothing_listens_beyond_loopback(cluster: Cluster, listening: set[str]) -> None:
    beyond = {address for address in sockets() - listening if not is_loopback(address)}
    assert beyond == set()


def sockets() -> set[str]:
    """The addresses and ports at which this machine listens, in Linux's hexadecimal."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A":
                found.add(fields[1])
    return found


def is_loopback(address: str) -> bool:
    return address.split(":")[0][-8:] == "0100007F" or address.startswith("0" * 24 + "01000000:")


def test_columns_are_terms_of_the_model(job: spork_ray.Job, single: spork.Index) -> None:
    terms = {"cell": 1.5, "protein": 0.5}
    with spork_ray.open(job.folder) as shards:
        encoder = shards._broker._encoder
        assert encoder is not None
        columns = np.array([encoder.vocabulary.index(term) for term in terms])
        weights = np.array(list(terms.values()), dtype=np.float32)
        mix = {"splade": 1, "bm25": 0}
        expected = single.search(terms, 10, mix=mix).ids
        assert shards.search((columns, weights), 10, mix=mix).ids == expected
        assert len(expected) == 10
        with pytest.raises(spork.SporkValueError, match="columns"):
            shards.search((columns - 10**6, weights), 10, mix=mix)
        text_alone = {"splade": 0, "bm25": 1}
        one = shards.search("dogs", vector=terms, mix=text_alone, query_idf=0.5)
        assert one.ids == single.search("dogs", vector=terms, mix=text_alone, query_idf=0.5).ids
    with pytest.raises(spork.SporkValueError, match="closed"):
        shards.search("a cell")


def test_a_task_that_fits_nowhere_is_refused(job: spork_ray.Job, tmp_path: Path) -> None:
    other = spork_ray.Job.of(tmp_path, job.corpus, model=None, bm25=True, shards=1)
    with pytest.raises(spork.SporkError, match="no node has 64 processors"):
        spork_ray.index(other, cpus=64)
