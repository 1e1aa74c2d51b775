"""Writes 1,000 strings of 60 words, about what a passage of MS MARCO has, as a JSON list.

wheel_strings.py CORPUS OUTPUT
"""

import gzip
import itertools
import json
import sys

WORDS = 60
STRINGS = 1000


def strings(corpus):
    """Yields pieces of the texts of a gzipped corpus of BEIR."""
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        for line in lines:
            words = json.loads(line)["text"].split()
            for start in range(0, len(words) - WORDS + 1, WORDS):
                yield " ".join(words[start : start + WORDS])


if __name__ == "__main__":
    _, corpus, output = sys.argv
    taken = list(itertools.islice(strings(corpus), STRINGS))
    if len(taken) < STRINGS:
        sys.exit(f"{corpus}: it has {len(taken)} strings of {WORDS} words, not {STRINGS}")
    with open(output, "w", encoding="utf-8") as file:
        json.dump(taken, file)
