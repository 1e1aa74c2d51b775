#!/usr/bin/env python3
"""Silences terms that nearly every query gets, whatever it says. Python's standard library only.

    scripts/model/silence.py --model MODEL_DIR --vectors QUERIES.jsonl [--share 0.5]

Training sometimes makes a term a switch: it stands in nearly all queries, and its weight in a
document says how good the document is for any of them. Searching it costs as much as the dearest
term, and whoever reads a query's terms takes it for a fault. VECTORS are a model's vectors of many
different queries. A term in more than SHARE of them (no English word is in half of all queries)
gets a bias of -10000 in the model's head, which no text overcomes. Prints the terms.
"""

import argparse
import json
import struct
import sys
from collections import Counter
from pathlib import Path

SILENT = -10000.0
BIAS = "cls.predictions.bias"
FORMATS = {"F16": "e", "F32": "f"}


def frequent(path, share):
    """The terms in more than `share` of the vectors."""
    counts, vectors = Counter(), 0
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            counts.update(json.loads(line)["vector"].keys())
            vectors += 1
    return sorted(term for term, count in counts.items() if count > share * vectors)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, required=True)
    parser.add_argument("--share", type=float, default=0.5)
    args = parser.parse_args()
    vocabulary = (args.model / "vocab.txt").read_text(encoding="utf-8").splitlines()
    terms = frequent(args.vectors, args.share)
    path = args.model / "model.safetensors"
    weights = bytearray(path.read_bytes())
    (header,) = struct.unpack_from("<Q", weights)
    entry = json.loads(weights[8 : 8 + header]).get(BIAS)
    if entry is None or entry["dtype"] not in FORMATS or entry["shape"] != [len(vocabulary)]:
        sys.exit(
            f"silence: {path}: expected {BIAS}, {len(vocabulary)} numbers of 16 or 32 bits, "
            f"got {entry}"
        )
    size, start = struct.calcsize(FORMATS[entry["dtype"]]), 8 + header + entry["data_offsets"][0]
    for term in terms:
        struct.pack_into(
            "<" + FORMATS[entry["dtype"]], weights, start + size * vocabulary.index(term), SILENT
        )
        print(f"silence: {term}")
    path.write_bytes(weights)


if __name__ == "__main__":
    main()
