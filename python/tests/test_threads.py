"""Many threads, and Ctrl-C."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse

import spork_search as spork
from conftest import MODEL

CALLS = 10_000


def test_random_calls_from_eight_threads(folder: str) -> None:
    """Readers see a state that there was, whatever writers do."""
    documents = [
        {"id": f"d{row}", "text": f"fork {row % 7} bowl", "year": row} for row in range(50)
    ]
    index = spork.build(folder, documents, model=None, columns="year:integer")
    failed: list[BaseException] = []

    def call(seed: int) -> None:
        rng = random.Random(seed)
        writes = 0
        try:
            for number in range(CALLS // 8):
                kind = rng.randrange(100)
                if kind == 0 and seed == 0 and writes < 10:
                    index.add([{"id": f"new{number}", "text": "fork", "year": 1}])
                    writes += 1
                elif kind < 3:
                    index.refresh()
                elif kind < 10:
                    results = index.search_batch(["fork", "bowl"], rng.randrange(1, 30), 2)
                    assert results.counts.min() > 0
                elif kind < 15:
                    assert index.explain("bowl", "d3")["points"] > 0
                elif kind < 20:
                    assert index.get("d3")["text"] == "fork 3 bowl"
                elif kind < 30:
                    assert index.search("fork", filter=f"year < {rng.randrange(2, 60)}").matched > 0
                else:
                    hits = index.search("fork bowl", rng.randrange(1, 60))
                    assert len(hits.ids) == len(hits.scores) == len(hits.texts) > 0
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=call, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed[0]


WORK = {
    "search_batch": """
        rng = np.random.default_rng(1)
        docs = scipy.sparse.random(30_000, 200, 0.3, "csr", np.float32, rng)
        index = spork.build(path, (docs, [str(i) for i in range(30_000)]))
        queries = scipy.sparse.random(30_000, 200, 0.5, "csr", np.float32, rng)
        work = lambda: index.search_csr(queries, k=1000, strategy="taat")
        """,
    "encode": """
        encoder = spork.Encoder(model)
        work = lambda: encoder.encode(["a fork and a bowl " * 50] * 2000)
        """,
    "build": """
        docs = [("d%d" % i, "fork %d bowl %d " % (i, i % 91) * 20) for i in range(40_000)]
        work = lambda: spork.build(path, docs, model=None)
        """,
}


@pytest.mark.parametrize("kind", WORK)
def test_ctrl_c_ends_work(kind: str, tmp_path: Path) -> None:
    script = "import signal, sys, time\nimport numpy as np, scipy.sparse, spork_search as spork\n"
    # What a shell starts in the background ignores the signal, and so do its children.
    script += "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
    script += "path, model = sys.argv[1:]\n"
    script += textwrap.dedent(WORK[kind])
    script += textwrap.dedent(
        """
        print("ready", flush=True)
        try:
            work()
            print("done", flush=True)
        except KeyboardInterrupt:
            print("interrupted", time.time(), flush=True)
        """
    )
    arguments = [sys.executable, "-c", script, str(tmp_path / "index"), str(MODEL)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        time.sleep(0.5)
        asked = time.time()
        child.send_signal(signal.SIGINT)
        said = child.stdout.readline().split()
    assert said[0] == "interrupted", said
    # A machine that is busy with other tests takes its time.
    assert float(said[1]) - asked < 2.0


def test_a_write_waits_for_an_interrupted_one(tmp_path: Path) -> None:
    vectors = tmp_path / "vectors.jsonl"
    with vectors.open("w") as file:
        for number in range(60_000):
            terms = {f"t{number * place % 997}": place for place in range(1, 20)}
            file.write(json.dumps({"id": f"d{number}", "vector": terms}) + "\n")
    script = """
        import signal, sys, time
        import spork_search as spork
        vectors, path = sys.argv[1:]
        signal.signal(signal.SIGALRM, signal.default_int_handler)
        # Work ends soon after Ctrl-C, but not at every moment of it.
        for tenths in range(1, 11):
            signal.setitimer(signal.ITIMER_REAL, tenths / 10)
            try:
                spork.build(path, vectors, model=None)
                signal.setitimer(signal.ITIMER_REAL, 0)
            except KeyboardInterrupt:
                pass
        print(len(spork.build(path, vectors, model=None)))
        """
    arguments = [sys.executable, "-c", textwrap.dedent(script), str(vectors), str(tmp_path / "i")]
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.stdout == "60000\n", done.stderr


def test_other_threads_go_on_while_the_engine_works(folder: str) -> None:
    rng = np.random.default_rng(2)
    counted = 0
    matrix = scipy.sparse.random(20_000, 200, 0.3, "csr", np.float32, rng)
    index = spork.build(folder, (matrix, [str(row) for row in range(20_000)]))
    worker = threading.Thread(target=lambda: index.search_csr(matrix[:3000], k=100))
    worker.start()
    while worker.is_alive():
        counted += 1
        time.sleep(0.001)
    assert counted > 5
