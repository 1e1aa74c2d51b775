"""The text of a document among its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import SporkValueError

#: The columns of a document's text: those that every door of Spork joins.
TEXT_FIELDS = ("title", "text")

TextField = str | Sequence[str] | None


def names_of(text_field: TextField) -> tuple[str, ...]:
    """The columns that a setting names."""
    if text_field is None:
        return TEXT_FIELDS
    return (text_field,) if isinstance(text_field, str) else tuple(text_field)


def joined(document: Mapping[str, Any], text_field: TextField) -> str | None:
    """The text of a document: its columns joined by a space, and trimmed. None where it has none
    of them.

    Raises:
        SporkValueError: a column that is named is missing, or is no text.
    """
    parts = []
    for name in names_of(text_field):
        value = document.get(name)
        if value is None and text_field is None:
            continue
        if not isinstance(value, str):
            raise SporkValueError(
                f"document {document.get('docno')!r}: expected text in {name!r}, got "
                f"{type(value).__name__}"
            )
        parts.append(value)
    return " ".join(parts).strip() if parts else None
