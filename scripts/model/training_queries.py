#!/usr/bin/env python3
"""The first queries of training pairs as TSV: `training_queries.py PAIRS.jsonl.gz QUERIES.tsv
COUNT`.
"""

import gzip
import itertools
import json
import sys

with (
    gzip.open(sys.argv[1], "rt", encoding="utf-8") as pairs,
    open(sys.argv[2], "w", encoding="utf-8") as queries,
):
    for number, line in enumerate(itertools.islice(pairs, int(sys.argv[3]))):
        queries.write(f"{number}\t{' '.join(json.loads(line)['query'].split())}\n")
