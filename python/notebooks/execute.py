#!/usr/bin/env python3
"""Executes notebooks, in place, so that they are committed with their outputs.

    python/notebooks/execute.py [--check] [NOTEBOOK…]

All of this folder, unless some are named. With --check nothing is written: each cell has to give
outputs of the kinds that are committed. Needs nbclient and ipykernel, and what the notebooks say
that they need; spork-search is that of this clone, as is the default model.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
#: Seconds that a cell may take.
TIMEOUT = 600


def executed(path: Path) -> nbformat.NotebookNode:
    """The notebook with the outputs that it gives now.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell raised.
    """
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(
        notebook, timeout=TIMEOUT, kernel_name="python3", resources={"metadata": {"path": HERE}}
    )
    client.execute()
    for cell in notebook.cells:
        # Times and the like, which differ each time.
        cell.metadata.pop("execution", None)
    notebook.metadata.language_info = {"name": "python"}
    return notebook


def kinds(notebook: nbformat.NotebookNode) -> list[list[list[str]]]:
    """For each cell of code, the kinds of its outputs."""
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return [[_kinds_of(output) for output in cell.outputs] for cell in cells]


def _kinds_of(output: nbformat.NotebookNode) -> list[str]:
    return [output.output_type, *sorted(output.get("data", ()))]


def main() -> int:
    """Executes what the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    parser.add_argument("notebooks", nargs="*", type=Path)
    args = parser.parse_args()
    packages = [str(HERE.parent), str(HERE.parent / "model"), os.environ.get("PYTHONPATH", "")]
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, packages))
    different = []
    for path in args.notebooks or sorted(HERE.glob("*.ipynb")):
        notebook = executed(path)
        if not args.check:
            nbformat.write(notebook, path)
        elif kinds(notebook) != kinds(nbformat.read(path, as_version=4)):
            different.append(path.name)
    if different:
        print(f"{', '.join(different)}: outputs differ in kind; execute them", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
