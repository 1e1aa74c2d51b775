"""The files of the default model of spork-search."""

from __future__ import annotations

from pathlib import Path

__all__ = ["path"]


def path() -> Path:
    """The folder of the model: in the package, or data/model where this is a clone of the
    repository.

    Raises:
        FileNotFoundError: it is in neither place.
    """
    here = Path(__file__).resolve().parent
    places = [here / "model", here.parents[2] / "data/model"]
    for folder in places:
        if (folder / "model.safetensors").is_file():
            return folder
    raise FileNotFoundError(
        f"no model in {' nor in '.join(map(str, places))}; pip install spork-search-model"
    )
