#!/usr/bin/env python3
"""The pipelines of scripts/bench/pyterrier, in the environment that it makes.

pyterrier_pipelines.py --commit=COMMIT [--documents=N] [--queries=N]
"""

import argparse
import gzip
import itertools
import json
import os
import sys
import tempfile
import time
import warnings
from datetime import date
from pathlib import Path

# Models and data are those of the repository.
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import bmp.pyterrier
import pandas as pd
import pyterrier as pt
import pyterrier_pisa
import pyterrier_splade
import spork_search as spork
from results import machine
from spork_search.pyterrier import SporkEncoder, SporkIndex

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs/bench"
MODEL = ROOT / "data/model"
SCIFACT = ROOT / "data/scifact"
METRICS = "nDCG@10 R@100"
DEPTH = 1000
SCORED = 30
BATCH = 8
# What pyterrier-splade cuts texts at.
LENGTH = 256


def documents(count, qrels):
    """The documents of SciFact, title and text as one; of a part, the judged ones first."""
    with gzip.open(SCIFACT / "corpus.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = list(map(json.loads, lines))
    judged = {docno for grades in qrels.values() for docno in grades}
    records = sorted(records, key=lambda record: record["_id"] not in judged)[:count]
    return [
        {"docno": each["_id"], "text": f"{each['title']} {each['text']}".strip()}
        for each in records
    ]


def topics(count):
    """The first queries of SciFact."""
    found = dict(itertools.islice(spork.read_topics(SCIFACT / "queries.tsv").items(), count))
    return pd.DataFrame({"qid": list(found), "query": list(found.values())})


class Bench:
    """Pipelines over the same documents and queries, and their table."""

    def __init__(self, folder, corpus, queries, qrels):
        folder.mkdir(exist_ok=True)
        self.folder, self.corpus, self.queries, self.qrels = folder, corpus, queries, qrels
        self.encoded = {}
        self.rows = []
        #: Where groups begin.
        self.begins = []
        self.reference = None

    def path(self, name):
        """A folder for an index that is not there yet."""
        return str(self.folder / f"{len(self.rows)}-{name}")

    def toks(self, name, encoder):
        """Documents and queries as an encoder gives them; encoded once."""
        if name not in self.encoded:
            start = time.perf_counter()
            # Batches of 100, its default, take 3 GB for the logits alone.
            options = {"batch_size": BATCH} if isinstance(encoder, pyterrier_splade.Splade) else {}
            encoded = encoder.doc_encoder(**options)(pd.DataFrame(self.corpus))
            seconds = time.perf_counter() - start
            queries = encoder.query_encoder()(self.queries)
            print(f"{name}: documents encoded in {seconds:.0f} s", file=sys.stderr)
            self.encoded[name] = encoded.to_dict("records"), queries
        return self.encoded[name]

    def run(self, pipeline, index, indexer, retriever, documents, queries, why=""):
        """One row: indexes, searches, compares with the first of a group."""
        start = time.perf_counter()
        indexer(index).index(iter(documents))
        indexing = time.perf_counter() - start
        searching = retriever(index)
        # Opening an index does not count.
        searching(queries.head(1))
        start = time.perf_counter()
        found = searching(queries)
        per_query = (time.perf_counter() - start) / len(queries)
        self.add(pipeline, found, indexing, per_query, why)

    def add(self, pipeline, found, indexing, per_query, why=""):
        """A row of the table; `why` answers differ from those of the first of the group."""
        run = {
            qid: dict(zip(rows["docno"], map(float, rows["score"]), strict=True))
            for qid, rows in found.groupby("qid")
        }
        best = {
            qid: rows.sort_values("rank")["docno"].tolist()[:10]
            for qid, rows in found.groupby("qid")
        }
        self.reference = self.reference or best
        qids = self.queries["qid"]
        pairs = [(best.get(qid, []), self.reference.get(qid, [])) for qid in qids]
        same = sum(ours == theirs for ours, theirs in pairs)
        shared = sum(len(set(ours) & set(theirs)) for ours, theirs in pairs)
        among = sum(len(theirs) for _, theirs in pairs)
        means = spork.evaluate(self.qrels, run, METRICS, complete=True)
        self.rows.append(
            [
                pipeline,
                f"{means['nDCG@10']:.4f}",
                f"{means['R@100']:.4f}",
                f"{same} of {len(pairs)}",
                f"{shared / among:.1%}",
                f"{indexing:.1f}",
                f"{per_query * 1000:.2f}",
                why if same < len(pairs) else "",
            ]
        )
        print(*self.rows[-1], sep=" | ", file=sys.stderr)

    def group(self):
        """The next row is what the rows after it are compared with."""
        self.begins.append(len(self.rows))
        self.reference = None

    def groups(self):
        """The rows of each group."""
        for start, end in itertools.pairwise([*self.begins, len(self.rows)]):
            yield self.rows[start:end]

    def table(self, rows):
        """Rows as Markdown."""
        head = [
            "pipeline",
            "nDCG@10",
            "R@100",
            "same ten",
            "of their ten",
            "indexing, s",
            "query, ms",
            "why others",
        ]
        lines = [head, ["---"] * len(head), *rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def bm25(bench):
    """pyterrier-pisa's documentation: an index of texts, and BM25."""
    bench.group()
    bench.run(
        "`PisaIndex(…).bm25()`",
        pyterrier_pisa.PisaIndex(bench.path("pisa")),
        lambda index: index.indexer("text"),
        lambda index: index.bm25(num_results=DEPTH),
        bench.corpus,
        bench.queries,
    )
    bench.run(
        "`SporkIndex(…).bm25()`",
        SporkIndex(bench.path("spork"), model=None),
        lambda index: index.indexer("text"),
        lambda index: index.bm25(DEPTH, threads=1),
        bench.corpus,
        bench.queries,
        "another analyzer",
    )


def engines(bench, theirs):
    """pyterrier-splade's and BMP's documentation: their encoder, with each engine."""
    bench.group()
    documents_, queries = bench.toks("Splade", theirs)
    bench.run(
        "`Splade` · `PisaIndex(…, stemmer='none').quantized()`",
        pyterrier_pisa.PisaIndex(bench.path("pisa"), stemmer="none"),
        lambda index: index.toks_indexer(),
        lambda index: index.quantized(num_results=DEPTH),
        documents_,
        queries,
    )
    bench.run(
        "`Splade` · `BmpIndex(…).retriever()`",
        bmp.pyterrier.BmpIndex(bench.path("bmp")),
        lambda index: index.indexer(),
        lambda index: index.retriever(num_results=DEPTH),
        documents_,
        queries,
        "BMP rounds queries to 32 steps",
    )
    whys = {None: "weights of queries rounded in another way"}
    spork_rows(bench, "`Splade` · ", documents_, queries, whys)


def spork_rows(bench, prefix, documents_, queries, powers):
    """Spork's retriever over encoded documents, with powers of idf in the query, and why each of
    them gives other answers.
    """
    for power, why in powers.items():
        bench.run(
            f"{prefix}`SporkIndex(…).retriever({'' if power is None else f'query_idf={power}'})`",
            SporkIndex(bench.path("spork"), model=None),
            lambda index: index.toks_indexer(),
            lambda index, power=power: index.retriever(DEPTH, threads=1, query_idf=power),
            documents_,
            queries,
            why,
        )


def encoders(bench, ours):
    """Spork's encoder in the place of theirs, and what it makes possible."""
    documents_, queries = bench.toks("SporkEncoder", ours)
    whys = {None: "16-bit network", 0.5: "idf in the query"}
    spork_rows(bench, "`SporkEncoder` · ", documents_, queries, whys)
    bench.run(
        "`SporkEncoder` · `SporkIndex(…).retriever(query_idf=0.5)`, of both",
        SporkIndex(bench.path("spork"), model=None),
        lambda index: index.indexer("text"),
        lambda index: index.retriever(DEPTH, threads=1, query_idf=0.5),
        documents_,
        queries,
        "BM25 is added",
    )


def scorers(bench, theirs, ours):
    """pyterrier-splade's documentation: texts of a first stage, scored anew. PyTorch takes long:
    ten texts of some queries."""
    queries = bench.queries.head(SCORED)
    qrels = {qid: bench.qrels[qid] for qid in queries["qid"] if qid in bench.qrels}
    bench = Bench(bench.folder / "scorers", bench.corpus, queries, qrels)
    index = SporkIndex(bench.path("texts"), model=None).indexer("text").index(bench.corpus)
    first = (index.bm25(10) >> index.text_loader())(bench.queries)
    for name, encoder, why in [("Splade", theirs, ""), ("SporkEncoder", ours, "16-bit network")]:
        start = time.perf_counter()
        found = encoder.scorer("text")(first)
        per_query = (time.perf_counter() - start) / len(bench.queries)
        bench.add(f"`bm25 % 10 >> text_loader >> {name}(…).scorer()`", found, 0.0, per_query, why)
    return bench


def page(about, bench, scored):
    """The lines of the page."""
    described = about["machine"]
    yield "# Spork in the pipelines of PyTerrier's plugins"
    yield ""
    yield f"By `scripts/bench/pyterrier`, {about['date']}, commit {about['commit']}: the pipelines"
    yield "of the documentation of pyterrier-pisa, pyterrier-splade and BMP, and Spork in their"
    yield f"place, on {about['documents']:,} documents and {about['queries']} queries of SciFact,"
    yield f"with the default model. {about['versions']}."
    yield f"{described['processor']}, {described['cores']} cores."
    yield ""
    yield '"Same ten": queries whose first ten documents are, in their order, those of the first'
    yield 'row of the group; "of their ten": the share of these documents that is found. `Splade`'
    yield "is that of pyterrier-splade, on PyTorch, with the weights in 32 bits. Its README's"
    yield "pipeline over Terrier itself needs Java, and is left out."
    for rows in bench.groups():
        yield ""
        yield bench.table(rows)
    yield ""
    yield f"The first {SCORED} queries, ten documents each:"
    yield ""
    yield scored.table(scored.rows)


def main():
    """Runs all, and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--commit", required=True)
    parser.add_argument("--documents", type=int)
    parser.add_argument("--queries", type=int)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    qrels = spork.read_qrels(SCIFACT / "qrels.tsv")
    queries = topics(args.queries)
    kept = set(queries["qid"])
    qrels = {qid: grades for qid, grades in qrels.items() if qid in kept}
    theirs = pyterrier_splade.Splade(str(MODEL), max_length=LENGTH, device="cpu")
    # transformers loads it as it is stored, in 16 bits, which take PyTorch twenty times as long.
    theirs.model.float()
    ours = SporkEncoder(MODEL, max_length=LENGTH)
    modules = {"PyTerrier": pt, "pyterrier-pisa": pyterrier_pisa}
    modules |= {"pyterrier-splade": pyterrier_splade, "spork-search": spork}
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), documents(args.documents, qrels), queries, qrels)
        bm25(bench)
        engines(bench, theirs)
        encoders(bench, ours)
        scored = scorers(bench, theirs, ours)
    about = {
        "date": date.today().isoformat(),
        "commit": args.commit,
        "machine": machine(),
        "documents": len(bench.corpus),
        "queries": len(queries),
        "versions": ", ".join(f"{name} {module.__version__}" for name, module in modules.items()),
    }
    figures = {"about": about, "rows": bench.rows, "scored": scored.rows}
    (PAGES / "pyterrier.json").write_text(json.dumps(figures, indent=1) + "\n")
    text = "\n".join(page(about, bench, scored)) + "\n"
    (PAGES / "pyterrier.md").write_text(text)
    print(text, end="")


if __name__ == "__main__":
    main()
