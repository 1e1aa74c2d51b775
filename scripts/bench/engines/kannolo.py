"""kannolo: approximate, a graph of neighbors (HNSW) over sparse vectors."""

import numpy as np

from .peer import Peer


class Kannolo(Peer):
    package = "kannolo"

    def build(self, collection, folder):
        import kannolo

        index = kannolo.SparsePlainHNSW.build_from_arrays(
            collection.terms.astype(np.int32),
            collection.impacts.astype(np.float32),
            collection.offsets,
            m=16,
            ef_construction=100,
        )
        index.save(str(folder / "index"))

    def index_files(self, folder):
        return list(folder.glob("index*"))

    def open(self, collection, folder):
        import kannolo

        self.index = kannolo.SparsePlainHNSW.load(str(self.index_files(folder)[0]))

    def settings(self, k):
        widths = [50, 100, 200, 400, 800, 1600] if k <= 100 else [1000, 2000, 4000]
        return [{"ef": max(k, ef)} for ef in widths]

    def prepare(self, terms, weights):
        return terms.astype(np.int32), weights.astype(np.float32)

    def search(self, query, k, ef):
        _, docids = self.index.search(*query, k, ef)
        return [int(docid) for docid in docids]
