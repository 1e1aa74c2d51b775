#!/usr/bin/env python3
"""Terms with a weight, a line on average: `mean_terms.py VECTORS.jsonl`."""

import json
import sys

with open(sys.argv[1], encoding="utf-8") as lines:
    counts = [len(json.loads(line)["vector"]) for line in lines]
print(f"{sum(counts) / len(counts):.1f}")
