"""An index that one process has open."""

from __future__ import annotations

import os
import time
from typing import Any


class Shard:
    """A shard that is open for searches; an actor of Ray. Queries come with their vectors."""

    def __init__(self, folder: str, threads: int = 1) -> None:
        os.environ.setdefault("RAYON_NUM_THREADS", str(max(1, threads)))
        from .._index import open

        self._index = open(folder, model=None)
        self._native = self._index._native

    def statistics(self, queries: list[Any], arguments: Any) -> tuple[int, Any, float]:
        """The generation, what it has of the queries' terms, and the seconds that took."""
        begun = time.perf_counter()
        generation, told = self._native.statistics(queries, arguments)
        return generation, told, time.perf_counter() - begun

    def search(
        self, queries: list[Any], k: int, arguments: Any, statistics: Any
    ) -> tuple[int, list[Any], float]:
        """The generation, the answers to the queries, and the seconds that took."""
        begun = time.perf_counter()
        generation, found = self._native.search_shard(queries, k, arguments, statistics)
        return generation, found, time.perf_counter() - begun

    def refresh(self) -> bool:
        """Opens the current generation, if it is another; says whether it was."""
        return self._index.refresh()

    def ping(self) -> int:
        """The process, which says that it is there."""
        return os.getpid()
