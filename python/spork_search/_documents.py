"""Documents of many shapes, handed over to the engine."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from . import _spork
from ._arrays import csr_parts, is_sparse, pair
from ._encoder import Encoder
from ._errors import SporkValueError

#: Names under which collections give a document's id and vector.
ID_NAMES = ("id", "_id", "docno", "doc_id", "docid", "pid")
VECTOR_NAMES = ("vector", "toks")
TEXT_NAMES = ("text", "contents", "body", "title")


def gather(
    path: str,
    docs: Any,
    encoder: Encoder | None,
    bm25: bool,
    terms: list[str] | None = None,
) -> _spork.Documents:
    """Hands documents over, for the index at ``path``."""
    native = _spork.Documents(path, None if encoder is None else encoder._native, bm25)
    if isinstance(docs, (str, os.PathLike)):
        _name(native, docs)
    elif isinstance(docs, tuple) and len(docs) == 2 and is_sparse(docs[0]):
        matrix, ids = docs
        native.push_rows([str(docno) for docno in ids], csr_parts(matrix), terms)
    elif is_sparse(docs):
        raise SporkValueError("a matrix of documents needs their ids: give (matrix, ids)")
    else:
        for number, document in enumerate(_rows(docs)):
            _push(native, number, document, terms)
    return native


def _name(native: _spork.Documents, docs: str | os.PathLike[str]) -> None:
    """A file, or the name of a data set of ir_datasets."""
    name = os.fspath(docs)
    if os.path.exists(name):
        native.push_file(name)
        return
    try:
        import ir_datasets
    except ImportError:
        raise SporkValueError(
            f"{name}: no such file; to take it for the name of a data set, pip install ir_datasets"
        ) from None
    try:
        dataset = ir_datasets.load(name.removeprefix("irds:"))
    except KeyError:
        raise SporkValueError(
            f"{name}: no such file, nor a data set of that name in ir_datasets"
        ) from None
    for document in dataset.docs_iter():
        record = {"id": document.doc_id, "text": document.default_text()}
        _push(native, 0, record, None)


def _rows(docs: Any) -> Iterator[Any]:
    """The rows of a data frame, or the items of an iterable."""
    if hasattr(docs, "to_dict") and hasattr(docs, "columns"):
        columns = list(docs.columns)
        for row in docs.itertuples(index=False, name=None):
            yield dict(zip(columns, row, strict=True))
        return
    if not isinstance(docs, Iterable) or isinstance(docs, (bytes, Mapping)):
        raise SporkValueError(
            f"{type(docs).__name__}: expected documents as a list of texts, an iterable of dicts, "
            "a data frame, a file, the name of a data set of ir_datasets, or (matrix, ids)"
        )
    yield from docs


def _push(native: _spork.Documents, number: int, document: Any, terms: list[str] | None) -> None:
    """Hands one document over."""
    if isinstance(document, str):
        native.push_json(_json({"_id": str(number), "text": document}), True, True)
        return
    if isinstance(document, tuple) and len(document) == 2 and isinstance(document[1], str):
        native.push_json(_json({"_id": str(document[0]), "text": document[1]}), True, True)
        return
    if not isinstance(document, Mapping):
        raise SporkValueError(
            f"document {number} is of type {type(document).__name__}: expected a text, a pair of "
            "id and text, or a dict with id, text or vector"
        )
    record = dict(document)
    docno = _take(record, ID_NAMES)
    if docno is None:
        raise SporkValueError(
            f"document {number} has no id: expected one of {', '.join(ID_NAMES)} among "
            f"{', '.join(map(str, record)) or 'nothing'}"
        )
    vector = _take(record, VECTOR_NAMES)
    has_text = any(isinstance(record.get(name), str) for name in TEXT_NAMES)
    if vector is not None:
        if not isinstance(vector, dict):
            vector = dict(vector) if isinstance(vector, Mapping) else pair(*_two(vector))
        native.push_vector(str(docno), vector, terms)
    if record or vector is None:
        native.push_json(_json({"_id": str(docno), **record}), has_text, vector is None)


def _two(vector: Any) -> tuple[Any, Any]:
    if hasattr(vector, "indices") and hasattr(vector, "values") and not callable(vector.values):
        return vector.indices, vector.values
    if isinstance(vector, tuple) and len(vector) == 2:
        return vector
    raise SporkValueError(
        f"{type(vector).__name__}: expected a vector as a dict of terms and weights, or as "
        "(columns, weights)"
    )


def _take(record: dict[str, Any], names: Iterable[str]) -> Any:
    """The value of the first name that a record has; it is taken out."""
    for name in names:
        if name in record:
            return record.pop(name)
    return None


def _json(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    """What JSON knows of a value that it doesn't."""
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, datetime.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=datetime.timezone.utc)).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    raise SporkValueError(
        f"{value!r} of type {type(value).__name__}: no value of a column, which are texts, "
        "numbers, booleans, times and lists of texts"
    )
