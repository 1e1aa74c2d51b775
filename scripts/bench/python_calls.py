#!/usr/bin/env python3
"""Measures one package; see scripts/bench/python, which calls it.

python_calls.py NAME PASSAGES FOLDER OUTPUT.json QUERIES ROUNDS
"""

import itertools
import json
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from importlib.metadata import version
from pathlib import Path

import numpy as np
import scipy.sparse
import spork_search as spork

ROOT = Path(__file__).resolve().parents[2]
K = 10
ENOUGH_RECALL = 0.98
TRIAL = 100
CALLS = 10_000
TURNS = 7
INTERRUPTS = 10
ORDERS = ("input", "bisection")


def read_queries(passages, most):
    """The first queries, as dicts."""
    with (passages / "queries.jsonl").open() as lines:
        return [json.loads(line)["vector"] for line in itertools.islice(lines, most)]


def vocabulary(queries):
    """Terms of the queries, in a fixed order."""
    return sorted({term for query in queries for term in query})


def as_matrix(queries, terms):
    """The queries as rows, a column a term."""
    place = {term: column for column, term in enumerate(terms)}
    indptr = np.cumsum([0, *map(len, queries)])
    columns = np.array([place[term] for query in queries for term in query], dtype=np.int32)
    weights = np.array([w for query in queries for w in query.values()], dtype=np.float32)
    shape = (len(queries), len(terms))
    return scipy.sparse.csr_matrix((weights, columns, indptr), shape=shape)


def own_index(folder, passages, order):
    path = folder / f"spork-{order}.index"
    if not path.exists():
        # Stored vectors are read at once, for the other packages.
        vectors = passages / "passages.svec"
        spork.build(path, vectors, model=None, store_vectors=True, order=order)
    return spork.open(path, model=None)


def best_of(rounds, call):
    """The median of the times of some calls, in seconds, after one that warms up."""
    result = call()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times), result


def measure_spork(passages, folder, queries, rounds):
    """As other packages, at the faster of its settings: here, orders of documents."""
    found = {order: measure_order(order, passages, folder, queries, rounds) for order in ORDERS}
    order = min(found, key=lambda order: found[order]["batch_ms"])
    return {
        "setting": f"order {order}",
        "queries": len(queries),
        **found[order],
        "interrupt_ms": interrupts(passages, folder, queries),
    }


def interrupts(passages, folder, queries):
    """The longest time from Ctrl-C to the end of a long call, by call."""
    # What a shell starts in the background ignores the signal, and so do its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    index = own_index(folder, passages, ORDERS[0])
    encoder = spork.Encoder(ROOT / "data/model")
    texts = passages / "collection.tsv"
    with texts.open() as lines:
        some = [line.split("\t", 1)[1] for line in itertools.islice(lines, 2000)]
    vectors, output = passages / "passages.svec", folder / "interrupted.index"
    calls = {
        "search_batch": lambda: index.search_batch(queries * 100, K, 1),
        "Encoder.encode": lambda: encoder.encode(some),
        "build of vectors": lambda: spork.build(output, vectors, model=None, progress=False),
        "build of texts": lambda: spork.build(output, texts, model=None, progress=False),
    }
    return {name: max(interrupt(call) for _ in range(INTERRUPTS)) for name, call in calls.items()}


def interrupt(call):
    """Milliseconds from Ctrl-C, after a while, to the end of the call."""
    sent = []

    def send():
        sent.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(0.1, send)
    timer.start()
    try:
        call()
    except KeyboardInterrupt:
        return 1e3 * (time.perf_counter() - sent[0])
    finally:
        timer.cancel()
    sys.exit("the call ended before it was interrupted")


