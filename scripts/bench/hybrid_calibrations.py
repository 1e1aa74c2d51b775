"""Calibrations of a hybrid index other than its own: for each a constant a field."""

import heapq
import json
import math
import random
from collections import Counter
from statistics import mean

# Documents that are drawn, and their terms that stand for a query.
SAMPLE = 200
TERMS = 8
DEPTH = 10


def all_of(collection, spork):
    """The constants of each calibration, by its name."""
    fields = {name: Field(collection, name, spork) for name in ("splade", "bm25")}
    return {
        "no calibration": dict.fromkeys(fields, 1.0),
        "a document's score for itself": by_field(fields, Field.own_score),
        "documents as queries": by_field(fields, Field.documents_as_queries),
        "the topics' own scores": by_field(fields, Field.topics),
    }


def by_field(fields, constant):
    """A constant of each field."""
    return {name: constant(field) for name, field in fields.items()}


class Field:
    """A field's documents as the index holds them."""

    def __init__(self, collection, name, spork):
        self.collection, self.name, self.spork = collection, name, spork
        lines = spork("export", "--index", collection.folder / "hybrid", "--field", name)
        records = [json.loads(line) for line in lines.splitlines()]
        self.vectors = [record["vector"] for record in records if record["vector"]]
        frequencies = Counter(term for vector in self.vectors for term in vector)
        count = len(records)
        self.idf = {
            term: math.log(1 + (count - df + 0.5) / (df + 0.5)) for term, df in frequencies.items()
        }

    def query_weight(self, term, weight):
        """The weight that a term of a document has in a query: BM25's queries count words."""
        return self.idf[term] if self.name == "bm25" else weight

    def own_score(self):
        """The mean score of a document for all of its own terms."""
        return mean(
            sum(self.query_weight(term, weight) * weight for term, weight in vector.items())
            for vector in self.vectors
        )

    def documents_as_queries(self):
        """The mean of the best ten scores for the heaviest terms of documents that are drawn."""
        drawn = random.Random(1).sample(self.vectors, min(SAMPLE, len(self.vectors)))
        place = self.collection.folder / "drawn.jsonl"
        with place.open("w", encoding="utf-8") as lines:
            for number, vector in enumerate(drawn):
                weights = {term: self.query_weight(term, vector[term]) for term in vector}
                best = heapq.nlargest(TERMS, weights, key=lambda term: weights[term] * vector[term])
                query = {term: 1 if self.name == "bm25" else vector[term] for term in best}
                print(json.dumps({"id": str(number), "vector": query}), file=lines)
        run = self.collection.folder / "drawn.trec"
        self.spork(
            *["search", "--index", self.collection.folder / self.name, "--vectors", place],
            *["--allow-mismatch", "--k", DEPTH, "--output", run],
        )
        return mean_score(run)

    def topics(self):
        """The mean of the best ten scores of the topics: it needs what an index can't know."""
        return mean_score(self.collection.folder / f"{self.name}.trec")


def mean_score(run):
    """The mean score of the best ten hits of each topic of a run."""
    scores = []
    with run.open(encoding="utf-8") as lines:
        for line in lines:
            _, _, _, rank, score, _ = line.split()
            if int(rank) <= DEPTH:
                scores.append(float(score))
    return mean(scores)
