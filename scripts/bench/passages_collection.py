#!/usr/bin/env python3
"""All passages of some collections as a TSV: `passages_collection.py DATA COLLECTION.tsv`."""

import gzip
import json
import sys
from pathlib import Path

SETS = [
    "adi",
    "cranfield",
    "cisi",
    "scifact",
    "msmarco-mini",
    "boolq",
    "squad-slice",
    "openstax",
    "openstax-nc",
    "msdocs",
    "wiki",
]


def main(data, output):
    """Writes a line a passage: the set and the id, and title and text."""
    part = output.with_suffix(".part")
    with part.open("w", encoding="utf-8") as lines:
        for name in SETS:
            with gzip.open(data / name / "corpus.jsonl.gz", "rt", encoding="utf-8") as corpus:
                for record in map(json.loads, corpus):
                    text = " ".join(f"{record.get('title') or ''} {record['text']}".split())
                    print(f"{name}-{record['_id'].replace(' ', '_')}", text, sep="\t", file=lines)
    part.rename(output)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
