"""The notebooks run, and give outputs of the kinds that are committed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT

for module in ("nbclient", "ipykernel", "matplotlib"):
    pytest.importorskip(module, reason=f"needs {module}")

FOLDER = ROOT / "python/notebooks"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_run(path: Path) -> None:
    program = [sys.executable, str(FOLDER / "execute.py"), "--check", str(path)]
    done = subprocess.run(program, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_notebooks_are_committed_as_executed() -> None:
    paths = sorted(FOLDER.glob("*.ipynb"))
    assert len(paths) == 3
    pictures = 0
    for path in paths:
        cells = [
            cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"
        ]
        assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))
        outputs = [output for cell in cells for output in cell["outputs"]]
        assert all(output["output_type"] != "error" for output in outputs)
        pictures += sum("image/png" in output.get("data", {}) for output in outputs)
    assert pictures == 2
