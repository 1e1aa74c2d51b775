"""Seismic (Bruch, Nardini, Rulli, Venturini, SIGIR 2024): approximate, inverted lists in clusters
with summaries.
"""

import numpy as np

from .peer import Peer


class Seismic(Peer):
    """Lists of the length that is its default."""

    package = "pyseismic-lsr"
    # Postings of a list at most, and the share of a cluster's weight that its summary keeps.
    postings, energy = 3500, 0.4

    def build(self, collection, folder):
        import seismic

        dataset = seismic.SeismicDataset(dim=collection.vocabulary)
        names = [str(docid) for docid in range(collection.documents)]
        terms, weights = collection.terms.astype(np.int64), collection.impacts.astype(np.float32)
        dataset.add_documents_by_id(names, terms, weights, collection.offsets)
        index = seismic.SeismicIndex.build_from_dataset(
            dataset, n_postings=self.postings, summary_energy=self.energy
        )
        index.save(str(folder / "index"))

    def index_files(self, folder):
        return list(folder.glob("index*"))

    def open(self, collection, folder):
        import seismic

        self.text = seismic.get_seismic_string()
        self.index = seismic.SeismicIndex.load(str(self.index_files(folder)[0]))

    def settings(self, k):
        cuts = [3, 5, 10, 20, 40, 80] if k <= 100 else [10, 20, 40, 80]
        return [
            {"query_cut": cut, "heap_factor": factor}
            for cut in cuts
            for factor in [0.6, 0.7, 0.8, 0.9, 1.0]
        ]

    def prepare(self, terms, weights):
        return np.array([str(term) for term in terms], self.text), weights.astype(np.float32)

    def search(self, query, k, query_cut, heap_factor):
        found = self.index.search("", *query, k=k, query_cut=query_cut, heap_factor=heap_factor)
        return [int(docno) for _, _, docno in found]


class LongSeismic(Seismic):
    """Longer lists and fuller summaries, for a recall that the defaults do not reach."""

    postings, energy = 10_000, 0.6
