"""splade-index: BM25S's arrays for SPLADE, scored by compiled loops."""

import numpy as np

from .peer import Peer


class SpladeIndex(Peer):
    """Its scoring and selection; vectors take the place of its model."""

    package = "splade-index"

    def build(self, collection, folder):
        starts, docids, impacts = collection.inverted()
        np.savez(
            folder / "scores.npz",
            indptr=starts.astype(np.int32),
            indices=docids.astype(np.int32),
            data=impacts.astype(np.float32),
        )

    def index_files(self, folder):
        return [folder / "scores.npz"]

    def open(self, collection, folder):
        from splade_index.numba.retrieve_utils import _retrieve_numba_functional

        self.retrieve = _retrieve_numba_functional
        self.scores = {**np.load(folder / "scores.npz"), "num_docs": collection.documents}
        self.vocabulary = collection.vocabulary

    def prepare(self, terms, weights):
        # Terms that no document has are beyond its array of lists.
        known = terms < self.vocabulary
        return [terms[known].astype(np.int32)], [weights[known].astype(np.float32)]

    def search(self, query, k):
        docids, scores = self.retrieve(*query, self.scores, k=k, show_progress=False)
        return docids[0][scores[0] > 0].tolist()
