"""What searches find, for people and for other packages."""

from __future__ import annotations

import html
import json
import os
from collections.abc import Iterator
from typing import Any, overload

import numpy as np

from . import _spork
from ._arrays import optional

Hit = _spork.Hit

#: Rows of a table in a notebook, and characters of a text in it.
ROWS = 20
TEXT = 160


class Hits:
    """The answer to one query: a sequence of :class:`Hit`, the best first.

    >>> hits = INDEX.search("forks", k=2)
    >>> len(hits), hits[0].id, hits.exact
    (2, '0', True)
    """

    __slots__ = ("_native",)

    def __init__(self, native: _spork.Hits) -> None:
        self._native = native

    @property
    def ids(self) -> list[str]:
        """The ids of the documents, the best first."""
        return self._native.ids

    @property
    def scores(self) -> np.ndarray:
        """The scores, ``float64[hits]``: the numbers that a run file has."""
        return self._native.scores

    @property
    def texts(self) -> list[str | None]:
        """The stored texts; None where the index stores none."""
        return self._native.texts

    @property
    def snippets(self) -> list[str | None]:
        """The passage of each text that shows best why it answers the query."""
        return [None if found is None else found[0] for found in self._native.snippets]

    @property
    def exact(self) -> bool:
        """Whether these are certified to be the best documents for the whole query."""
        return self._native.exact

    @property
    def unseen_at_most(self) -> float | None:
        """What a document that was not scored has at most, where that may be enough to be among the
        hits: a deadline or ``alpha`` ended the search early. None where the answer is exact."""
        return self._native.unseen_at_most

    @property
    def matched(self) -> int | None:
        """The number of documents that the filter keeps; None without a filter."""
        return self._native.matched

    @property
    def fields(self) -> dict[str, float]:
        """The fields that counted, with their weights in the mix."""
        return self._native.fields

    @property
    def vector(self) -> dict[str, float]:
        """The query's vector, the heaviest term first: as it was given, or as the model made it."""
        return dict(self._native.vector)

    @property
    def seconds(self) -> float:
        """Seconds of the search in the engine; encoding the query does not count."""
        return self._native.seconds

    @property
    def generation(self) -> int:
        """The generation of the index that was searched."""
        return self._native.generation

    def explain(self, place: int = 0) -> Explanation:
        """Why a hit has its score, term by term.

        >>> INDEX.search("forks").explain(0).terms[0]["term"]
        'fork'
        """
        return Explanation(json.loads(self._native.explain_json(place)))

    def to_frame(self) -> Any:
        """A pandas data frame with the columns ``docno``, ``score`` and ``rank`` (from 1)."""
        pandas = optional("pandas", "pandas", "to_frame")
        ids = self.ids
        ranks = np.arange(1, len(ids) + 1)
        return pandas.DataFrame({"docno": ids, "score": self.scores, "rank": ranks})

    def __len__(self) -> int:
        return len(self._native)

    @overload
    def __getitem__(self, place: int) -> _spork.Hit: ...

    @overload
    def __getitem__(self, place: slice) -> list[_spork.Hit]: ...

    def __getitem__(self, place: int | slice) -> _spork.Hit | list[_spork.Hit]:
        if isinstance(place, slice):
            return [self._native[each] for each in range(*place.indices(len(self)))]
        return self._native[place]

    def __iter__(self) -> Iterator[_spork.Hit]:
        return (self._native[place] for place in range(len(self)))

    def __repr__(self) -> str:
        shown = [f"{hit.rank:>4}  {hit.score:>10.4g}  {hit.id}" for hit in self[:ROWS]]
        more = len(self) - len(shown)
        lines = ["rank       score  id", *shown]
        if more > 0:
            lines.append(f"and {more} more")
        if not self.exact:
            lines.append(
                f"not certified: a document that was left out may have {self.unseen_at_most}"
            )
        return "\n".join(lines) if len(self) else "no hits"

    def _repr_html_(self) -> str:
        found = self._native.snippets[:ROWS]
        rows = []
        for hit, snippet in zip(self[:ROWS], found, strict=True):
            text = "" if snippet is None else _marked(*snippet)
            rows.append(
                f"<tr><td>{hit.rank}</td><td>{hit.score:.4g}</td>"
                f"<td>{html.escape(hit.id)}</td><td style='text-align:left'>{text}</td></tr>"
            )
        note = "" if self.exact else f"<p>not certified: up to {self.unseen_at_most} unseen</p>"
        more = len(self) - len(rows)
        note += f"<p>and {more} more</p>" if more > 0 else ""
        head = "<tr><th>rank</th><th>score</th><th>id</th><th>text</th></tr>"
        return f"<table>{head}{''.join(rows)}</table>{note}"


def _marked(text: str, matches: list[tuple[int, int]]) -> str:
    """A passage as HTML, with the matched words in bold."""
    pieces, end = [], 0
    for start, stop in matches:
        pieces.append(html.escape(text[end:start]))
        pieces.append(f"<b>{html.escape(text[start:stop])}</b>")
        end = stop
    return "".join(pieces) + html.escape(text[end:])


