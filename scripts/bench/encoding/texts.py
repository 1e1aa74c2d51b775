"""The texts that are encoded: a seeded sample of the passages of real collections."""

import gzip
import json
import random

import passages_collection
from results import ROOT

SEED = 1


def write_texts(data, count, folder):
    """Writes id<TAB>text lines; the file, how many there are, and what they are."""
    if data.exists():
        lines, of = all_passages(data, folder), "all passages of eleven collections"
    else:
        lines, of = abstracts(), "the abstracts of SciFact"
    chosen = random.Random(SEED).sample(lines, min(count, len(lines)))
    path = folder / "texts.tsv"
    path.write_text("".join(chosen), encoding="utf-8")
    return path, len(chosen), of


def all_passages(data, folder):
    """The lines of scripts/bench/passages' collection."""
    collection = folder.parent / "passages/collection.tsv"
    if not collection.exists():
        collection.parent.mkdir(parents=True, exist_ok=True)
        passages_collection.main(data, collection)
    with collection.open(encoding="utf-8") as lines:
        return list(lines)


def abstracts():
    """SciFact's, which are in the repository."""
    with gzip.open(ROOT / "data/scifact/corpus.jsonl.gz", "rt", encoding="utf-8") as records:
        return [
            f"{record['_id']}\t{' '.join(record['title'].split() + record['text'].split())}\n"
            for record in map(json.loads, records)
        ]


def head(texts, count, folder):
    """A file of the first `count` of these lines."""
    path = folder / f"first-{count}.tsv"
    with texts.open(encoding="utf-8") as lines:
        path.write_text("".join(line for _, line in zip(range(count), lines)), encoding="utf-8")
    return path
