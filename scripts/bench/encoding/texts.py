"""The texts that are encoded: a seeded sample of the passages of real collections."""

import gzip
import json
import random
from itertools import islice

import passages_collection
from results import ROOT

SEED = 1


def write_texts(data, count, folder):
    """Writes id<TAB>text lines; the file, how many there are, and what they are. The collection is
    not held in memory: a process that is measured begins with the size of the one that starts it.
    """
    if data.exists():
        lines, of = all_passages(data, folder), "all passages of eleven collections"
    else:
        lines, of = abstracts, "the abstracts of SciFact"
    there = sum(1 for _ in lines())
    count = min(count, there)
    chosen = set(random.Random(SEED).sample(range(there), count))
    path = folder / "texts.tsv"
    with path.open("w", encoding="utf-8") as out:
        out.writelines(line for number, line in enumerate(lines()) if number in chosen)
    return path, count, of


def all_passages(data, folder):
    """What opens the lines of scripts/bench/passages' collection."""
    collection = folder.parent / "passages/collection.tsv"
    if not collection.exists():
        collection.parent.mkdir(parents=True, exist_ok=True)
        passages_collection.main(data, collection)
    return lambda: collection.open(encoding="utf-8")


def abstracts():
    """Yields the lines of SciFact's, which are in the repository."""
    with gzip.open(ROOT / "data/scifact/corpus.jsonl.gz", "rt", encoding="utf-8") as records:
        for record in map(json.loads, records):
            words = f"{record['title']} {record['text']}".split()
            yield f"{record['_id']}\t{' '.join(words)}\n"


def head(texts, count, folder):
    """A file of the first `count` of these lines."""
    path = folder / f"first-{count}.tsv"
    with texts.open(encoding="utf-8") as lines, path.open("w", encoding="utf-8") as out:
        out.writelines(islice(lines, count))
    return path
