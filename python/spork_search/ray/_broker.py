"""One query to all shards, and their answers to one."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from .. import _spork
from .._encoder import Encoder
from .._errors import SporkError, SporkValueError
from .._queries import Filter, Mix, Strategy, each_query, options_of, plain_query

#: How often a query is begun anew because an index changed between its two steps.
ROUNDS = 5
#: Seconds between them.
PAUSE = 0.05


class Busy(SporkError):
    """More queries are under way than the broker takes; try again in a moment."""


class ShardError(SporkError):
    """A shard that no replica answers for."""


class Joined:
    """The answer of all shards to one query, the best first: that of one index of all documents.

    Attributes:
        ids: the ids of the documents, ``list[str]``.
        scores: the scores, ``float64[hits]``: the numbers that a run file has.
        exact: whether these are certified to be the best documents for the whole query.
        unseen_at_most: what a document that was not scored has at most, where that matters.
        matched: how many documents the filter keeps; None without a filter.
    """

    def __init__(self, native: _spork.JoinedHits, seconds: dict[str, float]) -> None:
        self._native = native
        self.ids: list[str] = native.ids
        self.scores: np.ndarray = native.scores
        self.exact: bool = native.exact
        self.unseen_at_most: float | None = native.unseen_at_most
        self.matched: int | None = native.matched
        #: What the answer took: ``total``, and ``shard``, the time of the slowest one.
        self.seconds = seconds

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[tuple[str, float]]:
        return iter(zip(self.ids, self.scores.tolist(), strict=True))

    def __repr__(self) -> str:
        return f"Joined({len(self)} hits, exact={self.exact})"


class JoinedBatch(Sequence[Joined]):
    """The answers of all shards to many queries, in their order."""

    def __init__(self, qids: list[str], answers: list[Joined]) -> None:
        self.qids = qids
        self._answers = answers

    def __len__(self) -> int:
        return len(self._answers)

    def __getitem__(self, place: Any) -> Any:
        return self._answers[place]

    def to_trec(self, path: str | None = None, tag: str = "spork") -> str | None:
        """The answers as a TREC run, the very bytes that ``spork search`` writes: into a file, or
        as text if no path is given."""
        pairs = zip(self.qids, self._answers, strict=True)
        run = b"".join(answer._native.trec(qid, tag) for qid, answer in pairs)
        if path is None:
            return run.decode()
        with open(path, "wb") as file:
            file.write(run)
        return None

    def to_run(self) -> dict[str, dict[str, float]]:
        """The answers as ``{qid: {docno: score}}``."""
        return {qid: dict(each) for qid, each in zip(self.qids, self._answers, strict=True)}


#: Calls a method of one replica of every shard, which a number chooses; gives the answers in the
#: shards' order.
FanOut = Callable[[str, tuple[Any, ...], int], list[Any]]


class Broker:
    """Sends queries to all shards and joins what they answer.

    A query goes out twice: first for what the shards have of its terms, which summed up gives it
    the weights that it has in one index of all documents, then for the hits.

    Args:
        call: calls a method of every shard.
        sources: what the fields of the index are made of, ``"vectors"`` and ``"bm25"``.
        encoder: what encodes queries as text.
        most: queries under way at a time; more are refused.
    """

    def __init__(
        self, call: FanOut, sources: Sequence[str], encoder: Encoder | None, most: int = 256
    ) -> None:
        self._call = call
        self._sources = list(sources)
        self._encoder = encoder
        self._room = threading.BoundedSemaphore(most)
        self._most = most
        self._turns = itertools.count()

    def search(
        self,
        query: str | Mapping[str, float] | Any = None,
        k: int = 10,
        *,
        vector: Mapping[str, float] | Any = None,
        filter: Filter = None,
        mix: Mix = None,
        alpha: float | None = None,
        deadline_ms: float | None = None,
        strategy: Strategy | None = None,
        query_idf: float | None = None,
    ) -> Joined:
        """The best ``k`` documents for a query; the arguments are those of
        :meth:`spork_search.Index.search`."""
        text = plain_query(query)
        pair = self._named(text, None if vector is None else plain_query(vector))
        options = (mix, filter, strategy, alpha, deadline_ms, query_idf)
        return self._with_room(lambda: self._search([pair], k, options))[0]

    def search_batch(
        self,
        queries: Any,
        k: int = 10,
        *,
        filter: Filter = None,
        mix: Mix = None,
        alpha: float | None = None,
        deadline_ms: float | None = None,
        strategy: Strategy | None = None,
        query_idf: float | None = None,
    ) -> JoinedBatch:
        """The best ``k`` documents for each of many queries, as
        :meth:`spork_search.Index.search_batch` takes them."""
        listed = list(each_query(queries))
        pairs = [self._named(text, vector) for _, text, vector in listed]
        options = (mix, filter, strategy, alpha, deadline_ms, query_idf)
        answers = self._with_room(lambda: self._search(pairs, k, options)) if pairs else []
        return JoinedBatch([str(qid) for qid, _, _ in listed], answers)

    def _named(self, text: Any, vector: Any) -> tuple[Any, Any]:
        """A query whose vectors have terms in place of columns, as the shards know no model."""
        return tuple(
            self._terms(part) if isinstance(part, tuple) else part for part in (text, vector)
        )

    def _terms(self, arrays: tuple[Any, Any]) -> dict[str, float]:
        if self._encoder is None:
            raise SporkValueError(
                "a query as columns and weights: give a model, or terms as a dict"
            )
        vocabulary = self._encoder.vocabulary
        columns, weights = (np.asarray(part) for part in arrays)
        if columns.shape != weights.shape:
            raise SporkValueError(f"{columns.size} columns and {weights.size} weights")
        if columns.size and not 0 <= columns.min() <= columns.max() < len(vocabulary):
            raise SporkValueError(f"columns: expected 0 to {len(vocabulary) - 1}")
        pairs = zip(columns.tolist(), weights.tolist(), strict=True)
        return {vocabulary[column]: weight for column, weight in pairs}

    def _with_room(self, search: Callable[[], list[Joined]]) -> list[Joined]:
        if not self._room.acquire(blocking=False):
            raise Busy(f"{self._most} queries are under way; try again in a moment")
        try:
            return search()
        finally:
            self._room.release()

    def _search(
        self, pairs: list[tuple[Any, Any]], k: int, options: tuple[Any, ...]
    ) -> list[Joined]:
        begun = time.perf_counter()
        mix, filter, strategy, alpha, deadline_ms, query_idf = options
        given = options_of(filter, mix, strategy, alpha, deadline_ms, query_idf)
        groups = self._encoded(pairs, given)
        answers: list[Any] = [None] * len(pairs)
        slowest = 0.0
        for arguments, places, queries in groups:
            shards, seconds = self._ask(queries, k, arguments)
            slowest += seconds
            for place, of_query in zip(places, zip(*shards, strict=True), strict=True):
                answers[place] = _spork.join_answers(list(of_query), k)
        took = {"total": time.perf_counter() - begun, "shard": slowest}
        return [Joined(answer, took) for answer in answers]

    def _ask(
        self, queries: list[tuple[Any, Any]], k: int, arguments: tuple[Any, ...]
    ) -> tuple[list[list[Any]], float]:
        """What each shard answers to queries, and the time of the slowest."""
        # Both steps go to the same replicas, which may be of different generations.
        turn = next(self._turns)
        for _ in range(ROUNDS):
            told = self._call("statistics", (queries, arguments), turn)
            statistics = _spork.add_statistics([each for _, each, _ in told])
            found = self._call("search", (queries, k, arguments, statistics), turn)
            # A shard that was refreshed in between has weighed with what it had before.
            if [each[0] for each in told] == [each[0] for each in found]:
                pairs = zip(told, found, strict=True)
                seconds = max((before[2] + after[2] for before, after in pairs), default=0.0)
                return [answers for _, answers, _ in found], seconds
            time.sleep(PAUSE)
        raise ShardError("the shards change faster than a query is answered; try again")

    def _encoded(
        self, pairs: list[tuple[Any, Any]], arguments: tuple[Any, ...]
    ) -> list[tuple[tuple[Any, ...], list[int], list[tuple[Any, Any]]]]:
        """The queries with their vectors, in groups that have the same options: the model asks for
        a power of idf, and a vector that was given stays as it is."""
        texts = [
            place
            for place, (text, vector) in enumerate(pairs)
            if isinstance(text, str) and vector is None and self._takes_vector(arguments)
        ]
        others = [place for place in range(len(pairs)) if place not in set(texts)]
        groups = []
        if others:
            groups.append((arguments, others, [pairs[place] for place in others]))
        if texts:
            if self._encoder is None:
                raise SporkValueError(
                    "a query as text, for an index of vectors: give a model, a vector, or "
                    "mix={'bm25': 1, 'splade': 0} where there is a field of BM25"
                )
            listed = [pairs[place][0] for place in texts]
            vectors = self._encoder.encode(listed, kind="query", as_="dict")
            power = self._encoder.query_idf if arguments[5] is None else arguments[5]
            both = "bm25" in self._sources
            queries = [
                (text, vector) if both else (vector, None)
                for text, vector in zip(listed, vectors, strict=True)
            ]
            groups.append(((*arguments[:5], power), texts, queries))
        return groups

    def _takes_vector(self, arguments: tuple[Any, ...]) -> bool:
        """Whether a field of vectors counts."""
        if "vectors" not in self._sources:
            return False
        for part in (arguments[0] or "").split(","):
            name, _, share = part.partition("=")
            # A mix that is none is told of by the engine.
            if name.strip() == "splade" and share.strip() in ("0", "0.0"):
                return False
        return True
