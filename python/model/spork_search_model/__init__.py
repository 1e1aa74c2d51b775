"""The files of the default model of spork-search."""

from __future__ import annotations

from pathlib import Path

__all__ = ["path"]


def path() -> Path:
    """The folder of the model.

    Raises:
        FileNotFoundError: the package was not built: it is a folder of the repository.
    """
    folder = Path(__file__).parent / "model"
    if not (folder / "model.safetensors").is_file():
        raise FileNotFoundError(
            f"{folder}: no model; install the package, or give data/model of the repository"
        )
    return folder