def measure_order(order, passages, folder, queries, rounds):
    index = own_index(folder, passages, order)
    terms = vocabulary(queries)
    matrix = as_matrix(queries, terms)

    def once(query):
        start = time.perf_counter()
        hits = index.search(query, K)
        found = (hits.ids, hits.scores)
        return time.perf_counter() - start, found

    def rows():
        """A call, and what of it was not the search itself, in µs a query."""
        start = time.perf_counter()
        results = index.search_csr(matrix, K, threads=1, terms=terms)
        seconds = time.perf_counter() - start
        spent = (seconds, seconds - results.seconds.sum())
        return [1e6 * part / len(queries) for part in spent]

    # What Python adds is a small part of a query, so the library takes turns with it.
    turns = []
    for _ in range(TURNS):
        single = [once(queries[call % len(queries)])[0] for call in range(CALLS)]
        csr, rest = map(statistics.median, zip(*[rows() for _ in range(rounds + 1)][1:]))
        own = library(folder, order, queries, rounds)
        turns.append((1e6 * statistics.median(single), csr, rest, own))
    batch, _ = best_of(rounds, lambda: index.search_batch(queries, K, 1))
    both, _ = best_of(rounds, lambda: index.search_batch(queries, K, 2))
    medians = {
        "search_us": [single for single, _, _, _ in turns],
        "library_search_us": [own["search_us"] for _, _, _, own in turns],
        "search_overhead_us": [single - own["search_us"] for single, _, _, own in turns],
        "csr_us": [csr for _, csr, _, _ in turns],
        "library_batch_us": [1e3 * own["batch_ms"] for _, _, _, own in turns],
        # The searches themselves vary more than what is around them.
        "csr_overhead_us": [rest - own["batch_rest_us"] for _, _, rest, own in turns],
    }
    return {
        "documents": len(index),
        **{name: statistics.median(values) for name, values in medians.items()},
        "overheads_us": {
            name: sorted(medians[name]) for name in ("search_overhead_us", "csr_overhead_us")
        },
        "batch_ms": 1e3 * batch / len(queries),
        "threads": batch / both,
    }


