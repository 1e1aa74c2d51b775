"""Spork in PyTerrier: an index, its indexers and retrievers, and encoders.

.. code-block:: python

    import pyterrier as pt
    from spork_search.pyterrier import SporkEncoder, SporkIndex

    encoder = SporkEncoder("default")
    index = SporkIndex("my.spork")
    (encoder.doc_encoder() >> index.toks_indexer()).index(dataset.get_corpus_iter())
    pipeline = encoder.query_encoder() >> index.retriever() % 10

Weights stay the model's floats from the encoder to the engine, which rounds them once: nothing
along a pipeline is multiplied by 100 and cut to an integer.
"""

from ._artifact import spork_metadata
from ._encoder import SporkDocEncoder, SporkEncoder, SporkQueryEncoder, SporkScorer
from ._index import SporkIndex
from ._indexer import SporkIndexer
from ._retriever import SporkRetriever
from ._text_loader import SporkTextLoader

__all__ = [
    "SporkDocEncoder",
    "SporkEncoder",
    "SporkIndex",
    "SporkIndexer",
    "SporkQueryEncoder",
    "SporkRetriever",
    "SporkScorer",
    "SporkTextLoader",
    "spork_metadata",
]
