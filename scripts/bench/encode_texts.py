#!/usr/bin/env python3
"""The first 1,000 abstracts of SciFact as id<TAB>text lines: `encode_texts.py TEXTS.tsv`."""

import gzip
import itertools
import json
import sys

with (
    gzip.open("data/scifact/corpus.jsonl.gz", "rt", encoding="utf-8") as lines,
    open(sys.argv[1], "w", encoding="utf-8") as out,
):
    for text in map(json.loads, itertools.islice(lines, 1000)):
        words = f"{text['title']} {text['text']}".split()
        print(text["_id"], " ".join(words), sep="\t", file=out)
