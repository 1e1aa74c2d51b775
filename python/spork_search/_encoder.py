"""Texts to sparse vectors."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from . import _model, _spork
from ._arrays import csr_parts, optional
from ._errors import SporkValueError

if TYPE_CHECKING:
    import scipy.sparse

Kind = Literal["document", "query"]
Form = Literal["csr", "dict", "arrays", "torch"]


class Word(NamedTuple):
    """A term of a text's vector."""

    term: str
    weight: float
    #: Whether it stands in the text; else it is expansion.
    lexical: bool


class Encoder:
    """A SPLADE model, which makes sparse vectors of texts on the processor.

    Args:
        model: a model's folder, its name on the Hugging Face Hub, or ``"default"``.
        pooling: ``"max"`` or ``"sum"``, for a folder that does not say it.
        precision: ``"fp32"``, or ``"bf16"``, which takes half the time where the processor has
            instructions for it; by default what the model and the processor suggest.
        max_length: tokens a text at most, special tokens included; more are cut off.
        top_terms: terms a vector at most, the heaviest.

    Raises:
        SporkError: there is no such model, or it is no SPLADE model.

    >>> encoder = Encoder(MODEL)
    >>> vector = encoder.encode("how long does jet lag last", kind="query", as_="dict")
    >>> vector["jet"] > 1
    True

    Threads may use one encoder at the same time. It can be pickled, and used in a process that was
    forked: it is then loaded again.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] = "default",
        *,
        pooling: Literal["max", "sum"] | None = None,
        precision: Literal["fp32", "bf16"] | None = None,
        max_length: int | None = None,
        top_terms: int | None = None,
    ) -> None:
        self._arguments = {
            "model": os.fspath(model),
            "pooling": pooling,
            "precision": precision,
            "max_length": max_length,
            "top_terms": top_terms,
        }
        name = _model.NAME if os.fspath(model) == "default" else None
        self._native = _spork.NativeEncoder(
            _model.resolve(model), pooling, precision, max_length, top_terms, name
        )
        self._vocabulary: list[str] | None = None

    @property
    def name(self) -> str:
        """The model's name."""
        return self._native.name

    @property
    def query_idf(self) -> float:
        """The power of idf that the model asks for in queries; 0 if it asks for none."""
        return self._native.query_idf

    @property
    def vocabulary(self) -> list[str]:
        """The term of each column of the vectors."""
        if self._vocabulary is None:
            self._vocabulary = self._native.vocabulary
        return self._vocabulary

    def encode(
        self,
        texts: str | Iterable[str],
        kind: Kind = "document",
        as_: Form = "csr",
        *,
        threads: int = 0,
    ) -> Any:
        """The vectors of texts, or the vector of one text.

        Args:
            texts: one text, or several.
            kind: ``"document"`` or ``"query"``: some models encode them differently.
            as_: ``"csr"`` for a scipy matrix of float32, texts × vocabulary; ``"arrays"`` for its
                three arrays (places of rows int64, columns int32, weights float32); ``"dict"`` for
                a dict of terms and weights a text; ``"torch"`` for a sparse COO tensor.
            threads: threads that take part in tokenizing; 0 for one a core.

        Returns:
            What ``as_`` says. For one text a dict, or a matrix of one row.

        >>> Encoder(MODEL).encode(["a fork", "a bowl"]).shape[0]
        2
        """
        single = isinstance(texts, str)
        listed = [texts] if isinstance(texts, str) else list(texts)
        places, columns, weights = self._native.encode(listed, kind, threads)
        if as_ == "arrays":
            return places, columns, weights
        if as_ == "dict":
            vectors = self._dicts(places, columns, weights)
            return vectors[0] if single else vectors
        shape = (len(listed), len(self.vocabulary))
        if as_ == "csr":
            sparse = optional("scipy.sparse", "scipy", 'as_="csr"')
            return sparse.csr_matrix((weights, columns, places), shape=shape)
        if as_ == "torch":
            torch = optional("torch", "torch", 'as_="torch"')
            rows = np.repeat(np.arange(len(listed)), np.diff(places))
            indices = torch.from_numpy(np.stack([rows, columns.astype(np.int64)]))
            values = torch.from_numpy(weights)
            # It warns where it is not told whether to check what is so by construction.
            return torch.sparse_coo_tensor(
                indices, values, shape, is_coalesced=True, check_invariants=False
            )
        raise SporkValueError(f"as_ {as_!r}: expected csr, arrays, dict or torch")

    def _dicts(self, places: Any, columns: Any, weights: Any) -> list[dict[str, float]]:
        vocabulary = self.vocabulary
        rows = []
        for start, end in zip(places[:-1].tolist(), places[1:].tolist(), strict=True):
            terms = [vocabulary[column] for column in columns[start:end].tolist()]
            rows.append(dict(zip(terms, weights[start:end].tolist(), strict=True)))
        return rows

    def decode(
        self, vectors: scipy.sparse.csr_matrix | Any, top: int | None = None
    ) -> list[list[tuple[str, float]]]:
        """Terms and weights of each row of a sparse matrix, the heaviest first.

        Args:
            vectors: a scipy matrix or a sparse torch tensor, rows × vocabulary.
            top: terms a row at most.

        >>> encoder = Encoder(MODEL)
        >>> encoder.decode(encoder.encode(["a fork"]), top=1)[0][0][0]
        'fork'
        """
        places, columns, weights = csr_parts(vectors)
        vocabulary = self.vocabulary
        decoded = []
        for start, end in zip(places[:-1].tolist(), places[1:].tolist(), strict=True):
            words = zip(columns[start:end].tolist(), weights[start:end].tolist(), strict=True)
            row = sorted(
                ((vocabulary[column], weight) for column, weight in words),
                key=lambda word: (-word[1], word[0]),
            )
            decoded.append(row[:top])
        return decoded

    def words(self, text: str, kind: Kind = "document") -> list[Word]:
        """The bag of words that the model makes of a text, the heaviest first: the words of the
        text, and expansion.

        >>> Encoder(MODEL).words("a fork")[0].lexical
        True
        """
        own = set(self._native.lexical_terms(text, kind))
        _, columns, weights = self._native.encode([text], kind, 1)
        words = [
            Word(self.vocabulary[column], weight, column in own)
            for column, weight in zip(columns.tolist(), weights.tolist(), strict=True)
        ]
        return sorted(words, key=lambda word: (-word.weight, word.term))

    def score(self, query: str, texts: Sequence[str]) -> np.ndarray:
        """The product of a query's vector with that of each text, ``float32[texts]``. Nothing is
        quantized, so that scores differ from those of an index by its rounding.

        >>> scores = Encoder(MODEL).score("fork", ["a fork", "a bowl"])
        >>> bool(scores[0] > scores[1])
        True
        """
        _, columns, weights = self._native.encode([query], "query", 1)
        dense = np.zeros(len(self.vocabulary), dtype=np.float32)
        dense[columns] = weights
        places, columns, weights = self._native.encode(list(texts), "document", 0)
        products = np.concatenate([[0.0], np.cumsum(weights.astype(np.float64) * dense[columns])])
        return (products[places[1:]] - products[places[:-1]]).astype(np.float32)

    def __getstate__(self) -> dict[str, Any]:
        return self._arguments

    def __setstate__(self, state: dict[str, Any]) -> None:
        arguments = dict(state)
        self.__init__(arguments.pop("model"), **arguments)  # type: ignore[misc]

    def __repr__(self) -> str:
        return f"Encoder({self.name!r})"
