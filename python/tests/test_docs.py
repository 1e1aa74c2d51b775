"""Examples of the documentation, run as a reader would."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from conftest import ROOT


@pytest.fixture
def default_model(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The default model as if installed: in a clone its package finds the repository's."""
    monkeypatch.syspath_prepend(str(ROOT / "python/model"))
    yield
    sys.modules.pop("spork_search_model", None)


PAGES = ["README.md", "docs/python.md", "python/README.md"]


@pytest.mark.usefixtures("default_model")
@pytest.mark.parametrize("page", PAGES)
def test_examples_run(
    page: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / page).read_text(), re.M | re.S)
    assert blocks, f"{page}: no example"
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks:
        if "SparseEncoder(" in block:  # needs PyTorch and the network: scripts/slow/python-torch
            continue
        exec(compile(block, page, "exec"), names)
    assert "rank" in capsys.readouterr().out
