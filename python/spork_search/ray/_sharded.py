"""Shards that are open on the nodes of a cluster, searched as one index."""

from __future__ import annotations

import itertools
import logging
import os
import time
from collections.abc import Sequence
from typing import Any

from .._encoder import Encoder
from .._errors import SporkError, SporkValueError
from .._index import Index
from ._broker import Broker, Joined, JoinedBatch, ShardError
from ._job import Job
from ._shard import Shard
from ._start import start

_log = logging.getLogger("spork_search.ray")

Model = str | os.PathLike[str] | Encoder | None

#: Queries that a shard answers at a time.
CONCURRENT = 16
#: Seconds that a lost shard may take to be open again somewhere.
PATIENCE = 60.0
#: Seconds before the next replica is asked.
PAUSE = 0.1


def open(
    folders: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    model: Model = "job",
    replicas: int = 1,
    cpus: float = 0,
    most: int = 256,
    address: str | None = None,
) -> ShardedIndex:
    """Opens shards, each in processes of its own on any node.

    Args:
        folders: the folder of a job, or those of the shards.
        model: what encodes queries as text; ``"job"`` for that of the job.
        replicas: processes a shard. Where one is lost another answers; it is started again.
        cpus: processors that Ray sets aside for each process.
        most: queries under way at a time; more are refused with :class:`Busy`.
        address: of a Ray cluster; by default one of this machine alone is started.

    Raises:
        SporkError: shards that have fixed different things, which are not searched as one.
    """
    ray = start(address)
    if isinstance(folders, str | os.PathLike):
        job = Job.read(folders)
        folders = job.shard_folders
        model = job.model if model == "job" else model
    elif model == "job":
        model = None
    encoder = Encoder(model) if isinstance(model, str | os.PathLike) else model
    listed = [os.path.abspath(folder) for folder in folders]
    if not listed or replicas < 1:
        raise SporkValueError(f"{len(listed)} shards, {replicas} replicas: expected one or more")
    # Refused together before any process is started.
    whole = Index(listed, model=encoder)
    actor = ray.remote(Shard).options(
        num_cpus=cpus,
        max_restarts=-1,
        max_concurrency=CONCURRENT,
        scheduling_strategy="SPREAD",
    )
    threads = max(1, int(cpus))
    groups = [[actor.remote(folder, threads) for _ in range(replicas)] for folder in listed]
    index = ShardedIndex(ray, listed, groups, whole, encoder, most)
    # What can't be opened on its node is told here.
    for turn in range(replicas):
        index._call("ping", (), turn)
    return index


class ShardedIndex:
    """An index in shards, made by :func:`run` and :func:`open`. Threads may use it at the same
    time."""

    def __init__(
        self,
        ray: Any,
        folders: list[str],
        groups: list[list[Any]],
        whole: Index,
        encoder: Encoder | None,
        most: int,
    ) -> None:
        self._ray = ray
        self.folders = folders
        self._groups = groups
        self._closed = False
        self._whole = whole
        sources = [field["source"] for field in whole.stats["fields"]]
        self._broker = Broker(self._call, sources, encoder, most)

    def __len__(self) -> int:
        """Number of documents."""
        return len(self._whole)

    def search(self, query: Any = None, k: int = 10, **options: Any) -> Joined:
        """The best ``k`` documents for a query. The arguments are those of
        :meth:`spork_search.Index.search`, and so is the answer, to the bit."""
        return self._broker.search(query, k, **options)

    def search_batch(self, queries: Any, k: int = 10, **options: Any) -> JoinedBatch:
        """The best ``k`` documents for each of many queries, as
        :meth:`spork_search.Index.search_batch` takes them."""
        return self._broker.search_batch(queries, k, **options)

    @property
    def whole(self) -> Index:
        """All shards as one index, open in this process, for all but searches at scale:
        ``whole.explain``, ``whole.get``, ``whole.like``, ``whole.stats``."""
        return self._whole

    def refresh(self) -> bool:
        """Opens the current generation of every shard, and says whether any was another. All
        replicas do."""
        refreshed = [self._whole.refresh()]
        for turn in range(len(self._groups[0])):
            refreshed += self._call("refresh", (), turn)
        return any(refreshed)

    def close(self) -> None:
        """Ends the processes that have the shards open."""
        self._closed = True
        for actor in itertools.chain.from_iterable(self._groups):
            self._ray.kill(actor)

    def __enter__(self) -> ShardedIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        replicas = len(self._groups[0])
        return f"ShardedIndex({len(self.folders)} shards, {replicas} each, {len(self)} documents)"

    def _call(self, method: str, arguments: tuple[Any, ...], turn: int) -> list[Any]:
        """Calls a method of one replica of every shard, of another one where that is lost."""
        if self._closed:
            raise SporkValueError("these shards are closed")
        shards = range(len(self._groups))
        sent = [self._send(shard, method, arguments, turn) for shard in shards]
        answers, faults = [], []
        for shard in shards:
            try:
                answers.append(self._answer(shard, sent[shard], method, arguments, turn))
            except SporkError as error:
                faults.append(error)
        # All are heard before one is told: Ray tells of errors that nobody has asked for.
        if faults:
            raise faults[0]
        return answers

    def _send(self, shard: int, method: str, arguments: tuple[Any, ...], turn: int) -> Any:
        group = self._groups[shard]
        return getattr(group[turn % len(group)], method).remote(*arguments)

    def _answer(
        self, shard: int, reference: Any, method: str, arguments: tuple[Any, ...], turn: int
    ) -> Any:
        exceptions, folder = self._ray.exceptions, self.folders[shard]
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                return self._ray.get(reference)
            except exceptions.RayTaskError as error:
                # What the engine says, and not Ray's account of where.
                known = isinstance(error.cause, SporkError)
                raise error.cause if known else SporkError(f"{folder}: {error.cause!r}") from None
            except exceptions.RayError as error:
                if getattr(error, "actor_init_failed", False):
                    raise ShardError(f"{folder}: it can't be opened there: {error}") from None
                if time.monotonic() > give_up:
                    raise ShardError(f"{folder}: no replica answers: {error}") from None
                _log.warning("%s: a replica is lost; the next one is asked", folder)
                time.sleep(PAUSE)
                turn += 1
                reference = self._send(shard, method, arguments, turn)
