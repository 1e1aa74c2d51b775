"""Indexes on the Hugging Face Hub."""

from __future__ import annotations

import os
from typing import Any

from ._arrays import optional

PREFIX = "hf:"


def local(path: str | os.PathLike[str]) -> str:
    """The folder of an index; of one on the Hub, ``hf:owner/name``, where it was downloaded to."""
    name = os.fspath(path)
    if not name.startswith(PREFIX):
        return name
    hub = optional("huggingface_hub", "huggingface_hub", name)
    return hub.snapshot_download(name.removeprefix(PREFIX), repo_type="dataset")


def push(path: str, repository: str, **arguments: Any) -> str:
    """Uploads the folder of an index as a data set, and returns its address."""
    hub = optional("huggingface_hub", "huggingface_hub", "push")
    hub.create_repo(repository, repo_type="dataset", exist_ok=True)
    done = hub.upload_folder(
        repo_id=repository,
        folder_path=path,
        repo_type="dataset",
        ignore_patterns=["*.lock", ".*"],
        **arguments,
    )
    return str(getattr(done, "commit_url", done))
