"""Documents and queries as benches/flat.rs writes them, and how good an answer is."""

import itertools
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix


class Collection:
    def __init__(self, folder: Path):
        def read(name, kind):
            return np.fromfile(folder / name, np.dtype(kind))

        self.offsets = read("offsets.u64", "<u8").astype(np.int64)
        self.terms = read("terms.u32", "<u4")
        self.impacts = read("impacts.u8", "u1")
        self.documents = len(self.offsets) - 1
        self.vocabulary = int(self.terms.max()) + 1
        ends = read("query-offsets.u64", "<u8").astype(np.int64)
        terms, weights = read("query-terms.u32", "<u4"), read("query-weights.u32", "<u4")
        rows = [slice(start, end) for start, end in itertools.pairwise(ends)]
        self.queries = [(terms[row], weights[row]) for row in rows]

    def inverted(self):
        """Where each term's list starts, docids and impacts."""
        rows = csr_matrix(
            (self.impacts, self.terms, self.offsets), shape=(self.documents, self.vocabulary)
        )
        lists = rows.tocsc()
        return lists.indptr.astype(np.int64), lists.indices.astype(np.uint32), lists.data

    def scores(self, query, docids):
        """Exact scores of documents."""
        terms, weights = query
        dense = np.zeros(max(self.vocabulary, int(terms.max(initial=0)) + 1), np.int64)
        dense[terms] = weights
        starts = self.offsets[docids]
        lengths = self.offsets[docids + 1] - starts
        row = np.repeat(np.arange(len(docids)), lengths)
        first = np.cumsum(lengths) - lengths
        place = np.arange(lengths.sum()) - first[row] + starts[row]
        products = dense[self.terms[place]] * self.impacts[place]
        return np.bincount(row, products, minlength=len(docids)).astype(np.int64)


class Best:
    """The best scores of each query, descending, as Spork found them."""

    def __init__(self, path: Path, queries: int):
        self.scores = np.fromfile(path, "<u4").reshape(queries, -1).astype(np.int64)

    def judge(self, collection: Collection, answers, k: int) -> dict:
        """Recall, a document counting if its score reaches the k-th best, and how many answers have
        other scores.
        """
        found = wanted = differing = 0
        for query, docids, best in zip(collection.queries, answers, self.scores):
            best = best[:k][best[:k] > 0]
            docids = np.unique(np.asarray(docids[:k], np.int64))
            got = np.sort(collection.scores(query, docids))[::-1]
            got = got[got > 0]
            wanted += len(best)
            found += int((got >= best[-1]).sum()) if len(best) else 0
            differing += not np.array_equal(got, best)
        return {"recall": found / max(wanted, 1), "differing": differing}
