"""Opening, searching and changing indexes."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from . import _hub, _model, _spork
from ._arrays import csr_parts, is_sparse
from ._documents import gather
from ._encoder import Encoder
from ._errors import SporkValueError
from ._evaluate import QrelsLike, qrels_of
from ._progress import Bar
from ._queries import Filter, Mix, Strategy, each_query, filter_text, options_of, plain_query
from ._results import Explanation, Hits, Results

_log = logging.getLogger("spork_search")

Model = str | os.PathLike[str] | Encoder | None

#: Bytes of memory that building takes at most, unless told otherwise.
MEMORY = 4 << 30


def open(
    path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    *,
    model: Model = "auto",
    query_model: Model = None,
    terms: Sequence[str] | None = None,
) -> Index:
    """Opens an index. That takes milliseconds, whatever its size: it is mapped, not read.

    Args:
        path: the folder, or ``"hf:owner/name"`` for an index on the Hugging Face Hub. Several
            folders are opened as one index of all their documents; they have to have fixed the
            same, as the shards of a collection do.
        model: what encodes queries as text; ``"auto"`` is the model that the index names, where it
            is on this machine.
        query_model: a query encoder of its own, over the same vocabulary.
        terms: the term of each column of matrices and arrays of queries; by default those of the
            model, or the column's number.

    Raises:
        SporkError: there is no index, it is of another version or damaged, or the model is not the
            one that encoded the documents.

    >>> open(PATH, model=None).search("forks", k=1).ids
    ['0']
    """
    paths = [path] if isinstance(path, str | os.PathLike) else path
    local = [_hub.local(each) for each in paths]
    return Index(local, model=model, query_model=query_model, terms=terms)


class Index:
    """An index, open for searches, made by :func:`build` and :func:`open`.

    Threads may use it at the same time; a process that was forked opens it again, and it can be
    pickled: both by its path. It answers from the generation that it opened until
    :meth:`refresh`. What changes it through this object is visible at once.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
        *,
        model: Model = "auto",
        query_model: Model = None,
        terms: Sequence[str] | None = None,
    ) -> None:
        paths = [path] if isinstance(path, str | os.PathLike) else list(path)
        self._paths = [os.path.abspath(os.fspath(each)) for each in paths]
        self._path = self._paths[0] if self._paths else ""
        self._terms = None if terms is None else [str(term) for term in terms]
        self._separate = query_model is not None
        self._encoder: Encoder | None = None
        if query_model is None and isinstance(model, str) and model == "auto":
            self._native = self._open_with_recorded_model()
            return
        chosen = model if query_model is None else query_model
        if chosen is not None:
            self._encoder = chosen if isinstance(chosen, Encoder) else Encoder(chosen)
        self._native = self._open(self._encoder)

    def _open(self, encoder: Encoder | None) -> _spork.NativeIndex:
        native = None if encoder is None else encoder._native
        return _spork.NativeIndex(self._paths, native, self._separate, self._terms)

    def _open_with_recorded_model(self) -> _spork.NativeIndex:
        """Opens the index with the model that it records, if that is here."""
        name, place = _spork.model_of(self._paths)
        if place is None and name is not None and _model.is_installed():
            place = "default"
        if place is None:
            return self._open(None)
        try:
            encoder = Encoder(place)
            native = self._open(encoder)
        except SporkValueError as error:
            # It has the name of the index's model, and is another.
            _log.info("queries as text need model=: %s", error)
            return self._open(None)
        self._encoder = encoder
        return native

    @property
    def path(self) -> str:
        """The folder of the index; of several that are open as one, the first."""
        return self._path

    @property
    def paths(self) -> list[str]:
        """The folders of all indexes that are open as one."""
        return list(self._paths)

    @property
    def model(self) -> Encoder | None:
        """What encodes queries as text."""
        return self._encoder

    @property
    def generation(self) -> int:
        """The number of the generation that is open; each change makes a new one."""
        return self._native.generation

    def __len__(self) -> int:
        """Number of documents."""
        return len(self._native)

    def __contains__(self, docno: object) -> bool:
        return isinstance(docno, str) and self._native.contains(docno)

    def search(
        self,
        query: str | Mapping[str, float] | Any = None,
        k: int = 10,
        *,
        vector: Mapping[str, float] | Any = None,
        filter: Filter = None,
        mix: Mix = None,
        alpha: float | None = None,
        deadline_ms: float | None = None,
        strategy: Strategy | None = None,
        query_idf: float | None = None,
    ) -> Hits:
        """The best ``k`` documents for a query.

        Args:
            query: a text; a dict of terms and weights; or ``(columns, weights)`` as arrays.
            k: hits at most.
            vector: terms and weights beside a text, for a hybrid index without its model.
            filter: which documents may be found, such as ``'year >= 2020 and lang = "en"'``, or the
                same as a dict (docs/filters.md). Scores are those without it.
            mix: how much each field of a hybrid index counts, as ``{"splade": 1, "bm25": 0.5}``.
            alpha: below 1, bounds are multiplied by it: faster, and no longer certain.
            deadline_ms: milliseconds after which the search ends with what it has;
                ``hits.exact`` and ``hits.unseen_at_most`` tell what that gave up.
            strategy: how the best are found; the answers are the same.
            query_idf: the power of idf by which weights of the query's vector are multiplied. By
                default a text that the model encodes has the power that the model asks for, 0.5 for
                the default model, and a vector that is given stays as it is.

        Raises:
            SporkError: a query as text where there is neither BM25 nor a model; a filter that can't
                be read, with the character; weights that make no sense.

        >>> INDEX.search("a bowl", k=1)[0].id
        '1'
        >>> INDEX.search("forks", filter="year > 2000").ids
        ['1']
        """
        options = None
        if not (
            filter is None
            and mix is None
            and alpha is None
            and deadline_ms is None
            and strategy is None
            and query_idf is None
        ):
            options = options_of(filter, mix, strategy, alpha, deadline_ms, query_idf)
        if type(query) is not str and type(query) is not dict:
            query = plain_query(query)
        if vector is not None:
            vector = plain_query(vector)
        return Hits(self._native.search(query, vector, k, options))

    def search_batch(
        self,
        queries: Iterable[Any] | Mapping[str, Any] | Any,
        k: int = 10,
        threads: int = 0,
        *,
        qids: Sequence[str] | None = None,
        filter: Filter = None,
        mix: Mix = None,
        alpha: float | None = None,
        deadline_ms: float | None = None,
        strategy: Strategy | None = None,
        query_idf: float | None = None,
    ) -> Results:
        """The best ``k`` documents for each of many queries.

        Args:
            queries: a list of queries, each as for :meth:`search` or a pair of text and vector; a
                dict of queries by qid; or a data frame with ``qid`` and ``query``, ``query_toks``
                or both.
            k: hits a query at most.
            threads: 0 for one a core.
            qids: ids of the queries, if they are a list; by default their places.

        The other arguments are those of :meth:`search`.

        >>> INDEX.search_batch({"q1": "forks", "q2": {"bowl": 1.0}}, k=1).ids.tolist()
        [['0'], ['1']]
        """
        options = options_of(filter, mix, strategy, alpha, deadline_ms, query_idf)
        if is_sparse(queries):
            return self.search_csr(
                queries,
                k,
                threads=threads,
                qids=qids,
                filter=filter,
                mix=mix,
                alpha=alpha,
                deadline_ms=deadline_ms,
                strategy=strategy,
                query_idf=query_idf,
            )
        listed = list(each_query(queries))
        if qids is None:
            qids = [qid for qid, _, _ in listed]
        elif len(qids) != len(listed):
            raise SporkValueError(f"{len(listed)} queries and {len(qids)} qids")
        parts = [(text, vector) for _, text, vector in listed]
        names = [str(qid) for qid in qids]
        return Results(self._native.search_batch(names, parts, k, threads, options), k)

    def search_csr(
        self,
        queries: Any,
        k: int = 10,
        *,
        threads: int = 0,
        terms: Sequence[str] | None = None,
        qids: Sequence[str] | None = None,
        filter: Filter = None,
        mix: Mix = None,
        alpha: float | None = None,
        deadline_ms: float | None = None,
        strategy: Strategy | None = None,
        query_idf: float | None = None,
    ) -> Results:
        """The best ``k`` documents for each row of a sparse matrix, queries × terms, which is not
        copied.

        Args:
            queries: a scipy matrix or a sparse torch tensor.
            terms: the term of each column; by default those of the model, or the column's number.

        The other arguments are those of :meth:`search_batch`.

        >>> import scipy.sparse
        >>> index = build(PATH, (scipy.sparse.csr_matrix([[0.0, 2.0], [1.0, 0.0]]), ["a", "b"]))
        >>> index.search_csr(scipy.sparse.csr_matrix([[0.0, 1.0]]), k=1).ids.tolist()
        [['a']]
        """
        options = options_of(filter, mix, strategy, alpha, deadline_ms, query_idf)
        rows = csr_parts(queries)
        count = len(rows[0]) - 1
        names = None if qids is None else list(map(str, qids))
        if names is not None and len(names) != count:
            raise SporkValueError(f"{count} queries and {len(names)} qids")
        named = None if terms is None else list(terms)
        native = self._native.search_csr(names, rows, named, k, threads, options)
        return Results(native, k)

    def like(
        self,
        docno: str,
        k: int = 10,
        *,
        filter: Filter = None,
        mix: Mix = None,
    ) -> Hits:
        """The documents that are most like one of the index, without itself.

        >>> INDEX.like("0", k=1).ids
        ['1']
        """
        return Hits(self._native.like(docno, k, options_of(filter, mix, None, None, None)))

    def explain(
        self,
        query: str | Mapping[str, float] | Any,
        docno: str,
        *,
        vector: Mapping[str, float] | Any = None,
        text: str | None = None,
        mix: Mix = None,
    ) -> Explanation:
        """Why a document has its score for a query, term by term, in integers that sum up to it.

        Args:
            query, vector, mix: as for :meth:`search`.
            docno: the document.
            text: its text, where the index does not store it.

        >>> INDEX.explain("an old fork", "0").terms[0]["term"]
        'old'
        """
        options = options_of(None, mix, None, None, None)
        given = None if vector is None else plain_query(vector)
        return Explanation(
            json.loads(self._native.explain(plain_query(query), given, docno, text, options))
        )

    def get(self, docno: str) -> dict[str, Any]:
        """A document as the index has it: ``docno``, ``text`` and ``columns`` where they are
        stored, and ``vector`` by field.

        >>> INDEX.get("1")["columns"]
        {'year': 2020}
        """
        return json.loads(self._native.get(docno))

    def vector(self, docno: str, field: str | None = None) -> dict[str, float]:
        """A document's terms and weights in a field, the heaviest first. Weights are those that
        were indexed, rounded to multiples of the field's scale.

        >>> list(INDEX.vector("1"))
        ['anoth', 'bowl', 'fork']
        """
        vectors = self.get(docno)["vector"]
        if field is None and len(vectors) == 1:
            return next(iter(vectors.values()))
        if field not in vectors:
            raise SporkValueError(f"field {field!r}: expected one of {', '.join(vectors)}")
        return vectors[field]

    def docnos(self) -> list[str]:
        """The ids of all documents, in the order of the index.

        >>> INDEX.docnos()
        ['0', '1']
        """
        return self._native.docnos()

    def add(
        self,
        docs: Any,
        *,
        update: bool = False,
        memory: int = MEMORY,
        threads: int = 0,
        progress: bool | Callable[[str, int | None, int], None] = True,
    ) -> Index:
        """Adds documents, in any of the forms that :func:`build` takes, and refreshes.

        Args:
            docs: the documents. Texts are encoded by the model of the index.
            update: whether a document whose id is there is replaced; otherwise it is an error.

        Raises:
            SporkError: an id that is there; vectors of another encoder; another process that is
                writing. The index then is what it was.

        >>> len(INDEX.add([{"id": "new", "text": "a spoon", "year": 1999}]))
        3
        """
        stats = self.stats
        sources = [field["source"] for field in stats["fields"]]
        encoder = self._encoder if "vectors" in sources and not self._separate else None
        if len(self._paths) > 1:
            count = len(self._paths)
            raise SporkValueError(f"{count} indexes are open as one; change each by itself")
        native = gather(self._path, docs, encoder, "bm25" in sources, self._terms)
        with Bar(progress) as told:
            native.add(update, memory, threads, told)
        self.refresh()
        return self

    def delete(
        self,
        docnos: str | Iterable[str] | None = None,
        *,
        filter: Filter = None,
        ignore_missing: bool = False,
        purge: bool = False,
    ) -> int:
        """Deletes documents, by id or those that a filter keeps, and refreshes.

        Args:
            docnos: one id, or several.
            ignore_missing: whether ids that are not there are left out.
            purge: whether no file of the index holds them afterwards.

        Returns:
            How many were deleted.

        >>> INDEX.delete("0"), len(INDEX)
        (1, 1)
        """
        if (docnos is None) == (filter is None):
            raise SporkValueError("give the ids of documents, or a filter")
        if docnos is not None:
            docnos = [docnos] if isinstance(docnos, str) else list(docnos)
        deleted = self._native.delete(docnos, filter_text(filter), ignore_missing, purge)
        self.refresh()
        return deleted

    def merge(self) -> Index:
        """Merges all segments into one, without the deleted documents, and refreshes. Answers stay
        the same."""
        self._native.merge()
        self.refresh()
        return self

    def refresh(self) -> bool:
        """Opens the current generation, if it is another than the open one, and says whether it
        was."""
        return self._native.refresh()

    @property
    def stats(self) -> dict[str, Any]:
        """Counts, sizes and provenance of the index.

        >>> INDEX.stats["documents"]
        2
        """
        return json.loads(self._native.stats())

    def verify(self) -> None:
        """Reads and checks all files.

        Raises:
            SporkError: the first damage, with its place.
        """
        self._native.verify()

    def diff(
        self,
        other: Index,
        queries: Iterable[Any] | Mapping[str, Any],
        k: int = 10,
        *,
        qrels: QrelsLike | None = None,
        metric: str = "nDCG@10",
    ) -> dict[str, Any]:
        """Where two indexes, or two ways to search one, rank differently, and by which terms; with
        judgments, who wins where.

        Args:
            other: the other index.
            queries: as for :meth:`search_batch`.
            k: how many documents of a query are compared.
            qrels: judgments, as for :func:`evaluate`.
            metric: by which the sides are compared.

        Returns:
            The difference as docs/explain.md describes it: ``overlap``, ``rbo`` and ``per_topic``.

        >>> INDEX.diff(INDEX, ["forks"])["rbo"]
        1.0
        """
        topics = [
            (str(qid), text if vector is None else vector)
            for qid, text, vector in each_query(queries)
        ]
        judged = None if qrels is None else qrels_of(qrels)
        names = [self._path, other._path]
        if names[0] == names[1]:
            names = [f"{self._path} (1)", f"{self._path} (2)"]
        return json.loads(self._native.diff(other._native, names, topics, k, judged, metric))

    def push(self, repository: str, **arguments: Any) -> str:
        """Uploads the index to the Hugging Face Hub, as a data set ``owner/name``, and returns its
        address. ``spork.open("hf:owner/name")`` opens it elsewhere. Arguments go to
        ``huggingface_hub.upload_folder``."""
        if len(self._paths) > 1:
            raise SporkValueError("several indexes are open as one; push each by itself")
        return _hub.push(self._path, repository, **arguments)

    def __getstate__(self) -> dict[str, Any]:
        return {
            "path": self._paths,
            "encoder": self._encoder,
            "separate": self._separate,
            "terms": self._terms,
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        model = {"query_model" if state["separate"] else "model": state["encoder"]}
        self.__init__(state["path"], terms=state["terms"], **model)  # type: ignore[misc]

    def __repr__(self) -> str:
        fields = ", ".join(field["name"] for field in self.stats["fields"])
        model = "" if self._encoder is None else f", model {self._encoder.name!r}"
        more = f" and {len(self._paths) - 1} more" if len(self._paths) > 1 else ""
        return f"Index({self._path!r}{more}: {len(self)} documents, fields {fields}{model})"