class Results:
    """The answers to a batch of queries, in their order; a sequence of ``(qid, ids, scores)``.

    >>> results = INDEX.search_batch(["forks", "bowls"], k=2)
    >>> results.ids.shape, results.scores.shape
    ((2, 2), (2, 2))
    """

    __slots__ = ("_native", "k")

    def __init__(self, native: _spork.Results, k: int) -> None:
        self._native = native
        #: Hits a query at most.
        self.k = k

    @property
    def qids(self) -> list[str]:
        """The ids of the queries; their places as text where none were given."""
        return self._native.qids

    @property
    def ids(self) -> np.ndarray:
        """The ids of the documents, ``object[queries, k]``; None where a query has fewer hits."""
        ids = np.full((len(self), self.k), None, dtype=object)
        for row, found in enumerate(self._native.id_lists):
            ids[row, : len(found)] = found
        return ids

    @property
    def scores(self) -> np.ndarray:
        """The scores, ``float64[queries, k]``; NaN where a query has fewer hits."""
        return self._native.scores

    @property
    def counts(self) -> np.ndarray:
        """Hits of each query, ``int64[queries]``."""
        return self._native.counts

    @property
    def exact(self) -> np.ndarray:
        """Whether each answer is certified to be exact, ``bool[queries]``."""
        return self._native.exact

    @property
    def unseen_at_most(self) -> np.ndarray:
        """What a document that was not scored has at most; NaN where the answer is exact."""
        return self._native.unseen_at_most

    @property
    def seconds(self) -> np.ndarray:
        """Seconds of each search in the engine."""
        return self._native.seconds

    def to_trec(self, path: str | os.PathLike[str] | None = None, tag: str = "spork") -> str | None:
        """The results as a TREC run, the very bytes that ``spork search`` writes: into a file, or
        as text if no path is given.

        >>> INDEX.search_batch({"q1": "bowl"}, k=1).to_trec().split()[:3]
        ['q1', 'Q0', '1']
        """
        run = self._native.trec(None if path is None else os.fspath(path), tag)
        return None if run is None else bytes(run).decode()

    def to_run(self) -> dict[str, dict[str, float]]:
        """The results as ``{qid: {docno: score}}``, which ranx, ir_measures and pytrec_eval read.
        Queries without a hit have an empty dict."""
        return {qid: dict(zip(ids, scores.tolist(), strict=True)) for qid, ids, scores in self}

    def to_frame(self) -> Any:
        """A pandas data frame with the columns ``qid``, ``docno``, ``score`` and ``rank`` (from 1),
        a row a hit."""
        pandas = optional("pandas", "pandas", "to_frame")
        lists = self._native.id_lists
        counts = self.counts
        scores = self.scores
        return pandas.DataFrame(
            {
                "qid": np.repeat(np.array(self.qids, dtype=object), counts),
                "docno": [docno for ids in lists for docno in ids],
                "score": scores[~np.isnan(scores)],
                "rank": np.concatenate([np.arange(1, count + 1) for count in counts])
                if len(self)
                else np.zeros(0, dtype=np.int64),
            }
        )

    def to_ranx(self, name: str = "spork") -> Any:
        """A ``ranx.Run``."""
        ranx = optional("ranx", "ranx", "to_ranx")
        return ranx.Run(self.to_run(), name=name)

    def __len__(self) -> int:
        return len(self._native)

    def __getitem__(self, row: int) -> tuple[str, list[str], np.ndarray]:
        place = row + len(self) if row < 0 else row
        ids, scores = self._native.row(place)
        return self.qids[place], ids, scores

    def __iter__(self) -> Iterator[tuple[str, list[str], np.ndarray]]:
        for row, qid in enumerate(self.qids):
            ids, scores = self._native.row(row)
            yield qid, ids, scores

    def __repr__(self) -> str:
        return f"Results({len(self)} queries, {int(self.counts.sum())} hits)"


class Explanation(dict[str, Any]):
    """Why a document has its score: a dict with ``docno``, ``score``, ``points`` and ``unit``, and
    in ``terms`` what each term gives. docs/explain.md in the repository describes all keys."""

    @property
    def terms(self) -> list[dict[str, Any]]:
        """The terms that query and document share, those that give most first."""
        return self["terms"]

    def to_frame(self) -> Any:
        """The terms as a pandas data frame."""
        pandas = optional("pandas", "pandas", "to_frame")
        return pandas.DataFrame(self.terms)

    def __repr__(self) -> str:
        lines = [f"{self['docno']}: {self['score']:.4g}"]
        for term in self.terms:
            lines.append(
                f"{term['share']:>6.1%}  {term['value']:>9.4g}  {term['term']}  ({term['field']}; "
                f"query: {term['in_query']}, document: {term['in_document']})"
            )
        return "\n".join(lines)
