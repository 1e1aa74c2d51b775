"""The check of scripts/bench/ciff: `ciff_check.py FOLDER PEERS_FOLDER [--inside]`.

Installs the peers and runs itself in their environment. FOLDER has index.ciff, queries.jsonl and
small.jsonl, and Spork's runs of both. The exit code is 1 where a peer has other scores.
"""

import json
import os
import sys
from pathlib import Path

DEPTH = 10


def queries_of(path):
    """Ids and weights of all queries."""
    records = [json.loads(line) for line in Path(path).read_text().splitlines()]
    return [(record["id"], record["vector"]) for record in records]


def run_of(path):
    """The scores of each query's documents."""
    run = {}
    for line in Path(path).read_text().splitlines():
        qid, _, docno, _, score, _ = line.split()
        run.setdefault(qid, {})[docno] = float(score)
    return run


def differing(name, queries, run, answers):
    """How many queries have other scores than in the run, or other documents above the last score.
    Documents that share the last score may be others of it.
    """
    wrong = 0
    for (qid, _), answer in zip(queries, answers):
        expected = run.get(str(qid), {})
        last = min(expected.values(), default=0)

        def above(scores, last=last):
            return {docno for docno, score in scores.items() if score > last}

        same = sorted(expected.values()) == sorted(answer.values())
        wrong += not (same and above(expected) == above(answer))
    print(f"ciff: {name}: {len(queries) - wrong} of {len(queries)} queries with equal scores")
    return wrong


def pisa(folder, queries):
    import numpy as np
    from ciff_toolkit.read import CiffReader
    from engines.pisa import Arrivals, Pisa, extension

    home = folder / "pisa"
    home.mkdir()
    with CiffReader(folder / "index.ciff") as reader:
        lists = list(reader.read_postings_lists())
        records = sorted(reader.read_documents(), key=lambda record: record.docid)
    with open(home / "inv.docs", "wb") as docs, open(home / "inv.freqs", "wb") as freqs:
        docs.write(np.array([1, len(records)], "<u4").tobytes())
        for row in lists:
            gaps = [posting.docid for posting in row.postings]
            numbers = [posting.tf for posting in row.postings]
            assert row.df == len(gaps) and row.cf == sum(numbers), row.term
            for file, values in [(docs, np.cumsum(gaps)), (freqs, np.array(numbers))]:
                file.write(np.insert(values, 0, len(values)).astype("<u4").tobytes())
    lengths = [len(records), *(record.doclength for record in records)]
    np.array(lengths, "<u4").tofile(home / "inv.sizes")
    (home / "fwd.terms").write_text("".join(f"{row.term}\n" for row in lists))
    docnos = [record.collection_docid for record in records]
    (home / "fwd.documents").write_text("".join(f"{docno}\n" for docno in docnos))
    engine = Pisa()
    engine.build(None, home)
    engine.open(None, home)
    room = len(queries) * DEPTH
    numbers, found = np.empty(room, np.int32), np.empty(room, object)
    scores = np.empty(room, np.float32)
    asked = [{term: float(weight) for term, weight in vector.items()} for _, vector in queries]
    count = extension().retrieve(
        engine.context,
        "ranked_or_taat",
        Arrivals(asked),
        k=DEPTH,
        threads=1,
        query_weighted=1,
        pretokenised=True,
        result_qidxs=numbers,
        result_docnos=found,
        result_ranks=np.empty(room, np.int32),
        result_scores=scores,
    )
    answers = [{} for _ in queries]
    for number, docno, score in zip(numbers[:count], found[:count], scores[:count]):
        answers[number][docno] = float(score)
    return answers


def bmp(folder, queries):
    import bmp as engine

    engine.ciff2bmp(str(folder / "index.ciff"), str(folder / "index.bmp"), 8, False)
    searcher = engine.Searcher(str(folder / "index.bmp"))
    answers = []
    for _, vector in queries:
        asked = {term: float(weight) for term, weight in vector.items()}
        docnos, scores = searcher.search(asked, k=DEPTH, alpha=1.0, beta=1.0)
        answers.append(dict(zip(docnos, scores)))
    return answers


def inside(folder):
    wrong = 0
    for name, answer, queries in [("PISA", pisa, "queries"), ("BMP", bmp, "small")]:
        asked = queries_of(folder / f"{queries}.jsonl")
        run = run_of(folder / f"index-{queries}.trec")
        wrong += differing(name, asked, run, answer(folder, asked))
    return 1 if wrong else 0


def main(folder, peers, *more):
    if more:
        sys.exit(inside(Path(folder)))
    from engines.install import Environment

    environment = Environment(Path(peers))
    for peer in ["pisa", "bmp"]:
        environment.install(peer)
    environment.pip("install", "ciff-toolkit==0.2.2")
    os.environ["LD_LIBRARY_PATH"] = str(environment.library)
    python = str(environment.python)
    os.execv(python, [python, __file__, folder, peers, "--inside"])


if __name__ == "__main__":
    main(*sys.argv[1:])
