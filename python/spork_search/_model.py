"""Where models are."""

from __future__ import annotations

import importlib
import importlib.util
import os

from ._errors import SporkValueError

PACKAGE = "spork_search_model"
#: The name under which indexes record it.
NAME = "spork-search-model"


def is_installed() -> bool:
    """Whether the default model is installed, which is a package of its own."""
    return importlib.util.find_spec(PACKAGE) is not None


def resolve(model: str | os.PathLike[str]) -> str:
    """The folder of a model, or its id on the Hugging Face Hub.

    ``"default"`` is the model of the package ``spork-search-model``.
    """
    name = os.fspath(model)
    if name != "default":
        return name
    if not is_installed():
        raise SporkValueError(
            "the default model is not installed; install it with "
            "`pip install 'spork-search[model]'`, or give model= a folder or the name of a model "
            "on the Hugging Face Hub"
        )
    return os.fspath(importlib.import_module(PACKAGE).path())
