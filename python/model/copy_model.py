"""Puts the files of data/model into the package when it is built, so that the repository has them
once. In a source distribution they are in the package already."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INSIDE = "spork_search_model/model"


class CopyModel(BuildHookInterface):
    """Hatchling's hook, which runs before it collects files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Names the files and their places in the archive.

        Raises:
            FileNotFoundError: there is no model, neither in the repository nor here.
        """
        here = Path(self.root)
        if (here / INSIDE / "model.safetensors").is_file():
            return
        model = here.parents[1] / "data/model"
        if not (model / "model.safetensors").is_file():
            raise FileNotFoundError(
                f"{model}: no model; the package is built in a clone of the repository"
            )
        build_data["force_include"][str(model)] = INSIDE
