"""Evaluating runs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

from . import _spork
from ._errors import SporkValueError
from ._results import Results

QrelsLike = str | os.PathLike[str] | Mapping[str, Mapping[str, int]] | Iterable[Any]
RunLike = str | os.PathLike[str] | Mapping[str, Mapping[str, float]] | Results | Iterable[Any]


class Evaluation:
    """Metrics of runs over the topics that all of them have.

    ``evaluation["nDCG@10"]`` is the mean for the only run, or a dict of means by run.
    """

    def __init__(self, record: dict[str, Any]) -> None:
        self._record = record

    @property
    def metrics(self) -> list[str]:
        """The names of the metrics."""
        return self._record["metrics"]

    @property
    def runs(self) -> list[str]:
        """The names of the runs."""
        return [run["name"] for run in self._record["runs"]]

    @property
    def topics(self) -> int:
        """Number of topics."""
        return self._record["topics"]

    def mean(self, metric: str, run: str | None = None) -> float:
        """The mean of a metric over all topics, for a run or the first one."""
        return self._run(run)["summaries"][self._place(metric)]

    def per_topic(self, metric: str, run: str | None = None) -> dict[str, float]:
        """The values of a metric by topic."""
        place = self._place(metric)
        return {qid: values[place] for qid, values in self._run(run)["topics"].items()}

    def p(self, metric: str, run: str, test: str = "randomization") -> float | None:
        """p of the paired test of a run against the first: "randomization" or "t"."""
        if test not in ("randomization", "t"):
            raise SporkValueError(f"test {test!r}: expected randomization or t")
        compared = self._run(run)["comparisons"][self._place(metric)]
        key = "p_t_test" if test == "t" else "p_randomization"
        return None if compared is None else compared[key]

    def to_frame(self) -> Any:
        """The means as a pandas data frame, a row a run and a column a metric; with p of each later
        run against the first where tests were asked for."""
        from ._arrays import optional

        pandas = optional("pandas", "pandas", "to_frame")
        rows = {}
        for run in self._record["runs"]:
            row = dict(zip(self.metrics, run["summaries"], strict=True))
            for metric, compared in zip(self.metrics, run["comparisons"], strict=True):
                if compared is not None and self._record["test"]:
                    key = "p_t_test" if self._record["test"] == "t" else "p_randomization"
                    row[f"p({metric})"] = compared[key]
            rows[run["name"]] = row
        return pandas.DataFrame.from_dict(rows, orient="index")

    def __getitem__(self, metric: str) -> float | dict[str, float]:
        means = {run: self.mean(metric, run) for run in self.runs}
        return next(iter(means.values())) if len(means) == 1 else means

    def _place(self, metric: str) -> int:
        if metric not in self.metrics:
            raise SporkValueError(f"{metric!r}: expected one of {', '.join(self.metrics)}")
        return self.metrics.index(metric)

    def _run(self, name: str | None) -> dict[str, Any]:
        for run in self._record["runs"]:
            if name is None or run["name"] == name:
                return run
        raise SporkValueError(f"run {name!r}: expected one of {', '.join(self.runs)}")

    def __repr__(self) -> str:
        width = max(map(len, self.runs))
        head = " ".join(f"{metric:>12}" for metric in self.metrics)
        lines = [f"{'':{width}} {head}   ({self.topics} topics)"]
        for run in self._record["runs"]:
            values = " ".join(f"{value:>12.4f}" for value in run["summaries"])
            lines.append(f"{run['name']:{width}} {values}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return self.to_frame()._repr_html_()


def evaluate(
    qrels: QrelsLike,
    runs: RunLike | Mapping[str, RunLike],
    metrics: str | Iterable[str] = "nDCG@10 RR@10 R@1000",
    *,
    test: str | None = None,
    complete: bool = False,
) -> Evaluation:
    """Metrics of one run or several, equal to trec_eval's to their printed digits.

    Args:
        qrels: judgments: a file, ``{qid: {docno: grade}}``, a data frame with ``qid`` (or
            ``query_id``), ``docno`` (``doc_id``) and ``label`` (``relevance``), or an iterable of
            ir_datasets' or ir_measures' tuples.
        runs: a run, or a dict of runs by name: :class:`Results`, a run file,
            ``{qid: {docno: score}}``, a data frame with ``qid``, ``docno`` and ``score``, or tuples
            of ir_measures.
        metrics: such as ``"nDCG@10 RR(rel=2)@10 R@1000"``.
        test: the paired test that :meth:`Evaluation.to_frame` shows, "randomization" or "t".
        complete: whether judged topics that a run lacks count as 0; otherwise they do not count.

    >>> run = {"q1": {"a": 2.0, "b": 1.0}}
    >>> evaluate({"q1": {"b": 1}}, run, "RR@10")["RR@10"]
    0.5
    """
    if test not in (None, "randomization", "t"):
        raise SporkValueError(f"test {test!r}: expected randomization or t")
    named = {"run": runs} if _is_run(runs) else dict(runs)  # type: ignore[arg-type]
    names = metrics if isinstance(metrics, str) else " ".join(map(str, metrics))
    listed = [(str(name), _run(run)) for name, run in named.items()]
    record = json.loads(_spork.evaluate(qrels_of(qrels), listed, names, complete))
    record["test"] = test
    return Evaluation(record)


def _is_run(runs: Any) -> bool:
    """Whether this is one run, and no dict of runs by name."""
    if not isinstance(runs, Mapping):
        return True
    return all(
        isinstance(documents, Mapping)
        and all(isinstance(score, (int, float)) for score in documents.values())
        for documents in runs.values()
    )


def _run(run: RunLike) -> Any:
    if isinstance(run, (str, os.PathLike)):
        return os.fspath(run)
    if isinstance(run, Results):
        run = run.to_run()
    if hasattr(run, "to_dict") and hasattr(run, "run"):  # ranx
        run = run.to_dict()
    return [
        (qid, docno, float(score))
        for qid, docno, score in _triples(run, ("score",), "scores of documents")
    ]


def qrels_of(qrels: QrelsLike) -> Any:
    """Judgments as the native module takes them."""
    if isinstance(qrels, (str, os.PathLike)):
        return os.fspath(qrels)
    if hasattr(qrels, "to_dict") and hasattr(qrels, "qrels"):  # ranx
        qrels = qrels.to_dict()
    names = ("label", "relevance", "grade", "rel")
    return [(qid, docno, int(grade)) for qid, docno, grade in _triples(qrels, names, "judgments")]


def _triples(given: Any, names: tuple[str, ...], what: str) -> Iterable[tuple[str, str, Any]]:
    """Query, document and a number, of any of the shapes that are known."""
    if isinstance(given, Mapping):
        for qid, documents in given.items():
            for docno, value in documents.items():
                yield str(qid), str(docno), value
        return
    if hasattr(given, "columns") and hasattr(given, "itertuples"):
        columns = list(given.columns)
        qid = _column(columns, ("qid", "query_id"), what)
        docno = _column(columns, ("docno", "doc_id"), what)
        value = _column(columns, names, what)
        yield from zip(given[qid].astype(str), given[docno].astype(str), given[value], strict=True)
        return
    for item in given:
        value = next((getattr(item, name) for name in names if hasattr(item, name)), None)
        if value is None or not hasattr(item, "query_id"):
            raise SporkValueError(
                f"{item!r}: expected {what} as a file, a dict of dicts, a data frame, or tuples "
                "with query_id, doc_id and a number"
            )
        yield str(item.query_id), str(item.doc_id), value


def _column(columns: list[str], names: tuple[str, ...], what: str) -> str:
    for name in names:
        if name in columns:
            return name
    raise SporkValueError(
        f"{what} in a data frame: expected a column {' or '.join(names)}, got {', '.join(columns)}"
    )


def read_qrels(path: str | os.PathLike[str]) -> dict[str, dict[str, int]]:
    """The judgments of a file, TREC's or BEIR's, as ``{qid: {docno: grade}}``."""
    judgments: dict[str, dict[str, int]] = {}
    for qid, docno, grade in _spork.read_qrels(os.fspath(path)):
        judgments.setdefault(qid, {})[docno] = grade
    return judgments


def read_topics(path: str | os.PathLike[str]) -> dict[str, str]:
    """The queries of a file, ``qid<TAB>text`` or BEIR's ``queries.jsonl``, by qid."""
    return dict(_spork.read_topics(os.fspath(path)))
