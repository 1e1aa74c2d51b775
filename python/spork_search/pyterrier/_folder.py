"""The folder of an index, which need not be there yet."""

from __future__ import annotations

import os

import pyterrier as pt

from .._index import Index, Model
from .._index import open as open_index
from ._artifact import FORMAT, HINT, TYPE, is_index


class IndexFolder(pt.Artifact):
    """What indexers and retrievers share: where the index is, and the index, opened once.

    Args:
        path: the folder of the index.
        model: what encodes texts, as for :func:`spork_search.build` and :func:`spork_search.open`.
    """

    ARTIFACT_TYPE = TYPE
    ARTIFACT_FORMAT = FORMAT
    ARTIFACT_PACKAGE_HINT = HINT

    def __init__(self, path: str | os.PathLike[str], *, model: Model = "auto") -> None:
        super().__init__(os.fspath(path))
        self.model = model
        self._opened: Index | None = None
        self._fields: dict[str, str] | None = None

    def built(self) -> bool:
        """Whether there is an index."""
        return is_index(self.path)

    def open(self) -> Index:
        """The :class:`spork_search.Index`, which is opened once."""
        if self._opened is None:
            self._opened = open_index(self.path, model=self.model)
        return self._opened

    def close(self) -> None:
        """Closes the index, so that its next use opens it anew."""
        self._opened = self._fields = None

    def fields(self) -> dict[str, str]:
        """The source of each field, ``"bm25"`` or ``"vectors"``, by its name. They are asked for
        once, as all statistics of the index come with them."""
        if self._fields is None:
            fields = self.open().stats["fields"]
            self._fields = {field["name"]: field["source"] for field in fields}
        return self._fields

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_opened": None, "_fields": None}
