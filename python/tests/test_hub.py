"""Indexes on the Hugging Face Hub, with a folder in the place of the network."""

from __future__ import annotations

import shutil
import sys
import types
from pathlib import Path

import pytest

import spork_search as spork


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The Hub's calls as its package has them, over a folder."""
    there = tmp_path / "hub"
    module = types.ModuleType("huggingface_hub")

    def create_repo(repo_id: str, *, repo_type: str, exist_ok: bool) -> None:
        assert repo_type == "dataset" and exist_ok
        (there / repo_id).mkdir(parents=True, exist_ok=True)

    def upload_folder(
        *, repo_id: str, folder_path: str, repo_type: str, ignore_patterns: list[str]
    ) -> types.SimpleNamespace:
        ignore = shutil.ignore_patterns(*ignore_patterns)
        shutil.copytree(folder_path, there / repo_id, dirs_exist_ok=True, ignore=ignore)
        return types.SimpleNamespace(commit_url=f"https://hub/{repo_id}")

    def snapshot_download(repo_id: str, *, repo_type: str) -> str:
        assert repo_type == "dataset"
        return str(there / repo_id)

    module.create_repo, module.upload_folder = create_repo, upload_folder  # type: ignore[attr-defined]
    module.snapshot_download = snapshot_download  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "huggingface_hub", module)
    return there


def test_an_index_goes_to_the_hub_and_back(hub: Path, index: spork.Index) -> None:
    index.add([{"id": "2", "text": "a third fork"}])
    assert index.push("me/forks") == "https://hub/me/forks"
    assert not list(hub.rglob("*.lock")) and not list(hub.rglob(".*"))
    back = spork.open("hf:me/forks")
    back.verify()
    assert back.search("forks").ids == index.search("forks").ids


def test_without_the_hubs_package(index: spork.Index, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(spork.SporkError, match="pip install huggingface_hub"):
        spork.open("hf:me/forks")
    with pytest.raises(spork.SporkError, match="pip install huggingface_hub"):
        index.push("me/forks")


def test_a_dataset_of_ir_datasets(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its calls as its package has them; the package itself would ask the network."""

    class Document(types.SimpleNamespace):
        def default_text(self) -> str:
            return f"{self.title} {self.text}"

    documents = [
        Document(doc_id="a", title="Forks", text="and spoons"),
        Document(doc_id="b", title="Bowls", text=""),
    ]
    module = types.ModuleType("ir_datasets")

    def load(name: str) -> types.SimpleNamespace:
        if name != "kitchen/small":
            raise KeyError(name)
        return types.SimpleNamespace(docs_iter=lambda: iter(documents))

    module.load = load  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ir_datasets", module)
    for name in ("kitchen/small", "irds:kitchen/small"):
        index = spork.build(folder, name, model=None)
        assert index.search("spoon").texts == ["Forks and spoons"]
    with pytest.raises(spork.SporkError, match="no such file, nor a data set"):
        spork.build(folder, "kitchen/large", model=None)
