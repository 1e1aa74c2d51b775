"""Texts of documents that were found."""

from __future__ import annotations

import pandas as pd
import pyterrier as pt

from .._errors import SporkValueError
from ._folder import IndexFolder
from ._schematic import drawn_as


class SporkTextLoader(pt.Transformer):
    """Gives results the texts that the index stores; :meth:`SporkIndex.text_loader` makes it."""

    schematic = drawn_as("Spork Text Loader")

    def __init__(self, index: IndexFolder) -> None:
        self.index = index

    def transform(self, inp: pd.DataFrame) -> pd.DataFrame:
        """The frame with ``text`` beside its other columns.

        Raises:
            SporkValueError: the index stores no texts.
        """
        pt.validate.columns(inp, includes=["docno"], context=self)
        texts = [self._text(docno) for docno in inp["docno"]]
        return inp.assign(text=pd.Series(texts, index=inp.index, dtype=object))

    def _text(self, docno: str) -> str:
        text = self.index.open().get(docno).get("text")
        if text is None:
            raise SporkValueError(
                f"{self.index.path}: no texts are stored; index documents with store_text=True"
            )
        return text

    def __repr__(self) -> str:
        return f"SporkTextLoader({self.index!r})"
