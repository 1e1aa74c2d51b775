"""What tests and examples of the package share."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

import spork_search as spork

# As spork_search.ray.start does, before Ray is imported: everything is on loopback.
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"

# Its modules import PyTerrier.
collect_ignore_glob = [] if find_spec("pyterrier") else ["spork_search/pyterrier/*"]

ROOT = Path(__file__).resolve().parents[1]
#: The default model, as the repository has it.
MODEL = ROOT / "data/model"
SCIFACT = ROOT / "data/scifact"

DOCUMENTS = [
    {"id": "0", "text": "Forks, bowls and an old fork.", "year": 1999},
    {"id": "1", "text": "Another bowl, and a fork.", "year": 2020},
]


@pytest.fixture(scope="session")
def encoder() -> spork.Encoder:
    return spork.Encoder(MODEL)


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path / "index")


@pytest.fixture
def index(folder: str) -> spork.Index:
    """An index of BM25 with a column."""
    return spork.build(folder, DOCUMENTS, model=None, columns="year:integer")


@pytest.fixture(scope="session")
def program() -> str:
    """The command line, of the same build as the module."""
    found = str(ROOT / os.environ.get("SPORK", "target/debug/spork"))
    if not Path(found).is_file():
        pytest.fail(f"{found}: no program; cargo build -p spork-cli, or say SPORK=…")
    return found


@pytest.fixture(autouse=True)
def names(doctest_namespace: dict[str, object], tmp_path: Path) -> None:
    """What examples use: an index, its folder, and a model."""
    path = str(tmp_path / "examples")
    built = spork.build(path, DOCUMENTS, model=None, columns="year:integer")
    doctest_namespace.update(
        INDEX=built, PATH=path, MODEL=str(MODEL), build=spork.build, open=spork.open
    )
