"""Queries of scripts/bench/ciff: `ciff_queries.py FOLDER` makes of FOLDER/all.jsonl
`queries.jsonl`, and `small.jsonl` with a largest weight of 32 in each query.
"""

import json
import sys
from pathlib import Path


def main(folder):
    folder = Path(folder)
    with open(folder / "queries.jsonl", "w") as same, open(folder / "small.jsonl", "w") as small:
        for line in (folder / "all.jsonl").read_text().splitlines():
            query = json.loads(line)
            same.write(json.dumps(query) + "\n")
            largest = max(query["vector"].values())
            # Up: no weight becomes zero.
            query["vector"] = {
                term: -(-weight * 32 // largest) for term, weight in query["vector"].items()
            }
            small.write(json.dumps(query) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
