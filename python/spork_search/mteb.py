"""Spork in MTEB: as a search system that it evaluates, and results in its form."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ._arrays import optional
from ._build import build
from ._errors import SporkValueError
from ._evaluate import QrelsLike, RunLike, evaluate
from ._index import Index, Model

#: MTEB's names of metrics, and evaluate's.
METRICS = {
    "ndcg": "nDCG",
    "map": "AP",
    "recall": "R",
    "precision": "P",
    "mrr": "RR",
    "hit_rate": "Success",
}
CUTOFFS = (1, 3, 5, 10, 20, 100, 1000)


def write_result(
    path: str | os.PathLike[str],
    task: str,
    qrels: QrelsLike,
    run: RunLike,
    *,
    split: str = "test",
    subset: str = "default",
    seconds: float = 0.0,
) -> dict[str, float]:
    """Evaluates a run, and writes the result of a retrieval task as MTEB does, which
    ``mteb.TaskResult.from_disk`` reads.

    Args:
        path: the JSON file, by convention ``TASK.json``.
        task: the name of MTEB's task, such as ``"SciFact"``.
        qrels, run: as for :func:`spork_search.evaluate`. Judged topics that the run lacks count as
            0.
        split, subset: which part of the task this is.
        seconds: what the evaluation took, for the result's ``evaluation_time``.

    Returns:
        The metrics by MTEB's names, as ``ndcg_at_10``.

    Raises:
        SporkError: mteb is not installed; the task is no retrieval task, or has no such split or
            subset.
    """
    mteb = optional("mteb", "mteb", "write_result")
    known = mteb.get_task(task)
    metadata = known.metadata
    if split not in metadata.eval_splits:
        expected = ", ".join(metadata.eval_splits)
        raise SporkValueError(f"{task} has no split {split!r}; it has {expected}")
    if subset not in metadata.hf_subsets_to_langscripts:
        expected = ", ".join(metadata.hf_subsets_to_langscripts)
        raise SporkValueError(f"{task} has no subset {subset!r}; it has {expected}")
    names = {
        f"{theirs}_at_{cutoff}": f"{ours}@{cutoff}"
        for theirs, ours in METRICS.items()
        for cutoff in CUTOFFS
    }
    if metadata.main_score not in names:
        raise SporkValueError(f"{task}: its main score {metadata.main_score} is not of retrieval")
    evaluation = evaluate(qrels, run, names.values(), complete=True)
    scores = {theirs: evaluation.mean(ours) for theirs, ours in names.items()}
    entry = {**scores, "main_score": scores[metadata.main_score]}
    result = mteb.TaskResult.from_task_results(known, {split: {subset: entry}}, seconds)
    result.to_disk(Path(path))
    return scores


class SporkSearch:
    """A search system for ``mteb.evaluate``: BM25, SPLADE, or both as a hybrid.

    .. code-block:: python

        results = mteb.evaluate(SporkSearch("default"), mteb.get_tasks(["SciFact"]))

    Args:
        model: what encodes texts, as for :func:`spork_search.build`; None for BM25 alone.
        bm25: whether texts are indexed by BM25.
        name: the name under which MTEB keeps results, ``"owner/name"``.
        revision: of the system, beside its name.
    """

    def __init__(
        self,
        model: Model = "auto",
        *,
        bm25: bool = True,
        name: str = "spork/search",
        revision: str = "0",
    ) -> None:
        self._model = model
        self._bm25 = bm25
        self._name = name
        self._revision = revision
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._index: Index | None = None

    @property
    def mteb_model_meta(self) -> Any:
        """What MTEB records of the system."""
        models = optional("mteb.models", "mteb", "SporkSearch")
        kinds = {(False, True): "sparse", (True, True): "hybrid", (True, False): "sparse"}
        kind = kinds[(self._bm25, self._model is not None)]
        return models.ModelMeta.create_empty(
            {"name": self._name, "revision": self._revision, "model_type": [kind]}
        )

    def index(self, corpus: Iterable[Mapping[str, Any]], **_: Any) -> None:
        """Indexes a corpus, rows with ``id``, ``text`` and maybe ``title``. MTEB calls it."""
        self._folder = tempfile.TemporaryDirectory(prefix="spork-")
        documents = (
            {name: row[name] for name in ("id", "title", "text") if row.get(name) is not None}
            for row in corpus
        )
        self._index = build(
            f"{self._folder.name}/index",
            documents,
            model=self._model,
            bm25=self._bm25,
            store_text=False,
            progress=False,
        )

    def search(
        self,
        queries: Iterable[Mapping[str, Any]],
        *,
        top_k: int,
        top_ranked: Mapping[str, list[str]] | None = None,
        **_: Any,
    ) -> dict[str, dict[str, float]]:
        """The best documents of each query, rows with ``id`` and ``text``. MTEB calls it.

        Raises:
            SporkError: a task that gives the documents to rank; nothing is indexed.
        """
        if top_ranked is not None:
            raise SporkValueError("reranking tasks are not supported; this is a search system")
        if self._index is None:
            raise SporkValueError("nothing is indexed; MTEB calls index first")
        texts = {str(row["id"]): row["text"] for row in queries}
        return self._index.search_batch(texts, top_k).to_run()
