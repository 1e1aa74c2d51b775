"""Collections that are too large for one machine, on Ray: encode, index and search them in shards.

>>> from spork_search import ray as spork_ray  # doctest: +SKIP
>>> index = spork_ray.run("corpus.jsonl", "work", shards=4, model="default")  # doctest: +SKIP
>>> index.search("how long does jet lag last", k=10).ids  # doctest: +SKIP

The answer is that of one index of all documents, to the bit: shards are built like one another, and
a query is weighed by the document frequencies of all of them. Files hold what is made, not Ray's
object store, in a folder that every node sees; what is complete there is not made again.

Needs ``pip install 'spork-search[ray]'``. docs/scale.md in the repository tells more.
"""

from ._broker import Busy, Joined, JoinedBatch, ShardError
from ._job import Job
from ._run import encode, index, run
from ._serve import serve
from ._sharded import ShardedIndex, open
from ._start import start

__all__ = [
    "Busy",
    "Job",
    "Joined",
    "JoinedBatch",
    "ShardError",
    "ShardedIndex",
    "encode",
    "index",
    "open",
    "run",
    "serve",
    "start",
]
