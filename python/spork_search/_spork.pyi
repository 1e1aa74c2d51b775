"""The native half of the package. Its classes are wrapped by those of the package."""

import os
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__version__: str

_Rows: TypeAlias = tuple[NDArray[Any], NDArray[Any], NDArray[Any]]
_Options: TypeAlias = tuple[Any, ...]
_Statistics: TypeAlias = tuple[list[int], list[tuple[int, str, int, int]]]
_AnswerOfShard: TypeAlias = tuple[
    list[str], list[int], float, bool, bool, int | None, int | None, int
]

class Hit:
    """A document that was found."""

    @property
    def id(self) -> str:
        """Its id (docno)."""
    @property
    def score(self) -> float:
        """Its score, as a run file has it."""
    @property
    def rank(self) -> int:
        """Its rank, from 1."""

class Hits:
    ids: list[str]
    scores: NDArray[np.float64]
    texts: list[str | None]
    snippets: list[tuple[str, list[tuple[int, int]]] | None]
    exact: bool
    unseen_at_most: float | None
    matched: int | None
    fields: dict[str, float]
    vector: list[tuple[str, float]]
    seconds: float
    postings: int
    generation: int
    def explain_json(self, place: int) -> str: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> Hit: ...

class Results:
    qids: list[str]
    id_lists: list[list[str]]
    scores: NDArray[np.float64]
    counts: NDArray[np.int64]
    exact: NDArray[np.bool_]
    unseen_at_most: NDArray[np.float64]
    seconds: NDArray[np.float64]
    def __len__(self) -> int: ...
    def row(self, row: int) -> tuple[list[str], NDArray[np.float64]]: ...
    def trec(self, path: str | None, tag: str) -> bytes | None: ...

class NativeEncoder:
    name: str
    path: os.PathLike[str]
    vocabulary: list[str]
    query_idf: float
    def __init__(
        self,
        path: str,
        pooling: str | None = ...,
        precision: str | None = ...,
        max_length: int | None = ...,
        top_terms: int | None = ...,
        name: str | None = ...,
    ) -> None: ...
    def encode(
        self, texts: list[str], side: str, threads: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.float32]]: ...
    def lexical_terms(self, text: str, side: str) -> list[int]: ...

class NativeIndex:
    generation: int
    def __init__(
        self,
        paths: list[str],
        encoder: NativeEncoder | None = ...,
        separate: bool = ...,
        terms: list[str] | None = ...,
    ) -> None: ...
    def __len__(self) -> int: ...
    def refresh(self) -> bool: ...
    def search(self, text: Any, vector: Any, k: int, arguments: _Options | None = ...) -> Hits: ...
    def like(self, docno: str, k: int, arguments: _Options | None) -> Hits: ...
    def search_batch(
        self,
        qids: list[str],
        queries: list[tuple[Any, Any]],
        k: int,
        threads: int,
        arguments: _Options | None,
    ) -> Results: ...
    def statistics(
        self, queries: list[tuple[Any, Any]], arguments: _Options | None
    ) -> tuple[int, _Statistics]: ...
    def search_shard(
        self,
        queries: list[tuple[Any, Any]],
        k: int,
        arguments: _Options | None,
        statistics: _Statistics,
    ) -> tuple[int, list[_AnswerOfShard]]: ...
    def search_csr(
        self,
        qids: list[str] | None,
        rows: _Rows,
        terms: list[str] | None,
        k: int,
        threads: int,
        arguments: _Options | None,
    ) -> Results: ...
    def explain(
        self,
        text: Any,
        vector: Any,
        docno: str,
        document: str | None,
        arguments: _Options | None = ...,
    ) -> str: ...
    def get(self, docno: str) -> str: ...
    def contains(self, docno: str) -> bool: ...
    def docnos(self) -> list[str]: ...
    def stats(self) -> str: ...
    def verify(self) -> None: ...
    def diff(
        self,
        other: NativeIndex,
        names: list[str],
        topics: list[tuple[str, Any]],
        k: int,
        qrels: Any,
        metric: str,
    ) -> str: ...
    def delete(
        self, docnos: list[str] | None, filter: str | None, ignore_missing: bool, purge: bool
    ) -> int: ...
    def merge(self) -> None: ...

class Documents:
    def __init__(
        self, path: str, encoder: NativeEncoder | None = ..., bm25: bool = ...
    ) -> None: ...
    def push_json(self, line: str, text: bool, encode: bool) -> None: ...
    def push_vector(self, docno: str, vector: Any, terms: list[str] | None = ...) -> None: ...
    def push_rows(self, docnos: list[str], rows: _Rows, terms: list[str] | None) -> None: ...
    def push_file(self, path: str) -> None: ...
    def has_text(self) -> bool: ...
    def build(
        self, building: dict[str, Any], progress: Callable[[str, int | None, int], None] | None
    ) -> None: ...
    def add(
        self,
        update: bool,
        memory: int,
        threads: int,
        progress: Callable[[str, int | None, int], None] | None,
    ) -> None: ...

class JoinedHits:
    ids: list[str]
    scores: NDArray[np.float64]
    exact: bool
    unseen_at_most: float | None
    matched: int | None
    postings: int
    def __len__(self) -> int: ...
    def trec(self, qid: str, tag: str) -> bytes: ...

def add_statistics(shards: list[_Statistics]) -> _Statistics: ...
def join_answers(answers: list[_AnswerOfShard], k: int) -> JoinedHits: ...
def main(arguments: list[str]) -> int: ...
def model_of(paths: list[str]) -> tuple[str | None, str | None]: ...
def evaluate(qrels: Any, runs: list[tuple[str, Any]], metrics: str, complete: bool) -> str: ...
def read_qrels(path: str) -> list[tuple[str, str, int]]: ...
def read_topics(path: str) -> list[tuple[str, str]]: ...
