"""SINDI, of VSAG: term lists in windows of documents, scored one window at a time. Whole it is
exact; with documents and queries pruned, and what is left ranked anew, it is not.
"""

import json
from pathlib import Path

import numpy as np

from .peer import Peer

WINDOW = 60_000


class Sindi(Peer):
    """Nothing is left out: floats of 32 bits, all postings of a query."""

    package = "pyvsag"
    pruned = 0.0
    ranked_anew = False

    def index(self, collection):
        import pyvsag

        limits = {"term_id_limit": collection.vocabulary + 1, "window_size": WINDOW}
        building = {"doc_prune_ratio": self.pruned, "use_reorder": self.ranked_anew}
        parameters = {
            "dtype": "sparse",
            "dim": int(np.diff(collection.offsets).max()),
            "metric_type": "ip",
            "index_param": {**limits, **building},
        }
        return pyvsag.Index("sindi", json.dumps(parameters))

    def build(self, collection, folder):
        index = self.index(collection)
        index.build(
            collection.offsets.astype(np.uint32),
            collection.terms.astype(np.uint32),
            collection.impacts.astype(np.float32),
            np.arange(collection.documents, dtype=np.int64),
        )
        index.save(str(folder / "index"))

    def index_files(self, folder: Path):
        return [folder / "index"]

    def open(self, collection, folder):
        self.opened = self.index(collection)
        self.opened.load(str(folder / "index"))
        self.vocabulary, self.documents = collection.vocabulary, collection.documents

    def settings(self, k):
        return [{"query_prune_ratio": 0.0, "n_candidate": k}]

    def prepare(self, terms, weights):
        # Terms that no document has are beyond its limit.
        known = terms < self.vocabulary
        ends = np.array([0, known.sum()], np.uint32)
        return ends, terms[known].astype(np.uint32), weights[known].astype(np.float32)

    def search(self, query, k, **setting):
        own = {**setting, "use_term_lists_heap_insert": False}
        # Ids come first; where there are fewer than k, the rest holds anything.
        docids, _ = self.opened.knn_search(*query, k, json.dumps({"sindi": own}))
        return [docid for docid in docids[0].tolist() if 0 <= docid < self.documents]


class PrunedSindi(Sindi):
    """Documents without the smallest two fifths of their weight."""

    pruned = 0.4
    ranked_anew = True

    def settings(self, k):
        candidates = [k, 2 * k, 4 * k] if k > 100 else [50, 100, 200]
        return [
            {"query_prune_ratio": ratio, "n_candidate": count}
            for ratio in [0.3, 0.4, 0.5, 0.6, 0.7]
            for count in candidates
        ]
