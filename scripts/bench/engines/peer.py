"""What every peer has in common."""

import gc
import time
from importlib.metadata import version
from pathlib import Path


class Peer:
    """An engine that is measured. Documents keep the docids that the collection gives them."""

    package = ""  # the distribution whose version is told
    # The most bytes of memory that a search held in a process of its own.
    memory_elsewhere = 0

    def version(self) -> str:
        return version(self.package)

    def convert(self, collection, folder: Path) -> None:
        """Writes the collection as the engine reads it, if it reads files."""

    def build(self, collection, folder: Path) -> None:
        """Builds the index in `folder`."""
        raise NotImplementedError

    def index_files(self, folder: Path) -> list[Path]:
        """What a search reads."""
        raise NotImplementedError

    def open(self, collection, folder: Path) -> None:
        """Makes ready for searches."""
        raise NotImplementedError

    def settings(self, k: int) -> list[dict]:
        """The settings to choose the best of."""
        return [{}]

    def prepare(self, terms, weights):
        """A query as the engine takes it; not timed."""
        raise NotImplementedError

    def search(self, query, k: int, **setting) -> list[int]:
        """Docids, the best first."""
        raise NotImplementedError

    def answer(self, queries, k: int, setting: dict) -> tuple[list[float], list[list[int]]]:
        """Microseconds and docids of each query, on one thread, after a pass that warms up."""
        prepared = [self.prepare(*query) for query in queries]
        for query in prepared:
            self.search(query, k, **setting)
        times, answers = [], []
        gc.disable()
        for query in prepared:
            start = time.perf_counter_ns()
            answer = self.search(query, k, **setting)
            times.append((time.perf_counter_ns() - start) / 1e3)
            answers.append(answer)
        gc.enable()
        return times, answers


def name_of(term: int) -> str:
    """A term's name, for engines that want strings; names sort as numbers do."""
    return f"{term:06d}"
