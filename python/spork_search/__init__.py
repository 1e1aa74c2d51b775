"""Learned sparse retrieval (SPLADE), BM25 and hybrids of both: exact, and fast.

>>> import spork_search as spork
>>> index = spork.build(PATH, ["Sparse vectors fit an inverted index.", "A fork and a bowl."])
>>> index.search("forks").ids
['1']
"""

from ._bench import bench
from ._build import build
from ._encoder import Encoder, Word
from ._errors import NoDocumentError, SporkError, SporkOSError, SporkValueError
from ._evaluate import Evaluation, evaluate, read_qrels, read_topics
from ._index import Index, open
from ._results import Explanation, Hit, Hits, Results
from ._spork import __version__

__all__ = [
    "Encoder",
    "Evaluation",
    "Explanation",
    "Hit",
    "Hits",
    "Index",
    "NoDocumentError",
    "Results",
    "SporkError",
    "SporkOSError",
    "SporkValueError",
    "Word",
    "__version__",
    "bench",
    "build",
    "evaluate",
    "open",
    "read_qrels",
    "read_topics",
]
