"""What a job makes, and where."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

from .._errors import SporkValueError

SETTINGS = "job.json"
#: The file that says which generation of an index is current: an index is there once it is.
POINTER = "CURRENT"


@dataclasses.dataclass(frozen=True)
class Job:
    """A collection and its shards, in a folder that every node sees.

    Attributes:
        folder: where all that the job makes is.
        corpus: the collection: BEIR's ``corpus.jsonl`` or ``docno<TAB>text``, plain, gzip or zstd.
        model: a model's folder, which every node sees, its name on the Hugging Face Hub, or
            ``"default"``, which every node has installed; None for BM25 alone.
        bm25: whether there is a field of BM25.
        parts: how many files of vectors there are, each made by one task.
        shards: how many indexes there are.
        precision: ``"fp32"`` or ``"bf16"``, the same on all nodes; by default what model and
            processor suggest, and a mixture is refused.
        allow_mismatch: whether vectors of several backends, precisions or instruction levels may
            stand together.
        columns: columns to store, for filters, such as ``"year:integer,lang:keyword"``.
        store_text: whether texts are stored, for snippets.
    """

    folder: str
    corpus: str
    model: str | None
    bm25: bool
    parts: int
    shards: int
    precision: str | None = None
    allow_mismatch: bool = False
    columns: str | None = None
    store_text: bool = False

    @classmethod
    def of(
        cls,
        folder: str | os.PathLike[str],
        corpus: str | os.PathLike[str],
        *,
        model: str | os.PathLike[str] | None,
        bm25: bool,
        shards: int,
        parts: int | None = None,
        **settings: Any,
    ) -> Job:
        """A job with these settings, noted in its folder.

        Raises:
            SporkValueError: settings that make no sense, or others than the folder's.
        """
        parts = shards if parts is None else parts
        if model is None and not bm25:
            raise SporkValueError("neither a model nor bm25: there is nothing to index")
        if shards < 1 or parts < 1:
            raise SporkValueError(f"{shards} shards of {parts} parts: expected one or more of both")
        if not os.path.isfile(corpus):
            raise SporkValueError(f"{os.fspath(corpus)}: no such file; corpus is one file")
        job = cls(
            folder=os.path.abspath(folder),
            corpus=os.path.abspath(corpus),
            model=None if model is None else _absolute(model),
            bm25=bm25,
            parts=parts,
            shards=shards,
            **settings,
        )
        job._note()
        return job

    @classmethod
    def read(cls, folder: str | os.PathLike[str]) -> Job:
        """The job of a folder."""
        path = Path(folder) / SETTINGS
        try:
            settings = json.loads(path.read_text())
        except OSError as error:
            raise SporkValueError(f"{path}: no job here ({error.strerror})") from None
        settings.pop("corpus_bytes", None)
        return cls(**{**settings, "folder": os.path.abspath(folder)})

    def _note(self) -> None:
        """Writes the settings down, or compares them with those that are there."""
        path = Path(self.folder) / SETTINGS
        os.makedirs(self.folder, exist_ok=True)
        own = {**dataclasses.asdict(self), "corpus_bytes": os.path.getsize(self.corpus)}
        if path.exists():
            there = json.loads(path.read_text())
            differing = [
                f"{name} {there.get(name)!r}, not {value!r}"
                for name, value in own.items()
                if name != "folder" and there.get(name) != value
            ]
            if differing:
                raise SporkValueError(
                    f"{path}: the job there has {'; '.join(differing)}; give the same settings, or "
                    "another folder"
                )
            return
        written = path.with_suffix(f".{os.getpid()}")
        written.write_text(json.dumps(own, indent=1))
        os.replace(written, path)

    def vectors(self, part: int) -> str:
        """The file of vectors of a part, from 1."""
        return os.path.join(self.folder, "vectors", f"part-{part:05}-of-{self.parts:05}.svec")

    def shard(self, number: int) -> str:
        """The folder of a shard, from 1."""
        return os.path.join(self.folder, "shards", f"{number:05}-of-{self.shards:05}")

    @property
    def statistics(self) -> str:
        """The folder of the index without documents that all shards are like."""
        return os.path.join(self.folder, "statistics")

    @property
    def shard_folders(self) -> list[str]:
        """The folders of all shards."""
        return [self.shard(number) for number in range(1, self.shards + 1)]

    def encode_arguments(self, part: int) -> list[str]:
        """The command that makes a part's vectors."""
        arguments = ["encode", "--model", str(self.model), "--input", self.corpus]
        arguments += ["--shard", f"{part}/{self.parts}", "--output", self.vectors(part), "--resume"]
        if self.precision is not None:
            arguments += ["--precision", self.precision]
        return arguments

    def statistics_arguments(self, memory: str) -> list[str]:
        """The command that finds out what all shards have to have in common."""
        arguments = ["index", *self._inputs(), "--statistics-only", "--memory", memory]
        arguments += ["--output", self.statistics]
        if self.columns is not None:
            arguments += ["--columns", self.columns]
        if self.store_text:
            arguments += ["--store", "text"]
        return arguments

    def index_arguments(self, number: int, memory: str) -> list[str]:
        """The command that makes a shard."""
        arguments = ["index", *self._inputs(), "--like", self.statistics, "--memory", memory]
        if not self.bm25 and (self.columns is not None or self.store_text):
            arguments += ["--records", self.corpus]
        return [
            *arguments,
            "--shard",
            f"{number}/{self.shards}",
            "--output",
            self.shard(number),
        ]

    def _inputs(self) -> list[str]:
        inputs = []
        if self.model is not None:
            inputs += ["--input", *(self.vectors(part) for part in range(1, self.parts + 1))]
            if self.allow_mismatch:
                inputs += ["--allow-mismatch"]
        if self.bm25:
            inputs += ["--bm25", self.corpus]
        return inputs


def _absolute(model: str | os.PathLike[str]) -> str:
    """A model that every node finds: a folder by its whole path."""
    name = os.fspath(model)
    return os.path.abspath(name) if os.path.isdir(name) else name


def is_index(folder: str) -> bool:
    """Whether a complete index is there: it appears at once."""
    return os.path.isfile(os.path.join(folder, POINTER))
