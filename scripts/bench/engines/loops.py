"""Compiled loops, as research code searches: a score for each document, then a partition
(naver/splade's retrieval).
"""

import numba
import numpy as np

from .peer import Peer


@numba.njit(nogil=True)
def add_up(starts, docids, impacts, terms, weights, documents):
    scores = np.zeros(documents, np.float32)
    for number in range(len(terms)):
        weight = weights[number]
        for place in range(starts[terms[number]], starts[terms[number] + 1]):
            scores[docids[place]] += weight * impacts[place]
    return scores


class Numba(Peer):
    package = "numba"

    def build(self, collection, folder):
        starts, docids, impacts = collection.inverted()
        np.savez(
            folder / "lists.npz", starts=starts, docids=docids, impacts=impacts.astype(np.float32)
        )

    def index_files(self, folder):
        return [folder / "lists.npz"]

    def open(self, collection, folder):
        lists = np.load(folder / "lists.npz")
        self.lists = lists["starts"], lists["docids"], lists["impacts"]
        self.documents = collection.documents

    def prepare(self, terms, weights):
        return terms.astype(np.int64), weights.astype(np.float32)

    def search(self, query, k):
        scores = add_up(*self.lists, *query, self.documents)
        found = np.flatnonzero(scores)
        if len(found) > k:
            found = found[np.argpartition(-scores[found], k)[:k]]
        return found[np.argsort(-scores[found])]
