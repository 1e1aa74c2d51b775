"""Building, opening, searching and changing indexes."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from . import _hub, _model, _spork
from ._arrays import csr_parts, is_sparse, pair
from ._documents import gather
from ._encoder import Encoder
from ._errors import SporkValueError
from ._evaluate import QrelsLike, qrels_of
from ._progress import Bar
from ._results import Explanation, Hits, Results

_log = logging.getLogger("spork_search")

Model = str | os.PathLike[str] | Encoder | None
Filter = str | Mapping[str, Any] | None
Mix = str | Mapping[str, float] | None
Strategy = Literal["auto", "exhaustive", "taat", "block-max"]

#: Bytes of memory that building takes at most, unless told otherwise.
MEMORY = 4 << 30


def build(
    path: str | os.PathLike[str],
    docs: Any,
    *,
    model: Model = "auto",
    bm25: bool = True,
    columns: str | Mapping[str, str] | None = None,
    store_text: bool = True,
    store_vectors: bool = False,
    terms: Sequence[str] | None = None,
    order: Literal["input", "bisection"] = "input",
    codec: Literal["fast", "compact"] = "fast",
    analyzer: Literal["english", "wordpiece"] = "english",
    vocabulary: str | os.PathLike[str] | None = None,
    k1: float = 0.9,
    b: float = 0.4,
    scale: float | Literal["integer"] | None = None,
    memory: int = MEMORY,
    threads: int = 0,
    progress: bool | Callable[[str, int | None, int], None] = True,
) -> Index:
    """Builds an index in the folder ``path`` and opens it. An index that is there is replaced when
    the new one is complete.

    Args:
        path: the folder of the index.
        docs: the documents:

            - a list of texts, whose ids are then "0", "1" and so on;
            - an iterable of dicts with ``id``, ``text`` and maybe ``title``, values of columns, and
              ``vector``: a dict of terms and weights, or ``(columns, weights)``;
            - an iterable of pairs of id and text;
            - a pandas data frame with such columns;
            - a file of texts or of vectors, of any format that Spork reads;
            - the name of a data set of ir_datasets;
            - ``(matrix, ids)``: a scipy or torch matrix, a row a document.
        model: what encodes texts: a folder, a name on the Hugging Face Hub, ``"default"``, an
            :class:`Encoder`, or None for nothing. ``"auto"`` is the default model if it is
            installed, else nothing.
        bm25: whether texts are indexed by BM25. With a model too, the index is hybrid.
        columns: values of documents that filters test, as ``"year:integer,lang:keyword"`` or a
            dict; kinds are keyword, integer, float, boolean and time.
        store_text: whether the index keeps texts, for ``hits.texts`` and snippets.
        store_vectors: whether it keeps vectors by document, for faster :meth:`Index.vector`.
        terms: the term of each column of a matrix; without them column 7 is the term "7".
        order: of documents; "bisection" pays from some hundred thousand on.
        codec: of posting lists; "compact" is a third smaller and slower.
        analyzer: how BM25 splits text; "wordpiece" needs ``vocabulary``.
        k1, b: parameters of BM25.
        scale: the step between impacts of vectors, or "integer"; by default it follows from the
            weights.
        memory: bytes that indexing takes at most.
        threads: 0 for one a core.
        progress: whether tqdm shows progress on a terminal, where it is installed; or a function of
            phase, total and steps.

    Raises:
        SporkError: documents that make no sense, with their place; a model that is not there; a
            folder that can't be written.

    >>> index = build(PATH, ["Sparse vectors fit an inverted index.", "A fork."], model=None)
    >>> index.search("forks").ids
    ['1']
    """
    encoder = _encoder_for(model, docs)
    native = gather(os.fspath(path), docs, encoder, bm25, None if terms is None else list(terms))
    has_text = store_text and native.has_text()
    building = {
        "order": order,
        "codec": codec,
        "analyzer": analyzer,
        "vocabulary": None if vocabulary is None else os.fspath(vocabulary),
        "k1": k1,
        "b": b,
        "columns": _columns(columns),
        "texts": has_text,
        "vectors": store_vectors,
        "scale": None if scale is None else str(scale),
        "memory": memory,
        "threads": threads,
    }
    with Bar(progress) as told:
        native.build(building, told)
    index = Index(path, model=encoder, terms=terms)
    _log.info("%r", index)
    return index


def _encoder_for(model: Model, docs: Any) -> Encoder | None:
    if isinstance(model, Encoder) or model is None:
        return model
    if model == "auto":
        matrix = is_sparse(docs) or (isinstance(docs, tuple) and docs and is_sparse(docs[0]))
        if matrix or not _model.is_installed():
            return None
        return Encoder("default")
    return Encoder(model)


def _columns(columns: str | Mapping[str, str] | None) -> str | None:
    if isinstance(columns, Mapping):
        return ",".join(f"{name}:{kind}" for name, kind in columns.items())
    return columns


def open(  # noqa: A001
    path: str | os.PathLike[str],
    *,
    model: Model = "auto",
    query_model: Model = None,
    terms: Sequence[str] | None = None,
) -> Index:
    """Opens an index. That takes milliseconds, whatever its size: it is mapped, not read.

    Args:
        path: the folder, or ``"hf:owner/name"`` for an index on the Hugging Face Hub.
        model: what encodes queries as text; ``"auto"`` is the model that the index names, where it
            is on this machine.
        query_model: a query encoder of its own, over the same vocabulary.
        terms: the term of each column of matrices and arrays of queries; by default those of the
            model, or the column's number.

    Raises:
        SporkError: there is no index, it is of another version or damaged, or the model is not the
            one that encoded the documents.

    >>> open(PATH, model=None).search("forks").ids
    ['1']
    """
    return Index(_hub.local(path), model=model, query_model=query_model, terms=terms)


class Index:
    """An index, open for searches, made by :func:`build` and :func:`open`.

    Threads may use it at the same time; a process that was forked opens it again, and it can be
    pickled: both by its path. It answers from the generation that it opened until
    :meth:`refresh`. What changes it through this object is visible at once.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        model: Model = "auto",
        query_model: Model = None,
        terms: Sequence[str] | None = None,
    ) -> None:
        self._path = os.path.abspath(os.fspath(path))
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
        return _spork.NativeIndex(self._path, native, self._separate, self._terms)

    def _open_with_recorded_model(self) -> _spork.NativeIndex:
        """Opens the index with the model that it records, if that is here."""
        name, place = _spork.model_of(self._path)
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
        """The folder of the index."""
        return self._path

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
        filter: Filter = None,  # noqa: A002
        mix: Mix = None,
        alpha: float | None = None,
        deadline_ms: float | None = None,
        strategy: Strategy | None = None,
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

        Raises:
            SporkError: a query as text where there is neither BM25 nor a model; a filter that can't
                be read, with the character; weights that make no sense.

        >>> INDEX.search("a bowl", k=1)[0].id
        '0'
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
        ):
            options = _options(filter, mix, strategy, alpha, deadline_ms)
        if type(query) is not str and type(query) is not dict:
            query = _vector(query)
        if vector is not None:
            vector = _vector(vector)
        return Hits(self._native.search(query, vector, k, options))

    def search_batch(
        self,
        queries: Iterable[Any] | Mapping[str, Any] | Any,
        k: int = 10,
        threads: int = 0,
        *,
        qids: Sequence[str] | None = None,
        filter: Filter = None,  # noqa: A002
        mix: Mix = None,
        alpha: float | None = None,
        deadline_ms: float | None = None,
        strategy: Strategy | None = None,
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
        [['0'], ['0']]
        """
        options = _options(filter, mix, strategy, alpha, deadline_ms)
        if is_sparse(queries):
            return self.search_csr(
                queries, k, threads=threads, qids=qids, filter=filter, mix=mix, alpha=alpha,
                deadline_ms=deadline_ms, strategy=strategy,
            )
        listed = list(_queries(queries))
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
        filter: Filter = None,  # noqa: A002
        mix: Mix = None,
        alpha: float | None = None,
        deadline_ms: float | None = None,
        strategy: Strategy | None = None,
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
        options = _options(filter, mix, strategy, alpha, deadline_ms)
        rows = csr_parts(queries)
        count = len(rows[0]) - 1
        names = [str(place) for place in range(count)] if qids is None else list(map(str, qids))
        if len(names) != count:
            raise SporkValueError(f"{count} queries and {len(names)} qids")
        named = None if terms is None else list(terms)
        native = self._native.search_csr(names, rows, named, k, threads, options)
        return Results(native, k)

    def like(
        self,
        docno: str,
        k: int = 10,
        *,
        filter: Filter = None,  # noqa: A002
        mix: Mix = None,
    ) -> Hits:
        """The documents that are most like one of the index, without itself.

        >>> INDEX.like("0", k=1).ids
        ['1']
        """
        return Hits(self._native.like(docno, k, _options(filter, mix, None, None, None)))

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
        'fork'
        """
        options = _options(None, mix, None, None, None)
        given = None if vector is None else _vector(vector)
        return Explanation(
            json.loads(self._native.explain(_vector(query), given, docno, text, options))
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
        ['bowl', 'fork', 'anoth']
        """
        vectors = self.get(docno)["vector"]
        if field is None and len(vectors) == 1:
            return next(iter(vectors.values()))
        if field not in vectors:
            raise SporkValueError(f"field {field!r}: expected one of {', '.join(vectors)}")
        return vectors[field]

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
        native = gather(self._path, docs, encoder, "bm25" in sources, self._terms)
        with Bar(progress) as told:
            native.add(update, memory, threads, told)
        self.refresh()
        return self

    def delete(
        self,
        docnos: str | Iterable[str] | None = None,
        *,
        filter: Filter = None,  # noqa: A002
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

        >>> INDEX.delete("new")
        1
        """
        if (docnos is None) == (filter is None):
            raise SporkValueError("give the ids of documents, or a filter")
        if docnos is not None:
            docnos = [docnos] if isinstance(docnos, str) else list(docnos)
        deleted = self._native.delete(docnos, _filter(filter), ignore_missing, purge)
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
            for qid, text, vector in _queries(queries)
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
        return _hub.push(self._path, repository, **arguments)

    def __getstate__(self) -> dict[str, Any]:
        return {
            "path": self._path,
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
        return f"Index({self._path!r}: {len(self)} documents, fields {fields}{model})"


def _options(
    filter: Filter,  # noqa: A002
    mix: Mix,
    strategy: str | None,
    alpha: float | None,
    deadline_ms: float | None,
) -> tuple[Any, ...]:
    if isinstance(mix, Mapping):
        mix = ",".join(f"{name}={weight}" for name, weight in mix.items())
    return mix, _filter(filter), strategy, alpha, deadline_ms


def _filter(filter: Filter) -> str | None:  # noqa: A002
    return json.dumps(filter) if isinstance(filter, Mapping) else filter


def _vector(query: Any) -> Any:
    """A query as the native module takes it."""
    if query is None or isinstance(query, str):
        return query
    if isinstance(query, Mapping):
        return dict(query)
    if is_sparse(query):
        places, columns, weights = csr_parts(query)
        if len(places) != 2:
            raise SporkValueError(
                f"a matrix of {len(places) - 1} rows: search takes one; search_csr takes many"
            )
        return columns, weights
    if isinstance(query, tuple) and len(query) == 2:
        return pair(*query)
    if hasattr(query, "indices") and hasattr(query, "values"):
        return pair(query.indices, query.values)
    raise SporkValueError(
        f"{type(query).__name__}: expected a query as text, a dict of terms and weights, "
        "(columns, weights), or a sparse matrix of one row"
    )


def _queries(queries: Any) -> Iterable[tuple[Any, Any, Any]]:
    """The qid, text and vector of each query."""
    if hasattr(queries, "itertuples") and hasattr(queries, "columns"):
        columns = list(queries.columns)
        for place, row in enumerate(queries.itertuples(index=False, name=None)):
            record = dict(zip(columns, row, strict=True))
            vector = record.get("query_toks")
            yield record.get("qid", place), record.get("query"), _vector(vector)
        return
    if isinstance(queries, str) or not isinstance(queries, Iterable):
        raise SporkValueError(
            f"{type(queries).__name__}: expected a list of queries, a dict of queries by qid, or a "
            "data frame; search takes one query"
        )
    items = queries.items() if isinstance(queries, Mapping) else enumerate(queries)
    for qid, query in items:
        both = isinstance(query, tuple) and len(query) == 2 and isinstance(query[0], str)
        if both:
            yield qid, query[0], _vector(query[1])
        else:
            yield qid, _vector(query), None
