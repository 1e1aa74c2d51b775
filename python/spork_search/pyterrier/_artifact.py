"""Folders of indexes as PyTerrier's artifacts."""

from __future__ import annotations

import os
from typing import Any

TYPE = "sparse_index"
FORMAT = "spork"
#: What to install for an index.
HINT = "spork-search"
#: The file of an index that names its generation.
POINTER = "CURRENT"


def spork_metadata(path: str, listing: list[str]) -> dict[str, Any] | None:
    """What PyTerrier has to know of a folder if it is an index of Spork, also of one that another
    door made, such as ``spork index``; None if it is none. PyTerrier finds this function by the
    entry point ``pyterrier.artifact.metadata_adapter``.

    Args:
        path: the folder.
        listing: the names in it.
    """
    if POINTER not in listing or not any(name.startswith("generation-") for name in listing):
        return None
    return {"type": TYPE, "format": FORMAT, "package_hint": HINT}


def is_index(path: str | os.PathLike[str]) -> bool:
    """Whether a folder has an index."""
    return os.path.isfile(os.path.join(path, POINTER))
