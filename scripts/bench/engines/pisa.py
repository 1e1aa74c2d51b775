"""PISA, through the extension module of pyterrier-pisa, without PyTerrier."""

import importlib.util
import time
from pathlib import Path

import numpy as np

from .peer import Peer, name_of

ENCODING = "block_simdbp"
BLOCK = 64


def extension():
    """The module's file is loaded by itself: importing its package would want PyTerrier."""
    package = importlib.util.find_spec("pyterrier_pisa")
    folder = Path(package.submodule_search_locations[0])
    spec = importlib.util.spec_from_file_location("_pisathon", next(folder.glob("_pisathon*.so")))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def with_lengths(starts, values):
    """Each list, its length before it, as PISA's binary sequences are."""
    return np.insert(values.astype("<u4"), starts[:-1], np.diff(starts).astype("<u4"))


class Arrivals:
    """Queries, handed out one by one; the time from one to the next is what the one took."""

    def __init__(self, queries):
        self.queries, self.moments = queries, []

    def __len__(self):
        return len(self.queries)

    def __iter__(self):
        for number, query in enumerate(self.queries):
            self.moments.append(time.perf_counter_ns())
            yield number, query
        self.moments.append(time.perf_counter_ns())


class Pisa(Peer):
    package = "pyterrier-pisa"

    def convert(self, collection, folder):
        starts, docids, impacts = collection.inverted()
        used = np.flatnonzero(np.diff(starts))
        starts = np.append(starts[used], starts[-1])
        lengths = np.bincount(
            np.repeat(np.arange(collection.documents), np.diff(collection.offsets)),
            collection.impacts,
            minlength=collection.documents,
        )
        collection_size = np.array([1, collection.documents], "<u4")
        np.concatenate([collection_size, with_lengths(starts, docids)]).tofile(folder / "inv.docs")
        with_lengths(starts, impacts).tofile(folder / "inv.freqs")
        np.insert(lengths.astype("<u4"), 0, collection.documents).tofile(folder / "inv.sizes")
        (folder / "fwd.terms").write_text("".join(f"{name_of(term)}\n" for term in used))
        (folder / "fwd.documents").write_text(
            "".join(f"{docid}\n" for docid in range(collection.documents))
        )

    def build(self, collection, folder):
        for file in folder.glob("quantized*"):
            file.unlink()
        module = extension()
        module.build_binlex(str(folder / "fwd.documents"), str(folder / "fwd.doclex"))
        module.build_binlex(str(folder / "fwd.terms"), str(folder / "fwd.termlex"))
        self.prepare_index(module, folder)

    def prepare_index(self, module, folder):
        context = module.RetrievalContext()
        module.prepare_index(context, str(folder), ENCODING, "quantized", "", block_size=BLOCK)
        return context

    def index_files(self, folder):
        return [*folder.glob("quantized*"), folder / "fwd.doclex", folder / "fwd.termlex"]

    def open(self, collection, folder):
        self.module = extension()
        self.context = self.prepare_index(self.module, folder)

    def settings(self, k):
        names = ["maxscore", "block_max_maxscore", "block_max_wand", "ranked_or_taat"]
        return [{"algorithm": name} for name in names]

    def prepare(self, terms, weights):
        return {name_of(term): float(weight) for term, weight in zip(terms, weights)}

    def answer(self, queries, k, setting):
        prepared = [self.prepare(*query) for query in queries]
        self.retrieve(prepared, k, **setting)
        return self.retrieve(prepared, k, **setting)

    def retrieve(self, queries, k, algorithm):
        arrivals = Arrivals(queries)
        room = len(queries) * k
        numbers, docnos = np.empty(room, np.int32), np.empty(room, object)
        found = self.module.retrieve(
            self.context,
            algorithm,
            arrivals,
            k=k,
            threads=1,
            query_weighted=1,
            pretokenised=True,
            result_qidxs=numbers,
            result_docnos=docnos,
            result_ranks=np.empty(room, np.int32),
            result_scores=np.empty(room, np.float32),
        )
        answers = [[] for _ in queries]
        for number, docno in zip(numbers[:found], docnos[:found]):
            answers[number].append(int(docno))
        return [float(ns) / 1e3 for ns in np.diff(arrivals.moments)], answers