def library(folder, order, queries, rounds):
    """The library's own time for the same queries, by benches/library.rs."""
    path = folder / "queries.jsonl"
    path.write_text("".join(json.dumps({"vector": query}) + "\n" for query in queries))
    arguments = [folder / f"spork-{order}.index", path, K, CALLS, rounds]
    command = [ROOT / "target/release/examples/library", *map(str, arguments)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {name: float(value) for name, value in map(str.split, told.splitlines())}


def recall(exact, found):
    """The share of the exact best that were found; ties at the cutoff are few here."""
    hit = sum(len(set(best) & set(map(str, got))) for best, got in zip(exact, found))
    return hit / max(1, sum(map(len, exact)))


def choose(settings, answer, queries, exact):
    """The fastest of the settings that find enough, by some of the queries."""
    tried = []
    for setting in settings:
        start = time.perf_counter()
        found = answer(queries[:TRIAL], setting)
        seconds = time.perf_counter() - start
        tried.append((min(recall(exact[:TRIAL], found), ENOUGH_RECALL), -seconds, setting))
    return max(tried, key=lambda row: row[:2])[2]


def documents_of(index):
    """Terms and weights of all documents, as the engine has them."""
    return ((docno, index.vector(docno)) for docno in index.docnos())


class Seismic:
    """Approximate: clustered inverted lists."""

    package = "pyseismic-lsr"
    settings = tuple(
        {"query_cut": cut, "heap_factor": factor}
        for cut in (5, 10, 20, 40)
        for factor in (0.7, 0.8, 0.9, 1.0)
    )

    def build(self, path, documents):
        import seismic

        text = seismic.get_seismic_string()
        dataset = seismic.SeismicDataset()
        for docno, vector in documents:
            terms = np.array(list(vector), dtype=text)
            dataset.add_document(docno, terms, np.array(list(vector.values()), np.float32))
        seismic.SeismicIndex.build_from_dataset(dataset).save(str(path))

    def open(self, path):
        import seismic

        self.text = seismic.get_seismic_string()
        self.index = seismic.SeismicIndex.load(str(next(path.parent.glob(f"{path.name}.index*"))))

    def prepare(self, queries):
        terms = [np.array(list(query), dtype=self.text) for query in queries]
        weights = [np.array(list(query.values()), dtype=np.float32) for query in queries]
        return list(zip(terms, weights))

    def answer(self, prepared, setting):
        found = []
        for terms, weights in prepared:
            hits = self.index.search("", terms, weights, k=K, **setting)
            found.append([docno for _, _, docno in hits])
        return found


class SpladeIndex:
    """Exact: numba over compressed columns."""

    package = "splade-index"
    settings = ({"batch_size": 32},)

    class Tensor:
        """What the package asks of a sparse tensor, over arrays."""

        def __init__(self, terms, weights):
            self.terms, self.weights = terms, weights

        def coalesce(self):
            return self

        def indices(self):
            return [type(self)(self.terms, None)]

        def values(self):
            return type(self)(self.weights, None)

        def numpy(self):
            return self.terms

    def build(self, path, documents):
        rows = list(documents)
        terms = sorted({term for _, vector in rows for term in vector})
        matrix = as_matrix([vector for _, vector in rows], terms).tocsc()
        scipy.sparse.save_npz(path.with_suffix(".npz"), matrix)
        path.with_suffix(".json").write_text(
            json.dumps({"terms": terms, "ids": [docno for docno, _ in rows]})
        )

    def open(self, path):
        from splade_index import SPLADE

        matrix = scipy.sparse.load_npz(path.with_suffix(".npz"))
        names = json.loads(path.with_suffix(".json").read_text())
        self.place = {term: column for column, term in enumerate(names["terms"])}
        self.engine = SPLADE(backend="numba")
        self.engine.scores = {
            "data": matrix.data.astype(np.float32),
            "indices": matrix.indices.astype(np.int32),
            "indptr": matrix.indptr.astype(np.int32),
            "num_docs": matrix.shape[0],
        }
        self.engine.model = self
        self.engine.corpus = np.array(names["ids"], dtype=object)
        self.engine.document_ids = np.array(names["ids"], dtype=object)
        self.engine.unique_token_ids_set = set(np.flatnonzero(np.diff(matrix.indptr)).tolist())

    def encode_query(self, queries, **_):
        """In the place of the network: vectors that are there already."""
        return queries

    def prepare(self, queries):
        prepared = []
        for query in queries:
            known = {term: weight for term, weight in query.items() if term in self.place}
            terms = np.array([self.place[term] for term in known], dtype=np.int32)
            weights = np.array(list(known.values()), dtype=np.float32)
            prepared.append(self.Tensor(terms, weights))
        return prepared

    def answer(self, prepared, setting):
        ids = self.engine.retrieve(
            prepared, k=K, return_as="doc_ids", show_progress=False, **setting
        )
        return [list(row) for row in ids]


class Pisa:
    """Exact: dynamic pruning over compressed lists, as a pipeline of PyTerrier."""

    package = "pyterrier-pisa"
    settings = tuple(
        {"query_algorithm": name}
        for name in ("block_max_maxscore", "block_max_wand", "maxscore", "ranked_or")
    )

    def build(self, path, documents):
        from pyterrier_pisa import PisaIndex

        toks = ({"docno": docno, "toks": vector} for docno, vector in documents)
        PisaIndex(str(path), stemmer="none").toks_indexer(scale=100.0).index(toks)

    def open(self, path):
        from pyterrier_pisa import PisaIndex

        self.index = PisaIndex(str(path), stemmer="none")

    def prepare(self, queries):
        import pandas as pd

        qids = [str(place) for place in range(len(queries))]
        return pd.DataFrame({"qid": qids, "query": "", "query_toks": queries})

    def answer(self, prepared, setting):
        engine = self.index.quantized(num_results=K, threads=1, toks_scale=100.0, **setting)
        found = engine(prepared).groupby("qid")["docno"].apply(list)
        return [found.get(qid, []) for qid in prepared["qid"]]


PEERS = {"pyseismic-lsr": Seismic, "splade-index": SpladeIndex, "pyterrier-pisa": Pisa}


def measure_peer(name, passages, folder, queries, rounds):
    peer = PEERS[name]()
    own = own_index(folder, passages, "input")
    exact = [ids for _, ids, _ in own.search_batch(queries, K)]
    path = folder / f"{name}.index"
    built = folder / f"{name}.built"
    if not built.exists():
        peer.build(path, documents_of(own))
        built.write_text("")
    peer.open(path)
    prepared = peer.prepare(queries)
    setting = choose(peer.settings, peer.answer, prepared, exact)
    seconds, found = best_of(rounds, lambda: peer.answer(prepared, setting))
    return {
        "version": version(peer.package),
        "ms": 1e3 * seconds / len(queries),
        "recall": recall(exact, found),
        "setting": ", ".join(f"{key} {value}" for key, value in setting.items()),
    }


def main():
    name, passages, folder, output, most, rounds = sys.argv[1:]
    passages, folder = Path(passages), Path(folder)
    queries = read_queries(passages, int(most))
    if name == "spork":
        figures = measure_spork(passages, folder, queries, int(rounds))
    else:
        figures = measure_peer(name, passages, folder, queries, int(rounds))
    Path(output).write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    main()
