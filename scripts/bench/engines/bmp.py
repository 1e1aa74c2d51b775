"""BMP: block-max pruning (Mallia, Suel, Tonellotto, SIGIR 2024), from its authors' wheel.

Its searcher scales every query to a largest weight of 32, so at its most exact it answers a query
of 5 bits.
"""

from .peer import Peer, name_of

BLOCK = 8


class Bmp(Peer):
    package = "bmp"

    def build(self, collection, folder):
        import bmp

        indexer = bmp.Indexer(str(folder / "index.bmp"), BLOCK, True)
        names = [name_of(term) for term in range(collection.vocabulary)]
        for docid, (start, end) in enumerate(zip(collection.offsets, collection.offsets[1:])):
            row = zip(collection.terms[start:end].tolist(), collection.impacts[start:end].tolist())
            indexer.add_document(str(docid), {names[term]: impact for term, impact in row})
        indexer.finish()

    def index_files(self, folder):
        return [folder / "index.bmp"]

    def open(self, collection, folder):
        import bmp

        self.searcher = bmp.Searcher(str(folder / "index.bmp"))

    def settings(self, k):
        return [{"alpha": alpha, "beta": 1.0} for alpha in [1.0, 0.95, 0.9, 0.85]]

    def prepare(self, terms, weights):
        return {name_of(term): float(weight) for term, weight in zip(terms, weights)}

    def search(self, query, k, alpha, beta):
        docnos, _ = self.searcher.search(query, k=k, alpha=alpha, beta=beta)
        return [int(docno) for docno in docnos]
